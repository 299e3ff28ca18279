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
    let difference = science
        .as_slice()
        .iter()
        .zip(dark.as_slice())
        .map(|(s, d)| s - d)
        .collect();
    let difference =
        Image::from_vec(science.ny(), science.nx(), difference).unwrap_or_else(|_| science.clone());
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
            "difference",
            Scaling::linear().between(-3.0e-4, 3.0e-4),
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
