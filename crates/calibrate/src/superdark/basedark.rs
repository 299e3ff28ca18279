//! The baseline dark of an anneal period.

use super::combination::clipped;
use super::hot::HotPixels;
use super::{Combination, DarkFrames, HOT, SuperdarkReport, combine};
use crate::stis::ocrreject::OcrrejectOptions;
use crate::{References, Result};

/// Pixels so much above the typical dark current count as hot, e/s.
const HOTTER_BY: f64 = 0.1;
/// And by so many standard deviations of the clipped image.
const SIGMAS: f64 = 5.0;

/// Combines darks and flags hot pixels: those more than 0.1 e/s and five standard deviations above the typical dark
/// current get the DQ bit 16.
///
/// # Errors
/// Those of [`combine`]; [`crate::Error::NothingFinite`] where nothing is left of the image.
pub fn baseline(
    darks: &DarkFrames,
    references: &References,
    options: &OcrrejectOptions,
) -> Result<(Combination, HotPixels)> {
    let mut combined = combine(darks, references, options)?;
    flag_hot(&mut combined, HOTTER_BY / f64::from(darks.rate.electrons))?;
    let hot = HotPixels::of(&combined.frame, darks.rate.electrons, None);
    Ok((combined, hot))
}

/// Flags pixels `hotter_by` above the typical dark current, once by limits from a narrow clip about the median and once from a wide one about the mean.
fn flag_hot(combined: &mut Combination, hotter_by: f64) -> Result<()> {
    let sci = &combined.frame.sci;
    let (wide, narrow) = rayon::join(
        || clipped(sci.as_slice(), 5.0, 50),
        || clipped(sci.as_slice(), 3.0, 40),
    );
    let (wide, narrow) = (wide?, narrow?);
    let pixels = combined
        .frame
        .sci
        .as_slice()
        .iter()
        .zip(combined.frame.dq.as_mut_slice());
    for (&rate, dq) in pixels {
        let rate = f64::from(rate);
        let by_wide = rate >= wide.mean + SIGMAS * wide.std && rate - wide.mean >= hotter_by;
        let by_narrow = rate > narrow.median + SIGMAS * narrow.std && rate > narrow.mean + hotter_by;
        if by_wide || by_narrow {
            *dq |= HOT;
        }
    }
    Ok(())
}

impl DarkFrames {
    /// What was measured of their combination.
    pub fn report(&self, combined: &Combination, hot: HotPixels) -> SuperdarkReport {
        SuperdarkReport {
            inputs: self.names(),
            exposure_times_s: self.times_s(),
            exptime_s: combined.exptime_s,
            parameters: combined.parameters.clone(),
            temperature_factors: self.factors(),
            rejected: combined.rejected.clone(),
            without_data: combined.without_data,
            hot,
            unit: "electron/s".to_owned(),
        }
    }
}
