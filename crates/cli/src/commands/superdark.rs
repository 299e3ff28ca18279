//! `firstlight superdark`

mod text;

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::{Args, Subcommand};
use firstlight::Result;
use firstlight::input::expand;
use firstlight::superdark::{self, OcrrejectOptions, PeriodOptions, SuperdarkOptions};
use std::path::PathBuf;

/// Dark reference images from dark frames of the CCDs of STIS and ACS, and of any other CCD.
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
    /// Sort darks of STIS by anneal period and week, and say which are left out and why.
    Periods(Box<PeriodsArgs>),
    /// Make both for one exposure of STIS: of many darks, those of its anneal period and those of its week.
    ///
    /// The products are `<rootname>_basedark.fits`, of all darks of the anneal period, and `<rootname>_weekdark.fits`, of it
    /// and of the darks of the week: with the latter the exposure is to be calibrated (firstlight calibrate --darkfile).
    /// Darks that do not go with the others are left out, and it is said why.
    For(Box<ForArgs>),
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight superdark base darks/o*_flt.fits -o basedark.fits --figure basedark.png\n  firstlight superdark base darks/o*_raw.fits -o basedark.fits --bias refbias.fits --ref-dir oref/\n  firstlight superdark base darks/j*_raw.fits -o base_drk.fits --ref-dir jref/\n  firstlight superdark base night/dark*.fits -o dark.fits --bias bias.fits"
)]
struct BaseArgs {
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight superdark week week3/o*_flt.fits --base basedark.fits -o weekdark.fits\n  firstlight superdark week week3/o*_flt.fits --base basedark.fits -o weekdark.fits --hot-table hot.csv"
)]
struct WeekArgs {
    /// Baseline dark, as superdark base makes it.
    #[arg(long, required = true, value_name = "FILE")]
    base: PathBuf,
    #[command(flatten)]
    common: Common,
}

// Which pixels of a dark were rejected is written nowhere.
#[derive(Args)]
#[command(mut_arg("crmask", |arg| arg.hide(true)))]
struct Common {
    /// Darks of one gain, amplifier and binning, calibrated (_flt.fits) or raw; patterns are expanded. They are not
    /// changed.
    #[arg(required = true, value_name = "DARK")]
    inputs: Vec<String>,
    /// The dark reference image.
    #[arg(long, short, required = true, value_name = "FILE")]
    output: PathBuf,
    /// Darks of shorter exposure are left out, s; without it all that are given are combined.
    #[arg(long, value_name = "SECONDS")]
    min_exptime: Option<f64>,
    #[command(flatten)]
    options: SuperdarkOptions,
    #[command(flatten)]
    how: OcrrejectOptions,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight superdark periods darks/\n  firstlight superdark periods darks/o*_flt.fits --around o4d101010_raw.fits --json"
)]
struct PeriodsArgs {
    /// Darks, calibrated or raw; patterns are expanded, and of folders all FITS files are looked at.
    #[arg(required = true, value_name = "DARK")]
    inputs: Vec<String>,
    /// An exposure: say which darks are of its week.
    #[arg(long, value_name = "EXPOSURE")]
    around: Option<PathBuf>,
    #[command(flatten)]
    sorting: PeriodOptions,
}

#[derive(Args)]
#[command(
    mut_arg("crmask", |arg| arg.hide(true)),
    mut_arg("gain", |arg| arg.hide(true)),
    mut_arg("readnoise", |arg| arg.hide(true)),
    mut_arg("exposure_key", |arg| arg.hide(true)),
    mut_arg("without_bias", |arg| arg.hide(true)),
    mut_arg("bias", |arg| arg.help("Bias image for raw darks, in place of the one that each header names").long_help(None)),
    mut_arg("crrejtab", |arg| arg.help("CRREJTAB to take the parameters of rejection from, in place of the one that the \
                                        header of the first dark names").long_help(None)),
    mut_arg("hot_table", |arg| arg.help("Write the numbers of hot pixels of the dark of the week above some rates as a \
                                         table: CSV, ECSV, FITS or JSON by its name").long_help(None)),
    mut_arg("figure", |arg| arg.help("Draw the dark of the week and its hot pixels: PNG or SVG by its name").long_help(None)),
    after_help = "Examples:\n  firstlight superdark for o4d101010_raw.fits --darks 'darks/*_flt.fits' --output-dir superdarks/\n  firstlight superdark for o4d101010_raw.fits --darks darks/ --periods anneals.csv --figure hot.png"
)]
struct ForArgs {
    /// The exposure that is to be calibrated.
    #[arg(value_name = "EXPOSURE")]
    exposure: PathBuf,
    /// Darks to choose from, calibrated or raw; patterns are expanded, and of folders all FITS files are looked at.
    #[arg(long, required = true, num_args = 1.., value_name = "DARK")]
    darks: Vec<String>,
    /// Folder of the products; it is made where it is not there.
    #[arg(long, value_name = "DIR", default_value = ".")]
    output_dir: PathBuf,
    #[command(flatten)]
    sorting: PeriodOptions,
    #[command(flatten)]
    options: SuperdarkOptions,
    #[command(flatten)]
    how: OcrrejectOptions,
}

impl SuperdarkCommand {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        match self.verb {
            Verb::Base(args) => {
                let (inputs, common) = args.common.inputs()?;
                let Common {
                    output, options, how, ..
                } = common;
                let made = superdark::basedark(&inputs, &output, &options, &how, &bar)?;
                output::result(&made, global.json, || text::of_superdark(&made));
            }
            Verb::Week(args) => {
                let (inputs, common) = args.common.inputs()?;
                let Common {
                    output, options, how, ..
                } = common;
                let made = superdark::weekdark(&inputs, &args.base, &output, &options, &how, &bar)?;
                output::result(&made, global.json, || text::of_superdark(&made));
            }
            Verb::Periods(args) => {
                let inputs = expand(&args.inputs)?;
                let report = superdark::periods(&inputs, args.around.as_deref(), &args.sorting)?;
                output::result(&report, global.json, || text::of_periods(&report));
            }
            Verb::For(args) => {
                let darks = expand(&args.darks)?;
                let made = superdark::superdark_for(
                    &args.exposure,
                    &darks,
                    &args.output_dir,
                    &args.sorting,
                    (&args.options, &args.how),
                    &bar,
                )?;
                output::result(&made, global.json, || {
                    text::of_exposure(&made, args.options.ref_dir.as_deref())
                });
            }
        }
        Ok(Outcome::Done)
    }
}

impl Common {
    /// The files, and the options with the shortest exposure.
    fn inputs(mut self) -> Result<(Vec<PathBuf>, Self)> {
        self.options.min_exptime = self.min_exptime;
        Ok((expand(&self.inputs)?, self))
    }
}
