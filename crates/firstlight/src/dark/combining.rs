//! The combination of darks as it is reported: whether it may be used, and why not.

use super::DarkExposure;
use super::loaded::{Excluded, LoadedDark};
use super::matching::MatchOptions;
use crate::Result;
use firstlight_calibrate::dark::{
    BackgroundMap, BoxRate, Candidate, Combination, CombinationOptions, Share, combine_backgrounds,
};
use firstlight_frame::{Image, dq::BitSelection};
use rayon::prelude::*;
use serde::Serialize;

/// Standard errors by which the dark rate may exceed the whole rate in the box.
const ABOVE_TOTAL_SIGMA: f64 = 3.0;

/// The non-negative combination of darks, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum CombinationReport {
    /// It was fitted.
    Fitted {
        /// Shares, sky and quality.
        combination: Combination,
        /// Its dark rate in the box, counts/s; of no use unless `usable`.
        box_rate: f64,
        /// The standard error of that.
        box_rate_error: f64,
        /// Whether it explains the background, so that its dark rate may be used.
        usable: bool,
        /// What speaks against it; empty where it is usable.
        reasons: Vec<String>,
    },
    /// It could not be.
    Failed {
        /// Why.
        reason: String,
    },
}

impl CombinationReport {
    /// The combination, where there is one, usable or not.
    pub fn fitted(&self) -> Option<&Combination> {
        match self {
            CombinationReport::Fitted { combination, .. } => Some(combination),
            CombinationReport::Failed { .. } => None,
        }
    }

    /// Why there is none, or why it is not to be used; `None` for one that is.
    pub fn objection(&self) -> Option<String> {
        match self {
            CombinationReport::Failed { reason } => Some(reason.clone()),
            CombinationReport::Fitted { usable: true, .. } => None,
            CombinationReport::Fitted { reasons, .. } => Some(reasons.join("; ")),
        }
    }
}

pub(super) fn combine(
    exposure: &DarkExposure,
    science: &Image<f32>,
    dq: &Image<u16>,
    darks: &[&LoadedDark],
    options: &MatchOptions,
    excluded: Excluded<'_>,
) -> Result<Combination> {
    let good = BitSelection::accepting(0);
    let used = |x, y| good.is_good(dq[(y, x)]) && !excluded(x, y);
    let map = |image: &Image<f32>, of: &DarkExposure| {
        BackgroundMap::new(image, of.exptime_s, of.per_second, options.cell, used)
    };
    let science = map(science, exposure)?;
    let of_dark =
        |dark: &&LoadedDark| Ok((dark.exposure.rootname.clone(), map(&dark.counts, &dark.exposure)?));
    let maps = darks.par_iter().map(of_dark).collect::<Result<Vec<_>>>()?;
    let options = CombinationOptions {
        cell: options.cell,
        scatter: options.scatter,
    };
    Ok(combine_backgrounds(&science, &maps, &options)?)
}

/// Judges a combination by its fit, and by the rate of the science exposure that it is part of.
pub(super) fn report(
    combination: Result<Combination>,
    darks: &[Candidate],
    science: &BoxRate,
) -> CombinationReport {
    let combination = match combination {
        Ok(combination) if combination.shares.is_empty() => {
            return CombinationReport::Failed {
                reason: format!(
                    "no combination of these darks explains the frame: none of them got a share, and a uniform \
                     rate of {:.2e} counts/s/pixel alone is the best there is (chi2 {:.1} for {}); leave sources out with --exclude-source, or give \
                     other darks",
                    combination.uniform, combination.chi2, combination.degrees_of_freedom
                ),
            };
        }
        Ok(combination) => combination,
        Err(error) => {
            return CombinationReport::Failed {
                reason: error.to_string(),
            };
        }
    };
    let of_share = |share: &Share| {
        darks
            .get(share.index)
            .map_or((0.0, 0.0), |dark| (dark.rate.rate, dark.rate.rate_error))
    };
    let rates: Vec<(f64, f64)> = combination.shares.iter().map(of_share).collect();
    let (box_rate, box_rate_error) = combination.rate_of(&rates);
    let mut reasons = Vec::new();
    if !combination.fits {
        reasons.push(format!(
            "darks and a uniform sky do not make up this background: chi2 is {:.1} for {} degrees of freedom, {:.1} times \
             what noise makes of it",
            combination.chi2,
            combination.degrees_of_freedom,
            combination.chi2 / combination.degrees_of_freedom.max(1) as f64
        ));
    }
    if box_rate - science.rate > ABOVE_TOTAL_SIGMA * box_rate_error.hypot(science.rate_error) {
        reasons.push(format!(
            "its dark rate in the box, {box_rate:.4}, exceeds all that is there, {:.4} counts/s",
            science.rate
        ));
    }
    CombinationReport::Fitted {
        usable: reasons.is_empty(),
        combination,
        box_rate,
        box_rate_error,
        reasons,
    }
}
