//! `firstlight superbias`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::{Args, Subcommand};
use firstlight::Result;
use firstlight::input::expand;
use firstlight::stis::Made;
use firstlight::superbias::{self, OcrrejectOptions, SuperbiasOptions, SuperbiasReport};
use std::path::PathBuf;

/// Bias reference images of the STIS CCD from bias frames.
#[derive(Args)]
pub struct SuperbiasCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Make the mean of bias frames, with hot pixels flagged.
    Ref(Plain),
    /// Make the bias of an anneal period: the mean of its frames, without hot columns and pixels.
    Base(Plain),
    /// Make the bias of a week: the bias of the period with the week's hot columns.
    Week(Week),
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight superbias ref biases/o*_raw.fits -o refbias.fits\n  firstlight superbias base biases/o*_raw.fits -o basebias.fits --ref-dir oref/"
)]
struct Plain {
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight superbias week week3/o*_raw.fits --base basebias.fits -o weekbias.fits"
)]
struct Week {
    /// Bias of the period, as superbias base makes it.
    #[arg(long, required = true, value_name = "FILE")]
    base: PathBuf,
    #[command(flatten)]
    common: Common,
}

// Which pixels of a frame were rejected is written nowhere.
#[derive(Args)]
#[command(mut_arg("crmask", |arg| arg.hide(true)))]
struct Common {
    /// Bias frames of one gain, amplifier and binning, raw or with the bias level taken off; patterns are expanded. They
    /// are not changed.
    #[arg(required = true, value_name = "BIAS")]
    inputs: Vec<String>,
    /// The bias reference image.
    #[arg(long, short, required = true, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    options: SuperbiasOptions,
    #[command(flatten)]
    how: OcrrejectOptions,
}

impl SuperbiasCommand {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        let made = match self.verb {
            Verb::Ref(Plain { common }) => superbias::refbias(
                &common.inputs()?,
                &common.output,
                &common.options,
                &common.how,
                &bar,
            )?,
            Verb::Base(Plain { common }) => superbias::basebias(
                &common.inputs()?,
                &common.output,
                &common.options,
                &common.how,
                &bar,
            )?,
            Verb::Week(Week { base, common }) => superbias::weekbias(
                &common.inputs()?,
                &base,
                &common.output,
                &common.options,
                &common.how,
                &bar,
            )?,
        };
        output::result(&made, global.json, || text(&made));
        Ok(Outcome::Done)
    }
}

impl Common {
    fn inputs(&self) -> Result<Vec<PathBuf>> {
        expand(&self.inputs)
    }
}

fn text(made: &Made<SuperbiasReport>) -> String {
    let report = &made.report;
    format!(
        "wrote {} ({} frames) in {:.2} s\n{} hot columns, {} hot pixels, {} pixels without data in any frame\n",
        made.path.display(),
        report.inputs.len(),
        made.seconds,
        report.hot_columns,
        report.hot_pixels,
        report.without_data,
    )
}
