//! Mode and median of a histogram, as IRAF's `imstatistics` has them.

use super::counts::Bins;
use crate::{Error, Result};

/// Ranges and widths below this count as none.
const NOTHING: f64 = 10.0 * f32::EPSILON as f64;
/// More bins than an image has pixels tell nothing.
const MOST_BINS: f64 = (1u64 << 24) as f64;

/// Samples counted in bins of a fraction of their standard deviation.
#[derive(Debug, Clone, PartialEq)]
pub struct SigmaHistogram {
    /// Samples in each bin; the last one holds some beyond the range too.
    pub counts: Vec<u32>,
    /// Where the first bin begins.
    pub lowest: f64,
    /// The width that positions are counted in. Bins are filled with one that is a little larger, so that the range
    /// is a whole number of them.
    pub width: f64,
}

impl SigmaHistogram {
    /// Bins from the smallest sample to the largest. Places are computed in single precision, as the counts are to be
    /// those of `stsci.imagestats`.
    pub(super) fn new(samples: &[f32], range: (f32, f32), binwidth: f64, stddev: f64) -> Result<Self> {
        let width = binwidth * stddev;
        let (lowest, highest) = (f64::from(range.0), f64::from(range.1));
        let extent = highest - lowest;
        let one_bin = width < NOTHING || extent < NOTHING || width > extent;
        let bins = if one_bin { 0.0 } else { extent / width };
        if bins.is_nan() || bins > MOST_BINS {
            return Err(Error::BadParameter {
                parameter: "binwidth",
                expected: "so wide that there are fewer than 17 million bins",
                found: binwidth,
            });
        }
        let bins = bins as usize + 1;
        let step = (extent / (bins - 1).max(1) as f64) as f32;
        let places = Bins {
            lowest: range.0,
            highest: (range.0 + step * bins as f32).next_down(),
            per_unit: 1.0 / step,
            bins,
            keeps_beyond: false,
        };
        Ok(Self {
            counts: places.count(samples),
            lowest,
            width,
        })
    }

    /// The peak, by a parabola through the highest bin and its neighbours; the first of several equal peaks.
    pub fn mode(&self) -> f64 {
        let (counts, width) = (&self.counts, self.width);
        if counts.len() == 2 && counts[0] == counts[1] {
            return self.lowest + width;
        }
        let highest = counts.iter().copied().max().unwrap_or(0);
        let peak = counts.iter().position(|count| *count == highest).unwrap_or(0);
        if peak == 0 || peak == counts.len() - 1 {
            return self.lowest + (peak as f64 + 0.5) * width;
        }
        let over = |neighbour: u32| f64::from(highest) - f64::from(neighbour);
        let (before, after) = (over(counts[peak - 1]), over(counts[peak + 1]));
        if before + after == 0.0 {
            return self.lowest + (peak as f64 + 0.5) * width;
        }
        let place = peak as f64 + 1.0 + 0.5 * (before - after) / (before + after);
        self.lowest + (place - 0.5) * width
    }

    /// Where half of the samples lie on either side, between the edges of the bin that it falls in. Of a single bin,
    /// its middle.
    pub fn midpoint(&self) -> f64 {
        let width = self.width;
        let total: u64 = self.counts.iter().map(|n| u64::from(*n)).sum();
        if self.counts.len() < 2 || total == 0 {
            return self.lowest + 0.5 * width;
        }
        let (mut counted, mut below) = (0u64, 0.0f32);
        for (bin, count) in self.counts.iter().enumerate() {
            counted += u64::from(*count);
            let share = counted as f32 / total as f32;
            if share >= 0.5 {
                let part = (0.5 - below) / (share - below) * width as f32;
                return self.lowest + bin as f64 * width + f64::from(part);
            }
            below = share;
        }
        self.lowest + self.counts.len() as f64 * width
    }
}
