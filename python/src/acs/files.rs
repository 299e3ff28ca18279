//! Whole runs and stages on files; options and reports are JSON.

use super::arrays::{image, json, options};
use crate::errors::to_python;
use crate::threads::{Interruption, work_on};
use firstlight::calibrate;
use firstlight::destripe::{self, Mask};
use firstlight::input::expand;
use firstlight::{Error, Result};
use numpy::PyReadonlyArray2;
use pyo3::prelude::*;
use serde::Serialize;
use std::path::PathBuf;

/// Adds this file's functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(run_calibrate, module)?)?;
    module.add_function(wrap_pyfunction!(run_stage, module)?)?;
    module.add_function(wrap_pyfunction!(run_combination, module)?)?;
    module.add_function(wrap_pyfunction!(run_destripe, module)?)?;
    module.add_function(wrap_pyfunction!(clean_files, module)?)
}

/// Runs a task on so many threads, or on those of the module, until Ctrl-C, and gives its report as JSON.
pub(crate) fn run<T: Serialize + Send>(
    py: Python<'_>,
    threads: Option<usize>,
    task: impl FnOnce(&Interruption) -> Result<T> + Send,
) -> PyResult<String> {
    json(&work_on(py, threads, task)?.map_err(to_python)?)
}

/// What is calibrated to what, as JSON.
#[pyfunction]
#[pyo3(signature = (inputs, options_json, threads=None))]
fn run_calibrate(
    py: Python<'_>,
    inputs: Vec<String>,
    options_json: &str,
    threads: Option<usize>,
) -> PyResult<String> {
    let how: calibrate::CalibrateOptions = options(options_json)?;
    run(py, threads, |progress| {
        calibrate::calibrate(&expand(&inputs)?, &how, progress)
    })
}

/// `acsccd`, `acscte` or `acs2d`.
#[pyfunction]
#[pyo3(signature = (stage, inputs, options_json, how_json, threads=None))]
fn run_stage(
    py: Python<'_>,
    stage: &str,
    inputs: Vec<String>,
    options_json: &str,
    how_json: &str,
    threads: Option<usize>,
) -> PyResult<String> {
    let common: calibrate::StageOptions = options(options_json)?;
    match stage {
        "acsccd" => {
            let how: calibrate::AcsccdOptions = options(how_json)?;
            run(py, threads, |progress| {
                calibrate::acsccd(&expand(&inputs)?, &common, &how, progress)
            })
        }
        "acscte" => {
            let how: calibrate::AcscteOptions = options(how_json)?;
            run(py, threads, |progress| {
                calibrate::acscte(&expand(&inputs)?, &common, &how, progress)
            })
        }
        "acs2d" => {
            let how: calibrate::Acs2dOptions = options(how_json)?;
            run(py, threads, |progress| {
                calibrate::acs2d(&expand(&inputs)?, &common, &how, progress)
            })
        }
        other => Err(to_python(Error::Usage(format!("there is no stage {other}")))),
    }
}

/// `acsrej`, or `acssum`, which has no parameters of its own.
#[pyfunction]
#[pyo3(signature = (inputs, output, options_json, how_json, threads=None))]
fn run_combination(
    py: Python<'_>,
    inputs: Vec<String>,
    output: PathBuf,
    options_json: &str,
    how_json: Option<&str>,
    threads: Option<usize>,
) -> PyResult<String> {
    let common: calibrate::CombineOptions = options(options_json)?;
    let Some(how_json) = how_json else {
        return run(py, threads, |progress| {
            calibrate::acssum(&expand(&inputs)?, &output, &common, progress)
        });
    };
    let how: calibrate::AcsrejOptions = options(how_json)?;
    run(py, threads, |progress| {
        calibrate::acsrej(&expand(&inputs)?, &output, &common, &how, progress)
    })
}

/// A mask: an array or a file.
#[derive(FromPyObject)]
enum MaskArgument<'py> {
    Array(PyReadonlyArray2<'py, u8>),
    File(PathBuf),
}

impl MaskArgument<'_> {
    fn mask(self) -> PyResult<Mask> {
        match self {
            MaskArgument::Array(array) => Ok(Mask::Array(image(&array)?)),
            MaskArgument::File(path) => Ok(Mask::File(path)),
        }
    }
}

type MaskArguments<'py> = [Vec<MaskArgument<'py>>; 2];

fn mask_pairs([sci1, sci2]: MaskArguments<'_>) -> PyResult<Vec<destripe::MaskPair>> {
    let masks = |given: Vec<MaskArgument<'_>>| {
        given
            .into_iter()
            .map(MaskArgument::mask)
            .collect::<PyResult<Vec<_>>>()
    };
    destripe::mask_pairs(masks(sci1)?, masks(sci2)?).map_err(to_python)
}

/// What `acs_destripe_plus` does.
#[pyfunction]
fn run_destripe(
    py: Python<'_>,
    inputs: Vec<String>,
    masks: MaskArguments<'_>,
    cte_correct: bool,
    how_json: &str,
    options_json: &str,
) -> PyResult<String> {
    let masks = mask_pairs(masks)?;
    let how: destripe::DestripeOptions = options(how_json)?;
    let calibration: calibrate::CalibrateOptions = options(options_json)?;
    run(py, None, |progress| {
        let destriping = destripe::Destriping {
            options: &how,
            masks: &masks,
            cte_correct,
        };
        destripe::destripe(&expand(&inputs)?, &destriping, &calibration, progress)
    })
}

/// What `acs_destripe` does.
#[pyfunction]
fn clean_files(
    py: Python<'_>,
    inputs: Vec<String>,
    masks: MaskArguments<'_>,
    how_json: &str,
    options_json: &str,
) -> PyResult<String> {
    let masks = mask_pairs(masks)?;
    let how: destripe::DestripeOptions = options(how_json)?;
    let places: destripe::CleanOptions = options(options_json)?;
    run(py, None, |progress| {
        destripe::clean_files(&expand(&inputs)?, &masks, &places, &how, progress)
    })
}
