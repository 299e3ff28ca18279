//! Sizes and colours of a figure's furniture.

use crate::scene::{Stroke, typeface};
use crate::{Colour, Result};

/// Lengths in pixels, from a figure's pixels an inch; in print they are the same at any resolution.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Pixels of a typographic point, 1/72 inch.
    pub pt: f64,
}

impl Style {
    pub const INK: Colour = Colour::rgb(24, 24, 24);
    pub const GRID: Colour = Colour::rgb(226, 226, 226);

    pub fn new(dpi: f64) -> Self {
        Self { pt: dpi / 72.0 }
    }

    /// Size of tick labels, legends and overlay labels.
    pub fn small(&self) -> f64 {
        8.5 * self.pt
    }

    /// Size of axis labels.
    pub fn label(&self) -> f64 {
        9.5 * self.pt
    }

    /// Size of a panel's title.
    pub fn title(&self) -> f64 {
        10.5 * self.pt
    }

    /// Size of the figure's title.
    pub fn heading(&self) -> f64 {
        13.0 * self.pt
    }

    /// Length of a major tick.
    pub fn tick(&self) -> f64 {
        3.5 * self.pt
    }

    /// Space between things that belong together.
    pub fn gap(&self) -> f64 {
        4.0 * self.pt
    }

    /// Width of axes and ticks: whole pixels, so that they are sharp.
    pub fn line(&self) -> f64 {
        (0.8 * self.pt).round().max(1.0)
    }

    pub fn axis_stroke(&self) -> Stroke {
        Stroke {
            colour: Self::INK,
            width: self.line(),
            dash: None,
        }
    }

    /// Where the middle of an axis line must lie near `at` so that the line fills whole pixels.
    pub fn sharp(&self, at: f64) -> f64 {
        if self.line() as i64 % 2 == 1 {
            at.floor() + 0.5
        } else {
            at.round()
        }
    }
}

/// `text` in at most `room` pixels: smaller down to three quarters, then cut short with an ellipsis.
pub fn fitted(text: &str, size: f64, room: f64) -> Result<(String, f64)> {
    let width = typeface::width(text, size)?;
    if width <= room {
        return Ok((text.to_owned(), size));
    }
    let size = size * (room / width).max(0.75);
    let mut kept: Vec<char> = text.chars().collect();
    let mut shown = text.to_owned();
    while kept.len() > 1 && typeface::width(&shown, size)? > room {
        kept.pop();
        shown = kept.iter().collect::<String>().trim_end().to_owned() + "…";
    }
    Ok((shown, size))
}
