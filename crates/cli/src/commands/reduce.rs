//! `firstlight reduce`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::input::file_name;
use firstlight::reduce::{
    FrameKind, MasterReport, Night, ReduceOptions, ReduceReport, ReducedFrame, Statistics, reduce,
};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

/// A night, and how it is reduced.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight reduce night -o reduced\n  firstlight reduce night.toml\n  firstlight reduce march_09 march_29 april_30 -o reduced --temperature-tolerance 1\n  firstlight reduce science -o reduced --bias bias.fits --dark dark.fits --flat B=flat_B.fits --flat V=flat_V.fits\n  firstlight reduce night -o reduced --gain EGAIN --readnoise 8.5 --saturation 60000\n  firstlight reduce night -o reduced --gain EGAIN --readnoise 8.5 --lacosmic --fringe I=fringe_I.fits --background 128\n\nA night.toml holds the options under their names with _:\n  input = [\"raw\"]\n  output = \"reduced\"\n  flat_files = [\"sky*\"]\n  temperature_tolerance = 1.0"
)]
pub struct Reduce {
    /// Folders of nights, which are searched with the folders in them; files, patterns; or one night.toml.
    #[arg(required = true, value_name = "NIGHT")]
    inputs: Vec<String>,
    /// Folder of the products: masters/, reduced/ and report.html. What an earlier run left there and would make in the same
    /// way is not made again.
    #[arg(long, short, visible_alias = "output", value_name = "DIR")]
    output_dir: Option<PathBuf>,
    #[command(flatten)]
    options: ReduceOptions,
}

impl Reduce {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let night = Night::new(&self.inputs, self.output_dir, self.options.given())?;
        let report = reduce(
            &night.inputs,
            &night.folder,
            &night.options,
            &Bar::new(global.quiet),
        )?;
        output::result(&report, global.json, || text(&report));
        if !global.json {
            report
                .notes
                .iter()
                .for_each(|text| output::note(&format!("note: {text}"), global.quiet));
        }
        Ok(output::failures(&report.failed, global.json))
    }
}

fn text(report: &ReduceReport) -> String {
    let mut text = String::new();
    // Writing to a String does not fail.
    for (n, night) in report.nights.iter().enumerate() {
        let _ = writeln!(text, "night {night}: {}", counts(report, n));
    }
    let width = width(report.masters.iter().map(|master| file_name(&master.path)));
    let _ = writeln!(
        text,
        "\n{:<width$}  {:>6}  {:>8}  {:>12}  {:>12}  {:>12}",
        "master", "frames", "CCD °C", "first pixel", "average", "std"
    );
    report
        .masters
        .iter()
        .for_each(|master| line_of_master(&mut text, master, width));
    let width = self::width(report.reduced.iter().map(|frame| file_name(&frame.path)));
    let _ = writeln!(
        text,
        "\n{:<width$}  {:>8}  {:>8}  {:>12}  {:>12}  {:>12}",
        "frame", "filter", "s", "first pixel", "average", "std"
    );
    for frame in &report.reduced {
        let _ = writeln!(
            text,
            "{:<width$}  {:>8}  {:>8}  {}{}\n{:<width$}  {:>8}  {:>8}  {}{}",
            file_name(&frame.path),
            frame.filter.as_deref().unwrap_or("-"),
            frame.exptime_s.map_or("-".to_owned(), |time| time.to_string()),
            numbers(&frame.before),
            if frame.up_to_date { "  up to date" } else { "" },
            "",
            "",
            "reduced",
            numbers(&frame.after),
            found(frame),
        );
    }
    let anew = report.reduced.iter().filter(|frame| !frame.up_to_date).count();
    let _ = writeln!(
        text,
        "\n{} frames in {}, {anew} of them now, in {:.2} s",
        report.reduced.len(),
        report.folder.display(),
        report.seconds
    );
    if let Some(page) = &report.page {
        let _ = writeln!(text, "wrote {}", page.display());
    }
    text
}

/// What was found in a frame itself.
fn found(frame: &ReducedFrame) -> String {
    let mut text = String::new();
    if let Some(pixels) = frame.cosmic_rays {
        let _ = write!(text, "  {pixels} pixels of cosmic rays");
    }
    if let Some(scale) = frame.fringe_scale {
        let _ = write!(text, "  fringes x {scale:.5}");
    }
    if let Some(error) = frame.fringe_scale_error {
        let _ = write!(text, " +- {error:.5}");
    }
    text
}

fn line_of_master(text: &mut String, master: &MasterReport, width: usize) {
    let _ = match (&master.statistics, &master.failed) {
        (Some(statistics), _) => writeln!(
            text,
            "{:<width$}  {:>6}  {:>8}  {}{}",
            file_name(&master.path),
            if master.given {
                "given".to_owned()
            } else {
                master.frames.len().to_string()
            },
            master
                .temperature_c
                .map_or("-".to_owned(), |degrees| format!("{degrees:.2}")),
            numbers(statistics),
            if master.up_to_date { "  up to date" } else { "" },
        ),
        (None, why) => writeln!(
            text,
            "{:<width$}  not made: {}",
            file_name(&master.path),
            why.as_deref().unwrap_or_default()
        ),
    };
    for frame in &master.left_out {
        let _ = writeln!(text, "  without {}: {}", file_name(&frame.file), frame.why);
    }
}

/// How many frames of what a night has: '10 bias, 3 flat (V), 6 science (V)'.
fn counts(report: &ReduceReport, night: usize) -> String {
    let mut kinds: BTreeMap<FrameKind, (usize, Vec<&str>)> = BTreeMap::new();
    for frame in report.frames.iter().filter(|frame| frame.night == night) {
        let (count, filters) = kinds.entry(frame.kind).or_default();
        *count += 1;
        if let (FrameKind::Flat | FrameKind::Science, Some(filter)) = (frame.kind, frame.filter.as_deref())
            && !filters.contains(&filter)
        {
            filters.push(filter);
        }
    }
    let parts = kinds.iter().map(|(kind, (count, filters))| {
        let kind = format!("{kind:?}").to_lowercase();
        match filters.is_empty() {
            true => format!("{count} {kind}"),
            false => format!("{count} {kind} ({})", filters.join(" ")),
        }
    });
    parts.collect::<Vec<_>>().join(", ")
}

fn numbers(of: &Statistics) -> String {
    // Flats are about 1.
    let digits = if of.average.abs() < 10.0 { 4 } else { 2 };
    format!(
        "{:>12.digits$}  {:>12.digits$}  {:>12.digits$}",
        of.first_pixel, of.average, of.std
    )
}

fn width(names: impl Iterator<Item = String>) -> usize {
    names.map(|name| name.chars().count()).max().unwrap_or(0).max(6)
}
