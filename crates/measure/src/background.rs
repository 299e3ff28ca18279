//! The level around a position.

use crate::aperture::{Aperture, Footprint};
use crate::geometry::Run;
use crate::overlap::Overlap;
use crate::plane::Planes;
use crate::{Error, Result};
use firstlight_stats::{Sample, SigmaClip, clipped_statistics};
use std::f64::consts::FRAC_PI_2;

/// Which statistic of the clipped samples is the background.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum BackgroundStatistic {
    /// Their median: little moved by sources that clipping left.
    #[default]
    Median,
    /// Their mean: for few counts per pixel, where the median is 0 or 1.
    Mean,
}

/// How the background level is found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LocalBackground {
    /// The statistic.
    pub statistic: BackgroundStatistic,
    /// Which samples are left out.
    pub clip: SigmaClip,
}

impl Default for LocalBackground {
    fn default() -> Self {
        Self {
            statistic: BackgroundStatistic::Median,
            clip: SigmaClip::default(),
        }
    }
}

/// The background at one position, per pixel.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Level {
    /// The level; NaN where no sample is left.
    pub level: f64,
    /// Its standard deviation: σ / √n for the mean, √(π/2) times as much for the median, with the
    /// scatter σ of the samples that are left.
    pub error: f64,
    /// The scatter of the samples that are left: one pixel's noise.
    pub scatter: f64,
    /// How many samples are left.
    pub pixels: usize,
}

impl Level {
    const UNKNOWN: Self = Self {
        level: f64::NAN,
        error: f64::NAN,
        scatter: f64::NAN,
        pixels: 0,
    };
}

/// An annulus to take the level in, checked.
///
/// # Errors
/// [`Error::BadBackground`] where it has no hole; as [`Aperture::check`].
pub(crate) fn check(annulus: &Aperture) -> Result<()> {
    annulus.check()?;
    if annulus.is_annulus() {
        return Ok(());
    }
    Err(Error::BadBackground {
        problem: format!("needs an annulus, not a {}", annulus.name()),
    })
}

/// The level from the samples whose centres are in the annulus, without masked and non-finite ones.
pub(crate) fn level<T: Sample>(
    planes: &Planes<'_, T>,
    position: (f64, f64),
    annulus: &Footprint,
    local: &LocalBackground,
    samples: &mut Vec<T>,
) -> Level {
    samples.clear();
    let data = planes.data();
    let Some(region) = annulus.bounding_box(position).within(data.shape()) else {
        return Level::UNKNOWN;
    };
    annulus.visit(position, region, Overlap::Center, |row, run| {
        let columns = match run {
            Run::Full(columns) => columns,
            Run::Partial(column, _) => column..column + 1,
        };
        let values = data.columns(row, &columns);
        match planes.mask() {
            None => samples.extend_from_slice(values),
            Some(mask) => samples.extend(
                values
                    .iter()
                    .zip(mask.columns(row, &columns))
                    .filter(|(_, masked)| !**masked)
                    .map(|(&value, _)| value),
            ),
        }
    });
    let Ok(clipped) = clipped_statistics(samples, &local.clip) else {
        return Level::UNKNOWN;
    };
    let of_mean = clipped.std / (clipped.kept as f64).sqrt();
    let (level, error) = match local.statistic {
        BackgroundStatistic::Mean => (clipped.mean, of_mean),
        BackgroundStatistic::Median => (clipped.median, of_mean * FRAC_PI_2.sqrt()),
    };
    Level {
        level,
        error,
        scatter: clipped.std,
        pixels: clipped.kept,
    }
}
