//! World coordinates computed anew.

use crate::errors::to_python;
use crate::threads::work;
use firstlight::input::expand;
use firstlight::progress::Silent;
use firstlight::updatewcs::UpdateOptions;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::path::PathBuf;

/// Adds this file's function to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(updatewcs, module)?)
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
