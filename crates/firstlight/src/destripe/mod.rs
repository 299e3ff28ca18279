//! `firstlight destripe`: post-SM4 exposures of the WFC calibrated with their stripes measured in the pixels.

mod files;
mod masks;

use crate::calibrate::{CalibrateOptions, CalibrateReport, calibrate_destriped};
use crate::{Progress, Result};
use serde::Serialize;
use std::path::PathBuf;

pub use files::{CleanOptions, CleanReport, CleanedFile, clean_files};
pub use firstlight_calibrate::acs::destripe::{DestripeOptions, DestripeReport, Statistic};
pub use masks::{Mask, MaskPair, mask_pairs};

/// How exposures are destriped on their way.
#[derive(Debug, Clone, Copy)]
pub struct Destriping<'a> {
    /// How rows are measured.
    pub options: &'a DestripeOptions,
    /// Masks of the calibrated images, one pair for each exposure or none.
    pub masks: &'a [MaskPair],
    /// Whether to correct for CTE: full frames where PCTECORR says so, and all subarrays that can be.
    pub cte_correct: bool,
}

/// What was found of one exposure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DestripedExposure {
    /// The raw exposure.
    pub path: PathBuf,
    /// What was found.
    #[serde(flatten)]
    pub report: DestripeReport,
}

/// What was made, and what was found on the way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DestripePlusReport {
    /// The exposures.
    pub destriped: Vec<DestripedExposure>,
    /// Products and all else that calibrating tells.
    #[serde(flatten)]
    pub calibrated: CalibrateReport,
}

/// Calibrates raw exposures of the WFC taken after Servicing Mission 4, or associations of them, as
/// [`calibrate`](fn@crate::calibrate::calibrate) does, with [`acs_destripe`](firstlight_calibrate::acs::destripe) between
/// acsccd and acscte. It is what `acs_destripe_plus` is for: subarrays, whose overscan does not show the stripes, and full
/// frames whose stripes acsccd left in.
///
/// With `dqbits` pixels are judged by the DQ that they have after acs2d, which is run for that on a copy.
///
/// # Errors
/// As [`calibrate`](fn@crate::calibrate::calibrate); before any work where an exposure is from before the stripes or not of
/// the WFC, or the number of masks is not that of exposures.
pub fn destripe(
    inputs: &[PathBuf],
    destriping: &Destriping<'_>,
    options: &CalibrateOptions,
    progress: &dyn Progress,
) -> Result<DestripePlusReport> {
    let (calibrated, destriped) = calibrate_destriped(inputs, destriping, options, progress)?;
    Ok(DestripePlusReport {
        destriped,
        calibrated,
    })
}
