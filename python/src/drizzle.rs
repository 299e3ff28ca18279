//! Drizzling: exposures in files, and arrays.

use crate::errors::to_python;
use crate::threads::work;
use firstlight::drizzle::DrizzleOptions;
use firstlight::drizzle::grid::GridOptions;
use firstlight::given::from_json;
use firstlight::kernels::{
    Accumulator, ArrayMap, DropOptions, Fill, InUnits, Input, Planes, Rules, drizzle_exposure,
};
use firstlight::progress::Silent;
use numpy::ndarray::{Array2, Array3};
use numpy::{IntoPyArray, PyArray2, PyArray3, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::path::PathBuf;

type Samples<'py> = PyReadonlyArray2<'py, f32>;
type Positions<'py> = PyReadonlyArray2<'py, f64>;

/// Adds this file's class and function to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Drizzler>()?;
    module.add_function(wrap_pyfunction!(drizzle, module)?)?;
    module.add_function(wrap_pyfunction!(drizzle_grid, module)?)
}

/// Combines exposures; `options` is the JSON of `DrizzleOptions`, the report comes back as JSON.
#[pyfunction]
fn drizzle(py: Python<'_>, inputs: Vec<PathBuf>, options: &str) -> PyResult<String> {
    let options: DrizzleOptions = from_json(options).map_err(to_python)?;
    let report = work(py, || firstlight::drizzle::drizzle(&inputs, &options, &Silent)).map_err(to_python)?;
    serde_json::to_string(&report).map_err(bad)
}

/// Tries values of pixfrac; `options` is the JSON of `GridOptions`, the report comes back as JSON.
#[pyfunction]
fn drizzle_grid(py: Python<'_>, inputs: Vec<PathBuf>, options: &str) -> PyResult<String> {
    let options: GridOptions = from_json(options).map_err(to_python)?;
    let report = work(py, || {
        firstlight::drizzle::grid::drizzle_grid(&inputs, &options, &Silent)
    })
    .map_err(to_python)?;
    serde_json::to_string(&report).map_err(bad)
}

/// The output of drizzling arrays; `firstlight.Drizzle` is its public face.
#[pyclass(module = "firstlight._native")]
pub struct Drizzler {
    output: Accumulator,
    images: usize,
}

#[pymethods]
impl Drizzler {
    #[new]
    fn new(ny: usize, nx: usize, context: bool, variance: bool) -> PyResult<Self> {
        let output = Accumulator::new(ny, nx, Planes { context, variance });
        Ok(Self {
            output: output.map_err(|error| to_python(error.into()))?,
            images: 0,
        })
    }

    /// Adds an image whose pixel centres fall on `(x, y)`; `exptime` divides samples in counts.
    #[pyo3(signature = (data, x, y, weight, variance, kernel, pixfrac, ratio, iscale, wht_scale, exptime, rules))]
    #[allow(clippy::too_many_arguments, reason = "the public face gives them names")]
    fn add(
        &mut self,
        py: Python<'_>,
        data: Samples,
        x: Positions,
        y: Positions,
        weight: Option<Samples>,
        variance: Option<Samples>,
        kernel: &str,
        pixfrac: f64,
        ratio: Option<f64>,
        iscale: f64,
        wht_scale: f64,
        exptime: Option<f64>,
        rules: &str,
    ) -> PyResult<()> {
        let (ny, nx) = (data.shape()[0], data.shape()[1]);
        let drop = DropOptions {
            kernel: kernel
                .parse()
                .map_err(|error: firstlight::kernels::Error| to_python(error.into()))?,
            pixfrac,
            pixel_scale_ratio: ratio,
            value_scale: iscale,
            weight_scale: wht_scale,
            in_units: exptime.map_or(InUnits::Cps, |exptime_s| InUnits::Counts { exptime_s }),
            rules: if rules == "astrodrizzle" {
                Rules::AstroDrizzle
            } else {
                Rules::Drizzle
            },
        };
        let input = Input {
            image: self.images,
            first_row: 0,
            first_column: 0,
            nx,
            data: data.as_slice()?,
            weight: weight.as_ref().map(|weight| weight.as_slice()).transpose()?,
            variance: variance
                .as_ref()
                .map(|variance| variance.as_slice())
                .transpose()?,
        };
        let (x, y) = (x.as_slice()?, y.as_slice()?);
        let output = &mut self.output;
        work(py, || {
            let map = ArrayMap::new(ny, nx, x, y)?;
            drizzle_exposure(&input, &map, &drop, output)
        })
        .map_err(|error| to_python(error.into()))?;
        self.images += 1;
        Ok(())
    }

    #[pyo3(signature = (fill=None))]
    fn image<'py>(&self, py: Python<'py>, fill: Option<f32>) -> PyResult<Bound<'py, PyArray2<f32>>> {
        plane(
            py,
            &self.output,
            self.output.image(fill.map_or(Fill::Indef, Fill::Value)),
        )
    }

    fn weight<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f32>>> {
        plane(py, &self.output, self.output.weight())
    }

    #[pyo3(signature = (fill=None))]
    fn variance<'py>(
        &self,
        py: Python<'py>,
        fill: Option<f32>,
    ) -> PyResult<Option<Bound<'py, PyArray2<f32>>>> {
        let variance = self.output.variance(fill.map_or(Fill::Indef, Fill::Value));
        variance
            .map(|variance| plane(py, &self.output, variance))
            .transpose()
    }

    fn context<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyArray3<i32>>>> {
        let Some(planes) = self.output.context() else {
            return Ok(None);
        };
        let shape = (planes.len(), self.output.ny(), self.output.nx());
        Array3::from_shape_vec(shape, planes.concat())
            .map(|cube| Some(cube.into_pyarray(py)))
            .map_err(bad)
    }
}

fn plane<'py>(
    py: Python<'py>,
    output: &Accumulator,
    samples: Vec<f32>,
) -> PyResult<Bound<'py, PyArray2<f32>>> {
    let shape = (output.ny(), output.nx());
    Array2::from_shape_vec(shape, samples)
        .map(|plane| plane.into_pyarray(py))
        .map_err(bad)
}

fn bad(error: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}
