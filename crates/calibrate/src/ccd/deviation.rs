//! The uncertainty of a frame: readout noise and shot noise.

use super::rows::{Row, each_row};
use super::{CcdFrame, Real};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// What the uncertainty is made of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deviation {
    /// Electrons per unit of the samples; 1 where they are electrons.
    pub gain: f64,
    /// Readout noise of a pixel, in electrons.
    pub readnoise: f64,
    /// Samples below zero have the readout noise alone, as those of zero have; else their uncertainty is NaN.
    pub disregard_nan: bool,
}

/// Makes the uncertainty `√(gain·sci + readnoise²) / gain`, in the frame's unit, in place of what was there.
///
/// # Errors
/// [`Error::Parameter`] for a gain that is not positive and a readout noise that is negative.
pub fn create_deviation<T: Real>(frame: &mut CcdFrame<T>, deviation: &Deviation) -> Result<()> {
    deviation.check()?;
    frame.check()?;
    frame.err_mut();
    each_row(frame, |_, row| deviation.apply(row));
    Ok(())
}

impl Deviation {
    pub(super) fn check(&self) -> Result<()> {
        positive("gain", self.gain)?;
        if self.readnoise.is_finite() && self.readnoise >= 0.0 {
            return Ok(());
        }
        Err(Error::Parameter {
            parameter: "readnoise",
            expected: "zero or more, in electrons",
            found: self.readnoise.to_string(),
        })
    }

    pub(super) fn apply(&self, row: Row<'_>) {
        let Some(err) = row.err else { return };
        let of_readout = self.readnoise * self.readnoise;
        let negative = if self.disregard_nan { 0.0 } else { f64::NAN };
        for (e, value) in err.iter_mut().zip(row.sci.iter()) {
            let electrons = self.gain * value;
            let electrons = if electrons < 0.0 { negative } else { electrons };
            *e = (electrons + of_readout).sqrt() / self.gain;
        }
    }
}

pub(super) fn positive(parameter: &'static str, value: f64) -> Result<()> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(Error::Parameter {
        parameter,
        expected: "a positive number",
        found: value.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::CcdUnit;
    use super::*;
    use firstlight_frame::Image;

    #[test]
    fn shot_noise_and_readout_noise_add_in_quadrature() {
        let sci = Image::from_vec(1, 3, vec![8.0f64, 0.0, -1.0]).unwrap();
        let mut frame = CcdFrame::new(sci, CcdUnit::Adu);
        let mut how = Deviation {
            gain: 2.0,
            readnoise: 3.0,
            disregard_nan: true,
        };
        // 16 electrons: √(16 + 9) = 5 electrons, 2.5 adu.
        create_deviation(&mut frame, &how).unwrap();
        assert_eq!(frame.err.as_ref().unwrap().as_slice(), [2.5, 1.5, 1.5]);
        how.disregard_nan = false;
        create_deviation(&mut frame, &how).unwrap();
        assert!(frame.err.as_ref().unwrap()[(0, 2)].is_nan());
        how.gain = 0.0;
        assert!(create_deviation(&mut frame, &how).is_err());
    }
}
