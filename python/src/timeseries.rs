//! Light curves of stars over a series of frames.

use crate::acs::arrays::{json, options};
use crate::errors::to_python;
use crate::table;
use crate::threads::work;
use firstlight::frame::Table;
use firstlight::input::expand;
use firstlight::progress::Silent;
use firstlight::register::RegisterOptions;
use firstlight::timeseries::{TimeseriesOptions, timeseries};
use pyo3::prelude::*;

/// Adds this file's functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(timeseries_files, module)?)
}

/// The light curves as a table, and the rest of the report as JSON.
#[pyfunction]
fn timeseries_files<'py>(
    py: Python<'py>,
    files: Vec<String>,
    options_json: &str,
    register_json: &str,
) -> PyResult<(Bound<'py, PyAny>, String)> {
    let (given, how): (TimeseriesOptions, RegisterOptions) =
        (options(options_json)?, options(register_json)?);
    let mut report = work(py, || timeseries(&expand(&files)?, (&given, &how), &Silent)).map_err(to_python)?;
    let rows = table::to_python(py, std::mem::replace(&mut report.table, Table::new()))?;
    Ok((rows, json(&report)?))
}
