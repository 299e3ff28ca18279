//! Charge transfer: corrected and simulated, on arrays and on files.

use super::arrays::{Planes, PlanesOut, array, frame, image, json, of_step, options, planes};
use super::files::run;
use super::header::{Keywords, header};
use crate::threads::{work, work_until_interrupted};
use firstlight::calibration::acs::acscte::{
    AcscteOptions, ChargeTransferOptions, CteForwardOptions, TrapTable, acscte, correct_image, forward,
    forward_image,
};
use firstlight::calibration::acs::{Chip, Observation, Reference, References};
use firstlight::cte_forward::{self, CteForwardFiles};
use firstlight::fits::Header;
use firstlight::input::expand;
use firstlight::progress::flow;
use numpy::{PyArray2, PyReadonlyArray2};
use pyo3::prelude::*;
use std::path::PathBuf;

/// Adds this file's functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(run_cte_forward, module)?)?;
    module.add_function(wrap_pyfunction!(instrument_cte, module)?)?;
    module.add_function(wrap_pyfunction!(camera_cte, module)?)
}

/// Reads files out; what was made, as JSON.
#[pyfunction]
fn run_cte_forward(
    py: Python<'_>,
    inputs: Vec<String>,
    files_json: &str,
    instrument_json: &str,
    camera_json: &str,
) -> PyResult<String> {
    let files: CteForwardFiles = options(files_json)?;
    let instrument: CteForwardOptions = options(instrument_json)?;
    let camera: ChargeTransferOptions = options(camera_json)?;
    run(py, None, |progress| {
        cte_forward::cte_forward(&expand(&inputs)?, &files, &instrument, &camera, progress)
    })
}

/// A chip of the WFC with the traps of PCTETAB, corrected, or read out where the order of transfers (`parallel_first`) is
/// given; and the report as JSON.
#[pyfunction]
#[pyo3(signature = (input, primary, keywords, files, parallel_first))]
fn instrument_cte<'py>(
    py: Python<'py>,
    input: Planes<'py>,
    primary: Keywords,
    keywords: Keywords,
    files: Vec<(String, PathBuf)>,
    parallel_first: Option<bool>,
) -> PyResult<(PlanesOut<'py>, String)> {
    let mut observation = Observation {
        name: "the image".to_owned(),
        primary: header(primary)?,
        chips: vec![Chip {
            version: 1,
            frame: frame(&input)?,
            sci: header(keywords)?,
            err: Header::new(),
            dq: Header::new(),
        }],
    };
    let mut references = References::new();
    for (keyword, path) in files {
        let named = path.display().to_string();
        references.add(Reference::open(&keyword, &named, &path).map_err(of_step)?);
    }
    let report = if let Some(parallel_first) = parallel_first {
        let how = CteForwardOptions { parallel_first };
        let done = work_until_interrupted(py, |stop| {
            forward(&mut observation, &references, &how, &|_| flow(stop))
        });
        json(&done?.map_err(of_step)?)?
    } else {
        let how = AcscteOptions::default();
        let done = work_until_interrupted(py, |stop| {
            acscte(&mut observation, &references, &how, &|_| flow(stop))
        });
        json(&done?.map_err(of_step)?)?
    };
    let mut frames = observation.chips.into_iter().map(|chip| chip.frame);
    let frame = frames
        .next()
        .ok_or_else(|| super::arrays::bad("there is no image"))?;
    Ok((planes(py, frame)?, report))
}

/// Any camera's image with traps `(q, amount, profile)`; trails are drawn, or with a readout noise taken off.
#[pyfunction]
#[pyo3(signature = (input, traps, options_json, scales, readnoise))]
fn camera_cte<'py>(
    py: Python<'py>,
    input: PyReadonlyArray2<'py, f32>,
    traps: Vec<(f64, f64, Vec<f64>)>,
    options_json: &str,
    scales: Option<Vec<f64>>,
    readnoise: Option<f32>,
) -> PyResult<Bound<'py, PyArray2<f32>>> {
    let how: ChargeTransferOptions = options(options_json)?;
    let table = TrapTable::new(traps).map_err(of_step)?;
    let (input, scales) = (image(&input)?, scales.as_deref());
    let done = work(py, || match readnoise {
        Some(readnoise) => correct_image(&input, &table, &how, scales, readnoise),
        None => forward_image(&input, &table, &how, scales),
    });
    array(py, done.map_err(of_step)?)
}
