//! What can be wrong with a measurement.

use crate::overlap::MOST_SUBPIXELS;

/// An error with what was expected and what was found.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A size of an aperture is not a positive number, or an annulus is inside out.
    #[error("{aperture}: {parameter} has to be {expected}, and is {found}")]
    BadAperture {
        /// The kind of aperture.
        aperture: &'static str,
        /// The parameter.
        parameter: &'static str,
        /// What it may be.
        expected: &'static str,
        /// What it is.
        found: f64,
    },
    /// A position is not a pair of finite numbers.
    #[error("position {} is ({x}, {y}): both have to be finite numbers", index + 1)]
    BadPosition {
        /// 0-based.
        index: usize,
        /// x, or right ascension.
        x: f64,
        /// y, or declination.
        y: f64,
    },
    /// Two planes of an image differ in shape.
    #[error("the {plane} has shape {found:?}, but the data have shape {expected:?}")]
    ShapeMismatch {
        /// Which one: "error", "mask".
        plane: &'static str,
        /// Shape of the data, `(ny, nx)`.
        expected: (usize, usize),
        /// Shape of the plane.
        found: (usize, usize),
    },
    /// A slice does not hold as many samples as its shape says.
    #[error("{found} samples do not make an image of shape {expected:?}")]
    SampleCount {
        /// The shape, `(ny, nx)`.
        expected: (usize, usize),
        /// Number of samples.
        found: usize,
    },
    /// No sample of an image may be used.
    #[error("none of the {pixels} pixels is unmasked and a finite number")]
    NothingToMeasure {
        /// How many there are.
        pixels: usize,
    },
    /// The number of parts of a pixel is out of range.
    #[error("subpixels has to be 1 to {MOST_SUBPIXELS}, and is {found}")]
    Subpixels {
        /// What it is.
        found: usize,
    },
    /// The background's aperture has no hole, or clipping has a negative limit.
    #[error("the local background {problem}")]
    BadBackground {
        /// What is wrong.
        problem: String,
    },
    /// A parameter of the source finding is out of range.
    #[error("{parameter} has to be {expected}, and is {found}")]
    BadFindOption {
        /// The parameter, by TweakReg's name.
        parameter: &'static str,
        /// What it may be.
        expected: &'static str,
        /// What it is.
        found: f64,
    },
    /// A line of a file of regions is no region, or one that is not supported or not on the image.
    #[error("line {line}: {reason}")]
    BadRegion {
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// There is nothing to measure with.
    #[error("no aperture is given")]
    NoAperture,
    /// The weights of an aperture would not fit into memory.
    #[error("the weights of an aperture of {nx} × {ny} pixels are too many to keep")]
    TooLarge {
        /// Columns.
        nx: i64,
        /// Rows.
        ny: i64,
    },
    /// A sky position cannot be brought to the image.
    #[error("sky position {} ({ra}, {dec}) cannot be brought to a pixel: {reason}", index + 1)]
    NotOnSky {
        /// 0-based.
        index: usize,
        /// Right ascension in degrees.
        ra: f64,
        /// Declination in degrees.
        dec: f64,
        /// Why.
        reason: String,
    },
}

/// A result whose error is this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
