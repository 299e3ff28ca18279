//! Between two darks.

use super::{BoxRate, Candidate};
use serde::{Deserialize, Serialize};

/// The two darks whose rates bracket that of a science exposure, mixed so that the mixture has its rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Interpolation {
    /// Position of the dark with the lower rate among those given.
    pub low: usize,
    /// Position of the dark with the higher rate.
    pub high: usize,
    /// Names of the two.
    pub names: [String; 2],
    /// Shares of the two; they add up to 1.
    pub weights: [f64; 2],
    /// Standard error of either share, from the Poisson errors of all three rates.
    pub weight_error: f64,
    /// Rate of the mixture in the box, counts/s: the science exposure's.
    pub rate: f64,
    /// Poisson error of the mixture's rate.
    pub rate_error: f64,
}

/// Interpolates in rate; `None` where no two darks bracket the science exposure's.
pub fn interpolate(science: &BoxRate, darks: &[Candidate]) -> Option<Interpolation> {
    let usable = || {
        darks
            .iter()
            .enumerate()
            .filter(|(_, dark)| dark.rate.rate.is_finite())
    };
    let below = usable().filter(|(_, dark)| dark.rate.rate <= science.rate);
    let above = usable().filter(|(_, dark)| dark.rate.rate > science.rate);
    let (low, lower) = below.max_by(|a, b| a.1.rate.rate.total_cmp(&b.1.rate.rate))?;
    let (high, higher) = above.min_by(|a, b| a.1.rate.rate.total_cmp(&b.1.rate.rate))?;
    let span = higher.rate.rate - lower.rate.rate;
    let share = (science.rate - lower.rate.rate) / span;
    let weights = [1.0 - share, share];
    let of_mixture = (weights[0] * lower.rate.rate_error).hypot(weights[1] * higher.rate.rate_error);
    Some(Interpolation {
        low,
        high,
        names: [lower.name.clone(), higher.name.clone()],
        weights,
        weight_error: of_mixture.hypot(science.rate_error) / span,
        rate: weights[0] * lower.rate.rate + weights[1] * higher.rate.rate,
        rate_error: of_mixture,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::BoxSum;
    use super::*;

    fn rate(rate: f64) -> BoxRate {
        BoxRate {
            sum: BoxSum::Real(rate * 1000.0),
            pixels: 10,
            exptime_s: 1000.0,
            rate,
            rate_error: 0.1,
            rate_per_pixel: rate / 10.0,
            rate_per_pixel_error: 0.01,
        }
    }

    #[test]
    fn mixture_has_the_rate_asked_for() {
        let darks: Vec<Candidate> = [5.0, 1.0, 3.0]
            .iter()
            .map(|&r| Candidate {
                name: format!("{r}"),
                rate: rate(r),
            })
            .collect();
        let mixed = interpolate(&rate(2.5), &darks).unwrap();
        assert_eq!((mixed.low, mixed.high), (1, 2));
        assert_eq!(mixed.weights, [0.25, 0.75]);
        assert!((mixed.rate - 2.5).abs() < 1e-12);
        let expected = (0.01_f64 + 0.01 * (0.0625 + 0.5625)).sqrt() / 2.0;
        assert!((mixed.weight_error - expected).abs() < 1e-12);
        assert_eq!(interpolate(&rate(0.5), &darks), None);
        assert_eq!(interpolate(&rate(5.5), &darks), None);
    }
}
