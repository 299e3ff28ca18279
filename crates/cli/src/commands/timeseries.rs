//! `firstlight timeseries`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::input::expand;
use firstlight::register::RegisterOptions;
use firstlight::timeseries::{FollowedStar, Role, TimeseriesOptions, TimeseriesReport, timeseries};
use std::fmt::Write;

/// The frames, and the stars that are followed.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight timeseries reduced/*.fits --targets 424,286 -o lightcurve.csv --figure lightcurve.png\n  firstlight timeseries reduced/*.fits -r reduced/first.fits --targets 424,286 --comparisons 465,183 --comparisons 512,263 --radius 5 --gain GAIN --detrend airmass -o lightcurve.fits"
)]
pub struct TimeseriesCommand {
    /// Frames, patterns or folders.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    #[command(flatten)]
    options: TimeseriesOptions,
    #[command(flatten, next_help_heading = "How frames are registered")]
    how: RegisterOptions,
}

impl TimeseriesCommand {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        let report = timeseries(&expand(&self.files)?, (&self.options, &self.how), &bar)?;
        output::result(&report, global.json, || text(&report));
        Ok(output::failures(&report.failed, global.json))
    }
}

fn text(report: &TimeseriesReport) -> String {
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = writeln!(
        text,
        "reference {}, times {}, errors {}",
        report.reference.display(),
        report.time.join(" and "),
        report
            .errors
            .iter()
            .map(|errors| errors.name())
            .collect::<Vec<_>>()
            .join(" and ")
    );
    let _ = writeln!(
        text,
        "\n{:<6} {:<11} {:>8} {:>8} {:>6} {:>5} {:>5} {:>12} {:>8} {:>8} {:>8} {:>6} {:>7}",
        "star", "", "x", "y", "good", "lost", "sat.", "flux", "rms", "p-to-p", "error", "chi2", "weight"
    );
    for star in &report.stars {
        text.push_str(&line(star));
    }
    for note in &report.notes {
        let _ = writeln!(text, "note: {note}");
    }
    for path in report.output.iter().chain(&report.figures) {
        let _ = writeln!(text, "wrote {}", path.display());
    }
    let _ = write!(text, "{} frames in {:.2} s", report.frames.len(), report.seconds);
    text
}

fn line(star: &FollowedStar) -> String {
    let role = match star.role {
        Role::Target => "target",
        Role::Comparison => "comparison",
        Role::Rejected => "not taken",
    };
    let or_none =
        |value: Option<f64>, digits: usize| value.map_or("-".to_owned(), |value| format!("{value:.digits$}"));
    format!(
        "{:<6} {:<11} {:>8.2} {:>8.2} {:>6} {:>5} {:>5} {:>12} {:>8} {:>8} {:>8} {:>6} {:>7}\n",
        star.name,
        role,
        star.x,
        star.y,
        star.good,
        star.lost,
        star.saturated,
        or_none(star.flux, 1),
        or_none(star.rms, 5),
        or_none(star.point_to_point, 5),
        or_none(star.error, 5),
        or_none(star.chi_square, 2),
        or_none(star.weight, 3),
    )
}
