//! A combined image: its grid, its rows as they are made, and the story of each input.

use crate::chip::Chip;
use crate::{DrizzleOptions, Error, Result};
use firstlight_drizzle::{Accumulator, Fill, Planes};
use firstlight_wcs::Wcs;
use serde::Serialize;
use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// A combined image, laid out by [`Mosaic::plan`]. [`Mosaic::combine`] makes its pixels, some rows at a time.
#[derive(Debug)]
pub struct Mosaic<'m> {
    /// Coordinates of the output.
    pub wcs: Wcs,
    /// Total exposure time.
    pub exptime_s: f64,
    /// What is planned for each input.
    pub inputs: Vec<InputStatus>,
    pub(crate) chips: Vec<Chip<'m>>,
    pub(crate) options: DrizzleOptions,
    /// `(ny, nx)`.
    pub(crate) shape: (usize, usize),
    pub(crate) planes: Planes,
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
    /// It was drizzled, and gave nothing to any pixel.
    Empty {
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
            Outcome::Empty { reason } => write!(f, "gave nothing, {reason}"),
        }
    }
}

/// Some rows of a combined image.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// The first of them.
    pub first: usize,
    /// The image, row after row, in the unit of its header's BUNIT.
    pub sci: Vec<f32>,
    /// The weight; 0 where nothing contributed.
    pub wht: Vec<f32>,
    /// One standard deviation of the image, where it was asked for. Correlation between neighbouring pixels is not
    /// in it.
    pub err: Option<Vec<f32>>,
    /// The planes of the context image, where it was asked for: bit `i % 32` of plane `i / 32` tells whether the
    /// `i`-th chip contributed.
    pub ctx: Option<Vec<Vec<i32>>>,
}

impl Mosaic<'_> {
    /// The output grid in numbers.
    pub fn grid(&self) -> OutputGrid {
        let (ra_deg, dec_deg) = self.wcs.reference_sky();
        OutputGrid {
            nx: self.shape.1,
            ny: self.shape.0,
            scale_arcsec: self.wcs.pixel_scale_arcsec(),
            orientation_deg: self.wcs.orientation_deg(),
            ra_deg,
            dec_deg,
            reference_pixel: self.wcs.reference_pixel(),
        }
    }

    /// [`Mosaic::combine`] with all rows in memory.
    ///
    /// # Errors
    /// As [`Mosaic::combine`].
    pub fn image(&self, advance: &(dyn Fn(u64) + Sync)) -> Result<(Rows, Vec<InputStatus>)> {
        let (ny, nx) = self.shape;
        let plane = || vec![0.0_f32; ny * nx];
        let all = Mutex::new(Rows {
            first: 0,
            sci: plane(),
            wht: plane(),
            err: self.planes.variance.then(plane),
            ctx: self
                .planes
                .context
                .then(|| vec![vec![0; ny * nx]; self.context_planes()]),
        });
        let keep = |rows: &Rows| -> Result<(), Error> {
            all.lock().unwrap_or_else(PoisonError::into_inner).put(rows, nx);
            Ok(())
        };
        let inputs = self.combine(&keep, advance)?;
        Ok((all.into_inner().unwrap_or_else(PoisonError::into_inner), inputs))
    }

    /// Some rows of a band, finished, in place of what is in `rows`, whose memory is used again. They count from the
    /// band's first, which is row `start` of the output.
    pub(crate) fn finish_rows(
        &self,
        band: &Accumulator,
        (part, start): (Range<usize>, usize),
        rows: &mut Rows,
    ) {
        let Rows {
            first,
            sci,
            wht,
            err,
            ctx,
        } = rows;
        *first = start + part.start;
        let pixels = part.len() * band.nx();
        sci.resize(pixels, 0.0);
        wht.resize(pixels, 0.0);
        band.image_rows(part.clone(), self.fill, sci);
        if let (Fill::Indef, Some(value)) = (self.fill, self.options.final_maskval) {
            let untouched = sci.iter_mut().filter(|value| value.is_nan());
            untouched.for_each(|pixel| *pixel = value / self.factor);
        }
        band.weight_rows(part.clone(), wht);
        self.scale(sci);
        let variance = err.get_or_insert_default();
        if band.variance_rows(part.clone(), self.fill, variance) {
            // The fill value is no variance.
            let known = variance
                .iter_mut()
                .zip(wht)
                .filter(|(_, weight)| self.fill == Fill::Indef || **weight != 0.0);
            known.for_each(|(value, _)| *value = value.sqrt());
            self.scale(variance);
        } else {
            *err = None;
        }
        let planes = ctx.get_or_insert_default();
        planes.resize(self.context_planes(), Vec::new());
        let mut planes = planes.iter_mut().enumerate();
        if !planes.all(|(k, plane)| band.context_rows(k, part.clone(), plane)) {
            *ctx = None;
        }
    }

    /// As AstroDrizzle does, fill values and all.
    fn scale(&self, image: &mut [f32]) {
        if self.factor != 1.0 {
            image.iter_mut().for_each(|value| *value *= self.factor);
        }
    }
}

impl Rows {
    /// Gives so many rows, that have some of `nx` columns, all of them. In the others they have what is in `pixel`.
    pub(crate) fn widen(&mut self, rows: usize, (columns, nx): (&Range<usize>, usize), pixel: &Rows) {
        if *columns == (0..nx) {
            return;
        }
        let place = (rows, columns, nx);
        widen(&mut self.sci, place, pixel.sci.first());
        widen(&mut self.wht, place, pixel.wht.first());
        if let (Some(err), Some(pixel)) = (&mut self.err, &pixel.err) {
            widen(err, place, pixel.first());
        }
        for plane in self.ctx.iter_mut().flatten() {
            widen(plane, place, None);
        }
    }

    /// Puts some rows of `nx` pixels in their place among all of them.
    fn put(&mut self, rows: &Rows, nx: usize) {
        let start = rows.first * nx;
        let place = start..start + rows.sci.len();
        self.sci[place.clone()].copy_from_slice(&rows.sci);
        self.wht[place.clone()].copy_from_slice(&rows.wht);
        if let (Some(all), Some(err)) = (&mut self.err, &rows.err) {
            all[place.clone()].copy_from_slice(err);
        }
        if let (Some(all), Some(ctx)) = (&mut self.ctx, &rows.ctx) {
            for (all, ctx) in all.iter_mut().zip(ctx) {
                all[place.clone()].copy_from_slice(ctx);
            }
        }
    }
}

/// Makes rows that have a few of `nx` columns as wide as all of them.
fn widen<T: Copy + Default>(
    samples: &mut Vec<T>,
    (rows, columns, nx): (usize, &Range<usize>, usize),
    fill: Option<&T>,
) {
    let (width, fill) = (columns.len(), fill.copied().unwrap_or_default());
    samples.resize(rows * nx, fill);
    // From the last to the first, so that none is written over before it has moved.
    for row in (0..rows).rev() {
        let start = row * nx;
        samples.copy_within(row * width..(row + 1) * width, start + columns.start);
        samples[start..start + columns.start].fill(fill);
        samples[start + columns.end..start + nx].fill(fill);
    }
}
