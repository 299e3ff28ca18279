//! `firstlight register`

use crate::Global;
use crate::bar::Bar;
use crate::commands::table::Product;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::input::{Failure, expand};
use firstlight::register::{RegisterOptions, RegisterReport, Registered, register};
use std::fmt::Write;

/// The frames, and how they are registered.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight register night/*.fit -r night/first.fit -o shifts.ecsv\n  firstlight register *.fits --geometry affine --fwhm 3.5\n  firstlight register nebula/*.fits --method phase"
)]
pub struct RegisterCommand {
    /// Frames, patterns or folders.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    #[command(flatten)]
    options: RegisterOptions,
    #[command(flatten)]
    product: Product,
}

impl RegisterCommand {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        self.product.check()?;
        let report = register(&expand(&self.files)?, &self.options, &Bar::new(global.quiet))?;
        if !self.product.put(&report.table()?, global)? {
            output::result(&report, global.json, || text(&report));
        }
        Ok(output::failures(&failures(report.failed()), global.json))
    }
}

/// Frames that failed, as other verbs tell of them.
pub fn failures<'a>(failed: impl Iterator<Item = &'a Registered>) -> Vec<Failure> {
    failed.filter_map(Registered::failure).collect()
}

fn text(report: &RegisterReport) -> String {
    let mut text = format!(
        "reference {}\n\n{:<32} {:>9} {:>9} {:>9} {:>9} {:>7} {:>7} {:>6}\n",
        report.reference.display(),
        "frame",
        "dx pix",
        "dy pix",
        "turn deg",
        "scale",
        "stars",
        "matched",
        "rms"
    );
    for frame in &report.frames {
        text.push_str(&line(frame));
    }
    text
}

/// What is told of a shift by all of the light.
fn by_light(frame: &Registered) -> String {
    match (frame.correlation, frame.sigma) {
        (Some(correlation), Some([x, y])) => {
            format!("  correlation {correlation:.3}, sigma {x:.3} {y:.3} pix")
        }
        _ => String::new(),
    }
}

/// A frame as one line of the table.
pub fn line(frame: &Registered) -> String {
    let name = frame.file.file_name().unwrap_or_default().to_string_lossy();
    let mut line = format!("{name:<32} ");
    let count = |count: Option<usize>| count.map_or("-".to_owned(), |count| count.to_string());
    let _ = match (&frame.described, &frame.why) {
        (_, Some(_)) => writeln!(line, "failed"),
        (Some(map), None) => writeln!(
            line,
            "{:>9.3} {:>9.3} {:>9.4} {:>9.6} {:>7} {:>7} {:>6}{}{}",
            map.shift[0],
            map.shift[1],
            map.rotation,
            map.scale,
            count(frame.stars),
            count(frame.matches),
            frame.rms.map_or("-".to_owned(), |rms| format!("{rms:.3}")),
            if map.flipped { " flipped" } else { "" },
            by_light(frame)
        ),
        (None, None) => writeln!(line, "no map"),
    };
    line
}
