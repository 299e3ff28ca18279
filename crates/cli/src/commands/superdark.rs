//! `firstlight superdark`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::{Args, Subcommand};
use firstlight::Result;
use firstlight::input::expand;
use firstlight::stis::Made;
use firstlight::superdark::{OcrrejectOptions, SuperdarkOptions, SuperdarkReport};
use std::fmt::Write;
use std::path::PathBuf;

/// Dark reference images of the STIS CCD from dark frames.
#[derive(Args)]
pub struct SuperdarkCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Make the baseline dark of the long darks of an anneal period.
    Base(Box<BaseArgs>),
    /// Make the dark of a week: a baseline dark with the week's hot pixels.
    Week(Box<WeekArgs>),
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight superdark base darks/o*_flt.fits -o basedark.fits\n  firstlight superdark base darks/o*_raw.fits -o basedark.fits --bias refbias.fits --ref-dir oref/"
)]
struct BaseArgs {
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight superdark week week3/o*_flt.fits --base basedark.fits -o weekdark.fits\n  firstlight superdark week week3/o*_flt.fits --base basedark.fits -o weekdark.fits --crsigmas 5,4,3"
)]
struct WeekArgs {
    /// Baseline dark, as superdark base makes it.
    #[arg(long, required = true, value_name = "FILE")]
    base: PathBuf,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
struct Common {
    /// Darks of one gain, amplifier and binning, calibrated (_flt.fits) or raw; patterns are expanded. They are not
    /// changed.
    #[arg(required = true, value_name = "DARK")]
    inputs: Vec<String>,
    /// The dark reference image.
    #[arg(long, short, required = true, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    options: SuperdarkOptions,
    #[command(flatten)]
    how: OcrrejectOptions,
}

impl SuperdarkCommand {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        let made = match self.verb {
            Verb::Base(args) => {
                let Common {
                    inputs,
                    output,
                    options,
                    how,
                } = args.common;
                firstlight::superdark::basedark(&expand(&inputs)?, &output, &options, &how, &bar)?
            }
            Verb::Week(args) => {
                let Common {
                    inputs,
                    output,
                    options,
                    how,
                } = args.common;
                let inputs = expand(&inputs)?;
                firstlight::superdark::weekdark(&inputs, &args.base, &output, &options, &how, &bar)?
            }
        };
        output::result(&made, global.json, || text(&made));
        Ok(Outcome::Done)
    }
}

fn text(made: &Made<SuperdarkReport>) -> String {
    let report = &made.report;
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = writeln!(
        text,
        "wrote {} ({} darks, {} s) in {:.2} s",
        made.path.display(),
        report.inputs.len(),
        report.exptime_s,
        made.seconds
    );
    let _ = writeln!(
        text,
        "hot pixels: {} flagged; {} pixels without data in any dark",
        report.hot.flagged, report.without_data
    );
    for (limit, count) in &report.hot.above {
        let _ = writeln!(text, "  above {limit} e/s: {count}");
    }
    if let (Some(new), Some(healed)) = (report.hot.new, report.hot.healed) {
        let _ = writeln!(text, "  since the baseline: {new} new, {healed} healed");
    }
    text
}
