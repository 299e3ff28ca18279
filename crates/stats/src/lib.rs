//! Robust statistics on slices: median, percentiles, sigma clipping, zscale, histograms, and the pixel-wise stack of images.
//!
//! Everything takes slices of `f32` or `f64`, computes in `f64`, and knows no images and no files.
//! Samples that are not finite are left out of every statistic; where none is left, the answer is
//! [`Error::NoFiniteSample`] rather than a NaN that wanders on.

mod clip;
mod histogram;
pub mod imagestats;
mod moments;
mod order;
mod sample;
pub mod stack;
mod zscale;

pub use clip::{Centre, ClippedStatistics, Limits, SigmaClip, Spread, clipped_statistics, sigma_clip};
pub use histogram::{Histogram, histogram};
pub use moments::{mean, mean_and_std, sum, sum_of_squares};
pub use order::{
    MAD_TO_SIGMA, mad, mad_std, median, median_of_finite, min_max, percentiles, percentiles_of_finite,
};
pub use sample::Sample;
pub use zscale::{ZScale, zscale};

/// Why there is no statistic.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// All samples are NaN or infinite, or there are none.
    #[error("none of the {samples} samples is a finite number")]
    NoFiniteSample {
        /// How many there were.
        samples: usize,
    },
    /// No sample lies between two limits, given ones or those of clipping.
    #[error("no sample lies between {lower} and {upper}")]
    NothingWithinLimits {
        /// The lower limit.
        lower: f64,
        /// The upper limit.
        upper: f64,
    },
    /// A percentile is asked for that is not between 0 and 100.
    #[error("a percentile lies between 0 and 100, not at {percent}")]
    PercentOutOfRange {
        /// What was asked for.
        percent: f64,
    },
    /// A parameter is outside its range.
    #[error("{parameter} is {found}, but has to be {expected}")]
    BadParameter {
        /// Its name.
        parameter: &'static str,
        /// What it may be.
        expected: &'static str,
        /// What it is.
        found: f64,
    },
}

/// A result whose error is this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
