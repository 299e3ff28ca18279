//! The clipping of one row, and its level.

use super::{DestripeOptions, Statistic, histogram};
use std::ops::Add;

/// What is known of a row that could be measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Level {
    /// The level, by the statistic asked for, in the unit of the samples.
    pub value: f64,
    /// How many pixels were kept.
    pub kept: usize,
    /// Rounds of clipping.
    pub rounds: usize,
}

/// Measures a row. `weight` is 1 where a pixel counts and 0 where it does not, and comes back as 1 for those that
/// clipping kept. Samples have to be finite, those of no weight too.
///
/// None where fewer than two pixels count, or all samples are the same. Sums follow numpy's order and precision,
/// float32 for means: which pixels are clipped hangs on the last bit, and with them the peak of the histogram.
///
/// The first mean and standard deviation are divided by the number of all pixels of the row, whether they count or
/// not, as in `acs_destripe`.
pub(super) fn level(samples: &[f32], weight: &mut [f32], options: &DestripeOptions) -> Option<Level> {
    let n = samples.len();
    if n < 2 || samples.iter().all(|sample| *sample == samples[0]) {
        return None;
    }
    let lower = options.lower.unwrap_or(f64::NEG_INFINITY);
    let upper = options.upper.unwrap_or(f64::INFINITY);
    reject(samples, weight, (lower, upper));
    let mut kept = within(samples, weight, (lower, upper));
    if kept < 2 {
        return None;
    }
    let first = sum(samples, weight, &|s, w| s * w) / n as f32;
    let squares = sum(samples, weight, &|s, w| (s - first) * (s - first) * w);
    let reach = options.sigrej as f32 * (squares / (n - 1) as f32).sqrt();
    let mut bounds = (f64::from(first - reach), f64::from(first + reach));
    let mut mean = f64::from(first);
    let mut rounds = 0;
    while rounds < options.maxiter {
        let left = within(samples, weight, bounds);
        if left < 2 {
            break;
        }
        reject(samples, weight, bounds);
        rounds += 1;
        mean = f64::from(sum(samples, weight, &|s, w| s * w)) / left as f64;
        if left == kept {
            break;
        }
        kept = left;
        let squares = sum(samples, weight, &|s, w| {
            (f64::from(s) - mean).powi(2) * f64::from(w)
        });
        let reach = options.sigrej * (squares / (kept - 1) as f64).sqrt();
        bounds = (mean - reach, mean + reach);
    }
    let value = value(samples, weight, mean, options);
    Some(Level { value, kept, rounds })
}

fn value(samples: &[f32], weight: &[f32], mean: f64, options: &DestripeOptions) -> f64 {
    if options.stat == Statistic::Mean {
        return mean;
    }
    let pairs = samples.iter().zip(weight);
    let mut kept: Vec<f32> = pairs.filter(|(_, w)| **w > 0.0).map(|(s, _)| *s).collect();
    match options.stat {
        Statistic::Mean => mean,
        Statistic::Median => median(&mut kept),
        Statistic::Pmode1 => 2.5 * median(&mut kept) - 1.5 * mean,
        Statistic::Pmode2 => 3.0 * median(&mut kept) - 2.0 * mean,
        Statistic::Mode => histogram::mode(&kept, options.binwidth),
        Statistic::Midpt => histogram::midpoint(&kept, options.binwidth),
    }
}

/// How many samples that count lie within the bounds, both included.
fn within(samples: &[f32], weight: &[f32], bounds: (f64, f64)) -> usize {
    let inside = |s: f32, w: f32| f64::from(s) >= bounds.0 && f64::from(s) <= bounds.1 && w > 0.0;
    let pairs = samples.iter().zip(weight);
    pairs.map(|(s, w)| u32::from(inside(*s, *w))).sum::<u32>() as usize
}

/// Takes their weight from samples outside of the bounds.
fn reject(samples: &[f32], weight: &mut [f32], bounds: (f64, f64)) {
    for (sample, weight) in samples.iter().zip(weight) {
        let sample = f64::from(*sample);
        let inside = sample >= bounds.0 && sample <= bounds.1;
        *weight = if inside { *weight } else { 0.0 };
    }
}

/// The median; of an even number of samples the mean of the middle two, in single precision.
fn median(samples: &mut [f32]) -> f64 {
    if samples.is_empty() {
        return 0.0;
    }
    let middle = samples.len() / 2;
    let odd = samples.len() % 2 == 1;
    let (below, upper, _) = samples.select_nth_unstable_by(middle, f32::total_cmp);
    if odd {
        return f64::from(*upper);
    }
    let lower = below.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    f64::from((lower + *upper) / 2.0)
}

/// The mean, in single precision.
pub(super) fn mean(samples: &[f32]) -> f32 {
    sum(samples, samples, &|sample, _| sample) / samples.len().max(1) as f32
}

