//! Simulated exposures of ACS, STIS and cameras on the ground, and the demonstrations with them.

use crate::dark::{options, run};
use firstlight::progress::Silent;
use firstlight::{demo, simulate};
use pyo3::prelude::*;
use std::path::PathBuf;

/// Adds this file's functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(simulate_acs, module)?)?;
    module.add_function(wrap_pyfunction!(simulate_stis, module)?)?;
    module.add_function(wrap_pyfunction!(simulate_ccd, module)?)?;
    module.add_function(wrap_pyfunction!(run_demo_acs, module)?)?;
    module.add_function(wrap_pyfunction!(run_demo_ccd, module)?)?;
    module.add_function(wrap_pyfunction!(run_demo_stis, module)?)
}

/// Simulates ACS exposures; their files and truth, as JSON.
#[pyfunction]
fn simulate_acs(py: Python<'_>, folder: PathBuf, options_json: &str, overwrite: bool) -> PyResult<String> {
    let how: simulate::AcsOptions = options(options_json)?;
    run(py, || simulate::acs(&folder, &how, overwrite, &Silent))
}

/// Simulates an anneal period of the STIS CCD; its files and truth, as JSON.
#[pyfunction]
fn simulate_stis(py: Python<'_>, folder: PathBuf, options_json: &str, overwrite: bool) -> PyResult<String> {
    let how: simulate::StisOptions = options(options_json)?;
    run(py, || simulate::stis(&folder, &how, overwrite, &Silent))
}

/// Simulates nights at a small telescope; their files and truth, as JSON.
#[pyfunction]
fn simulate_ccd(py: Python<'_>, folder: PathBuf, options_json: &str, overwrite: bool) -> PyResult<String> {
    let how: simulate::CcdOptions = options(options_json)?;
    run(py, || simulate::ccd(&folder, &how, overwrite, &Silent))
}

/// Runs the demonstration with ACS; everything, as JSON.
#[pyfunction]
fn run_demo_acs(py: Python<'_>, folder: PathBuf, options_json: &str) -> PyResult<String> {
    let how: demo::AcsDemoOptions = options(options_json)?;
    run(py, || demo::demo_acs(&folder, &how, &Silent))
}

/// Runs the demonstration with STIS; everything, as JSON.
#[pyfunction]
fn run_demo_stis(py: Python<'_>, folder: PathBuf, options_json: &str) -> PyResult<String> {
    let how: demo::StisDemoOptions = options(options_json)?;
    run(py, || demo::demo_stis(&folder, &how, &Silent))
}

/// Runs the demonstration with nights at a small telescope; everything, as JSON.
#[pyfunction]
fn run_demo_ccd(py: Python<'_>, folder: PathBuf, options_json: &str) -> PyResult<String> {
    let how: demo::CcdDemoOptions = options(options_json)?;
    run(py, || demo::demo_ccd(&folder, &how, &Silent))
}
