//! Alignment of exposures to one another or to a catalogue.
//!
//! Everything here is pure, on lists of positions and on [`Wcs`](firstlight_wcs::Wcs): no file is opened
//! and no source is sought. [`tweakreg`] is the whole: it brings the sources of all images to one tangent
//! plane, guesses the offset of each from a [`histogram`] of differences, finds which sources are the same
//! ([`matching`]), fits shift, rotation and scale ([`fit`]), and corrects the coordinate systems of the
//! image's chips by it ([`correct`]). Names of parameters and conventions are TweakReg's.
//!
//! Positions in the plane are `(x, y)` in its pixels, 0-based; those that are not finite are never matched.
//! The same bits come out for any number of threads.

pub mod catalogue;
pub mod correct;
mod error;
pub mod fit;
pub mod histogram;
pub mod matching;
pub mod options;
mod overlap;
pub mod phase;
pub mod plate;
pub mod register;
pub mod tweakreg;

pub use error::{Error, Result};
pub use fit::FitGeometry;
pub use options::{Column, FluxUnits, PositionUnits, ResidualPlot, SearchUnits, TweakRegOptions};
pub use tweakreg::{Alignment, ImageSources, Reference, Status, TweakReport, tweakreg};

/// A position `[x, y]` in a plane.
pub type Point = [f64; 2];
