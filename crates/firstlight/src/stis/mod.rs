//! The tasks of the STIS CCD's pipeline, one at a time: basic2d, ocrreject, wavecal, x2d and x1d.

pub(crate) mod reference_files;
mod spectra;
pub(crate) mod wanted;

use crate::calibrate::{SwitchSetting, flag, product};
use crate::output::check_output;
use crate::{Error, Progress, Result};
use firstlight_calibrate::stis::basic2d::{self, HousingTemperatures};
use firstlight_calibrate::stis::ocrreject::{self, Hits};
use firstlight_calibrate::{Error as StepError, Observation, Reference, References};
use firstlight_frame::Exposure;
use reference_files::{Wanted, open_all};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Instant;

pub use firstlight_calibrate::stis::basic2d::Basic2dReport;
pub use firstlight_calibrate::stis::ocrreject::{OcrrejectOptions, OcrrejectReport};
pub use firstlight_calibrate::stis::x1d::X1dOptions;
pub use firstlight_calibrate::stis::x2d::{X2dOptions, X2dReport};
pub use spectra::{SpectraReport, SpectrumOptions, WavecalOptions, WavecalReport, wavecal, x1d, x2d};

/// How basic2d is done, beside what the header says.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct Basic2dOptions {
    /// Set a switch, above the header's: DARKCORR=OMIT; may be repeated.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SWITCH=PERFORM|OMIT"))]
    pub switch: Vec<SwitchSetting>,
    /// Dark image, in place of the one that the header names.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE"))]
    pub darkfile: Option<PathBuf>,
    /// Whether statistics of the good pixels are recorded, in place of the header's STATFLAG.
    #[cfg_attr(feature = "clap", arg(long, value_name = "BOOL"))]
    pub statflag: Option<bool>,
    /// Folder of reference files, looked into before oref of the environment, the CRDS cache and the folder of the
    /// exposure.
    #[cfg_attr(feature = "clap", arg(long, value_name = "DIR"))]
    pub ref_dir: Option<PathBuf>,
    /// Replace a product that is there already.
    #[cfg_attr(feature = "clap", arg(long))]
    pub overwrite: bool,
}

/// What ocrreject needs beside its parameters.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct RejectionFiles {
    /// CRREJTAB to take parameters from, in place of the one that the header of the first input names.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE"))]
    pub crrejtab: Option<PathBuf>,
    /// Folder of reference files, looked into before oref of the environment, the CRDS cache and the folder of the
    /// exposure.
    #[cfg_attr(feature = "clap", arg(long, value_name = "DIR"))]
    pub ref_dir: Option<PathBuf>,
    /// Replace a product that is there already.
    #[cfg_attr(feature = "clap", arg(long))]
    pub overwrite: bool,
}

/// A product, and what was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Made<T> {
    /// The file.
    pub path: PathBuf,
    /// What was measured.
    pub report: T,
    /// Seconds that it took.
    pub seconds: f64,
}

/// basic2d: an exposure of the CCD, raw or half calibrated, to `output`, by the switches of its header. It is not
/// changed. Engineering temperatures (`…j_epc.fits`) are taken where they lie beside it.
///
/// # Errors
/// Before any work: [`Error::OutputExists`], [`Error::MissingReferences`]; everything that [`basic2d::basic2d`] refuses.
pub fn basic2d(
    input: &Path,
    output: &Path,
    options: &Basic2dOptions,
    progress: &dyn Progress,
) -> Result<Made<Basic2dReport>> {
    let begin = Instant::now();
    check_output(std::slice::from_ref(&input.to_owned()), output, options.overwrite)?;
    let exposure = Exposure::open(input)?;
    let mut observation = Observation::load(&exposure)?;
    for setting in &options.switch {
        setting.set(&mut observation.primary)?;
    }
    if let Some(statflag) = options.statflag {
        observation.primary.set("STATFLAG", statflag, None)?;
    }
    if let Some(dark) = &options.darkfile {
        let name = crate::input::file_name(dark);
        observation.primary.set("DARKFILE", name, None)?;
    }
    let wanted = wanted::by_basic2d(&observation.primary, options.darkfile.as_deref());
    let references = open_all((input, &observation.primary), &wanted, options.ref_dir.clone())?;
    let engineering = engineering_beside(input, &observation)?;
    progress.start("basic2d", None);
    let report = basic2d::basic2d(&mut observation, &references, &engineering);
    progress.finish();
    let report = report.map_err(|error| of_input(error, std::slice::from_ref(&input.to_owned())))?;
    product::write(&observation, output, options.overwrite.into())?;
    Ok(made(output, report, begin))
}

