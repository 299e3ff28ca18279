//! Destriping of arrays.

use super::arrays::{self, Planes, PlanesOut, json, of_step, optional, options};
use crate::threads::work;
use firstlight::calibration::acs::destripe::{DestripeOptions, Illumination, Layer, Plane, clean};
use firstlight::frame::Image;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

/// Adds this file's functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(destripe_arrays, module)?)
}

/// One chip: a dictionary in Python.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Chip<'py> {
    planes: Planes<'py>,
    mask: Option<PyReadonlyArray2<'py, u8>>,
    flat: Option<PyReadonlyArray2<'py, f32>>,
    flat_applied: bool,
    layers: Vec<(PyReadonlyArray2<'py, f32>, bool)>,
}

impl Chip<'_> {
    fn illumination(&self) -> PyResult<Illumination> {
        let layer = |(electrons, subtracted): &(PyReadonlyArray2<'_, f32>, bool)| {
            Ok(Layer {
                electrons: arrays::image(electrons)?,
                subtracted: *subtracted,
            })
        };
        Ok(Illumination {
            flat: optional(self.flat.as_ref())?,
            flat_applied: self.flat_applied,
            layers: self.layers.iter().map(layer).collect::<PyResult<_>>()?,
        })
    }
}

/// Cleaned planes, what was subtracted of each row, and the report as JSON.
#[pyfunction]
fn destripe_arrays<'py>(
    py: Python<'py>,
    chips: Vec<Chip<'py>>,
    options_json: &str,
) -> PyResult<(Vec<PlanesOut<'py>>, Bound<'py, PyArray1<f64>>, String)> {
    let how: DestripeOptions = options(options_json)?;
    let mut frames = chips
        .iter()
        .map(|chip| arrays::frame(&chip.planes))
        .collect::<PyResult<Vec<_>>>()?;
    let masks = chips.iter().map(|chip| optional(chip.mask.as_ref()));
    let masks = masks.collect::<PyResult<Vec<Option<Image<u8>>>>>()?;
    let illuminations = chips
        .iter()
        .map(Chip::illumination)
        .collect::<PyResult<Vec<_>>>()?;
    let report = work(py, || {
        let chips = frames.iter_mut().zip(illuminations).zip(&masks);
        let plane = |((frame, illumination), mask)| {
            let mask: &Option<Image<u8>> = mask;
            Plane {
                frame,
                illumination,
                mask: mask.as_ref(),
            }
        };
        clean(&mut chips.map(plane).collect::<Vec<Plane<'_>>>(), &how)
    });
    let report = report.map_err(of_step)?;
    let text = json(&report)?;
    let planes = frames.into_iter().map(|frame| arrays::planes(py, frame));
    Ok((
        planes.collect::<PyResult<_>>()?,
        report.corrections.into_pyarray(py),
        text,
    ))
}
