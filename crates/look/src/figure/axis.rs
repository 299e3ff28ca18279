//! The two axes around a panel.

use super::style::Style;
use crate::Result;
use crate::scene::path::{Path, Rect, Xy};
use crate::scene::{Anchor, Scene, Text, typeface};
use crate::ticks::{self, Ticks};

/// How numbers are spread along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AxisScale {
    /// In proportion.
    #[default]
    Linear,
    /// In proportion to their logarithm; what is not above zero is left out.
    Log,
}

/// One axis: what it spans and what stands beside it.
#[derive(Debug, Clone)]
pub struct Axis {
    pub low: f64,
    pub high: f64,
    pub scale: AxisScale,
    pub label: Option<String>,
    /// Only whole numbers are marked.
    pub whole: bool,
}

/// Both axes.
#[derive(Debug, Clone)]
pub struct Axes {
    pub x: Axis,
    pub y: Axis,
}

/// Room around the axes' rectangle, in pixels.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Margins {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

impl Axis {
    /// 0 at the low end, 1 at the high end.
    pub fn place(&self, value: f64) -> f64 {
        match self.scale {
            AxisScale::Linear => (value - self.low) / (self.high - self.low),
            AxisScale::Log if value > 0.0 => (value / self.low).ln() / (self.high / self.low).ln(),
            AxisScale::Log => f64::NAN,
        }
    }

    fn marks(&self, most: usize) -> Ticks {
        let mut ticks = match self.scale {
            AxisScale::Linear => ticks::linear(self.low, self.high, most),
            AxisScale::Log => ticks::logarithmic(self.low, self.high, most),
        };
        if self.whole {
            ticks
                .major
                .retain(|(value, _)| (value - value.round()).abs() < 1e-6);
            for (value, label) in &mut ticks.major {
                *label = ticks::minus(&format!("{:.0}", value.round() + 0.0));
            }
        }
        ticks
    }

    /// Marks whose labels, side by side along `length` pixels, leave room between them.
    fn horizontal_marks(&self, length: f64, style: &Style) -> Result<Ticks> {
        let size = style.small();
        let mut most = ((length / (3.0 * size)) as usize).clamp(2, 10);
        loop {
            let mut ticks = self.marks(most);
            if fits(&ticks, size, |value| self.place(value) * length)? {
                return Ok(ticks);
            }
            if most <= 2 {
                ticks.major.truncate(1);
                return Ok(ticks);
            }
            most -= 1;
        }
    }

    fn vertical_marks(&self, length: f64, style: &Style) -> Ticks {
        stacked_marks(
            length,
            style,
            |value| self.place(value) * length,
            |most| self.marks(most),
        )
    }
}

/// Marks whose labels, one above the other along `length` pixels, do not touch; at least one.
pub fn stacked_marks(
    length: f64,
    style: &Style,
    at: impl Fn(f64) -> f64,
    marks: impl Fn(usize) -> Ticks,
) -> Ticks {
    let apart = 1.25 * style.small();
    let mut most = ((length / (2.4 * style.small())) as usize).clamp(2, 9);
    loop {
        let mut ticks = marks(most);
        let close = |pair: &[(f64, String)]| (at(pair[1].0) - at(pair[0].0)).abs() < apart;
        if !ticks.major.windows(2).any(close) {
            return ticks;
        }
        if most <= 2 {
            ticks.major.truncate(1);
            ticks.minor.clear();
            return ticks;
        }
        most -= 1;
    }
}

fn fits(ticks: &Ticks, size: f64, at: impl Fn(f64) -> f64) -> Result<bool> {
    let mut end = f64::NEG_INFINITY;
    for (value, label) in &ticks.major {
        let half = 0.5 * typeface::width(label, size)?;
        if at(*value) - half < end + 0.9 * size {
            return Ok(false);
        }
        end = at(*value) + half;
    }
    Ok(true)
}

/// The widest of the labels.
pub fn widest(ticks: &Ticks, size: f64) -> Result<f64> {
    let mut widest = 0.0_f64;
    for (_, label) in &ticks.major {
        widest = widest.max(typeface::width(label, size)?);
    }
    Ok(widest)
}

/// `×10ⁿ`, where the labels have a factor.
pub fn factor_text(ticks: &Ticks) -> Option<String> {
    ticks
        .factor
        .map(|power| format!("×{}", ticks::power_of_ten(power)))
}

impl Axes {
    /// The pixel of a point inside `rect`.
    pub fn to_pixel(&self, rect: &Rect, (x, y): Xy) -> Xy {
        (
            rect.left + self.x.place(x) * rect.width(),
            rect.bottom - self.y.place(y) * rect.height(),
        )
    }

    /// Room for ticks, their labels and the axes' labels around axes of that size.
    pub fn margins(&self, width: f64, height: f64, style: &Style) -> Result<Margins> {
        let (small, label) = (style.small(), style.label());
        let across = self.x.horizontal_marks(width, style)?;
        let up = self.y.vertical_marks(height, style);
        let mut margins = Margins {
            left: style.tick() + style.gap() + widest(&up, small)?,
            right: 0.0,
            top: 0.5 * typeface::CAP_HEIGHT * small,
            bottom: style.tick() + style.gap() + small,
        };
        if self.y.label.is_some() {
            margins.left += style.gap() + typeface::LINE_HEIGHT * label;
        }
        if self.x.label.is_some() {
            margins.bottom += style.gap() + typeface::LINE_HEIGHT * label;
        }
        if up.factor.is_some() {
            margins.top = style.gap() + typeface::LINE_HEIGHT * small;
        }
        if let Some(text) = factor_text(&across) {
            margins.right = typeface::width(&text, small)? + style.gap();
        }
        // A label at either end reaches up to half its width beyond; where exactly, the final width decides.
        let half = 0.5 * widest(&across, small)?;
        margins.left = margins.left.max(half);
        margins.right = margins.right.max(half);
        Ok(margins)
    }

