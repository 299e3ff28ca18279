//! `firstlight badpix`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::ccd::{BadpixOptions, BadpixReport, CcdmaskOptions, badpix};
use firstlight::input::expand;
use std::path::PathBuf;

/// Flats and darks, and how bad pixels are found in them.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight badpix --flat bright.fits faint.fits -o bad.fits\n  \
                  firstlight badpix --flat flat_V.fits --dark night/Dark*.fit --bias bias.fits --dark-limit 1 -o bad.fits --table bad.ecsv\n  \
                  firstlight ccd night/NGC*.fit -o reduced --bad-pixel-mask bad.fits"
)]
pub struct Badpix {
    /// A flat, or two of different level, whose ratio shows what is not linear; combined ones are best.
    #[arg(long, value_name = "FRAME", num_args = 1..)]
    flat: Vec<String>,
    /// Darks, of any exposure times; patterns are expanded.
    #[arg(long, value_name = "FRAME", num_args = 1..)]
    dark: Vec<String>,
    /// The mask.
    #[arg(long, short, required = true, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    options: BadpixOptions,
    #[command(flatten, next_help_heading = "How flats are judged")]
    how: CcdmaskOptions,
}

impl Badpix {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let files = |patterns: &[String]| match patterns {
            [] => Ok(Vec::new()),
            patterns => expand(patterns),
        };
        let (flats, darks) = (files(&self.flat)?, files(&self.dark)?);
        let bar = Bar::new(global.quiet);
        let report = badpix((&flats, &darks), &self.output, &self.options, &self.how, &bar)?;
        output::result(&report, global.json, || text(&report));
        Ok(Outcome::Done)
    }
}

fn text(report: &BadpixReport) -> String {
    let pixels = report.shape.0 * report.shape.1;
    let share = 100.0 * report.bad as f64 / pixels as f64;
    let rates = report.dark_rates.as_ref().map_or(String::new(), |rates| {
        format!(
            "dark rate {:.4} with scatter {:.4}, hot above {:.4} {}\n",
            rates.median, rates.sigma, rates.limit, rates.unit
        )
    });
    let table = report
        .table
        .as_ref()
        .map_or(String::new(), |path| format!("wrote {}\n", path.display()));
    format!(
        "{} of {pixels} pixels are bad ({share:.3} %): {} by the flats, {} hot\n{rates}wrote {}\n{table}",
        report.bad,
        report.from_flats,
        report.hot,
        report.path.display(),
    )
}
