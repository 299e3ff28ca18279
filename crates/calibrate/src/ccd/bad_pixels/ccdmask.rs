//! Pixels that differ from their neighbours: the algorithm of IRAF's ccdmask as ccdproc has it.

use super::columns;
use super::rank::{Window, filter, median};
use crate::ccd::Real;
use crate::{Error, Result};
use firstlight_frame::Image;
use serde::{Deserialize, Serialize};

/// Percentiles whose distance is twice the standard deviation of normal noise.
const PERCENTS: [f64; 2] = [30.9, 69.1];

/// How pixels are judged, by ccdproc's names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct CcdmaskOptions {
    /// Look for bad stretches of columns too.
    #[cfg_attr(feature = "clap", arg(long, alias = "find-bad-columns"))]
    pub findbadcolumns: bool,
    /// Measure the noise in blocks side by side instead of about each pixel.
    #[cfg_attr(feature = "clap", arg(long, alias = "by-blocks"))]
    pub byblocks: bool,
    /// Columns of the median that is the local level, pixels.
    #[cfg_attr(feature = "clap", arg(long, value_name = "PIXELS", default_value_t = CcdmaskOptions::default().ncmed))]
    pub ncmed: usize,
    /// Rows of that median, pixels.
    #[cfg_attr(feature = "clap", arg(long, value_name = "PIXELS", default_value_t = CcdmaskOptions::default().nlmed))]
    pub nlmed: usize,
    /// Columns in which the noise is measured, pixels.
    #[cfg_attr(feature = "clap", arg(long, value_name = "PIXELS", default_value_t = CcdmaskOptions::default().ncsig))]
    pub ncsig: usize,
    /// Rows in which the noise is measured, pixels.
    #[cfg_attr(feature = "clap", arg(long, value_name = "PIXELS", default_value_t = CcdmaskOptions::default().nlsig))]
    pub nlsig: usize,
    /// Standard deviations below the level from which on a pixel is bad.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SIGMAS", default_value_t = CcdmaskOptions::default().lsigma))]
    pub lsigma: f64,
    /// Standard deviations above it.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SIGMAS", default_value_t = CcdmaskOptions::default().hsigma))]
    pub hsigma: f64,
    /// Good stretches of a column between bad pixels that are shorter than this are bad, pixels; with findbadcolumns.
    #[cfg_attr(feature = "clap", arg(long, value_name = "PIXELS", default_value_t = CcdmaskOptions::default().ngood))]
    pub ngood: usize,
}

impl Default for CcdmaskOptions {
    fn default() -> Self {
        Self {
            findbadcolumns: false,
            byblocks: false,
            ncmed: 7,
            nlmed: 7,
            ncsig: 15,
            nlsig: 15,
            lsigma: 9.0,
            hsigma: 9.0,
            ngood: 5,
        }
    }
}

impl CcdmaskOptions {
    /// # Errors
    /// [`Error::Parameter`] for sides of no pixel or more than 999, and limits that are no numbers.
    pub fn check(&self) -> Result<()> {
        let sides = [
            ("ncmed", self.ncmed),
            ("nlmed", self.nlmed),
            ("ncsig", self.ncsig),
            ("nlsig", self.nlsig),
        ];
        let refuse = |parameter, expected, found: String| {
            Err(Error::Parameter {
                parameter,
                expected,
                found,
            })
        };
        for (parameter, side) in sides {
            if !(1..=999).contains(&side) {
                return refuse(parameter, "between 1 and 999 pixels", side.to_string());
            }
        }
        for (parameter, limit) in [("lsigma", self.lsigma), ("hsigma", self.hsigma)] {
            if limit < 0.0 || !limit.is_finite() {
                return refuse(parameter, "zero or more standard deviations", limit.to_string());
            }
        }
        Ok(())
    }
}

/// Pixels of a flat, or of the ratio of two flats, that lie too far from the median about them; those that are NaN or
/// infinite are bad, and count for no other pixel. Arithmetic is in the precision of the image.
///
/// # Errors
/// What [`CcdmaskOptions::check`] refuses; [`Error::NothingFinite`].
pub fn ccdmask<T: Real>(ratio: &Image<T>, options: &CcdmaskOptions) -> Result<Image<bool>> {
    options.check()?;
    if !ratio.as_slice().iter().any(|sample| sample.wide().is_finite()) {
        return Err(Error::NothingFinite {
            region: "the ratio of flats".to_owned(),
            pixels: ratio.len(),
        });
    }
    let window = Window {
        rows: options.nlmed,
        columns: options.ncmed,
    };
    let [mut residual] = filter(ratio, window, [median]);
    for (level, sample) in residual.as_mut_slice().iter_mut().zip(ratio.as_slice()) {
        *level = T::narrow(sample.wide() - level.wide());
    }
    let mut mask = ratio.map(|sample| !sample.wide().is_finite());
    if options.byblocks {
        by_blocks(&residual, options, &mut mask);
    } else {
        by_windows(&residual, options, &mut mask);
    }
    if options.findbadcolumns {
        columns::close_gaps(&mut mask, options.ngood);
    }
    Ok(mask)
}

