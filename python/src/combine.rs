//! Frames combined: of files, and of arrays.

use crate::acs::arrays::{bad, options};
use crate::dark::run;
use crate::threads::work;
use firstlight::ccd::CcdOpenOptions;
use firstlight::combine::{CentreName, CombineOptions, Method, UncertaintyName, combine};
use firstlight::input::expand;
use firstlight::progress::Silent;
use firstlight::stats::stack::combine::{
    CombineOptions as StackOptions, CombinedRow, FrameRow, FrameSample, Rejection, combine_row, reject_row,
};
use firstlight::stats::{SigmaClip, Spread};
use numpy::ndarray::ArrayView2;
use numpy::{Element, IntoPyArray, PyArray2, PyArrayMethods, PyReadonlyArray2};
use pyo3::prelude::*;
use rayon::prelude::*;
use serde::Deserialize;
use std::path::PathBuf;

/// Values, uncertainties, and how many frames are in each pixel.
type Combined<'py> = (
    Bound<'py, PyArray2<f64>>,
    Bound<'py, PyArray2<f64>>,
    Bound<'py, PyArray2<u16>>,
);

/// Adds this file's functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(run_combine, module)?)?;
    module.add_function(wrap_pyfunction!(combine_f32, module)?)?;
    module.add_function(wrap_pyfunction!(combine_f64, module)?)?;
    module.add_function(wrap_pyfunction!(reject_f32, module)?)?;
    module.add_function(wrap_pyfunction!(reject_f64, module)?)
}

/// Combines files; the report as JSON.
#[pyfunction]
fn run_combine(
    py: Python<'_>,
    inputs: Vec<String>,
    output: PathBuf,
    options_json: &str,
    how_json: &str,
) -> PyResult<String> {
    let (given, how): (CombineOptions, CcdOpenOptions) = (options(options_json)?, options(how_json)?);
    run(py, || {
        combine(&expand(&inputs)?, &output, (&given, &how), &Silent)
    })
}

/// What is done with arrays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfArrays {
    method: Method,
    uncertainty: UncertaintyName,
    lower: Option<f64>,
    upper: Option<f64>,
    nlow: usize,
    nhigh: usize,
    clip: Option<OfClip>,
    scales: Vec<f64>,
    weights: Vec<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfClip {
    low: Option<f64>,
    high: Option<f64>,
    iterations: Option<usize>,
    centre: CentreName,
    mad: bool,
}

impl OfArrays {
    fn stack(&self) -> StackOptions {
        let clip = self.clip.as_ref().map(|clip| SigmaClip {
            sigma_lower: clip.low.unwrap_or(f64::INFINITY),
            sigma_upper: clip.high.unwrap_or(f64::INFINITY),
            maxiters: clip.iterations,
            centre: clip.centre.into(),
            spread: if clip.mad { Spread::MadStd } else { Spread::Std },
        });
        StackOptions {
            combine: self.method.into(),
            rejection: Rejection {
                lower: self.lower,
                upper: self.upper,
                nlow: self.nlow,
                nhigh: self.nhigh,
                clip,
            },
            uncertainty: self.uncertainty.into(),
        }
    }
}

/// The planes of all frames.
struct Planes<'a, T> {
    samples: Vec<ArrayView2<'a, T>>,
    masks: Vec<Option<ArrayView2<'a, bool>>>,
    errors: Vec<Option<ArrayView2<'a, T>>>,
    weights: Vec<Option<ArrayView2<'a, f64>>>,
}

impl<'a, T: FrameSample> Planes<'a, T> {
    /// `(ny, nx)`.
    fn shape(&self) -> PyResult<(usize, usize)> {
        let first = self
            .samples
            .first()
            .ok_or_else(|| bad("there is no frame to combine"))?;
        let shape = first.dim();
        let planes = [self.masks.len(), self.errors.len(), self.weights.len()];
        let same = self.samples.iter().all(|plane| plane.dim() == shape)
            && self.masks.iter().flatten().all(|plane| plane.dim() == shape)
            && self.errors.iter().flatten().all(|plane| plane.dim() == shape)
            && self.weights.iter().flatten().all(|plane| plane.dim() == shape)
            && planes.iter().all(|planes| *planes == self.samples.len());
        match same {
            true => Ok(shape),
            false => Err(bad(
                "frames, masks, uncertainties and weights have to be of one shape",
            )),
        }
    }

    fn rows(&self, y: usize, how: &OfArrays) -> Option<Vec<FrameRow<'_, T>>> {
        (0..self.samples.len())
            .map(|at| {
                Some(FrameRow {
                    samples: row(&self.samples[at], y)?,
                    mask: optional(&self.masks[at], y)?,
                    errors: optional(&self.errors[at], y)?,
                    scale: *how.scales.get(at)?,
                    weight: *how.weights.get(at)?,
                    weights: optional(&self.weights[at], y)?,
                })
            })
            .collect()
    }
}

/// A row of a plane; none where it does not lie in one piece.
fn row<'a, T>(plane: &'a ArrayView2<'_, T>, y: usize) -> Option<&'a [T]> {
    let nx = plane.dim().1;
    plane.as_slice()?.get(y * nx..(y + 1) * nx)
}

