//! Over which output pixels a sample is spread, and with what share each.

mod alone;
mod gaussian;
mod lanczos;
mod lot;
mod point;
mod quad;
mod slanted;
mod square;
mod turbo;

pub(crate) use gaussian::Gaussian;
pub(crate) use lanczos::Lanczos;
pub(crate) use point::Point;
pub(crate) use square::Square;
pub(crate) use turbo::Turbo;

use crate::band::Band;
use crate::mapped::Pick;
use crate::samples::Samples;
use pulp::Simd;
use std::ops::Range;

/// The mapped points of one input pixel: its centre, or for the square kernel its four corners in order
/// around it.
pub(crate) type Points<const N: usize> = [(f64, f64); N];

/// The part of an output of `nx` by `ny` pixels that is being filled: columns `x0..x1`, rows `y0..y1`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clip {
    pub(crate) nx: i64,
    pub(crate) ny: i64,
    pub(crate) x0: i64,
    pub(crate) x1: i64,
    pub(crate) y0: i64,
    pub(crate) y1: i64,
}

impl Clip {
    #[inline(always)]
    pub(crate) fn holds(self, x: i64, y: i64) -> bool {
        x >= self.x0 && x < self.x1 && y >= self.y0 && y < self.y1
    }

    /// The columns among `lo..=hi` that are being filled.
    #[inline(always)]
    pub(crate) fn columns(self, lo: i64, hi: i64) -> Range<i64> {
        lo.max(self.x0)..hi.min(self.x1 - 1) + 1
    }

    /// The rows among `lo..=hi` that are being filled.
    #[inline(always)]
    pub(crate) fn rows(self, lo: i64, hi: i64) -> Range<i64> {
        lo.max(self.y0)..hi.min(self.y1 - 1) + 1
    }
}

/// One row of input pixels on the output.
pub(crate) struct Row<'r, P> {
    pub(crate) pick: &'r P,
    /// The mapped points of the lines that the pixels look at.
    pub(crate) x: &'r [f64],
    pub(crate) y: &'r [f64],
    pub(crate) samples: &'r Samples<'r>,
    /// Where the row begins among the samples.
    pub(crate) first: usize,
    /// Pixels in the row.
    pub(crate) nx: usize,
    /// Those that are to be spread.
    pub(crate) pixels: Range<usize>,
}

/// One kernel. `N` is the number of mapped points it needs of each input pixel.
pub(crate) trait SpreadRow<const N: usize>: Sync {
    /// What is kept from row to row.
    type Scratch<V: Simd>: Default;

    /// How far from the mapped points an output pixel can be and still receive something.
    fn reach(&self) -> f64;

    /// Adds the pixels of a row, one after another, to those of the band that they touch.
    fn spread_row<V: Simd, P: Pick<N>>(
        &self,
        simd: V,
        row: &Row<P>,
        clip: Clip,
        scratch: &mut Self::Scratch<V>,
        band: &mut Band,
    );
}

/// A kernel that takes its pixels one by one.
pub(crate) trait Spread<const N: usize>: Sync {
    /// How far from the mapped points an output pixel can be and still receive something.
    fn reach(&self) -> f64;

    /// Calls `put(x, y, share)` for every output pixel inside `clip` that the pixel at `points` touches, in
    /// rows from below. `scratch` is the caller's to keep between calls.
    fn spread(&self, points: &Points<N>, clip: Clip, scratch: &mut Vec<f64>, put: impl FnMut(i64, i64, f64));
}

impl<const N: usize, S: Spread<N>> SpreadRow<N> for S {
    type Scratch<V: Simd> = Vec<f64>;

    fn reach(&self) -> f64 {
        Spread::reach(self)
    }

    #[inline(always)]
    fn spread_row<V: Simd, P: Pick<N>>(
        &self,
        _: V,
        row: &Row<P>,
        clip: Clip,
        scratch: &mut Vec<f64>,
        band: &mut Band,
    ) {
        let places = row.pick.places(row.nx);
        let mut sums = band.sums();
        for i in row.pixels.clone() {
            let points = places.map(|place| (row.x[place + i], row.y[place + i]));
            // 0 unless one of them is infinite or NaN.
            if points.iter().map(|(x, y)| x + y).sum::<f64>() * 0.0 != 0.0 {
                continue;
            }
            let Some(sample) = row.samples.at(row.first + i) else {
                continue;
            };
            self.spread(&points, clip, scratch, |x, y, share| {
                let (x, y) = (x as usize, (y - clip.y0) as usize);
                sums.add(x, y, share as f32, sample);
            });
        }
    }
}

/// To the nearest integer, halves away from zero; saturates. Faster than `f64::round` where the processor's
/// own rounding cannot be assumed.
#[inline(always)]
pub(crate) fn nearest(x: f64) -> i64 {
    (x + 0.5_f64.copysign(x)) as i64
}

/// To the integer below; saturates.
#[inline(always)]
pub(crate) fn floor(x: f64) -> i64 {
    let whole = x as i64;
    if (whole as f64) > x {
        whole.saturating_sub(1)
    } else {
        whole
    }
}
