//! `firstlight drizzle-grid`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::drizzle::grid::{GridOptions, GridReport, Trial};
use std::fmt::Write;
use std::path::PathBuf;

/// The exposures, the values to try, and where to look.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight drizzle-grid *_flc.fits --final-scale 0.03 --final-rot 0\n  firstlight drizzle-grid *_flt.fits --pixfrac 0.5:1.0:0.05 --scale 0.03,0.04 --box 1000,1500,2250,2750 --star 6129,1722\n  firstlight drizzle-grid *_flt.fits --kernel square,gaussian --box 5.655d,-72.067d,15,15 --star 5.66d,-72.07d"
)]
pub struct DrizzleGrid {
    /// Association tables (_asn.fits), or calibrated exposures (_flt.fits, _flc.fits).
    #[arg(required = true, value_name = "ASN|FILE")]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    options: GridOptions,
}

impl DrizzleGrid {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        let report = firstlight::drizzle::grid::drizzle_grid(&self.inputs, &self.options, &bar)?;
        for note in &report.notes {
            output::note(&format!("note: {note}"), global.quiet);
        }
        output::result(&report, global.json, || text(&report));
        Ok(Outcome::Done)
    }
}

fn text(report: &GridReport) -> String {
    let mut text = String::new();
    for grid in &report.grids {
        let _ = writeln!(
            text,
            "{} x {} pixels of {:.4} arcsec",
            grid.nx, grid.ny, grid.scale_arcsec
        );
    }
    let names: Vec<String> = report
        .trials
        .iter()
        .map(|trial| trial.name(report.several))
        .collect();
    let width = names.iter().map(String::len).max().unwrap_or(0);
    let _ = writeln!(
        text,
        "  {:width$} {:>9} {:>10} {:>10} {:>12} {:>11}",
        "", "missing", "by pixfrac", "RMS/median", "FWHM, arcsec", "ellipticity"
    );
    for (k, (trial, name)) in report.trials.iter().zip(&names).enumerate() {
        let _ = writeln!(
            text,
            "{} {name:width$} {:>9} {:>10} {:>10} {:>12} {:>11}  {}",
            if report.best == Some(k) { "*" } else { " " },
            trial.missing,
            trial.missing_by_pixfrac,
            number(trial.rms_over_median, 3),
            number(trial.fwhm_arcsec, 4),
            number(trial.ellipticity, 3),
            faults(trial)
        );
    }
    for reason in &report.reasons {
        let _ = writeln!(text, "{reason}");
    }
    let written = report.figures.iter().chain([&report.page]).map(PathBuf::as_path);
    for path in written.chain(report.products.iter().flat_map(|products| products.paths())) {
        let _ = writeln!(text, "wrote {}", path.display());
    }
    text
}

fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
}

fn faults(trial: &Trial) -> String {
    let tests = [(trial.complete, "pixels missing"), (trial.even, "weight uneven")];
    let mut faults: Vec<&str> = tests
        .iter()
        .filter(|(fine, _)| !fine)
        .map(|(_, fault)| *fault)
        .collect();
    faults.extend(trial.star_fault());
    match faults.is_empty() {
        true => "passes".to_owned(),
        false => faults.join(", "),
    }
}
