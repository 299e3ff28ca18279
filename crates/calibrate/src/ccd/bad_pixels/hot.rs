//! Pixels with much dark current.

use crate::ccd::CcdFrame;
use crate::{Error, Result};
use firstlight_frame::Image;
use rayon::prelude::*;
use serde::Serialize;

/// From which dark rate on a pixel is hot.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HotLimit {
    /// A rate, in the unit of the image.
    Rate(f64),
    /// So many robust standard deviations (1.4826 times the median absolute deviation) above the median.
    Sigmas(f64),
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct HotPixels {
    /// Where a pixel is hot, or its rate is not finite.
    pub mask: Image<bool>,
    /// The rate above which a pixel is hot, in the unit of the image.
    pub limit: f64,
    /// Median rate.
    pub median: f64,
    /// Robust standard deviation.
    pub sigma: f64,
}

/// The dark rate of each pixel: the median over darks of samples per second, of an even number the lower of the middle two,
/// so that a cosmic ray in one of two darks does not count. A bias that is in the darks still is taken from them. What is
/// flagged or not finite in a dark is left out; a pixel of which nothing is left is NaN.
///
/// # Errors
/// [`Error::NoDarks`]; [`Error::Shape`]; [`Error::ExposureTime`] for times that are not positive.
pub fn dark_rate(darks: &[(CcdFrame<f64>, f64)], bias: Option<&CcdFrame<f64>>) -> Result<Image<f64>> {
    let (first, _) = darks.first().ok_or(Error::NoDarks)?;
    let (ny, nx) = first.shape();
    let check = |what: &str, frame: &CcdFrame<f64>| {
        frame.check()?;
        if frame.shape() == (ny, nx) {
            return Ok(());
        }
        Err(Error::Shape {
            what: what.to_owned(),
            expected: (ny, nx),
            found: frame.shape(),
        })
    };
    for (number, (dark, seconds)) in darks.iter().enumerate() {
        let name = format!("dark {} of {}", number + 1, darks.len());
        check(&name, dark)?;
        if !(seconds.is_finite() && *seconds > 0.0) {
            return Err(Error::ExposureTime {
                name,
                found: *seconds,
            });
        }
    }
    if let Some(bias) = bias {
        check("the bias", bias)?;
    }
    let mut image = Image::filled(ny, nx, f64::NAN);
    image
        .as_mut_slice()
        .par_iter_mut()
        .enumerate()
        .for_each_init(Vec::new, |rates, (i, rate)| {
            let level = bias.map_or(0.0, |bias| bias.sci.as_slice()[i]);
            rates.clear();
            rates.extend(darks.iter().filter_map(|(dark, seconds)| {
                let value = (dark.sci.as_slice()[i] - level) / seconds;
                (dark.is_good(i) && value.is_finite()).then_some(value)
            }));
            if !rates.is_empty() {
                let middle = (rates.len() - 1) / 2;
                *rate = *rates.select_nth_unstable_by(middle, f64::total_cmp).1;
            }
        });
    Ok(image)
}

/// Finds the pixels of a dark rate above a limit.
///
/// # Errors
/// [`Error::Parameter`] for a limit that is not finite; [`Error::NothingFinite`].
pub fn hot_pixels(rate: &Image<f64>, limit: HotLimit) -> Result<HotPixels> {
    let (parameter, value) = match limit {
        HotLimit::Rate(rate) => ("dark_limit", rate),
        HotLimit::Sigmas(sigmas) => ("dark_sigma", sigmas),
    };
    super::super::deviation::positive(parameter, value)?;
    let nothing = |_| Error::NothingFinite {
        region: "the dark rate".to_owned(),
        pixels: rate.len(),
    };
    let median = firstlight_stats::median(rate.as_slice()).map_err(nothing)?;
    let sigma = firstlight_stats::mad_std(rate.as_slice()).map_err(nothing)?;
    let limit = match limit {
        HotLimit::Rate(rate) => rate,
        HotLimit::Sigmas(sigmas) => median + sigmas * sigma,
    };
    Ok(HotPixels {
        mask: rate.map(|&rate| !rate.is_finite() || rate > limit),
        limit,
        median,
        sigma,
    })
}
