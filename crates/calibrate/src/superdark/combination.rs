//! Darks combined without cosmic rays, in electrons per second.

use super::DarkFrames;
use crate::stis::ocrreject::parts::{Parts, weighted};
use crate::stis::ocrreject::{OcrrejectOptions, REJECTED, RejectionParameters, sky, tile};
use crate::{References, Result};
use firstlight_frame::Frame;
use rayon::prelude::*;

/// The combination of darks.
#[derive(Debug, Clone)]
pub struct Combination {
    /// SCI and ERR in e/s at the reference temperature; DQ has 8192 where no dark was left.
    pub frame: Frame,
    /// Exposure time of all darks together, s.
    pub exptime_s: f32,
    /// How cosmic rays were rejected.
    pub parameters: RejectionParameters,
    /// Pixels that were rejected in each dark.
    pub rejected: Vec<usize>,
    /// Pixels that were rejected in all of them.
    pub without_data: usize,
}

/// Combines darks: scaled to the reference temperature, without cosmic rays, divided by their exposure time. `references`
/// need CRREJTAB unless the options say all.
///
/// Darks are read twice, in tiles of rows; the result has the same bits for any number of threads.
///
/// # Errors
/// Those of [`RejectionParameters::choose`], and what reading a dark meets.
pub fn combine(
    darks: &DarkFrames,
    references: &References,
    options: &OcrrejectOptions,
) -> Result<Combination> {
    let times = darks.times_s();
    let parameters = options.choose(references.get("CRREJTAB"), &times, false)?;
    let skies = sky::skies(darks, parameters.skysub)?;
    let noises = darks.noises();
    let weights = weighted(&times, &noises, &skies);
    let combined = tile::combine(darks, &weights, &parameters, false)?;
    let exptime_s = times.iter().fold(0.0f32, |sum, &seconds| sum + seconds);
    let gain = noises.first().map_or(1.0, |noise| f64::from(noise.1));
    let mut frame = combined.frame;
    let per_second = (f64::from(exptime_s) / gain) as f32;
    let nx = darks.shape().1.max(1);
    for plane in [&mut frame.sci, &mut frame.err] {
        let rows = plane.as_mut_slice().par_chunks_mut(nx);
        rows.for_each(|row| row.iter_mut().for_each(|sample| *sample /= per_second));
    }
    let dq = frame.dq.as_slice().iter();
    Ok(Combination {
        without_data: dq.filter(|&&bits| bits & REJECTED != 0).count(),
        frame,
        exptime_s,
        parameters,
        rejected: combined.rejected,
    })
}
