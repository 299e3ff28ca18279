//! The steps on arrays: each gives new arrays back.

use super::arrays::{Planes, PlanesOut, frame, image, json, of_step, planes};
use crate::threads::work;
use firstlight::calibration::acs::acs2d::photcorr as photometry;
use firstlight::calibration::acs::acsccd::{
    atodcorr as atod, biascorr as bias, dqicorr as dqi, full_well as wells, sinkcorr as sink, trim as cut,
};
use firstlight::calibration::acs::tables::{atodtab::AtodCorrection, bpixtab::BadPixels};
use firstlight::calibration::acs::{Chip, Reference};
use firstlight::calibration::steps::{self, Linearity};
use firstlight::calibration::{Error, Result};
use firstlight::fits::Header;
use firstlight::frame::Frame;
use numpy::{PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use std::path::PathBuf;

/// Adds this file's functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(dqicorr, module)?)?;
    module.add_function(wrap_pyfunction!(atodcorr, module)?)?;
    module.add_function(wrap_pyfunction!(biascorr, module)?)?;
    module.add_function(wrap_pyfunction!(full_well, module)?)?;
    module.add_function(wrap_pyfunction!(sinkcorr, module)?)?;
    module.add_function(wrap_pyfunction!(trim, module)?)?;
    module.add_function(wrap_pyfunction!(darkcorr, module)?)?;
    module.add_function(wrap_pyfunction!(flshcorr, module)?)?;
    module.add_function(wrap_pyfunction!(flatcorr, module)?)?;
    module.add_function(wrap_pyfunction!(shadcorr, module)?)?;
    module.add_function(wrap_pyfunction!(glincorr, module)?)?;
    module.add_function(wrap_pyfunction!(lflgcorr, module)?)?;
    module.add_function(wrap_pyfunction!(photon_noise, module)?)?;
    module.add_function(wrap_pyfunction!(statistics, module)?)?;
    module.add_function(wrap_pyfunction!(photcorr, module)?)
}

/// A frame through a step.
fn on_frame<'py, T: Send>(
    py: Python<'py>,
    input: &Planes<'py>,
    step: impl FnOnce(&mut Frame) -> Result<T> + Send,
) -> PyResult<(PlanesOut<'py>, T)> {
    let mut frame = frame(input)?;
    let found = work(py, || step(&mut frame)).map_err(of_step)?;
    Ok((planes(py, frame)?, found))
}

/// A chip without any keyword through a step: its first pixel is the detector's.
fn on_chip<'py, T: Send>(
    py: Python<'py>,
    input: &Planes<'py>,
    step: impl FnOnce(&mut Chip) -> Result<T> + Send,
) -> PyResult<(PlanesOut<'py>, T)> {
    let mut chip = Chip {
        version: 1,
        frame: frame(input)?,
        sci: Header::new(),
        err: Header::new(),
        dq: Header::new(),
    };
    let found = work(py, || step(&mut chip)).map_err(of_step)?;
    Ok((planes(py, chip.frame)?, found))
}

/// Runs of bad pixels are `(x, y, length, along_row, bits)`, counted from 0. Gives back pixels at the converter's end.
#[pyfunction]
#[pyo3(signature = (input, bad_pixels, atod_saturate))]
fn dqicorr<'py>(
    py: Python<'py>,
    input: Planes<'py>,
    bad_pixels: Vec<(i64, i64, i64, bool, u16)>,
    atod_saturate: Option<i64>,
) -> PyResult<(PlanesOut<'py>, usize)> {
    let run = |(x, y, length, along_row, bits): (i64, i64, i64, bool, u16)| BadPixels {
        pix1: x.saturating_add(1),
        pix2: y.saturating_add(1),
        length,
        along_row,
        bits,
    };
    let runs: Vec<BadPixels> = bad_pixels.into_iter().map(run).collect();
    on_chip(py, &input, |chip| {
        Ok(dqi::dqicorr(chip, &runs, atod_saturate)?.atod_saturated)
    })
}

/// Gives back how many samples lay beyond the end.
#[pyfunction]
fn atodcorr<'py>(
    py: Python<'py>,
    input: Planes<'py>,
    values: PyReadonlyArray1<'py, f32>,
) -> PyResult<(PlanesOut<'py>, usize)> {
    let correction = AtodCorrection {
        values_dn: values.as_array().to_vec(),
        row_pedigree: String::new(),
        row_descrip: String::new(),
    };
    on_chip(py, &input, |chip| atod::atodcorr(chip, &correction))
}

#[pyfunction]
fn biascorr<'py>(py: Python<'py>, input: Planes<'py>, bias: Planes<'py>) -> PyResult<PlanesOut<'py>> {
    let reference = frame(&bias)?;
    Ok(on_chip(py, &input, |chip| bias::biascorr(chip, &reference))?.0)
}

/// Gives back how many pixels are saturated.
#[pyfunction]
fn full_well<'py>(
    py: Python<'py>,
    input: Planes<'py>,
    map: PyReadonlyArray2<'py, f32>,
    trim_x: [usize; 2],
    trim_y: [usize; 2],
) -> PyResult<(PlanesOut<'py>, usize)> {
    let (map, trim) = (image(&map)?, cut::Trim { x: trim_x, y: trim_y });
    on_chip(py, &input, |chip| wells::full_well(chip, &map, &trim))
}

