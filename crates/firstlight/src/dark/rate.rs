//! `firstlight dark rate`

use super::exposure::open_with_pixels;
use super::{DarkExposure, Failure, separate};
use crate::{Progress, Result};
use firstlight_calibrate::dark::{BoxRate, DetectorEllipse, PixelBox};
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
