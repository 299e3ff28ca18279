//! Looking at data: stretches, colour maps, figures as PNG and SVG, report pages.
//!
//! A [`Figure`] is a list of panels: images with a [`Scaling`] (a [`Stretch`] and how to find its limits), a
//! [`ColourMap`] and overlays, or plots of [`Series`]. It becomes one list of shapes, texts and pictures, from
//! which both formats are made, so that a PNG and an SVG never differ.
//!
//! The pixels are drawn by tiny-skia and the text is set in DejaVu Sans, which is compiled in: no fonts, display
//! or other program are needed. A plotting library would give axes and series, but none that was tried has image
//! panels with colour bars, keeps an image's aspect ratio, sizes margins from the labels or prints at a stated
//! resolution with lines and text of the same size; those are what figures in papers need, and are made here.

mod base64;
mod colour;
mod colourmap;
mod error;
pub mod figure;
mod limits;
mod raster;
mod reduce;
pub mod report;
mod scene;
mod stretch;
mod ticks;
mod write;

pub use colour::Colour;
pub use colourmap::ColourMap;
pub use error::{Error, Result};
pub use figure::{
    AxisScale, Drawing, Figure, Format, ImagePanel, Marker, Overlay, Panel, PlotPanel, Series, Shape,
};
pub use limits::{Fallback, Fitted, Limits, Scaling};
pub use raster::Raster;
pub use reduce::Reduction;
pub use report::{Embed, Page};
pub use stretch::{Norm, NotPositive, Stretch};
pub use write::replace as write;
