//! Sigma clipping, as astropy's `sigma_clip` defines it.

use crate::moments::mean_and_std_of_finite;
use crate::order::{MAD_TO_SIGMA, mad_of_finite, median_of_finite};
use crate::{Error, Result, Sample, sample::finite};

/// What the samples are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Centre {
    /// Their median.
    #[default]
    Median,
    /// Their mean.
    Mean,
}

/// What one sigma is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Spread {
    /// The standard deviation (divided by `n`).
    #[default]
    Std,
    /// The median absolute deviation, scaled to a normal distribution's standard deviation.
    MadStd,
}

/// Parameters of [`sigma_clip`]; the defaults are astropy's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SigmaClip {
    /// Samples further below the centre than so many sigma are rejected.
    pub sigma_lower: f64,
    /// Samples further above the centre than so many sigma are rejected.
    pub sigma_upper: f64,
    /// At most so many rounds; `None`: until nothing more is rejected.
    pub maxiters: Option<usize>,
    /// The centre.
    pub centre: Centre,
    /// The unit of the two limits.
    pub spread: Spread,
}

impl Default for SigmaClip {
    fn default() -> Self {
        Self::symmetric(3.0)
    }
}

impl SigmaClip {
    /// The same limit on both sides, five rounds, median and standard deviation.
    pub fn symmetric(sigma: f64) -> Self {
        Self {
            sigma_lower: sigma,
            sigma_upper: sigma,
            maxiters: Some(5),
            centre: Centre::Median,
            spread: Spread::Std,
        }
    }
}

/// Where clipping ended: samples from `lower` to `upper`, both included, are kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// The smallest value that is kept.
    pub lower: f64,
    /// The largest value that is kept.
    pub upper: f64,
    /// How many rounds were needed.
    pub iterations: usize,
}

impl Limits {
    /// Whether a sample is kept; NaN never is.
    pub fn keep<T: Sample>(&self, sample: T) -> bool {
        let value = sample.to_f64();
        sample.is_finite() & (value >= self.lower) & (value <= self.upper)
    }
}

/// The limits outside of which samples are rejected, found by rejecting and computing again until
/// nothing changes or `maxiters` is reached. Samples that are not finite are rejected at once.
///
/// As in astropy, the last round's limits decide alone: a sample that an earlier round rejected is
/// kept where they include it.
///
/// # Errors
/// [`Error::NoFiniteSample`]; [`Error::BadParameter`] where a sigma is negative or NaN.
pub fn sigma_clip<T: Sample>(samples: &[T], clip: &SigmaClip) -> Result<Limits> {
    for (parameter, sigma) in [
        ("sigma_lower", clip.sigma_lower),
        ("sigma_upper", clip.sigma_upper),
    ] {
        if sigma.is_nan() || sigma < 0.0 {
            return Err(Error::BadParameter {
                parameter,
                expected: "at least 0",
                found: sigma,
            });
        }
    }
    let mut kept = finite(samples);
    if kept.is_empty() {
        return Err(Error::NoFiniteSample {
            samples: samples.len(),
        });
    }
    let mut limits = Limits {
        lower: f64::NEG_INFINITY,
        upper: f64::INFINITY,
        iterations: 0,
    };
    while clip.maxiters.is_none_or(|most| limits.iterations < most) {
        let Some((centre, sigma)) = centre_and_sigma(&mut kept, clip) else {
            break;
        };
        limits.lower = centre - sigma * clip.sigma_lower;
        limits.upper = centre + sigma * clip.sigma_upper;
        limits.iterations += 1;
        let before = kept.len();
        retain(&mut kept, &limits);
        if kept.len() == before || kept.is_empty() {
            break;
        }
    }
    Ok(limits)
}

/// Leaves the samples within the limits, in their order. Blocks of which all stay are moved whole, others without a branch that
/// depends on the samples.
fn retain<T: Sample>(kept: &mut Vec<T>, limits: &Limits) {
    const BLOCK: usize = 64;
    let mut count = 0;
    for first in (0..kept.len()).step_by(BLOCK) {
        let block = first..(first + BLOCK).min(kept.len());
        let stay: u32 = kept[block.clone()]
            .iter()
            .map(|&sample| u32::from(limits.keep(sample)))
            .sum();
        if stay as usize == block.len() {
            kept.copy_within(block.clone(), count);
            count += block.len();
            continue;
        }
        for index in block {
            let sample = kept[index];
            kept[count] = sample;
            count += usize::from(limits.keep(sample));
        }
    }
    kept.truncate(count);
}

fn centre_and_sigma<T: Sample>(kept: &mut [T], clip: &SigmaClip) -> Option<(f64, f64)> {
    let (mean, std) = match (clip.centre, clip.spread) {
        (Centre::Median, Spread::MadStd) => (0.0, 0.0),
        _ => mean_and_std_of_finite(kept)?,
    };
    let centre = match clip.centre {
        Centre::Mean => mean,
        Centre::Median => median_of_finite(kept)?,
    };
    let sigma = match clip.spread {
        Spread::Std => std,
        Spread::MadStd => mad_of_finite(kept)? * MAD_TO_SIGMA,
    };
    Some((centre, sigma))
}

