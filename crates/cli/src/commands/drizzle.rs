//! `firstlight drizzle`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::drizzle::{DrizzleOptions, DrizzleReport};
use std::fmt::Write;
use std::path::PathBuf;

/// The exposures and how to clean and combine them.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight drizzle *_flc.fits --driz-sep-bits 64,32 --final-bits 64,32 --final-scale 0.03 --final-rot 0\n  firstlight drizzle jcmc11010_asn.fits --final-scale 0.025 --output F165LP\n  firstlight drizzle dark1_flt.fits dark2_flt.fits --final-refimage F165LP_drz_sci.fits --output masterdark"
)]
pub struct Drizzle {
    /// Association tables (_asn.fits), calibrated exposures (_flt.fits, _flc.fits), or @FILE with lines of an exposure
    /// and, if there is one, its map of inverse variance.
    #[arg(required = true, value_name = "ASN|FILE")]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    options: DrizzleOptions,
}

impl Drizzle {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        let report = firstlight::drizzle::drizzle(&self.inputs, &self.options, &bar)?;
        for note in &report.notes {
            output::note(&format!("note: {note}"), global.quiet);
        }
        output::result(&report, global.json, || text(&report));
        Ok(Outcome::Done)
    }
}

fn text(report: &DrizzleReport) -> String {
    let mut text = String::new();
    for input in &report.inputs {
        let _ = writeln!(text, "{input}");
    }
    text.push_str(&report.step_table());
    let grid = &report.grid;
    let _ = writeln!(
        text,
        "{} x {} pixels of {:.4} arcsec, y axis at {:.3} deg, {} s, {}",
        grid.nx, grid.ny, grid.scale_arcsec, grid.orientation_deg, report.exptime_s, report.unit
    );
    let intermediates = report.intermediates.iter().map(PathBuf::as_path);
    for path in intermediates.chain(report.products.paths()) {
        let _ = writeln!(text, "wrote {}", path.display());
    }
    text
}
