//! Darks in memory, and which of them may stand for a science exposure.

use super::exposure::{open_with_pixels, to_image};
use super::{DarkExposure, Failure, MatchOptions, separate};
use crate::{Error, Progress, Result};
use firstlight_calibrate::dark::{BoxRate, Candidate};
use firstlight_fits::Pixels;
use firstlight_frame::Image;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// Tells of a detector pixel (x, y) whether it is left out.
pub(crate) type Excluded<'a> = &'a (dyn Fn(usize, usize) -> bool + Sync);

/// A dark in memory: its pixels as they are, and as the f32 that is calculated with.
pub(crate) struct LoadedDark {
    pub(crate) exposure: DarkExposure,
    pixels: Pixels,
    pub(crate) counts: Image<f32>,
}

impl LoadedDark {
    pub(super) fn rate(&self, options: &MatchOptions, excluded: Excluded<'_>) -> Result<BoxRate> {
        self.exposure
            .box_rate(&self.pixels, &options.within_box, excluded)
    }
}

/// Reads darks, all of which stay in memory.
pub(crate) fn load_darks(
    darks: &[PathBuf],
    progress: &dyn Progress,
) -> Result<(Vec<LoadedDark>, Vec<Failure>)> {
    if darks.is_empty() {
        return Err(firstlight_calibrate::Error::NoDarks.into());
    }
    progress.start("reading darks", Some(darks.len() as u64));
    let load = |path: &PathBuf| {
        let dark = load_dark(path);
        progress.advance(1);
        (path.clone(), dark)
    };
    let loaded: Vec<_> = darks.par_iter().map(load).collect();
    progress.finish();
    separate(loaded)
}

fn load_dark(path: &Path) -> Result<LoadedDark> {
    let (exposure, _, pixels) = open_with_pixels(path)?;
    let counts = to_image(pixels.clone(), path)?;
    Ok(LoadedDark {
        exposure,
        pixels,
        counts,
    })
}

/// The darks that may stand for one science exposure.
pub(super) struct Fitting<'a> {
    /// Their positions among all darks.
    pub(super) indices: Vec<usize>,
    pub(super) darks: Vec<&'a LoadedDark>,
    pub(super) candidates: Vec<Candidate>,
    /// The others, and why not.
    pub(super) excluded: Vec<Failure>,
}

/// Sorts out the darks that another detector took, that are of another shape, or that have no rate in
/// the box.
///
/// # Errors
/// The first dark's error where none is left.
pub(super) fn fitting<'a>(
    science: &DarkExposure,
    shape: (usize, usize),
    darks: &'a [LoadedDark],
    options: &MatchOptions,
    excluded: Excluded<'_>,
) -> Result<Fitting<'a>> {
    let rate_of = |dark: &LoadedDark| {
        same_detector(science, &dark.exposure)?;
        same_shape(science, shape, &dark.exposure, dark.counts.shape())?;
        let rate = dark.rate(options, excluded)?;
        finite(&rate, options, &dark.exposure)?;
        Ok(rate)
    };
    let rates = darks.iter().enumerate().map(|(index, dark)| {
        (
            dark.exposure.file.clone(),
            rate_of(dark).map(|rate| (index, rate)),
        )
    });
    let (rates, excluded) = separate(rates.collect())?;
    Ok(Fitting {
        indices: rates.iter().map(|&(index, _)| index).collect(),
        darks: rates.iter().map(|&(index, _)| &darks[index]).collect(),
        candidates: rates
            .into_iter()
            .map(|(index, rate)| Candidate {
                name: darks[index].exposure.rootname.clone(),
                rate,
            })
            .collect(),
        excluded,
    })
}

/// Refuses a dark of another detector. A header that names none is taken at the user's word.
pub(super) fn same_detector(science: &DarkExposure, dark: &DarkExposure) -> Result<()> {
    match (&science.detector, &dark.detector) {
        (Some(of_science), Some(of_dark)) if of_science != of_dark => Err(Error::OtherDetector {
            dark: dark.file.clone(),
            dark_detector: of_dark.clone(),
            science: science.file.clone(),
            science_detector: of_science.clone(),
        }),
        _ => Ok(()),
    }
}

/// Refuses a dark of another shape, as a subarray is.
pub(super) fn same_shape(
    science: &DarkExposure,
    expected: (usize, usize),
    dark: &DarkExposure,
    found: (usize, usize),
) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    let what = format!("the dark, to stand for {},", science.file.display());
    let error = firstlight_calibrate::Error::Shape {
        what,
        expected,
        found,
    };
    Err(Error::Calibrate(error).in_file(&dark.file))
}

/// Refuses a rate that NaN or infinite pixels have spoilt.
pub(super) fn finite(rate: &BoxRate, options: &MatchOptions, of: &DarkExposure) -> Result<()> {
    if rate.rate.is_finite() {
        return Ok(());
    }
    let region = format!("the box {}", options.within_box);
    Err(Error::Calibrate(firstlight_calibrate::Error::NotFinite { region }).in_file(&of.file))
}
