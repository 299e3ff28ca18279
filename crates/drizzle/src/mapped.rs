//! Rows of input pixels on the output.

use crate::{Input, PixelMapping};
use pulp::{Arch, NullaryFnOnce};
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
    /// The points in a line that some pixels of a row of `nx` look at.
    fn parts(&self, pixels: Range<usize>, nx: usize) -> impl Iterator<Item = Range<usize>>;
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
    fn parts(&self, pixels: Range<usize>, _: usize) -> impl Iterator<Item = Range<usize>> {
        std::iter::once(pixels)
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
    fn parts(&self, pixels: Range<usize>, _: usize) -> impl Iterator<Item = Range<usize>> {
        std::iter::once(pixels.start..pixels.end + 1)
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
    fn parts(&self, pixels: Range<usize>, nx: usize) -> impl Iterator<Item = Range<usize>> {
        (0..4).map(move |corner| corner * nx + pixels.start..corner * nx + pixels.end)
    }
}

/// Pixels of a row for which the output columns they span are known.
const CHUNK: usize = 32;

/// Detector rows whose points are mapped.
#[derive(Default)]
pub(crate) struct Mapped {
    pub(crate) rows: Range<usize>,
    /// Points in a line.
    points: usize,
    x: Vec<f64>,
    y: Vec<f64>,
    /// For each line the output rows that its points span, or `None` where none is finite.
    spans: Vec<Option<Span>>,
    /// Pixels in a row.
    nx: usize,
    /// For each line and chunk of pixels the output columns that their points in the line span.
    columns: Vec<Option<Span>>,
}

/// The lowest and the highest of some coordinates.
type Span = (f64, f64);

/// The points of a line, x and y, and the columns of its chunks.
type Line<'l> = ((&'l mut [f64], &'l mut [f64]), &'l mut [Option<Span>]);

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
        let (points, count) = (pick.points(input.nx), rows.len() + P::LINES - 1);
        self.points = points;
        self.nx = input.nx;
        self.x.resize(points * count, 0.0);
        self.y.resize(points * count, 0.0);
        let chunks = input.nx.div_ceil(CHUNK);
        self.columns.resize(chunks * count, None);
        let x0 = input.first_column as f64;
        let y0 = input.first_row + rows.start;
        let nx = input.nx;
        let map_line = |(line, ((x, y), columns)): (usize, Line)| {
            pick.map(map, (x0, (y0 + line) as f64), x, y);
            let line = ((x, y), columns);
            Arch::new().dispatch(Spans::<N, _> { pick, nx, line })
        };
        let (x, y, columns) = (&mut self.x, &mut self.y, &mut self.columns);
        if parallel {
            let lines = x.par_chunks_mut(points).zip(y.par_chunks_mut(points));
            let lines = lines.zip(columns.par_chunks_mut(chunks));
            lines.enumerate().map(map_line).collect_into_vec(&mut self.spans);
        } else {
            let lines = x.chunks_mut(points).zip(y.chunks_mut(points));
            let lines = lines.zip(columns.chunks_mut(chunks));
            self.spans.clear();
            self.spans.extend(lines.enumerate().map(map_line));
        }
        self.rows = rows;
    }

    /// The points of the `k`-th of the rows, x and y, as [`Pick::places`] tells of them.
    pub(crate) fn row(&self, k: usize, lines: usize) -> (&[f64], &[f64]) {
        let samples = k * self.points..(k + lines) * self.points;
        (&self.x[samples.clone()], &self.y[samples])
    }

    /// The lowest and highest output row that points of the `k`-th of the rows fall on.
    pub(crate) fn span(&self, k: usize, lines: usize) -> Option<Span> {
        union(&self.spans[k..k + lines])
    }

    /// The lowest and highest output column that points of any of the rows fall on.
    pub(crate) fn across(&self) -> Option<Span> {
        union(&self.columns)
    }

    /// Runs of pixels of the `k`-th of the rows with all those whose points fall between two output columns.
    pub(crate) fn runs(
        &self,
        k: usize,
        lines: usize,
        (lowest, highest): Span,
    ) -> impl Iterator<Item = Range<usize>> {
        let chunks = self.nx.div_ceil(CHUNK);
        let meets = move |chunk: usize| {
            let of_lines = (k..k + lines).filter_map(|line| self.columns[line * chunks + chunk]);
            of_lines
                .reduce(joined)
                .is_some_and(|(lo, hi)| hi >= lowest && lo <= highest)
        };
        let mut next = 0;
        std::iter::from_fn(move || {
            let first = (next..chunks).find(|chunk| meets(*chunk))?;
            next = (first..chunks).find(|chunk| !meets(*chunk)).unwrap_or(chunks);
            Some(first * CHUNK..(next * CHUNK).min(self.nx))
        })
    }

    /// Boxes of the output, by columns and rows, around pieces of some of the rows that fall between two output columns:
    /// those of their corners, which is near enough where nothing depends on it.
    pub(crate) fn boxes(
        &self,
        rows: Range<usize>,
        lines: usize,
        stripe: Span,
    ) -> impl Iterator<Item = (Span, Span)> {
        /// Pixels of a piece: few, since boxes around sloping pieces have much that is not in them.
        const PIECE: usize = 16;
        let middle = rows.start + rows.len() / 2;
        let first = rows.start * self.points;
        let last = (rows.end + lines - 2) * self.points;
        let pieces = self
            .runs(middle, lines, stripe)
            .flat_map(|run| run.step_by(PIECE));
        pieces.filter_map(move |start| {
            let end = (start + PIECE).min(self.nx - 1);
            let corners = [first + start, first + end, last + start, last + end];
            let around = |of: &[f64]| span(&corners.map(|at| of[at]));
            Some((around(&self.x)?, around(&self.y)?))
        })
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

/// What a line spans, chunk by chunk along x, and along y in all, with the instructions that the processor has.
struct Spans<'l, const N: usize, P> {
    pick: &'l P,
    nx: usize,
    line: Line<'l>,
}

