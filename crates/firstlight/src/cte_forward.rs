//! `firstlight cte-forward`: the trails of charge transfer drawn into images, or taken off those of any camera.

use crate::calibrate::forward_references;
use crate::changed::write_changed;
use crate::input::{Failure, sort_out};
use crate::output::{is_same_file, make_folder};
use crate::progress::{flow, go_on};
use crate::{Error, Progress, Result};
use firstlight_calibrate::acs::acscte::{self, TrapTable, correct_image, forward_image};
use firstlight_calibrate::acs::{Observation, history};
use firstlight_frame::{Detector, Exposure};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

pub use firstlight_calibrate::acs::acscte::{
    ChargeTransferOptions, CteForwardOptions, CteForwardReport, Register,
};

/// Which traps, and where images go.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct CteForwardFiles {
    /// A camera's own charge traps, in place of PCTETAB: a table (FITS, ECSV, CSV) of levels with the columns Q (charge that a
    /// packet must have to meet them, e), AMOUNT (what they take of a packet that goes all the way, e) and RELEASE_1,
    /// RELEASE_2, … (share of it that comes out so many pixels behind). Images may then be of any camera.
    #[cfg_attr(feature = "clap", arg(long, value_name = "TABLE"))]
    pub traps: Option<PathBuf>,
    /// With `traps`: take trails off instead of drawing them.
    #[cfg_attr(feature = "clap", arg(long, requires = "traps"))]
    pub undo: bool,
    /// With `undo`: readout noise, which has no trails and is left as it is, e.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "E", requires = "undo", default_value_t = 0.0)
    )]
    pub readnoise: f32,
    /// Folder of reference files, looked into before jref of the environment, the CRDS cache and the folder of the
    /// exposure.
    #[cfg_attr(feature = "clap", arg(long, value_name = "DIR"))]
    pub ref_dir: Option<PathBuf>,
    /// The product: a file where there is one input, else a folder; a folder is made where it is not there [default: the
    /// current folder, as ROOT_ctefmod.fits].
    #[cfg_attr(feature = "clap", arg(long, short, value_name = "FILE|DIR"))]
    pub output: Option<PathBuf>,
    /// Replace products that are there already.
    #[cfg_attr(feature = "clap", arg(long))]
    pub overwrite: bool,
}

/// One image that was read out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReadOut {
    /// The input.
    pub input: PathBuf,
    /// The product.
    pub output: PathBuf,
    /// With the instrument's traps: what was simulated.
    pub transfers: Option<CteForwardReport>,
    /// With a camera's own: what all pixels have gained, e.
    pub gained_e: Option<f64>,
}

/// What became of all inputs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CteForwardFilesReport {
    /// Those that were read out.
    pub products: Vec<ReadOut>,
    /// Those that could not be.
    pub failed: Vec<Failure>,
}

/// Draws the trails that reading out makes into the images of each input, and writes `…_ctefmod.fits`. Images are in
/// electrons and without overscan: of the WFC with the traps of their PCTETAB ([`acscte::forward`]), or of any camera with
/// those of a table of its own ([`forward_image`], or [`correct_image`] with `undo`). All cards and HDUs are kept.
///
/// # Errors
/// [`Error::OutputExists`] and a table that cannot be read before any work; for a single input everything that the
/// functions above refuse.
pub fn cte_forward(
    inputs: &[PathBuf],
    files: &CteForwardFiles,
    instrument: &CteForwardOptions,
    camera: &ChargeTransferOptions,
    progress: &dyn Progress,
) -> Result<CteForwardFilesReport> {
    let traps = match &files.traps {
        Some(path) => {
            let table = crate::table::read(path, None, None)?;
            Some(TrapTable::of_table(&table).map_err(|error| Error::from(error).in_file(path))?)
        }
        None => None,
    };
    let outputs: Vec<PathBuf> = inputs
        .iter()
        .map(|input| target(input, inputs.len(), files))
        .collect();
    refuse(inputs, &outputs, files.overwrite)?;
    progress.start("reading out", None);
    let one = |(input, output): (&PathBuf, PathBuf)| {
        let done = go_on(progress).map_err(Error::from).and_then(|()| match &traps {
            Some(traps) => of_camera(input, &output, traps, files, camera),
            None => of_instrument(input, &output, files, instrument, progress),
        });
        (input.clone(), done)
    };
    let results = inputs.iter().zip(outputs).map(one).collect();
    progress.finish();
    go_on(progress)?;
    let (products, failed) = sort_out(results)?;
    Ok(CteForwardFilesReport { products, failed })
}

