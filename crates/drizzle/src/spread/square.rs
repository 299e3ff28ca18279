//! The square kernel: the exact area that a quadrilateral has in common with each output pixel.
//!
//! The area is found as scan conversion of outlines finds coverage: each edge adds, to the cells it passes, the
//! signed area between itself and the right-hand end of the row; a running sum along a row then gives what
//! the closed outline covers of each cell.

use super::{Clip, Points, Spread, nearest};

/// Shares below this are rounding, not overlap.
const LEAST_SHARE: f64 = 1e-12;

pub(crate) struct Square;

impl Spread<4> for Square {
    fn reach(&self) -> f64 {
        1.0
    }

    #[inline]
    fn spread(
        &self,
        points: &Points<4>,
        clip: Clip,
        scratch: &mut Vec<f64>,
        mut put: impl FnMut(i64, i64, f64),
    ) {
        let [a, b, c, d] = *points;
        let area = 0.5 * ((a.0 - c.0) * (b.1 - d.1) - (b.0 - d.0) * (a.1 - c.1));
        if area == 0.0 || !area.is_finite() {
            return;
        }
        let columns = clip.columns(
            nearest(a.0.min(b.0).min(c.0).min(d.0)),
            nearest(a.0.max(b.0).max(c.0).max(d.0)),
        );
        let rows = clip.rows(
            nearest(a.1.min(b.1).min(c.1).min(d.1)),
            nearest(a.1.max(b.1).max(c.1).max(d.1)),
        );
        if columns.is_empty() || rows.is_empty() {
            return;
        }
        let (left, below) = (*columns.start() as f64 - 0.5, *rows.start() as f64 - 0.5);
        let mut cells = Cells::new(
            scratch,
            (columns.end() - columns.start() + 1) as usize,
            (rows.end() - rows.start() + 1) as usize,
        );
        for ((ax, ay), (bx, by)) in [(a, b), (b, c), (c, d), (d, a)] {
            cells.edge((ax - left, ay - below), (bx - left, by - below));
        }
        let per_area = 1.0 / area;
        for (row, cells) in rows.zip(cells.rows()) {
            let mut covered = 0.0;
            for (column, cell) in columns.clone().zip(cells) {
                covered += cell;
                let share = covered * per_area;
                if share > LEAST_SHARE {
                    put(column, row, share);
                }
            }
        }
    }
}

/// Signed areas of `height` rows of `width` unit cells, and one more cell at each row's end that takes what
/// lies beyond.
struct Cells<'a> {
    width: usize,
    height: usize,
    areas: &'a mut [f64],
}

impl<'a> Cells<'a> {
    #[inline]
    fn new(scratch: &'a mut Vec<f64>, width: usize, height: usize) -> Self {
        let len = (width + 1) * height;
        if scratch.len() < len {
            scratch.resize(len, 0.0);
        }
        let areas = &mut scratch[..len];
        areas.fill(0.0);
        Self { width, height, areas }
    }

    fn rows(&self) -> std::slice::ChunksExact<'_, f64> {
        self.areas.chunks_exact(self.width + 1)
    }

    /// Adds one edge of the outline, row by row.
    #[inline]
    fn edge(&mut self, from: (f64, f64), to: (f64, f64)) {
        // Downward edges count the other way.
        let (sign, (x0, y0), (x1, y1)) = if from.1 <= to.1 {
            (-1.0, from, to)
        } else {
            (1.0, to, from)
        };
        if y0 == y1 {
            return;
        }
        let slope = (x1 - x0) / (y1 - y0);
        let mut y = y0.max(0.0);
        let top = y1.min(self.height as f64);
        while y < top {
            let row = y as usize;
            let next = ((row + 1) as f64).min(top);
            let (xa, xb) = (x0 + slope * (y - y0), x0 + slope * (next - y0));
            self.pass(row, xa.min(xb), xa.max(xb), sign * (next - y));
            y = next;
        }
    }

    /// Within one row, an edge from `lo` to `hi` in x of height `rise`: what lies to its right.
    #[inline]
    fn pass(&mut self, row: usize, lo: f64, hi: f64, rise: f64) {
        let width = self.width;
        let cells = &mut self.areas[row * (width + 1)..(row + 1) * (width + 1)];
        if hi <= 0.0 {
            cells[0] += rise;
            return;
        }
        let (first, last) = (lo.max(0.0) as usize, hi as usize);
        if lo >= 0.0 && first == last {
            if first < width {
                let right = 0.5 * (lo + hi) - first as f64;
                cells[first] += rise * (1.0 - right);
                cells[first + 1] += rise * right;
            }
            return;
        }
        let rise_per_x = rise / (hi - lo);
        if lo < 0.0 {
            cells[0] -= rise_per_x * lo;
        }
        for cell in first..=last.min(width - 1) {
            let (left, right) = (cell as f64, (cell + 1) as f64);
            let (enter, leave) = (lo.max(left), hi.min(right));
            let rise = rise_per_x * (leave - enter);
            let right = 0.5 * (enter + leave) - left;
            cells[cell] += rise * (1.0 - right);
            cells[cell + 1] += rise * right;
        }
    }
}
