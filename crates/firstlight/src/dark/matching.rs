//! `firstlight dark match`

use super::exposure::{open_with_pixels, to_image};
use super::{DarkExposure, Failure, separate};
use crate::{Progress, Result};
use firstlight_calibrate::dark::{
    BackgroundMap, BoxRate, Candidate, Combination, CombinationOptions, DetectorEllipse, Interpolation,
    PixelBox, Ranking, Share, Within, combine_backgrounds, interpolate, rank,
};
use firstlight_fits::Pixels;
use firstlight_frame::{Image, dq::BitSelection};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// How darks are matched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct MatchOptions {
    /// Box of detector pixels in which rates are compared, as numpy slices it: y0:y1,x0:x1.
    #[serde(rename = "box")]
    #[cfg_attr(
        feature = "clap",
        arg(long = "box", value_name = "Y0:Y1,X0:X1", default_value_t = MatchOptions::default().within_box)
    )]
    pub within_box: PixelBox,
    /// When a dark is near enough: its rate differs from the science exposure's by no more than so many
    /// percent (10%), or so many Poisson standard errors (2sigma), or either (10%,2sigma).
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "TOLERANCE", default_value_t = MatchOptions::default().within)
    )]
    pub within: Within,
    /// Leave a source out of box and background: an ellipse x,y,a,b[,theta] (detector pixels, degrees);
    /// may be repeated.
    #[cfg_attr(feature = "clap", arg(long, value_name = "X,Y,A,B[,THETA]"))]
    pub exclude_source: Vec<DetectorEllipse>,
    /// Side of the square cells in which backgrounds are compared for the combination, pixels.
    #[cfg_attr(feature = "clap", arg(long, value_name = "PIXELS", default_value_t = MatchOptions::default().cell))]
    pub cell: usize,
    /// Scatter about 1 that the shares of a combination may add up to: that of the dark rate away from
    /// the glow, from exposure to exposure.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SIGMA", default_value_t = MatchOptions::default().scatter))]
    pub scatter: f64,
}

impl Default for MatchOptions {
    fn default() -> Self {
        let combination = CombinationOptions::default();
        Self {
            within_box: PixelBox::SBC_GLOW,
            within: Within::default(),
            exclude_source: Vec::new(),
            cell: combination.cell,
            scatter: combination.scatter,
        }
    }
}

impl MatchOptions {
    pub(crate) fn excluded(&self, x: usize, y: usize) -> bool {
        self.exclude_source.iter().any(|source| source.contains(x, y))
    }
}

/// Whether a dark was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchStatus {
    /// The nearest dark is near enough.
    Found,
    /// No dark is near enough; the nearest is named all the same.
    NoneNearEnough,
}

/// The non-negative combination of darks, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum CombinationReport {
    /// It was fitted.
    Fitted {
        /// Shares, sky and quality.
        combination: Combination,
        /// Its dark rate in the box, counts/s.
        box_rate: f64,
        /// The standard error of that.
        box_rate_error: f64,
    },
    /// It could not be.
    Failed {
        /// Why.
        reason: String,
    },
}

impl CombinationReport {
    /// The combination, where there is one.
    pub fn fitted(&self) -> Option<&Combination> {
        match self {
            CombinationReport::Fitted { combination, .. } => Some(combination),
            CombinationReport::Failed { .. } => None,
        }
    }
}

/// One science exposure and its darks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScienceMatch {
    /// The exposure.
    pub exposure: DarkExposure,
    /// Its rate in the box.
    pub rate: BoxRate,
    /// Whether a dark is near enough.
    pub status: MatchStatus,
    /// All darks, the nearest rate first.
    pub ranking: Ranking,
    /// Between the two darks that bracket the rate; absent where none do.
    pub interpolation: Option<Interpolation>,
    /// The combination that follows the whole background.
    pub combination: CombinationReport,
}

/// The matches of all science exposures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MatchReport {
    /// The box.
    #[serde(rename = "box")]
    pub within_box: PixelBox,
    /// The criterion.
    pub within: Within,
    /// The darks, in the order given; indices in the matches count in it.
    pub darks: Vec<DarkExposure>,
    /// The rates of the darks in the box.
    pub dark_rates: Vec<BoxRate>,
    /// The science exposures, in the order given.
    pub science: Vec<ScienceMatch>,
    /// Files that could not be used.
    pub failed: Vec<Failure>,
}

/// A dark in memory: its pixels as they are, and as the f32 that is calculated with.
pub(crate) struct LoadedDark {
    pub(crate) exposure: DarkExposure,
    pixels: Pixels,
    pub(crate) counts: Image<f32>,
}

impl LoadedDark {
    fn rate(&self, options: &MatchOptions, excluded: Excluded<'_>) -> Result<BoxRate> {
        self.exposure
            .box_rate(&self.pixels, &options.within_box, excluded)
    }
}

