//! Arrays to images and back. Steps change images in place; arrays that came from Python are never changed.

use crate::errors::to_python;
use firstlight::calibration;
use firstlight::frame::{Frame, Image};
use numpy::ndarray::Array2;
use numpy::{Element, IntoPyArray, PyArray2, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// SCI, ERR and DQ.
pub type Planes<'py> = (
    PyReadonlyArray2<'py, f32>,
    PyReadonlyArray2<'py, f32>,
    PyReadonlyArray2<'py, u16>,
);

/// SCI, ERR and DQ that go back.
pub type PlanesOut<'py> = (
    Bound<'py, PyArray2<f32>>,
    Bound<'py, PyArray2<f32>>,
    Bound<'py, PyArray2<u16>>,
);

/// Copies an array, of any layout.
pub fn image<T: Element + Copy>(array: &PyReadonlyArray2<'_, T>) -> PyResult<Image<T>> {
    let (ny, nx) = (array.shape()[0], array.shape()[1]);
    let samples = match array.as_slice() {
        Ok(samples) => samples.to_vec(),
        Err(_) => array.as_array().iter().copied().collect(),
    };
    Image::from_vec(ny, nx, samples).map_err(bad)
}

/// As [`image`], where there is one.
pub fn optional<T: Element + Copy>(array: Option<&PyReadonlyArray2<'_, T>>) -> PyResult<Option<Image<T>>> {
    array.map(image).transpose()
}

/// Copies SCI, ERR and DQ.
pub fn frame((sci, err, dq): &Planes<'_>) -> PyResult<Frame> {
    Ok(Frame {
        sci: image(sci)?,
        err: image(err)?,
        dq: image(dq)?,
    })
}

/// Gives an image to Python.
pub fn array<'py, T: Element>(py: Python<'py>, image: Image<T>) -> PyResult<Bound<'py, PyArray2<T>>> {
    let shape = image.shape();
    let array = Array2::from_shape_vec(shape, image.into_vec()).map_err(bad)?;
    Ok(array.into_pyarray(py))
}

/// Gives SCI, ERR and DQ to Python.
pub fn planes<'py>(py: Python<'py>, frame: Frame) -> PyResult<PlanesOut<'py>> {
    Ok((array(py, frame.sci)?, array(py, frame.err)?, array(py, frame.dq)?))
}

/// Options from the JSON of keyword arguments.
pub fn options<T: DeserializeOwned>(json: &str) -> PyResult<T> {
    serde_json::from_str(json).map_err(bad)
}

/// A report as JSON.
pub fn json(report: &impl Serialize) -> PyResult<String> {
    serde_json::to_string(report).map_err(bad)
}

/// The exception for a step's error.
pub fn of_step(error: calibration::Error) -> PyErr {
    to_python(error.into())
}

pub fn bad(error: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}
