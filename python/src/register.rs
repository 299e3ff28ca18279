//! Registering frames by their stars, and putting them on each other's pixels.

use crate::acs::arrays::{array, image, optional, options};
use crate::dark::run;
use crate::errors::to_python;
use crate::threads::work;
use firstlight::alignment::phase::PhaseReference;
use firstlight::alignment::register::{Projective, RegisterOptions as MatchOptions, Star, register_stars};
use firstlight::ccd::{CcdFrame, CcdUnit};
use firstlight::frame::Image;
use firstlight::input::expand;
use firstlight::measure::find::{FieldOptions, FieldStars, field_stars};
use firstlight::measure::{Plane, Planes};
use firstlight::progress::Silent;
use firstlight::register::without_saturated;
use firstlight::shift::{ResampleHow, onto};
use numpy::ndarray::Array2;
use numpy::{IntoPyArray, PyArray2, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;
use std::path::PathBuf;

type Samples<'py> = PyReadonlyArray2<'py, f32>;
type Mask<'py> = PyReadonlyArray2<'py, bool>;
type Resampled<'py> = (
    Bound<'py, PyArray2<f32>>,
    Option<Bound<'py, PyArray2<f32>>>,
    Bound<'py, PyArray2<bool>>,
);

/// Adds this file's functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(register_files, module)?)?;
    module.add_function(wrap_pyfunction!(shift_files, module)?)?;
    module.add_function(wrap_pyfunction!(stars_of, module)?)?;
    module.add_function(wrap_pyfunction!(match_stars, module)?)?;
    module.add_function(wrap_pyfunction!(shift_of_light, module)?)?;
    module.add_function(wrap_pyfunction!(resample_onto, module)?)
}

/// Registers frames in files; the report as JSON.
#[pyfunction]
fn register_files(py: Python<'_>, files: Vec<String>, options_json: &str) -> PyResult<String> {
    let given = options(options_json)?;
    run(py, || {
        firstlight::register::register(&expand(&files)?, &given, &Silent)
    })
}

/// Puts frames in files on the pixels of a reference; the report as JSON.
#[pyfunction]
fn shift_files(
    py: Python<'_>,
    files: Vec<String>,
    folder: PathBuf,
    options_json: &str,
    register_json: &str,
) -> PyResult<String> {
    let (given, how) = (options(options_json)?, options(register_json)?);
    run(py, || {
        firstlight::shift::shift(&expand(&files)?, &folder, &given, &how, &Silent)
    })
}

/// The stars of an image: a row for each, of x, y, flux, peak, whether it is saturated and sigma; then width, sky, its sigma.
#[pyfunction]
fn stars_of<'py>(
    py: Python<'py>,
    data: Samples<'py>,
    mask: Option<Mask<'py>>,
    options_json: &str,
) -> PyResult<(Bound<'py, PyArray2<f64>>, [f64; 3])> {
    let given: FieldOptions = options(options_json)?;
    let shape = (data.shape()[0], data.shape()[1]);
    let samples = data.as_slice()?;
    let masked = mask.as_ref().map(|mask| mask.as_slice()).transpose()?;
    let masked_shape = mask.as_ref().map(|mask| (mask.shape()[0], mask.shape()[1]));
    let found = work(py, || -> firstlight::Result<FieldStars> {
        let mut planes = Planes::new(Plane::new(shape, samples)?);
        if let (Some(mask), Some(shape)) = (masked, masked_shape) {
            planes = planes.with_mask(Plane::new(shape, mask)?)?;
        }
        Ok(field_stars(&planes, &given)?)
    })
    .map_err(to_python)?;
    let mut rows = Array2::zeros((found.stars.len(), 6));
    for (mut row, star) in rows.outer_iter_mut().zip(&found.stars) {
        row[0] = star.x;
        row[1] = star.y;
        row[2] = star.flux;
        row[3] = star.peak;
        row[4] = f64::from(u8::from(star.saturated));
        row[5] = star.sigma;
    }
    Ok((rows.into_pyarray(py), [found.fwhm, found.sky, found.sky_sigma]))
}

