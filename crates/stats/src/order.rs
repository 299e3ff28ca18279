//! Statistics of order: median, percentiles, extremes, median absolute deviation.

use crate::{Error, Result, Sample, sample::finite};

/// What turns the median absolute deviation of a normal distribution into its standard deviation:
/// 1 / Φ⁻¹(3/4).
pub const MAD_TO_SIGMA: f64 = 1.482_602_218_505_602;

/// The median of the finite samples; for an even number, the mean of the middle two.
///
/// # Errors
/// [`Error::NoFiniteSample`].
pub fn median<T: Sample>(samples: &[T]) -> Result<f64> {
    median_of_finite(&mut finite(samples)).ok_or(Error::NoFiniteSample {
        samples: samples.len(),
    })
}

/// As [`median`], without a copy, of samples that are known to be finite; puts them in another order.
/// `None` where there is no sample.
pub fn median_of_finite<T: Sample>(samples: &mut [T]) -> Option<f64> {
    if samples.is_empty() {
        return None;
    }
    if let Some(median) = median_of_many(samples) {
        return Some(median);
    }
    let middle = samples.len() / 2;
    middle_of(samples, middle, samples.len() % 2 == 1)
}

/// Of so many samples the median is looked for between two of them.
const MANY: usize = 8192;
/// As many samples tell between which, and so far from their middle these two are: four standard deviations of a median's rank.
const TELLING: usize = 1024;
const ASIDE: usize = 64;
/// Samples are gathered in blocks.
const BLOCK: usize = 64;

/// The median of many samples: those between two that a few of them give are gathered, and the median is selected from these
/// (after Floyd & Rivest 1975, CACM 18, 165). Nothing where there are few, or it is not between the two.
fn median_of_many<T: Sample>(samples: &[T]) -> Option<f64> {
    if samples.len() < MANY {
        return None;
    }
    let mut telling: Vec<T> = samples.iter().step_by(samples.len() / TELLING).copied().collect();
    telling.sort_unstable_by(Sample::order);
    let (low, high) = (
        telling[telling.len() / 2 - ASIDE],
        telling[telling.len() / 2 + ASIDE],
    );
    let mut between: Vec<T> = Vec::with_capacity(samples.len() / 4);
    // How many are below the lower one, and the same as either: whole numbers often are.
    let (mut below, mut same) = (0, [0; 2]);
    for block in samples.chunks(BLOCK) {
        let count = |is: &dyn Fn(T) -> bool| block.iter().map(|&sample| u32::from(is(sample))).sum::<u32>();
        below += count(&|sample| sample < low) as usize;
        same[0] += count(&|sample| sample == low) as usize;
        same[1] += count(&|sample| sample == high) as usize;
        let mut gathered = [block[0]; BLOCK];
        let mut inside = 0;
        for &sample in block {
            gathered[inside] = sample;
            inside += usize::from((sample > low) & (sample < high));
        }
        between.extend_from_slice(&gathered[..inside]);
    }
    if low == high {
        same[1] = 0;
    }
    let odd = samples.len() % 2 == 1;
    let last = samples.len() / 2;
    let first = if odd { last } else { last - 1 };
    let until = [below, below + same[0], below + same[0] + between.len()];
    let end = until[2] + same[1];
    if first < until[0] || last >= end {
        return None;
    }
    if first >= until[1] && last < until[2] {
        return middle_of(&mut between, last - until[1], odd);
    }
    let mut at = |rank: usize| {
        if rank < until[1] {
            low.to_f64()
        } else if rank >= until[2] {
            high.to_f64()
        } else {
            between
                .select_nth_unstable_by(rank - until[1], Sample::order)
                .1
                .to_f64()
        }
    };
    Some(0.5 * at(first) + 0.5 * at(last))
}

/// The sample at a rank, or where the number is not odd the mean of it and the one before.
fn middle_of<T: Sample>(samples: &mut [T], middle: usize, odd: bool) -> Option<f64> {
    let (below, upper, _) = samples.select_nth_unstable_by(middle, Sample::order);
    let upper = upper.to_f64();
    if odd {
        return Some(upper);
    }
    let lower = below
        .iter()
        .copied()
        .max_by(Sample::order)
        .map_or(upper, Sample::to_f64);
    Some(0.5 * lower + 0.5 * upper)
}

/// Median absolute deviation from the median, of the finite samples.
///
/// # Errors
/// [`Error::NoFiniteSample`].
pub fn mad<T: Sample>(samples: &[T]) -> Result<f64> {
    mad_of_finite(&mut finite(samples)).ok_or(Error::NoFiniteSample {
        samples: samples.len(),
    })
}

