//! The output while it is being made.

use crate::band::Band;
use crate::context::{self, Context};
use crate::{Error, Result};
use std::ops::Range;

/// What an output pixel has received: the sum of weight times value, and the sum of weights. In single precision, as the
/// product is: what a mosaic takes to make is mostly bringing these here and away again.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sum {
    pub(crate) weighted: f32,
    pub(crate) weight: f32,
}

impl Sum {
    /// The weighted mean, or what stands where there is no weight.
    #[inline(always)]
    fn mean_or(self, missing: f32) -> f32 {
        let mean = self.weighted / self.weight;
        if self.weight == 0.0 { missing } else { mean }
    }
}

/// Which planes are carried besides image and weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Planes {
    /// One bit per input image and output pixel: whether the image contributed with a positive weight.
    pub context: bool,
    /// The variance of the weighted mean. Correlation between neighbouring output pixels is not tracked.
    pub variance: bool,
}

/// What output pixels are that no input with any weight has reached.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Fill {
    /// As they are: NaN, or the value left by a sample of zero weight under [`crate::Rules::AstroDrizzle`].
    #[default]
    Indef,
    /// This value.
    Value(f32),
}

/// Sums over all inputs so far, for each pixel of the output, or of some rows of it.
#[derive(Debug, Clone)]
pub struct Accumulator {
    /// Row of the output that the first row here is.
    first: usize,
    ny: usize,
    nx: usize,
    /// Rows of the whole output.
    of: usize,
    sums: Vec<Sum>,
    /// The last sample of zero weight that fell on a pixel, NaN where there was none; empty before there are any.
    /// Pixels that nothing with weight reaches are left with it.
    left: Vec<f32>,
    variance: Option<Vec<f64>>,
    context: Option<Context>,
}

impl Accumulator {
    /// Planes of the context for so many images.
    pub fn context_planes(images: usize) -> usize {
        context::planes(images).max(1)
    }

    /// Bytes that an accumulator of this size takes for so many images, or `None` where that is beyond
    /// counting.
    pub fn bytes(ny: usize, nx: usize, planes: Planes, images: usize) -> Option<u64> {
        let context = if planes.context {
            context::row_bytes(nx, images)
        } else {
            0
        };
        let each = 12 + if planes.variance { 8 } else { 0 };
        let row = (nx as u64).checked_mul(each)?.checked_add(context)?;
        (ny as u64).checked_mul(row)
    }

    /// An output of `ny` rows of `nx` pixels that has received nothing.
    ///
    /// # Errors
    /// [`Error::TooLarge`] where it does not fit in memory.
    pub fn new(ny: usize, nx: usize, planes: Planes) -> Result<Self> {
        Self::part(0..ny, nx, ny, planes)
    }

    /// The given rows of an output that has `of` of them.
    ///
    /// # Errors
    /// As [`Accumulator::new`].
    pub fn part(rows: Range<usize>, nx: usize, of: usize, planes: Planes) -> Result<Self> {
        let ny = rows.len();
        let too_large = || Error::TooLarge { nx, ny };
        let len = ny.checked_mul(nx).ok_or_else(too_large)?;
        let mut sums = Vec::new();
        sums.try_reserve_exact(len).map_err(|_| too_large())?;
        sums.resize(len, Sum::default());
        let variance = if planes.variance {
            Some(zeros(len).ok_or_else(too_large)?)
        } else {
            None
        };
        let context = planes.context.then(|| Context::new(ny, nx));
        Ok(Self {
            first: rows.start,
            ny,
            nx,
            of: of.max(rows.end),
            sums,
            left: Vec::new(),
            variance,
            context,
        })
    }

    /// Begins anew with other rows, of `nx` pixels; there must be no more pixels than at first.
    pub fn restart(&mut self, rows: Range<usize>, nx: usize) {
        let room = self.sums.capacity().checked_div(nx).unwrap_or(0);
        self.nx = nx;
        self.first = rows.start;
        self.ny = rows.len().min(room);
        let len = self.ny * self.nx;
        self.sums.clear();
        self.sums.resize(len, Sum::default());
        self.left.clear();
        if let Some(variance) = &mut self.variance {
            variance.clear();
            variance.resize(len, 0.0);
        }
        if let Some(context) = &mut self.context {
            context.restart(self.ny, self.nx);
        }
    }

    /// Rows that are here.
    pub fn ny(&self) -> usize {
        self.ny
    }

    /// Columns.
    pub fn nx(&self) -> usize {
        self.nx
    }

    /// Rows of the whole output.
    pub(crate) fn of(&self) -> usize {
        self.of
    }

    /// Those of the output's rows that are here, counted from the first one here.
    pub(crate) fn held(&self, rows: Range<usize>) -> Range<usize> {
        let end = rows.end.saturating_sub(self.first).min(self.ny);
        rows.start.saturating_sub(self.first).min(end)..end
    }

    /// Whether variance is carried.
    pub fn carries_variance(&self) -> bool {
        self.variance.is_some()
    }

    /// The weighted mean of all inputs, row after row.
    pub fn image(&self, fill: Fill) -> Vec<f32> {
        let mut image = vec![0.0; self.sums.len()];
        self.image_rows(0..self.ny, fill, &mut image);
        image
    }

