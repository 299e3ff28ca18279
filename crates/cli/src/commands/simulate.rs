//! `firstlight simulate`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::{Args, Subcommand};
use firstlight::Result;
use firstlight::frame::table::{Extent, pretty};
use firstlight::simulate::{SbcReport, SbcVisitOptions, truth_filters};
use std::path::PathBuf;

/// Simulated data with known truth.
#[derive(Args)]
pub struct Simulate {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// A visit with ACS/SBC that warms through 25 °C: four filters, two exposures each, with their
    /// associations, darks and the truth.
    Sbc(Sbc),
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight simulate sbc visit\n  firstlight simulate sbc small --size 256 --darks 4 --seed 7"
)]
struct Sbc {
    /// Folder to write to; it is made where it is not there.
    #[arg(value_name = "OUT")]
    folder: PathBuf,
    /// Replace files that are there already.
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    options: SbcVisitOptions,
}

impl Simulate {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let What::Sbc(args) = self.what;
        let bar = Bar::new(global.quiet);
        let report = firstlight::simulate::sbc(&args.folder, &args.options, args.overwrite, &bar)?;
        let truth = pretty(
            &truth_filters(&report.truth)?,
            Extent {
                rows: None,
                width: Some(110),
            },
        );
        output::result(&report, global.json, || text(&report, &truth));
        Ok(Outcome::Done)
    }
}

fn text(report: &SbcReport, truth: &str) -> String {
    format!(
        "{}: {} science exposures in {} associations, {} darks in darks/\n{truth}the truth is in {} and {}\n",
        report.folder.display(),
        report.science.len(),
        report.associations.len(),
        report.darks.len(),
        report.truth_files[0].display(),
        report.truth_files[1].display(),
    )
}
