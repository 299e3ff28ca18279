//! Frames of any CCD: of files, and the steps on arrays.

use crate::acs::arrays::{array, image, json, of_step, optional, options};
use crate::dark::run;
use crate::threads::work;
use firstlight::calibration::ccd::bad_pixels::{CcdmaskOptions, ccdmask};
use firstlight::calibration::ccd::lacosmic::{self, Kernel, LacosmicPlanes};
use firstlight::calibration::ccd::{
    self, BackgroundOptions, BlockStatistic, CcdFrame, CcdUnit, CosmicMedianOptions, Deviation, Flat,
    FlatOptions, FringeOptions, LinearityOptions, OverscanOptions, Section, SkyStatistic,
};
use firstlight::calibration::{Error, Result};
use firstlight::ccd::{BadpixOptions, CcdProcessOptions, LacosmicFileOptions, LacosmicOptions, process};
use firstlight::input::expand;
use firstlight::progress::Silent;
use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray2};
use pyo3::prelude::*;
use serde::Deserialize;
use std::path::PathBuf;

/// Samples, one standard deviation, and bits.
type FrameIn<'py> = (
    PyReadonlyArray2<'py, f64>,
    Option<PyReadonlyArray2<'py, f64>>,
    Option<PyReadonlyArray2<'py, u16>>,
);
type FrameOut<'py> = (
    Bound<'py, PyArray2<f64>>,
    Option<Bound<'py, PyArray2<f64>>>,
    Option<Bound<'py, PyArray2<u16>>>,
);

/// Adds this file's functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(ccd_process_files, module)?)?;
    module.add_function(wrap_pyfunction!(ccd_step, module)?)?;
    module.add_function(wrap_pyfunction!(ccd_overscan_levels, module)?)?;
    module.add_function(wrap_pyfunction!(ccd_mask, module)?)?;
    module.add_function(wrap_pyfunction!(ccd_badpix, module)?)?;
    module.add_function(wrap_pyfunction!(ccd_lacosmic, module)?)?;
    module.add_function(wrap_pyfunction!(ccd_lacosmic_files, module)?)
}

/// Calibrates files; the report as JSON.
#[pyfunction]
fn ccd_process_files(
    py: Python<'_>,
    inputs: Vec<String>,
    folder: PathBuf,
    options_json: &str,
) -> PyResult<String> {
    let given: CcdProcessOptions = options(options_json)?;
    run(py, || process(&expand(&inputs)?, &folder, &given, &Silent))
}

/// What a step is told, as far as it needs it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct StepOptions {
    section: Option<String>,
    median: bool,
    axis: usize,
    order: Option<usize>,
    gain: f64,
    readnoise: f64,
    disregard_nan: bool,
    factor: f64,
    min_value: Option<f64>,
    norm_value: Option<f64>,
    norm_median: bool,
    norm_section: Option<String>,
    amplifiers: Vec<String>,
    linearity: Vec<String>,
    limit: Option<f64>,
    scale: Option<f64>,
    box_size: Option<usize>,
    filter_size: usize,
    statistic: SkyStatistic,
    sigma: f64,
    least: f64,
    sources: bool,
    blocks: (usize, usize),
    block_statistic: BlockStatistic,
    conserve_sum: bool,
    thresh: f64,
    mbox: usize,
    gbox: usize,
    rbox: usize,
    error: Option<f64>,
}

/// Does one step to a frame, with a master where the step has one. Units are the caller's business.
#[pyfunction]
fn ccd_step<'py>(
    py: Python<'py>,
    step: &str,
    frame: FrameIn<'py>,
    master: Option<FrameIn<'py>>,
    options_json: &str,
) -> PyResult<(FrameOut<'py>, String)> {
    let given: StepOptions = options(options_json)?;
    let mut frame = of(&frame)?;
    let master = master.as_ref().map(of).transpose()?;
    let (frame, report) = work(py, || {
        let report = apply(step, &mut frame, master.as_ref(), &given)?;
        Ok((frame, report))
    })
    .map_err(of_step)?;
    let planes = (
        array(py, frame.sci)?,
        frame.err.map(|err| array(py, err)).transpose()?,
        frame.dq.map(|dq| array(py, dq)).transpose()?,
    );
    Ok((planes, json(&report)?))
}

