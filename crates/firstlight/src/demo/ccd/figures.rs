//! The figures of the demonstration.

use super::curves::light;
use super::{
    Comparison, CurveAgainstTruth, FILTER, FluxesAgainstTruth, ReducedTruth, ShiftsAgainstTruth,
    StackAgainstFrame,
};
use crate::Result;
use crate::ccd::{CcdFile, CcdOpenOptions};
use crate::demo::Drawn;
use crate::simulate::CcdNightsReport;
use firstlight_frame::Image;
use firstlight_look::{AxisScale, Colour, ColourMap, Figure, ImagePanel, Marker, PlotPanel, Scaling, Series};
use std::ops::Range;
use std::path::Path;

/// What is shown.
type Shown<'a> = (
    &'a CcdNightsReport,
    &'a ShiftsAgainstTruth,
    &'a FluxesAgainstTruth,
    &'a StackAgainstFrame,
    &'a [CurveAgainstTruth],
);

/// Moments of a night at which the true light is drawn.
const MOMENTS: usize = 200;
/// Half the side of the section that is shown in detail, pixels.
const HALF: usize = 75;

/// Draws and writes all figures.
pub(super) fn draw(
    comparison: &Comparison<'_>,
    (simulated, shifts, fluxes, stack, curves): Shown<'_>,
    results: &Path,
) -> Result<Vec<Drawn>> {
    let mut drawn = Vec::new();
    if let Some(frame) = comparison.of_filter().first() {
        drawn.push(frames(frame, (simulated, stack), results)?);
    }
    drawn.push(registered(shifts, results));
    drawn.push(measured(fluxes, results));
    if !curves.is_empty() {
        drawn.push(followed(comparison, curves, results));
    }
    for drawn in &drawn {
        drawn.figure.png(&drawn.path)?;
    }
    Ok(drawn)
}

fn image(path: &Path) -> Result<Image<f32>> {
    Ok(CcdFile::open(path, &CcdOpenOptions::default())?
        .read::<f32>()?
        .sci)
}

/// A frame as it was read, reduced, and stacked with the others: whole and in detail.
fn frames(
    frame: &ReducedTruth<'_>,
    (simulated, stack): (&CcdNightsReport, &StackAgainstFrame),
    results: &Path,
) -> Result<Drawn> {
    let grey = ColourMap::named("gray")?;
    let panel = |image: &Image<f32>, title: &str| {
        ImagePanel::owned(image.clone())
            .title(title)
            .scaling(Scaling::zscale())
            .colour_map(grey.clone())
            .unit("ADU")
            .axis_labels("column, pixels", "row, pixels")
    };
    let raw = image(&simulated.folder.join(&frame.frame.file))?;
    let reduced = image(&frame.path)?;
    let stacked = image(&stack.stack.path)?;
    let about = |n: usize, share: f64| -> Range<usize> {
        let start = ((n as f64 * share) as usize).min(n.saturating_sub(2 * HALF));
        start..(start + 2 * HALF).min(n)
    };
    // Glow is at the left, and there are fewer stars below.
    let (rows, columns) = (about(raw.ny(), 0.12), about(raw.nx(), 0.05));
    let mut figure = Figure::new();
    let of_stack = format!("{} frames, stacked", stack.stack.frames.len());
    let shown = [
        (&raw, "raw"),
        (&reduced, "reduced"),
        (&stacked, of_stack.as_str()),
    ];
    for (image, title) in shown {
        figure = figure.panel(panel(image, title));
    }
    for (image, title) in shown {
        let title = format!("{title}, detail");
        figure = figure.panel(panel(image, &title).section(rows.clone(), columns.clone())?);
    }
    Ok(Drawn {
        path: results.join("frames.png"),
        figure: figure.columns(3).width_px(1800),
        caption: format!(
            "The first frame of {} as it was read, with glow at the left, hot pixels, dust and vignetting; reduced with the \
             masters of its night; and all {} frames of the filter in one, cosmic rays and remaining hot pixels left out.",
            FILTER.name(),
            stack.stack.frames.len()
        ),
    })
}

/// What registration is off by, frame by frame.
fn registered(shifts: &ShiftsAgainstTruth, results: &Path) -> Drawn {
    let (x, y): (Vec<f64>, Vec<f64>) = shifts.off_px.iter().copied().unzip();
    let half = 0.06_f64.max(1.1 * shifts.largest_px);
    let panel = PlotPanel::new("error along x, pixels", "error along y, pixels")
        .title("shifts of registered frames, less the truth")
        .x_range(-half, half)
        .y_range(-half, half)
        .aspect(1.0)
        .level(0.0, "")
        .upright(0.0, "")
        .series(Series::scatter(&x, &y).size_pt(4.0));
    Drawn {
        path: results.join("shifts.png"),
        figure: Figure::new().panel(panel).width_px(800),
        caption: format!(
            "Every frame of all filters registered to the first, at the middle of the field. They are shifted by up to {:.0} \
             pixels, and those of the third night are upside down.",
            shifts.largest_shift_px
        ),
    }
}

