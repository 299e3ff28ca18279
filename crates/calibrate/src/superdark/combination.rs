//! Frames combined without cosmic rays: darks in electrons per second, bias frames in counts.

use super::DarkFrames;
use crate::stis::ocrreject::parts::{Parts, weighted};
use crate::stis::ocrreject::{OcrrejectOptions, REJECTED, RejectionParameters, sky, tile};
use crate::{Error, References, Result};
use firstlight_frame::Frame;
use firstlight_stats::{ClippedStatistics, SigmaClip, clipped_statistics};
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
    let gain = darks.noises().first().map_or(1.0, |noise| f64::from(noise.1));
    divided(darks, references, options, |exptime_s| {
        (f64::from(exptime_s) / gain) as f32
    })
}

/// Combines bias frames to their mean, DN.
///
/// # Errors
/// As [`combine`].
pub(crate) fn mean_bias(
    biases: &DarkFrames,
    references: &References,
    options: &OcrrejectOptions,
) -> Result<Combination> {
    let number = biases.count() as f32;
    divided(biases, references, options, |_| number)
}

/// The sum of all frames without cosmic rays, divided by what follows from their exposure time together.
fn divided(
    frames: &DarkFrames,
    references: &References,
    options: &OcrrejectOptions,
    divisor: impl FnOnce(f32) -> f32,
) -> Result<Combination> {
    let (times, noises) = (frames.times_s(), frames.noises());
    let (combined, parameters) = sum(frames, (&times, &noises), references, options)?;
    let exptime_s = times.iter().fold(0.0f32, |sum, &seconds| sum + seconds);
    let mut frame = combined.frame;
    let divisor = divisor(exptime_s);
    let nx = frames.shape().1.max(1);
    for plane in [&mut frame.sci, &mut frame.err] {
        let rows = plane.as_mut_slice().par_chunks_mut(nx);
        rows.for_each(|row| row.iter_mut().for_each(|sample| *sample /= divisor));
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

/// The sum of parts without cosmic rays, by their exposure times (s) and `(readout noise e, gain e/DN)`.
pub(crate) fn sum(
    parts: &impl Parts,
    (times, noises): (&[f32], &[(f32, f32)]),
    references: &References,
    options: &OcrrejectOptions,
) -> Result<(tile::Combined, RejectionParameters)> {
    let parameters = options.choose(references.get("CRREJTAB"), times, false)?;
    let skies = sky::skies(parts, parameters.skysub)?;
    let weights = weighted(times, noises, &skies);
    let combined = tile::combine(parts, &weights, &parameters, false)?;
    Ok((combined, parameters))
}

/// Statistics of samples without their outliers.
pub(crate) fn clipped(samples: &[f32], sigma: f64, rounds: usize) -> Result<ClippedStatistics> {
    let clip = SigmaClip {
        maxiters: Some(rounds),
        ..SigmaClip::symmetric(sigma)
    };
    clipped_statistics(samples, &clip).map_err(|_| Error::NothingFinite {
        region: "the combination of the frames".to_owned(),
        pixels: samples.len(),
    })
}
