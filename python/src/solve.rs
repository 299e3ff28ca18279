//! Frames found on the sky.

use crate::acs::arrays::options;
use crate::dark::run;
use firstlight::input::expand;
use firstlight::progress::Silent;
use firstlight::register::FieldOptions;
use firstlight::solve::{PlateOptions, SolveOptions, solve};
use pyo3::prelude::*;
use std::path::PathBuf;

/// Adds this file's functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(run_solve, module)?)
}

/// Finds frames on the sky by a catalogue; the report as JSON.
#[pyfunction]
fn run_solve(
    py: Python<'_>,
    files: Vec<String>,
    catalogue: PathBuf,
    options_json: &str,
    how_json: &str,
    finding_json: &str,
) -> PyResult<String> {
    let given: SolveOptions = options(options_json)?;
    let how: PlateOptions = options(how_json)?;
    let finding: FieldOptions = options(finding_json)?;
    run(py, || {
        solve(&expand(&files)?, &catalogue, (&given, &how, &finding), &Silent)
    })
}