/// Tells of a detector pixel (x, y) whether it is left out.
pub(crate) type Excluded<'a> = &'a (dyn Fn(usize, usize) -> bool + Sync);

/// Finds for each science exposure the dark with the nearest rate, the mixture of the two that bracket
/// it, and the combination that follows its background.
///
/// A science exposure may be calibrated or raw. Pixels with DQ bits do not count in the combination.
/// That no dark is near enough is a status of the match, not an error.
///
/// # Errors
/// The first error where none of the science files, or none of the darks, can be used; failures of some
/// are in the report.
pub fn matching(
    science: &[PathBuf],
    darks: &[PathBuf],
    options: &MatchOptions,
    progress: &dyn Progress,
) -> Result<MatchReport> {
    let (loaded, mut failed) = load_darks(darks, progress)?;
    let excluded = |x, y| options.excluded(x, y);
    let rates: Vec<_> = loaded
        .iter()
        .map(|dark| (dark.exposure.file.clone(), dark.rate(options, &excluded)))
        .collect();
    let (dark_rates, _) = separate(rates)?;
    progress.start("matching", Some(science.len() as u64));
    let match_one = |path: &PathBuf| {
        let matched = match_science(path, &loaded, options, &excluded);
        progress.advance(1);
        (path.clone(), matched)
    };
    let matches: Vec<_> = science.iter().map(match_one).collect();
    progress.finish();
    let (science, not_matched) = separate(matches)?;
    failed.extend(not_matched);
    let darks = loaded.into_iter().map(|dark| dark.exposure).collect();
    Ok(MatchReport {
        within_box: options.within_box,
        within: options.within,
        darks,
        dark_rates,
        science,
        failed,
    })
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

/// Matches one science exposure; `excluded` tells which detector pixels its sources cover.
pub(crate) fn match_science(
    path: &Path,
    darks: &[LoadedDark],
    options: &MatchOptions,
    excluded: Excluded<'_>,
) -> Result<ScienceMatch> {
    let (exposure, opened, pixels) = open_with_pixels(path)?;
    let rate = exposure.box_rate(&pixels, &options.within_box, excluded)?;
    let candidate = |dark: &LoadedDark| {
        Ok(Candidate {
            name: dark.exposure.rootname.clone(),
            rate: dark.rate(options, excluded)?,
        })
    };
    let candidates = darks.iter().map(candidate).collect::<Result<Vec<Candidate>>>()?;
    let ranking = rank(&rate, &candidates, options.within)?;
    let version = opened.imsets().first().map_or(1, |imset| imset.version);
    let dq = opened.load_dq(version)?;
    let science = to_image(pixels, path)?;
    let combination = combine(&exposure, &science, &dq, darks, options, excluded);
    Ok(ScienceMatch {
        status: if ranking.found {
            MatchStatus::Found
        } else {
            MatchStatus::NoneNearEnough
        },
        interpolation: interpolate(&rate, &candidates),
        combination: report(combination, &candidates),
        exposure,
        rate,
        ranking,
    })
}

fn combine(
    exposure: &DarkExposure,
    science: &Image<f32>,
    dq: &Image<u16>,
    darks: &[LoadedDark],
    options: &MatchOptions,
    excluded: Excluded<'_>,
) -> Result<Combination> {
    if let Some(dark) = darks.iter().find(|dark| dark.counts.shape() != science.shape()) {
        let what = dark.exposure.rootname.clone();
        let (expected, found) = (science.shape(), dark.counts.shape());
        return Err(firstlight_calibrate::Error::Shape {
            what,
            expected,
            found,
        }
        .into());
    }
    let good = BitSelection::accepting(0);
    let used = |x, y| good.is_good(dq[(y, x)]) && !excluded(x, y);
    let map = |image: &Image<f32>, of: &DarkExposure| {
        BackgroundMap::new(image, of.exptime_s, of.per_second, options.cell, used)
    };
    let science = map(science, exposure)?;
    let of_dark =
        |dark: &LoadedDark| Ok((dark.exposure.rootname.clone(), map(&dark.counts, &dark.exposure)?));
    let maps = darks.par_iter().map(of_dark).collect::<Result<Vec<_>>>()?;
    let options = CombinationOptions {
        cell: options.cell,
        scatter: options.scatter,
    };
    Ok(combine_backgrounds(&science, &maps, &options)?)
}

fn report(combination: Result<Combination>, darks: &[Candidate]) -> CombinationReport {
    match combination {
        Ok(combination) => {
            let of_share = |share: &Share| {
                darks
                    .get(share.index)
                    .map_or((0.0, 0.0), |dark| (dark.rate.rate, dark.rate.rate_error))
            };
            let rates: Vec<(f64, f64)> = combination.shares.iter().map(of_share).collect();
            let (box_rate, box_rate_error) = combination.rate_of(&rates);
            CombinationReport::Fitted {
                combination,
                box_rate,
                box_rate_error,
            }
        }
        Err(error) => CombinationReport::Failed {
            reason: error.to_string(),
        },
    }
}
