//! Apertures and aperture photometry.

use crate::errors::to_python;
use crate::threads::work;
use crate::wcs::Wcs;
use firstlight::Error;
use firstlight::measure::{Aperture, ApertureMask, ApertureSet, Method, Overlap, Plane, Planes, Shapes, sky};
use firstlight::photometry::{ImageFile, PhotometryOptions, PlaneOf, Request, measure};
use firstlight::stats::Sample;
use numpy::{
    Element, IntoPyArray, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::path::PathBuf;

type Samples<'py> = Bound<'py, PyArray2<f64>>;

/// Adds the functions of this area to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(aperture_photometry, module)?)?;
    module.add_function(wrap_pyfunction!(aperture_mask, module)?)?;
    module.add_function(wrap_pyfunction!(aperture_area, module)?)?;
    module.add_function(wrap_pyfunction!(apertures_to_pixels, module)?)?;
    module.add_function(wrap_pyfunction!(image_planes, module)?)
}

/// What is measured, as the Python half writes it down.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Job {
    apertures: Vec<Aperture>,
    background: Option<Aperture>,
    on_sky: bool,
    numbered: bool,
    options: PhotometryOptions,
}

/// Measures an image. `planes` are data, error and mask, the latter two or None; data and error are both
/// float32 or both float64. `job` is JSON.
#[pyfunction]
#[pyo3(signature = (planes, x, y, job, wcs=None))]
fn aperture_photometry<'py>(
    planes: (Bound<'py, PyAny>, Bound<'py, PyAny>, Bound<'py, PyAny>),
    x: PyReadonlyArray1<'py, f64>,
    y: PyReadonlyArray1<'py, f64>,
    job: &str,
    wcs: Option<&Wcs>,
) -> PyResult<Bound<'py, PyAny>> {
    let job: Job = parsed(job)?;
    let positions: Vec<(f64, f64)> = x
        .as_array()
        .iter()
        .copied()
        .zip(y.as_array().iter().copied())
        .collect();
    let request = Request {
        positions: &positions,
        shapes: Shapes::Same(ApertureSet {
            apertures: job.apertures,
            background: job.background,
        }),
        on_sky: job.on_sky,
        wcs: wcs.map(|wcs| &wcs.0),
        numbered: job.numbered,
    };
    if let Ok(data) = planes.0.extract::<PyReadonlyArray2<'py, f32>>() {
        return table(&data, (&planes.1, &planes.2), &request, &job.options);
    }
    table::<f64>(
        &planes.0.extract()?,
        (&planes.1, &planes.2),
        &request,
        &job.options,
    )
}

fn table<'py, T: Sample + Element>(
    data: &PyReadonlyArray2<'py, T>,
    (error, mask): (&Bound<'py, PyAny>, &Bound<'py, PyAny>),
    request: &Request<'_>,
    options: &PhotometryOptions,
) -> PyResult<Bound<'py, PyAny>> {
    let py = data.py();
    let error: Option<PyReadonlyArray2<'py, T>> = error.extract()?;
    let mask: Option<PyReadonlyArray2<'py, bool>> = mask.extract()?;
    let mut planes = Planes::new(plane(data)?);
    if let Some(error) = &error {
        planes = planes.with_error(plane(error)?).map_err(measure_error)?;
    }
    if let Some(mask) = &mask {
        planes = planes.with_mask(plane(mask)?).map_err(measure_error)?;
    }
    let table = work(py, || measure(&planes, request, options)).map_err(to_python)?;
    crate::table::to_python(py, table)
}

/// Looks at an array that lies in memory row after row.
fn plane<'a, T: Element>(array: &'a PyReadonlyArray2<'_, T>) -> PyResult<Plane<'a, T>> {
    let [ny, nx] = *array.shape() else {
        return Err(PyValueError::new_err("an image has two axes"));
    };
    Plane::new((ny, nx), array.as_slice()?).map_err(measure_error)
}

