//! `firstlight dark rate`

use super::exposure::open_with_pixels;
use super::{DarkExposure, Failure, separate};
use crate::{Progress, Result};
use firstlight_calibrate::dark::{BoxRate, DetectorEllipse, PixelBox, box_rate};
use firstlight_frame::Image;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Where the dark rate is measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct RateOptions {
    /// Box of detector pixels, as numpy slices it: y0:y1,x0:x1, ends not included.
    #[serde(rename = "box")]
    #[cfg_attr(
        feature = "clap",
        arg(long = "box", value_name = "Y0:Y1,X0:X1", default_value_t = RateOptions::default().within)
    )]
    pub within: PixelBox,
    /// Leave an ellipse x,y,a,b[,theta] (detector pixels, degrees) out of the box; may be repeated.
    #[cfg_attr(feature = "clap", arg(long, value_name = "X,Y,A,B[,THETA]"))]
    pub exclude_source: Vec<DetectorEllipse>,
}

impl Default for RateOptions {
    fn default() -> Self {
        Self {
            within: PixelBox::SBC_GLOW,
            exclude_source: Vec::new(),
        }
    }
}

/// One exposure and its rate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RateRow {
    /// The exposure.
    #[serde(flatten)]
    pub exposure: DarkExposure,
    /// Its rate in the box.
    #[serde(flatten)]
    pub rate: BoxRate,
}

/// The rates of all exposures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RateReport {
    /// The box.
    #[serde(rename = "box")]
    pub within: PixelBox,
    /// The exposures that could be measured, in the order given.
    pub exposures: Vec<RateRow>,
    /// Those that could not.
    pub failed: Vec<Failure>,
}

/// Measures the dark rate of each file's first SCI image in a box.
///
/// # Errors
/// The first error where no file at all could be measured; failures of some are in the report.
pub fn rate(files: &[PathBuf], options: &RateOptions, progress: &dyn Progress) -> Result<RateReport> {
    progress.start("measuring", Some(files.len() as u64));
    let measure = |path: &PathBuf| {
        let row = rate_of(path, options);
        progress.advance(1);
        (path.clone(), row)
    };
    let rows: Vec<_> = files.par_iter().map(measure).collect();
    progress.finish();
    let (exposures, failed) = separate(rows)?;
    Ok(RateReport {
        within: options.within,
        exposures,
        failed,
    })
}

fn rate_of(path: &Path, options: &RateOptions) -> Result<RateRow> {
    let (exposure, _, pixels) = open_with_pixels(path)?;
    let excluded = |x, y| options.exclude_source.iter().any(|source| source.contains(x, y));
    let rate = exposure.box_rate(&pixels, &options.within, &excluded)?;
    Ok(RateRow { exposure, rate })
}

/// The rate in a box of samples that are in memory, row after row; with `integer` they are whole numbers,
/// and so is their sum.
///
/// # Errors
/// [`crate::Error::Calibrate`] where the box lies outside or `exptime_s` is not positive;
/// [`crate::Error::Usage`] where the samples do not fill the shape `(ny, nx)`.
pub fn rate_of_samples(
    shape: (usize, usize),
    samples: &[f64],
    within: &PixelBox,
    exptime_s: f64,
    integer: bool,
) -> Result<BoxRate> {
    let image = Image::from_vec(shape.0, shape.1, samples.to_vec())
        .map_err(|error| crate::Error::Usage(error.to_string()))?;
    let keep_all = |_, _| false;
    Ok(if integer {
        let whole = image.map(|&sample| sample as i64);
        box_rate(&whole, within, exptime_s, false, keep_all)?
    } else {
        box_rate(&image, within, exptime_s, false, keep_all)?
    })
}
