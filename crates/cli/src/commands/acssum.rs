//! `firstlight acssum`

use super::stage;
use crate::Global;
use crate::bar::Bar;
use crate::output::Outcome;
use clap::Args;
use firstlight::Result;
use firstlight::calibrate::{AcssumReport, CombineOptions};
use firstlight::input::expand;
use std::path::PathBuf;

/// Repeated exposures to sum.
#[derive(Args)]
#[command(after_help = "Examples:\n  firstlight acssum jsbc01*_flt.fits --output jsbc01011_sfl.fits")]
pub struct Acssum {
    /// Calibrated exposures of one field (_flt.fits); patterns are expanded.
    #[arg(required = true, value_name = "FLT")]
    inputs: Vec<String>,
    /// The product.
    #[arg(long, short, required = true, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    options: CombineOptions,
}

impl Acssum {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        let inputs = expand(&self.inputs)?;
        let report = firstlight::calibrate::acssum(&inputs, &self.output, &self.options, &bar)?;
        stage::result(&report, global, |of: &AcssumReport| {
            format!("{} exposures, {:.1} s", of.inputs.len(), of.exptime_s)
        })
    }
}
