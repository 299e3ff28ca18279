//! Frames of a field stacked.

use crate::acs::arrays::options;
use crate::dark::run;
use firstlight::combine::CombineOptions;
use firstlight::input::expand;
use firstlight::progress::Silent;
use firstlight::register::RegisterOptions;
use firstlight::stack::{StackOptions, stack};
use pyo3::prelude::*;
use std::path::PathBuf;

/// Adds this file's functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(stack_files, module)?)
}

/// Stacks files; `how_json` has the options of combining and those of registering. The report as JSON.
#[pyfunction]
fn stack_files(
    py: Python<'_>,
    files: Vec<String>,
    output: PathBuf,
    options_json: &str,
    how_json: (String, String),
) -> PyResult<String> {
    let given: StackOptions = options(options_json)?;
    let combining: CombineOptions = options(&how_json.0)?;
    let how: RegisterOptions = options(&how_json.1)?;
    run(py, || {
        stack(&expand(&files)?, &output, (&given, &combining, &how), &Silent)
    })
}
