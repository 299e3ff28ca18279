//! `firstlight shift`

use crate::Global;
use crate::bar::Bar;
use crate::commands::register::{failures, line};
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::input::expand;
use firstlight::register::RegisterOptions;
use firstlight::shift::{ShiftOptions, ShiftReport, shift};
use std::path::PathBuf;

/// The frames, and where they go.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight shift reduced/*.fits -r reduced/first.fits -o shifted\n  firstlight shift *.fits --transforms shifts.ecsv --interpolation nearest -o shifted"
)]
pub struct ShiftCommand {
    /// Frames, patterns or folders.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// Folder for the products, which have the frames' names.
    #[arg(long, short, visible_alias = "output-dir", value_name = "DIR")]
    output: PathBuf,
    #[command(flatten)]
    options: ShiftOptions,
    #[command(flatten)]
    how: RegisterOptions,
}

impl ShiftCommand {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        let report = shift(
            &expand(&self.files)?,
            &self.output,
            &self.options,
            &self.how,
            &bar,
        )?;
        output::result(&report, global.json, || text(&report, &self.output));
        let failed = report.failed().map(|frame| &frame.registered);
        Ok(output::failures(&failures(failed), global.json))
    }
}

fn text(report: &ShiftReport, folder: &std::path::Path) -> String {
    let mut text = String::new();
    for frame in &report.frames {
        let covered = frame
            .covered
            .map_or(String::new(), |covered| format!("{:5.1} %  ", 100.0 * covered));
        text.push_str(&covered);
        text.push_str(&line(&frame.registered));
    }
    let done = report.frames.len() - report.failed().count();
    text.push_str(&format!(
        "{done} frames on the pixels of {}, in {}",
        report.reference.display(),
        folder.display()
    ));
    text
}
