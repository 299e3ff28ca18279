//! The display interval of IRAF's zscale.

use crate::{Error, Result, Sample, order::median_of_finite};

/// Parameters of [`zscale`]; the names and defaults are astropy's `ZScaleInterval`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ZScale {
    /// How many samples to look at, evenly spread over the slice.
    pub n_samples: usize,
    /// Slope of the interval: smaller is wider. 0 leaves the fitted slope as it is.
    pub contrast: f64,
    /// The whole range is given where more than this fraction of the samples is rejected.
    pub max_reject: f64,
    /// The whole range is given where fewer samples than this remain.
    pub min_npixels: usize,
    /// Rejection threshold, in standard deviations from the fitted line.
    pub krej: f64,
    /// Rejection stops after so many rounds.
    pub max_iterations: usize,
}

impl Default for ZScale {
    fn default() -> Self {
        Self {
            n_samples: 1000,
            contrast: 0.25,
            max_reject: 0.5,
            min_npixels: 5,
            krej: 2.5,
            max_iterations: 5,
        }
    }
}

/// The interval `(low, high)` in which most of the sky lies: a line is fitted to the sorted samples,
/// outliers rejected, and the range is where that line, made steeper by `1 / contrast`, leaves the data.
///
/// The samples are every n-th *finite* one in order, so that the same image gives the same interval.
/// Follows the description of zscale in IRAF's `display` task, with astropy's treatment of rejection.
///
/// # Errors
/// [`Error::NoFiniteSample`]; [`Error::BadParameter`] where `n_samples` is 0.
pub fn zscale<T: Sample>(samples: &[T], parameters: &ZScale) -> Result<(f64, f64)> {
    if parameters.n_samples == 0 {
        return Err(Error::BadParameter {
            parameter: "n_samples",
            expected: "at least 1",
            found: 0.0,
        });
    }
    let sorted = sorted_subset(samples, parameters.n_samples);
    let (Some(&low), Some(&high)) = (sorted.first(), sorted.last()) else {
        return Err(Error::NoFiniteSample {
            samples: samples.len(),
        });
    };
    let Some(mut slope) = fitted_slope(&sorted, parameters) else {
        return Ok((low, high));
    };
    if parameters.contrast > 0.0 {
        slope /= parameters.contrast;
    }
    let n = sorted.len();
    let centre = ((n - 1) / 2) as f64;
    let median = median_of_finite(&mut sorted.clone()).unwrap_or(low);
    Ok((
        low.max(median - (centre - 1.0) * slope),
        high.min(median + (n as f64 - centre) * slope),
    ))
}

fn sorted_subset<T: Sample>(samples: &[T], wanted: usize) -> Vec<f64> {
    let available = samples.iter().filter(|sample| sample.is_finite()).count();
    let stride = (available / wanted).max(1);
    let mut subset: Vec<f64> = samples
        .iter()
        .filter(|sample| sample.is_finite())
        .step_by(stride)
        .take(wanted)
        .map(|sample| sample.to_f64())
        .collect();
    subset.sort_unstable_by(f64::total_cmp);
    subset
}

/// The slope of the line through the sorted samples after rejection, or `None` where too few are left.
fn fitted_slope(sorted: &[f64], parameters: &ZScale) -> Option<f64> {
    let n = sorted.len();
    let least = parameters
        .min_npixels
        .max((n as f64 * parameters.max_reject) as usize);
    let grow = (n / 100).max(1);
    let mut rejected = vec![false; n];
    let (mut good, mut good_before) = (n, n + 1);
    let mut slope = None;
    for _ in 0..parameters.max_iterations {
        if good >= good_before || good < least {
            break;
        }
        let line = Line::through(sorted, &rejected)?;
        let threshold = parameters.krej * line.scatter(sorted, &rejected);
        for (index, (&sample, rejected)) in sorted.iter().zip(&mut rejected).enumerate() {
            let residual = sample - line.at(index);
            *rejected |= residual < -threshold || residual > threshold;
        }
        rejected = dilated(&rejected, grow);
        good_before = good;
        good = rejected.iter().filter(|&&rejected| !rejected).count();
        slope = Some(line.slope);
    }
    slope.filter(|_| good >= least)
}

struct Line {
    slope: f64,
    intercept: f64,
}