/// Sums are halved until so few terms are left, which are added side by side.
const BLOCK: usize = 128;
const LANES: usize = 8;

/// The pairwise sum of a term of each sample and its weight, in numpy's order.
fn sum<T>(samples: &[f32], weight: &[f32], term: &impl Fn(f32, f32) -> T) -> T
where
    T: Copy + Default + Add<Output = T>,
{
    let n = samples.len();
    if n > BLOCK {
        let half = n / 2 - (n / 2) % LANES;
        let (samples, more_samples) = samples.split_at(half);
        let (weight, more_weight) = weight.split_at(half);
        return sum(samples, weight, term) + sum(more_samples, more_weight, term);
    }
    let mut lanes = [T::default(); LANES];
    let whole = n - n % LANES;
    let chunks = samples[..whole]
        .chunks_exact(LANES)
        .zip(weight[..whole].chunks_exact(LANES));
    for (samples, weight) in chunks {
        for ((lane, sample), weight) in lanes.iter_mut().zip(samples).zip(weight) {
            *lane = *lane + term(*sample, *weight);
        }
    }
    let total =
        ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
    let rest = samples[whole..].iter().zip(&weight[whole..]);
    rest.fold(total, |total, (sample, weight)| total + term(*sample, *weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(samples: &[f32], weight: &[f32], options: &DestripeOptions) -> Option<Level> {
        level(samples, &mut weight.to_vec(), options)
    }

    fn with(stat: Statistic) -> DestripeOptions {
        DestripeOptions {
            stat,
            ..DestripeOptions::default()
        }
    }

    #[test]
    fn an_outlier_is_clipped_and_its_weight_taken() {
        let mut samples: Vec<f32> = (0..100).map(|i| (i % 5) as f32).collect();
        samples[50] = 1000.0;
        let mut weight = vec![1.0; 100];
        let level = level(&samples, &mut weight, &with(Statistic::Mean)).unwrap();
        assert_eq!((level.kept, weight[50]), (99, 0.0));
        assert!((level.value - 200.0 / 99.0).abs() < 1e-6, "{level:?}");
    }

    #[test]
    fn statistics_of_a_skewed_row() {
        // 0 … 8 with a tail: median 4, mean 6.
        let samples: Vec<f32> = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 13.0, 20.0].to_vec();
        let weight = vec![1.0; 9];
        let wide = |stat| DestripeOptions {
            sigrej: 100.0,
            ..with(stat)
        };
        let value = |stat| measure(&samples, &weight, &wide(stat)).unwrap().value;
        assert_eq!(value(Statistic::Mean), 6.0);
        assert_eq!(value(Statistic::Median), 4.0);
        assert_eq!(value(Statistic::Pmode1), 1.0);
        assert_eq!(value(Statistic::Pmode2), 0.0);
    }

    #[test]
    fn no_rounds_leave_the_first_mean_over_all_pixels() {
        let options = DestripeOptions {
            maxiter: 0,
            ..with(Statistic::Mean)
        };
        let level = measure(&[1.0, 3.0, 8.0, 100.0], &[1.0, 1.0, 1.0, 0.0], &options).unwrap();
        assert_eq!((level.value, level.kept, level.rounds), (3.0, 3, 0));
    }

    #[test]
    fn rows_without_anything_to_measure() {
        let options = DestripeOptions::default();
        assert_eq!(measure(&[], &[], &options), None);
        assert_eq!(measure(&[1.0], &[1.0], &options), None);
        assert_eq!(measure(&[2.0; 10], &[1.0; 10], &options), None);
        assert_eq!(measure(&[1.0, 2.0, 3.0], &[0.0, 1.0, 0.0], &options), None);
        let narrow = DestripeOptions {
            lower: Some(10.0),
            ..options
        };
        assert_eq!(measure(&[1.0, 2.0, 3.0], &[1.0; 3], &narrow), None);
    }

    #[test]
    fn limits_leave_pixels_out() {
        let samples: Vec<f32> = (0..50).map(|i| i as f32).collect();
        let options = DestripeOptions {
            lower: Some(10.0),
            upper: Some(12.0),
            maxiter: 0,
            ..with(Statistic::Median)
        };
        let level = measure(&samples, &[1.0; 50], &options).unwrap();
        assert_eq!((level.value, level.kept), (11.0, 3));
    }

    #[test]
    fn sums_of_any_length() {
        for n in [0usize, 1, 7, 8, 9, 127, 128, 129, 1000, 4096, 8191] {
            let samples: Vec<f32> = (0..n).map(|i| i as f32).collect();
            let expected = (n * n.saturating_sub(1) / 2) as f64;
            let total: f64 = sum(&samples, &samples, &|s, _| f64::from(s));
            assert_eq!(total, expected, "{n}");
        }
    }
}
