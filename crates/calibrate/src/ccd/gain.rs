//! From what the converter counts to electrons.

use super::deviation::positive;
use super::{CcdFrame, CcdUnit, Real};
use crate::{Error, Result};

/// Multiplies samples and uncertainty by the gain, in electrons per adu; the frame is in electrons then.
///
/// # Errors
/// [`Error::Parameter`] for a gain that is not positive; [`Error::CcdUnits`] for a frame that is not in adu.
pub fn gain_correct<T: Real>(frame: &mut CcdFrame<T>, gain: f64) -> Result<()> {
    let unit = after_gain(&frame.unit, gain)?;
    frame.check()?;
    frame.scale(gain);
    frame.unit = unit;
    Ok(())
}

pub(super) fn after_gain(unit: &CcdUnit, gain: f64) -> Result<CcdUnit> {
    positive("gain", gain)?;
    unit.times_gain().ok_or_else(|| Error::CcdUnits {
        what: "the frame that is to be multiplied by the gain".to_owned(),
        expected: CcdUnit::Adu.to_string(),
        found: unit.to_string(),
    })
}