fn by_windows<T: Real>(residual: &Image<T>, options: &CcdmaskOptions, mask: &mut Image<bool>) {
    let window = Window {
        rows: options.nlsig,
        columns: options.ncsig,
    };
    let rank = |n: usize| -> fn(usize) -> usize {
        match n {
            0 => |samples| (samples as f64 * PERCENTS[0] / 100.0) as usize,
            _ => |samples| (samples as f64 * PERCENTS[1] / 100.0) as usize,
        }
    };
    let [low, high] = filter(residual, window, [rank(0), rank(1)]);
    let limits = Limits::<T>::new(options);
    let between = low.as_slice().iter().zip(high.as_slice());
    let pixels = mask.as_mut_slice().iter_mut().zip(residual.as_slice());
    for ((mask, &residual), (&low, &high)) in pixels.zip(between) {
        *mask |= limits.exceeded(residual, half(low, high));
    }
}

/// Half the distance, in the precision of the samples.
fn half<T: Real>(low: T, high: T) -> T {
    T::narrow(T::narrow(high.wide() - low.wide()).wide() / 2.0)
}

/// The sigma factors in the precision of the samples.
pub(super) struct Limits<T> {
    low: T,
    high: T,
}

impl<T: Real> Limits<T> {
    fn new(options: &CcdmaskOptions) -> Self {
        Self {
            low: T::narrow(-options.lsigma),
            high: T::narrow(options.hsigma),
        }
    }

    fn exceeded(&self, residual: T, sigma: T) -> bool {
        let limit = |factor: T| T::narrow(factor.wide() * sigma.wide()).wide();
        residual.wide() < limit(self.low) || residual.wide() > limit(self.high)
    }

    /// As [`Limits::exceeded`] for a sum that is not negative; without a sigma the upper factor itself is the limit.
    pub(super) fn sum_exceeded(&self, sum: T, sigma: Option<T>) -> bool {
        match sigma {
            Some(sigma) => self.exceeded(sum, sigma),
            None => sum.wide() < self.low.wide() || sum.wide() > self.high.wide(),
        }
    }
}

fn by_blocks<T: Real>(residual: &Image<T>, options: &CcdmaskOptions, mask: &mut Image<bool>) {
    let (ny, nx) = residual.shape();
    let limits = Limits::new(options);
    for top in (0..ny).step_by(options.nlsig) {
        let rows = top..(top + options.nlsig).min(ny);
        for left in (0..nx).step_by(options.ncsig) {
            let block = columns::Block {
                rows: rows.clone(),
                columns: left..(left + options.ncsig).min(nx),
            };
            let Some(sigma) = block_sigma(residual, &block) else {
                continue;
            };
            let mut bad: Vec<bool> = block
                .pixels()
                .map(|(x, y)| limits.exceeded(residual.row(y)[x], sigma))
                .collect();
            if options.findbadcolumns {
                columns::flag_sums(residual, &block, &limits, &mut bad);
            }
            for ((x, y), bad) in block.pixels().zip(bad) {
                mask.row_mut(y)[x] |= bad;
            }
        }
    }
}

/// Half the distance of the percentiles of a block, interpolated as numpy does; `None` where no sample is finite.
fn block_sigma<T: Real>(residual: &Image<T>, block: &columns::Block) -> Option<T> {
    let samples = block.pixels().map(|(x, y)| residual.row(y)[x].wide());
    let mut samples: Vec<f64> = samples.filter(|sample| sample.is_finite()).collect();
    samples.sort_unstable_by(f64::total_cmp);
    let last = samples.len().checked_sub(1)?;
    let [low, high] = PERCENTS.map(|percent| {
        let place = last as f64 * (percent / 100.0);
        let before = (place as usize).min(last);
        let (a, b) = (samples[before], samples[(before + 1).min(last)]);
        let (part, step) = (place - before as f64, T::narrow(b - a).wide());
        // From the nearer end.
        let share = |part: f64| T::narrow(step * T::narrow(part).wide()).wide();
        T::narrow(if part < 0.5 {
            a + share(part)
        } else {
            b - share(1.0 - part)
        })
    });
    Some(half(low, high))
}
