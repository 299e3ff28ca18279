//! Blotting, the reverse of drizzling: an image on the output grid brought back to the pixels of a detector by
//! interpolation.
//!
//! After drizzlepac's tblot: positions, weights and sums are in single precision, so that the results agree.

mod interpolation;
mod lanczos;
mod nearest;
mod poly;
mod sinc;

pub use interpolation::Interpolation;

use crate::{Error, PixelMapping, Result};
use lanczos::Lanczos;
use nearest::{Linear, Nearest};
use poly::{POLY3, POLY5};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use sinc::Sinc;
use std::ops::Range;

/// The image that is brought back: `ny` rows of `nx` samples, of which those from `first_row` on are held.
///
/// A pixel whose interpolation would look at a row that is not held becomes the fill value.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Rows of the whole image.
    pub ny: usize,
    /// Columns.
    pub nx: usize,
    /// The first row that `data` has; 0 where it has the whole image.
    pub first_row: usize,
    /// Samples, row after row, per second. A sample that is not finite spoils every pixel it is used for.
    pub data: &'a [f32],
}

/// How an image is brought back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BlotOptions {
    /// How values between the pixels are found.
    pub interpolation: Interpolation,
    /// Factor on the distances in the kernel of sinc; 1 is the theory's.
    pub sinscl: f64,
    /// Value of pixels that do not fall on the source, or too close to its edge for Lanczos kernels.
    pub fill: f32,
    /// Results are multiplied by this.
    pub exptime_s: f64,
    /// Size of a pixel of the source in undistorted pixels of the detector: results are divided by its square.
    pub pixel_scale_ratio: f64,
}

impl Default for BlotOptions {
    fn default() -> Self {
        Self {
            interpolation: Interpolation::Poly5,
            sinscl: 1.0,
            fill: 0.0,
            exptime_s: 1.0,
            pixel_scale_ratio: 1.0,
        }
    }
}

impl BlotOptions {
    fn check(&self) -> Result<()> {
        let positive = [
            ("the ratio of pixel scales", self.pixel_scale_ratio),
            ("sinscl", self.sinscl),
        ];
        if let Some((what, value)) = positive.into_iter().find(|(_, v)| !(*v > 0.0 && v.is_finite())) {
            return Err(Error::OutOfRange {
                what,
                value,
                range: "over 0 and finite",
            });
        }
        if !self.exptime_s.is_finite() {
            return Err(Error::OutOfRange {
                what: "the exposure time",
                value: self.exptime_s,
                range: "finite",
            });
        }
        Ok(())
    }
}

/// Makes `rows` of a detector of `nx_out` columns from the source into `out`, on all threads.
///
/// `map` says where the detector's pixels fall on the source, 0-based on both. Pixels that fall to the left of or
/// below the centre of the first pixel, or beyond the last one's column or row by a whole pixel or more, become the fill
/// value, as do those that fall nowhere. Close to the edges the polynomials go on over the edge by point reflection.
///
/// # Errors
/// [`Error::Shape`] where an array has another size than is told, [`Error::OutOfRange`] for impossible numbers.
pub fn blot_rows(
    source: &Source,
    map: &impl PixelMapping,
    rows: Range<usize>,
    nx_out: usize,
    options: &BlotOptions,
    out: &mut [f32],
) -> Result<()> {
    options.check()?;
    source.check()?;
    let expected = rows.len().saturating_mul(nx_out);
    if out.len() != expected {
        return Err(Error::Shape {
            what: "blotted image",
            expected,
            found: out.len(),
        });
    }
    if nx_out == 0 {
        return Ok(());
    }
    let task = Task {
        source,
        options,
        scale: Scale {
            factor: options.exptime_s as f32,
            area: (options.pixel_scale_ratio * options.pixel_scale_ratio) as f32,
        },
        first: rows.start,
        nx: nx_out,
    };
    match options.interpolation {
        Interpolation::Nearest => task.run(map, &Nearest, out),
        Interpolation::Linear => task.run(map, &Linear, out),
        Interpolation::Poly3 => task.run(map, &POLY3, out),
        Interpolation::Poly5 => task.run(map, &POLY5, out),
        Interpolation::Sinc => task.run(map, &Sinc::new(options.sinscl), out),
        Interpolation::Lan3 => task.run(map, &Lanczos::new(3), out),
        Interpolation::Lan5 => task.run(map, &Lanczos::new(5), out),
    }
    Ok(())
}

