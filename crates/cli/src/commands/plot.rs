//! `firstlight plot`

use crate::output::{self, Outcome};
use crate::{Global, bar};
use clap::Args;
use firstlight::Result;
use firstlight::plot::{PlotInput, PlotOptions, PlotReport, default_output, plot};
use std::path::PathBuf;

/// Images side by side, with boxes and apertures drawn on.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight plot F165LP_drz_sci.fits masterdark_drz_sci.fits --stretch log --vmin 1e-5 --vmax 1e-2\n  firstlight plot j8bt06nyq_flt.fits --box 650:850,580:780=glow --ellipse 735,710,70,40,90 -o look.svg"
)]
pub struct Plot {
    /// FITS files, one panel each.
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<PathBuf>,
    /// The figure, .png or .svg [default: the first image's name with .png, in the current folder].
    #[arg(long, short)]
    output: Option<PathBuf>,
    /// Replace the figure where there is one already.
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    options: PlotOptions,
}

impl Plot {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let output = self.output.unwrap_or_else(|| default_output(&self.images));
        let inputs: Vec<PlotInput> = self.images.into_iter().map(PlotInput::from).collect();
        let report = plot(
            &inputs,
            &output,
            self.overwrite,
            &self.options,
            &bar::Bar::new(global.quiet),
        )?;
        output::result(&report, global.json, || text(&report));
        Ok(Outcome::Done)
    }
}

/// A line a panel with its limits, then where the figure is.
fn text(report: &PlotReport) -> String {
    let mut lines: Vec<String> = Vec::new();
    for panel in &report.panels {
        let (ny, nx) = panel.shape;
        let title = panel.title.as_deref().unwrap_or("image");
        let note = panel
            .fallback
            .map(|fallback| format!(" ({})", fallback.text()))
            .unwrap_or_default();
        lines.push(format!(
            "{title}: {ny} x {nx}, from {:.6} to {:.6}{note}",
            panel.vmin, panel.vmax
        ));
    }
    if let Some(path) = &report.output {
        lines.push(path.display().to_string());
    }
    lines.join("\n")
}
