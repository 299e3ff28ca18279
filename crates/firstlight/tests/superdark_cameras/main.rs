//! Superdarks of ACS and of a CCD on the ground, of simulated darks, against what was put in.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod ground;
mod hrc;
mod wfc;

use firstlight::fits::{FitsWriter, Header, Overwrite, Value};
use firstlight::frame::{Exposure, Frame, Image};
use firstlight::superdark::OcrrejectOptions;
use std::path::Path;

fn set(header: &mut Header, keyword: &str, value: impl Into<Value>) {
    header.set(keyword, value, None).unwrap();
}

/// The rejection that there is without a table.
fn how() -> OcrrejectOptions {
    OcrrejectOptions::default()
}

fn frame(path: &Path, version: i64) -> Frame {
    Exposure::open(path).unwrap().load(version).unwrap()
}

/// Writes a primary header and images, each with its header.
fn write(path: &Path, primary: &Header, images: &[(Header, Image<f32>)]) {
    let mut writer = FitsWriter::create(path, Overwrite::Replace).unwrap();
    writer.empty_primary(primary).unwrap();
    for (header, image) in images {
        writer.image(header, (image.as_slice(), image.shape())).unwrap();
    }
    writer.finish().unwrap();
}

/// The mean square of deviations in units of their errors, and how many pixels it is of.
fn chi_square(
    found: &Image<f32>,
    err: &Image<f32>,
    truth: &Image<f32>,
    of: impl Fn(usize) -> bool,
) -> (f64, usize) {
    let pixels = found.as_slice().iter().zip(err.as_slice()).zip(truth.as_slice());
    let squares = pixels
        .enumerate()
        .filter(|(at, _)| of(*at))
        .map(|(_, ((found, err), truth))| f64::from((found - truth) / err).powi(2));
    let squares: Vec<f64> = squares.collect();
    (squares.iter().sum::<f64>() / squares.len() as f64, squares.len())
}
