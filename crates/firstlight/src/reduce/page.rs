//! The report page of a night.

use super::statistics::{figure, samples};
use super::{FrameKind, MasterReport, ReduceReport, ReducedFrame, figure_path};
use crate::Result;
use crate::input::file_name;
use firstlight_look::Page;
use std::collections::BTreeMap;
use std::path::Path;

/// Writes the page: what there was, what was made of it, and each frame before and after.
pub(super) fn write(report: &ReduceReport, path: &Path) -> Result<()> {
    let mut page = Page::new(title(report)).paragraph(&summary(report));
    for note in &report.notes {
        page = page.notice(&sentence(note));
    }
    if !report.failed.is_empty() {
        page = page.heading("Not done").table(
            &["file", "why"],
            report
                .failed
                .iter()
                .map(|failure| [file_name(&failure.file), failure.error.clone()]),
        );
    }
    page = page
        .heading("Frames")
        .table(
            &["night", "kind", "filter", "exposure, s", "frames", "told by"],
            frames(report),
        )
        .heading("Masters")
        .table(
            &[
                "file",
                "frames",
                "left out",
                "CCD, °C",
                "first pixel",
                "average",
                "std",
            ],
            report.masters.iter().map(master),
        );
    for master in report
        .masters
        .iter()
        .filter(|master| master.failed.is_none() && !master.given)
    {
        let left_out: Vec<String> = master
            .left_out
            .iter()
            .map(|frame| format!("Without {}: {}.", file_name(&frame.file), frame.why))
            .collect();
        let caption = format!(
            "{}: {} frames. {}",
            file_name(&master.path),
            master.frames.len(),
            left_out.join(" ")
        );
        page = page.picture(&picture(report, &master.path, None)?, caption.trim());
    }
    page = before_and_after(page, report);
    for frame in &report.reduced {
        page = page.picture(
            &picture(report, &frame.path, Some(&frame.input))?,
            &caption(frame),
        );
    }
    page.write(path)?;
    Ok(())
}

fn title(report: &ReduceReport) -> String {
    match report.nights.as_slice() {
        [night] => format!("The night of {night}, reduced"),
        nights => format!("{} nights, reduced", nights.len()),
    }
}

fn summary(report: &ReduceReport) -> String {
    let made = report
        .masters
        .iter()
        .filter(|master| master.failed.is_none())
        .count();
    format!(
        "{} frames were found; {made} masters and {} frames of the sky are in {}. Images are shown as zscale stretches them, \
         with the first row at the bottom.",
        report.frames.len(),
        report.reduced.len(),
        report.folder.display()
    )
}

/// A note as a sentence of its own.
fn sentence(note: &str) -> String {
    let mut letters = note.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => String::new(),
    }
}

/// How many frames there are of what.
fn frames(report: &ReduceReport) -> Vec<[String; 6]> {
    type Row = (usize, FrameKind, String, String, String);
    let mut rows: BTreeMap<Row, usize> = BTreeMap::new();
    for frame in &report.frames {
        let row = (
            frame.night,
            frame.kind,
            frame.filter.clone().unwrap_or_default(),
            frame.exptime_s.map_or(String::new(), |time| time.to_string()),
            // Of what an observer calls each field differently, the keyword is enough.
            frame.because.split(" = ").next().unwrap_or_default().to_owned(),
        );
        *rows.entry(row).or_default() += 1;
    }
    rows.into_iter()
        .map(|((night, kind, filter, time, because), count)| {
            let night = report.nights.get(night).cloned().unwrap_or_default();
            let kind = format!("{kind:?}").to_lowercase();
            [night, kind, filter, time, count.to_string(), because]
        })
        .collect()
}

fn master(master: &MasterReport) -> [String; 7] {
    let number = |of: fn(&super::Statistics) -> f64| {
        master
            .statistics
            .as_ref()
            .map_or(String::new(), |s| digits(of(s)))
    };
    [
        match &master.failed {
            Some(why) => format!("{} (not made: {why})", file_name(&master.path)),
            None if master.given => format!("{} (given)", master.path.display()),
            None => file_name(&master.path),
        },
        if master.given {
            String::new()
        } else {
            master.frames.len().to_string()
        },
        master.left_out.len().to_string(),
        degrees(master.temperature_c),
        number(|s| s.first_pixel),
        number(|s| s.average),
        number(|s| s.std),
    ]
}

/// Each frame in numbers; of cosmic rays and fringes only where any frame has them.
fn before_and_after(page: Page, report: &ReduceReport) -> Page {
    let mut header = vec![
        "frame",
        "filter",
        "exposure, s",
        "CCD, °C",
        "first pixel",
        "average",
        "std",
        "first pixel, reduced",
        "average, reduced",
        "std, reduced",
        "unit",
    ];
    let any = |of: fn(&ReducedFrame) -> bool| report.reduced.iter().any(of);
    let rays = any(|frame| frame.cosmic_rays.is_some());
    let fringes = any(|frame| frame.fringe_scale.is_some());
    header.extend(rays.then_some("pixels of cosmic rays"));
    header.extend(fringes.then_some("fringes times"));
    let rows = report.reduced.iter().map(|frame| {
        let mut row = reduced(frame);
        let found = || {
            frame
                .cosmic_rays
                .map_or(String::new(), |pixels| pixels.to_string())
        };
        row.extend(rays.then(found));
        row.extend(fringes.then(|| frame.fringe_scale.map_or(String::new(), digits)));
        row
    });
    page.heading("Before and after").table(&header, rows)
}

fn reduced(frame: &ReducedFrame) -> Vec<String> {
    vec![
        file_name(&frame.path),
        frame.filter.clone().unwrap_or_default(),
        frame.exptime_s.map_or(String::new(), |time| time.to_string()),
        degrees(frame.temperature_c),
        digits(frame.before.first_pixel),
        digits(frame.before.average),
        digits(frame.before.std),
        digits(frame.after.first_pixel),
        digits(frame.after.average),
        digits(frame.after.std),
        frame.unit.clone(),
    ]
}

fn degrees(value: Option<f64>) -> String {
    value.map_or(String::new(), |degrees| format!("{degrees:.2}"))
}

/// Numbers of counts, and of flats about 1.
fn digits(value: f64) -> String {
    match value.abs() {
        size if size < 10.0 => format!("{value:.4}"),
        _ => format!("{value:.2}"),
    }
}

fn caption(frame: &ReducedFrame) -> String {
    let object = frame
        .object
        .as_deref()
        .map_or(String::new(), |name| format!(" ({name})"));
    let steps: Vec<String> = frame.steps.iter().map(|step| format!("{step}.")).collect();
    format!("{}{object}. {}", file_name(&frame.path), steps.join(" "))
}

/// The picture that is kept of a product; drawn again where it is gone.
fn picture(report: &ReduceReport, product: &Path, raw: Option<&Path>) -> Result<Vec<u8>> {
    let path = figure_path(&report.folder, product);
    if let Ok(png) = std::fs::read(&path) {
        return Ok(png);
    }
    let after = samples(product)?;
    let png = match raw {
        Some(raw) => figure(&[("raw", &samples(raw)?), ("reduced", &after)])?,
        None => figure(&[(&file_name(product), &after)])?,
    };
    firstlight_look::write(&path, &png)?;
    Ok(png)
}
