//! From the pixels of a chip to those of the output.

use crate::{Error, Result};
use firstlight_drizzle::PixelMapping;
use firstlight_wcs::{PixelMap, Wcs};

/// Error of the accurate map, in output pixels. A hundred times below what shows at 1e-5 of a star's peak.
const TOLERANCE_PX: f64 = 1e-6;

/// The map of one chip.
#[derive(Debug)]
pub(crate) struct Map(PixelMap);

impl Map {
    /// The accurate map for a `stepsize` of 0, else AstroDrizzle's own with that step.
    pub(crate) fn new(input: &Wcs, output: &Wcs, stepsize: u32) -> Result<Self> {
        let map = match stepsize {
            0 => PixelMap::between(input, output, TOLERANCE_PX),
            step => PixelMap::stepped(input, output, step as usize),
        };
        map.map(Self).map_err(|source| Error::Grid { source })
    }
}

impl PixelMapping for Map {
    fn map_row(&self, y: f64, x0: f64, out_x: &mut [f64], out_y: &mut [f64]) {
        self.0.map_row(y, x0, out_x, out_y);
    }
}
