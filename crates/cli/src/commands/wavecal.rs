//! `firstlight wavecal`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::input::expand;
use firstlight::stis::{Made, WavecalOptions, WavecalReport};
use std::fmt::Write;
use std::path::PathBuf;

/// Exposures of the STIS CCD, and their wavecal.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight wavecal o4d101010_crj.fits o4d101010_flt.fits --wavecal o4d101010_wav.fits"
)]
pub struct Wavecal {
    /// Calibrated images whose headers get the shifts; patterns are expanded. Their pixels stay as they are.
    #[arg(required = true, value_name = "IMAGE")]
    inputs: Vec<String>,
    /// The wavecal, raw or calibrated. It is not changed.
    #[arg(long, required = true, value_name = "FILE")]
    wavecal: PathBuf,
    #[command(flatten)]
    options: WavecalOptions,
}

impl Wavecal {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        let inputs = expand(&self.inputs)?;
        let made = firstlight::stis::wavecal(&inputs, &self.wavecal, &self.options, &bar)?;
        output::result(&made, global.json, || text(&made));
        Ok(Outcome::Done)
    }
}

fn text(made: &[Made<WavecalReport>]) -> String {
    let mut text = String::new();
    for Made { path, report, .. } in made {
        let shifts: Vec<String> = report
            .recorded
            .iter()
            .map(|(along, across)| format!("SHIFTA1 {along:.4}, SHIFTA2 {across:.4}"))
            .collect();
        // Writing to a String does not fail.
        let _ = writeln!(
            text,
            "recorded in {}: {} pixels",
            path.display(),
            shifts.join("; ")
        );
    }
    for line in made.first().map_or(&[][..], |made| &made.report.warnings) {
        let _ = writeln!(text, "{line}");
    }
    text
}
