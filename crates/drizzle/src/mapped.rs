//! Rows of input pixels on the output.

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
    /// Maps the (first) line of a row whose first pixel is at `(x, y)` of the detector.
    fn map(&self, map: &impl PixelMapping, at: (f64, f64), out_x: &mut [f64], out_y: &mut [f64]);
    /// Where the points of the first pixel are among the lines of its row of `nx` pixels; those of the next ones
    /// follow them.
    fn places(&self, nx: usize) -> [usize; N];
}

/// The centres of pixels.
pub(crate) struct Centres;

impl Pick<1> for Centres {
    const LINES: usize = 1;
    fn points(&self, nx: usize) -> usize {
        nx
    }
    fn map(&self, map: &impl PixelMapping, (x0, y): (f64, f64), out_x: &mut [f64], out_y: &mut [f64]) {
        map.map_row(y, x0, out_x, out_y);
    }
    #[inline(always)]
    fn places(&self, _: usize) -> [usize; 1] {
        [0]
    }
}

/// The corners of whole pixels, which neighbours share.
pub(crate) struct SharedCorners;

impl Pick<4> for SharedCorners {
    const LINES: usize = 2;
    fn points(&self, nx: usize) -> usize {
        nx + 1
    }
    fn map(&self, map: &impl PixelMapping, (x0, y): (f64, f64), out_x: &mut [f64], out_y: &mut [f64]) {
        map.map_row(y - 0.5, x0 - 0.5, out_x, out_y);
    }
    #[inline(always)]
    fn places(&self, nx: usize) -> [usize; 4] {
        [0, 1, nx + 2, nx + 1]
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
    fn map(&self, map: &impl PixelMapping, (x0, y): (f64, f64), out_x: &mut [f64], out_y: &mut [f64]) {
        let (n, half) = (out_x.len() / 4, self.half);
        let corners = [(-half, -half), (half, -half), (half, half), (-half, half)];
        let lines = out_x.chunks_mut(n).zip(out_y.chunks_mut(n));
        for ((dx, dy), (out_x, out_y)) in corners.into_iter().zip(lines) {
            map.map_row(y + dy, x0 + dx, out_x, out_y);
        }
    }
    #[inline(always)]
    fn places(&self, nx: usize) -> [usize; 4] {
        [0, nx, 2 * nx, 3 * nx]
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
        parallel: bool,
    ) {
        let columns = input.spread();
        let (points, count) = (pick.points(columns.len()), rows.len() + P::LINES - 1);
        self.points = points;
        self.x.resize(points * count, 0.0);
        self.y.resize(points * count, 0.0);
        let x0 = (input.first_column + columns.start) as f64;
        let y0 = input.first_row + rows.start;
        self.rows = rows;
        let one = |(line, (x, y)): (usize, (&mut [f64], &mut [f64]))| {
            pick.map(map, (x0, (y0 + line) as f64), x, y);
            span(y)
        };
        if parallel {
            let lines = self.x.par_chunks_mut(points).zip(self.y.par_chunks_mut(points));
            lines.enumerate().map(one).collect_into_vec(&mut self.spans);
        } else {
            let lines = self.x.chunks_mut(points).zip(self.y.chunks_mut(points));
            self.spans.clear();
            self.spans.extend(lines.enumerate().map(one));
        }
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

/// The lowest and highest of the finite coordinates.
fn span(y: &[f64]) -> Option<(f64, f64)> {
    let (mut lo, mut hi) = (f64::INFINITY, f64::NEG_INFINITY);
    for &y in y {
        // NaN and infinities pass neither comparison of both.
        if y.abs() < f64::INFINITY {
            lo = if y < lo { y } else { lo };
            hi = if y > hi { y } else { hi };
        }
    }
    (lo <= hi).then_some((lo, hi))
}

fn union(spans: &[Option<(f64, f64)>]) -> Option<(f64, f64)> {
    spans
        .iter()
        .flatten()
        .copied()
        .reduce(|(lo, hi), span| (lo.min(span.0), hi.max(span.1)))
}
