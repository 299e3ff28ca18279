//! Nights reduced.

use crate::acs::arrays::options;
use crate::dark::run;
use firstlight::progress::Silent;
use firstlight::reduce::{Night, reduce};
use pyo3::prelude::*;
use std::path::PathBuf;

/// Adds this file's functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(run_reduce, module)?)
}

/// Reduces nights, or what a `night.toml` says; the report as JSON.
#[pyfunction]
fn run_reduce(
    py: Python<'_>,
    inputs: Vec<String>,
    folder: Option<PathBuf>,
    options_json: &str,
) -> PyResult<String> {
    let given = options(options_json)?;
    run(py, || {
        let night = Night::new(&inputs, folder, given)?;
        reduce(&night.inputs, &night.folder, &night.options, &Silent)
    })
}
