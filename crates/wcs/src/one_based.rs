//! The only place that knows that FITS counts pixels from 1.
//!
//! Reference pixels are converted as they are read and as they are written; all arithmetic between is
//! 0-based, where an integer is the centre of a pixel.

/// A pixel coordinate as a header gives it, 0-based.
pub(crate) fn from_fits(pixel: f64) -> f64 {
    pixel - 1.0
}

/// A 0-based pixel coordinate as a header wants it.
pub(crate) fn to_fits(pixel: f64) -> f64 {
    pixel + 1.0
}
