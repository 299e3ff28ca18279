//! `firstlight info`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::info::{FileInfo, InfoOptions, info};
use firstlight::input::expand;

/// The files.
#[derive(Args)]
#[command(after_help = "Examples:\n  firstlight info j8bt06nyq_flt.fits\n  firstlight info --checksum data/")]
pub struct Info {
    /// FITS files, patterns or folders.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    #[command(flatten)]
    options: InfoOptions,
}

impl Info {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let report = info(&expand(&self.files)?, &self.options, &Bar::new(global.quiet))?;
        output::result(&report, global.json, || {
            report
                .files
                .iter()
                .map(FileInfo::to_text)
                .collect::<Vec<_>>()
                .join("\n")
        });
        let outcome = output::failures(&report.failed, global.json);
        Ok(if report.any_wrong_checksum() {
            Outcome::Partial
        } else {
            outcome
        })
    }
}