/// The engineering temperatures of each imset, where they lie beside the exposure.
pub(crate) fn engineering_beside(input: &Path, observation: &Observation) -> Result<HousingTemperatures> {
    let mut engineering = HousingTemperatures::new();
    for chip in &observation.chips {
        let expname = chip.sci.text("EXPNAME").unwrap_or_default();
        let first: String = expname.trim().chars().take(8).collect();
        let path = crate::output::folder_of(input).join(format!("{first}j_epc.fits"));
        if !first.is_empty() && path.is_file() {
            let table = Reference::open("EPC", &path.display().to_string(), &path)?;
            engineering.add(&first, &table)?;
        }
    }
    Ok(engineering)
}

/// ocrreject: all imsets of exposures of one field combined into `output` without cosmic rays. Rejected pixels are
/// flagged (8192) in the DQ of the inputs where `how.crmask` is given as true, and only then, whatever CRREJTAB says:
/// each input is then written anew and renamed over the old one.
///
/// # Errors
/// Before any work: [`Error::OutputExists`], [`Error::MissingReferences`]; everything that [`ocrreject::ocrreject`]
/// refuses.
pub fn ocrreject(
    inputs: &[PathBuf],
    output: &Path,
    files: &RejectionFiles,
    how: &OcrrejectOptions,
    progress: &dyn Progress,
) -> Result<Made<OcrrejectReport>> {
    let begin = Instant::now();
    crate::calibrate::check_crthresh(how.crthresh)?;
    check_output(inputs, output, files.overwrite)?;
    let load = |path: &PathBuf| Ok(Observation::load(&Exposure::open(path)?)?);
    let observations = inputs.iter().map(load).collect::<Result<Vec<_>>>()?;
    let mut references = References::new();
    if let Some((first, path)) = observations
        .first()
        .zip(inputs.first())
        .filter(|_| !how.is_complete())
    {
        let wanted = [Wanted::new("CRCORR", "CRREJTAB", files.crrejtab.as_deref())];
        references = open_all((path, &first.primary), &wanted, files.ref_dir.clone())?;
    }
    progress.start("ocrreject", None);
    let members: Vec<&Observation> = observations.iter().collect();
    let rejection = ocrreject::ocrreject(&members, &references, how);
    progress.finish();
    let rejection = rejection.map_err(|error| of_input(error, inputs))?;
    product::write(&rejection.product, output, files.overwrite.into())?;
    if how.crmask == Some(true) {
        for ((path, observation), hits) in inputs.iter().zip(&observations).zip(rejection.hits) {
            flag(path, &of_all_imsets(observation, hits))?;
        }
    }
    Ok(made(output, rejection.report, begin))
}

/// Rejected pixels of each imset; none of those that were left out.
fn of_all_imsets(observation: &Observation, hits: Vec<(usize, Hits)>) -> Vec<Hits> {
    let none = |chip: &firstlight_calibrate::Chip| Hits::none(chip.frame.dq.ny(), chip.frame.dq.nx());
    let mut all: Vec<Hits> = observation.chips.iter().map(none).collect();
    for (imset, hits) in hits {
        if let Some(of_imset) = all.get_mut(imset) {
            *of_imset = hits;
        }
    }
    all
}

/// An error with the name of the only input, where it does not name it itself.
pub(crate) fn of_input(error: StepError, inputs: &[PathBuf]) -> Error {
    let is_without_name = matches!(
        error,
        StepError::TooFewExposures { .. }
            | StepError::NoRow { .. }
            | StepError::NoGain { .. }
            | StepError::ReferenceValue { .. }
            | StepError::ReferenceSection { .. }
            | StepError::OtherBinning { .. }
            | StepError::Binned { .. }
    );
    match inputs {
        [only] if is_without_name => Error::from(error).in_file(only),
        _ => error.into(),
    }
}

fn made<T>(output: &Path, report: T, begin: Instant) -> Made<T> {
    Made {
        path: output.to_owned(),
        report,
        seconds: begin.elapsed().as_secs_f64(),
    }
}
