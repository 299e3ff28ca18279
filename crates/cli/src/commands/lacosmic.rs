//! `firstlight lacosmic`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::ccd::{LacosmicFileOptions, LacosmicFilesReport, LacosmicOptions, lacosmic};
use firstlight::input::expand;
use std::fmt::Write;
use std::path::PathBuf;

/// Frames, and how their cosmic rays are found.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight lacosmic reduced/m13*.fits -o clean --readnoise 5.5\n  firstlight lacosmic night/*.fits -o flagged --gain 1.8 --readnoise 5.5 --sigclip 5 --flag-only"
)]
pub struct Lacosmic {
    /// Frames (.fits, .fit, .fts, .gz, .fz); patterns are expanded. They are not changed.
    #[arg(required = true, value_name = "FRAME")]
    inputs: Vec<String>,
    /// Folder of the products, which have the names of the frames.
    #[arg(long, short, required = true, visible_alias = "output", value_name = "DIR")]
    output_dir: PathBuf,
    #[command(flatten)]
    options: LacosmicFileOptions,
    #[command(flatten, next_help_heading = "How cosmic rays are found")]
    how: LacosmicOptions,
}

impl Lacosmic {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let inputs = expand(&self.inputs)?;
        let bar = Bar::new(global.quiet);
        let report = lacosmic(&inputs, &self.output_dir, &self.options, &self.how, &bar)?;
        output::result(&report, global.json, || text(&report));
        Ok(output::failures(&report.failed, global.json))
    }
}

fn text(report: &LacosmicFilesReport) -> String {
    let mut text = String::new();
    for product in &report.products {
        // Writing to a String does not fail.
        let _ = writeln!(
            text,
            "wrote {} ({} pixels of cosmic rays in {} rounds)",
            product.path.display(),
            product.report.pixels,
            product.report.rounds.len()
        );
    }
    let _ = writeln!(
        text,
        "{} frames in {:.2} s",
        report.products.len(),
        report.seconds
    );
    text
}
