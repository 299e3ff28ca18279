//! Residuals drawn, and a page with all of them.

use super::exposures::Exposed;
use super::{ResidualPlot, lines, lists};
use crate::Result;
use firstlight_align::{Alignment, TweakRegOptions, TweakReport};
use firstlight_fits::AtomicFile;
use firstlight_look::{Figure, Marker, Page, PlotPanel, Series};
use std::path::PathBuf;

/// The page with all figures.
pub(super) const PAGE: &str = "align_report.html";
/// The longest arrow is this share of the field.
const ARROW_SHARE: f64 = 0.08;

/// The figures of an image.
pub(super) fn names(root: &str, plot: ResidualPlot) -> Vec<PathBuf> {
    let vector = matches!(plot, ResidualPlot::Vector | ResidualPlot::Both);
    let residuals = matches!(plot, ResidualPlot::Residuals | ResidualPlot::Both);
    let mut names = Vec::new();
    if residuals {
        names.push(PathBuf::from(format!("residuals_{root}.png")));
    }
    if vector {
        names.push(PathBuf::from(format!("vector_{root}.png")));
    }
    names
}

/// Writes the figures of all aligned images, and the page; gives their names.
pub(super) fn write(
    images: &[Exposed],
    report: &TweakReport,
    options: &TweakRegOptions,
) -> Result<Vec<PathBuf>> {
    let mut written = Vec::new();
    let mut page = Page::new("Alignment");
    page = summary(page, report);
    for (image, alignment) in images.iter().zip(&report.images) {
        if alignment.fit.is_none() {
            continue;
        }
        page = page.heading(&alignment.name);
        for name in names(&lists::root(&image.path), options.residplot) {
            let is_vector = name.to_string_lossy().starts_with("vector_");
            let figure = if is_vector {
                vectors(alignment)
            } else {
                residuals(alignment, options.ylimit)
            };
            let caption = if is_vector {
                "Residuals as arrows over the plane, enlarged so that the longest is a twelfth of the field."
            } else {
                "Residuals of the matched sources along x and y against their positions in the plane; those that \
                 were clipped are open."
            };
            AtomicFile::write_whole(&name, &figure.to_png()?, options.overwrite.into())?;
            page = page.figure(&figure, caption)?;
            written.push(name);
        }
    }
    AtomicFile::write_whole(PAGE.as_ref(), page.to_html().as_bytes(), options.overwrite.into())?;
    written.push(PathBuf::from(PAGE));
    Ok(written)
}

fn summary(page: Page, report: &TweakReport) -> Page {
    let header = [
        "image", "status", "sources", "matches", "dx px", "dy px", "rot deg", "scale", "rms x px", "rms y px",
    ];
    let rows = report.images.iter().map(|image| {
        let mut row = vec![image.name.clone(), image.status.text(), image.sources.to_string()];
        if let Some(fit) = &image.fit {
            let [dx, dy] = fit.linear.offset;
            row.push(fit.matches.to_string());
            row.extend([dx, dy].map(|value| format!("{value:.4}")));
            row.push(format!("{:.6}", fit.rot));
            row.push(format!("{:.7}", fit.scale[0]));
            row.extend(fit.rms.map(|value| format!("{value:.4}")));
        }
        row
    });
    let first = lines(report).into_iter().next().unwrap_or_default();
    page.paragraph(&first).table(&header, rows)
}

/// Both residuals against both positions.
fn residuals(alignment: &Alignment, limit: Option<f64>) -> Figure<'static> {
    let mut figure = Figure::new().title(title(alignment)).columns(2);
    for along in 0..2 {
        for against in 0..2 {
            let of = |used: bool| {
                let stars = alignment.stars.iter().filter(move |star| star.used == used);
                stars
                    .map(move |star| (star.reference[against], star.residual[along]))
                    .unzip::<_, _, Vec<f64>, Vec<f64>>()
            };
            let axis = ["X", "Y"];
            let mut panel = PlotPanel::new(
                format!("{} (pixels)", axis[against]),
                format!("D{} (pixels)", axis[along]),
            );
            let ((used_x, used_y), (clipped_x, clipped_y)) = (of(true), of(false));
            if !clipped_x.is_empty() {
                panel = panel.series(
                    Series::scatter(&clipped_x, &clipped_y)
                        .marker(Marker::Circle)
                        .size_pt(3.0),
                );
            }
            panel = panel
                .series(Series::scatter(&used_x, &used_y).size_pt(2.5))
                .level(0.0, "");
            if let Some(limit) = limit.filter(|limit| *limit > 0.0 && limit.is_finite()) {
                panel = panel.y_range(-limit, limit);
            }
            figure = figure.panel(panel);
        }
    }
    figure
}

/// An arrow for each source.
fn vectors(alignment: &Alignment) -> Figure<'static> {
    let used = || alignment.stars.iter().filter(|star| star.used);
    let longest = used()
        .map(|star| star.residual[0].hypot(star.residual[1]))
        .fold(0.0, f64::max);
    let low = used().map(|star| star.reference[0]).fold(f64::INFINITY, f64::min);
    let high = used()
        .map(|star| star.reference[0])
        .fold(f64::NEG_INFINITY, f64::max);
    let scale = if longest > 0.0 {
        ARROW_SHARE * (high - low) / longest
    } else {
        0.0
    };
    let mut panel = PlotPanel::new("X (pixels)", "Y (pixels)").aspect(1.0);
    let (x, y): (Vec<f64>, Vec<f64>) = used().map(|star| (star.reference[0], star.reference[1])).unzip();
    panel = panel.series(Series::scatter(&x, &y).size_pt(2.0));
    // One broken line holds all arrows.
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for star in used() {
        let [from_x, from_y] = star.reference;
        x.extend([from_x, from_x + scale * star.residual[0], f64::NAN]);
        y.extend([from_y, from_y + scale * star.residual[1], f64::NAN]);
    }
    panel = panel.series(Series::line(&x, &y).label(format!("longest: {longest:.3} pixels")));
    Figure::new().title(title(alignment)).panel(panel)
}

fn title(alignment: &Alignment) -> String {
    let matches = alignment.fit.map_or(0, |fit| fit.matches);
    format!("Residuals of {}: {matches} sources", alignment.name)
}
