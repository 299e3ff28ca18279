//! Darks that are in memory.

use super::DarkFrames;
use super::frames::{DarkPart, Origin, Pixels, Rate, check_above_zero};
use super::stis::scaling;
use crate::stis::ocrreject::parts::Noise;
use crate::{Error, Result};
use firstlight_frame::Image;

/// A dark without bias, in memory.
#[derive(Debug, Clone)]
pub struct DarkArray {
    /// What errors call it.
    pub name: String,
    /// Counts, DN.
    pub sci: Image<f32>,
    /// Data-quality bits.
    pub dq: Image<u16>,
    /// Exposure time, s.
    pub exptime_s: f32,
    /// Readout noise, e.
    pub readnoise_e: f32,
    /// Gain, e/DN.
    pub gain_e_per_dn: f32,
    /// Temperature of the CCD's housing, °C, by which the counts are brought to 18 °C; None: as they are.
    pub celsius: Option<f64>,
}

impl DarkFrames {
    /// Darks in memory, for [`baseline`](super::baseline) and [`brought_up`](super::brought_up); reference files, which
    /// have headers, are made of files.
    ///
    /// # Errors
    /// [`Error::TooFewExposures`] for fewer than two; [`Error::Shape`] where shapes differ;
    /// [`Error::Parameter`] for an exposure time, gain or temperature that cannot be.
    pub fn of_arrays(darks: Vec<DarkArray>) -> Result<Self> {
        let shape = darks.first().map_or((0, 0), |first| first.sci.shape());
        let gain = darks.first().map_or(1.0, |first| first.gain_e_per_dn);
        let mut frames = Self::new(Rate::of_gain(gain), Origin::default(), 1);
        for dark in darks {
            frames.push(part(dark, shape)?)?;
        }
        frames.several()
    }
}

fn part(dark: DarkArray, expected: (usize, usize)) -> Result<DarkPart> {
    for (plane, found) in [("SCI", dark.sci.shape()), ("DQ", dark.dq.shape())] {
        if found != expected {
            return Err(Error::Shape {
                what: format!("{plane} of {}", dark.name),
                expected,
                found,
            });
        }
    }
    let factor = dark.celsius.map_or(1.0, scaling);
    let (seconds, gain) = (f64::from(dark.exptime_s), f64::from(dark.gain_e_per_dn));
    let numbers = [
        ("the exposure time", seconds),
        ("the gain", gain),
        ("the factor of temperature", factor),
    ];
    check_above_zero(&dark.name, &numbers)?;
    Ok(DarkPart {
        name: dark.name,
        pixels: Pixels::Memory(Box::new((dark.sci, dark.dq))),
        factor,
        exptime_s: dark.exptime_s,
        noise: Noise::even(dark.readnoise_e, dark.gain_e_per_dn),
    })
}