/// Gives back how many pixels are flagged.
#[pyfunction]
fn sinkcorr<'py>(
    py: Python<'py>,
    input: Planes<'py>,
    map: PyReadonlyArray2<'py, f32>,
    upwards: bool,
) -> PyResult<(PlanesOut<'py>, usize)> {
    let map = image(&map)?;
    on_chip(py, &input, |chip| sink::sinkcorr(chip, &map, upwards))
}

#[pyfunction]
fn trim<'py>(py: Python<'py>, input: Planes<'py>, x: [usize; 2], y: [usize; 2]) -> PyResult<PlanesOut<'py>> {
    Ok(on_chip(py, &input, |chip| cut::trim(chip, &cut::Trim { x, y }))?.0)
}

/// Gives back the mean of what was subtracted.
#[pyfunction]
fn darkcorr<'py>(
    py: Python<'py>,
    input: Planes<'py>,
    dark: Planes<'py>,
    darktime: f32,
    serious: u16,
) -> PyResult<(PlanesOut<'py>, f32)> {
    let dark = frame(&dark)?;
    on_frame(py, &input, |frame| {
        Ok(steps::darkcorr(frame, &dark, darktime, serious)?.mean_e)
    })
}

/// Gives back the mean of what was subtracted.
#[pyfunction]
fn flshcorr<'py>(
    py: Python<'py>,
    input: Planes<'py>,
    flash: Planes<'py>,
    flashdur: f32,
    serious: u16,
) -> PyResult<(PlanesOut<'py>, f32)> {
    let flash = frame(&flash)?;
    on_frame(py, &input, |frame| {
        Ok(steps::flshcorr(frame, &flash, flashdur, serious)?.mean_e)
    })
}

#[pyfunction]
fn flatcorr<'py>(py: Python<'py>, input: Planes<'py>, flat: Planes<'py>) -> PyResult<PlanesOut<'py>> {
    let flat = frame(&flat)?;
    Ok(on_frame(py, &input, |frame| steps::flatcorr(frame, &flat))?.0)
}

#[pyfunction]
fn shadcorr<'py>(
    py: Python<'py>,
    input: Planes<'py>,
    shading: Planes<'py>,
    exptime: f32,
) -> PyResult<PlanesOut<'py>> {
    let shading = frame(&shading)?;
    Ok(on_frame(py, &input, |frame| steps::shadcorr(frame, &shading, exptime))?.0)
}

/// Gives back the ratio, and whether the limit is exceeded.
#[pyfunction]
fn glincorr<'py>(
    py: Python<'py>,
    input: Planes<'py>,
    globrate: f64,
    global_limit: f64,
    tau: f64,
) -> PyResult<(PlanesOut<'py>, (f64, bool))> {
    let linearity = Linearity {
        global_limit,
        local_limit: f64::INFINITY,
        tau_s: tau,
        expand_px: 0.0,
    };
    on_frame(py, &input, |frame| {
        let found = steps::glincorr(frame, globrate, &linearity);
        Ok((found.ratio, found.exceeded))
    })
}

/// Gives back how many pixels are beyond the limit.
#[pyfunction]
fn lflgcorr<'py>(
    py: Python<'py>,
    input: Planes<'py>,
    exptime: f64,
    local_limit: f64,
    expand: f32,
) -> PyResult<(PlanesOut<'py>, usize)> {
    let linearity = Linearity {
        global_limit: f64::INFINITY,
        local_limit,
        tau_s: 0.0,
        expand_px: expand,
    };
    on_frame(py, &input, |frame| steps::lflgcorr(frame, exptime, &linearity))
}

/// Refuses planes of different shapes, which the step itself leaves as they are.
#[pyfunction]
fn photon_noise<'py>(py: Python<'py>, input: Planes<'py>) -> PyResult<(PlanesOut<'py>, bool)> {
    on_frame(py, &input, |frame| {
        for (what, found) in [("ERR", frame.err.shape()), ("DQ", frame.dq.shape())] {
            if found != frame.sci.shape() {
                return Err(Error::Shape {
                    what: what.to_owned(),
                    expected: frame.sci.shape(),
                    found,
                });
            }
        }
        Ok(steps::photon_noise(frame))
    })
}

/// As JSON.
#[pyfunction]
fn statistics<'py>(py: Python<'py>, input: Planes<'py>, serious: u16) -> PyResult<String> {
    let frame = frame(&input)?;
    json(&work(py, || steps::statistics(&frame, serious)).map_err(of_step)?)
}

/// What IMPHTTAB says of a PHOTMODE, as JSON.
#[pyfunction]
fn photcorr(py: Python<'_>, imphttab: PathBuf, photmode: &str) -> PyResult<String> {
    let named = imphttab.display().to_string();
    let look_up = || photometry(&Reference::open("IMPHTTAB", &named, &imphttab)?, photmode);
    json(&work(py, look_up).map_err(of_step)?)
}
