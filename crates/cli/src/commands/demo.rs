//! `firstlight demo`

use super::sbc_dark;
use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::demo::{DemoOptions, DemoReport};
use std::fmt::Write;
use std::path::PathBuf;

/// Simulate a visit, run the dark workflow on it, and compare the fluxes with the truth.
#[derive(Args)]
#[command(after_help = "Examples:\n  firstlight demo\n  firstlight demo --size 512 --output quick")]
pub struct Demo {
    /// Folder for visit and results; it is made where it is not there.
    #[arg(short, long, default_value = "firstlight-demo", value_name = "DIR")]
    output: PathBuf,
    #[command(flatten)]
    options: DemoOptions,
}

impl Demo {
    pub fn run(self, global: &Global) -> Result<Outcome> {
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
