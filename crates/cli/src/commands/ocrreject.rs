//! `firstlight ocrreject`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::input::expand;
use firstlight::stis::{OcrrejectOptions, RejectionFiles};
use std::path::PathBuf;

/// Exposures of one field, and how to combine them.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight ocrreject o4d101010_blv.fits -o o4d101010_crj_tmp.fits\n  firstlight ocrreject a_blv.fits b_blv.fits -o ab_crj_tmp.fits --crsigmas 6,5,4 --crmask"
)]
pub struct Ocrreject {
    /// Exposures in DN without bias, before dark and flat; patterns are expanded. They are not changed, but for the DQ of
    /// rejected pixels with --crmask.
    #[arg(required = true, value_name = "BLV")]
    inputs: Vec<String>,
    /// The product.
    #[arg(long, short, required = true, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    files: RejectionFiles,
    #[command(flatten)]
    how: OcrrejectOptions,
}

impl Ocrreject {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        let inputs = expand(&self.inputs)?;
        let made = firstlight::stis::ocrreject(&inputs, &self.output, &self.files, &self.how, &bar)?;
        output::result(&made, global.json, || {
            format!(
                "wrote {} ({} imsets, {} s, sky {:.3} DN, {:.3} pixels/s rejected) in {:.2} s\n",
                made.path.display(),
                made.report.rejected.len(),
                made.report.exptime_s,
                made.report.skysum_dn,
                made.report.rej_rate,
                made.seconds
            )
        });
        Ok(Outcome::Done)
    }
}
