//! Residuals drawn, and a page with all of them.

use super::exposures::Exposed;
use super::{ResidualPlot, Status, lines, lists, signed};
use crate::Result;
use firstlight_align::{Alignment, TweakRegOptions, TweakReport};
use firstlight_fits::AtomicFile;
use firstlight_look::{Figure, Marker, Page, PlotPanel, Series};
use std::path::PathBuf;

/// The page with all figures.
pub(super) const PAGE: &str = "align_report.html";
/// The longest line is this share of the field.
const LONGEST_SHARE: f64 = 0.08;

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
    let mut page = summary(Page::new("Alignment"), report);
    for (image, alignment) in images.iter().zip(&report.images) {
        if alignment.fit.is_none() {
            continue;
        }
        page = page.heading(&alignment.name);
        for name in names(&lists::root(&image.path), options.residplot) {
            let is_vector = name.to_string_lossy().starts_with("vector_");
            let (figure, caption) = if is_vector {
                vectors(alignment)
            } else {
                residuals(alignment, options.ylimit)
            };
            AtomicFile::write_whole(&name, &figure.to_png()?, options.overwrite.into())?;
            page = page.figure(&figure, &caption)?;
            written.push(name);
        }
    }
    AtomicFile::write_whole(PAGE.as_ref(), page.to_html().as_bytes(), options.overwrite.into())?;
    written.push(PathBuf::from(PAGE));
    Ok(written)
}

fn summary(page: Page, report: &TweakReport) -> Page {
    let header = [
        "image", "status", "sources", "matched", "fitted", "dx px", "dy px", "rot deg", "scale", "rms x px",
        "rms y px",
    ];
    let rows = report.images.iter().map(|image| {
        let status = image.status.text();
        let short = status.split([':', ';']).next().unwrap_or_default().to_owned();
        let mut row = vec![image.name.clone(), short, image.sources.to_string()];
        if let Some(fit) = &image.fit {
            let [dx, dy] = fit.linear.offset;
            row.extend([image.stars.len(), fit.matches].map(|number| number.to_string()));
            row.extend([dx, dy].map(|value| format!("{value:.4}")));
            row.push(format!("{:.6}", signed(fit.rot)));
            row.push(format!("{:.7}", fit.scale[0]));
            row.extend(fit.rms.map(|value| format!("{value:.4}")));
        }
        row
    });
    let first = lines(report).into_iter().next().unwrap_or_default();
    let explained = "dx, dy, rot and scale are how the image was off, in pixels of the plane; they are taken out of its \
                     coordinate system where headers are updated. Sources that match the reference are fitted, but for \
                     those whose residuals were clipped; rms is that of the fitted ones.";
    let mut page = page.paragraph(&first).table(&header, rows).paragraph(explained);
    for image in &report.images {
        if !matches!(image.status, Status::Aligned | Status::Reference) {
            page = page.paragraph(&format!("{}: {}.", image.name, image.status.text()));
        }
    }
    page
}

/// Both residuals against both positions, and what is seen.
fn residuals(alignment: &Alignment, limit: Option<f64>) -> (Figure<'static>, String) {
    let largest = |used: bool| {
        let stars = alignment.stars.iter().filter(move |star| star.used == used);
        stars.map(|star| star.residual[0].abs().max(star.residual[1].abs()))
    };
    // What was clipped would leave little room for the rest.
    let limit = limit
        .filter(|limit| *limit > 0.0 && limit.is_finite())
        .unwrap_or_else(|| {
            let most = largest(true).fold(0.0, f64::max);
            if most > 0.0 { 2.0 * most } else { 1.0 }
        });
    let clipped = largest(false).count();
    let beyond = largest(false)
        .chain(largest(true))
        .filter(|size| *size > limit)
        .count();
    let mut caption =
        "Residuals of the matched sources along x and y, against their positions in the plane.".to_owned();
    if clipped > 0 {
        caption += &format!(" {clipped} were clipped and are open circles.");
    }
    if beyond > 0 {
        caption += &format!(" {beyond} are beyond the panels.");
    }
    let mut figure = Figure::new().title(title(alignment)).columns(2);
    for along in 0..2 {
        for against in 0..2 {
            let of = |used: bool| {
                let stars = alignment.stars.iter().filter(move |star| star.used == used);
                stars
                    .map(move |star| (star.reference[against], star.residual[along]))
                    .filter(|(_, residual)| residual.abs() <= limit)
                    .unzip::<_, _, Vec<f64>, Vec<f64>>()
            };
            let axis = ["X", "Y"];
            let mut panel = PlotPanel::new(
                format!("{} (pixels)", axis[against]),
                format!("D{} (pixels)", axis[along]),
            );
            let ((used_x, used_y), (clipped_x, clipped_y)) = (of(true), of(false));
            let mut fitted = Series::scatter(&used_x, &used_y).size_pt(2.5);
            let mut left_out = Series::scatter(&clipped_x, &clipped_y)
                .marker(Marker::Circle)
                .size_pt(3.0);
            if along == 0 && against == 0 && clipped > 0 {
                (fitted, left_out) = (fitted.label("fitted"), left_out.label("clipped"));
            }
            panel = panel.series(fitted);
            if !clipped_x.is_empty() {
                panel = panel.series(left_out);
            }
            figure = figure.panel(panel.level(0.0, "").y_range(-limit, limit));
        }
    }
    (figure, caption)
}

/// A line for each source along its residual, and what is seen.
fn vectors(alignment: &Alignment) -> (Figure<'static>, String) {
    let used = || alignment.stars.iter().filter(|star| star.used);
    let longest = used()
        .map(|star| star.residual[0].hypot(star.residual[1]))
        .fold(0.0, f64::max);
    let low = used().map(|star| star.reference[0]).fold(f64::INFINITY, f64::min);
    let high = used()
        .map(|star| star.reference[0])
        .fold(f64::NEG_INFINITY, f64::max);
    let scale = if longest > 0.0 {
        LONGEST_SHARE * (high - low) / longest
    } else {
        0.0
    };
    let mut panel = PlotPanel::new("X (pixels)", "Y (pixels)").aspect(1.0);
    let (x, y): (Vec<f64>, Vec<f64>) = used().map(|star| (star.reference[0], star.reference[1])).unzip();
    panel = panel.series(Series::scatter(&x, &y).size_pt(2.0));
    // One broken line holds all.
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for star in used() {
        let [from_x, from_y] = star.reference;
        x.extend([from_x, from_x + scale * star.residual[0], f64::NAN]);
        y.extend([from_y, from_y + scale * star.residual[1], f64::NAN]);
    }
    panel = panel.series(Series::line(&x, &y).label(format!("longest line: {longest:.3} pixels")));
    let caption = format!(
        "Residuals as lines from the fitted sources, {scale:.0} times as long as they are. Lines that point the same way \
         over a part of the field tell of a distortion that the coordinate system lacks."
    );
    (Figure::new().title(title(alignment)).panel(panel), caption)
}

fn title(alignment: &Alignment) -> String {
    let matches = alignment.fit.map_or(0, |fit| fit.matches);
    format!("Residuals of {}: {matches} fitted sources", alignment.name)
}
