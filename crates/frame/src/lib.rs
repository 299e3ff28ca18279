//! The vocabulary every other crate speaks: images, frames of science, error and data quality,
//! exposures, associations, tables, units. No algorithm lives here.
//!
//! Conventions: arrays are `[y, x]` with shape `(ny, nx)`; points are `(x, y)`, 0-based, and an integer
//! is the centre of a pixel.

mod association;
mod blocks;
mod detector;
pub mod dq;
mod error;
mod exposure;
mod image;
mod switch;
pub mod table;
mod units;

pub use association::{Association, Member};
pub use blocks::{FrameBlocks, FrameBuffer, Planes};
pub use detector::Detector;
pub use error::Error;
pub use exposure::{Exposure, Imset};
pub use image::{Image, ShapeError};
pub use switch::Switch;
pub use table::{Column, ColumnData, Table};
pub use units::{PixelUnit, Quantity};

pub use firstlight_fits as fits;

/// A result whose error is this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Science, its error, and data quality, of equal shape. The unit of `err` is that of `sci`.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// Science.
    pub sci: Image<f32>,
    /// One standard deviation of `sci`.
    pub err: Image<f32>,
    /// Data-quality bits, 0 for a good pixel; see [`dq`].
    pub dq: Image<u16>,
}
