//! `firstlight acsccd`

use super::stage;
use crate::Global;
use crate::bar::Bar;
use crate::output::Outcome;
use clap::Args;
use firstlight::Result;
use firstlight::calibrate::{AcsccdOptions, AcsccdReport, StageOptions};
use firstlight::input::expand;

/// Raw exposures of the CCDs, and how to take bias and overscan off.
#[derive(Args)]
#[command(after_help = "Examples:\n  firstlight acsccd j8bt06o6q_raw.fits --ref-dir refs")]
pub struct Acsccd {
    /// Raw exposures of WFC or HRC (_raw.fits), which become _blv_tmp.fits; patterns are expanded.
    #[arg(required = true, value_name = "RAW")]
    inputs: Vec<String>,
    #[command(flatten)]
    options: StageOptions,
    #[command(flatten)]
    how: AcsccdOptions,
}

impl Acsccd {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        let report = firstlight::calibrate::acsccd(&expand(&self.inputs)?, &self.options, &self.how, &bar)?;
        stage::warn(&report, global, |of| &of.warnings);
        stage::result(&report, global, |of: &AcsccdReport| {
            let level = |(letter, level): (&char, &f64)| format!("{letter} {level:.3}");
            let levels: Vec<String> = of.bias_levels_e.iter().map(level).collect();
            format!("bias level {} electrons", levels.join(", "))
        })
    }
}