impl<const N: usize, P: Pick<N>> NullaryFnOnce for Spans<'_, N, P> {
    type Output = Option<Span>;

    #[inline(always)]
    fn call(self) -> Option<Span> {
        let Self { pick, nx, line } = self;
        let ((x, y), columns) = line;
        for (chunk, columns) in columns.iter_mut().enumerate() {
            let pixels = chunk * CHUNK..((chunk + 1) * CHUNK).min(nx);
            *columns = None;
            for part in pick.parts(pixels, nx) {
                *columns = match (*columns, span(&x[part])) {
                    (Some(a), Some(b)) => Some(joined(a, b)),
                    (a, b) => a.or(b),
                };
            }
        }
        span(y)
    }
}

/// The lowest and highest of the finite coordinates.
#[inline(always)]
fn span(all: &[f64]) -> Option<Span> {
    let nothing = (f64::INFINITY, f64::NEG_INFINITY);
    // Several at a time, so that one comparison does not wait for the other.
    let (mut lows, mut highs) = ([nothing.0; 8], [nothing.1; 8]);
    let (groups, rest) = all.as_chunks::<8>();
    for group in groups {
        for k in 0..8 {
            // NaN passes neither comparison.
            lows[k] = if group[k] < lows[k] { group[k] } else { lows[k] };
            highs[k] = if group[k] > highs[k] { group[k] } else { highs[k] };
        }
    }
    let mut lo = lows.iter().chain(rest).copied().fold(nothing.0, f64::min);
    let mut hi = highs.iter().chain(rest).copied().fold(nothing.1, f64::max);
    if lo == f64::NEG_INFINITY || hi == f64::INFINITY {
        let finite = all.iter().filter(|value| value.is_finite());
        (lo, hi) = finite.fold(nothing, |(lo, hi), value| (lo.min(*value), hi.max(*value)));
    }
    (lo <= hi).then_some((lo, hi))
}

fn union(spans: &[Option<Span>]) -> Option<Span> {
    spans.iter().flatten().copied().reduce(joined)
}

#[inline(always)]
fn joined(a: Span, b: Span) -> Span {
    (a.0.min(b.0), a.1.max(b.1))
}