impl Line {
    /// The least-squares line through the samples that are not rejected, against their index.
    fn through(samples: &[f64], rejected: &[bool]) -> Option<Self> {
        let kept = || {
            samples
                .iter()
                .zip(rejected)
                .enumerate()
                .filter(|(_, (_, rejected))| !**rejected)
        };
        let (mut n, mut sum_x, mut sum_y) = (0.0, 0.0, 0.0);
        for (index, (sample, _)) in kept() {
            n += 1.0;
            sum_x += index as f64;
            sum_y += sample;
        }
        if n == 0.0 {
            return None;
        }
        let (mean_x, mean_y) = (sum_x / n, sum_y / n);
        let (mut sum_xx, mut sum_xy) = (0.0, 0.0);
        for (index, (sample, _)) in kept() {
            let x = index as f64 - mean_x;
            sum_xx += x * x;
            sum_xy += x * (sample - mean_y);
        }
        let slope = if sum_xx > 0.0 { sum_xy / sum_xx } else { 0.0 };
        Some(Self {
            slope,
            intercept: mean_y - slope * mean_x,
        })
    }

    fn at(&self, index: usize) -> f64 {
        self.intercept + self.slope * index as f64
    }

    /// Standard deviation of the residuals of the samples that are not rejected.
    fn scatter(&self, samples: &[f64], rejected: &[bool]) -> f64 {
        let residuals: Vec<f64> = samples
            .iter()
            .zip(rejected)
            .enumerate()
            .filter(|(_, (_, rejected))| !**rejected)
            .map(|(index, (sample, _))| sample - self.at(index))
            .collect();
        crate::moments::mean_and_std_of_finite(&residuals).map_or(0.0, |(_, std)| std)
    }
}

/// Rejects the neighbours of what is rejected: `width` samples in all, one more below than above
/// where `width` is even.
fn dilated(rejected: &[bool], width: usize) -> Vec<bool> {
    let (before, after) = (width / 2, width - width / 2 - 1);
    let mut grown = vec![false; rejected.len()];
    for (index, _) in rejected.iter().enumerate().filter(|(_, rejected)| **rejected) {
        let from = index.saturating_sub(after);
        let to = (index + before + 1).min(rejected.len());
        grown[from..to].fill(true);
    }
    grown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters() -> ZScale {
        ZScale::default()
    }

    #[test]
    fn a_ramp_keeps_its_range() {
        let ramp: Vec<f32> = (0..100).map(|i| i as f32).collect();
        assert_eq!(zscale(&ramp, &parameters()), Ok((0.0, 99.0)));
    }

    #[test]
    fn a_few_bright_pixels_do_not_widen_the_interval() {
        let mut samples: Vec<f64> = (0..1000).map(|i| f64::from(i) * 0.001).collect();
        samples[10] = 1e6;
        samples[500] = 2e6;
        let (low, high) = zscale(&samples, &parameters()).unwrap();
        assert!(low < 0.01 && high < 10.0, "{low} {high}");
    }

    #[test]
    fn few_samples_give_their_range() {
        assert_eq!(zscale(&[3.0f32, 1.0, 2.0], &parameters()), Ok((1.0, 3.0)));
        assert_eq!(zscale(&[5.0f32], &parameters()), Ok((5.0, 5.0)));
        let none = ZScale {
            max_iterations: 0,
            ..parameters()
        };
        assert_eq!(zscale(&[3.0f32; 10], &none), Ok((3.0, 3.0)));
    }

    #[test]
    fn a_constant_image_has_one_level() {
        assert_eq!(zscale(&vec![2.5f32; 5000], &parameters()), Ok((2.5, 2.5)));
    }

    #[test]
    fn bad_input_is_an_error() {
        assert!(zscale(&[f32::NAN; 4], &parameters()).is_err());
        assert!(
            zscale(
                &[1.0f32],
                &ZScale {
                    n_samples: 0,
                    ..parameters()
                }
            )
            .is_err()
        );
    }

    #[test]
    fn dilation_is_numpys_convolution_of_the_same_size() {
        // numpy.convolve([0,0,0,1,0,0,0], ones(4), "same")
        let row = [false, false, false, true, false, false, false];
        assert_eq!(dilated(&row, 4), [false, false, true, true, true, true, false]);
        assert_eq!(dilated(&row, 3), [false, false, true, true, true, false, false]);
        assert_eq!(dilated(&row, 1), row);
    }
}