/// [`mad`] times [`MAD_TO_SIGMA`]: a standard deviation that outliers hardly touch.
///
/// # Errors
/// [`Error::NoFiniteSample`].
pub fn mad_std<T: Sample>(samples: &[T]) -> Result<f64> {
    mad(samples).map(|mad| mad * MAD_TO_SIGMA)
}

pub(crate) fn mad_of_finite<T: Sample>(samples: &mut [T]) -> Option<f64> {
    let centre = median_of_finite(samples)?;
    let mut deviations: Vec<f64> = samples
        .iter()
        .map(|sample| (sample.to_f64() - centre).abs())
        .collect();
    median_of_finite(&mut deviations)
}

/// Percentiles of the finite samples, interpolated linearly between neighbours (numpy's "linear"), in
/// the order they are asked for.
///
/// # Errors
/// [`Error::NoFiniteSample`]; [`Error::PercentOutOfRange`] outside 0 to 100.
pub fn percentiles<T: Sample>(samples: &[T], percents: &[f64]) -> Result<Vec<f64>> {
    let found = samples.len();
    percentiles_of_finite(&mut finite(samples), percents).map_err(|error| match error {
        Error::NoFiniteSample { .. } => Error::NoFiniteSample { samples: found },
        other => other,
    })
}

/// As [`percentiles`], without a copy, of samples that are known to be finite; puts them in another order.
///
/// # Errors
/// [`Error::NoFiniteSample`] where there is no sample; [`Error::PercentOutOfRange`] outside 0 to 100.
pub fn percentiles_of_finite<T: Sample>(samples: &mut [T], percents: &[f64]) -> Result<Vec<f64>> {
    if let Some(&percent) = percents.iter().find(|percent| !(0.0..=100.0).contains(*percent)) {
        return Err(Error::PercentOutOfRange { percent });
    }
    let Some(last) = samples.len().checked_sub(1) else {
        return Err(Error::NoFiniteSample { samples: 0 });
    };
    let place = |percent: f64| {
        let position = percent / 100.0 * last as f64;
        let lower = (position.floor() as usize).min(last);
        (lower, (lower + 1).min(last), position - lower as f64)
    };
    let mut ranks: Vec<usize> = percents
        .iter()
        .flat_map(|&percent| {
            let (lower, upper, _) = place(percent);
            [lower, upper]
        })
        .collect();
    ranks.sort_unstable();
    ranks.dedup();
    // From the highest rank down: each selection leaves everything smaller to its left.
    let mut end = samples.len();
    for &rank in ranks.iter().rev() {
        samples[..end].select_nth_unstable_by(rank, Sample::order);
        end = rank;
    }
    Ok(percents
        .iter()
        .map(|&percent| {
            let (lower, upper, fraction) = place(percent);
            interpolate(samples[lower].to_f64(), samples[upper].to_f64(), fraction)
        })
        .collect())
}

/// From the nearer end, so that the result is monotonic and exact at both ends.
fn interpolate(lower: f64, upper: f64, fraction: f64) -> f64 {
    let step = upper - lower;
    if fraction < 0.5 {
        lower + step * fraction
    } else {
        upper - step * (1.0 - fraction)
    }
}

