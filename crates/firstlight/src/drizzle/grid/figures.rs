//! The weight against pixfrac, the shapes of stars against it, and their pictures.

use super::gather::Seen;
use super::judge::{Several, Trial, short};
use super::{GridOptions, GridReport};
use crate::Result;
use firstlight_frame::Image;
use firstlight_look::{Colour, Figure, ImagePanel, Marker, PlotPanel, Scaling, Series};

/// Stars that have pictures; more are measured than are shown.
pub(super) const SHOWN: usize = 3;

/// The trials of each kernel and scale, by their names.
fn series(report: &GridReport) -> Vec<(String, Vec<&Trial>)> {
    let mut found: Vec<(String, Vec<&Trial>)> = Vec::new();
    for trial in &report.trials {
        let mut name = Vec::new();
        if report.several.kernels {
            name.push(trial.kernel.name().to_owned());
        }
        if report.several.scales {
            name.push(format!("{} arcsec", short(trial.scale_arcsec)));
        }
        let name = name.join(", ");
        match found.iter_mut().find(|(of, _)| *of == name) {
            Some((_, trials)) => trials.push(trial),
            None => found.push((name, vec![trial])),
        }
    }
    found
}

/// A plot of something against pixfrac.
fn against_pixfrac(report: &GridReport, label: &str, of: impl Fn(&Trial) -> Option<f64>) -> PlotPanel {
    let mut panel = PlotPanel::new("pixfrac", label).aspect(0.7);
    for (name, trials) in series(report) {
        let points = trials
            .iter()
            .filter_map(|trial| Some((trial.pixfrac, of(trial)?)));
        let (x, y): (Vec<f64>, Vec<f64>) = points.unzip();
        let line = Series::line(&x, &y).marker(Marker::Circle);
        panel = panel.series(if name.is_empty() { line } else { line.label(name) });
    }
    match report.recommended() {
        Some(best) => panel.upright(best.pixfrac, "recommended"),
        None => panel,
    }
}

/// RMS over median of the weight in the boxes.
pub(super) fn weights(report: &GridReport, options: &GridOptions) -> Figure<'static> {
    let panel = against_pixfrac(report, "RMS/median of the weight", |trial| trial.rms_over_median)
        .level(options.max_rms, format!("limit {}", options.max_rms));
    Figure::new().panel(panel)
}

/// Width and ellipticity of the stars, and pixels that are missing.
pub(super) fn shapes(report: &GridReport) -> Figure<'static> {
    let missing = |trial: &Trial| Some(100.0 * trial.missing as f64 / trial.footprint.max(1) as f64);
    let mut figure = Figure::new();
    if report.trials.iter().any(|trial| trial.fwhm_arcsec.is_some()) {
        figure = figure
            .panel(against_pixfrac(report, "FWHM of the stars, arcsec", |trial| {
                trial.fwhm_arcsec
            }))
            .panel(against_pixfrac(report, "ellipticity of the stars", |trial| {
                trial.ellipticity
            }));
    }
    figure.panel(against_pixfrac(report, "missing pixels, %", missing))
}

/// The trials whose stars have pictures: those of the recommended kernel and scale.
fn pictured(report: &GridReport) -> Vec<usize> {
    let like = report.recommended().or(report.trials.first());
    let alike =
        |trial: &Trial| like.is_some_and(|like| like.grid == trial.grid && like.kernel == trial.kernel);
    (0..report.trials.len())
        .filter(|k| report.trials.get(*k).is_some_and(alike))
        .collect()
}

/// The pictures of the stars, a row for each star and a column for each value, on one scale along each row; `None`
/// where there is no star.
pub(super) fn stars(
    report: &GridReport,
    seen: &[Seen],
    options: &GridOptions,
) -> Result<Option<Figure<'static>>> {
    let shown = report.stars.len().min(SHOWN);
    let trials = pictured(report);
    if shown == 0 || trials.is_empty() {
        return Ok(None);
    }
    let mut figure = Figure::new()
        .columns(trials.len())
        .width_px(150 * trials.len().max(3));
    for star in 0..shown {
        let reference = seen
            .get(*trials.last().unwrap_or(&0))
            .and_then(|seen| seen.stamps.get(star));
        for k in &trials {
            if let (Some(trial), Some(seen)) = (report.trials.get(*k), seen.get(*k)) {
                let panel = picture(seen, star, reference, options.stamp_half);
                let title = match star {
                    0 => format!(
                        "{}{}",
                        trial.pixfrac,
                        if report.best == Some(*k) { " ★" } else { "" }
                    ),
                    _ => String::new(),
                };
                figure = figure.panel(panel.title(title));
            }
        }
    }
    Ok(Some(figure))
}

/// The stars of one trial beside one another, larger.
pub(super) fn stars_of(
    report: &GridReport,
    seen: &[Seen],
    k: usize,
    options: &GridOptions,
) -> Figure<'static> {
    let shown = report.stars.len().min(SHOWN);
    let mut figure = Figure::new().columns(shown.max(1)).width_px(330 * shown.max(1));
    let trials = pictured(report);
    let reference = trials.last().and_then(|k| seen.get(*k));
    if let (Some(trial), Some(of)) = (report.trials.get(k), seen.get(k)) {
        for star in 0..shown {
            let reference = reference.and_then(|seen| seen.stamps.get(star));
            let title = match trial.stars.get(star) {
                Some(Some(found)) => {
                    format!(
                        "star {}: {:.2} px, e {:.3}",
                        star + 1,
                        found.fwhm_px,
                        found.ellipticity
                    )
                }
                _ => format!("star {}: not measured", star + 1),
            };
            figure = figure.panel(picture(of, star, reference, options.stamp_half).title(title));
        }
    }
    figure
}

/// Indices and names of the trials that [`stars_of`] can show.
pub(super) fn slides(report: &GridReport) -> Vec<(usize, String)> {
    let name = |k: usize| Some((k, report.trials.get(k)?.name(Several::default())));
    pictured(report).into_iter().filter_map(name).collect()
}

/// A star; pixels without weight stand out. Brightness runs as in the picture with the largest pixfrac.
fn picture(seen: &Seen, star: usize, reference: Option<&[Vec<f32>; 2]>, half: usize) -> ImagePanel<'static> {
    let side = 2 * half + 1;
    let blank = [Vec::new(), Vec::new()];
    let [sci, wht] = seen.stamps.get(star).unwrap_or(&blank);
    let sample = |x: usize, y: usize| {
        let at = y * side + x;
        match (sci.get(at), wht.get(at)) {
            (Some(value), Some(weight)) if *weight != 0.0 => *value,
            _ => f32::NAN,
        }
    };
    let (low, high) = range(reference.unwrap_or(&blank));
    let map = firstlight_look::ColourMap::named("viridis")
        .unwrap_or_default()
        .with_bad(Colour::rgb(220, 40, 40));
    ImagePanel::owned(Image::from_fn(side, side, sample))
        .scaling(Scaling::asinh().between(low, high))
        .colour_map(map)
        .colour_bar(false)
        .axis_labels("", "")
}

/// From the faintest to the brightest of what has weight.
fn range([sci, wht]: &[Vec<f32>; 2]) -> (f64, f64) {
    let there = sci
        .iter()
        .zip(wht)
        .filter(|(value, weight)| **weight != 0.0 && value.is_finite());
    let start = (f64::INFINITY, f64::NEG_INFINITY);
    let (low, high) = there.fold(start, |(low, high), (value, _)| {
        (low.min(f64::from(*value)), high.max(f64::from(*value)))
    });
    match low < high {
        true => (low, high),
        false => (0.0, 1.0),
    }
}
