//! The dark rate in a box.

use super::PixelBox;
use crate::{Error, Result};
use firstlight_frame::Image;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A sum of pixels: integers stay integers.
///
/// As text, a real sum has six significant digits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum BoxSum {
    /// The sum of an integer image, exact.
    Integer(i64),
    /// The sum of a real image, added up in f64.
    Real(f64),
}

impl BoxSum {
    /// As a real number.
    pub fn value(self) -> f64 {
        match self {
            BoxSum::Integer(sum) => sum as f64,
            BoxSum::Real(sum) => sum,
        }
    }
}

impl fmt::Display for BoxSum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BoxSum::Integer(sum) => write!(f, "{sum}"),
            BoxSum::Real(sum) if *sum == 0.0 || !sum.is_finite() => write!(f, "{sum}"),
            BoxSum::Real(sum) => {
                let before = sum.abs().log10().floor() as i64 + 1;
                if (-3..=9).contains(&before) {
                    let decimals = usize::try_from(6 - before).unwrap_or(0);
                    write!(f, "{sum:.decimals$}")
                } else {
                    write!(f, "{sum:.5e}")
                }
            }
        }
    }
}

/// Counts in a box and the rate they stand for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BoxRate {
    /// Sum over the box (less exclusions), in the image's own unit.
    pub sum: BoxSum,
    /// Number of pixels summed.
    pub pixels: usize,
    /// Exposure time, s.
    pub exptime_s: f64,
    /// Counts/s in the box.
    pub rate: f64,
    /// Poisson error of `rate`, counts/s: that of one count where there is none.
    pub rate_error: f64,
    /// Counts/s per pixel.
    pub rate_per_pixel: f64,
    /// Its Poisson error.
    pub rate_per_pixel_error: f64,
}

/// Sums `image` over `within` and makes a rate of it.
///
/// `exptime_s` is the exposure time; `per_second` tells that the samples are counts/s already.
/// `excluded(x, y)` takes pixels out. A NaN in the box makes the sum NaN, as numpy's `sum` does.
///
/// # Errors
/// [`Error::BoxOutside`], [`Error::ExposureTime`] where that is not positive, [`Error::NothingLeft`],
/// [`Error::NothingFinite`] where all of the box is NaN or infinite.
pub fn box_rate<T: Sample>(
    image: &Image<T>,
    within: &PixelBox,
    exptime_s: f64,
    per_second: bool,
    excluded: impl Fn(usize, usize) -> bool,
) -> Result<BoxRate> {
    within.check(image.shape())?;
    if !(exptime_s > 0.0 && exptime_s.is_finite()) {
        return Err(Error::ExposureTime {
            name: "the exposure".to_owned(),
            found: exptime_s,
        });
    }
    let mut sum = T::zero();
    let (mut pixels, mut finite) = (0, 0);
    for y in within.rows() {
        let row = &image.row(y)[within.columns()];
        for (x, sample) in within.columns().zip(row) {
            if !excluded(x, y) {
                sample.add_to(&mut sum);
                pixels += 1;
                finite += usize::from(sample.is_finite());
            }
        }
    }
    if pixels == 0 {
        return Err(Error::NothingLeft {
            region: format!("the box {within}"),
        });
    }
    if finite == 0 {
        return Err(Error::NothingFinite {
            region: format!("the box {within}"),
            pixels,
        });
    }
    let counts = sum.value() * if per_second { exptime_s } else { 1.0 };
    let rate = counts / exptime_s;
    let rate_error = if counts.is_nan() {
        f64::NAN
    } else {
        counts.max(1.0).sqrt() / exptime_s
    };
    let n = pixels as f64;
    let (rate_per_pixel, rate_per_pixel_error) = (rate / n, rate_error / n);
    Ok(BoxRate {
        sum,
        pixels,
        exptime_s,
        rate,
        rate_error,
        rate_per_pixel,
        rate_per_pixel_error,
    })
}

/// A sample that boxes can be summed of.
pub trait Sample: Copy {
    /// The empty sum of its kind.
    fn zero() -> BoxSum;
    /// Adds this sample.
    fn add_to(self, sum: &mut BoxSum);
    /// Whether it is a number that has a sum; integers always are.
    fn is_finite(self) -> bool;
}

macro_rules! integer_samples {
    ($($type:ty),*) => {$(
        impl Sample for $type {
            fn zero() -> BoxSum {
                BoxSum::Integer(0)
            }
            fn add_to(self, sum: &mut BoxSum) {
                if let BoxSum::Integer(total) = sum {
                    *total = total.saturating_add(i64::from(self));
                }
            }
            fn is_finite(self) -> bool {
                true
            }
        }
    )*};
}
integer_samples!(u8, i16, u16, i32, u32, i64);

macro_rules! real_samples {
    ($($type:ty),*) => {$(
        impl Sample for $type {
            fn zero() -> BoxSum {
                BoxSum::Real(0.0)
            }
            fn add_to(self, sum: &mut BoxSum) {
                if let BoxSum::Real(total) = sum {
                    *total += f64::from(self);
                }
            }
            fn is_finite(self) -> bool {
                <$type>::is_finite(self)
            }
        }
    )*};
}
real_samples!(f32, f64);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const BOX: PixelBox = PixelBox {
        y0: 1,
        y1: 3,
        x0: 2,
        x1: 5,
    };

    #[test]
    fn integers_stay_integers() {
        let image = Image::from_fn(4, 6, |x, y| (10 * y + x) as i16);
        let rate = box_rate(&image, &BOX, 9.0, false, |_, _| false).unwrap();
        assert_eq!(rate.sum, BoxSum::Integer(12 + 13 + 14 + 22 + 23 + 24));
        assert_eq!(rate.sum.to_string(), "108");
        assert_eq!(rate.pixels, 6);
        assert_eq!((rate.rate, rate.rate_per_pixel), (12.0, 2.0));
        assert!((rate.rate_error - 108_f64.sqrt() / 9.0).abs() < 1e-12);
    }

    #[test]
    fn rates_per_second_and_exclusions() {
        let image = Image::filled(4, 6, 0.5_f32);
        let rate = box_rate(&image, &BOX, 100.0, true, |x, _| x == 2).unwrap();
        assert_eq!((rate.pixels, rate.rate), (4, 2.0));
        assert!((rate.rate_error - 200_f64.sqrt() / 100.0).abs() < 1e-12);
        let nothing = box_rate(&image, &BOX, 100.0, true, |_, _| true);
        assert!(matches!(nothing, Err(Error::NothingLeft { .. })));
    }

    #[test]
    fn no_counts_still_have_an_error_and_no_time_has_no_rate() {
        let image = Image::filled(4, 6, 0_i16);
        let rate = box_rate(&image, &BOX, 10.0, false, |_, _| false).unwrap();
        assert_eq!((rate.rate, rate.rate_error), (0.0, 0.1));
        for exptime in [0.0, -1.0, f64::NAN] {
            let refused = box_rate(&image, &BOX, exptime, false, |_, _| false);
            assert!(matches!(refused, Err(Error::ExposureTime { .. })));
        }
    }

    #[test]
    fn a_nan_shows() {
        let image = Image::from_fn(4, 6, |x, y| if (x, y) == (3, 2) { f32::NAN } else { 1.0 });
        assert!(
            box_rate(&image, &BOX, 10.0, false, |_, _| false)
                .unwrap()
                .rate
                .is_nan()
        );
        assert_eq!(
            box_rate(&image, &BOX, 10.0, false, |x, y| (x, y) == (3, 2))
                .unwrap()
                .pixels,
            5
        );
    }
}