    /// Puts the same for some of the rows that are here, counted from the first one here, into `out`.
    pub fn image_rows(&self, rows: Range<usize>, fill: Fill, out: &mut [f32]) {
        let samples = self.samples(rows);
        let (sums, left) = (&self.sums[samples.clone()], self.left.get(samples));
        let out = out.iter_mut().zip(sums);
        pulp::Arch::new().dispatch(
            #[inline(always)]
            || match (fill, left) {
                (Fill::Indef, Some(left)) => {
                    out.zip(left)
                        .for_each(|((out, sum), left)| *out = sum.mean_or(*left));
                }
                (Fill::Indef, None) => out.for_each(|(out, sum)| *out = sum.mean_or(f32::NAN)),
                (Fill::Value(value), _) => out.for_each(|(out, sum)| *out = sum.mean_or(value)),
            },
        );
    }

    /// The sum of weights, row after row.
    pub fn weight(&self) -> Vec<f32> {
        let mut weight = vec![0.0; self.sums.len()];
        self.weight_rows(0..self.ny, &mut weight);
        weight
    }

    /// Puts the same for some of the rows that are here into `out`.
    pub fn weight_rows(&self, rows: Range<usize>, out: &mut [f32]) {
        let pixels = out.iter_mut().zip(&self.sums[self.samples(rows)]);
        pulp::Arch::new().dispatch(
            #[inline(always)]
            || pixels.for_each(|(out, sum)| *out = sum.weight),
        );
    }

    /// The variance of the weighted mean, row after row: `Σ w² v / (Σ w)²`. Pixels without weight are NaN
    /// or the fill value.
    pub fn variance(&self, fill: Fill) -> Option<Vec<f32>> {
        let mut variance = Vec::new();
        self.variance_rows(0..self.ny, fill, &mut variance)
            .then_some(variance)
    }

    /// The same for some of the rows that are here; false where it is not carried.
    pub fn variance_rows(&self, rows: Range<usize>, fill: Fill, out: &mut Vec<f32>) -> bool {
        let samples = self.samples(rows);
        let Some(weighted) = &self.variance else {
            return false;
        };
        let weighted = weighted[samples.clone()].iter();
        let missing = match fill {
            Fill::Indef => f32::NAN,
            Fill::Value(value) => value,
        };
        let mean = |(sum, v): (&Sum, &f64)| {
            if sum.weight == 0.0 {
                missing
            } else {
                (v / f64::from(sum.weight).powi(2)) as f32
            }
        };
        out.clear();
        out.extend(self.sums[samples].iter().zip(weighted).map(mean));
        true
    }

    /// Those of the rows that are here.
    fn here(&self, rows: Range<usize>) -> Range<usize> {
        let end = rows.end.min(self.ny);
        rows.start.min(end)..end
    }

    /// Their samples.
    fn samples(&self, rows: Range<usize>) -> Range<usize> {
        let rows = self.here(rows);
        rows.start * self.nx..rows.end * self.nx
    }

    /// The context planes that the images so far need, each row after row: bit `i % 32` of plane `i / 32` tells of image
    /// `i`.
    pub fn context(&self) -> Option<Vec<Vec<i32>>> {
        let context = self.context.as_ref()?;
        let plane = |plane: usize| {
            let mut rows = Vec::new();
            context.plane_rows(plane, 0..self.ny, &mut rows);
            rows
        };
        Some((0..context.planes()).map(plane).collect())
    }

    /// Puts some of the rows of a plane that are here, counted from the first one here, in place of what is in `out`; false
    /// where it is not carried.
    pub fn context_rows(&self, plane: usize, rows: Range<usize>, out: &mut Vec<i32>) -> bool {
        let Some(context) = &self.context else {
            return false;
        };
        context.plane_rows(plane, self.here(rows), out);
        true
    }

    /// Makes room for samples of zero weight.
    pub(crate) fn reserve_left(&mut self) -> Result<()> {
        let missing = self.sums.len() - self.left.len();
        self.left
            .try_reserve_exact(missing)
            .map_err(|_| Error::TooLarge {
                nx: self.nx,
                ny: self.ny,
            })?;
        self.left.resize(self.sums.len(), f32::NAN);
        Ok(())
    }

    /// Makes room for image `image` in the context.
    pub(crate) fn reserve_image(&mut self, image: usize) -> Result<()> {
        if let Some(context) = &mut self.context {
            context.reserve(image)?;
        }
        Ok(())
    }

    /// Cuts rows `rows`, counted from the first one here, into bands of at most `height` rows, to be filled
    /// independently.
    pub(crate) fn bands(&mut self, rows: Range<usize>, height: usize, image: usize) -> Vec<Band<'_>> {
        let (nx, of, samples) = (self.nx, self.of, rows.start * self.nx..rows.end * self.nx);
        let first = self.first + rows.start;
        let chunk = (height * nx).max(1);
        let context = self.context.as_mut();
        let mut context = context.and_then(|context| context.pieces(image, rows, height));
        let mut variance = self
            .variance
            .as_mut()
            .map(|variance| variance[samples.clone()].chunks_mut(chunk));
        let left = if self.left.is_empty() {
            None
        } else {
            Some(&mut self.left[samples.clone()])
        };
        let mut left = left.map(|left| left.chunks_mut(chunk));
        let cut = |(i, sums)| Band {
            first: first + i * height,
            nx,
            of,
            sums,
            left: left.as_mut().and_then(Iterator::next),
            variance: variance.as_mut().and_then(Iterator::next),
            context: context.as_mut().and_then(Iterator::next),
        };
        self.sums[samples]
            .chunks_mut(chunk)
            .enumerate()
            .map(cut)
            .collect()
    }
}

fn zeros<T: Copy + Default>(len: usize) -> Option<Vec<T>> {
    let mut zeros = Vec::new();
    zeros.try_reserve_exact(len).ok()?;
    zeros.resize(len, T::default());
    Some(zeros)
}
