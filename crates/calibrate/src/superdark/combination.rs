//! Frames combined without cosmic rays: darks in electrons per second, bias frames in counts.

use super::DarkFrames;
use crate::stis::ocrreject::parts::{Noise, Parts, weighted};
use crate::stis::ocrreject::{OcrrejectOptions, REJECTED, RejectionParameters, sky, tile};
use crate::{Error, References, Result};
use firstlight_frame::Frame;
use firstlight_stats::{ClippedStatistics, SigmaClip, clipped_statistics};
use rayon::prelude::*;

/// The combination of darks.
#[derive(Debug, Clone)]
pub struct Combination {
    /// SCI and ERR in e/s (of CCDs on the ground in their own unit per second), of STIS at the reference temperature; DQ
    /// has 8192 where no dark was left.
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
    let factor = darks.rate.factor;
    let mut combined = divided(darks, references, options, |exptime_s| {
        (f64::from(exptime_s) / factor) as f32
    })?;
    if darks.rate.is_masked {
        flag_empty(&mut combined);
    }
    Ok(combined)
}

/// Flags pixels alone that no frame has data of: their variance is 0, as that of no other is.
fn flag_empty(combined: &mut Combination) {
    let frame = &mut combined.frame;
    for (dq, &err) in frame.dq.as_mut_slice().iter_mut().zip(frame.err.as_slice()) {
        *dq = if err == 0.0 { REJECTED } else { 0 };
    }
    let empty = frame.dq.as_slice().iter().filter(|&&bits| bits != 0);
    combined.without_data = empty.count();
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
    options.check()?;
    let (times, noises) = (frames.times_s(), frames.noises());
    let (combined, parameters) = sum(frames, (&times, &noises, frames.chip), references, options)?;
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

/// The sum of parts of a chip without cosmic rays, by their exposure times (s) and noises.
pub(crate) fn sum(
    parts: &impl Parts,
    (times, noises, chip): (&[f32], &[Noise], i64),
    references: &References,
    options: &OcrrejectOptions,
) -> Result<(tile::Combined, RejectionParameters)> {
    let parameters = options.choose(references.get("CRREJTAB"), (times, chip), false)?;
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
