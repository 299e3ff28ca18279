//! `firstlight dark match`

use super::combining::{self, CombinationReport};
use super::exposure::{open_with_pixels, to_image};
use super::loaded::{self, Excluded, LoadedDark, load_darks};
use super::{DarkExposure, Failure, separate};
use crate::{Progress, Result};
use firstlight_calibrate::dark::{
    BoxRate, CombinationOptions, DetectorEllipse, Interpolation, PixelBox, Ranking, Within, interpolate, rank,
};
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
    /// Darks that cannot stand for this exposure, and why: of another detector or shape, or without a
    /// rate in the box.
    pub excluded: Vec<Failure>,
}

impl ScienceMatch {
    /// Turns positions among the darks that may stand for this exposure into positions among all.
    fn count_among_all(&mut self, indices: &[usize]) {
        let among_all = |index: &mut usize| *index = indices.get(*index).copied().unwrap_or(*index);
        self.ranking
            .matches
            .iter_mut()
            .for_each(|m| among_all(&mut m.index));
        if let Some(mixed) = &mut self.interpolation {
            among_all(&mut mixed.low);
            among_all(&mut mixed.high);
        }
        if let CombinationReport::Fitted { combination, .. } = &mut self.combination {
            combination
                .shares
                .iter_mut()
                .for_each(|share| among_all(&mut share.index));
        }
    }
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
    /// The rates of the darks in the box, in their order; absent where a dark has none.
    pub dark_rates: Vec<Option<BoxRate>>,
    /// The science exposures, in the order given.
    pub science: Vec<ScienceMatch>,
    /// Files that could not be used, among them the darks that may stand for none of the exposures.
    pub failed: Vec<Failure>,
}

/// Finds for each science exposure the dark with the nearest rate, the mixture of the two that bracket
/// it, and the combination that follows its background.
///
/// A science exposure may be calibrated or raw. Pixels with DQ bits do not count in the combination.
/// Darks of another detector (`INSTRUME`, `DETECTOR`) or shape are left out, and said to be. That no dark is near enough is a status of the match, not an error.
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
    let dark_rates = loaded
        .iter()
        .map(|dark| dark.rate(options, &excluded).ok())
        .collect();
    progress.start("matching", Some(science.len() as u64));
    let match_one = |path: &PathBuf| {
        let matched = match_science(path, &loaded, options, &excluded);
        progress.advance(1);
        (path.clone(), matched)
    };
    let matches: Vec<_> = science.iter().map(match_one).collect();
    progress.finish();
    let (science, not_matched) = separate(matches)?;
    failed.extend(excluded_by_all(&science));
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

/// The darks that may stand for none of the exposures, with the first one's reason.
pub(crate) fn excluded_by_all(science: &[ScienceMatch]) -> Vec<Failure> {
    let Some((first, others)) = science.split_first() else {
        return Vec::new();
    };
    let by = |dark: &Failure, of: &ScienceMatch| of.excluded.iter().any(|other| other.file == dark.file);
    let by_others = |dark: &&Failure| others.iter().all(|of| by(dark, of));
    first.excluded.iter().filter(by_others).cloned().collect()
}

/// Matches one science exposure; `excluded` tells which detector pixels its sources cover.
///
/// # Errors
/// Where the exposure cannot be read or has no rate in the box, or where none of the darks may stand for
/// it: the first one's reason.
pub(crate) fn match_science(
    path: &Path,
    darks: &[LoadedDark],
    options: &MatchOptions,
    excluded: Excluded<'_>,
) -> Result<ScienceMatch> {
    let (exposure, opened, pixels) = open_with_pixels(path)?;
    let rate = exposure.box_rate(&pixels, &options.within_box, excluded)?;
    loaded::finite(&rate, options, &exposure)?;
    let version = opened.imsets().first().map_or(1, |imset| imset.version);
    let fitting = loaded::fitting(&exposure, opened.shape(version)?, darks, options, excluded)?;
    let candidates = &fitting.candidates;
    let dq = opened.load_dq(version)?;
    let science = to_image(pixels, path)?;
    let combination = combining::combine(&exposure, &science, &dq, &fitting.darks, options, excluded);
    let mut found = ScienceMatch {
        status: MatchStatus::NoneNearEnough,
        ranking: rank(&rate, candidates, options.within)?,
        interpolation: interpolate(&rate, candidates),
        combination: combining::report(combination, candidates, &rate),
        exposure,
        rate,
        excluded: fitting.excluded,
    };
    if found.ranking.found {
        found.status = MatchStatus::Found;
    }
    found.count_among_all(&fitting.indices);
    Ok(found)
}