/// Points that are looked at together.
const GROUP: usize = 64;

/// How a value is found between pixels.
trait Interpolate: Sync {
    /// The value at a point with `0 <= x < nx` and `0 <= y < ny`; `None` where it becomes the fill value.
    fn at(&self, source: &Source, x: f32, y: f32) -> Option<f32>;

    /// The values at up to [`GROUP`] points, and which of them there are. Of the points those with a bit in `inside`
    /// are on the source; a bit of the answer says that there is a value.
    #[inline(always)]
    fn group<V: Simd>(
        &self,
        _: V,
        source: &Source,
        (x, y): (&[f32], &[f32]),
        inside: u64,
        values: &mut [f32],
    ) -> u64 {
        let mut found = 0;
        for (p, ((x, y), out)) in x.iter().zip(y).zip(values).enumerate() {
            let value = if inside >> p & 1 == 1 {
                self.at(source, *x, *y)
            } else {
                None
            };
            *out = value.unwrap_or(0.0);
            found |= u64::from(value.is_some()) << p;
        }
        found
    }
}

/// What results are scaled by, in the order of drizzlepac.
#[derive(Clone, Copy)]
struct Scale {
    factor: f32,
    area: f32,
}

struct Task<'t, 's> {
    source: &'t Source<'s>,
    options: &'t BlotOptions,
    scale: Scale,
    first: usize,
    nx: usize,
}

/// Rows and columns of the detector that are made together: so few that what they look at stays in the cache, however
/// rows run on the source.
const TILE: (usize, usize) = (32, 256);

impl Task<'_, '_> {
    fn run(&self, map: &impl PixelMapping, interpolate: &impl Interpolate, out: &mut [f32]) {
        let arch = Arch::new();
        let (height, width) = TILE;
        let scratch = || (vec![0.0; height * width], vec![0.0; height * width]);
        // What is made by somebody who shares out work, some rows at a time, is not shared out again.
        let bands = out.par_chunks_mut(height * self.nx).with_min_len(2).enumerate();
        bands.for_each_init(scratch, |(x, y), (band, out)| {
            for column in (0..self.nx).step_by(width) {
                let columns = column..(column + width).min(self.nx);
                let rows = out.len() / self.nx;
                let lines = x.chunks_mut(columns.len()).zip(y.chunks_mut(columns.len()));
                for (line, (x, y)) in lines.take(rows).enumerate() {
                    let row = self.first + band * height + line;
                    map.map_row(row as f64, column as f64, x, y);
                }
                let points = rows * columns.len();
                arch.dispatch(Tile {
                    task: self,
                    interpolate,
                    at: (&x[..points], &y[..points]),
                    columns,
                    out: &mut *out,
                });
            }
        });
    }
}

/// Some columns of some rows of the detector. Compiled for several generations of processors; all give the same bits.
struct Tile<'l, 't, 's, I> {
    task: &'l Task<'t, 's>,
    interpolate: &'l I,
    /// Where its pixels fall, row after row.
    at: (&'l [f64], &'l [f64]),
    columns: Range<usize>,
    /// Whole rows.
    out: &'l mut [f32],
}

impl<I: Interpolate> WithSimd for Tile<'_, '_, '_, I> {
    type Output = ();
    #[inline(always)]
    fn with_simd<V: Simd>(self, simd: V) {
        let width = self.columns.len();
        self.task.source.fetch(self.at);
        let points = self.at.0.chunks(width).zip(self.at.1.chunks(width));
        for ((x, y), out) in points.zip(self.out.chunks_mut(self.task.nx)) {
            let out = &mut out[self.columns.clone()];
            self.task.line(simd, self.interpolate, (x, y), out);
        }
    }
}

