//! The calibration of the CCD of STIS: tasks on files, and steps on arrays.

use crate::acs::arrays::{Planes, PlanesOut, array, bad, frame, json, of_step, options, planes};
use crate::acs::files::run;
use crate::acs::header::{Keywords, header};
use crate::threads::work;
use firstlight::calibration::stis::SpectralSwitches;
use firstlight::calibration::stis::basic2d::{self, HousingTemperatures};
use firstlight::calibration::stis::ocrreject::{self, OcrrejectOptions};
use firstlight::calibration::stis::wavecal::wavecal_exposure;
use firstlight::calibration::stis::x1d::{X1dOptions, x1d};
use firstlight::calibration::stis::x2d::{X2dOptions, x2d};
use firstlight::calibration::{Chip, Observation, Reference, References};
use firstlight::fits::Header;
use firstlight::frame::{Frame, Image};
use firstlight::input::expand;
use firstlight::stis;
use numpy::PyArray2;
use pyo3::prelude::*;
use std::path::PathBuf;

/// Adds this file's functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(run_basic2d, module)?)?;
    module.add_function(wrap_pyfunction!(run_ocrreject, module)?)?;
    module.add_function(wrap_pyfunction!(run_wavecal, module)?)?;
    module.add_function(wrap_pyfunction!(run_x2d, module)?)?;
    module.add_function(wrap_pyfunction!(run_x1d, module)?)?;
    module.add_function(wrap_pyfunction!(basic2d_array, module)?)?;
    module.add_function(wrap_pyfunction!(ocrreject_arrays, module)?)?;
    module.add_function(wrap_pyfunction!(wavecal_array, module)?)?;
    module.add_function(wrap_pyfunction!(x2d_array, module)?)?;
    module.add_function(wrap_pyfunction!(x1d_array, module)?)
}

/// basic2d on a file; what was made, as JSON.
#[pyfunction]
fn run_basic2d(py: Python<'_>, input: PathBuf, output: PathBuf, options_json: &str) -> PyResult<String> {
    let how: stis::Basic2dOptions = options(options_json)?;
    run(py, None, |progress| {
        stis::basic2d(&input, &output, &how, progress)
    })
}

/// ocrreject on files; what was made, as JSON.
#[pyfunction]
fn run_ocrreject(
    py: Python<'_>,
    inputs: Vec<String>,
    output: PathBuf,
    files_json: &str,
    how_json: &str,
) -> PyResult<String> {
    let (files, how): (stis::RejectionFiles, OcrrejectOptions) = (options(files_json)?, options(how_json)?);
    run(py, None, |progress| {
        stis::ocrreject(&expand(&inputs)?, &output, &files, &how, progress)
    })
}

/// wavecal on files; what was measured and recorded, as JSON.
#[pyfunction]
fn run_wavecal(
    py: Python<'_>,
    inputs: Vec<String>,
    wavecal: PathBuf,
    options_json: &str,
) -> PyResult<String> {
    let how: stis::WavecalOptions = options(options_json)?;
    run(py, None, |progress| {
        stis::wavecal(&expand(&inputs)?, &wavecal, &how, progress)
    })
}

/// x2d on a file; what was made, as JSON.
#[pyfunction]
fn run_x2d(
    py: Python<'_>,
    input: PathBuf,
    output: PathBuf,
    options_json: &str,
    how_json: &str,
) -> PyResult<String> {
    let (common, how): (stis::SpectrumOptions, X2dOptions) = (options(options_json)?, options(how_json)?);
    run(py, None, |progress| {
        stis::x2d(&input, Some(&output), &common, &how, progress)
    })
}

/// x1d on a file; what was made, as JSON.
#[pyfunction]
fn run_x1d(
    py: Python<'_>,
    input: PathBuf,
    output: PathBuf,
    options_json: &str,
    how_json: &str,
) -> PyResult<String> {
    let (common, how): (stis::SpectrumOptions, X1dOptions) = (options(options_json)?, options(how_json)?);
    run(py, None, |progress| {
        stis::x1d(&input, Some(&output), &common, &how, progress)
    })
}

/// One imset with its keywords and the reference files it is calibrated with: a dictionary in Python.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Given<'py> {
    planes: Planes<'py>,
    primary: Keywords,
    header: Keywords,
    references: Vec<(String, PathBuf)>,
}

impl Given<'_> {
    fn open(self) -> PyResult<(Observation, References)> {
        let mut references = References::new();
        for (keyword, path) in self.references {
            let named = path.display().to_string();
            references.add(Reference::open(&keyword, &named, &path).map_err(of_step)?);
        }
        let primary = header(self.primary)?;
        Ok((
            observation(primary, frame(&self.planes)?, header(self.header)?),
            references,
        ))
    }
}

fn observation(primary: Header, frame: Frame, sci: Header) -> Observation {
    Observation {
        name: "the image".to_owned(),
        primary,
        chips: vec![Chip {
            version: 1,
            frame,
            sci,
            err: Header::new(),
            dq: Header::new(),
        }],
    }
}