/// The map from the stars of a reference to those of an image, each x, y, flux, whether its place is exact and the
/// standard deviation of its coordinates: the matrix, the pairs, the root of the mean square of distances.
#[pyfunction]
#[allow(clippy::type_complexity, reason = "a tuple for Python to take apart")]
fn match_stars(
    py: Python<'_>,
    image: Vec<(f64, f64, f64, bool, f64)>,
    reference: Vec<(f64, f64, f64, bool, f64)>,
    options_json: &str,
) -> PyResult<([[f64; 3]; 3], Vec<(usize, usize)>, f64)> {
    let given: MatchOptions = options(options_json)?;
    let stars = |list: Vec<(f64, f64, f64, bool, f64)>| -> Vec<Star> {
        list.into_iter()
            .map(|(x, y, brightness, exact, sigma)| Star {
                position: [x, y],
                brightness,
                sigma,
                exact,
            })
            .collect()
    };
    let (image, reference) = (stars(image), stars(reference));
    let found = work(py, || {
        register_stars(&image, &reference, &given).map_err(firstlight::Error::from)
    })
    .map_err(to_python)?;
    let pairs = found
        .pairs
        .iter()
        .map(|pair| (pair.image, pair.reference))
        .collect();
    Ok((found.map.matrix, pairs, found.rms))
}

/// The shift from a reference to an image by all of their light: the shift, its standard deviation, the correlation, and its height
/// in standard deviations. Pixels at the saturation and above are left out.
#[pyfunction]
#[allow(clippy::type_complexity, reason = "a tuple for Python to take apart")]
fn shift_of_light(
    py: Python<'_>,
    of_image: (Samples<'_>, Option<Mask<'_>>),
    of_reference: (Samples<'_>, Option<Mask<'_>>),
    saturation: Option<f64>,
) -> PyResult<([f64; 2], [f64; 2], f64, f64)> {
    let (sci, reference) = (image(&of_image.0)?, image(&of_reference.0)?);
    let (mask, of_reference) = (optional(of_image.1.as_ref())?, optional(of_reference.1.as_ref())?);
    let found = work(py, || -> firstlight::Result<_> {
        let of_reference = without_saturated(&reference, of_reference, saturation)?;
        let mask = without_saturated(&sci, mask, saturation)?;
        let own = PhaseReference::new(&reference, of_reference.as_ref())?;
        Ok(own.shift_of(&sci, mask.as_ref())?)
    })
    .map_err(to_python)?;
    Ok((found.shift, found.sigma, found.correlation, found.height))
}

/// An image on other pixels, by a matrix from those to its own: samples, errors, mask.
#[pyfunction]
fn resample_onto<'py>(
    py: Python<'py>,
    planes: (Samples<'py>, Option<Samples<'py>>, Option<Mask<'py>>),
    matrix: [[f64; 3]; 3],
    shape: (usize, usize),
    options_json: &str,
) -> PyResult<Resampled<'py>> {
    let how: ResampleHow = options(options_json)?;
    let (sci, err, mask) = planes;
    let frame = CcdFrame {
        sci: image(&sci)?,
        err: optional(err.as_ref())?,
        dq: optional(mask.as_ref())?.map(|mask| mask.map(|masked| u16::from(*masked))),
        unit: CcdUnit::Adu,
    };
    let moved = work(py, || {
        frame.check()?;
        onto(&frame, &Projective { matrix }, shape, &how)
    })
    .map_err(to_python)?;
    let mask = moved
        .mask()
        .unwrap_or_else(|| Image::filled(shape.0, shape.1, false));
    Ok((
        array(py, moved.sci)?,
        moved.err.map(|err| array(py, err)).transpose()?,
        array(py, mask)?,
    ))
}