impl Task<'_, '_> {
    /// Pixels of a row whose places on the source are told.
    #[inline(always)]
    fn line<V: Simd>(
        &self,
        simd: V,
        interpolate: &impl Interpolate,
        (x, y): (&[f64], &[f64]),
        out: &mut [f32],
    ) {
        let (source, scale) = (self.source, self.scale);
        let (width, height) = (source.nx as f32, source.ny as f32);
        let points = x.chunks(GROUP).zip(y.chunks(GROUP));
        for ((x, y), out) in points.zip(out.chunks_mut(GROUP)) {
            let (mut xs, mut ys) = ([0.0; GROUP], [0.0; GROUP]);
            xs.iter_mut().zip(x).for_each(|(to, from)| *to = *from as f32);
            ys.iter_mut().zip(y).for_each(|(to, from)| *to = *from as f32);
            let inside = |x: f32, y: f32| (x >= 0.0) & (x < width) & (y >= 0.0) & (y < height);
            let places = || xs.iter().zip(&ys).take(x.len());
            let many: u32 = places().map(|(x, y)| u32::from(inside(*x, *y))).sum();
            let on = if many as usize == GROUP {
                u64::MAX
            } else {
                bits(places().map(|(x, y)| inside(*x, *y)))
            };
            let points = (&xs[..x.len()], &ys[..x.len()]);
            let found = interpolate.group(simd, source, points, on, out);
            for out in out.iter_mut() {
                *out = *out * scale.factor / scale.area;
            }
            if found != u64::MAX {
                let missing = out.iter_mut().enumerate().filter(|(p, _)| found >> p & 1 == 0);
                missing.for_each(|(_, out)| *out = self.options.fill);
            }
        }
    }
}

/// A bit for each of a group.
fn bits(answers: impl Iterator<Item = bool>) -> u64 {
    let answers = answers.enumerate();
    answers.fold(0, |bits, (p, answer)| bits | u64::from(answer) << p)
}

/// Samples per point up to which it pays to bring all of a rectangle into the cache.
const MOST_FETCHED: usize = 32;

/// The lowest and the highest of some numbers; NaN is neither.
#[inline(always)]
fn range(all: &[f64]) -> (f64, f64) {
    let (mut lows, mut highs) = ([f64::INFINITY; 16], [f64::NEG_INFINITY; 16]);
    let (groups, rest) = all.as_chunks::<16>();
    for group in groups {
        for ((low, high), value) in lows.iter_mut().zip(&mut highs).zip(group) {
            *low = if value < low { *value } else { *low };
            *high = if value > high { *value } else { *high };
        }
    }
    let low = lows.iter().chain(rest).copied().fold(f64::INFINITY, f64::min);
    (
        low,
        highs
            .iter()
            .chain(rest)
            .copied()
            .fold(f64::NEG_INFINITY, f64::max),
    )
}

impl Source<'_> {
    fn check(&self) -> Result<()> {
        let found = self.data.len();
        let rows = found.checked_div(self.nx).unwrap_or(0);
        let whole = self.nx == 0 && found == 0 || rows.checked_mul(self.nx) == Some(found);
        if !whole || self.first_row.saturating_add(rows) > self.ny {
            return Err(Error::Shape {
                what: "source (whole rows, within the image)",
                expected: self.ny.saturating_sub(self.first_row).saturating_mul(self.nx),
                found,
            });
        }
        Ok(())
    }

    /// Brings the rectangle that some points lie in into the cache. Rows of the detector cut across those of the source
    /// as a rule, from one page of memory to the next, so that neither the processor foresees what comes, nor are there
    /// several waits for memory at once, as there are here.
    #[inline(always)]
    fn fetch(&self, (x, y): (&[f64], &[f64])) {
        /// Samples in a line of the cache.
        const LINE: usize = 16;
        /// Samples around the points that kernels look at as well.
        const AROUND: f64 = 3.0;
        let (left, right) = range(x);
        let (bottom, top) = range(y);
        // The casts saturate.
        let columns = (left - AROUND) as usize..((right + AROUND).min(self.nx as f64) as usize);
        let rows = (bottom - AROUND) as usize..((top + AROUND).min(self.ny as f64) as usize);
        if columns.len().saturating_mul(rows.len()) > MOST_FETCHED * x.len() {
            return;
        }
        let mut any = 0;
        for row in rows.filter_map(|row| self.row(row)?.get(columns.clone())) {
            any = row
                .iter()
                .step_by(LINE)
                .fold(any, |any, value| any ^ value.to_bits());
        }
        std::hint::black_box(any);
    }

    /// A row; `None` where it is not held.
    #[inline(always)]
    fn row(&self, y: usize) -> Option<&[f32]> {
        let start = y.checked_sub(self.first_row)? * self.nx;
        self.data.get(start..start + self.nx)
    }

    #[inline(always)]
    fn sample(&self, x: usize, y: usize) -> Option<f32> {
        self.row(y)?.get(x).copied()
    }
}
