//! Darks, the simulated visit, and the workflow of both.

use crate::errors::to_python;
use crate::table;
use crate::threads::work;
use firstlight::dark::{self, PixelBox};
use firstlight::demo;
use firstlight::input::expand;
use firstlight::progress::Silent;
use firstlight::sbc_dark;
use firstlight::simulate;
use firstlight::{Error, Result};
use numpy::{PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::PathBuf;

/// Adds this file's functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(dark_rate, module)?)?;
    module.add_function(wrap_pyfunction!(box_rate, module)?)?;
    module.add_function(wrap_pyfunction!(dark_match, module)?)?;
    module.add_function(wrap_pyfunction!(dark_implant, module)?)?;
    module.add_function(wrap_pyfunction!(simulate_sbc, module)?)?;
    module.add_function(wrap_pyfunction!(run_sbc_dark, module)?)?;
    module.add_function(wrap_pyfunction!(run_demo, module)?)
}

/// Options from what Python gives as JSON.
pub fn options<T: DeserializeOwned>(json: &str) -> PyResult<T> {
    serde_json::from_str(json).map_err(|error| PyValueError::new_err(error.to_string()))
}

fn json(report: &impl Serialize) -> PyResult<String> {
    serde_json::to_string(report).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// Runs without the interpreter's lock and gives the report as JSON.
pub fn run<T: Serialize + Send>(py: Python<'_>, task: impl FnOnce() -> Result<T> + Send) -> PyResult<String> {
    json(&work(py, task).map_err(to_python)?)
}

/// The rates as a table, and the whole report as JSON.
#[pyfunction]
fn dark_rate<'py>(
    py: Python<'py>,
    files: Vec<String>,
    options_json: &str,
) -> PyResult<(Bound<'py, PyAny>, String)> {
    let how: dark::RateOptions = options(options_json)?;
    let report = work(py, || dark::rate(&expand(&files)?, &how, &Silent)).map_err(to_python)?;
    let rows = table::to_python(py, report.table().map_err(to_python)?)?;
    Ok((rows, json(&report)?))
}

/// The rate in a box of an array, as JSON; `integer` tells that the samples are whole numbers.
#[pyfunction]
fn box_rate(
    py: Python<'_>,
    image: PyReadonlyArray2<'_, f64>,
    within: &str,
    exptime: f64,
    integer: bool,
) -> PyResult<String> {
    let within: PixelBox = within
        .parse()
        .map_err(|error| to_python(Error::Calibrate(error)))?;
    let samples = image
        .as_slice()
        .map_err(|error| PyValueError::new_err(error.to_string()))?;
    let shape = (image.shape()[0], image.shape()[1]);
    run(py, || {
        dark::rate_of_samples(shape, samples, &within, exptime, integer)
    })
}

/// The matches, as JSON.
#[pyfunction]
fn dark_match(
    py: Python<'_>,
    science: Vec<String>,
    darks: Vec<String>,
    options_json: &str,
) -> PyResult<String> {
    let how: dark::MatchOptions = options(options_json)?;
    run(py, || {
        dark::matching(&expand(&science)?, &expand(&darks)?, &how, &Silent)
    })
}

/// Writes the implant; what went in, as JSON.
#[pyfunction]
fn dark_implant(
    py: Python<'_>,
    science: PathBuf,
    darks: Vec<String>,
    output: PathBuf,
    options_json: &str,
) -> PyResult<String> {
    let how: dark::ImplantOptions = options(options_json)?;
    run(py, || {
        dark::implant(&science, &expand(&darks)?, &output, &how, &Silent)
    })
}

/// Simulates a visit; its files and truth, as JSON.
#[pyfunction]
fn simulate_sbc(py: Python<'_>, folder: PathBuf, options_json: &str, overwrite: bool) -> PyResult<String> {
    let how: simulate::SbcVisitOptions = options(options_json)?;
    run(py, || simulate::sbc(&folder, &how, overwrite, &Silent))
}

/// The fluxes as a table, and the whole report as JSON.
#[pyfunction]
fn run_sbc_dark<'py>(
    py: Python<'py>,
    inputs: Vec<String>,
    darks: Vec<String>,
    folder: PathBuf,
    options_json: &str,
) -> PyResult<(Bound<'py, PyAny>, String)> {
    let how: sbc_dark::SbcDarkOptions = options(options_json)?;
    let task = || sbc_dark::sbc_dark(&expand(&inputs)?, &expand(&darks)?, &folder, &how, &Silent);
    let report = work(py, task).map_err(to_python)?;
    let rows = table::to_python(py, report.table().map_err(to_python)?)?;
    Ok((rows, json(&report)?))
}

/// Runs the demonstration; everything, as JSON.
#[pyfunction]
fn run_demo(py: Python<'_>, folder: PathBuf, options_json: &str) -> PyResult<String> {
    let how: demo::DemoOptions = options(options_json)?;
    run(py, || demo::demo(&folder, &how, &Silent))
}
