//! `firstlight dark`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::{Args, Subcommand};
use firstlight::Result;
use firstlight::dark::{
    CombinationReport, Failure, ImplantOptions, MatchOptions, MatchReport, RateOptions, RateReport,
    ScienceMatch,
};
use firstlight::frame::table::{Extent, pretty};
use firstlight::input::expand;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;

/// Dark frames: rates, matches, implants.
#[derive(Args)]
pub struct Dark {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Sum the pixels in a box of each file, and tell the rate, its Poisson error and the temperature.
    Rate(RateArgs),
    /// Find the darks whose rate matches each science exposure.
    Match(MatchArgs),
    /// Put a dark, or several, into a copy of a science exposure, with its WCS.
    Implant(ImplantArgs),
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight dark rate darks/*_raw.fits\n  firstlight dark rate *_flt.fits --box 650:850,580:780 --exclude-source 540,545,90,60,90"
)]
struct RateArgs {
    /// Exposures, raw or calibrated; patterns are expanded.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    #[command(flatten)]
    options: RateOptions,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight dark match j*_flt.fits --darks darks/*_raw.fits --exclude-source 540,545,90,60,90"
)]
struct MatchArgs {
    /// Science exposures, calibrated or raw; patterns are expanded.
    #[arg(required = true, value_name = "SCIENCE")]
    science: Vec<String>,
    /// Darks to choose from; patterns are expanded.
    #[arg(long, required = true, num_args = 1.., value_name = "DARK")]
    darks: Vec<String>,
    /// Show this many darks of each ranking; all with 0.
    #[arg(long, default_value_t = 3, value_name = "N")]
    show: usize,
    #[command(flatten)]
    options: MatchOptions,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight dark implant jcmc11ctq_flt.fits --dark darks/jcrx01iyq_raw.fits -o dark1_flt.fits\n  firstlight dark implant jcmc11ctq_flt.fits --dark a_raw.fits b_raw.fits --weights 0.3,0.7 -o dark1_flt.fits"
)]
struct ImplantArgs {
    /// Science exposure that gives headers, WCS and DQ.
    #[arg(value_name = "SCIENCE")]
    science: PathBuf,
    /// Dark whose pixels go in; several are added up with --weights.
    #[arg(long, required = true, num_args = 1.., value_name = "DARK")]
    dark: Vec<String>,
    /// File to write.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    options: ImplantOptions,
}

impl Dark {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        match self.verb {
            Verb::Rate(args) => args.run(global),
            Verb::Match(args) => args.run(global),
            Verb::Implant(args) => args.run(global),
        }
    }
}

impl RateArgs {
    fn run(self, global: &Global) -> Result<Outcome> {
        let report = firstlight::dark::rate(&expand(&self.files)?, &self.options, &Bar::new(global.quiet))?;
        let table = report.table()?;
        output::result(&report, global.json, || {
            let table = pretty(&table, Extent::default());
            format!(
                "box {} (y0:y1,x0:x1)\n{table}{}",
                report.within,
                several_detectors(&report)
            )
        });
        Ok(outcome(&report.failed))
    }
}

impl MatchArgs {
    fn run(self, global: &Global) -> Result<Outcome> {
        let (science, darks) = (expand(&self.science)?, expand(&self.darks)?);
        let report = firstlight::dark::matching(&science, &darks, &self.options, &Bar::new(global.quiet))?;
        output::result(&report, global.json, || match_text(&report, self.show));
        Ok(outcome(&report.failed))
    }
}

impl ImplantArgs {
    fn run(self, global: &Global) -> Result<Outcome> {
        let darks = expand(&self.dark)?;
        let bar = Bar::new(global.quiet);
        let report = firstlight::dark::implant(&self.science, &darks, &self.output, &self.options, &bar)?;
        output::result(&report, global.json, || {
            let darks: Vec<String> = report
                .darks
                .iter()
                .map(|d| format!("{} × {}", d.dark.rootname, (d.weight * 1e6).round() / 1e6))
                .collect();
            format!(
                "{}: {} in {}, EXPTIME {} s, {:.0} counts",
                report.output.display(),
                darks.join(" + "),
                report.science.display(),
                report.exptime_s,
                report.counts
            )
        });
        Ok(Outcome::Done)
    }
}

/// Rates of different detectors stand side by side, but do not compare.
fn several_detectors(report: &RateReport) -> String {
    let detectors: BTreeSet<&str> = report
        .exposures
        .iter()
        .filter_map(|row| row.exposure.detector.as_deref())
        .collect();
    if detectors.len() < 2 {
        return String::new();
    }
    let detectors: Vec<&str> = detectors.into_iter().collect();
    format!(
        "these exposures are of different detectors ({}): their rates do not compare\n",
        detectors.join(", ")
    )
}

/// Names what failed; all that was asked for where nothing did.
pub fn outcome(failed: &[Failure]) -> Outcome {
    for failure in failed {
        output::failure(&failure.error);
    }
    if failed.is_empty() {
        Outcome::Done
    } else {
        Outcome::Partial
    }
}

fn match_text(report: &MatchReport, show: usize) -> String {
    let mut text = format!(
        "rates in the box {}; near enough within {}\n",
        report.within_box, report.within
    );
    for science in &report.science {
        // Writing to a String does not fail.
        let _ = write!(text, "\n{}", science_text(science, show));
        // Those that are left out everywhere are told as errors.
        let here = |dark: &&Failure| report.failed.iter().all(|failed| failed.file != dark.file);
        for dark in science.excluded.iter().filter(here) {
            let _ = writeln!(text, "  left out: {}", dark.error);
        }
    }
    text
}

fn science_text(science: &ScienceMatch, show: usize) -> String {
    let exposure = &science.exposure;
    let temperature = exposure.avgtemp.map_or(String::new(), |t| format!(", {t:.4} C"));
    let mut text = format!(
        "{} {} {} s{temperature}: sum {}, {:.4} ± {:.4} counts/s\n",
        exposure.rootname,
        exposure.filter1.as_deref().unwrap_or(""),
        exposure.exptime_s,
        science.rate.sum,
        science.rate.rate,
        science.rate.rate_error
    );
    if !science.ranking.found {
        text.push_str("  no dark is near enough; the nearest are\n");
    }
    let show = if show == 0 { usize::MAX } else { show };
    for found in science.ranking.matches.iter().take(show) {
        let _ = writeln!(
            text,
            "  {} sum {:<6} {:.4} counts/s  {:+.4} ± {:.4}{}{}",
            found.dark.name,
            found.dark.rate.sum.to_string(),
            found.dark.rate.rate,
            found.difference,
            found.difference_error,
            percent(found.percent),
            if found.near { "" } else { "  too far" }
        );
    }
    if let Some(by_sum) = science.ranking.matches.get(science.ranking.nearest_sum)
        && science.ranking.nearest_sum > 0
    {
        let _ = writeln!(
            text,
            "  {} has the nearest sum ({})",
            by_sum.dark.name, by_sum.dark.rate.sum
        );
    }
    match &science.interpolation {
        Some(mixed) => {
            let _ = writeln!(
                text,
                "  between: {:.3} × {} + {:.3} × {} (± {:.3})",
                mixed.weights[0], mixed.names[0], mixed.weights[1], mixed.names[1], mixed.weight_error
            );
        }
        None => text.push_str("  between: no two darks bracket the rate\n"),
    }
    text.push_str(&combination_text(&science.combination));
    text
}

/// Nothing where the science exposure has no counts to take a percentage of.
fn percent(of: f64) -> String {
    if of.is_finite() {
        format!(" ({of:+.1} %)")
    } else {
        String::new()
    }
}

fn combination_text(report: &CombinationReport) -> String {
    let (combination, box_rate, box_rate_error, reasons) = match report {
        CombinationReport::Failed { reason } => return format!("  combination: {reason}\n"),
        CombinationReport::Fitted {
            combination,
            box_rate,
            box_rate_error,
            reasons,
            ..
        } => (combination, box_rate, box_rate_error, reasons),
    };
    let share = |s: &firstlight::dark::Share| format!("{:.3}±{:.3} × {}", s.weight, s.weight_error, s.name);
    let shares: Vec<String> = combination.shares.iter().map(share).collect();
    let fit = format!(
        "{}; sky {:.2e} ± {:.0e} counts/s/pixel; χ² {:.1} for {}",
        shares.join(" + "),
        combination.uniform,
        combination.uniform_error,
        combination.chi2,
        combination.degrees_of_freedom,
    );
    if reasons.is_empty() {
        return format!(
            "  combination: {fit}\n  its dark rate in the box is {box_rate:.4} ± {box_rate_error:.4} counts/s\n"
        );
    }
    let mut text = "  combination: none that may be used\n".to_owned();
    for reason in reasons {
        // Writing to a String does not fail.
        let _ = writeln!(text, "    {reason}");
    }
    let _ = writeln!(text, "    the best attempt was {fit}");
    text.push_str(
        "    a source in the frame, which darks and sky cannot imitate, is the usual cause: leave it out with \
         --exclude-source; else more darks, of other temperatures, may help\n",
    );
    text
}
