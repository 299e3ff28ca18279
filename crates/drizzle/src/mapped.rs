//! Rows of input pixels on the output.

use crate::spread::Points;
use crate::{Input, PixelMapping};
use rayon::prelude::*;
use std::ops::Range;

/// Which points of the input pixels a kernel needs.
///
/// They are mapped line by line; the pixels of a row look at one line or, where points are shared between rows,
/// at two.
pub(crate) trait Pick<const N: usize>: Sync {
    /// Lines that one row of pixels looks at.
    const LINES: usize;
    /// Points in a line for `nx` pixels.
    fn points(&self, nx: usize) -> usize;
    /// Maps the (first) line of detector row `y`.
    fn map(&self, map: &impl PixelMapping, y: f64, out_x: &mut [f64], out_y: &mut [f64]);
    /// The points of pixel `i` among the lines of its row of `nx` pixels.
    fn of(&self, i: usize, nx: usize, x: &[f64], y: &[f64]) -> Points<N>;
}

/// The centres of pixels.
pub(crate) struct Centres;

impl Pick<1> for Centres {
    const LINES: usize = 1;
    fn points(&self, nx: usize) -> usize {
        nx
    }
    fn map(&self, map: &impl PixelMapping, y: f64, out_x: &mut [f64], out_y: &mut [f64]) {
        map.map_row(y, 0.0, out_x, out_y);
    }
    #[inline(always)]
    fn of(&self, i: usize, _: usize, x: &[f64], y: &[f64]) -> Points<1> {
        [(x[i], y[i])]
    }
}

/// The corners of whole pixels, which neighbours share.
pub(crate) struct SharedCorners;

impl Pick<4> for SharedCorners {
    const LINES: usize = 2;
    fn points(&self, nx: usize) -> usize {
        nx + 1
    }
    fn map(&self, map: &impl PixelMapping, y: f64, out_x: &mut [f64], out_y: &mut [f64]) {
        map.map_row(y - 0.5, -0.5, out_x, out_y);
    }
    #[inline(always)]
    fn of(&self, i: usize, nx: usize, x: &[f64], y: &[f64]) -> Points<4> {
        [i, i + 1, nx + 2 + i, nx + 1 + i].map(|at| (x[at], y[at]))
    }
}

/// The corners of shrunken pixels.
pub(crate) struct OwnCorners {
    /// Half the side, in input pixels.
    pub(crate) half: f64,
}

impl Pick<4> for OwnCorners {
    const LINES: usize = 1;
    fn points(&self, nx: usize) -> usize {
        4 * nx
    }
    fn map(&self, map: &impl PixelMapping, y: f64, out_x: &mut [f64], out_y: &mut [f64]) {
        let (n, half) = (out_x.len() / 4, self.half);
        let corners = [(-half, -half), (half, -half), (half, half), (-half, half)];
        let lines = out_x.chunks_mut(n).zip(out_y.chunks_mut(n));
        for ((dx, dy), (out_x, out_y)) in corners.into_iter().zip(lines) {
            map.map_row(y + dy, dx, out_x, out_y);
        }
    }
    #[inline(always)]
    fn of(&self, i: usize, nx: usize, x: &[f64], y: &[f64]) -> Points<4> {
        [i, nx + i, 2 * nx + i, 3 * nx + i].map(|at| (x[at], y[at]))
    }
}

/// Detector rows whose points are mapped.
#[derive(Default)]
pub(crate) struct Mapped {
    pub(crate) rows: Range<usize>,
    points: usize,
    x: Vec<f64>,
    y: Vec<f64>,
    /// For each line the output rows that its points span, or `None` where none is finite.
    spans: Vec<Option<(f64, f64)>>,
}

impl Mapped {
    /// Maps rows of the input, counted from its first.
    pub(crate) fn fill<const N: usize, P: Pick<N>>(
        &mut self,
        pick: &P,
        map: &impl PixelMapping,
        input: &Input,
        rows: Range<usize>,
    ) {
        let (points, count) = (pick.points(input.nx), rows.len() + P::LINES - 1);
        self.points = points;
        self.x.resize(points * count, 0.0);
        self.y.resize(points * count, 0.0);
        let first = input.first_row + rows.start;
        self.rows = rows;
        let lines = self
            .x
            .par_chunks_mut(points)
            .zip(self.y.par_chunks_mut(points))
            .enumerate();
        lines
            .map(|(line, (x, y))| {
                pick.map(map, (first + line) as f64, x, y);
                let (mut lo, mut hi) = (f64::INFINITY, f64::NEG_INFINITY);
                for &y in y.iter() {
                    // NaN and infinities pass neither comparison of both.
                    if y.abs() < f64::INFINITY {
                        lo = if y < lo { y } else { lo };
                        hi = if y > hi { y } else { hi };
                    }
                }
                (lo <= hi).then_some((lo, hi))
            })
            .collect_into_vec(&mut self.spans);
    }

    /// The points of the `k`-th of the rows, x and y, as [`Pick::of`] wants them.
    pub(crate) fn row(&self, k: usize, lines: usize) -> (&[f64], &[f64]) {
        let samples = k * self.points..(k + lines) * self.points;
        (&self.x[samples.clone()], &self.y[samples])
    }

    /// The lowest and highest output coordinate of the points of the `k`-th of the rows.
    pub(crate) fn span(&self, k: usize, lines: usize) -> Option<(f64, f64)> {
        union(&self.spans[k..k + lines])
    }

    /// The rows among the output's `ny` that these can touch, `reach` around their points.
    pub(crate) fn reach(&self, reach: f64, ny: usize) -> Range<usize> {
        let Some((lo, hi)) = union(&self.spans) else {
            return 0..0;
        };
        // The casts saturate: what lies beyond the output is cut off on either side.
        let end = ((hi + reach + 1.0) as usize).min(ny);
        let start = ((lo - reach) as usize).min(end);
        start..end
    }
}

fn union(spans: &[Option<(f64, f64)>]) -> Option<(f64, f64)> {
    spans
        .iter()
        .flatten()
        .copied()
        .reduce(|(lo, hi), span| (lo.min(span.0), hi.max(span.1)))
}
