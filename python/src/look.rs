//! Figures.

use crate::errors::to_python;
use crate::threads::work;
use firstlight::plot::{self, Format, PlotInput, PlotOptions, PlotReport};
use firstlight::progress::Silent;
use firstlight::spectrum::{self, SpectrumFormat, SpectrumOptions};
use numpy::{PyArray3, PyArrayMethods, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::path::PathBuf;

/// Adds this file's functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(draw_figure, module)?)?;
    module.add_function(wrap_pyfunction!(draw_spectrum, module)?)?;
    module.add_function(wrap_pyfunction!(paint_image, module)?)?;
    module.add_function(wrap_pyfunction!(colour_entries, module)?)
}

/// An image as Python gives it: a path, or a contiguous array of f32.
enum Given<'py> {
    Path(PathBuf),
    Array(PyReadonlyArray2<'py, f32>),
}

impl<'py> Given<'py> {
    fn new(image: &Bound<'py, PyAny>) -> PyResult<Self> {
        match image.extract() {
            Ok(array) => Ok(Given::Array(array)),
            Err(_) => image.extract().map(Given::Path).map_err(|_| {
                PyTypeError::new_err("an image is a path or a two-dimensional array of float32")
            }),
        }
    }

    fn input(&self) -> PyResult<PlotInput<'_>> {
        match self {
            Given::Path(path) => Ok(PlotInput::File(path.clone())),
            Given::Array(array) => {
                let samples = array
                    .as_slice()
                    .map_err(|error| PyValueError::new_err(error.to_string()))?;
                let (ny, nx) = (array.shape()[0], array.shape()[1]);
                Ok(PlotInput::Array { ny, nx, samples })
            }
        }
    }
}

fn options(json: &str) -> PyResult<PlotOptions> {
    serde_json::from_str(json).map_err(of_json)
}

/// Options or a report that JSON and the structs do not agree about.
fn of_json(error: serde_json::Error) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// The bytes of a figure, and what was drawn, as JSON. With `output`, the file is written as well.
#[pyfunction]
#[pyo3(signature = (images, options_json, svg, output=None, overwrite=false))]
fn draw_figure<'py>(
    py: Python<'py>,
    images: Vec<Bound<'py, PyAny>>,
    options_json: &str,
    svg: bool,
    output: Option<PathBuf>,
    overwrite: bool,
) -> PyResult<(Bound<'py, PyBytes>, String)> {
    let options = options(options_json)?;
    let given = images.iter().map(Given::new).collect::<PyResult<Vec<_>>>()?;
    let inputs = given.iter().map(Given::input).collect::<PyResult<Vec<_>>>()?;
    let format = if svg { Format::Svg } else { Format::Png };
    let (bytes, report): (Vec<u8>, PlotReport) = work(py, || match output {
        Some(output) => plot::plot_and_give(&inputs, &output, overwrite, &options, &Silent),
        None => plot::draw(&inputs, format, &options, &Silent),
    })
    .map_err(to_python)?;
    Ok((
        PyBytes::new(py, &bytes),
        serde_json::to_string(&report).map_err(of_json)?,
    ))
}

/// The bytes of a figure of spectra, or of a page with one, and what was drawn, as JSON. With `output`, the file is
/// written as well.
#[pyfunction]
#[pyo3(signature = (spectra, options_json, format, output=None, overwrite=false))]
fn draw_spectrum<'py>(
    py: Python<'py>,
    spectra: Vec<PathBuf>,
    options_json: &str,
    format: &str,
    output: Option<PathBuf>,
    overwrite: bool,
) -> PyResult<(Bound<'py, PyBytes>, String)> {
    let options: SpectrumOptions = serde_json::from_str(options_json).map_err(of_json)?;
    let format = match format {
        "svg" => SpectrumFormat::Figure(Format::Svg),
        "html" => SpectrumFormat::Page,
        _ => SpectrumFormat::Figure(Format::Png),
    };
    let (bytes, report) = work(py, || match output {
        Some(output) => spectrum::plot_spectrum_and_give(&spectra, &output, overwrite, &options, &Silent),
        None => spectrum::draw_spectrum(&spectra, format, &options, &Silent),
    })
    .map_err(to_python)?;
    Ok((
        PyBytes::new(py, &bytes),
        serde_json::to_string(&report).map_err(of_json)?,
    ))
}

/// One image as an array of red, green, blue and opacity, row 0 first; and what was painted, as JSON.
#[pyfunction]
fn paint_image<'py>(
    py: Python<'py>,
    image: Bound<'py, PyAny>,
    options_json: &str,
) -> PyResult<(Bound<'py, PyArray3<u8>>, String)> {
    let options = options(options_json)?;
    let given = Given::new(&image)?;
    let input = given.input()?;
    let (raster, report) = work(py, || plot::paint(&input, &options)).map_err(to_python)?;
    // A picture's first row is the top one, an array's the bottom one.
    let rows = raster.pixels().chunks_exact(raster.width().max(1)).rev();
    let flat: Vec<u8> = rows.flat_map(|row| row.as_flattened().iter().copied()).collect();
    let shape = [raster.height(), raster.width(), 4];
    Ok((
        numpy::PyArray1::from_vec(py, flat).reshape(shape)?,
        serde_json::to_string(&report).map_err(of_json)?,
    ))
}

/// The 256 colours of a map.
#[pyfunction]
fn colour_entries(name: &str) -> PyResult<Vec<(u8, u8, u8)>> {
    let map = firstlight::look::ColourMap::named(name).map_err(|error| to_python(error.into()))?;
    Ok(map
        .entries()
        .iter()
        .map(|colour| (colour.r, colour.g, colour.b))
        .collect())
}
