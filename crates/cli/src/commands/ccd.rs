//! `firstlight ccd`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::ccd::{CcdProcessOptions, CcdProcessReport, process};
use firstlight::input::expand;
use std::fmt::Write;
use std::path::PathBuf;

/// Frames, and the masters that they are calibrated with.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight ccd night/bias*.fits -o trimmed --overscan BIASSEC --trim TRIMSEC\n  firstlight ccd night/m13*.fits -o reduced --overscan '[1025:1056,*]' --trim DATASEC --gain 1.8 --readnoise 5.5 --bias bias.fits --dark dark.fits --dark-scale --flat flat_V.fits"
)]
pub struct Ccd {
    /// Frames (.fits, .fit, .fts, .gz, .fz); patterns are expanded. They are not changed.
    #[arg(required = true, value_name = "FRAME")]
    inputs: Vec<String>,
    /// Folder of the products, which have the names of the frames.
    #[arg(long, short, required = true, visible_alias = "output", value_name = "DIR")]
    output_dir: PathBuf,
    #[command(flatten)]
    options: CcdProcessOptions,
}

impl Ccd {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let inputs = expand(&self.inputs)?;
        let report = process(&inputs, &self.output_dir, &self.options, &Bar::new(global.quiet))?;
        output::result(&report, global.json, || text(&report));
        Ok(output::failures(&report.failed, global.json))
    }
}

fn text(report: &CcdProcessReport) -> String {
    let mut text = String::new();
    for product in &report.products {
        // Writing to a String does not fail.
        let _ = write!(text, "wrote {}", product.path.display());
        if !product.unit.is_empty() {
            let _ = write!(text, " ({})", product.unit);
        }
        if let Some(overscan) = &product.report.overscan {
            let _ = write!(text, ", overscan {:.2}", overscan.mean);
        }
        if let Some(linearity) = product.report.linearity.as_ref().filter(|of| of.beyond > 0) {
            let _ = write!(text, ", {} pixels not linear", linearity.beyond);
        }
        if let Some(factor) = product.dark_factor {
            let _ = write!(text, ", dark x {factor:.4}");
        }
        if let Some(flat) = &product.report.flat {
            let _ = write!(text, ", flat / {:.2}", flat.norm);
        }
        if let Some(fringe) = &product.report.fringe {
            let _ = write!(text, ", fringes x {:.5}", fringe.scale);
            if let Some(error) = fringe.scale_error {
                let _ = write!(text, " +- {error:.5}");
            }
        }
        if let Some(background) = &product.report.background {
            let _ = write!(text, ", background {:.2}", background.level);
        }
        if product.report.masked > 0 {
            let _ = write!(text, ", {} pixels masked", product.report.masked);
        }
        text.push('\n');
    }
    let _ = writeln!(
        text,
        "{} frames in {:.2} s",
        report.products.len(),
        report.seconds
    );
    text
}