/// The smallest and the largest finite sample.
///
/// # Errors
/// [`Error::NoFiniteSample`].
pub fn min_max<T: Sample>(samples: &[T]) -> Result<(f64, f64)> {
    let mut found = samples.iter().copied().filter(|sample| sample.is_finite());
    let Some(first) = found.next() else {
        return Err(Error::NoFiniteSample {
            samples: samples.len(),
        });
    };
    let (low, high) = found.fold((first, first), |(low, high), sample| {
        (
            if sample < low { sample } else { low },
            if sample > high { sample } else { high },
        )
    });
    Ok((low.to_f64(), high.to_f64()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn median_of_odd_and_even_numbers() {
        assert_eq!(median(&[3.0f32, 1.0, 2.0]), Ok(2.0));
        assert_eq!(median(&[4.0f64, 1.0, 3.0, 2.0]), Ok(2.5));
        assert_eq!(median(&[f32::NAN, 7.0]), Ok(7.0));
        assert!(median(&[f32::NAN]).is_err());
        assert_eq!(
            median(&[f64::MAX, f64::MAX]),
            Ok(f64::MAX),
            "no overflow in the mean of the middle two"
        );
    }

    #[test]
    fn medians_without_a_copy_of_odd_even_and_no_values() {
        assert_eq!(median_of_finite(&mut [3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median_of_finite(&mut [4.0, 1.0]), Some(2.5));
        assert_eq!(median_of_finite::<f64>(&mut []), None);
    }

    #[test]
    fn the_median_of_many_is_the_middle_of_them_sorted() {
        // Numbers that wander, ties, runs in order, and runs that the few that are looked at first all miss.
        let scattered = |i: u64| ((i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as f32).sqrt();
        let kinds: [&dyn Fn(u64) -> f32; 5] = [
            &scattered,
            &|i| (scattered(i) / 1000.0).floor(),
            &|i| i as f32,
            &|i| if i.is_multiple_of(8) { -1e6 } else { scattered(i) },
            &|i| if i < 4096 { scattered(i) } else { 7.0 },
        ];
        for (kind, of) in kinds.iter().enumerate() {
            for n in [8191, 8192, 8193, 20_000, 65_537] {
                let mut samples: Vec<f32> = (0..n).map(of).collect();
                let mut sorted = samples.clone();
                sorted.sort_by(f32::total_cmp);
                let (upper, lower) = (sorted[sorted.len() / 2], sorted[(sorted.len() - 1) / 2]);
                let expected = 0.5 * f64::from(lower) + 0.5 * f64::from(upper);
                assert_eq!(median_of_finite(&mut samples), Some(expected), "{kind} {n}");
            }
        }
    }

    #[test]
    fn percentiles_are_numpys_linear() {
        // numpy.percentile([15, 20, 35, 40, 50], [0, 5, 30, 40, 99.9, 100])
        let samples = [35.0f32, 20.0, 50.0, 15.0, 40.0];
        let got = percentiles(&samples, &[0.0, 5.0, 30.0, 40.0, 99.9, 100.0]).unwrap();
        for (got, expected) in got.iter().zip([15.0, 16.0, 23.0, 29.0, 49.96, 50.0]) {
            assert!((got - expected).abs() < 1e-12, "{got} {expected}");
        }
    }

    #[test]
    fn percentiles_refuse_what_is_not_a_percentage() {
        assert_eq!(
            percentiles(&[1.0], &[101.0]),
            Err(Error::PercentOutOfRange { percent: 101.0 })
        );
        assert!(percentiles(&[1.0], &[f64::NAN]).is_err());
        assert_eq!(
            percentiles(&[f64::NAN; 3], &[50.0]),
            Err(Error::NoFiniteSample { samples: 3 })
        );
        assert_eq!(percentiles(&[2.0f32], &[0.0, 50.0, 100.0]), Ok(vec![2.0; 3]));
    }

    #[test]
    fn extremes_skip_nan_and_infinities() {
        assert_eq!(min_max(&[f32::NAN, 3.0, f32::INFINITY, -2.0]), Ok((-2.0, 3.0)));
        assert!(min_max(&[f64::INFINITY]).is_err());
    }

    #[test]
    fn mad_of_a_known_set() {
        assert_eq!(mad(&[1.0f32, 1.0, 2.0, 2.0, 4.0, 6.0, 9.0]), Ok(1.0));
        assert_eq!(mad_std(&[1.0f64, 1.0, 2.0, 2.0, 4.0, 6.0, 9.0]), Ok(MAD_TO_SIGMA));
    }

    proptest! {
        #[test]
        fn the_median_is_the_fiftieth_percentile(samples in prop::collection::vec(-1e6f64..1e6, 1..200)) {
            let median = median(&samples).unwrap();
            let percentile = percentiles(&samples, &[50.0]).unwrap()[0];
            prop_assert!((median - percentile).abs() <= 1e-9);
        }

        #[test]
        fn percentiles_agree_with_sorting(
            samples in prop::collection::vec(-1e3f32..1e3, 1..100),
            percents in prop::collection::vec(0.0f64..=100.0, 0..6),
        ) {
            let got = percentiles(&samples, &percents).unwrap();
            let mut sorted = samples.clone();
            sorted.sort_by(f32::total_cmp);
            for (percent, got) in percents.iter().zip(got) {
                let position = percent / 100.0 * (sorted.len() - 1) as f64;
                let lower = f64::from(sorted[position.floor() as usize]);
                let upper = f64::from(sorted[position.ceil() as usize]);
                let expected = lower + (upper - lower) * position.fract();
                prop_assert!((got - expected).abs() < 1e-9);
            }
        }
    }
}
