//! What the combination gives: planes, asked for one by one, and the story of each input.

use crate::chip::Chip;
use firstlight_drizzle::{Accumulator, Fill};
use firstlight_wcs::Wcs;
use serde::Serialize;
use std::fmt;
use std::path::PathBuf;

/// A combined image.
///
/// Planes have the shape of [`Mosaic::grid`] and are made when asked for, so that one is in memory at a time.
#[derive(Debug)]
pub struct Mosaic<'m> {
    /// Coordinates of the output.
    pub wcs: Wcs,
    /// Total exposure time.
    pub exptime_s: f64,
    /// What became of each input.
    pub inputs: Vec<InputStatus>,
    pub(crate) chips: Vec<Chip<'m>>,
    pub(crate) output: Accumulator,
    pub(crate) fill: Fill,
    /// From rates to the unit of the product.
    pub(crate) factor: f32,
}

/// The output grid in numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutputGrid {
    /// Columns.
    pub nx: usize,
    /// Rows.
    pub ny: usize,
    /// Size of a pixel, arcsec.
    pub scale_arcsec: f64,
    /// Position angle of the y axis, degrees east of north.
    pub orientation_deg: f64,
    /// Right ascension of the reference pixel, degrees.
    pub ra_deg: f64,
    /// Declination of the reference pixel, degrees.
    pub dec_deg: f64,
    /// The reference pixel, 0-based `(x, y)`.
    pub reference_pixel: (f64, f64),
}

/// An input and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InputStatus {
    /// The file.
    pub path: PathBuf,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What became of an input.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum Outcome {
    /// It is part of the product.
    Combined {
        /// Number of SCI images.
        chips: usize,
        /// Exposure time.
        exptime_s: f64,
    },
    /// It was left out.
    Skipped {
        /// Why.
        reason: String,
    },
}

impl fmt::Display for InputStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path.display())?;
        match &self.outcome {
            Outcome::Combined { chips: 1, exptime_s } => write!(f, "1 image of {exptime_s} s"),
            Outcome::Combined { chips, exptime_s } => write!(f, "{chips} images of {exptime_s} s"),
            Outcome::Skipped { reason } => write!(f, "skipped, {reason}"),
        }
    }
}

impl Mosaic<'_> {
    /// The output grid in numbers.
    pub fn grid(&self) -> OutputGrid {
        let (ra_deg, dec_deg) = self.wcs.reference_sky();
        OutputGrid {
            nx: self.output.nx(),
            ny: self.output.ny(),
            scale_arcsec: self.wcs.pixel_scale_arcsec(),
            orientation_deg: self.wcs.orientation_deg(),
            ra_deg,
            dec_deg,
            reference_pixel: self.wcs.reference_pixel(),
        }
    }

    /// The image, row after row, in the unit of its header's BUNIT.
    pub fn sci(&self) -> Vec<f32> {
        let mut image = self.output.image(self.fill);
        self.scale(&mut image);
        image
    }

    /// The weight, row after row; 0 where nothing contributed.
    pub fn wht(&self) -> Vec<f32> {
        self.output.weight()
    }

    /// One standard deviation of the image, row after row, where it was asked for. Correlation between
    /// neighbouring pixels is not in it.
    pub fn err(&self) -> Option<Vec<f32>> {
        let mut error = self.output.variance(self.fill)?;
        if self.fill == Fill::Indef {
            error.iter_mut().for_each(|value| *value = value.sqrt());
        } else {
            let weight = self.output.weight();
            let known = error
                .iter_mut()
                .zip(&weight)
                .filter(|(_, weight)| **weight != 0.0);
            known.for_each(|(value, _)| *value = value.sqrt());
        }
        self.scale(&mut error);
        Some(error)
    }

    /// The planes of the context image, where it was asked for: bit `i % 32` of plane `i / 32` tells whether
    /// the `i`-th chip contributed.
    pub fn ctx(&self) -> Option<&[Vec<i32>]> {
        self.output.context()
    }

    /// As AstroDrizzle does, fill values and all.
    fn scale(&self, image: &mut [f32]) {
        if self.factor != 1.0 {
            image.iter_mut().for_each(|value| *value *= self.factor);
        }
    }
}
