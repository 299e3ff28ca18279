//! The noise model: ERR from the signal and the readout noise.

use super::readout::Readout;
use crate::Result;
use crate::acs::{Chip, history};
use crate::steps::widest;
use firstlight_frame::fits::Header;
use rayon::prelude::*;

/// Sets ERR (e) to √(SCI + readout noise² + ERR²), with SCI below 0 counted as 0; of a bias frame, which has no
/// signal, to the readout noise alone. ERR holds the error of the bias before.
///
/// # Errors
/// [`crate::Error::Shape`] and [`crate::Error::NoPixels`] as [`Chip::shape`].
pub fn noise(chip: &mut Chip, readout: &Readout, is_bias: bool) -> Result<()> {
    let (_, nx) = chip.shape()?;
    let err = chip.frame.err.as_mut_slice().par_chunks_mut(nx);
    err.zip(chip.frame.sci.as_slice().par_chunks(nx))
        .enumerate()
        .for_each(|(y, (err, sci))| {
            let (boundary, left, right) = readout.row(y);
            let (err_left, err_right) = err.split_at_mut(boundary.min(nx));
            let (sci_left, sci_right) = sci.split_at(boundary.min(nx));
            for (err, sci, amplifier) in [(err_left, sci_left, left), (err_right, sci_right, right)] {
                let readnoise = readout.parameters.readnoise(amplifier);
                match is_bias {
                    true => err.fill(readnoise),
                    false => combine(err, sci, readnoise * readnoise),
                }
            }
        });
    Ok(())
}

/// In single precision, as errors are everywhere else.
fn combine(err: &mut [f32], sci: &[f32], variance: f32) {
    widest(
        #[inline(always)]
        || {
            for (error, &signal) in err.iter_mut().zip(sci) {
                let signal = if signal < 0.0 { 0.0 } else { signal };
                *error = (signal + variance + *error * *error).sqrt();
            }
        },
    );
}

/// Records the noise model in the primary header.
///
/// # Errors
/// [`crate::Error::Frame`] where a card cannot be written.
pub fn record_noise(primary: &mut Header) -> Result<()> {
    history(primary, "Uncertainty array initialized.")
}