    /// Draws lines at the major ticks, below everything else.
    pub fn draw_grid(&self, scene: &mut Scene, rect: &Rect, style: &Style) -> Result<()> {
        let mut path = Path::new();
        for (value, _) in self.x.horizontal_marks(rect.width(), style)?.major {
            let x = style.sharp(rect.left + self.x.place(value) * rect.width());
            path.append(&Path::polyline([(x, rect.top), (x, rect.bottom)]));
        }
        for (value, _) in self.y.vertical_marks(rect.height(), style).major {
            let y = style.sharp(rect.bottom - self.y.place(value) * rect.height());
            path.append(&Path::polyline([(rect.left, y), (rect.right, y)]));
        }
        let stroke = crate::scene::Stroke {
            colour: Style::GRID,
            ..style.axis_stroke()
        };
        scene.stroke(path, stroke, Some(*rect));
        Ok(())
    }

    /// Draws the frame, ticks and labels around `rect`.
    pub fn draw(&self, scene: &mut Scene, rect: &Rect, style: &Style) -> Result<()> {
        let mut path = Path::rectangle(Rect {
            left: style.sharp(rect.left - 0.5 * style.line()),
            top: style.sharp(rect.top - 0.5 * style.line()),
            right: style.sharp(rect.right),
            bottom: style.sharp(rect.bottom),
        });
        self.draw_x(scene, &mut path, rect, style)?;
        self.draw_y(scene, &mut path, rect, style)?;
        scene.stroke(path, style.axis_stroke(), None);
        Ok(())
    }

    fn draw_x(&self, scene: &mut Scene, path: &mut Path, rect: &Rect, style: &Style) -> Result<()> {
        let small = style.small();
        let ticks = self.x.horizontal_marks(rect.width(), style)?;
        let at = |value: f64| style.sharp(rect.left + self.x.place(value) * rect.width());
        let base = rect.bottom + style.tick() + style.gap() + typeface::CAP_HEIGHT * small;
        for (value, label) in &ticks.major {
            let x = at(*value);
            path.append(&Path::polyline([
                (x, rect.bottom),
                (x, rect.bottom + style.tick()),
            ]));
            scene.text(label_at((x, base), Anchor::Middle, label, small));
        }
        for value in &ticks.minor {
            let x = at(*value);
            path.append(&Path::polyline([
                (x, rect.bottom),
                (x, rect.bottom + 0.6 * style.tick()),
            ]));
        }
        if let Some(text) = factor_text(&ticks) {
            scene.text(label_at(
                (rect.right + style.gap(), rect.bottom),
                Anchor::Start,
                &text,
                small,
            ));
        }
        if let Some(text) = &self.x.label {
            let (text, size) = super::style::fitted(text, style.label(), rect.width() * 1.2)?;
            let y = base + typeface::DESCENT * small + style.gap() + typeface::CAP_HEIGHT * style.label();
            let x = 0.5 * (rect.left + rect.right);
            scene.text(label_at((x, y), Anchor::Middle, &text, size));
        }
        Ok(())
    }

    fn draw_y(&self, scene: &mut Scene, path: &mut Path, rect: &Rect, style: &Style) -> Result<()> {
        let small = style.small();
        let ticks = self.y.vertical_marks(rect.height(), style);
        let at = |value: f64| style.sharp(rect.bottom - self.y.place(value) * rect.height());
        let right = rect.left - style.tick() - style.gap();
        for (value, label) in &ticks.major {
            let y = at(*value);
            path.append(&Path::polyline([(rect.left, y), (rect.left - style.tick(), y)]));
            scene.text(label_at(
                (right, y + 0.5 * typeface::CAP_HEIGHT * small),
                Anchor::End,
                label,
                small,
            ));
        }
        for value in &ticks.minor {
            let y = at(*value);
            path.append(&Path::polyline([
                (rect.left, y),
                (rect.left - 0.6 * style.tick(), y),
            ]));
        }
        if let Some(text) = factor_text(&ticks) {
            scene.text(label_at(
                (rect.left, rect.top - style.gap()),
                Anchor::Start,
                &text,
                small,
            ));
        }
        if let Some(text) = &self.y.label {
            let (text, size) = super::style::fitted(text, style.label(), rect.height() * 1.2)?;
            if text.ends_with('…') {
                // Beside an image this low, a stump of a label says nothing.
                return Ok(());
            }
            let x = right - widest(&ticks, small)? - style.gap() - typeface::DESCENT * style.label();
            let y = 0.5 * (rect.top + rect.bottom);
            scene.text(Text {
                upwards: true,
                ..label_at((x, y), Anchor::Middle, &text, size)
            });
        }
        Ok(())
    }
}

/// Plain dark text.
pub fn label_at(at: Xy, anchor: Anchor, text: &str, size: f64) -> Text {
    Text {
        at,
        anchor,
        text: text.to_owned(),
        size,
        colour: Style::INK,
        upwards: false,
        halo: None,
    }
}