fn of_instrument(
    input: &Path,
    output: &Path,
    files: &CteForwardFiles,
    how: &CteForwardOptions,
    progress: &dyn Progress,
) -> Result<ReadOut> {
    let exposure = Exposure::open(input)?;
    let detector = Detector::from_header(exposure.primary());
    if detector != Detector::AcsWfc {
        return Err(Error::Contradiction {
            path: input.to_owned(),
            reason: format!(
                "of {detector} no charge traps are known (PCTETAB is of ACS/WFC alone); give the camera's own (--traps)"
            ),
        });
    }
    let references = forward_references(input, exposure.primary(), files.ref_dir.clone())?;
    let mut observation = Observation::load(&exposure)?;
    let report = acscte::forward(&mut observation, &references, how, &|_| flow(progress))
        .map_err(|error| Error::from(error).in_file(input))?;
    write_changed(&exposure, &observation, output, files.overwrite.into())?;
    Ok(ReadOut {
        input: input.to_owned(),
        output: output.to_owned(),
        transfers: Some(report),
        gained_e: None,
    })
}

fn of_camera(
    input: &Path,
    output: &Path,
    traps: &TrapTable,
    files: &CteForwardFiles,
    camera: &ChargeTransferOptions,
) -> Result<ReadOut> {
    let exposure = Exposure::open(input)?;
    let mut observation = Observation::load(&exposure)?;
    let mut gained_e = 0.0;
    for chip in &mut observation.chips {
        let image = &chip.frame.sci;
        let changed = match files.undo {
            true => correct_image(image, traps, camera, None, files.readnoise),
            false => forward_image(image, traps, camera, None),
        };
        let changed = changed.map_err(|error| Error::from(error).in_file(input))?;
        let pairs = changed.as_slice().iter().zip(image.as_slice());
        let change = pairs.map(|(now, before)| f64::from(now - before));
        gained_e += change.filter(|change| change.is_finite()).sum::<f64>();
        chip.frame.sci = changed;
    }
    let words = if files.undo { "taken off" } else { "drawn" };
    history(
        &mut observation.primary,
        &format!("CTE trails {words} with the traps of"),
    )?;
    let name = files
        .traps
        .as_deref()
        .and_then(Path::file_name)
        .unwrap_or_default();
    let name: String = name
        .to_string_lossy()
        .chars()
        .map(|c| if c.is_ascii_graphic() { c } else { '?' })
        .collect();
    history(&mut observation.primary, &format!("  {name}"))?;
    write_changed(&exposure, &observation, output, files.overwrite.into())?;
    Ok(ReadOut {
        input: input.to_owned(),
        output: output.to_owned(),
        transfers: None,
        gained_e: Some(gained_e),
    })
}

/// `j8bt06nyq_blc_tmp.fits` and `j8bt06nyq_flc.fits` → `j8bt06nyq_ctefmod.fits`; any other name gets `_ctefmod` behind it.
fn target(input: &Path, inputs: usize, files: &CteForwardFiles) -> PathBuf {
    let name = input.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.split(".fit").next().unwrap_or(&name);
    let root = ["_blc_tmp", "_flc", "_blv_tmp", "_flt"]
        .iter()
        .find_map(|suffix| stem.strip_suffix(suffix));
    let name = format!("{}_ctefmod.fits", root.unwrap_or(stem));
    match &files.output {
        None => PathBuf::from(name),
        Some(path) if inputs == 1 && path.extension().is_some() && !path.is_dir() => path.clone(),
        Some(folder) => folder.join(name),
    }
}

/// Refuses to replace what is there, two inputs with one product, and a product over its input; makes folders.
fn refuse(inputs: &[PathBuf], outputs: &[PathBuf], overwrite: bool) -> Result<()> {
    for (index, path) in outputs.iter().enumerate() {
        if path.exists() && !overwrite {
            return Err(Error::OutputExists { path: path.clone() });
        }
        if outputs[..index].contains(path) || inputs.iter().any(|input| is_same_file(input, path)) {
            return Err(Error::Usage(format!(
                "{} would be written over an input or another product; give --output another folder",
                path.display()
            )));
        }
        make_folder(path.parent().unwrap_or(Path::new("")))?;
    }
    Ok(())
}
