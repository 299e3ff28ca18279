//! `firstlight acsrej`

use super::stage;
use crate::Global;
use crate::bar::Bar;
use crate::output::Outcome;
use clap::Args;
use firstlight::Result;
use firstlight::calibrate::{AcsrejOptions, AcsrejReport, CombineOptions};
use firstlight::input::expand;
use std::path::PathBuf;

/// Exposures of one field, and how to combine them.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight acsrej j8bt06*_blv_tmp.fits --output j8bt06011_crj_tmp.fits --crsigmas 6.5,5.5,4.5\n  firstlight acsrej a_blv_tmp.fits b_blv_tmp.fits --output ab_crj_tmp.fits --crmask"
)]
pub struct Acsrej {
    /// Exposures in electrons without overscan, before dark and flat (_blv_tmp.fits, _blc_tmp.fits); patterns are
    /// expanded. They are not changed, but for the DQ of rejected pixels with --crmask.
    #[arg(required = true, value_name = "BLV")]
    inputs: Vec<String>,
    /// The product.
    #[arg(long, short, required = true, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    options: CombineOptions,
    #[command(flatten)]
    how: AcsrejOptions,
}

impl Acsrej {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        let inputs = expand(&self.inputs)?;
        let report = firstlight::calibrate::acsrej(&inputs, &self.output, &self.options, &self.how, &bar)?;
        stage::result(&report, global, |of: &AcsrejReport| {
            format!(
                "sky {:.3} electrons, {:.3} pixels/s rejected",
                of.skysum_e, of.rej_rate
            )
        })
    }
}
