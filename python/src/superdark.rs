//! Superdarks and superbiases of the STIS CCD: of files, and of arrays.

use crate::acs::arrays::{PlanesOut, frame, image, json, of_step, optional, options, planes};
use crate::dark::run;
use crate::threads::work;
use firstlight::calibration::superdark::{Baseline, DarkArray, DarkFrames, baseline, brought_up};
use firstlight::calibration::{Reference, References};
use firstlight::frame::Image;
use firstlight::input::expand;
use firstlight::progress::Silent;
use firstlight::superbias;
use firstlight::superdark::{self, OcrrejectOptions};
use numpy::PyReadonlyArray2;
use pyo3::prelude::*;
use std::path::PathBuf;

type Samples<'py> = PyReadonlyArray2<'py, f32>;
type Bits<'py> = PyReadonlyArray2<'py, u16>;

/// Adds this file's functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(run_superdark, module)?)?;
    module.add_function(wrap_pyfunction!(run_superbias, module)?)?;
    module.add_function(wrap_pyfunction!(superdark_periods, module)?)?;
    module.add_function(wrap_pyfunction!(superdark_for, module)?)?;
    module.add_function(wrap_pyfunction!(superdark_arrays, module)?)
}

/// Makes a baseline dark, or with `base` the dark of a week; the report as JSON.
#[pyfunction]
fn run_superdark(
    py: Python<'_>,
    inputs: Vec<String>,
    base: Option<PathBuf>,
    output: PathBuf,
    options_json: &str,
    how_json: &str,
) -> PyResult<String> {
    let (given, how): (superdark::SuperdarkOptions, OcrrejectOptions) =
        (options(options_json)?, options(how_json)?);
    run(py, || {
        let inputs = expand(&inputs)?;
        match &base {
            None => superdark::basedark(&inputs, &output, &given, &how, &Silent),
            Some(base) => superdark::weekdark(&inputs, base, &output, &given, &how, &Silent),
        }
    })
}

/// Makes a superbias of a kind, `refbias`, `basebias` or, with `base`, `weekbias`; the report as JSON.
#[pyfunction]
fn run_superbias(
    py: Python<'_>,
    kind: &str,
    inputs: Vec<String>,
    base: Option<PathBuf>,
    output: PathBuf,
    options_json: (String, String),
) -> PyResult<String> {
    let (given, how): (superbias::SuperbiasOptions, OcrrejectOptions) =
        (options(&options_json.0)?, options(&options_json.1)?);
    run(py, || {
        let inputs = expand(&inputs)?;
        match (&base, kind) {
            (Some(base), _) => superbias::weekbias(&inputs, base, &output, &given, &how, &Silent),
            (None, "basebias") => superbias::basebias(&inputs, &output, &given, &how, &Silent),
            (None, _) => superbias::refbias(&inputs, &output, &given, &how, &Silent),
        }
    })
}

/// Darks by period, as JSON.
#[pyfunction]
fn superdark_periods(
    py: Python<'_>,
    inputs: Vec<String>,
    around: Option<PathBuf>,
    options_json: &str,
) -> PyResult<String> {
    let sorting: superdark::PeriodOptions = options(options_json)?;
    run(py, || {
        superdark::periods(&expand(&inputs)?, around.as_deref(), &sorting)
    })
}

/// Makes the superdarks of an exposure; the report as JSON.
#[pyfunction]
#[allow(clippy::too_many_arguments, reason = "the public face gives them names")]
fn superdark_for(
    py: Python<'_>,
    exposure: PathBuf,
    darks: Vec<String>,
    folder: PathBuf,
    sorting_json: &str,
    options_json: &str,
    how_json: &str,
) -> PyResult<String> {
    let sorting: superdark::PeriodOptions = options(sorting_json)?;
    let (given, how): (superdark::SuperdarkOptions, OcrrejectOptions) =
        (options(options_json)?, options(how_json)?);
    run(py, || {
        superdark::superdark_for(
            &exposure,
            &expand(&darks)?,
            &folder,
            &sorting,
            (&given, &how),
            &Silent,
        )
    })
}

/// Combines darks in memory; `terms` has exposure time, readout noise, gain and temperature of each, `base` SCI, ERR and
/// DQ of a baseline. Gives the planes, and what was measured as JSON.
#[pyfunction]
#[allow(clippy::too_many_arguments, reason = "the public face gives them names")]
fn superdark_arrays<'py>(
    py: Python<'py>,
    sci: Vec<Samples<'py>>,
    dq: Vec<Option<Bits<'py>>>,
    terms: Vec<(f32, f32, f32, Option<f64>)>,
    base: Option<(Samples<'py>, Samples<'py>, Bits<'py>)>,
    crrejtab: Option<PathBuf>,
    how_json: &str,
) -> PyResult<(PlanesOut<'py>, String)> {
    let how: OcrrejectOptions = options(how_json)?;
    let base = base.as_ref().map(frame).transpose()?;
    let mut darks = Vec::with_capacity(sci.len());
    for (at, ((sci, dq), (exptime_s, readnoise_e, gain_e_per_dn, celsius))) in
        sci.iter().zip(&dq).zip(terms).enumerate()
    {
        let sci = image(sci)?;
        let (ny, nx) = sci.shape();
        darks.push(DarkArray {
            name: format!("dark {at}"),
            dq: optional(dq.as_ref())?.unwrap_or_else(|| Image::filled(ny, nx, 0)),
            sci,
            exptime_s,
            readnoise_e,
            gain_e_per_dn,
            celsius,
        });
    }
    let (combined, report) = work(py, || {
        let mut references = References::new();
        if let Some(path) = &crrejtab {
            references.add(Reference::open("CRREJTAB", &path.display().to_string(), path)?);
        }
        let frames = DarkFrames::of_arrays(darks)?;
        let (combined, hot) = match &base {
            None => baseline(&frames, &references, &how)?,
            Some(frame) => {
                let name = "the baseline";
                brought_up(&frames, Baseline { name, frame }, &references, &how)?
            }
        };
        let report = frames.report(&combined, hot);
        Ok((combined, report))
    })
    .map_err(of_step)?;
    Ok((planes(py, combined.frame)?, json(&report)?))
}
