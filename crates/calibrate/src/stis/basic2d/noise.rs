//! The error of a sample, from the counts and the readout noise.

use crate::stis::tables::ccdtab::CcdParameters;
use crate::{Chip, Result};
use rayon::prelude::*;

/// Fills an ERR that is 0 everywhere, in DN: with `v = (SCI − bias_dn) · gain` electrons, `√(v + readnoise²) / gain`
/// where `v` is positive, else the readout noise alone. `bias_dn` is 0 once the bias level is subtracted. An ERR that
/// holds anything is left as it is; tells whether it was filled.
///
/// # Errors
/// As [`Chip::shape`].
pub fn ccd_noise(chip: &mut Chip, parameters: &CcdParameters, bias_dn: f32) -> Result<bool> {
    let (_, nx) = chip.shape()?;
    let frame = &mut chip.frame;
    if frame.err.as_slice().iter().any(|&error| error != 0.0) {
        return Ok(false);
    }
    let (gain, readnoise) = (parameters.gain_e_per_dn, parameters.readnoise_e);
    let square = readnoise * readnoise;
    let rows = frame.err.as_mut_slice().par_chunks_mut(nx);
    rows.zip(frame.sci.as_slice().par_chunks(nx))
        .for_each(|(err, sci)| {
            for (err, &sample) in err.iter_mut().zip(sci) {
                let electrons = (sample - bias_dn) * gain;
                *err = match electrons > 0.0 {
                    true => (f64::from(electrons + square).sqrt() / f64::from(gain)) as f32,
                    false => readnoise / gain,
                };
            }
        });
    Ok(true)
}
