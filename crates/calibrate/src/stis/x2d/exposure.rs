//! An exposure as a whole, rectified.

use super::{X2dOptions, X2dReport, record, record_imset, x2d};
use crate::stis::SpectralSwitches;
use crate::stis::observation::{ImsetKeywords, not_after};
use crate::{Chip, Error, Observation, References, Result};

/// What X2DCORR has to be of what is rectified or extracted.
pub(in crate::stis) const NOT_RECTIFIED: &str =
    "PERFORM or OMIT: give the calibrated image, _flt or _crj, not the rectified one";

/// A rectified exposure.
#[derive(Debug, Clone)]
pub struct RectifiedExposure {
    /// Its imsets and headers.
    pub product: Observation,
    /// How each imset was made.
    pub reports: Vec<X2dReport>,
}

/// Rectifies all imsets of an exposure that can be used (IMSET_OK), and records in the headers what was done.
///
/// # Errors
/// [`Error::Keyword`] where it is rectified already (X2DCORR is COMPLETE); [`Error::NoUsableImset`]; those of [`x2d`].
pub fn x2d_exposure(
    observation: &Observation,
    references: &References,
    switches: &SpectralSwitches,
    options: &X2dOptions,
) -> Result<RectifiedExposure> {
    not_after(observation, "X2DCORR", NOT_RECTIFIED)?;
    let mut product = Observation::without_pixels(observation.name.clone(), observation.primary.clone());
    let mut reports = Vec::with_capacity(observation.chips.len());
    for chip in observation.chips.iter().filter(|chip| chip.is_usable()) {
        let primary = &observation.primary;
        let rectified = x2d(&chip.frame, primary, &chip.sci, references, switches, options)?;
        let mut headers = [chip.sci.clone(), chip.err.clone(), chip.dq.clone()];
        let [sci, err, dq] = &mut headers;
        record_imset(&rectified.report, sci, err, dq)?;
        let [sci, err, dq] = headers;
        product.chips.push(Chip {
            version: chip.version,
            frame: rectified.frame,
            sci,
            err,
            dq,
        });
        reports.push(rectified.report);
    }
    match reports.first() {
        Some(first) => record(&mut product.primary, first, references)?,
        None => {
            return Err(Error::NoUsableImset {
                name: observation.name.clone(),
            });
        }
    }
    Ok(RectifiedExposure { product, reports })
}
