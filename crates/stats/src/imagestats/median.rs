//! The median of many samples, without sorting more than a few of them.

use super::counts::Bins;
use super::pass::between;

const BINS: usize = 4096;

/// Bins over a range; never descending with the sample, whatever is rounded.
fn bins_over((lowest, highest): (f32, f32)) -> Bins {
    let per_unit = (BINS - 1) as f32 / (highest - lowest);
    Bins {
        lowest,
        highest,
        // A range that is none, or endless, is one bin.
        per_unit: if per_unit.is_finite() { per_unit } else { 0.0 },
        bins: BINS,
        keeps_beyond: true,
    }
}

impl Bins {
    /// The smallest sample of the range that is in a bin or beyond, by halving what is in question.
    fn start(&self, bin: usize) -> f32 {
        let (mut low, mut high) = (ordered(self.lowest), ordered(self.highest));
        while low < high {
            // Towards `low`, below zero too, so that the interval shrinks.
            let middle = low + (high - low) / 2;
            if self.bin(unordered(middle)) >= bin {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        unordered(low)
    }

    /// The largest sample of the range that is in a bin or before.
    fn end(&self, bin: usize) -> f32 {
        if self.bin(self.highest) <= bin {
            return self.highest;
        }
        unordered(ordered(self.start(bin + 1)) - 1)
    }
}

/// A number that ascends as the sample does, without gaps.
fn ordered(sample: f32) -> i64 {
    let bits = i64::from(sample.to_bits() & 0x7fff_ffff);
    if sample.is_sign_negative() { -bits } else { bits }
}

/// The sample of [`ordered`]; zero for both zeros, which are equal in all that is asked here.
fn unordered(number: i64) -> f32 {
    let size = f32::from_bits(number.unsigned_abs() as u32);
    if number < 0 { -size } else { size }
}

/// The median of the samples between the limits, of which `range` holds the smallest and the largest; NaN where there
/// is none. Of an even number it is the mean of the middle two, in single precision, as numpy has it.
pub(super) fn median(samples: &[f32], limits: (f32, f32), range: (f32, f32)) -> f64 {
    let bins = bins_over((range.0.max(limits.0), range.1.min(limits.1)));
    let counts = bins.count(samples);
    let n: usize = counts.iter().map(|n| *n as usize).sum();
    if n == 0 {
        return f64::NAN;
    }
    let (before, first) = holding(&counts, (n - 1) / 2);
    let (_, last) = holding(&counts, n / 2);
    let mut middle = between(samples, bins.start(first), bins.end(last));
    let (below, upper, _) = middle.select_nth_unstable_by(n / 2 - before, f32::total_cmp);
    let upper = *upper;
    if n % 2 == 1 {
        return f64::from(upper);
    }
    let lower = below.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    f64::from((lower + upper) / 2.0)
}

/// The bin that holds the sample of a rank, from 0, and how many lie in bins before it.
fn holding(counts: &[u32], rank: usize) -> (usize, usize) {
    let mut before = 0;
    for (bin, count) in counts.iter().enumerate() {
        let after = before + *count as usize;
        if rank < after {
            return (before, bin);
        }
        before = after;
    }
    (before, counts.len())
}
