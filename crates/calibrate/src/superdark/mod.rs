//! Dark reference images from many dark frames: of the STIS CCD, of the CCDs of ACS, and of any other CCD.
//!
//! [`Darks::basedark`] makes one of all the long darks of an anneal period; [`Darks::weekdark`] brings its hot pixels up to
//! those of a week. Both combine the frames of a chip in the same way ([`combine`]): cosmic rays are rejected by
//! [`ocrreject`](crate::stis::ocrreject)'s rules, and the counts are divided by their time. Frames are read in tiles of
//! rows: however many there are, they are never in memory together, and none is changed. What differs between cameras is in
//! [`camera`](Camera).

mod acs;
mod alike;
mod any;
mod arrays;
mod basedark;
mod camera;
pub(crate) mod combination;
mod darks;
pub(crate) mod frames;
pub(crate) mod header;
mod hot;
mod rows;
pub(crate) mod stis;
mod weekdark;

pub use any::CcdDark;
pub use arrays::DarkArray;
pub use basedark::baseline;
pub use camera::Camera;
pub use combination::{Combination, combine};
pub use darks::Darks;
pub use frames::DarkFrames;
pub use hot::{HotChange, HotCount, HotPixels};
pub use rows::DarkRows;
pub use weekdark::{Baseline, brought_up};

use crate::stis::ocrreject::RejectionParameters;
use crate::{Observation, References};
use firstlight_frame::Exposure;
use serde::Serialize;

/// A dark as a file, and the reference files that its header names.
#[derive(Debug)]
pub struct DarkSource<'a> {
    /// The file.
    pub exposure: Exposure,
    /// What reports and HISTORY call it, where that is not its path.
    pub name: Option<String>,
    /// CRREJTAB; of a raw frame of STIS also CCDTAB, BIASFILE and, where there is one, BPIXTAB.
    pub references: &'a References,
}

impl DarkSource<'_> {
    fn name(&self) -> String {
        let path = || self.exposure.path().display().to_string();
        self.name.clone().unwrap_or_else(path)
    }
}

/// DQ bit of a hot pixel.
pub const HOT: u16 = 16;

/// A dark reference image, and what was measured on the way.
#[derive(Debug, Clone)]
pub struct Superdark {
    /// Headers and pixels, as DARKFILE has them; of other CCDs than those of Hubble, as their dark frames do.
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
    /// Pixels that were rejected in each dark, on all chips.
    pub rejected: Vec<usize>,
    /// Pixels that were rejected in all of them.
    pub without_data: usize,
    /// Hot pixels.
    pub hot: HotPixels,
    /// Unit of the superdark's samples.
    pub unit: String,
}

impl SuperdarkReport {
    /// Adds what was measured of another chip of the same darks.
    fn add(&mut self, other: Self) {
        for (to, more) in self.rejected.iter_mut().zip(other.rejected) {
            *to += more;
        }
        self.without_data += other.without_data;
        self.hot.add(other.hot);
    }
}
