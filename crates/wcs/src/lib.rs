//! World coordinates with every Hubble distortion term, pixel maps and output grids.
//!
//! [`Wcs`] goes between pixels and the sky; [`PixelMap`] between the pixels of two
//! images; [`output`] lays out the grid that several exposures are combined on; [`update`] computes the
//! coordinates of Hubble's exposures from pointing and distortion reference files.
//!
//! Pixels are 0-based, `(x, y)`, and an integer is a pixel's centre; angles are degrees.

mod aperture;
mod arctangent;
mod cards;
mod corrections;
mod error;
mod forward;
mod inverse;
mod keywords;
mod linear;
mod lookup;
mod one_based;
pub mod output;
pub mod pixel_map;
mod pointing;
mod projection;
mod sip;
mod sphere;
mod tables;
pub mod update;
mod wcs;

pub use error::Error;
pub use output::OutputGrid;
pub use pixel_map::PixelMap;
pub use projection::Projection;
pub use wcs::Wcs;

/// A result whose error is this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
