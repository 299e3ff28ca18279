//! Imsets that hold no exposure.

use crate::record::put;
use crate::stis::Setup;
use crate::stis::observation::ImsetKeywords;
use crate::{Error, Observation, Result};

/// Marks imsets that cannot be calibrated by IMSET_OK = F: those of 0 s, but for bias frames, and those whose samples
/// are all equal.
///
/// # Errors
/// [`Error::NoUsableImset`] where none is left, [`Error::Keyword`] where EXPTIME is missing.
pub(super) fn mark_unusable(observation: &mut Observation, setup: &Setup) -> Result<()> {
    let mut usable = 0;
    for chip in &mut observation.chips {
        let exptime_s = chip.exptime_s(&observation.name)?;
        let samples = chip.frame.sci.as_slice();
        let first = samples.first().copied();
        let is_constant = samples.iter().all(|&sample| Some(sample) == first);
        if !setup.is_bias() && (exptime_s <= 0.0 || is_constant) {
            put(&mut chip.sci, "IMSET_OK", false, "is the current imset good?")?;
        }
        usable += usize::from(chip.is_usable());
    }
    match usable {
        0 => Err(Error::NoUsableImset {
            name: observation.name.clone(),
        }),
        _ => Ok(()),
    }
}