/// The levels of an overscan section.
#[pyfunction]
fn ccd_overscan_levels<'py>(
    py: Python<'py>,
    frame: FrameIn<'py>,
    options_json: &str,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let given: StepOptions = options(options_json)?;
    let frame = of(&frame)?;
    let levels = work(py, || {
        ccd::overscan_levels(&frame, given.section(&given.section)?, &given.overscan())
    })
    .map_err(of_step)?;
    Ok(levels.levels.into_pyarray(py))
}

/// Bad pixels of a flat or a ratio of flats; `single` tells that it is to be judged in single precision.
#[pyfunction]
fn ccd_mask<'py>(
    py: Python<'py>,
    ratio: PyReadonlyArray2<'py, f64>,
    single: bool,
    options_json: &str,
) -> PyResult<Bound<'py, PyArray2<bool>>> {
    let given: CcdmaskOptions = options(options_json)?;
    let ratio = image(&ratio)?;
    let mask = work(py, || match single {
        true => ccdmask(&ratio.map(|&sample| sample as f32), &given),
        false => ccdmask(&ratio, &given),
    });
    array(py, mask.map_err(of_step)?)
}

/// Makes a mask of bad pixels of files; the report as JSON.
#[pyfunction]
fn ccd_badpix(
    py: Python<'_>,
    flats: Vec<String>,
    darks: Vec<String>,
    output: PathBuf,
    options_json: &str,
    how_json: &str,
) -> PyResult<String> {
    let given: BadpixOptions = options(options_json)?;
    let how: CcdmaskOptions = options(how_json)?;
    let files = |patterns: &[String]| match patterns {
        [] => Ok(Vec::new()),
        patterns => expand(patterns),
    };
    run(py, || {
        let (flats, darks) = (files(&flats)?, files(&darks)?);
        firstlight::ccd::badpix((&flats, &darks), &output, &given, &how, &Silent)
    })
}

/// A plane that need not be there.
type Plane<'py> = Option<PyReadonlyArray2<'py, f32>>;
/// Mask, background, variance and kernel.
type LacosmicIn<'py> = (
    Option<PyReadonlyArray2<'py, bool>>,
    Plane<'py>,
    Plane<'py>,
    Plane<'py>,
);
/// Mask of cosmic rays, cleaned samples, and what was counted as JSON.
type Found<'py> = (Bound<'py, PyArray2<bool>>, Bound<'py, PyArray2<f32>>, String);

/// Finds and replaces cosmic rays; `planes` has mask, background, variance and kernel.
#[pyfunction]
fn ccd_lacosmic<'py>(
    py: Python<'py>,
    data: PyReadonlyArray2<'py, f64>,
    planes: LacosmicIn<'py>,
    options_json: &str,
) -> PyResult<Found<'py>> {
    let given: LacosmicOptions = options(options_json)?;
    let sci = image(&data)?;
    let mask = optional(planes.0.as_ref())?;
    let (background, variance) = (optional(planes.1.as_ref())?, optional(planes.2.as_ref())?);
    let kernel = optional(planes.3.as_ref())?.map(|kernel| Kernel {
        nx: kernel.nx(),
        ny: kernel.ny(),
        values: kernel.into_vec(),
    });
    let planes = LacosmicPlanes {
        mask: mask.as_ref(),
        background: background.as_ref(),
        variance: variance.as_ref(),
        kernel: kernel.as_ref(),
    };
    let found = work(py, || lacosmic::lacosmic(&sci, &planes, &given)).map_err(of_step)?;
    Ok((
        array(py, found.cosmics)?,
        array(py, found.cleaned)?,
        json(&found.report)?,
    ))
}

/// Finds and replaces cosmic rays in files; the report as JSON.
#[pyfunction]
fn ccd_lacosmic_files(
    py: Python<'_>,
    inputs: Vec<String>,
    folder: PathBuf,
    options_json: &str,
    how_json: &str,
) -> PyResult<String> {
    let given: LacosmicFileOptions = options(options_json)?;
    let how: LacosmicOptions = options(how_json)?;
    run(py, || {
        firstlight::ccd::lacosmic(&expand(&inputs)?, &folder, &given, &how, &Silent)
    })
}

