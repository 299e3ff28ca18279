//! What can go wrong between samples and a picture.

use std::path::PathBuf;

/// Why a picture could not be made or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No colour map of that name.
    #[error("there is no colour map '{name}'; there are {known}, each also with _r for the reverse")]
    UnknownColourMap {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// Text that names no colour.
    #[error("'{text}' is no colour: give a name such as cyan, or #rrggbb, or #rrggbbaa")]
    UnknownColour {
        /// The text.
        text: String,
    },
    /// Samples do not fill the shape they are said to have.
    #[error("expected an image of shape ({ny}, {nx}) but found {found} samples")]
    Shape {
        /// Rows.
        ny: usize,
        /// Samples in a row.
        nx: usize,
        /// Samples given.
        found: usize,
    },
    /// An image without a single pixel cannot be drawn.
    #[error("an image of shape ({ny}, {nx}) has no pixels to draw")]
    EmptyImage {
        /// Rows.
        ny: usize,
        /// Samples in a row.
        nx: usize,
    },
    /// Limits that no stretch can use.
    #[error("cannot stretch from vmin = {vmin} to vmax = {vmax}: {why}")]
    Limits {
        /// Lower limit.
        vmin: f64,
        /// Upper limit.
        vmax: f64,
        /// What is wrong with them.
        why: &'static str,
    },
    /// A parameter of a stretch or of limits is out of its range.
    #[error("{name} = {value}, but it must be {range}")]
    Parameter {
        /// The parameter's name.
        name: &'static str,
        /// The value given.
        value: f64,
        /// What is allowed.
        range: &'static str,
    },
    /// A section that is not inside its image.
    #[error("the section {}:{},{}:{} (y0:y1,x0:x1) does not lie in an image of shape ({ny}, {nx})", y.start, y.end, x.start, x.end)]
    Section {
        /// Rows asked for.
        y: std::ops::Range<usize>,
        /// Columns asked for.
        x: std::ops::Range<usize>,
        /// Rows there are.
        ny: usize,
        /// Columns there are.
        nx: usize,
    },
    /// A series whose coordinates or errors do not pair up.
    #[error("a series has {x} abscissae but {found} {what}")]
    SeriesLengths {
        /// Number of abscissae.
        x: usize,
        /// Number of the other thing.
        found: usize,
        /// The other thing.
        what: &'static str,
    },
    /// A figure without a panel.
    #[error("a figure needs at least one panel")]
    NoPanels,
    /// A picture too large to make, or too small to hold its panels.
    #[error("a picture of {width} x {height} pixels: {why}")]
    Size {
        /// Width in pixels.
        width: u64,
        /// Height in pixels.
        height: u64,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A file name that does not tell the format.
    #[error("{}: figures are written as .png or .svg", path.display())]
    Format {
        /// The name.
        path: PathBuf,
    },
    /// Encoding to PNG failed.
    #[error("cannot encode as PNG: {0}")]
    Png(#[from] png::EncodingError),
    /// Writing failed; file and reason are in the error.
    #[error(transparent)]
    Write(#[from] firstlight_frame::fits::Error),
    /// The embedded typeface could not be read.
    #[error("the embedded typeface could not be read")]
    Typeface,
}

/// A result whose error is this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
