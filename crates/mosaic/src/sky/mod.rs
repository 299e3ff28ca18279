//! Step 2: the sky of each exposure.
//!
//! Skies are compared as surface brightness: a sample divided by the area of an undistorted pixel and, where samples
//! are totals, by the exposure time. What is found is brought back to the unit of each chip's image, so that chips
//! whose pixels differ in area get skies that differ as their areas do.
//!
//! [`user_sky`] says whether there is anything to be measured, and gives the user's own values where not;
//! [`sky_values`] measures.

mod differences;
mod footprint;
mod measure;
mod methods;
mod options;
mod overlap;
mod pixels;
mod region;
mod user;

pub use methods::sky_values;
pub use options::{SkyMethod, SkyOptions, SkyStat};
pub(crate) use pixels::read_rows;
pub use pixels::{FilePixels, PixelScratch};
pub use user::{SkyFile, UserChip, user_sky};

use crate::Result;
use firstlight_wcs::Wcs;
use serde::Serialize;
use std::ops::Range;

/// Where the pixels of a chip come from. Bands of rows are asked for from several threads at once.
pub trait ChipPixels: Sync {
    /// Reads some rows: the samples in the unit of the image, NaN where they may not be used for the sky, into a place
    /// for exactly these rows.
    ///
    /// # Errors
    /// Whatever reading meets.
    fn read(&self, rows: Range<usize>, sci: &mut [f32], scratch: &mut PixelScratch) -> Result<()>;
}

/// A chip whose sky is wanted.
#[derive(Clone, Copy)]
pub struct SkyInput<'a> {
    /// The exposure it belongs to: any number, the same for all chips of an exposure.
    pub exposure: usize,
    /// Its coordinates, for the overlaps.
    pub wcs: &'a Wcs,
    /// Rows and columns.
    pub shape: (usize, usize),
    /// Exposure time.
    pub exptime_s: f64,
    /// Whether samples are totals over the exposure time rather than rates.
    pub in_counts: bool,
    /// Size of an undistorted pixel, IDCSCALE where there is one.
    pub pixel_scale_arcsec: f64,
    /// What a sample is multiplied with to become electrons: the gain where it is in DN, times the exposure time
    /// where it is a rate.
    pub electrons_per_unit: f64,
    /// Its pixels.
    pub pixels: &'a dyn ChipPixels,
}

/// How a sky came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SkyStatus {
    /// Measured.
    Measured,
    /// Measured against the exposures that overlap this one.
    Matched,
    /// To be matched, but no other exposure has usable pixels in common with it: what is matched is 0.
    NoOverlap,
    /// The exposure has no pixel that can be used: 0, or the sky of all exposures.
    NoPixels,
    /// Given by the user.
    User,
    /// The user gives values, but none for this file: 0.
    NotGiven,
    /// Not asked for: what the header says was measured before, or 0.
    Off,
}

/// The statistic of a chip's own pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Measured {
    /// Its value, in the unit of the image.
    pub value: f64,
    /// Standard deviation of the clipped samples divided by the root of their number, in the unit of the image.
    pub error: f64,
    /// Samples that clipping left.
    pub npix: usize,
}

/// The sky of a chip.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SkyValue {
    /// In the unit of the image: what is recorded as MDRIZSKY.
    pub sky: f64,
    /// In electrons.
    pub sky_e: f64,
    /// Whether it is to be subtracted from the image as it is drizzled, and added to what is blotted back.
    pub subtract: bool,
    /// How it came about.
    pub status: SkyStatus,
    /// The statistic of all of the chip's good pixels, where it was needed.
    pub measured: Option<Measured>,
    /// Of matched exposures, which of the groups that overlap one another this one belongs to, from 0. Skies of
    /// different groups are not matched with each other.
    pub group: Option<usize>,
}

impl SkyValue {
    fn new(sky: f64, electrons_per_unit: f64, subtract: bool, status: SkyStatus) -> Self {
        Self {
            sky,
            sky_e: sky * electrons_per_unit,
            subtract,
            status,
            measured: None,
            group: None,
        }
    }
}

#[cfg(test)]
mod tests;
