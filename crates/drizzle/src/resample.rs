//! An image put on other pixels by interpolation, with its uncertainty and its mask.
//!
//! Unlike [`blot`](crate::blot), which gives drizzlepac's numbers, positions and sums are in double precision, masked
//! samples are left out and their share is taken by the others, and errors are propagated.

use crate::{Error, PixelMapping, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// How a value between the pixels is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Resampling {
    /// The nearest pixel's.
    Nearest,
    /// Straight between the four pixels around.
    Bilinear,
    /// Of the 36 pixels around, by the kernel sinc(x) sinc(x/3) (Duchon 1979, J. Appl. Meteor. 18, 1016), the weights
    /// brought to a sum of 1.
    #[default]
    Lanczos3,
}

/// Pixels of the widest kernel along an axis.
const TAPS: usize = 6;
/// Positions nearer to a pixel's centre than this, pixels, are on it: a whole shift moves samples without changing them.
const ON_CENTRE: f64 = 1e-9;
/// A pixel of which the samples that may be used have less than this share of the weight is masked.
const LEAST_SHARE: f64 = 0.5;

/// The image that is resampled: `ny` rows of `nx` samples.
#[derive(Debug, Clone, Copy)]
pub struct Original<'a> {
    /// Rows.
    pub ny: usize,
    /// Columns.
    pub nx: usize,
    /// Samples.
    pub sci: &'a [f32],
    /// One standard deviation of each, where known; errors of neighbours are taken to be independent.
    pub err: Option<&'a [f32]>,
    /// Mask: samples whose bits are not 0 are not used, nor those that are not finite.
    pub dq: Option<&'a [u16]>,
}

/// Where the result goes; slices of equal length, whole rows.
#[derive(Debug)]
pub struct Resampled<'a> {
    /// Samples, NaN where there is none.
    pub sci: &'a mut [f32],
    /// Their standard deviations, where those of the original are known; may be empty otherwise.
    pub err: &'a mut [f32],
    /// Bits of the samples that would have had half of the weight or more; [`ResampleOptions::no_data`] off the image.
    pub dq: &'a mut [u16],
}

/// How an image is resampled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ResampleOptions {
    /// The interpolation.
    pub resampling: Resampling,
    /// Factor on samples and errors.
    pub factor: f64,
    /// The bit of pixels that fall off the image.
    pub no_data: u16,
    /// The bit of samples that are not finite though nothing masks them.
    pub not_finite: u16,
}

/// Resamples onto rows of `nx_out` pixels, from `first_row` on, on all threads.
///
/// `map` says where the new pixels fall on the original. A pixel is off the image where its centre falls on none of the
/// original's pixels. Near the edges the kernel is what of it lies on the image.
///
/// # Errors
/// [`Error::Shape`] where an array has another size than is told, [`Error::OutOfRange`] for a factor that is not finite.
pub fn resample(
    original: &Original,
    map: &impl PixelMapping,
    options: &ResampleOptions,
    (first_row, nx_out): (usize, usize),
    out: &mut Resampled,
) -> Result<()> {
    check(original, options, nx_out, out)?;
    if nx_out == 0 {
        return Ok(());
    }
    let mut errs = original.err.map(|_| out.err.chunks_mut(nx_out));
    let rows: Vec<Row> = out
        .sci
        .chunks_mut(nx_out)
        .zip(out.dq.chunks_mut(nx_out))
        .map(|(sci, dq)| Row {
            sci,
            dq,
            err: errs.as_mut().and_then(Iterator::next),
        })
        .collect();
    rows.into_par_iter().enumerate().for_each_init(
        || (vec![0.0; nx_out], vec![0.0; nx_out]),
        |(x, y), (row, mut to)| {
            map.map_row((first_row + row) as f64, 0.0, x, y);
            for column in 0..nx_out {
                let value = at(original, options, [x[column], y[column]]);
                to.sci[column] = value.sci;
                to.dq[column] = value.dq;
                if let Some(err) = &mut to.err {
                    err[column] = value.err;
                }
            }
        },
    );
    Ok(())
}

/// A row of the result; of errors only where those of the original are known.
struct Row<'a> {
    sci: &'a mut [f32],
    err: Option<&'a mut [f32]>,
    dq: &'a mut [u16],
}

fn check(original: &Original, options: &ResampleOptions, nx_out: usize, out: &Resampled) -> Result<()> {
    let samples = original.ny.saturating_mul(original.nx);
    let len = out.sci.len();
    let rows = len.checked_div(nx_out).unwrap_or(0);
    let errors = if original.err.is_some() {
        len
    } else {
        out.err.len()
    };
    let shapes = [
        ("image", samples, original.sci.len()),
        ("error plane", samples, original.err.map_or(samples, <[f32]>::len)),
        ("mask", samples, original.dq.map_or(samples, <[u16]>::len)),
        ("resampled image", rows.saturating_mul(nx_out), len),
        ("resampled error plane", errors, out.err.len()),
        ("resampled mask", len, out.dq.len()),
    ];
    if let Some((what, expected, found)) = shapes.into_iter().find(|(_, expected, found)| expected != found) {
        return Err(Error::Shape {
            what,
            expected,
            found,
        });
    }
    if !options.factor.is_finite() {
        return Err(Error::OutOfRange {
            what: "the factor",
            value: options.factor,
            range: "finite",
        });
    }
    Ok(())
}

