//! Hot pixels as products: a table and a figure.

use super::{Base, HotPixels, SuperdarkOptions};
use crate::{Error, Result};
use firstlight_calibrate::superdark::Superdark;
use firstlight_frame::Image;
use firstlight_frame::fits::Overwrite;
use firstlight_frame::table::{self, Column, Table};
use firstlight_look::figure::AxisScale;
use firstlight_look::{Figure, Format, ImagePanel, PlotPanel, Scaling, Series};
use std::path::Path;

/// Points of a curve for each tenfold rate.
const POINTS: i32 = 20;
/// Rates of the curves, powers of ten, e/s.
const RATES: std::ops::RangeInclusive<i32> = -3..=2;
/// Pixels of the figure's width.
const WIDTH: usize = 1500;

/// Writes what the options ask for.
pub(super) fn write(
    made: &Superdark,
    base: Option<&Base>,
    output: &Path,
    options: &SuperdarkOptions,
) -> Result<()> {
    if let Some(path) = &options.hot_table {
        let overwrite: Overwrite = options.overwrite.into();
        table::write(&table_of(&made.report.hot)?, path, None, overwrite)?;
    }
    if let Some(path) = &options.figure {
        let title = crate::input::file_name(output);
        let drawn = figure(&title, made, base)?;
        firstlight_look::write(path, &drawn.draw()?.to_bytes(Format::of(path)?)?)?;
    }
    Ok(())
}

/// One row for each rate; what has changed is there for a week's dark alone.
fn table_of(hot: &HotPixels) -> Result<Table> {
    let whole = |number: usize| number as i64;
    let rates = hot.above.iter().map(|count| count.rate).collect();
    let mut table = Table::new()
        .with(Column::f32("rate", rates).unit("electron/s"))
        .map_err(Error::Fits)?
        .with(Column::i64(
            "pixels",
            hot.above.iter().map(|count| whole(count.pixels)).collect(),
        ))
        .map_err(Error::Fits)?;
    let changes: Option<Vec<_>> = hot.above.iter().map(|count| count.since).collect();
    for change in changes.iter() {
        let columns = [
            Column::i64("base", change.iter().map(|of| whole(of.base)).collect()),
            Column::i64("new", change.iter().map(|of| whole(of.new)).collect()),
            Column::i64("healed", change.iter().map(|of| whole(of.healed)).collect()),
        ];
        for column in columns {
            table.push(column).map_err(Error::Fits)?;
        }
    }
    Ok(table)
}

/// The superdark as images, one for each chip, and how many pixels are above each rate, with those of the baseline and
/// those that are above it in one of the two alone.
fn figure<'a>(title: &str, made: &'a Superdark, base: Option<&Base>) -> Result<Figure<'a>> {
    let (unit, chips) = (&made.report.unit, &made.image.chips);
    let whole = match base {
        Some(base) => format!("dark of a week, {title}, and its baseline, {}", base.name),
        None => format!("dark {title}"),
    };
    let mut figure = Figure::new().title(whole).columns(2).width_px(WIDTH);
    for chip in chips {
        let of_chip = match chips.len() {
            1 => String::new(),
            _ => format!(", chip {}", chip.number()),
        };
        figure = figure.panel(
            ImagePanel::new(&chip.frame.sci)
                .scaling(Scaling::asinh())
                .title(format!("{title}: dark current{of_chip}"))
                .unit(unit)
                .axis_labels("column (pixels)", "row (pixels)"),
        );
    }
    let all: Vec<&Image<f32>> = chips.iter().map(|chip| &chip.frame.sci).collect();
    let mut curves = PlotPanel::new(format!("dark current ({unit})"), "number of pixels above it")
        .title(counted(&made.report.hot))
        .x_scale(AxisScale::Log)
        .y_scale(AxisScale::Log)
        .grid(true)
        .aspect(1.0);
    let before: Option<Vec<&Image<f32>>> =
        base.map(|base| base.frames.iter().map(|frame| &frame.sci).collect());
    if let (Some(base), Some(before)) = (base, &before) {
        let (rates, counts) = curve(before);
        curves = curves.series(
            Series::line(&rates, &counts)
                .label(format!("{} (baseline)", base.name))
                .dashed(),
        );
    }
    let (rates, counts) = curve(&all);
    curves = curves.series(Series::line(&rates, &counts).label(title));
    if let (Some(base), Some(before)) = (base, &before) {
        let alone = |name: &str, of: &[&Image<f32>], other: &[&Image<f32>]| {
            let (rates, counts) = risen(of, other);
            Series::line(&rates, &counts).label(format!("above it in {name} alone"))
        };
        curves = curves
            .series(alone(title, &all, before))
            .series(alone(&base.name, before, &all));
    }
    Ok(figure.panel(curves))
}

fn counted(hot: &HotPixels) -> String {
    match (hot.new, hot.healed) {
        (Some(new), Some(healed)) => format!(
            "{} pixels flagged hot; in the week's frames {new} new, {healed} healed",
            hot.flagged
        ),
        _ => format!("{} pixels flagged hot", hot.flagged),
    }
}

/// How many samples are above each rate, as long as there are any.
fn curve(images: &[&Image<f32>]) -> (Vec<f64>, Vec<f64>) {
    let mut sorted: Vec<f32> = images
        .iter()
        .flat_map(|image| image.as_slice())
        .copied()
        .filter(|rate| rate.is_finite())
        .collect();
    sorted.sort_unstable_by(f32::total_cmp);
    let above = |rate: f64| sorted.len() - sorted.partition_point(|&of| f64::from(of) <= rate);
    rates()
        .map(|rate| (rate, above(rate) as f64))
        .take_while(|&(_, count)| count > 0.0)
        .unzip()
}

/// How many samples are above each rate after, but not before; where there are none nothing is drawn.
fn risen(after: &[&Image<f32>], before: &[&Image<f32>]) -> (Vec<f64>, Vec<f64>) {
    let chips = after.iter().zip(before);
    let pairs = chips.flat_map(|(after, before)| after.as_slice().iter().zip(before.as_slice()));
    let changed: Vec<(f64, f64)> = pairs
        .filter(|(after, before)| after > before)
        .map(|(&after, &before)| (f64::from(after), f64::from(before)))
        .collect();
    let count = |rate: f64| {
        changed
            .iter()
            .filter(|(after, before)| *after > rate && *before <= rate)
            .count()
    };
    rates()
        .map(|rate| (rate, count(rate) as f64))
        .filter(|&(_, count)| count > 0.0)
        .unzip()
}

fn rates() -> impl Iterator<Item = f64> {
    let steps = RATES.start() * POINTS..=RATES.end() * POINTS;
    steps.map(|step| 10f64.powf(f64::from(step) / f64::from(POINTS)))
}
