//! The calibration of ACS: steps on arrays, stages and whole runs on files.

pub(crate) mod arrays;
mod cte;
mod destripe;
pub(crate) mod files;
pub(crate) mod header;
mod several;
mod steps;

use pyo3::prelude::*;

/// Adds the functions of all files to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    cte::register(module)?;
    destripe::register(module)?;
    files::register(module)?;
    several::register(module)?;
    steps::register(module)
}