/// Weights of an aperture, and the bounding box `(ixmin, ixmax, iymin, iymax)` they are of.
#[pyfunction]
fn aperture_mask<'py>(
    py: Python<'py>,
    aperture: &str,
    position: (f64, f64),
    method: &str,
    subpixels: usize,
) -> PyResult<(Samples<'py>, (i64, i64, i64, i64))> {
    let method: Method = parsed(&serde_json::Value::from(method).to_string())?;
    let overlap = Overlap::new(method, subpixels).map_err(measure_error)?;
    let aperture: Aperture = parsed(aperture)?;
    let mask = work(py, || ApertureMask::new(&aperture, position, overlap)).map_err(measure_error)?;
    let (shape, bounds) = (mask.shape(), mask.bounds);
    let weights = mask.weights.into_pyarray(py).reshape(shape)?;
    Ok((weights, (bounds.ixmin, bounds.ixmax, bounds.iymin, bounds.iymax)))
}

/// The geometric area of an aperture; checks its parameters.
#[pyfunction]
fn aperture_area(aperture: &str) -> PyResult<f64> {
    let aperture: Aperture = parsed(aperture)?;
    aperture.check().map_err(measure_error)?;
    Ok(aperture.area())
}

/// Pixel positions of sky positions, and the aperture at each of them as JSON.
#[pyfunction]
fn apertures_to_pixels(
    wcs: &Wcs,
    ra: PyReadonlyArray1<'_, f64>,
    dec: PyReadonlyArray1<'_, f64>,
    aperture: &str,
) -> PyResult<Vec<(f64, f64, String)>> {
    let set = ApertureSet {
        apertures: vec![parsed(aperture)?],
        background: None,
    };
    let positions: Vec<(f64, f64)> = ra
        .as_array()
        .iter()
        .copied()
        .zip(dec.as_array().iter().copied())
        .collect();
    let pixels = sky::to_pixels(&wcs.0, &positions, &Shapes::Same(set)).map_err(measure_error)?;
    let json = |set: ApertureSet| {
        serde_json::to_string(&set.apertures[0]).map_err(|error| PyValueError::new_err(error.to_string()))
    };
    pixels
        .positions
        .into_iter()
        .zip(pixels.sets)
        .map(|((x, y), set)| Ok((x, y, json(set)?)))
        .collect()
}

type Image<'py> = (
    Samples<'py>,
    Option<Samples<'py>>,
    Option<Bound<'py, PyArray2<bool>>>,
    Option<Wcs>,
    Option<String>,
);

/// Data, error, mask, world coordinates and unit of an image in a file.
#[pyfunction]
#[pyo3(signature = (path, ext=None, error=None, mask=None, dq_bits=None))]
fn image_planes<'py>(
    py: Python<'py>,
    path: PathBuf,
    ext: Option<&str>,
    error: Option<&str>,
    mask: Option<&str>,
    dq_bits: Option<&str>,
) -> PyResult<Image<'py>> {
    let read = || -> Result<_, Error> {
        let file = ImageFile::open(&path, ext)?;
        let error = error.map(|given| file.plane(PlaneOf::Error, given)).transpose()?;
        Ok((
            file.data()?,
            error,
            file.mask(mask, dq_bits)?,
            file.wcs().ok().map(Wcs),
            file.unit(),
        ))
    };
    let (data, error, mask, wcs, unit) = work(py, read).map_err(to_python)?;
    let error = error.map(|error| array(py, error)).transpose()?;
    let mask = mask.map(|mask| array(py, mask)).transpose()?;
    Ok((array(py, data)?, error, mask, wcs, unit))
}

fn array<T: Element>(py: Python<'_>, image: firstlight::frame::Image<T>) -> PyResult<Bound<'_, PyArray2<T>>> {
    let shape = image.shape();
    image.into_vec().into_pyarray(py).reshape(shape)
}

fn parsed<T: serde::de::DeserializeOwned>(json: &str) -> PyResult<T> {
    serde_json::from_str(json).map_err(|error| PyValueError::new_err(error.to_string()))
}

fn measure_error(error: firstlight::measure::Error) -> PyErr {
    to_python(error.into())
}
