//! `firstlight acscte`

use super::stage;
use crate::Global;
use crate::bar::Bar;
use crate::output::Outcome;
use clap::Args;
use firstlight::Result;
use firstlight::calibrate::{AcscteOptions, AcscteReport, StageOptions};
use firstlight::input::expand;

/// Exposures between acsccd and acs2d, and how to correct their CTE.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight acscte jcis01a1q_blv_tmp.fits --switch PCTECORR=PERFORM --ref-dir refs"
)]
pub struct Acscte {
    /// Exposures of the WFC that acsccd has left (_blv_tmp.fits), which become _blc_tmp.fits; patterns are expanded.
    #[arg(required = true, value_name = "BLV")]
    inputs: Vec<String>,
    #[command(flatten)]
    options: StageOptions,
    #[command(flatten)]
    how: AcscteOptions,
}

impl Acscte {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        let report = firstlight::calibrate::acscte(&expand(&self.inputs)?, &self.options, &self.how, &bar)?;
        stage::result(&report, global, |of: &AcscteReport| {
            let gained: f64 = of.corrections.iter().map(|correction| correction.gained_e).sum();
            format!("{:.4} of the traps, {gained:.0} electrons gained", of.fraction)
        })
    }
}
