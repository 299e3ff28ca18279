//! Finding stars, apertures with exact overlap, and aperture photometry.
//!
//! [`find`] lists the stars of an image; [`region`] tells which of its pixels to look at.
//! An [`Aperture`] is a shape without a position; [`aperture_photometry`] sums the samples of an image in
//! several of them at many positions, with errors, mask and local background. Positions are `(x, y)`,
//! 0-based, with whole numbers at pixel centres. Conventions and names are photutils'.

mod aperture;
mod background;
mod bounds;
mod error;
mod exponential;
pub mod find;
mod geometry;
mod overlap;
mod photometry;
mod plane;
pub mod region;
pub mod sky;
mod table;
mod weights;

pub use aperture::Aperture;
pub use background::{BackgroundStatistic, Level, LocalBackground};
pub use bounds::BoundingBox;
pub use error::{Error, Result};
pub use overlap::{MOST_SUBPIXELS, Method, Overlap};
pub use photometry::{ApertureSet, Measured, Settings, Shapes, Sum, aperture_photometry};
pub use plane::{Plane, Planes};
pub use table::Photometry;
pub use weights::ApertureMask;
