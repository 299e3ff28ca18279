//! World coordinates computed anew, and headerlets.

use crate::errors::to_python;
use crate::threads::work;
use firstlight::headerlet::{self, ApplyOptions, CreateOptions};
use firstlight::input::expand;
use firstlight::progress::Silent;
use firstlight::updatewcs::UpdateOptions;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde::Serialize;
use std::path::PathBuf;

/// Adds this file's functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(updatewcs, module)?)?;
    module.add_function(wrap_pyfunction!(headerlet_list, module)?)?;
    module.add_function(wrap_pyfunction!(headerlet_apply, module)?)?;
    module.add_function(wrap_pyfunction!(headerlet_attach, module)?)?;
    module.add_function(wrap_pyfunction!(headerlet_write, module)?)?;
    module.add_function(wrap_pyfunction!(headerlet_extract, module)?)?;
    module.add_function(wrap_pyfunction!(headerlet_delete, module)?)
}

fn of_json(error: serde_json::Error) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// Computes the world coordinates of files anew, in place; the report, as JSON.
#[pyfunction]
#[pyo3(signature = (files, options_json, ref_dir=None))]
fn updatewcs(
    py: Python<'_>,
    files: Vec<String>,
    options_json: &str,
    ref_dir: Option<PathBuf>,
) -> PyResult<String> {
    let options: UpdateOptions = serde_json::from_str(options_json).map_err(of_json)?;
    let report = work(py, || {
        firstlight::updatewcs::updatewcs(&expand(&files)?, &options, ref_dir, &Silent)
    });
    serde_json::to_string(&report.map_err(to_python)?).map_err(of_json)
}

fn json(report: firstlight::Result<impl Serialize>) -> PyResult<String> {
    serde_json::to_string(&report.map_err(to_python)?).map_err(of_json)
}

/// The headerlets that are attached to files, as JSON.
#[pyfunction]
fn headerlet_list(py: Python<'_>, files: Vec<String>) -> PyResult<String> {
    json(work(py, || headerlet::list(&expand(&files)?)))
}

/// Applies a headerlet; the report, as JSON.
#[pyfunction]
fn headerlet_apply(py: Python<'_>, file: PathBuf, hdrlet: PathBuf, options_json: &str) -> PyResult<String> {
    let options: ApplyOptions = serde_json::from_str(options_json).map_err(of_json)?;
    json(work(py, || headerlet::apply(&file, &hdrlet, &options)))
}

/// Attaches a headerlet; the report, as JSON.
#[pyfunction]
fn headerlet_attach(py: Python<'_>, file: PathBuf, hdrlet: PathBuf) -> PyResult<String> {
    json(work(py, || headerlet::attach(&file, &hdrlet)))
}

/// Makes a headerlet; the report, as JSON.
#[pyfunction]
#[pyo3(signature = (file, options_json, output=None, overwrite=false))]
fn headerlet_write(
    py: Python<'_>,
    file: PathBuf,
    options_json: &str,
    output: Option<PathBuf>,
    overwrite: bool,
) -> PyResult<String> {
    let options: CreateOptions = serde_json::from_str(options_json).map_err(of_json)?;
    json(work(py, || {
        headerlet::write(&file, output.as_deref(), &options, overwrite)
    }))
}

/// Writes an attached headerlet to a file; the report, as JSON.
#[pyfunction]
#[pyo3(signature = (file, hdrname=None, output=None, overwrite=false))]
fn headerlet_extract(
    py: Python<'_>,
    file: PathBuf,
    hdrname: Option<String>,
    output: Option<PathBuf>,
    overwrite: bool,
) -> PyResult<String> {
    json(work(py, || {
        headerlet::extract(&file, hdrname.as_deref(), output.as_deref(), overwrite)
    }))
}

/// Takes headerlets out of files; the reports and failures, as JSON.
#[pyfunction]
fn headerlet_delete(py: Python<'_>, files: Vec<String>, hdrname: &str) -> PyResult<String> {
    json(work(py, || headerlet::delete(&expand(&files)?, hdrname)))
}