/// A resampled pixel.
struct Value {
    sci: f32,
    err: f32,
    dq: u16,
}

/// Pixels along an axis with their weights: the first one's index, and how many there are.
struct Taps {
    first: usize,
    count: usize,
    weights: [f64; TAPS],
}

impl Taps {
    /// `None` where the position is on no pixel of the axis.
    fn of(position: f64, size: usize, resampling: Resampling) -> Option<Self> {
        let nearest = position.round();
        if !(position > -0.5 && position < size as f64 - 0.5) {
            return None;
        }
        let mut weights = [0.0; TAPS];
        let whole = (position - nearest).abs() <= ON_CENTRE;
        if whole || resampling == Resampling::Nearest {
            weights[0] = 1.0;
            return Some(Self {
                first: (nearest.max(0.0) as usize).min(size - 1),
                count: 1,
                weights,
            });
        }
        let floor = position.floor();
        let part = position - floor;
        let (before, count) = match resampling {
            Resampling::Lanczos3 => (2, TAPS),
            Resampling::Bilinear | Resampling::Nearest => (0, 2),
        };
        let mut taps = Self {
            first: 0,
            count: 0,
            weights,
        };
        let of_all = match resampling {
            Resampling::Lanczos3 => lanczos3(part),
            Resampling::Bilinear | Resampling::Nearest => [1.0 - part, part, 0.0, 0.0, 0.0, 0.0],
        };
        for (tap, weight) in of_all.into_iter().enumerate().take(count) {
            let pixel = floor + (tap as f64 - f64::from(before));
            if pixel < 0.0 || pixel >= size as f64 {
                continue;
            }
            if taps.count == 0 {
                taps.first = pixel as usize;
            }
            taps.weights[taps.count] = weight;
            taps.count += 1;
        }
        Some(taps)
    }
}

/// Lanczos' weights of the taps about a position that is `part` of a pixel beyond the third of them. The taps are whole pixels
/// apart, so that the sines of one tell those of all.
fn lanczos3(part: f64) -> [f64; TAPS] {
    const SINE_OF_SIXTY: f64 = 0.866_025_403_784_438_6;
    /// Sine and cosine of a tap's offset, as thirds of half a turn.
    const TURNS: [[f64; 2]; TAPS] = [
        [-SINE_OF_SIXTY, -0.5],
        [-SINE_OF_SIXTY, 0.5],
        [0.0, 1.0],
        [SINE_OF_SIXTY, 0.5],
        [SINE_OF_SIXTY, -0.5],
        [0.0, -1.0],
    ];
    let sine = (PI * part).sin();
    let (sine_of_third, cosine_of_third) = (PI * part / 3.0).sin_cos();
    let mut weights = [0.0; TAPS];
    for (tap, (weight, [sine_of_turn, cosine_of_turn])) in weights.iter_mut().zip(TURNS).enumerate() {
        let away = part + 2.0 - tap as f64;
        let whole = if tap % 2 == 0 { sine } else { -sine };
        let third = sine_of_third * cosine_of_turn - cosine_of_third * sine_of_turn;
        *weight = 3.0 * whole * third / (PI * PI * away * away);
    }
    weights
}

fn at(original: &Original, options: &ResampleOptions, [x, y]: [f64; 2]) -> Value {
    let taps = |position, size| Taps::of(position, size, options.resampling);
    let (Some(columns), Some(rows)) = (taps(x, original.nx), taps(y, original.ny)) else {
        return Value {
            sci: f32::NAN,
            err: f32::NAN,
            dq: options.no_data,
        };
    };
    let (mut sum, mut variance, mut used, mut all) = (0.0, 0.0, 0.0, 0.0);
    let mut bits = 0;
    for (row, wy) in rows.weights[..rows.count].iter().enumerate() {
        let start = (rows.first + row) * original.nx + columns.first;
        for (column, wx) in columns.weights[..columns.count].iter().enumerate() {
            let (index, weight) = (start + column, wx * wy);
            all += weight;
            let sample = original.sci[index];
            let flags = original.dq.map_or(0, |dq| dq[index]);
            if flags != 0 || !sample.is_finite() {
                bits |= if flags == 0 { options.not_finite } else { flags };
                continue;
            }
            used += weight;
            sum += weight * f64::from(sample);
            if let Some(err) = original.err {
                variance += (weight * f64::from(err[index])).powi(2);
            }
        }
    }
    if used < LEAST_SHARE * all {
        return Value {
            sci: f32::NAN,
            err: f32::NAN,
            dq: bits,
        };
    }
    Value {
        sci: (options.factor * sum / used) as f32,
        err: (options.factor.abs() * variance.sqrt() / used) as f32,
        dq: 0,
    }
}

#[cfg(test)]
mod tests;
