//! `firstlight x2d`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::stis::{SpectrumOptions, X2dOptions};
use std::path::PathBuf;

/// A spectroscopic image of the STIS CCD.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight x2d o4d101010_crj.fits -o o4d101010_sx2.fits\n  firstlight x2d o4d101010_flt.fits --switch FLUXCORR=OMIT --center"
)]
pub struct X2d {
    /// The calibrated image. It is not changed.
    #[arg(value_name = "IMAGE")]
    input: PathBuf,
    /// The product [default: _sx2 in place of _crj, _x2d of all else, in the current folder].
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    options: SpectrumOptions,
    #[command(flatten)]
    how: X2dOptions,
}

impl X2d {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        let output = self.output.as_deref();
        let made = firstlight::stis::x2d(&self.input, output, &self.options, &self.how, &bar)?;
        output::result(&made, global.json, || {
            let unit = match made.report.iter().any(|imset| imset.flux.is_some()) {
                true => "erg/s/cm2/Angstrom/arcsec2",
                false => "counts",
            };
            let (path, seconds) = (made.path.display(), made.seconds);
            let imsets = made.report.len();
            let mut text = format!("wrote {path} ({imsets} imsets, {unit}) in {seconds:.2} s\n");
            for line in made.report.iter().flat_map(|imset| imset.doubts()) {
                text.push_str(line);
                text.push('\n');
            }
            text
        });
        Ok(Outcome::Done)
    }
}
