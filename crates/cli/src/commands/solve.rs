//! `firstlight solve`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::input::{expand, file_name};
use firstlight::register::FieldOptions;
use firstlight::solve::{PlateOptions, SolveOptions, SolveReport, solve};
use std::fmt::Write;
use std::path::PathBuf;

/// Frames, and the stars that they are found by.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight solve reduced/*.fits --catalogue gaia.csv -o solved\n  firstlight solve m13.fits --catalogue gaia.csv --ra 16:41:41 --dec +36:27:37 --scale 0.37\n  firstlight solve m13.fits --catalogue stars.ecsv --magnitude mag_V --sip-order 3 --update"
)]
pub struct Solve {
    /// Frames, patterns or folders.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// Stars with positions and magnitudes: a table (.csv, .ecsv, .fits, .vot, text) with columns ra and dec, degrees or
    /// sexagesimal, as Gaia's archive and VizieR give them.
    #[arg(long, short, required = true, value_name = "FILE")]
    catalogue: PathBuf,
    #[command(flatten)]
    options: SolveOptions,
    #[command(flatten, next_help_heading = "How the frame is matched and fitted")]
    how: PlateOptions,
    #[command(flatten, next_help_heading = "How stars are found")]
    finding: FieldOptions,
}

impl Solve {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let files = expand(&self.files)?;
        let how = (&self.options, &self.how, &self.finding);
        let report = solve(&files, &self.catalogue, how, &Bar::new(global.quiet))?;
        output::result(&report, global.json, || text(&report));
        if !self.options.update && self.options.output_dir.is_none() && !global.json {
            output::note(
                "note: nothing was written (--output-dir or --update)",
                global.quiet,
            );
        }
        Ok(output::failures(&report.failed, global.json))
    }
}

fn text(report: &SolveReport) -> String {
    let width = report
        .frames
        .iter()
        .map(|frame| file_name(&frame.file).chars().count());
    let width = width.max().unwrap_or(0).max(5);
    let mut text = format!(
        "{:<width$} {:>11} {:>11} {:>10} {:>9} {:>6} {:>7} {:>5} {:>8} {:>7}\n",
        "frame",
        "ra deg",
        "dec deg",
        "arcsec/pix",
        "turn deg",
        "stars",
        "matched",
        "order",
        "rms arcs",
        "rms pix"
    );
    for frame in &report.frames {
        // Writing to a String does not fail.
        let _ = writeln!(
            text,
            "{:<width$} {:>11.6} {:>11.6} {:>10.5} {:>9.3} {:>6} {:>7} {:>5} {:>8.3} {:>7.3}{}",
            file_name(&frame.file),
            frame.ra,
            frame.dec,
            frame.scale_arcsec,
            frame.rotation_deg,
            frame.stars,
            frame.matches,
            frame.order,
            frame.rms_arcsec,
            frame.rms_pixels,
            if frame.flipped { " mirror image" } else { "" }
        );
    }
    for product in report.frames.iter().filter_map(|frame| frame.product.as_ref()) {
        let _ = writeln!(text, "wrote {}", product.display());
    }
    let _ = writeln!(
        text,
        "{} frames by {} stars in {:.2} s",
        report.frames.len(),
        report.catalogue_stars,
        report.seconds
    );
    text
}
