//! `firstlight basic2d`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::stis::{Basic2dOptions, Basic2dReport, Made};
use std::fmt::Write;
use std::path::PathBuf;

/// An exposure of the STIS CCD.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight basic2d o4d101010_raw.fits -o o4d101010_blv.fits --switch DARKCORR=OMIT --switch FLATCORR=OMIT\n  firstlight basic2d o4d101010_crj_tmp.fits -o o4d101010_crj.fits --switch DARKCORR=PERFORM --switch FLATCORR=PERFORM --darkfile weekdark.fits"
)]
pub struct Basic2d {
    /// The exposure, raw or half calibrated. It is not changed.
    #[arg(value_name = "EXPOSURE")]
    input: PathBuf,
    /// The product.
    #[arg(long, short, required = true, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    options: Basic2dOptions,
}

impl Basic2d {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        let made = firstlight::stis::basic2d(&self.input, &self.output, &self.options, &bar)?;
        output::result(&made, global.json, || text(&made));
        Ok(Outcome::Done)
    }
}

fn text(made: &Made<Basic2dReport>) -> String {
    let done: Vec<&str> = made.report.outcomes.keys().copied().collect();
    let mut text = format!(
        "wrote {} ({}) in {:.2} s\n",
        made.path.display(),
        done.join(", "),
        made.seconds
    );
    for imset in &made.report.imsets {
        // Writing to a String does not fail.
        let _ = match imset.usable {
            true => write!(
                text,
                "imset {}: {} saturated samples",
                imset.version, imset.saturated
            ),
            false => write!(text, "imset {}: left as it is, IMSET_OK=F", imset.version),
        };
        let measured = [("bias level", imset.mean_bias_dn), ("dark", imset.mean_dark_dn)];
        for (what, value) in measured {
            let _ = value.map_or(Ok(()), |value| write!(text, ", {what} {value:.4} DN"));
        }
        text.push('\n');
    }
    for warning in &made.report.warnings {
        let _ = writeln!(text, "note: {warning}");
    }
    text
}
