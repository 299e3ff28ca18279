//! `firstlight demo`

use super::sbc_dark;
use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::{Args, Subcommand};
use firstlight::Result;
use firstlight::demo::{
    AcsDemoOptions, AcsDemoReport, CcdDemoOptions, CcdDemoReport, DemoOptions, DemoReport, StisDemoOptions,
    StisDemoReport,
};
use std::fmt::Write;
use std::path::PathBuf;

/// Simulate a visit, run the dark workflow on it, and compare the fluxes with the truth; or another demonstration by its
/// name.
#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  firstlight demo\n  firstlight demo --size 512 --output quick\n  firstlight demo acs\n  \
                  firstlight demo stis\n  firstlight demo ccd"
)]
pub struct Demo {
    #[command(subcommand)]
    what: Option<What>,
    /// Folder for visit and results; it is made where it is not there.
    #[arg(short, long, default_value = "firstlight-demo", value_name = "DIR")]
    output: PathBuf,
    #[command(flatten)]
    options: DemoOptions,
}

#[derive(Subcommand)]
enum What {
    /// Simulate a pair of ACS/WFC exposures, calibrate it with and without the correction for charge transfer, and compare
    /// stars with the truth: raw beside flt beside flc, as figures and a page.
    Acs(Acs),
    /// Simulate an anneal period of the STIS CCD with a spectrum, make its superdarks, calibrate it with the dark that its
    /// header names and with the one of its week, and compare both with the truth, as figures and a page.
    Stis(Stis),
    /// Simulate nights at a small telescope, reduce, register, stack, follow and solve their frames, and compare shifts, light,
    /// light curves and places on the sky with the truth, as figures and a page.
    Ccd(Ccd),
}

#[derive(Args)]
#[command(after_help = "Examples:\n  firstlight demo acs\n  firstlight demo acs --full-frame --output whole")]
struct Acs {
    /// Folder for visit and results; it is made where it is not there.
    #[arg(short, long, default_value = "firstlight-demo-acs", value_name = "DIR")]
    output: PathBuf,
    #[command(flatten)]
    options: AcsDemoOptions,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight demo ccd\n  firstlight demo ccd --nights 1 --science 30 --filters V --output one"
)]
struct Ccd {
    /// Folder for nights and results; it is made where it is not there.
    #[arg(short, long, default_value = "firstlight-demo-ccd", value_name = "DIR")]
    output: PathBuf,
    #[command(flatten)]
    options: CcdDemoOptions,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight demo stis\n  firstlight demo stis --darks 56 --flux 0.02 --output faint"
)]
struct Stis {
    /// Folder for the period and results; it is made where it is not there.
    #[arg(short, long, default_value = "firstlight-demo-stis", value_name = "DIR")]
    output: PathBuf,
    #[command(flatten)]
    options: StisDemoOptions,
}

impl Stis {
    fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        let report = firstlight::demo::demo_stis(&self.output, &self.options, &bar)?;
        output::result(&report, global.json, || stis_text(&report));
        Ok(Outcome::Done)
    }
}

fn stis_text(report: &StisDemoReport) -> String {
    let mut text = "the spectrum against the truth:\n".to_owned();
    for spectrum in &report.spectra {
        // Writing to a String does not fail.
        let _ = writeln!(
            text,
            "  {:12}   flux {:+.2} ± {:.2} %   scatter {:.2} of its errors   {} of {} samples off by more than 4 errors",
            spectrum.dark,
            100.0 * spectrum.excess,
            100.0 * spectrum.error,
            spectrum.scatter,
            spectrum.outliers,
            spectrum.samples,
        );
    }
    let [default, week] = report.hot_pixels.left.map(|share| (100.0 * share).round() + 0.0);
    let _ = writeln!(
        text,
        "{} pixels became hot (above {:.1} electrons/s) after the default dark was made and before the darks of the week: of \
         their dark current\n  the default dark leaves {default:.0} %, the week's dark {week:.0} % (medians){}\n{}",
        report.hot_pixels.pixels,
        report.hot_pixels.above,
        if report.agrees { "" } else { "   DOES NOT AGREE" },
        report.page.display()
    );
    text
}

impl Ccd {
    fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        let report = firstlight::demo::demo_ccd(&self.output, &self.options, &bar)?;
        output::result(&report, global.json, || ccd_text(&report));
        Ok(Outcome::Done)
    }
}

