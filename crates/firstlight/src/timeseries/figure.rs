//! Light curves as a figure.

use super::curves::Curve;
use super::measure::FrameMeasures;
use super::stars::Role;
use crate::Result;
use firstlight_look::{Figure, Format, Marker, PlotPanel, Series};
use firstlight_stats::median_of_finite;

/// Comparison stars that are shown at most, those of the largest weight.
const MOST_SHOWN: usize = 8;
/// They are so many times their scatter apart.
const APART: f64 = 6.0;

/// The targets with their errors, one panel each, and the comparison stars against the others below them.
pub(super) fn draw(curves: &[Curve], frames: &[&FrameMeasures], format: Format) -> Result<Vec<u8>> {
    let first = frames.first().map_or(0.0, |frame| frame.time.jd.floor());
    let days: Vec<f64> = frames.iter().map(|frame| frame.time.jd - first).collect();
    let x_label = format!("JD (UTC, mid-exposure) − {first:.0}");
    let mut figure = Figure::new().columns(1);
    for curve in curves.iter().filter(|curve| curve.star.role == Role::Target) {
        figure = figure.panel(of_target(curve, &days, &x_label));
    }
    if let Some(panel) = of_comparisons(curves, &days, &x_label) {
        figure = figure.panel(panel);
    }
    Ok(figure.draw()?.to_bytes(format)?)
}

fn of_target(curve: &Curve, days: &[f64], x_label: &str) -> PlotPanel {
    let [x, y] = curve.star.place;
    let y_label = if curve.detrended.is_some() {
        "relative flux, detrended"
    } else {
        "relative flux"
    };
    let summary = curve.summary();
    let percent =
        |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{:.2} %", 100.0 * value));
    let title = format!(
        "{} ({x:.1}, {y:.1}), rms {}, from point to point {}",
        curve.star.name,
        percent(summary.rms),
        percent(summary.point_to_point)
    );
    let only = |counting: bool| -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        let shown = |frame: &usize| curve.counts(*frame) == counting;
        let points: Vec<usize> = (0..days.len()).filter(shown).collect();
        let of = |values: &[f64]| points.iter().map(|&frame| values[frame]).collect();
        (of(days), of(curve.final_values()), of(&curve.relative.error))
    };
    let mut panel = PlotPanel::new(x_label, y_label)
        .title(title)
        .aspect(0.4)
        .level(1.0, "");
    let (x, y, errors) = only(true);
    let ends = || {
        y.iter()
            .zip(&errors)
            .flat_map(|(y, e)| [y - e, y + e])
            .filter(|end| end.is_finite())
    };
    let (low, high) = (
        ends().fold(f64::INFINITY, f64::min),
        ends().fold(f64::NEG_INFINITY, f64::max),
    );
    if low < high {
        // Points with flags may be far away, and are left to the table then.
        let margin = 0.08 * (high - low);
        panel = panel.y_range(low - margin, high + margin);
    }
    panel = panel.series(Series::scatter(&x, &y).y_errors(&errors).size_pt(4.0));
    let (x, y, _) = only(false);
    if y.iter().any(|y| y.is_finite()) {
        panel = panel.series(
            Series::scatter(&x, &y)
                .marker(Marker::Circle)
                .size_pt(4.0)
                .label("flagged"),
        );
    }
    panel
}

fn of_comparisons(curves: &[Curve], days: &[f64], x_label: &str) -> Option<PlotPanel> {
    let mut shown: Vec<&Curve> = curves
        .iter()
        .filter(|curve| curve.star.role == Role::Comparison && curve.weight.is_some())
        .collect();
    shown.sort_by(|a, b| b.weight.unwrap_or(0.0).total_cmp(&a.weight.unwrap_or(0.0)));
    shown.truncate(MOST_SHOWN);
    let scatter = median_of_finite(&mut shown.iter().filter_map(|c| c.summary().rms).collect::<Vec<_>>())?;
    let step = 100.0 * APART * scatter;
    let mut panel = PlotPanel::new(x_label, "comparison stars − 1 (%), one below the other").aspect(0.55);
    for (n, curve) in shown.into_iter().enumerate() {
        let offset = -step * n as f64;
        let good = |frame: usize, value: f64| if curve.counts(frame) { value } else { f64::NAN };
        let values = curve.final_values().iter().enumerate();
        let y: Vec<f64> = values
            .map(|(frame, v)| good(frame, 100.0 * (v - 1.0) + offset))
            .collect();
        let errors: Vec<f64> = curve.relative.error.iter().map(|error| 100.0 * error).collect();
        let rms = curve
            .summary()
            .rms
            .map_or(String::new(), |rms| format!(" rms {:.2} %", 100.0 * rms));
        let label = format!("{}{rms}", curve.star.name);
        let series = Series::scatter(days, &y).y_errors(&errors).size_pt(3.0);
        panel = panel.level(offset, label).series(series);
    }
    Some(panel)
}
