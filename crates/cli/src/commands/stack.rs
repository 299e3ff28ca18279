//! `firstlight stack`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::ccd::CcdOpenOptions;
use firstlight::combine::CombineOptions;
use firstlight::input::expand;
use firstlight::register::{FieldOptions, MatchOptions, Method, RegisterOptions};
use firstlight::stack::{StackOptions, StackReport, stack};
use std::fmt::Write;
use std::path::PathBuf;

/// The frames, and what is made of them.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight stack reduced/*.fits -o deep.fits --clip sigma\n  firstlight stack reduced/*.fits -r reduced/best.fits --method median --inverse-variance -o deep.fits"
)]
pub struct StackCommand {
    /// Frames, patterns or folders.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// The product.
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    options: StackOptions,
    #[command(flatten, next_help_heading = "How samples are combined")]
    combining: CombineOptions,
    /// The frame whose pixels and level the product has [default: the first].
    #[arg(long, short, value_name = "FILE", help_heading = "How frames are registered")]
    reference: Option<PathBuf>,
    /// What frames are registered by.
    #[arg(long, value_enum, default_value_t = Method::default(), help_heading = "How frames are registered")]
    register_by: Method,
    #[command(flatten, next_help_heading = "How frames are registered")]
    matching: MatchOptions,
    #[command(flatten)]
    stars: FieldOptions,
    #[command(flatten)]
    open: CcdOpenOptions,
}

impl StackCommand {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        let how = RegisterOptions {
            reference: self.reference,
            method: self.register_by,
            matching: self.matching,
            stars: self.stars,
            open: self.open,
        };
        let wanted = (&self.options, &self.combining, &how);
        let report = stack(&expand(&self.files)?, &self.output, wanted, &bar)?;
        output::result(&report, global.json, || text(&report));
        Ok(output::failures(&report.failed, global.json))
    }
}

fn text(report: &StackReport) -> String {
    let mut text = format!(
        "{:<32} {:>8} {:>12} {:>10} {:>10} {:>6} {:>8} {:>10}\n",
        "frame", "time s", "sky", "of time", "zero pt.", "stars", "weight", "rejected"
    );
    for frame in &report.frames {
        let name = frame.file.file_name().unwrap_or_default().to_string_lossy();
        // Writing to a String does not fail.
        let _ = writeln!(
            text,
            "{name:<32} {:>8.1} {:>12.3} {:>10.5} {:>10.5} {:>6} {:>8.4} {:>10}",
            frame.exptime_s,
            frame.sky,
            frame.time_scale,
            frame.zero_point_scale,
            frame.stars,
            frame.weight,
            frame.rejected
        );
    }
    let _ = write!(
        text,
        "wrote {} ({} frames, {} s in all, {} pixels empty) in {:.2} s",
        report.path.display(),
        report.frames.len(),
        report.total_exptime_s,
        report.empty_pixels,
        report.seconds
    );
    text
}
