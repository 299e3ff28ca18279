//! Rejecting cosmic rays, on arrays: the median of exposures, blotting it back, and what differs from it.

use crate::errors::to_python;
use crate::threads::work;
use firstlight::kernels::ArrayMap;
use firstlight::kernels::blot::{BlotOptions, Source, blot_rows};
use firstlight::mosaic::cosmic_rays::{CrOptions, CrTerms, CteDirection, cosmic_rays};
use firstlight::mosaic::median::{MedianOptions, MedianRows, MedianTerms, Single, WeightMean, median_rows};
use numpy::ndarray::Array2;
use numpy::{IntoPyArray, PyArray2, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

type Samples<'py> = PyReadonlyArray2<'py, f32>;
type Positions<'py> = PyReadonlyArray2<'py, f64>;

/// Adds this file's functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(blot, module)?)?;
    module.add_function(wrap_pyfunction!(median, module)?)?;
    module.add_function(wrap_pyfunction!(find_cosmic_rays, module)?)
}

/// Brings `source` back to pixels that fall on it at `(x, y)`.
#[pyfunction]
#[allow(clippy::too_many_arguments, reason = "the public face gives them names")]
fn blot<'py>(
    py: Python<'py>,
    source: Samples,
    x: Positions,
    y: Positions,
    interp: &str,
    sinscl: f64,
    fill: f32,
    exptime: f64,
    ratio: f64,
) -> PyResult<Bound<'py, PyArray2<f32>>> {
    let interpolation = interp.parse();
    let options = BlotOptions {
        interpolation: interpolation.map_err(|error: firstlight::kernels::Error| to_python(error.into()))?,
        sinscl,
        fill,
        exptime_s: exptime,
        pixel_scale_ratio: ratio,
    };
    let (ny, nx) = (x.shape()[0], x.shape()[1]);
    let from = Source {
        ny: source.shape()[0],
        nx: source.shape()[1],
        first_row: 0,
        data: source.as_slice()?,
    };
    let (x, y) = (x.as_slice()?, y.as_slice()?);
    let mut out = vec![0.0; ny * nx];
    work(py, || {
        let map = ArrayMap::new(ny, nx, x, y)?;
        blot_rows(&from, &map, 0..ny, nx, &options, &mut out)
    })
    .map_err(|error| to_python(error.into()))?;
    plane(py, (ny, nx), out)
}

/// The median of images and weights; `terms` has exposure time, background and read noise of each.
#[pyfunction]
fn median<'py>(
    py: Python<'py>,
    sci: Vec<Samples>,
    wht: Vec<Samples>,
    terms: Vec<(f64, f64, f64)>,
    options: &str,
) -> PyResult<Bound<'py, PyArray2<f32>>> {
    let options: MedianOptions = serde_json::from_str(options).map_err(bad)?;
    let (ny, nx) = sci.first().map_or((0, 0), |sci| (sci.shape()[0], sci.shape()[1]));
    let mut singles = Vec::with_capacity(sci.len());
    for ((sci, wht), (exptime_s, background_e, readnoise_e)) in sci.iter().zip(&wht).zip(terms) {
        let mut mean = WeightMean::default();
        mean.add_rows(wht.as_slice()?, nx);
        singles.push(Single {
            sci: sci.as_slice()?,
            wht: wht.as_slice()?,
            terms: MedianTerms {
                exptime_s,
                background_e,
                readnoise_e,
                mean_weight: mean.mean(),
            },
        });
    }
    let rows = MedianRows {
        nx,
        held: 0..ny,
        rows: 0..ny,
    };
    let mut out = vec![0.0; ny * nx];
    work(py, || median_rows(&singles, &rows, &options, &mut out)).map_err(|error| to_python(error.into()))?;
    plane(py, (ny, nx), out)
}

/// Which pixels are cosmic rays; `terms` has conversion, gain, read noise, sky and drizzlepac's number of the direction
/// of trails.
#[pyfunction]
fn find_cosmic_rays<'py>(
    py: Python<'py>,
    sci: Samples,
    blotted: Samples,
    terms: (f64, f64, f64, f64, i64),
    options: &str,
) -> PyResult<Bound<'py, PyArray2<bool>>> {
    let options: CrOptions = serde_json::from_str(options).map_err(bad)?;
    let (conversion, gain, readnoise_e, sky_e, direction) = terms;
    let terms = CrTerms {
        conversion,
        gain,
        readnoise_e,
        sky_e,
        cte: match direction {
            1 => CteDirection::Below,
            -1 => CteDirection::Above,
            0 => CteDirection::None,
            other => return Err(bad(format!("cte_dir={other} is not one of -1, 0, 1"))),
        },
    };
    let (ny, nx) = (sci.shape()[0], sci.shape()[1]);
    let (sci, blotted) = (sci.as_slice()?, blotted.as_slice()?);
    let found = work(py, || cosmic_rays(sci, blotted, (ny, nx), &terms, &options));
    let found = found.map_err(|error| to_python(error.into()))?;
    Ok(Array2::from_shape_fn((ny, nx), |(y, x)| found.get(y, x)).into_pyarray(py))
}

fn plane<'py>(
    py: Python<'py>,
    shape: (usize, usize),
    samples: Vec<f32>,
) -> PyResult<Bound<'py, PyArray2<f32>>> {
    let plane = Array2::from_shape_vec(shape, samples).map_err(bad)?;
    Ok(plane.into_pyarray(py))
}

fn bad(error: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}
