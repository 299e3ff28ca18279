//! Sums, means and standard deviations.

use crate::{Error, Result, Sample, sample::finite};

/// Partial sums kept side by side: the loop vectorises, and rounding grows more slowly than in one sum.
const LANES: usize = 8;

/// The sum of all samples in `f64`; NaN and infinite samples are not left out here.
///
/// The order of the additions depends on the number of samples only, so that the result is the same
/// on every machine and for any number of threads.
pub fn sum<T: Sample>(samples: &[T]) -> f64 {
    sum_of(samples, Sample::to_f64)
}

/// The sum of the squares of all samples in `f64`; as [`sum`].
pub fn sum_of_squares<T: Sample>(samples: &[T]) -> f64 {
    sum_of(samples, |sample| sample.to_f64() * sample.to_f64())
}

/// The mean of the finite samples.
///
/// # Errors
/// [`Error::NoFiniteSample`].
pub fn mean<T: Sample>(samples: &[T]) -> Result<f64> {
    mean_and_std(samples).map(|(mean, _)| mean)
}

/// Mean and standard deviation (divided by `n`, as numpy does) of the finite samples.
///
/// # Errors
/// [`Error::NoFiniteSample`].
pub fn mean_and_std<T: Sample>(samples: &[T]) -> Result<(f64, f64)> {
    mean_and_std_of_finite(&finite(samples)).ok_or(Error::NoFiniteSample {
        samples: samples.len(),
    })
}

/// As [`mean_and_std`], of samples that are known to be finite; `None` where there is none.
pub(crate) fn mean_and_std_of_finite<T: Sample>(samples: &[T]) -> Option<(f64, f64)> {
    if samples.is_empty() {
        return None;
    }
    let n = samples.len() as f64;
    let mean = sum_of(samples, Sample::to_f64) / n;
    let variance = sum_of(samples, |sample| (sample.to_f64() - mean).powi(2)) / n;
    Some((mean, variance.sqrt()))
}

fn sum_of<T: Sample>(samples: &[T], term: impl Fn(T) -> f64) -> f64 {
    let mut lanes = [0.0; LANES];
    let chunks = samples.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, &sample) in lanes.iter_mut().zip(chunk) {
            *lane += term(sample);
        }
    }
    for (lane, &sample) in lanes.iter_mut().zip(rest) {
        *lane += term(sample);
    }
    lanes.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_std_leave_out_what_is_not_finite() {
        let samples = [1.0f32, f32::NAN, 3.0, f32::INFINITY, 5.0, f32::NEG_INFINITY];
        let (mean, std) = mean_and_std(&samples).unwrap();
        assert_eq!(mean, 3.0);
        assert!((std - (8.0f64 / 3.0).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn nothing_finite_is_an_error() {
        assert_eq!(
            mean(&[f64::NAN, f64::INFINITY]),
            Err(Error::NoFiniteSample { samples: 2 })
        );
        assert_eq!(mean::<f32>(&[]), Err(Error::NoFiniteSample { samples: 0 }));
    }

    #[test]
    fn sums_of_f32_are_kept_in_f64() {
        let samples = vec![16_777_217.0f64 as f32, 1.0, 1.0, 1.0];
        assert_eq!(sum(&samples), 16_777_216.0 + 3.0);
        let many: Vec<f64> = (1..=1003).map(f64::from).collect();
        assert_eq!(sum(&many), 1003.0 * 1004.0 / 2.0);
        assert_eq!(sum_of_squares(&many), 1003.0 * 1004.0 * 2007.0 / 6.0);
    }
}
