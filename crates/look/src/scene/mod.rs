//! A drawing as a list of shapes, texts and pictures, from which both PNG and SVG are made.
//!
//! Coordinates are pixels of the PNG, x to the right and y downwards; the SVG has the same and states the size
//! in points.

pub mod path;
mod pixels;
mod svg;
pub use svg::escaped;
pub mod typeface;

use crate::{Colour, Raster, Result};
use path::{Path, Rect, Xy};

/// A line's look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stroke {
    pub colour: Colour,
    pub width: f64,
    /// Lengths of dashes and of the gaps between.
    pub dash: Option<(f64, f64)>,
}

/// Which point of a line of text stands at its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// A line of text; `at` is on the base line.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    pub at: Xy,
    pub anchor: Anchor,
    pub text: String,
    pub size: f64,
    pub colour: Colour,
    /// Reads upwards instead of to the right.
    pub upwards: bool,
    /// An outline in another colour, for text on top of an image.
    pub halo: Option<Colour>,
}

/// Anything that can be drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// An outline, filled and drawn, of which only what is in `clip` is seen.
    Shape {
        path: Path,
        fill: Option<Colour>,
        stroke: Option<Stroke>,
        clip: Option<Rect>,
    },
    /// A line of text.
    Text(Text),
    /// A picture whose corners are at whole pixels.
    Picture { rect: Rect, raster: Raster },
}

/// A drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    pub width: usize,
    pub height: usize,
    /// Pixels an inch.
    pub dpi: f64,
    pub background: Colour,
    pub items: Vec<Item>,
}

impl Scene {
    pub fn new(width: usize, height: usize, dpi: f64) -> Self {
        Self {
            width,
            height,
            dpi,
            background: Colour::WHITE,
            items: Vec::new(),
        }
    }

    pub fn fill(&mut self, path: Path, colour: Colour, clip: Option<Rect>) {
        self.items.push(Item::Shape {
            path,
            fill: Some(colour),
            stroke: None,
            clip,
        });
    }

    pub fn stroke(&mut self, path: Path, stroke: Stroke, clip: Option<Rect>) {
        self.items.push(Item::Shape {
            path,
            fill: None,
            stroke: Some(stroke),
            clip,
        });
    }

    pub fn text(&mut self, text: Text) {
        self.items.push(Item::Text(text));
    }

    /// Draws all items into pixels.
    pub fn rasterise(&self) -> Result<Raster> {
        pixels::draw(self)
    }

    /// Writes all items as SVG; `title` is what screen readers say.
    pub fn to_svg(&self, title: &str) -> Result<String> {
        svg::write(self, title)
    }
}

impl Text {
    /// The rectangle the text takes.
    pub fn bounds(&self) -> Result<Rect> {
        let width = typeface::width(&self.text, self.size)?;
        let before = match self.anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => 0.5 * width,
            Anchor::End => width,
        };
        let (up, down) = (typeface::CAP_HEIGHT * self.size, typeface::DESCENT * self.size);
        let (x, y) = self.at;
        Ok(if self.upwards {
            Rect {
                left: x - up,
                right: x + down,
                top: y + before - width,
                bottom: y + before,
            }
        } else {
            Rect {
                left: x - before,
                right: x - before + width,
                top: y - up,
                bottom: y + down,
            }
        })
    }
}
