//! Steps on several images at once: bias level, cosmic rays, sums.

use super::arrays::{Planes, PlanesOut, array, frame, json, of_step, options, planes};
use super::header::{Keywords, header};
use crate::threads::work;
use firstlight::calibration::acs::acsccd::{blevcorr as blev, noise, readout::Readout, to_electrons};
use firstlight::calibration::acs::acsrej::{AcsrejOptions, Member};
use firstlight::calibration::acs::tables::ccdtab::CcdParameters;
use firstlight::calibration::acs::tables::oscntab::{Overscan, VirtualSection};
use firstlight::calibration::acs::{
    Chip, Observation, References, Setup, acsrej as rejection, acssum as sums,
};
use firstlight::calibration::{Error, Result};
use firstlight::fits::Header;
use firstlight::frame::Image;
use numpy::PyArray2;
use pyo3::prelude::*;

/// Adds this file's functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(blevcorr, module)?)?;
    module.add_function(wrap_pyfunction!(ccd_noise, module)?)?;
    module.add_function(wrap_pyfunction!(electrons, module)?)?;
    module.add_function(wrap_pyfunction!(acsrej_arrays, module)?)?;
    module.add_function(wrap_pyfunction!(acssum_arrays, module)?)
}

/// One chip with what CCDTAB and OSCNTAB say of it: a dictionary in Python.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct CcdChip<'py> {
    planes: Planes<'py>,
    keywords: Keywords,
    gain: [f32; 4],
    readnoise: [f32; 4],
    bias: [f32; 4],
    ampx: usize,
    ampy: usize,
    overscan: Option<Sections>,
}

/// Overscan: columns and rows counted from 0, ends included.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Sections {
    trim_x: [usize; 2],
    trim_y: [usize; 2],
    leading: Option<(usize, usize)>,
    trailing: Option<(usize, usize)>,
    virtual_columns: Option<(usize, usize)>,
    virtual_rows: Option<(usize, usize)>,
}

impl Sections {
    /// Sections that lie within an image of this shape.
    fn within(&self, (ny, nx): (usize, usize)) -> Result<Overscan> {
        let check = |section: Option<(usize, usize)>, end: usize, name: &'static str| match section {
            Some((first, last)) if first > last || last >= end => Err(Error::Parameter {
                parameter: name,
                expected: "first and last of pixels that the image has",
                found: format!("{first} to {last}, of {end}"),
            }),
            Some((first, last)) => Ok(Some(first..=last)),
            None => Ok(None),
        };
        for (cut, end, name) in [(self.trim_x, nx, "trim_x"), (self.trim_y, ny, "trim_y")] {
            if cut[0].saturating_add(cut[1]) >= end {
                return Err(Error::Parameter {
                    parameter: name,
                    expected: "less than the image has",
                    found: format!("{} and {}, of {end}", cut[0], cut[1]),
                });
            }
        }
        let columns = check(self.virtual_columns, nx, "virtual_columns")?;
        let rows = check(self.virtual_rows, ny, "virtual_rows")?;
        Ok(Overscan {
            trim_x: self.trim_x,
            trim_y: self.trim_y,
            leading: check(self.leading, nx, "leading")?,
            trailing: check(self.trailing, nx, "trailing")?,
            virtual_section: columns
                .zip(rows)
                .map(|(columns, rows)| VirtualSection { columns, rows }),
        })
    }
}

/// Chips with the amplifiers that read them.
struct Read {
    setup: Setup,
    chips: Vec<Chip>,
    readouts: Vec<Readout>,
    overscans: Vec<Option<Overscan>>,
}

impl Read {
    fn new(primary: Keywords, input: Vec<CcdChip<'_>>) -> PyResult<Self> {
        let observation = Observation {
            name: "the image".to_owned(),
            primary: header(primary)?,
            chips: Vec::new(),
        };
        let setup = Setup::of(&observation).map_err(of_step)?;
        let mut read = Self {
            setup,
            chips: Vec::new(),
            readouts: Vec::new(),
            overscans: Vec::new(),
        };
        for (index, chip) in input.into_iter().enumerate() {
            read.push(index, chip)?;
        }
        Ok(read)
    }

    fn push(&mut self, index: usize, given: CcdChip<'_>) -> PyResult<()> {
        let chip = Chip {
            version: index as i64 + 1,
            frame: frame(&given.planes)?,
            sci: header(given.keywords)?,
            err: Header::new(),
            dq: Header::new(),
        };
        let shape = chip.shape().map_err(of_step)?;
        let parameters = CcdParameters {
            gain_e_per_dn: given.gain,
            readnoise_e: given.readnoise,
            bias_dn: given.bias,
            ampx: given.ampx.min(shape.1),
            ampy: given.ampy,
            saturate_e: f32::INFINITY,
            atod_saturate_dn: i64::MAX,
            overhead_flashed_s: 0.0,
            overhead_unflashed_s: 0.0,
            row_pedigree: String::new(),
            row_descrip: String::new(),
        };
        let overscan = given.overscan.map(|sections| sections.within(shape));
        self.overscans.push(overscan.transpose().map_err(of_step)?);
        self.readouts
            .push(Readout::of(&self.setup, &chip, parameters).map_err(of_step)?);
        self.chips.push(chip);
        Ok(())
    }

