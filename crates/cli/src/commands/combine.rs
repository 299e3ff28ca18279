//! `firstlight combine`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::ccd::CcdOpenOptions;
use firstlight::combine::{CombineOptions, CombineReport, combine};
use firstlight::input::expand;
use std::path::PathBuf;

/// The frames and how they are combined.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight combine bias/*.fits --method median -o master_bias.fits\n  firstlight combine dark/*.fits --clip mad --sigma-low 5 --sigma-high 5 --scale 1/EXPTIME -o dark_rate.fits\n  firstlight combine flat_V/*.fits --clip sigma --scale median --scale-region 101:900,101:900 -o flat_V.fits"
)]
pub struct Combine {
    /// Frames of one size, unit and binning; patterns and folders are expanded. They are not changed.
    #[arg(required = true, value_name = "FILE")]
    inputs: Vec<String>,
    /// The combined frame.
    #[arg(long, short, required = true, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    options: CombineOptions,
    #[command(flatten)]
    how: CcdOpenOptions,
}

impl Combine {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let inputs = expand(&self.inputs)?;
        let bar = Bar::new(global.quiet);
        let report = combine(&inputs, &self.output, (&self.options, &self.how), &bar)?;
        output::result(&report, global.json, || text(&report));
        Ok(output::failures(&report.failed, global.json))
    }
}

fn text(report: &CombineReport) -> String {
    let width = report
        .frames
        .iter()
        .map(|frame| frame.file.to_string_lossy().chars().count())
        .max()
        .unwrap_or(0)
        .max(4);
    let mut text = format!(
        "{:<width$}  {:>12}  {:>10}  {:>10}\n",
        "file", "scale", "weight", "rejected"
    );
    for frame in &report.frames {
        text += &format!(
            "{:<width$}  {:>12.6}  {:>10.4}  {:>9.4}%\n",
            frame.file.display(),
            frame.scale,
            frame.weight,
            100.0 * frame.rejected_fraction,
        );
    }
    let (ny, nx) = report.shape;
    text + &format!(
        "wrote {} ({} frames, {nx} x {ny}, {} pixels without any) in {:.2} s\n",
        report.path.display(),
        report.frames.len(),
        report.empty_pixels,
        report.seconds,
    )
}
