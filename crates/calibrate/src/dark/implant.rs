//! A dark, or a combination of darks, as the pixels of a science exposure.

use crate::{Error, Result};
use firstlight_frame::Image;

/// Half the side of the square in which the expected counts of a pixel are estimated, pixels.
const HALF_WINDOW: usize = 16;

/// A dark that takes part, with the factor on its rate.
#[derive(Debug, Clone, Copy)]
pub struct WeightedDark<'a> {
    /// What it is called, for messages.
    pub name: &'a str,
    /// Counts.
    pub counts: &'a Image<f32>,
    /// Exposure time, s.
    pub exptime_s: f64,
    /// Factor on its rate; not negative.
    pub weight: f64,
}

/// Pixels to put into a science exposure.
#[derive(Debug, Clone, PartialEq)]
pub struct ImplantedDark {
    /// Counts in the exposure time asked for.
    pub sci: Image<f32>,
    /// Their standard error.
    pub err: Image<f32>,
}

/// Sums darks as counts in `exptime_s`: Σ wᵢ Nᵢ · exptime/exptimeᵢ.
///
/// The error is Poisson's, √(Σ (wᵢ · exptime/exptimeᵢ)² μᵢ). A dark has a few hundredths of a count in
/// a pixel, and the counts of one pixel say nothing of its own μ: μ is the mean of the 33×33 pixels
/// about it, except where the pixel itself holds far more than that (it is hot). A NaN stays a NaN.
///
/// # Errors
/// [`Error::NoDarks`], [`Error::Shape`] where darks differ, [`Error::ExposureTime`] where one is not
/// positive, [`Error::Fit`] for a weight that is negative or not finite.
pub fn implant(darks: &[WeightedDark<'_>], exptime_s: f64) -> Result<ImplantedDark> {
    let first = darks.first().ok_or(Error::NoDarks)?;
    let shape = first.counts.shape();
    for dark in darks {
        if dark.counts.shape() != shape {
            let (what, found) = (dark.name.to_owned(), dark.counts.shape());
            return Err(Error::Shape {
                what,
                expected: shape,
                found,
            });
        }
        if !(dark.weight >= 0.0 && dark.weight.is_finite()) {
            return Err(Error::Fit {
                reason: format!("the weight of {} is {}", dark.name, dark.weight),
            });
        }
    }
    let times = darks
        .iter()
        .map(|dark| (dark.name, dark.exptime_s))
        .chain([("the product", exptime_s)]);
    for (name, found) in times {
        if !(found > 0.0 && found.is_finite()) {
            return Err(Error::ExposureTime {
                name: name.to_owned(),
                found,
            });
        }
    }
    let mut sum = vec![0.0_f64; shape.0 * shape.1];
    let mut variance = sum.clone();
    for dark in darks {
        let factor = dark.weight * exptime_s / dark.exptime_s;
        let expected = expected_counts(dark.counts);
        for ((sum, variance), (&counts, expected)) in sum
            .iter_mut()
            .zip(&mut variance)
            .zip(dark.counts.as_slice().iter().zip(expected))
        {
            *sum += factor * f64::from(counts);
            *variance += factor * factor * expected;
        }
    }
    let image = |of: Vec<f64>, convert: fn(f64) -> f64| {
        Image::from_vec(
            shape.0,
            shape.1,
            of.into_iter().map(|v| convert(v) as f32).collect(),
        )
        .map_err(|e| Error::Fit {
            reason: e.to_string(),
        })
    };
    Ok(ImplantedDark {
        sci: image(sum, |v| v)?,
        err: image(variance, f64::sqrt)?,
    })
}

/// Expected counts of each pixel. Hot pixels are found against their surroundings first, and then left
/// out of the means of their neighbours.
fn expected_counts(counts: &Image<f32>) -> Vec<f64> {
    let hot: Vec<bool> = local_means(counts, &vec![false; counts.len()])
        .iter()
        .zip(counts.as_slice())
        .map(|(&mean, &here)| f64::from(here) > mean + 5.0 * mean.sqrt() + 5.0)
        .collect();
    let own = |&here: &f32| f64::from(here);
    local_means(counts, &hot)
        .into_iter()
        .zip(counts.as_slice().iter().zip(&hot))
        .map(|(mean, (here, &hot))| if hot || here.is_nan() { own(here) } else { mean })
        .collect()
}

/// The mean of the pixels about each one, itself and those to `skip` left out; its own counts where
/// nothing else is there.
fn local_means(counts: &Image<f32>, skip: &[bool]) -> Vec<f64> {
    let (ny, nx) = counts.shape();
    let totals = Totals::of(counts, skip);
    let mut means = Vec::with_capacity(counts.len());
    for y in 0..ny {
        let (y0, y1) = (y.saturating_sub(HALF_WINDOW), (y + HALF_WINDOW + 1).min(ny));
        for (x, &here) in counts.row(y).iter().enumerate() {
            let (x0, x1) = (x.saturating_sub(HALF_WINDOW), (x + HALF_WINDOW + 1).min(nx));
            let (mut sum, mut pixels) = totals.within(y0, y1, x0, x1);
            let here = f64::from(here);
            if here.is_finite() && !skip[y * nx + x] {
                sum -= here;
                pixels -= 1.0;
            }
            means.push(if pixels > 0.5 { sum.max(0.0) / pixels } else { here });
        }
    }
    means
}

/// Sums and numbers of finite pixels below and left of each corner, so that any rectangle's sum takes
/// four look-ups.
struct Totals {
    width: usize,
    sums: Vec<f64>,
    pixels: Vec<f64>,
}

impl Totals {
    fn of(counts: &Image<f32>, skip: &[bool]) -> Self {
        let (ny, nx) = counts.shape();
        let width = nx + 1;
        let mut sums = vec![0.0; (ny + 1) * width];
        let mut pixels = sums.clone();
        for y in 0..ny {
            let (mut sum, mut number) = (0.0, 0.0);
            for (x, &sample) in counts.row(y).iter().enumerate() {
                if sample.is_finite() && !skip[y * nx + x] {
                    sum += f64::from(sample);
                    number += 1.0;
                }
                let corner = (y + 1) * width + x + 1;
                sums[corner] = sums[corner - width] + sum;
                pixels[corner] = pixels[corner - width] + number;
            }
        }
        Self { width, sums, pixels }
    }

    fn within(&self, y0: usize, y1: usize, x0: usize, x1: usize) -> (f64, f64) {
        let of = |totals: &[f64]| {
            totals[y1 * self.width + x1] - totals[y0 * self.width + x1] - totals[y1 * self.width + x0]
                + totals[y0 * self.width + x0]
        };
        (of(&self.sums), of(&self.pixels))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn dark<'a>(counts: &'a Image<f32>, exptime_s: f64, weight: f64) -> WeightedDark<'a> {
        WeightedDark {
            name: "d",
            counts,
            exptime_s,
            weight,
        }
    }

    #[test]
    fn one_dark_in_its_own_time_keeps_its_counts() {
        let counts = Image::from_fn(50, 60, |x, y| ((x * 7 + y * 3) % 5 / 4) as f32);
        let implanted = implant(&[dark(&counts, 1000.0, 1.0)], 1000.0).unwrap();
        assert_eq!(implanted.sci, counts);
        // The variances add up to the counts.
        let variance: f64 = implanted
            .err
            .as_slice()
            .iter()
            .map(|&e| f64::from(e).powi(2))
            .sum();
        let total: f64 = counts.as_slice().iter().map(|&c| f64::from(c)).sum();
        assert!((variance / total - 1.0).abs() < 0.03, "{variance} {total}");
    }

    #[test]
    fn rates_and_variances_of_a_sum() {
        let (one, two) = (Image::filled(40, 40, 8.0_f32), Image::filled(40, 40, 2.0_f32));
        let implanted = implant(&[dark(&one, 1000.0, 0.25), dark(&two, 500.0, 0.5)], 2000.0).unwrap();
        // 0.25 * 8 * 2 + 0.5 * 2 * 4
        assert!(implanted.sci.as_slice().iter().all(|&v| v == 8.0));
        let expected = (0.25_f32 * 8.0 + 4.0 * 2.0).sqrt();
        assert!(
            implanted
                .err
                .as_slice()
                .iter()
                .all(|&v| (v - expected).abs() < 1e-5)
        );
    }

    #[test]
    fn hot_pixels_have_their_own_error_and_do_not_spread() {
        let mut counts = Image::filled(40, 40, 1.0_f32);
        counts.as_mut_slice()[20 * 40 + 20] = 2500.0;
        let err = implant(&[dark(&counts, 10.0, 1.0)], 10.0).unwrap().err;
        assert_eq!(err[(20, 20)], 50.0);
        assert_eq!((err[(0, 0)], err[(20, 21)], err[(12, 12)]), (1.0, 1.0, 1.0));
    }

    #[test]
    fn bad_requests_are_told() {
        let counts = Image::filled(4, 4, 1.0_f32);
        let other = Image::filled(4, 5, 1.0_f32);
        assert!(matches!(implant(&[], 1.0), Err(Error::NoDarks)));
        assert!(matches!(
            implant(&[dark(&counts, 0.0, 1.0)], 1.0),
            Err(Error::ExposureTime { .. })
        ));
        assert!(matches!(
            implant(&[dark(&counts, 1.0, 1.0)], f64::NAN),
            Err(Error::ExposureTime { .. })
        ));
        assert!(matches!(
            implant(&[dark(&counts, 1.0, -1.0)], 1.0),
            Err(Error::Fit { .. })
        ));
        let differing = implant(&[dark(&counts, 1.0, 1.0), dark(&other, 1.0, 1.0)], 1.0);
        assert!(matches!(differing, Err(Error::Shape { .. })));
    }

    #[test]
    fn a_nan_stays_where_it_is() {
        let mut counts = Image::filled(40, 40, 1.0_f32);
        counts.as_mut_slice()[5] = f32::NAN;
        let implanted = implant(&[dark(&counts, 10.0, 1.0)], 10.0).unwrap();
        assert!(implanted.sci[(0, 5)].is_nan() && implanted.err[(0, 5)].is_nan());
        assert_eq!(implanted.err[(0, 6)], 1.0);
    }
}
