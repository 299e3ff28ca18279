//! The vocabulary every other crate speaks: images, frames of science, error and data quality,
//! exposures, associations, tables. No algorithm lives here.
//!
//! Conventions: arrays are `[y, x]` with shape `(ny, nx)`; points are `(x, y)`, 0-based, and an integer
//! is the centre of a pixel.

mod image;

pub use image::{Image, ShapeError};
