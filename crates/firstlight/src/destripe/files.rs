//! Cleaning files that acsccd or the whole calibration has made already: what `acs_destripe` does.

use super::{DestripeOptions, DestripeReport, MaskPair};
use crate::calibrate::destriping_references;
use crate::changed::write_changed;
use crate::input::{Failure, sort_out};
use crate::output::refuse_existing;
use crate::progress::go_on;
use crate::{Error, Progress, Result};
use firstlight_calibrate::acs::Observation;
use firstlight_calibrate::acs::destripe::{acs_destripe, check_exposure};
use firstlight_frame::Exposure;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Where cleaned files go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CleanOptions {
    /// What is put between the input's name and `.fits`, with an underscore before it.
    pub suffix: String,
    /// Folder of reference files, looked into before jref of the environment, the CRDS cache and the folder of the
    /// exposure.
    pub ref_dir: Option<PathBuf>,
    /// Folder of the outputs; that of each input where there is none.
    pub output_dir: Option<PathBuf>,
    /// Replace outputs that are there already.
    pub overwrite: bool,
}

impl Default for CleanOptions {
    fn default() -> Self {
        Self {
            suffix: "strp".to_owned(),
            ref_dir: None,
            output_dir: None,
            overwrite: false,
        }
    }
}

/// A file that was cleaned.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CleanedFile {
    /// The input.
    pub input: PathBuf,
    /// The output.
    pub output: PathBuf,
    /// What was found.
    #[serde(flatten)]
    pub report: DestripeReport,
}

/// What became of all files.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CleanReport {
    /// Those that were cleaned.
    pub cleaned: Vec<CleanedFile>,
    /// Those that could not be.
    pub failed: Vec<Failure>,
}

/// Takes the stripes out of files whose images are in electrons and not corrected for CTE (`_blv_tmp`, `_flt`), and writes
/// `…_<suffix>.fits` beside each. Every card and HDU of the input is kept; HISTORY tells what was done.
///
/// # Errors
/// [`Error::OutputExists`], and where the number of masks is not that of the files, before any work; for a single file
/// all that [`acs_destripe`] refuses.
pub fn clean_files(
    inputs: &[PathBuf],
    masks: &[MaskPair],
    options: &CleanOptions,
    how: &DestripeOptions,
    progress: &dyn Progress,
) -> Result<CleanReport> {
    if !masks.is_empty() && masks.len() != inputs.len() {
        return Err(Error::Usage(format!(
            "{} masks were given for {} files; give one for each, or none",
            masks.len(),
            inputs.len()
        )));
    }
    how.accepted()?;
    let outputs: Vec<PathBuf> = inputs.iter().map(|input| output_of(input, options)).collect();
    refuse_existing(outputs.iter(), options.overwrite)?;
    progress.start("destriping", Some(inputs.len() as u64));
    let none = MaskPair::default();
    let clean = |(index, (input, output)): (usize, (&PathBuf, PathBuf))| {
        let masks = masks.get(index).unwrap_or(&none);
        let report = go_on(progress)
            .map_err(Error::from)
            .and_then(|()| clean_file(input, &output, masks, options, how));
        progress.advance(1);
        let cleaned = report.map(|report| CleanedFile {
            input: input.clone(),
            output,
            report,
        });
        (input.clone(), cleaned)
    };
    let results = inputs.iter().zip(outputs).enumerate().map(clean).collect();
    progress.finish();
    go_on(progress)?;
    let (cleaned, failed) = sort_out(results)?;
    Ok(CleanReport { cleaned, failed })
}

/// `x_blv_tmp.fits` → `x_blv_tmp_<suffix>.fits`.
fn output_of(input: &Path, options: &CleanOptions) -> PathBuf {
    let name = input.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.split(".fit").next().unwrap_or(&name);
    let folder = options
        .output_dir
        .clone()
        .unwrap_or_else(|| input.parent().unwrap_or(Path::new("")).to_owned());
    folder.join(format!("{stem}_{}.fits", options.suffix))
}

fn clean_file(
    input: &Path,
    output: &Path,
    masks: &MaskPair,
    options: &CleanOptions,
    how: &DestripeOptions,
) -> Result<DestripeReport> {
    let exposure = Exposure::open(input)?;
    // What only the header tells is told before pixels are read.
    let header = exposure.primary().clone();
    check_exposure(&Observation::without_pixels(input.display().to_string(), header))?;
    let references = destriping_references(input, exposure.primary(), options.ref_dir.clone())?;
    let mut observation = Observation::load(&exposure)?;
    let in_input = |error| Error::from(error).in_file(input);
    let report = acs_destripe(&mut observation, &references, &masks.read()?, how).map_err(in_input)?;
    write_changed(&exposure, &observation, output, options.overwrite.into())?;
    Ok(report)
}
