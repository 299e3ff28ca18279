//! The figures of the workflow.

use super::photometry::ApertureRow;
use super::{FilterReport, SbcDarkOptions, SbcDarkReport, products};
use crate::Result;
use crate::dark::{BoxRate, DarkExposure};
use firstlight_frame::Image;
use firstlight_look::{
    AxisScale, Colour, ColourMap, Figure, ImagePanel, Overlay, PlotPanel, Reduction, Scaling, Series, Shape,
};
use std::path::PathBuf;

/// A figure that was written.
pub(super) struct Drawn {
    pub(super) path: PathBuf,
    pub(super) figure: Figure<'static>,
    pub(super) caption: String,
}

/// Draws and writes all figures, the one that explains the most first.
pub(super) fn draw(report: &SbcDarkReport, options: &SbcDarkOptions) -> Result<Vec<Drawn>> {
    let mut drawn = vec![temperatures(report, options)?];
    for filter in &report.filters {
        drawn.push(products_of(report, filter)?);
    }
    for drawn in &drawn {
        drawn.figure.png(&drawn.path)?;
    }
    Ok(drawn)
}

/// Rate in the box against temperature: darks, and science exposures less their sky.
fn temperatures(report: &SbcDarkReport, options: &SbcDarkOptions) -> Result<Drawn> {
    let darks: Vec<(&DarkExposure, &BoxRate)> = report
        .filters
        .first()
        .and_then(|filter| filter.matches.first())
        .map(|matched| {
            let of = |m: &'_ crate::dark::Match| m.index;
            matched
                .ranking
                .matches
                .iter()
                .filter_map(|m| Some((report.darks.get(of(m))?, &m.dark.rate)))
                .collect()
        })
        .unwrap_or_default();
    let (mut x, mut y, mut error) = (Vec::new(), Vec::new(), Vec::new());
    for (exposure, rate) in darks {
        if let Some(temperature) = exposure.avgtemp {
            x.push(temperature);
            y.push(rate.rate);
            error.push(rate.rate_error);
        }
    }
    let mut panel = PlotPanel::new("mean of MDECODT1 and MDECODT2, °C", "rate in the box, counts/s")
        .title(format!("Rate in the box {}", options.within_box))
        .y_scale(AxisScale::Log)
        .series(Series::scatter(&x, &y).y_errors(&error).label("darks"))
        .upright(options.elevated_above, "elevated");
    for (n, filter) in report.filters.iter().enumerate() {
        let (mut x, mut y, mut error) = (Vec::new(), Vec::new(), Vec::new());
        for matched in &filter.matches {
            // The sky is no dark rate: the combination tells it apart.
            let sky = matched
                .combination
                .fitted()
                .map_or(0.0, |fit| fit.uniform * matched.rate.pixels as f64);
            let rate = matched.rate.rate - sky;
            if let Some(temperature) = matched.exposure.avgtemp
                && rate > 0.0
            {
                x.push(temperature);
                y.push(rate);
                error.push(matched.rate.rate_error.min(0.9 * rate));
            }
        }
        let label = format!("{}, sky taken off", filter.name);
        panel = panel.series(
            Series::scatter(&x, &y)
                .y_errors(&error)
                .label(label)
                .colour(Colour::of_series(n + 1)),
        );
    }
    let figure = Figure::new().panel(panel).width_px(1000);
    let caption = format!(
        "Rate in the box {} of the darks and of the science exposures, whose sky is taken off as the combination \
         finds it. At one temperature the glow differs from visit to visit: a dark is found by its rate.",
        options.within_box
    );
    Ok(Drawn {
        path: report.folder.join("dark_rate.png"),
        figure,
        caption,
    })
}

/// Science product, master dark and their difference, with the apertures.
fn products_of(report: &SbcDarkReport, filter: &FilterReport) -> Result<Drawn> {
    let science = products::open(&filter.science)?.image;
    let dark = products::open(&filter.master_dark)?.image;
    let difference = smoothed_difference(&science, &dark);
    let log = || Scaling::log().between(1.0e-5, 1.0e-2);
    let panel = |image: Image<f32>, title: &str, scaling: Scaling, map: ColourMap| {
        ImagePanel::owned(image)
            .title(title)
            .scaling(scaling)
            .colour_map(map)
            .reduction(Reduction::Mean)
            .unit("counts/s")
            .overlays(filter.apertures.iter().map(overlay))
    };
    let plasma = ColourMap::named("plasma")?;
    let figure = Figure::new()
        .panel(panel(science, &filter.name, log(), plasma.clone()))
        .panel(panel(dark, "master dark", log(), plasma))
        .panel(panel(
            difference,
            "difference, 21 × 21 pixel means",
            Scaling::linear().between(-6.0e-5, 6.0e-5),
            ColourMap::named("RdBu_r")?,
        ))
        .columns(3)
        .width_px(1500);
    let caption = format!(
        "{}: science product, master dark on the same grid, and their difference; solid the target's apertures, \
         dashed the blank ones.",
        filter.name
    );
    Ok(Drawn {
        path: report.folder.join(format!("{}.png", filter.name)),
        figure,
        caption,
    })
}

/// Science less dark, each pixel the mean of those about it: single counts give way to what is left of
/// glow and sky. Pixels that no exposure reached stay NaN.
fn smoothed_difference(science: &Image<f32>, dark: &Image<f32>) -> Image<f32> {
    let (ny, nx) = science.shape();
    let pixel = |x: usize, y: usize| match (science.get(x, y), dark.get(x, y)) {
        (Some(s), Some(d)) if s.is_finite() && d.is_finite() => (f64::from(s - d), 1.0),
        _ => (0.0, 0.0),
    };
    let rows: Vec<Vec<(f64, f64)>> = (0..ny)
        .map(|y| running_sums(&(0..nx).map(|x| pixel(x, y)).collect::<Vec<_>>()))
        .collect();
    let mut image = Image::filled(ny, nx, f32::NAN);
    for x in 0..nx {
        let column: Vec<(f64, f64)> = rows.iter().map(|row| row[x]).collect();
        for (y, (sum, number)) in running_sums(&column).into_iter().enumerate() {
            if pixel(x, y).1 > 0.0 {
                image[(y, x)] = (sum / number) as f32;
            }
        }
    }
    image
}

/// Sums over the 21 entries about each one, of values and of their numbers.
fn running_sums(values: &[(f64, f64)]) -> Vec<(f64, f64)> {
    const HALF: usize = 10;
    let mut totals = Vec::with_capacity(values.len() + 1);
    let mut total = (0.0, 0.0);
    totals.push(total);
    for &(sum, number) in values {
        total = (total.0 + sum, total.1 + number);
        totals.push(total);
    }
    let about = |i: usize| {
        let (from, to) = (
            totals[i.saturating_sub(HALF)],
            totals[(i + HALF + 1).min(values.len())],
        );
        (to.0 - from.0, to.1 - from.1)
    };
    (0..values.len()).map(about).collect()
}

fn overlay(row: &ApertureRow) -> Overlay {
    let e = row.ellipse;
    let shape = Shape::Ellipse {
        x: e.x,
        y: e.y,
        a: e.a,
        b: e.b,
        theta_deg: e.theta,
    };
    let overlay = Overlay::new(shape).label(row.id.to_string());
    if row.sky { overlay.dashed() } else { overlay }
}
