//! From DN to electrons.

use super::readout::Readout;
use crate::Result;
use crate::acs::{Chip, set};
use rayon::prelude::*;

/// Multiplies SCI and ERR (DN) by the gain (e/DN) of the amplifier that reads each pixel.
///
/// # Errors
/// [`crate::Error::Shape`] and [`crate::Error::NoPixels`] as [`Chip::shape`].
pub fn to_electrons(chip: &mut Chip, readout: &Readout) -> Result<()> {
    let (_, nx) = chip.shape()?;
    let sci = chip.frame.sci.as_mut_slice().par_chunks_mut(nx);
    let err = chip.frame.err.as_mut_slice().par_chunks_mut(nx);
    sci.zip(err)
        .enumerate()
        .for_each(|(y, (sci, err))| row_to_electrons(readout, y, sci, err));
    Ok(())
}

/// Does so to row `y`.
pub(super) fn row_to_electrons(readout: &Readout, y: usize, sci: &mut [f32], err: &mut [f32]) {
    let (boundary, left, right) = readout.row(y);
    for samples in [sci, err] {
        let (of_left, of_right) = samples.split_at_mut(boundary.min(samples.len()));
        for (samples, amplifier) in [(of_left, left), (of_right, right)] {
            let gain = readout.parameters.gain(amplifier);
            samples.iter_mut().for_each(|value| *value *= gain);
        }
    }
}

/// Records the unit in the headers of SCI and ERR.
///
/// # Errors
/// [`crate::Error::Frame`] where a card cannot be written.
pub fn record_electrons(chip: &mut Chip) -> Result<()> {
    set(&mut chip.sci, "BUNIT", "ELECTRONS")?;
    set(&mut chip.err, "BUNIT", "ELECTRONS")
}