fn optional<'a, T>(plane: &'a Option<ArrayView2<'_, T>>, y: usize) -> Option<Option<&'a [T]>> {
    match plane {
        Some(plane) => row(plane, y).map(Some),
        None => Some(None),
    }
}

fn views<'a, T: Element>(planes: &'a [Option<PyReadonlyArray2<'_, T>>]) -> Vec<Option<ArrayView2<'a, T>>> {
    planes
        .iter()
        .map(|plane| plane.as_ref().map(|plane| plane.as_array()))
        .collect()
}

const APART: &str = "arrays have to be contiguous, with one scale and weight for each";

fn combined<'py, T: FrameSample + Element>(
    py: Python<'py>,
    planes: &Planes<'_, T>,
    options_json: &str,
) -> PyResult<Combined<'py>> {
    let how: OfArrays = options(options_json)?;
    let stack = how.stack();
    let (ny, nx) = planes.shape()?;
    let (mut values, mut errors, mut used) = (
        vec![0.0f64; ny * nx],
        vec![f64::NAN; ny * nx],
        vec![0u16; ny * nx],
    );
    work(py, || {
        values
            .par_chunks_mut(nx.max(1))
            .zip(errors.par_chunks_mut(nx.max(1)))
            .zip(used.par_chunks_mut(nx.max(1)))
            .enumerate()
            .try_for_each(|(y, ((values, uncertainties), used))| {
                let rows = planes.rows(y, &how).ok_or_else(|| APART.to_owned())?;
                let mut out = CombinedRow {
                    values,
                    uncertainties,
                    used,
                    rejected: &mut [],
                };
                combine_row(&rows, &stack, &mut out).map_err(|error| error.to_string())
            })
    })
    .map_err(bad)?;
    let shaped = |values: Vec<f64>| values.into_pyarray(py).reshape([ny, nx]);
    Ok((
        shaped(values)?,
        shaped(errors)?,
        used.into_pyarray(py).reshape([ny, nx])?,
    ))
}

/// One array of booleans for each frame: masked before, or rejected now.
fn rejected<'py, T: FrameSample + Element>(
    py: Python<'py>,
    planes: &Planes<'_, T>,
    options_json: &str,
) -> PyResult<Vec<Bound<'py, PyArray2<bool>>>> {
    let how: OfArrays = options(options_json)?;
    let rejection = how.stack().rejection;
    let (ny, nx) = planes.shape()?;
    let mut masks = vec![vec![false; ny * nx]; planes.samples.len()];
    let mut of_rows: Vec<Vec<&mut [bool]>> = (0..ny).map(|_| Vec::with_capacity(masks.len())).collect();
    for mask in &mut masks {
        for (y, row) in mask.chunks_mut(nx.max(1)).enumerate() {
            of_rows[y].push(row);
        }
    }
    work(py, || {
        of_rows.par_iter_mut().enumerate().try_for_each(|(y, masks)| {
            let rows = planes.rows(y, &how).ok_or_else(|| APART.to_owned())?;
            for (mask, row) in masks.iter_mut().zip(&rows) {
                if let Some(masked) = row.mask {
                    mask.copy_from_slice(masked);
                }
            }
            reject_row(&rows, &rejection, masks).map_err(|error| error.to_string())
        })
    })
    .map_err(bad)?;
    masks
        .into_iter()
        .map(|mask| mask.into_pyarray(py).reshape([ny, nx]))
        .collect()
}

macro_rules! of_type {
    ($combine:ident, $reject:ident, $type:ty) => {
        /// Combines frames in memory.
        #[pyfunction]
        fn $combine<'py>(
            py: Python<'py>,
            samples: Vec<PyReadonlyArray2<'py, $type>>,
            masks: Vec<Option<PyReadonlyArray2<'py, bool>>>,
            errors: Vec<Option<PyReadonlyArray2<'py, $type>>>,
            weights: Vec<Option<PyReadonlyArray2<'py, f64>>>,
            options_json: &str,
        ) -> PyResult<Combined<'py>> {
            let planes = Planes {
                samples: samples.iter().map(|plane| plane.as_array()).collect(),
                masks: views(&masks),
                errors: views(&errors),
                weights: views(&weights),
            };
            combined(py, &planes, options_json)
        }

        /// Which samples are masked once some are rejected.
        #[pyfunction]
        fn $reject<'py>(
            py: Python<'py>,
            samples: Vec<PyReadonlyArray2<'py, $type>>,
            masks: Vec<Option<PyReadonlyArray2<'py, bool>>>,
            options_json: &str,
        ) -> PyResult<Vec<Bound<'py, PyArray2<bool>>>> {
            let planes = Planes {
                masks: views(&masks),
                errors: samples.iter().map(|_| None).collect(),
                weights: samples.iter().map(|_| None).collect(),
                samples: samples.iter().map(|plane| plane.as_array()).collect(),
            };
            rejected(py, &planes, options_json)
        }
    };
}

of_type!(combine_f32, reject_f32, f32);
of_type!(combine_f64, reject_f64, f64);
