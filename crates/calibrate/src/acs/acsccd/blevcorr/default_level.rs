//! The bias level of a readout without overscan.

use super::{BlevReport, LevelOf};
use crate::Result;
use crate::acs::Chip;
use crate::acs::acsccd::readout::Readout;
use rayon::prelude::*;

/// Subtracts CCDBIAS × gain (e) of CCDTAB from the pixels of each amplifier.
///
/// # Errors
/// [`crate::Error::Shape`] and [`crate::Error::NoPixels`] as [`Chip::shape`].
pub fn default_level(chip: &mut Chip, readout: &Readout) -> Result<BlevReport> {
    let (_, nx) = chip.shape()?;
    let rows = chip.frame.sci.as_mut_slice().par_chunks_mut(nx).enumerate();
    rows.for_each(|(y, row)| {
        let (boundary, left, right) = readout.row(y);
        let (of_left, of_right) = row.split_at_mut(boundary.min(nx));
        for (pixels, amplifier) in [(of_left, left), (of_right, right)] {
            let level = readout.parameters.default_bias_e(amplifier);
            pixels.iter_mut().for_each(|value| *value -= level);
        }
    });
    let level = |&amplifier| LevelOf {
        amplifier,
        level_e: f64::from(readout.parameters.default_bias_e(amplifier)),
    };
    Ok(BlevReport {
        levels: readout.amplifiers.iter().map(level).collect(),
        ..BlevReport::default()
    })
}
