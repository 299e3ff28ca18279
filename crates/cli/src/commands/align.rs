//! `firstlight align`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::align::{TweakRegOptions, lines};

/// The images and how to align them.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight align '*_flc.fits' --threshold 50 --updatehdr\n  firstlight align jcmc11010_asn.fits --refcat gaia.csv --wcsname GAIA --updatehdr --residplot both\n  firstlight align '*_flt.fits' --refimage F606W_drz.fits --searchrad 20 --expand-refcat"
)]
pub struct Align {
    /// Exposures (_flt.fits, _flc.fits), patterns, or association tables (_asn.fits).
    #[arg(required = true, value_name = "FILE|ASN")]
    inputs: Vec<String>,
    #[command(flatten)]
    options: TweakRegOptions,
}

impl Align {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        let report = firstlight::align::align(&self.inputs, &self.options, &bar)?;
        for note in &report.notes {
            output::note(&format!("note: {note}"), global.quiet);
        }
        output::result(&report, global.json, || {
            let mut text = lines(&report.alignment);
            text.extend(
                report
                    .updated
                    .iter()
                    .map(|path| format!("updated {}", path.display())),
            );
            text.extend(
                report
                    .written
                    .iter()
                    .map(|path| format!("wrote {}", path.display())),
            );
            text.join("\n") + "\n"
        });
        if report.not_aligned() == 0 {
            return Ok(Outcome::Done);
        }
        if report.aligned() == 0 {
            output::failure("no image could be aligned");
            return Ok(Outcome::Failed);
        }
        Ok(Outcome::Partial)
    }
}
