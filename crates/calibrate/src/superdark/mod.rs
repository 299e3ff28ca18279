//! Dark reference images of the STIS CCD from many dark frames.
//!
//! [`basedark`] makes one of all the long darks of an anneal period; [`weekdark`] brings its hot pixels up to those of a
//! week. Both combine frames in the same way ([`combine`]): each is scaled to a reference temperature, cosmic rays are
//! rejected by [`ocrreject`](crate::stis::ocrreject)'s rules, and the counts become electrons per second. Frames are read
//! in tiles of rows: however many there are, they are never in memory together, and none is changed.

mod arrays;
mod basedark;
pub(crate) mod combination;
pub(crate) mod frames;
pub(crate) mod header;
mod hot;
mod raw;
mod weekdark;

pub use arrays::DarkArray;
pub use basedark::{basedark, baseline};
pub use combination::{Combination, combine};
pub use frames::{DarkFrames, DarkSource};
pub use hot::{HotChange, HotCount, HotPixels};
pub use weekdark::{Baseline, brought_up, weekdark};

use crate::Observation;
use crate::stis::ocrreject::RejectionParameters;
use serde::Serialize;

/// DQ bit of a hot pixel.
pub const HOT: u16 = 16;

/// A dark reference image in e/s, and what was measured on the way.
#[derive(Debug, Clone)]
pub struct Superdark {
    /// Headers and pixels, as DARKFILE has them.
    pub image: Observation,
    /// What was measured.
    pub report: SuperdarkReport,
}

/// What was measured of a superdark.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SuperdarkReport {
    /// The darks, in order.
    pub inputs: Vec<String>,
    /// Exposure time of each, s.
    pub exposure_times_s: Vec<f32>,
    /// Exposure time of all together, s.
    pub exptime_s: f32,
    /// How cosmic rays were rejected.
    pub parameters: RejectionParameters,
    /// By what the counts of each dark were multiplied, for its temperature.
    pub temperature_factors: Vec<f64>,
    /// Pixels that were rejected in each dark.
    pub rejected: Vec<usize>,
    /// Pixels that were rejected in all of them.
    pub without_data: usize,
    /// Hot pixels.
    pub hot: HotPixels,
}
