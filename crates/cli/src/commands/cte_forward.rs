//! `firstlight cte-forward`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::cte_forward::{
    ChargeTransferOptions, CteForwardFiles, CteForwardFilesReport, CteForwardOptions, cte_forward,
};
use firstlight::input::expand;
use std::fmt::Write;

/// Images, and how they are read out.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight cte-forward jsim11a1q_flc.fits --ref-dir refs\n  firstlight cte-forward stars.fits --traps traps.csv --register top --output read_out.fits\n  firstlight cte-forward read_out.fits --traps traps.csv --register top --undo --readnoise 3.5 --output restored.fits"
)]
pub struct CteForward {
    /// Images in electrons without overscan: of the WFC (_blc_tmp.fits, _flc.fits, simulations), or of any camera with
    /// --traps; patterns are expanded.
    #[arg(required = true, value_name = "FILE")]
    inputs: Vec<String>,
    #[command(flatten)]
    files: CteForwardFiles,
    #[command(flatten, next_help_heading = "With the instrument's own traps")]
    instrument: CteForwardOptions,
    #[command(flatten, next_help_heading = "With --traps")]
    camera: ChargeTransferOptions,
}

impl CteForward {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let (inputs, bar) = (expand(&self.inputs)?, Bar::new(global.quiet));
        let report = cte_forward(&inputs, &self.files, &self.instrument, &self.camera, &bar)?;
        output::result(&report, global.json, || text(&report));
        Ok(output::failures(&report.failed, global.json))
    }
}

fn text(report: &CteForwardFilesReport) -> String {
    let mut text = String::new();
    for product in &report.products {
        // Writing to a String does not fail.
        let _ = writeln!(text, "wrote {}", product.output.display());
        for of in product
            .transfers
            .iter()
            .flat_map(|transfers| &transfers.transfers)
        {
            let _ = writeln!(
                text,
                "  {} {:?}: {:+.1} electrons",
                of.amplifier, of.direction, of.gained_e
            );
        }
        if let Some(gained_e) = product.gained_e {
            let _ = writeln!(text, "  {gained_e:+.1} electrons");
        }
    }
    text
}
