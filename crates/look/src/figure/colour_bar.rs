//! The bar beside an image that tells which colour is which sample.

use super::axis::{Margins, factor_text, label_at, stacked_marks, widest};
use super::style::{Style, fitted};
use crate::scene::path::{Path, Rect};
use crate::scene::{Anchor, Item, Scene, Text, typeface};
use crate::ticks::{self, Ticks};
use crate::{ColourMap, Norm, Raster, Result};

fn distance(style: &Style) -> f64 {
    1.6 * style.gap()
}

fn thickness(style: &Style) -> f64 {
    (10.0 * style.pt).round()
}

fn marks(norm: &Norm, height: f64, style: &Style) -> Ticks {
    stacked_marks(
        height,
        style,
        |value| norm.place(value) * height,
        |most| ticks::of_norm(norm, most),
    )
}

/// Room to the right of the image and above it.
pub fn room(norm: &Norm, unit: Option<&str>, height: f64, style: &Style) -> Result<Margins> {
    let small = style.small();
    let ticks = marks(norm, height, style);
    let mut right = distance(style) + thickness(style) + style.tick() + style.gap() + widest(&ticks, small)?;
    if unit.is_some() {
        right += style.gap() + typeface::LINE_HEIGHT * style.label();
    }
    let mut margins = Margins {
        right,
        ..Margins::default()
    };
    if let Some(text) = factor_text(&ticks) {
        margins.top = style.gap() + typeface::LINE_HEIGHT * small;
        let reach = distance(style) + typeface::width(&text, small)?;
        margins.right = margins.right.max(reach);
    }
    Ok(margins)
}

/// Draws the bar to the right of `image`.
pub fn draw(
    norm: &Norm,
    map: &ColourMap,
    unit: Option<&str>,
    image: &Rect,
    style: &Style,
    scene: &mut Scene,
) -> Result<()> {
    let left = (image.right + distance(style)).round();
    let bar = Rect {
        left,
        right: left + thickness(style),
        top: image.top,
        bottom: image.bottom,
    };
    let colours = map
        .entries()
        .iter()
        .rev()
        .map(|colour| [colour.r, colour.g, colour.b, colour.a])
        .collect();
    scene.items.push(Item::Picture {
        rect: bar,
        raster: Raster::new(1, map.entries().len(), colours)?,
    });
    let mut path = Path::rectangle(Rect {
        left: style.sharp(bar.left - 0.5 * style.line()),
        top: style.sharp(bar.top - 0.5 * style.line()),
        right: style.sharp(bar.right),
        bottom: style.sharp(bar.bottom),
    });
    let small = style.small();
    let ticks = marks(norm, bar.height(), style);
    let at = |value: f64| style.sharp(bar.bottom - norm.place(value).clamp(0.0, 1.0) * bar.height());
    for (value, label) in &ticks.major {
        let y = at(*value);
        path.append(&Path::polyline([(bar.right, y), (bar.right + style.tick(), y)]));
        let place = (
            bar.right + style.tick() + style.gap(),
            y + 0.5 * typeface::CAP_HEIGHT * small,
        );
        scene.text(label_at(place, Anchor::Start, label, small));
    }
    for value in &ticks.minor {
        let y = at(*value);
        path.append(&Path::polyline([
            (bar.right, y),
            (bar.right + 0.6 * style.tick(), y),
        ]));
    }
    scene.stroke(path, style.axis_stroke(), None);
    if let Some(text) = factor_text(&ticks) {
        scene.text(label_at(
            (bar.left, bar.top - style.gap()),
            Anchor::Start,
            &text,
            small,
        ));
    }
    if let Some(unit) = unit {
        let (text, size) = fitted(unit, style.label(), bar.height())?;
        let x = bar.right
            + style.tick()
            + 2.0 * style.gap()
            + widest(&ticks, small)?
            + typeface::CAP_HEIGHT * style.label();
        let y = 0.5 * (bar.top + bar.bottom);
        scene.text(Text {
            upwards: true,
            ..label_at((x, y), Anchor::Middle, &text, size)
        });
    }
    Ok(())
}
