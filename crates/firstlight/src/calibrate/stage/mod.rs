//! The stages as tasks of their own: files of one stage in, files of the next out.

mod combine;
mod each;

use super::plan::root_of;
use super::switches::SwitchSetting;
use super::wanted::Stages;
use super::{stages, tally};
use crate::drizzle::Bytes;
use crate::input::Failure;
use crate::{Error, Progress, Result};
use each::{Verb, each};
use firstlight_calibrate::acs::acs2d::{Acs2dOptions, Acs2dReport};
use firstlight_calibrate::acs::acsccd::{AcsccdOptions, AcsccdReport};
use firstlight_calibrate::acs::acscte::{AcscteOptions, AcscteReport};
use firstlight_calibrate::acs::{Observation, References};
use firstlight_fits::Header;
use firstlight_frame::Switch;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

pub use combine::{CombineOptions, acsrej, acssum};
pub(crate) use combine::{check_crthresh, flag};

/// What the tasks of the stages have in common.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct StageOptions {
    /// Set a calibration switch above the headers, as in FLATCORR=OMIT; may be given several times.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SWITCH=VALUE"))]
    pub switch: Vec<SwitchSetting>,
    /// Folder of reference files, looked into before jref of the environment, the CRDS cache and the folder of the
    /// exposure.
    #[cfg_attr(feature = "clap", arg(long, value_name = "DIR"))]
    pub ref_dir: Option<PathBuf>,
    /// The product: a file where there is one input, else a folder; a folder is made where it is not there [default: the
    /// current folder, under the names that the official tasks give].
    #[cfg_attr(feature = "clap", arg(long, short, value_name = "FILE|DIR"))]
    pub output: Option<PathBuf>,
    /// Replace products that are there already.
    #[cfg_attr(feature = "clap", arg(long))]
    pub overwrite: bool,
    /// Memory for frames, as in "800M" or "12G": as many are in work at once as fit, one at least [default: 400M].
    #[cfg_attr(feature = "clap", arg(long, alias = "max_memory", value_name = "SIZE"))]
    pub max_memory: Option<Bytes>,
}

impl StageOptions {
    /// Where the product of an input goes whose official name is `name`.
    fn target(&self, name: &str, inputs: usize) -> PathBuf {
        match &self.output {
            None => PathBuf::from(name),
            Some(path) if inputs == 1 && is_file_name(path) => path.clone(),
            Some(folder) => folder.join(name),
        }
    }
}

/// Whether a path is meant as a file's: it ends as one, and is no folder.
fn is_file_name(path: &Path) -> bool {
    let ends = path.extension().is_some_and(|ending| {
        ["fits", "fit"]
            .iter()
            .any(|known| ending.eq_ignore_ascii_case(known))
    });
    ends && !path.is_dir()
}

/// What a stage made of all inputs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StageReport<T> {
    /// One a product, in the order of the inputs.
    pub products: Vec<StageProduct<T>>,
    /// Inputs that failed while others went on.
    pub failed: Vec<Failure>,
    /// Wall time.
    pub seconds: f64,
}

/// One product of a stage.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StageProduct<T> {
    /// The file.
    pub path: PathBuf,
    /// What it was made of.
    pub inputs: Vec<PathBuf>,
    /// What the stage measured.
    pub report: T,
    /// Wall time.
    pub seconds: f64,
}

/// acsccd: raw frames of WFC and HRC to frames in electrons without bias and overscan, `_blv_tmp`.
///
/// # Errors
/// Before any work: [`Error::OutputExists`], [`Error::MissingReferences`], [`Error::BadReference`]; for a single input
/// everything that [`firstlight_calibrate::acs::acsccd::acsccd`] refuses.
pub fn acsccd(
    inputs: &[PathBuf],
    options: &StageOptions,
    how: &AcsccdOptions,
    progress: &dyn Progress,
) -> Result<StageReport<AcsccdReport>> {
    let stages = |_: &Header| Stages {
        ccd: true,
        ..Stages::default()
    };
    let name = |path: &Path, _: &Header| format!("{}_blv_tmp.fits", root_of(path));
    let work =
        |observation: &mut Observation, references: &References| stages::acsccd(observation, references, how);
    let verb = Verb {
        name: "acsccd",
        told: 0,
        stages: &stages,
        product: &name,
    };
    each(&verb, inputs, options, progress, work)
}

/// acscte: `_blv_tmp` of the WFC with charge put back where traps held it, `_blc_tmp`.
///
/// # Errors
/// Before any work as [`acsccd`]; for a single input everything that [`firstlight_calibrate::acs::acscte::acscte`]
/// refuses.
pub fn acscte(
    inputs: &[PathBuf],
    options: &StageOptions,
    how: &AcscteOptions,
    progress: &dyn Progress,
) -> Result<StageReport<AcscteReport>> {
    let stages = |_: &Header| Stages {
        cte: true,
        ..Stages::default()
    };
    let name = |path: &Path, _: &Header| format!("{}_blc_tmp.fits", root_of(path));
    let work = |observation: &mut Observation, references: &References| {
        stages::cte(observation, references, how, progress)
    };
    let verb = Verb {
        name: "acscte",
        told: tally::CTE,
        stages: &stages,
        product: &name,
    };
    each(&verb, inputs, options, progress, work)
}

/// acs2d: `_blv_tmp`, `_blc_tmp` and `_crj_tmp` of the CCDs, and raw frames of the SBC, to `_flt`, `_flc`, `_crj`.
///
/// # Errors
/// Before any work as [`acsccd`]; for a single input everything that [`firstlight_calibrate::acs::acs2d::acs2d`]
/// refuses, and an input that asks for nothing ([`Error::Contradiction`]).
pub fn acs2d(
    inputs: &[PathBuf],
    options: &StageOptions,
    how: &Acs2dOptions,
    progress: &dyn Progress,
) -> Result<StageReport<Acs2dReport>> {
    let corrected = |primary: &Header| Switch::of(primary, "PCTECORR") == Switch::Complete;
    let stages = |primary: &Header| Stages {
        flat: !corrected(primary),
        flat_of_cte: corrected(primary),
        ..Stages::default()
    };
    let name = |path: &Path, primary: &Header| {
        let name = crate::input::file_name(path);
        let combined = ["_crj", "_crc"].iter().any(|suffix| name.contains(suffix));
        let kind = match (combined, corrected(primary)) {
            (false, false) => "flt",
            (false, true) => "flc",
            (true, false) => "crj",
            (true, true) => "crc",
        };
        format!("{}_{kind}.fits", root_of(path))
    };
    let work = |observation: &mut Observation, references: &References| {
        let report = stages::acs2d(observation, references, how)?;
        if report.steps.is_empty() {
            return Err(Error::Contradiction {
                path: PathBuf::from(&observation.name),
                reason: "no switch of acs2d is PERFORM with a reference file that is no dummy: there is nothing to do; \
                         set one, as with --switch FLATCORR=PERFORM"
                    .to_owned(),
            });
        }
        Ok(report)
    };
    let verb = Verb {
        name: "acs2d",
        told: 0,
        stages: &stages,
        product: &name,
    };
    each(&verb, inputs, options, progress, work)
}
