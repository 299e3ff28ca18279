//! Drizzle: arrays and a map of pixels in, an accumulated image, weight, variance and context out; and [`blot`], the way
//! back.
//!
//! This crate knows no coordinates on the sky and no files. An [`Input`] is a block of detector pixels, a
//! [`PixelMapping`] says where its points fall on the output, a [`DropOptions`] how each sample is spread, and
//! [`drizzle_exposure`] adds it to an [`Accumulator`]. After Fruchter & Hook 2002, PASP 114, 144.
//!
//! [`LeastPixfrac`] tells how large drops have to be to reach each pixel of the output.
//!
//! Pixels are 0-based and an integer is the centre of a pixel: output pixel `(i, j)` covers
//! `i - 0.5 .. i + 0.5` by `j - 0.5 .. j + 0.5`.
//!
//! Shares are found in `f64` and summed in `f32`, and every output pixel receives its contributions in the order of the
//! input, so the result has the same bits for any number of threads.

mod accumulator;
mod band;
pub mod blot;
mod context;
mod deposit;
mod error;
mod input;
mod kernel;
mod lanes;
mod least_pixfrac;
mod mapped;
mod mapping;
pub mod resample;
mod samples;
mod spread;

pub use accumulator::{Accumulator, Fill, Planes};
pub use deposit::{drizzle_block, drizzle_exposure};
pub use error::Error;
pub use input::{DropOptions, InUnits, Input};
pub use kernel::{Kernel, Rules};
pub use least_pixfrac::{Bounds, LeastPixfrac};
pub use mapping::{ArrayMap, PixelMapping};

/// A result whose error is this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
