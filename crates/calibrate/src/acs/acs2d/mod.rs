//! acs2d: frames in electrons, without bias and overscan, to calibrated ones; for SBC all of the calibration.

mod counts;
mod images;
pub(in crate::acs) mod pass;
mod photcorr;
mod photmode;
mod plan;
mod spots;
pub(in crate::acs) mod stage;

pub use photcorr::{photcorr, record_photcorr};
pub use photmode::photmode;
pub use spots::shift_spots;

use super::tables::imphttab::Photometry;
use super::{Observation, Outcome, References, Setup};
use crate::Result;
use crate::steps::Statistics;
use plan::Plan;
use serde::{Deserialize, Serialize};
use stage::Stage;

/// How acs2d deviates from what the header says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct Acs2dOptions {
    /// Scale the dark of SBC by EXPTIME (s) before it is subtracted. The official program multiplies it by 0, so that
    /// its DARKCORR leaves the pixels of SBC as they are; so does this one by default.
    #[cfg_attr(feature = "clap", arg(long))]
    pub scale_sbc_dark: bool,
}

/// What acs2d did.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Acs2dReport {
    /// The steps that were asked for, in the order of their HISTORY, and what became of each. None at all where no
    /// step can be performed: the observation is as it was then.
    pub steps: Vec<(String, Outcome)>,
    /// What was measured, chip by chip, in the order of the imsets.
    pub chips: Vec<ChipReport>,
    /// What a user should know, in words.
    pub warnings: Vec<String>,
}

/// What acs2d measured on one chip.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct ChipReport {
    /// CCDCHIP.
    pub chip: i64,
    /// Whether ERR was 0 everywhere and has been filled in.
    pub errors_filled: bool,
    /// Ratio of true to observed counts that GLINCORR multiplied by.
    pub global_ratio: Option<f64>,
    /// Whether GLOBRATE is beyond the limit of GLINCORR.
    pub global_limit_exceeded: Option<bool>,
    /// Pixels beyond the local limit of LFLGCORR.
    pub beyond_local_limit: Option<usize>,
    /// MEANDARK, e.
    pub mean_dark_e: Option<f32>,
    /// MEANFLSH, e.
    pub mean_flash_e: Option<f32>,
    /// Photometric keywords.
    pub photometry: Option<Photometry>,
    /// Statistics of the good pixels.
    pub statistics: Option<Statistics>,
}

/// acs2d: the steps whose switches in the primary header are PERFORM, in the order of the official program. `_blv`,
/// `_blc` and combined frames of the CCDs become `_flt`, `_flc` and `_crj`; raw frames of SBC become `_flt`.
///
/// Where PCTECORR is COMPLETE the dark is DRKCFILE instead of DARKFILE. Keywords, switches and HISTORY are written as
/// the official program has them, but for FILENAME and CAL_VER, which belong to the file. Where there is nothing to
/// do, as for bias frames, the observation stays as it is and the report has no steps.
///
/// Reference images are read when their step comes, one chip at a time. After an error the observation is half
/// calibrated and to be thrown away; reference files, their sizes and rows are checked before the first step.
///
/// # Errors
/// [`crate::Error::NoReference`] and the errors of the reference files; [`crate::Error::Untrimmed`] for a CCD frame
/// with its overscan; [`crate::Error::Keyword`] for a switch with an unknown word and, for GLINCORR and LFLGCORR,
/// without GLOBRATE.
pub fn acs2d(
    observation: &mut Observation,
    references: &References,
    options: &Acs2dOptions,
) -> Result<Acs2dReport> {
    let setup = Setup::of(observation)?;
    let plan = Plan::of(observation, &setup, references)?;
    if !plan.has_work() {
        return Ok(Acs2dReport {
            warnings: plan.dummies(),
            ..Acs2dReport::default()
        });
    }
    let mut stage = Stage::planned(observation, setup, plan, options)?;
    stage.ccdtab(observation)?;
    stage.dqicorr(observation)?;
    stage.nonlinearity(observation)?;
    stage.electrons(observation)?;
    stage.noise(observation)?;
    let measured = stage.images(observation)?;
    stage.record_all(observation, &measured)?;
    Ok(stage.report)
}
