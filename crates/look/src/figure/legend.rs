//! The key of a plot.

use super::axis::{Axes, label_at};
use super::series::Series;
use super::style::Style;
use crate::scene::path::{Path, Rect};
use crate::scene::{Anchor, Item, Scene, Stroke, typeface};
use crate::{Colour, Result};

/// Draws the labels of the series that have one in the corner of `rect` that hides the fewest points.
pub fn draw(
    series: &[Series],
    colour: impl Fn(usize) -> Colour,
    axes: &Axes,
    rect: &Rect,
    style: &Style,
    scene: &mut Scene,
) -> Result<()> {
    let labelled: Vec<(usize, &Series, &str)> = series
        .iter()
        .enumerate()
        .filter_map(|(n, series)| series.label.as_deref().map(|label| (n, series, label)))
        .collect();
    if labelled.is_empty() {
        return Ok(());
    }
    let size = style.small();
    let (pad, key, line) = (1.5 * style.gap(), 2.2 * size, 1.45 * size);
    let mut widest = 0.0_f64;
    for (_, _, label) in &labelled {
        widest = widest.max(typeface::width(label, size)?);
    }
    let (width, height) = (
        pad + key + pad + widest + pad,
        0.8 * pad + line * labelled.len() as f64 + 0.8 * pad,
    );
    let frame = emptiest(series, axes, rect, (width, height), 1.5 * style.gap());
    scene.items.push(Item::Shape {
        path: Path::rectangle(frame),
        fill: Some(Colour::WHITE.with_alpha(0.88)),
        stroke: Some(Stroke {
            colour: Colour::rgb(190, 190, 190),
            width: style.line(),
            dash: None,
        }),
        clip: None,
    });
    for (row, (n, series, label)) in labelled.into_iter().enumerate() {
        let y = frame.top + 0.8 * pad + line * (row as f64 + 0.5);
        series.draw_key(colour(n), (frame.left + pad + 0.5 * key, y), key, style, scene);
        let at = (
            frame.left + pad + key + pad,
            y + 0.5 * typeface::CAP_HEIGHT * size,
        );
        scene.text(label_at(at, Anchor::Start, label, size));
    }
    Ok(())
}

fn emptiest(series: &[Series], axes: &Axes, rect: &Rect, size: (f64, f64), inset: f64) -> Rect {
    let (left, right) = (rect.left + inset, rect.right - inset - size.0);
    let (top, bottom) = (rect.top + inset, rect.bottom - inset - size.1);
    let middle = 0.5 * (left + right);
    let places = [
        (right, top),
        (left, top),
        (right, bottom),
        (left, bottom),
        (middle, top),
        (middle, bottom),
    ];
    let frame = |(left, top): (f64, f64)| Rect {
        left: left.round(),
        top: top.round(),
        right: (left + size.0).round(),
        bottom: (top + size.1).round(),
    };
    let hidden = |frame: &Rect| -> usize {
        series
            .iter()
            .flat_map(Series::extent)
            .filter(|&point| frame.holds(axes.to_pixel(rect, point)))
            .count()
    };
    let mut best = (usize::MAX, frame(places[0]));
    for place in places {
        let candidate = frame(place);
        let count = hidden(&candidate);
        if count < best.0 {
            best = (count, candidate);
        }
    }
    best.1
}