fn ccd_text(report: &CcdDemoReport) -> String {
    let (shifts, fluxes, stack, sky) = (&report.shifts, &report.fluxes, &report.stack, &report.sky);
    let mut text = format!(
        "against the truth:\n  shifts        {} frames, off by {:.3} pixels in the median, {:.3} at most\n  light         {} stars \
         in {} frames, {:.2} % of it in the aperture, frames within {:.2} %\n  stack         {} frames, sky's deviation {:.2} ADU, \
         of one frame {:.2}\n  on the sky    {} stars matched; places off by {:.3} pixels in the median, {:.3} at most\n",
        shifts.frames,
        shifts.median_px,
        shifts.largest_px,
        fluxes.stars,
        fluxes.frames,
        100.0 * fluxes.usual,
        100.0 * fluxes.largest_off,
        stack.stack.frames.len(),
        stack.sky_of_stack,
        stack.sky_of_frame,
        sky.solved.matches,
        sky.median_px,
        sky.largest_px,
    );
    for curve in &report.curves {
        // Writing to a String does not fail.
        let _ = writeln!(
            text,
            "  light curve   star {}, {}: {} points, {:.2} % from the truth, {:.2} of its errors",
            curve.variable.star,
            curve.variable.kind.name(),
            curve.mjd.len(),
            100.0 * curve.rms,
            curve.scatter,
        );
    }
    let _ = writeln!(
        text,
        "{}{}",
        if report.agrees { "" } else { "DOES NOT AGREE\n" },
        report.page.display()
    );
    text
}

impl Acs {
    fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        let report = firstlight::demo::demo_acs(&self.output, &self.options, &bar)?;
        output::result(&report, global.json, || acs_text(&report));
        Ok(Outcome::Done)
    }
}

fn acs_text(report: &AcsDemoReport) -> String {
    let mut text =
        "light of isolated stars in 3 x 3 pixels, recovered less true, by parallel transfers:\n".to_owned();
    for bin in report.fluxes.iter().filter(|bin| bin.product == "flt") {
        let same = |other: &&firstlight::demo::FluxBin| {
            other.product == "flc" && other.electrons == bin.electrons && other.transfers == bin.transfers
        };
        let Some(corrected) = report.fluxes.iter().find(same) else {
            continue;
        };
        // Writing to a String does not fail.
        let _ = writeln!(
            text,
            "  {:5.0} to {:5.0} electrons, {:4.0} to {:4.0} transfers   flt {:+6.2} ± {:.2} %   flc {:+6.2} ± {:.2} %{}",
            bin.electrons.0,
            bin.electrons.1,
            bin.transfers.0,
            bin.transfers.1,
            100.0 * bin.excess,
            100.0 * bin.error,
            100.0 * corrected.excess,
            100.0 * corrected.error,
            if corrected.agrees() {
                ""
            } else {
                "   DOES NOT AGREE"
            }
        );
    }
    let [flt, flc] = report.trails;
    let _ = writeln!(
        text,
        "behind stars far from the amplifier: {flt:.1} % of their light in flt, {flc:.1} % in flc\n{}",
        report.page.display()
    );
    text
}

impl Demo {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        match self.what {
            Some(What::Acs(args)) => return args.run(global),
            Some(What::Stis(args)) => return args.run(global),
            Some(What::Ccd(args)) => return args.run(global),
            None => {}
        }
        let bar = Bar::new(global.quiet);
        let report = firstlight::demo::demo(&self.output, &self.options, &bar)?;
        let workflow = sbc_dark::text(&report.workflow)?;
        output::result(&report, global.json, || {
            format!("{workflow}\n{}", comparison(&report))
        });
        Ok(Outcome::Done)
    }
}

fn comparison(report: &DemoReport) -> String {
    let mut text = "the galaxy's flux in the aperture, counts/s:\n".to_owned();
    for r in &report.recovered {
        // Writing to a String does not fail.
        let _ = writeln!(
            text,
            "  {}  science {:7.4}   recovered {:7.4} ± {:.4}   truth {:7.4}   {:+.2} sigma{}",
            r.filter,
            r.science,
            r.recovered,
            r.error,
            r.truth,
            r.pull,
            if r.agrees { "" } else { "  DOES NOT AGREE" }
        );
    }
    let verdict = if report.agrees {
        "every filter agrees with the truth within its stated uncertainty (3 sigma)"
    } else {
        "not every filter agrees with the truth within 3 sigma"
    };
    let _ = writeln!(
        text,
        "{verdict}; chi2 {:.2} for {} filters",
        report.chi2,
        report.recovered.len()
    );
    text
}