    fn planes(self, py: Python<'_>) -> PyResult<Vec<PlanesOut<'_>>> {
        let frames = self.chips.into_iter().map(|chip| planes(py, chip.frame));
        frames.collect()
    }
}

/// Bias levels by amplifier, e.
type Levels = Vec<(char, f64)>;

/// How many rows had a stripe taken out, and how many had not, where the form was destriping.
type Stripes = Option<(usize, usize)>;

/// Planes without their bias level; levels by amplifier, and how many rows had a stripe taken out.
#[pyfunction]
fn blevcorr<'py>(
    py: Python<'py>,
    primary: Keywords,
    chips: Vec<CcdChip<'py>>,
) -> PyResult<(Vec<PlanesOut<'py>>, Levels, Stripes)> {
    let mut read = Read::new(primary, chips)?;
    let Read {
        setup,
        chips,
        readouts,
        overscans,
    } = &mut read;
    let report = work(py, || blev::blevcorr(chips, setup, readouts, overscans)).map_err(of_step)?;
    let levels = report.levels.iter();
    let levels = levels.map(|of| (of.amplifier.letter(), of.level_e)).collect();
    Ok((read.planes(py)?, levels, report.stripes))
}

/// Planes with ERR of the noise model.
#[pyfunction]
fn ccd_noise<'py>(
    py: Python<'py>,
    primary: Keywords,
    chips: Vec<CcdChip<'py>>,
    is_bias: bool,
) -> PyResult<Vec<PlanesOut<'py>>> {
    let mut read = Read::new(primary, chips)?;
    for (chip, readout) in read.chips.iter_mut().zip(&read.readouts) {
        work(py, || noise::noise(chip, readout, is_bias)).map_err(of_step)?;
    }
    read.planes(py)
}

/// Planes in electrons.
#[pyfunction]
fn electrons<'py>(
    py: Python<'py>,
    primary: Keywords,
    chips: Vec<CcdChip<'py>>,
) -> PyResult<Vec<PlanesOut<'py>>> {
    let mut read = Read::new(primary, chips)?;
    for (chip, readout) in read.chips.iter_mut().zip(&read.readouts) {
        work(py, || to_electrons::to_electrons(chip, readout)).map_err(of_step)?;
    }
    read.planes(py)
}

/// An exposure of one chip.
fn exposure(index: usize, given: &Planes<'_>, keywords: Keywords) -> PyResult<Observation> {
    Ok(Observation {
        name: format!("exposure {index}"),
        primary: header(keywords)?,
        chips: vec![Chip {
            version: 1,
            frame: frame(given)?,
            sci: Header::new(),
            err: Header::new(),
            dq: Header::new(),
        }],
    })
}

/// Of each input the pixels that were rejected.
type Rejected<'py> = Vec<Bound<'py, PyArray2<bool>>>;

/// The combined planes, of each input the pixels that were rejected, and the report as JSON.
#[pyfunction]
fn acsrej_arrays<'py>(
    py: Python<'py>,
    inputs: Vec<(Planes<'py>, Keywords)>,
    options_json: &str,
) -> PyResult<(PlanesOut<'py>, Rejected<'py>, String)> {
    let how: AcsrejOptions = options(options_json)?;
    let mut exposures = Vec::with_capacity(inputs.len());
    for (index, (given, keywords)) in inputs.into_iter().enumerate() {
        exposures.push(exposure(index, &given, keywords)?);
    }
    let members: Vec<&dyn Member> = exposures.iter().map(|exposure| exposure as &dyn Member).collect();
    let mut done = work(py, || rejection::acsrej(&members, &References::new(), &how)).map_err(of_step)?;
    let report = json(&done.report)?;
    let rejected = done.hits.iter().filter_map(|hits| hits.first()).map(|hits| {
        let (ny, nx) = hits.shape();
        array(py, Image::from_fn(ny, nx, |x, y| hits.contains(x, y)))
    });
    let rejected = rejected.collect::<PyResult<_>>()?;
    let product = done.product.chips.pop().ok_or_else(|| {
        of_step(Error::TooFewExposures {
            found: exposures.len(),
        })
    })?;
    Ok((planes(py, product.frame)?, rejected, report))
}

/// The planes of the sum.
#[pyfunction]
fn acssum_arrays<'py>(py: Python<'py>, inputs: Vec<(Planes<'py>, Keywords)>) -> PyResult<PlanesOut<'py>> {
    let mut exposures = Vec::with_capacity(inputs.len());
    for (index, (given, keywords)) in inputs.into_iter().enumerate() {
        exposures.push(exposure(index, &given, keywords)?);
    }
    let members: Vec<&dyn Member> = exposures.iter().map(|exposure| exposure as &dyn Member).collect();
    let mut done = work(py, || sums::acssum(&members)).map_err(of_step)?;
    let sum = done.product.chips.pop().ok_or_else(|| {
        of_step(Error::TooFewExposures {
            found: exposures.len(),
        })
    })?;
    planes(py, sum.frame)
}
