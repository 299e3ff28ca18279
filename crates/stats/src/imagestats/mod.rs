//! Statistics of images as `stsci.imagestats` defines them: iterative clipping about the mean, and the mode and
//! median of a histogram whose bins are a fraction of the clipped standard deviation, as in IRAF's `imstatistics`.
//!
//! Samples are `f32`. As in the peer, sums are double and each mean and standard deviation is rounded to single
//! precision before it clips. Samples that are not finite are left out. Large inputs are taken on all threads, in
//! pieces of a fixed length, so that results are the same bits for any number of threads.

mod counts;
mod histogram;
mod median;
mod pass;

use crate::{Error, Result};
use pass::{moments, typical};

/// Parameters of [`ImageStats`] and [`Clipped`]; the defaults are the peer's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ImageStatsOptions {
    /// Rounds of clipping.
    pub nclip: usize,
    /// Samples further below the mean than so many standard deviations are clipped.
    pub lsig: f64,
    /// Samples further above the mean than so many standard deviations are clipped.
    pub usig: f64,
    /// Samples below are left out from the start.
    pub lower: Option<f64>,
    /// Samples above are left out from the start.
    pub upper: Option<f64>,
    /// Width of the histogram's bins, in clipped standard deviations.
    pub binwidth: f64,
}

impl Default for ImageStatsOptions {
    fn default() -> Self {
        Self {
            nclip: 0,
            lsig: 3.0,
            usig: 3.0,
            lower: None,
            upper: None,
            binwidth: 0.1,
        }
    }
}

impl ImageStatsOptions {
    fn check(&self) -> Result<()> {
        for (parameter, value) in [
            ("lsig", self.lsig),
            ("usig", self.usig),
            ("binwidth", self.binwidth),
        ] {
            if value.is_nan() || value <= 0.0 {
                return Err(Error::BadParameter {
                    parameter,
                    expected: "over 0",
                    found: value,
                });
            }
        }
        let (lower, upper) = self.limits();
        if lower.is_nan() || upper.is_nan() || lower > upper {
            return Err(Error::BadParameter {
                parameter: "lower",
                expected: "a number not over upper",
                found: lower,
            });
        }
        Ok(())
    }

    /// Where samples may lie at all; what is infinite is outside.
    fn limits(&self) -> (f64, f64) {
        let most = f64::from(f32::MAX);
        let lower = self.lower.unwrap_or(-most).max(-most);
        (lower, self.upper.unwrap_or(most).min(most))
    }
}

/// All statistics at once. Where only some are needed, [`Clipped`] has each by itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ImageStats {
    /// Samples that clipping left.
    pub npix: usize,
    /// Their mean, in single precision.
    pub mean: f64,
    /// Their standard deviation (divided by `npix - 1`), in single precision; 0 of one sample.
    pub stddev: f64,
    /// Where the histogram peaks, by a parabola through the highest bin and its neighbours.
    pub mode: f64,
    /// Where the histogram has half of the samples on either side.
    pub midpt: f64,
    /// The median.
    pub median: f64,
    /// The smallest sample.
    pub min: f64,
    /// The largest sample.
    pub max: f64,
}

impl ImageStats {
    /// Clips and measures samples.
    ///
    /// # Errors
    /// As [`Clipped::of`]; [`Error::BadParameter`] where the histogram would have more bins than make sense.
    pub fn of(samples: &[f32], options: &ImageStatsOptions) -> Result<Self> {
        let clipped = Clipped::of(samples, options)?;
        let histogram = clipped.histogram()?;
        Ok(Self {
            npix: clipped.npix,
            mean: clipped.mean,
            stddev: clipped.stddev,
            mode: histogram.mode(),
            midpt: histogram.midpoint(),
            median: clipped.median(),
            min: clipped.min,
            max: clipped.max,
        })
    }
}

/// Samples within the limits where clipping ended, with the statistics that clipping needs anyway.
#[derive(Debug, Clone, Copy)]
pub struct Clipped<'s> {
    samples: &'s [f32],
    /// The smallest and the largest value that is kept.
    pub limits: (f32, f32),
    /// Samples that are kept.
    pub npix: usize,
    /// Their mean, in single precision.
    pub mean: f64,
    /// Their standard deviation (divided by `npix - 1`), in single precision; 0 of one sample.
    pub stddev: f64,
    /// The smallest of them.
    pub min: f64,
    /// The largest of them.
    pub max: f64,
    binwidth: f64,
}

impl<'s> Clipped<'s> {
    /// Clips samples `nclip` times about their mean. Each round starts from all samples, so that one that an earlier
    /// round left out may come back.
    ///
    /// # Errors
    /// [`Error::NoFiniteSample`]; [`Error::NothingWithinLimits`] where none is left; [`Error::BadParameter`].
    pub fn of(samples: &'s [f32], options: &ImageStatsOptions) -> Result<Self> {
        options.check()?;
        let allowed = options.limits();
        let Some(mut centre) = typical(samples) else {
            return Err(Error::NoFiniteSample {
                samples: samples.len(),
            });
        };
        let mut limits = (allowed.0 as f32, allowed.1 as f32);
        let mut round = 0;
        loop {
            let found = moments(samples, limits, centre);
            if found.n == 0 {
                let (lower, upper) = (f64::from(limits.0), f64::from(limits.1));
                return Err(Error::NothingWithinLimits { lower, upper });
            }
            let (mean, stddev) = (found.mean as f32, found.stddev() as f32);
            let (mean64, stddev64) = (f64::from(mean), f64::from(stddev));
            let (lower, upper) = (mean64 - options.lsig * stddev64, mean64 + options.usig * stddev64);
            let next = (lower.max(allowed.0) as f32, upper.min(allowed.1) as f32);
            // Limits that stay give the same again.
            if round == options.nclip || next == limits {
                let (min, max) = found.extremes;
                return Ok(Self {
                    samples,
                    limits,
                    npix: found.n,
                    mean: mean64,
                    stddev: stddev64,
                    min: f64::from(min),
                    max: f64::from(max),
                    binwidth: options.binwidth,
                });
            }
            limits = next;
            centre = mean;
            round += 1;
        }
    }

    /// The median; of an even number of samples the mean of the middle two, in single precision.
    pub fn median(&self) -> f64 {
        median::median(self.samples, self.limits, (self.min as f32, self.max as f32))
    }

    /// The histogram that mode and midpoint come from.
    ///
    /// # Errors
    /// [`Error::BadParameter`] where it would have more bins than make sense.
    pub fn histogram(&self) -> Result<SigmaHistogram> {
        // The peer starts its search for the extremes at the first sample held to the limits, and so its bins begin
        // at a limit where the first sample lies beyond it.
        let first = self.samples.iter().copied().find(|sample| sample.is_finite());
        let first = first.unwrap_or(self.limits.0);
        let lowest = if first < self.limits.0 {
            self.limits.0
        } else {
            self.min as f32
        };
        let highest = if first > self.limits.1 {
            self.limits.1
        } else {
            self.max as f32
        };
        SigmaHistogram::new(self.samples, (lowest, highest), self.binwidth, self.stddev)
    }
}

pub use histogram::SigmaHistogram;

#[cfg(test)]
mod tests;
