//! The mean of bias frames.

use super::smooth::{Beyond, residual, smooth};
use super::{BiasFrames, Superbias, SuperbiasReport, header};
use crate::stis::ocrreject::OcrrejectOptions;
use crate::superdark::HOT;
use crate::superdark::combination::{clipped, mean_bias};
use crate::{References, Result};

/// Pixels so many standard deviations above the typical residual are hot.
const SIGMAS: f64 = 5.0;
const ROUNDS: usize = 30;

/// Makes the mean of bias frames, DN, without cosmic rays. Pixels five standard deviations above the smooth image about
/// them, the median of 3 rows and 15 columns, get the DQ bit 16.
///
/// # Errors
/// What reading a frame meets; those of
/// [`RejectionParameters::choose`](crate::stis::ocrreject::RejectionParameters::choose);
/// [`crate::Error::NothingFinite`] where nothing is left of the image.
pub fn refbias(
    biases: &BiasFrames,
    references: &References,
    options: &OcrrejectOptions,
) -> Result<Superbias> {
    let mut combined = mean_bias(&biases.0, references, options)?;
    let frame = &mut combined.frame;
    let residual = residual(&frame.sci, &smooth(&frame.sci, Beyond::Zero, ROUNDS)?);
    let of = clipped(residual.as_slice(), 3.0, ROUNDS)?;
    let limit = of.mean + SIGMAS * of.std;
    let mut hot_pixels = 0;
    for (&above, dq) in residual.as_slice().iter().zip(frame.dq.as_mut_slice()) {
        if f64::from(above) > limit {
            *dq |= HOT;
            hot_pixels += 1;
        }
    }
    let report = SuperbiasReport {
        inputs: biases.0.names(),
        parameters: combined.parameters,
        rejected: combined.rejected,
        without_data: combined.without_data,
        hot_columns: 0,
        hot_pixels,
    };
    let image = header::reference_image(biases, combined.frame, header::Kind::Refbias, &report)?;
    Ok(Superbias { image, report })
}
