//! `firstlight plot-spectrum`

use crate::output::{self, Outcome};
use crate::{Global, bar};
use clap::Args;
use firstlight::Result;
use firstlight::spectrum::{SpectrumOptions, SpectrumReport, default_output, plot_spectrum};
use std::path::PathBuf;

/// Spectra one over the other.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight plot-spectrum oeik1s030_sx1.fits new/oeik1s030_sx1.fits --difference --labels default,new\n  firstlight plot-spectrum a_sx1.fits b_sx1.fits --ratio --sdqflags 31743 -o compare.html"
)]
pub struct PlotSpectrum {
    /// FITS files with tables of spectra: _x1d, _sx1, or others with such columns.
    #[arg(required = true, value_name = "SPECTRUM")]
    spectra: Vec<PathBuf>,
    /// The figure, .png, .svg, or .html for a page in which it can be zoomed [default: the first spectrum's name with
    /// .png, in the current folder].
    #[arg(long, short)]
    output: Option<PathBuf>,
    /// Replace the figure where there is one already.
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    options: SpectrumOptions,
}

impl PlotSpectrum {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let output = self.output.unwrap_or_else(|| default_output(&self.spectra));
        let bar = bar::Bar::new(global.quiet);
        let report = plot_spectrum(&self.spectra, &output, self.overwrite, &self.options, &bar)?;
        output::result(&report, global.json, || text(&report));
        Ok(Outcome::Done)
    }
}

/// A line a spectrum, then where the figure is.
fn text(report: &SpectrumReport) -> String {
    let mut lines: Vec<String> = Vec::new();
    for spectrum in &report.spectra {
        let mut line = format!("{}: {} samples", spectrum.label, spectrum.samples);
        if let Some((low, high)) = spectrum.wavelengths {
            line += &format!(" from {low:.2} to {high:.2}");
        }
        if spectrum.flagged > 0 {
            line += &format!(", {} flagged", spectrum.flagged);
        }
        if let Some(median) = spectrum.median {
            line += &format!(", median {median:.4e}");
        }
        if let Some(ratio) = spectrum.median_ratio {
            line += &format!(", ratio to the first {ratio:.5}");
        }
        if let Some(rms) = spectrum.rms_difference {
            line += &format!(", rms of the difference {rms:.3e}");
        }
        lines.push(line);
    }
    lines.extend(report.output.iter().map(|path| path.display().to_string()));
    lines.join("\n")
}
