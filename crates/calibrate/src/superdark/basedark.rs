//! The baseline dark of an anneal period.

use super::combination::clipped;
use super::header::{Kind, reference_image};
use super::hot::HotPixels;
use super::{Combination, DarkFrames, HOT, Superdark, SuperdarkReport, combine};
use crate::stis::ocrreject::OcrrejectOptions;
use crate::{References, Result};

/// Pixels so much above the typical dark current count as hot, e/s.
const HOTTER_BY: f64 = 0.1;
/// And by so many standard deviations of the clipped image.
const SIGMAS: f64 = 5.0;

/// Makes the baseline dark of the long darks of an anneal period (STIS Data Handbook, section 3.4.5), as a reference
/// file: that of [`baseline`] with its header.
///
/// # Errors
/// Those of [`baseline`].
pub fn basedark(
    darks: &DarkFrames,
    references: &References,
    options: &OcrrejectOptions,
) -> Result<Superdark> {
    let (combined, hot) = baseline(darks, references, options)?;
    finish(darks, combined, Kind::Basedark, hot)
}

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
    flag_hot(&mut combined)?;
    let hot = HotPixels::of(&combined.frame, None);
    Ok((combined, hot))
}

/// Flags hot pixels, once by limits from a narrow clip about the median and once from a wide one about the mean.
fn flag_hot(combined: &mut Combination) -> Result<()> {
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
        let by_wide = rate >= wide.mean + SIGMAS * wide.std && rate - wide.mean >= HOTTER_BY;
        let by_narrow = rate > narrow.median + SIGMAS * narrow.std && rate > narrow.mean + HOTTER_BY;
        if by_wide || by_narrow {
            *dq |= HOT;
        }
    }
    Ok(())
}

/// The reference image with its header, and the report.
pub(super) fn finish(
    darks: &DarkFrames,
    combined: Combination,
    kind: Kind<'_>,
    hot: HotPixels,
) -> Result<Superdark> {
    let report = darks.report(&combined, hot);
    let image = reference_image(darks, combined.frame, kind, &report)?;
    Ok(Superdark { image, report })
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
        }
    }
}
