//! `firstlight x1d`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::stis::{Made, SpectraReport, SpectrumOptions, X1dOptions};
use std::fmt::Write;
use std::path::PathBuf;

/// A spectroscopic image of the STIS CCD.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight x1d o4d101010_crj.fits -o o4d101010_sx1.fits\n  firstlight x1d o4d101010_crj.fits --extrsize 11 --bk1offst=-40 --bk2offst 40\n  firstlight x1d o4d101010_crj.fits --a2center 930.5 --maxsrch 0"
)]
pub struct X1d {
    /// The calibrated image. It is not changed.
    #[arg(value_name = "IMAGE")]
    input: PathBuf,
    /// The product [default: _sx1 in place of _crj, _x1d of all else, in the current folder].
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    options: SpectrumOptions,
    #[command(flatten)]
    how: X1dOptions,
}

impl X1d {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        let output = self.output.as_deref();
        let made = firstlight::stis::x1d(&self.input, output, &self.options, &self.how, &bar)?;
        output::result(&made, global.json, || text(&made));
        Ok(Outcome::Done)
    }
}

fn text(made: &Made<SpectraReport>) -> String {
    let mut text = format!("wrote {} in {:.2} s\n", made.path.display(), made.seconds);
    for spectrum in &made.report.spectra {
        let (line, offset) = (
            spectrum.location.line + 1.0,
            spectrum.location.line - spectrum.location.expected,
        );
        // Writing to a String does not fail.
        let _ = write!(
            text,
            "about line {line:.2} of the detector, {offset:+.2} from where the target is expected"
        );
        let _ = match spectrum.location.significance {
            Some(sigma) => writeln!(text, ", {sigma:.0} standard deviations above the other lines"),
            None => writeln!(text, ", without a search"),
        };
    }
    for line in &made.report.warnings {
        let _ = writeln!(text, "{line}");
    }
    text
}
