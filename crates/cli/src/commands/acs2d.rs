//! `firstlight acs2d`

use super::stage;
use crate::Global;
use crate::bar::Bar;
use crate::output::Outcome;
use clap::Args;
use firstlight::Result;
use firstlight::calibrate::{Acs2dOptions, Acs2dReport, StageOptions};
use firstlight::input::expand;

/// Exposures in electrons, and how to take off dark and flat.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight acs2d jcis01a1q_blc_tmp.fits --ref-dir refs\n  firstlight acs2d jcmc11ctq_raw.fits --scale-sbc-dark"
)]
pub struct Acs2d {
    /// What acsccd, acscte and acsrej have left (_blv_tmp.fits, _blc_tmp.fits, _crj_tmp.fits, _crc_tmp.fits), and raw
    /// exposures of the SBC; they become _flt.fits, _flc.fits, _crj.fits, _crc.fits. Patterns are expanded.
    #[arg(required = true, value_name = "BLV|BLC|CRJ|RAW")]
    inputs: Vec<String>,
    #[command(flatten)]
    options: StageOptions,
    #[command(flatten)]
    how: Acs2dOptions,
}

impl Acs2d {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        let report = firstlight::calibrate::acs2d(&expand(&self.inputs)?, &self.options, &self.how, &bar)?;
        stage::warn(&report, global, |of| &of.warnings);
        stage::result(&report, global, |of: &Acs2dReport| {
            let dark = of.chips.iter().filter_map(|chip| chip.mean_dark_e).map(f64::from);
            let good = of.chips.iter().filter_map(|chip| chip.statistics.as_ref());
            let good: i64 = good.map(|statistics| statistics.good as i64).sum();
            format!("mean dark {} electrons, {good} good pixels", stage::numbers(dark))
        })
    }
}