fn of((sci, err, dq): &FrameIn<'_>) -> PyResult<CcdFrame<f64>> {
    Ok(CcdFrame {
        sci: image(sci)?,
        err: optional(err.as_ref())?,
        dq: optional(dq.as_ref())?,
        unit: CcdUnit::Adu,
    })
}

impl StepOptions {
    fn section(&self, text: &Option<String>) -> Result<Section> {
        Section::parse(text.as_deref().unwrap_or("[*,*]"))
    }

    fn overscan(&self) -> OverscanOptions {
        OverscanOptions {
            median: self.median,
            axis: self.axis,
            order: self.order,
        }
    }
}

fn apply(
    step: &str,
    frame: &mut CcdFrame<f64>,
    master: Option<&CcdFrame<f64>>,
    given: &StepOptions,
) -> Result<serde_json::Value> {
    let needed = || {
        master.ok_or(Error::Unreadable {
            expected: "a step with its master",
            found: step.to_owned(),
        })
    };
    match step {
        "trim" => {
            let (rows, columns) = given.section(&given.section)?.within(frame.shape())?;
            *frame = frame.cut(rows, columns)?;
        }
        "deviation" => ccd::create_deviation(
            frame,
            &Deviation {
                gain: given.gain,
                readnoise: given.readnoise,
                disregard_nan: given.disregard_nan,
            },
        )?,
        "gain" => ccd::gain_correct(frame, given.gain)?,
        "bias" => ccd::subtract_bias(frame, needed()?)?,
        "linearity" => {
            let curves = given.linearity.iter().map(|text| text.parse());
            let options = LinearityOptions {
                curves: curves.collect::<Result<_>>()?,
                limit: given.limit,
            };
            let report = ccd::linearity_correct(frame, &options)?;
            return Ok(serde_json::to_value(report).unwrap_or_default());
        }
        "dark" => ccd::subtract_dark(frame, needed()?, given.factor)?,
        "flat" => {
            let section = |text: &String| Section::parse(text);
            let options = FlatOptions {
                min_value: given.min_value,
                norm_value: given.norm_value,
                median: given.norm_median,
                section: given.norm_section.as_ref().map(section).transpose()?,
                amplifiers: given.amplifiers.iter().map(section).collect::<Result<_>>()?,
            };
            let report = ccd::flat_correct(frame, &Flat::new(needed()?, &options)?)?;
            return Ok(serde_json::to_value(report).unwrap_or_default());
        }
        "fringe" => {
            let options = FringeOptions {
                scale: given.scale,
                box_size: given.box_size.unwrap_or(FringeOptions::default().box_size),
                sigma: given.sigma,
                sources: given.sources,
            };
            let report = ccd::subtract_fringe(frame, needed()?, &options)?;
            return Ok(serde_json::to_value(report).unwrap_or_default());
        }
        "background" => {
            let options = BackgroundOptions {
                box_size: given.box_size,
                filter_size: given.filter_size,
                statistic: given.statistic,
                sigma: given.sigma,
                least: given.least,
                sources: given.sources,
            };
            let report = ccd::subtract_background(frame, &options)?;
            return Ok(serde_json::to_value(report).unwrap_or_default());
        }
        "block_reduce" => *frame = ccd::block_reduce(frame, given.blocks, given.block_statistic)?,
        "block_replicate" => *frame = ccd::block_replicate(frame, given.blocks, given.conserve_sum)?,
        "cosmicray_median" => {
            let options = CosmicMedianOptions {
                thresh: given.thresh,
                mbox: given.mbox,
                gbox: given.gbox,
                rbox: given.rbox,
                error: given.error,
            };
            let report = ccd::cosmicray_median(frame, &options)?;
            return Ok(serde_json::to_value(report).unwrap_or_default());
        }
        other => {
            return Err(Error::Unreadable {
                expected: "a step: trim, deviation, gain, bias, linearity, dark, flat, fringe, background, block_reduce, \
                           block_replicate, cosmicray_median",
                found: other.to_owned(),
            });
        }
    }
    Ok(serde_json::Value::Null)
}