/// Mean, median and standard deviation of what sigma clipping keeps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClippedStatistics {
    /// Mean of the kept samples.
    pub mean: f64,
    /// Median of the kept samples.
    pub median: f64,
    /// Standard deviation (divided by `n`) of the kept samples.
    pub std: f64,
    /// How many samples are kept.
    pub kept: usize,
    /// Where clipping ended.
    pub limits: Limits,
}

/// As [`sigma_clip`], and then the statistics of what is kept.
///
/// # Errors
/// As [`sigma_clip`]; [`Error::NoFiniteSample`] too where the limits leave nothing.
pub fn clipped_statistics<T: Sample>(samples: &[T], clip: &SigmaClip) -> Result<ClippedStatistics> {
    let limits = sigma_clip(samples, clip)?;
    let mut kept = samples.to_vec();
    retain(&mut kept, &limits);
    let none = Error::NoFiniteSample {
        samples: samples.len(),
    };
    let (mean, std) = mean_and_std_of_finite(&kept).ok_or(none.clone())?;
    let median = median_of_finite(&mut kept).ok_or(none)?;
    Ok(ClippedStatistics {
        mean,
        median,
        std,
        kept: kept.len(),
        limits,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_outliers() -> Vec<f32> {
        let mut samples: Vec<f32> = (0..200).map(|i| ((i * 37) % 100) as f32 / 100.0).collect();
        samples.extend([50.0, -40.0, f32::NAN, f32::INFINITY]);
        samples
    }

    #[test]
    fn outliers_go_and_the_rest_stays() {
        let clipped = clipped_statistics(&with_outliers(), &SigmaClip::default()).unwrap();
        assert_eq!(clipped.kept, 200);
        assert!((clipped.median - 0.495).abs() < 1e-6);
        assert!(clipped.limits.upper < 50.0 && clipped.limits.lower > -40.0);
        assert!(!clipped.limits.keep(f32::NAN) && !clipped.limits.keep(f64::INFINITY));
    }

    #[test]
    fn limits_may_differ_on_both_sides() {
        let clip = SigmaClip {
            sigma_lower: f64::INFINITY,
            sigma_upper: 3.0,
            ..SigmaClip::default()
        };
        let limits = sigma_clip(&with_outliers(), &clip).unwrap();
        assert!(limits.keep(-40.0f32) && !limits.keep(50.0f32));
    }

    #[test]
    fn rounds_are_counted_and_bounded() {
        // 1, 10, 100, …: each round rejects one more.
        let samples: Vec<f64> = (0..40).map(|i| 1.5f64.powi(i)).collect();
        let clip = |maxiters| SigmaClip {
            maxiters,
            ..SigmaClip::symmetric(2.0)
        };
        assert_eq!(sigma_clip(&samples, &clip(Some(1))).unwrap().iterations, 1);
        assert_eq!(sigma_clip(&samples, &clip(Some(3))).unwrap().iterations, 3);
        let all = sigma_clip(&samples, &clip(None)).unwrap();
        assert!(all.iterations > 5 && all.upper < 1e3);
        let none = sigma_clip(&samples, &clip(Some(0))).unwrap();
        assert!(samples.iter().all(|&sample| none.keep(sample)));
    }

    #[test]
    fn mean_and_mad_can_take_their_places() {
        let samples = [1.0, 2.0, 3.0, 4.0, 100.0];
        let robust = SigmaClip {
            spread: Spread::MadStd,
            ..SigmaClip::default()
        };
        assert!(!sigma_clip(&samples, &robust).unwrap().keep(100.0));
        let mean = SigmaClip {
            centre: Centre::Mean,
            maxiters: Some(1),
            ..SigmaClip::symmetric(1.0)
        };
        let limits = sigma_clip(&samples, &mean).unwrap();
        assert!((0.5 * (limits.lower + limits.upper) - 22.0).abs() < 1e-12);
    }

    #[test]
    fn bad_input_is_an_error() {
        assert!(sigma_clip(&[f32::NAN], &SigmaClip::default()).is_err());
        assert!(sigma_clip(&[1.0], &SigmaClip::symmetric(-1.0)).is_err());
        assert!(sigma_clip(&[1.0], &SigmaClip::symmetric(f64::NAN)).is_err());
    }

    #[test]
    fn equal_samples_are_all_kept() {
        assert_eq!(
            clipped_statistics(&[0.1f32; 50], &SigmaClip::default())
                .unwrap()
                .kept,
            50
        );
        let robust = SigmaClip {
            centre: Centre::Mean,
            ..SigmaClip::default()
        };
        assert!(clipped_statistics(&[1.0f64; 50], &robust).is_ok());
    }
}