/// Light of stars against what was put in.
fn measured(fluxes: &FluxesAgainstTruth, results: &Path) -> Drawn {
    let (electrons, shares): (Vec<f64>, Vec<f64>) = fluxes.shares.iter().copied().unzip();
    let panel = PlotPanel::new("light of the star, electrons", "measured, of what was put in")
        .title("lone stars in the reduced frames")
        .x_scale(AxisScale::Log)
        .y_range(0.9, 1.06)
        .level(fluxes.usual, "the aperture's share")
        .series(
            Series::scatter(&electrons, &shares)
                .size_pt(2.5)
                .colour(Colour::of_series(0).with_alpha(0.5)),
        );
    Drawn {
        path: results.join("fluxes.png"),
        figure: Figure::new().panel(panel).width_px(1000),
        caption: format!(
            "Light in an aperture of 2.2 full widths at half maximum over the light that was put in, {} stars in {} frames. \
             The aperture holds {:.1} % of a star's light.",
            fluxes.stars,
            fluxes.frames,
            100.0 * fluxes.usual
        ),
    }
}

/// Light curves over what was put in.
fn followed(comparison: &Comparison<'_>, curves: &[CurveAgainstTruth], results: &Path) -> Drawn {
    let mut figure = Figure::new()
        .columns(nights(comparison).len().max(1))
        .width_px(1800);
    for curve in curves {
        for (n, (begin, end)) in nights(comparison).into_iter().enumerate() {
            figure = figure.panel(of_night(curve, n, (begin, end)));
        }
    }
    Drawn {
        path: results.join("light_curves.png"),
        figure,
        caption: format!(
            "The variable stars in {}, one a row, night by night, relative to stars that do not vary. Line: what was put in.",
            FILTER.name()
        ),
    }
}

/// First and last moment of each night's frames.
fn nights(comparison: &Comparison<'_>) -> Vec<(f64, f64)> {
    let mut found: Vec<(&str, f64, f64)> = Vec::new();
    for frame in comparison.of_filter() {
        let begin = frame.frame.start_mjd;
        let end = begin + frame.frame.exptime_s / 86_400.0;
        match found.last_mut() {
            Some(last) if last.0 == frame.frame.night => last.2 = end,
            _ => found.push((&frame.frame.night, begin, end)),
        }
    }
    found.into_iter().map(|(_, begin, end)| (begin, end)).collect()
}

fn of_night(curve: &CurveAgainstTruth, night: usize, (begin, end): (f64, f64)) -> PlotPanel {
    let hours = |mjd: f64| 24.0 * (mjd - begin);
    // The scale on which the truth has the median that it has in the measured moments.
    let scale = curve
        .mjd
        .first()
        .zip(curve.truth.first())
        .map_or(1.0, |(mjd, truth)| truth / light(&curve.variable, *mjd));
    let moments: Vec<f64> = (0..=MOMENTS)
        .map(|n| begin + (end - begin) * n as f64 / MOMENTS as f64)
        .collect();
    let truth: Vec<f64> = moments
        .iter()
        .map(|mjd| scale * light(&curve.variable, *mjd))
        .collect();
    let inside = |n: &usize| (begin..=end).contains(&curve.mjd[*n]);
    let here: Vec<usize> = (0..curve.mjd.len()).filter(inside).collect();
    let of = |values: &[f64]| here.iter().map(|n| values[*n]).collect::<Vec<f64>>();
    let at: Vec<f64> = of(&curve.mjd).into_iter().map(hours).collect();
    let ends = curve.flux.iter().chain(&curve.truth).copied();
    let (low, high) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), end| {
        (low.min(end), high.max(end))
    });
    let room = 0.15 * (high - low).max(0.01);
    PlotPanel::new("hours of the night's frames", "relative light")
        .title(format!(
            "star {}, {}, night {}",
            curve.variable.star,
            curve.variable.kind.name(),
            night + 1
        ))
        .aspect(0.5)
        .y_range(low - room, high + room)
        .series(
            Series::line(&moments.into_iter().map(hours).collect::<Vec<_>>(), &truth)
                .colour(Colour::of_series(1))
                .width_pt(1.0),
        )
        .series(
            Series::scatter(&at, &of(&curve.flux))
                .y_errors(&of(&curve.error))
                .marker(Marker::Circle)
                .size_pt(4.0)
                .colour(Colour::of_series(0)),
        )
}
