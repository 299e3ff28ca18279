//! What can stand in the way of a calibration step.

use crate::dark::PixelBox;

/// An error of this crate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A box does not lie within the image.
    #[error("the box {found} (y0:y1,x0:x1) does not lie within the image, whose shape is ({}, {})", shape.0, shape.1)]
    BoxOutside {
        /// The box.
        found: PixelBox,
        /// Shape of the image, `(ny, nx)`.
        shape: (usize, usize),
    },
    /// Text that is no box, tolerance or ellipse.
    #[error("'{found}' is not {expected}")]
    Unreadable {
        /// What was expected, with an example.
        expected: &'static str,
        /// The text.
        found: String,
    },
    /// Two images that belong together differ in shape.
    #[error("{what} has shape ({}, {}), but ({}, {}) is needed", found.0, found.1, expected.0, expected.1)]
    Shape {
        /// Which image.
        what: String,
        /// Shape that is needed, `(ny, nx)`.
        expected: (usize, usize),
        /// Shape that it has.
        found: (usize, usize),
    },
    /// No pixels are left to measure: all of the box, or of the image, is excluded.
    #[error("no pixels are left in {region} after the exclusions")]
    NothingLeft {
        /// The box, or "the image".
        region: String,
    },
    /// A region without a single finite pixel.
    #[error("none of the {pixels} pixels in {region} is finite: all are NaN or infinite")]
    NothingFinite {
        /// The box, or "the image".
        region: String,
        /// Pixels that were looked at.
        pixels: usize,
    },
    /// A region some pixels of which are not finite, where a rate is needed.
    #[error(
        "{region} holds pixels that are NaN or infinite, and has no rate; choose another --box, or leave them \
         out with --exclude-source"
    )]
    NotFinite {
        /// The box.
        region: String,
    },
    /// An exposure time that no rate can be made with.
    #[error("the exposure time of {name} is {found} s; a rate needs a positive one")]
    ExposureTime {
        /// The exposure.
        name: String,
        /// Its exposure time, s.
        found: f64,
    },
    /// A match was asked for without any darks.
    #[error("there are no darks to choose from")]
    NoDarks,
    /// A combination cannot be fitted.
    #[error("no combination of darks can be fitted: {reason}")]
    Fit {
        /// Why not.
        reason: String,
    },
}
