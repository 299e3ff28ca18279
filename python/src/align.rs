//! Aligning exposures, and finding sources in arrays.

use crate::errors::to_python;
use crate::threads::work;
use firstlight::align::TweakRegOptions;
use firstlight::given::from_json;
use firstlight::measure::find::{FindOptions, find_sources, sky_sigma};
use firstlight::measure::{Plane, Planes};
use firstlight::progress::Silent;
use numpy::ndarray::Array2;
use numpy::{IntoPyArray, PyArray2, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Adds this file's functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(align, module)?)?;
    module.add_function(wrap_pyfunction!(find, module)?)
}

/// Aligns exposures; `options` is the JSON of `TweakRegOptions`, the report comes back as JSON.
#[pyfunction]
fn align(py: Python<'_>, inputs: Vec<String>, options: &str) -> PyResult<String> {
    let options: TweakRegOptions = from_json(options).map_err(to_python)?;
    let report = work(py, || firstlight::align::align(&inputs, &options, &Silent)).map_err(to_python)?;
    serde_json::to_string(&report).map_err(bad)
}

/// Finds sources: a row for each, of x, y, flux, peak, sharpness and both roundnesses.
#[pyfunction]
fn find<'py>(
    py: Python<'py>,
    data: PyReadonlyArray2<'py, f32>,
    mask: Option<PyReadonlyArray2<'py, bool>>,
    options: &str,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let options: FindOptions = from_json(options).map_err(to_python)?;
    let shape = (data.shape()[0], data.shape()[1]);
    let samples = data.as_slice()?;
    let masked = mask.as_ref().map(|mask| mask.as_slice()).transpose()?;
    let masked_shape = mask.as_ref().map(|mask| (mask.shape()[0], mask.shape()[1]));
    let found = work(py, || -> firstlight::Result<_> {
        let plane = Plane::new(shape, samples)?;
        let mut planes = Planes::new(plane);
        if let (Some(mask), Some(shape)) = (masked, masked_shape) {
            planes = planes.with_mask(Plane::new(shape, mask)?)?;
        }
        match sky_sigma(plane, &options)? {
            Some(sigma) => Ok(find_sources(&planes, sigma, &options)?),
            None => Ok(Vec::new()),
        }
    })
    .map_err(to_python)?;
    let mut rows = Array2::zeros((found.len(), 7));
    for (mut row, source) in rows.outer_iter_mut().zip(&found) {
        let value = |of: Option<f64>| of.unwrap_or(f64::NAN);
        row[0] = source.x;
        row[1] = source.y;
        row[2] = source.flux;
        row[3] = source.peak;
        row[4] = value(source.sharpness);
        row[5] = value(source.roundness1);
        row[6] = source.roundness2;
    }
    Ok(rows.into_pyarray(py))
}

fn bad(error: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}