fn only(observation: Observation) -> PyResult<Chip> {
    let chip = observation.chips.into_iter().next();
    chip.ok_or_else(|| bad("there is no image"))
}

/// basic2d on an image; planes, MEANDARK and what else was measured as JSON.
#[pyfunction]
fn basic2d_array<'py>(py: Python<'py>, given: Given<'py>) -> PyResult<(PlanesOut<'py>, String)> {
    let (mut observation, references) = given.open()?;
    let report = work(py, || {
        basic2d::basic2d(&mut observation, &references, &HousingTemperatures::new())
    });
    let report = json(&report.map_err(of_step)?)?;
    Ok((planes(py, only(observation)?.frame)?, report))
}

/// Combined planes, which pixels of each image were rejected, and the report.
type Combined<'py> = (PlanesOut<'py>, Vec<Bound<'py, PyArray2<bool>>>, String);

/// Images (DN) combined without cosmic rays; each with its exposure time.
#[pyfunction]
fn ocrreject_arrays<'py>(
    py: Python<'py>,
    inputs: Vec<(Planes<'py>, f64)>,
    primary: Keywords,
    how_json: &str,
) -> PyResult<Combined<'py>> {
    let how: OcrrejectOptions = options(how_json)?;
    let primary = header(primary)?;
    let mut images = Vec::with_capacity(inputs.len());
    for (planes, exptime) in &inputs {
        let mut sci = Header::new();
        for (keyword, value) in [("EXPTIME", *exptime), ("EXPSTART", 0.0), ("EXPEND", 0.0)] {
            sci.set(keyword, value, None).map_err(bad)?;
        }
        images.push(observation(primary.clone(), frame(planes)?, sci));
    }
    let members: Vec<&Observation> = images.iter().collect();
    let made = work(py, || ocrreject::ocrreject(&members, &References::new(), &how)).map_err(of_step)?;
    let mut rejected = Vec::with_capacity(images.len());
    for hits in &made.hits {
        let mut dq = Image::filled(0, 0, 0);
        if let Some((_, hits)) = hits.first() {
            let (ny, nx) = hits.shape();
            dq = Image::filled(ny, nx, 0);
            if !hits.mark(&mut dq) {
                return Err(bad("what was rejected has another shape than its image"));
            }
        }
        let (ny, nx) = dq.shape();
        let flags = dq.as_slice().iter().map(|bits| *bits != 0).collect();
        rejected.push(array(py, Image::from_vec(ny, nx, flags).map_err(bad)?)?);
    }
    let report = json(&made.report)?;
    Ok((planes(py, only(made.product)?.frame)?, rejected, report))
}

/// The shifts that a calibrated wavecal shows, as JSON.
#[pyfunction]
fn wavecal_array(py: Python<'_>, given: Given<'_>) -> PyResult<String> {
    let (observation, references) = given.open()?;
    let made = work(py, || wavecal_exposure(&observation, &references)).map_err(of_step)?;
    json(&made.shifts.first().map(|timed| &timed.shifts))
}

/// Which steps of spectroscopy are done.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Steps {
    backcorr: bool,
    dispcorr: bool,
    helcorr: bool,
    fluxcorr: bool,
    ctecorr: bool,
    statflag: bool,
}

impl Steps {
    fn switches(&self) -> SpectralSwitches {
        SpectralSwitches {
            backcorr: self.backcorr,
            dispcorr: self.dispcorr,
            helcorr: self.helcorr,
            fluxcorr: self.fluxcorr,
            ctecorr: self.ctecorr,
            statflag: self.statflag,
        }
    }
}

/// A rectified image, and how it was made as JSON.
#[pyfunction]
fn x2d_array<'py>(
    py: Python<'py>,
    given: Given<'py>,
    steps: Steps,
    how_json: &str,
) -> PyResult<(PlanesOut<'py>, String)> {
    let (how, switches): (X2dOptions, _) = (options(how_json)?, steps.switches());
    let (observation, references) = given.open()?;
    let (primary, chip) = (observation.primary.clone(), only(observation)?);
    let made = work(py, || {
        x2d(&chip.frame, &primary, &chip.sci, &references, &switches, &how)
    });
    let made = made.map_err(of_step)?;
    Ok((planes(py, made.frame)?, json(&made.report)?))
}

/// The table of an extracted spectrum, and how it was extracted as JSON.
#[pyfunction]
fn x1d_array<'py>(
    py: Python<'py>,
    given: Given<'py>,
    steps: Steps,
    how_json: &str,
) -> PyResult<(Bound<'py, PyAny>, String)> {
    let (how, switches): (X1dOptions, _) = (options(how_json)?, steps.switches());
    let (observation, references) = given.open()?;
    let (primary, chip) = (observation.primary.clone(), only(observation)?);
    let made = work(py, || {
        x1d(&chip.frame, &primary, &chip.sci, &references, &switches, &how)
    });
    let made = made.map_err(of_step)?;
    let table = made.spectrum.table(made.report.flux.is_some()).map_err(of_step)?;
    Ok((crate::table::to_python(py, table)?, json(&made.report)?))
}
