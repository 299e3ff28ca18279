//! A shape, or a shape with a hole, laid on the pixel grid row by row.

use super::Convex;
use crate::bounds::BoundingBox;
use crate::overlap::Overlap;
use std::ops::Range;

/// By how much a range is widened, or narrowed, before it decides which pixels are at the border:
/// far more than coordinates are rounded, far less than would cost anything.
const MARGIN: f64 = 1e-9;

/// A stretch of pixels in a row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Run {
    /// Pixels wholly in the aperture.
    Full(Range<i64>),
    /// One pixel, and the fraction of it that is in the aperture: more than 0.
    Partial(i64, f64),
}

/// A shape, less a smaller one with the same centre and orientation.
#[derive(Debug, Clone)]
pub(crate) struct Nested<S> {
    pub outer: S,
    pub inner: Option<S>,
}

/// Where a shape lies on the grid, and how pixels at its border are weighed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grid {
    centre: (f64, f64),
    bounds: BoundingBox,
    overlap: Overlap,
}

/// The columns that a shape touches in a row, and those among them that it fills.
struct Cover {
    touched: Range<i64>,
    filled: Range<i64>,
}

impl Grid {
    pub fn new(centre: (f64, f64), bounds: BoundingBox, overlap: Overlap) -> Self {
        Self {
            centre,
            bounds,
            overlap,
        }
    }

    fn cover(&self, shape: &impl Convex, row: i64, columns: &Range<i64>) -> Option<Cover> {
        let y = row as f64 - self.centre.1;
        let (low, high) = (y - 0.5, y + 0.5);
        let (left, right) = shape.touched(low, high)?;
        let x = self.centre.0;
        let first = ((x + left - MARGIN + 0.5).floor() as i64).max(columns.start);
        let end = ((x + right + MARGIN + 0.5).floor() as i64)
            .saturating_add(1)
            .min(columns.end);
        if first >= end {
            return None;
        }
        let filled = shape.filled(low, high).map_or(first..first, |(left, right)| {
            let from = ((x + left + MARGIN + 0.5).ceil() as i64).clamp(first, end);
            let to = ((x + right - MARGIN - 0.5).floor() as i64)
                .saturating_add(1)
                .clamp(first, end);
            if from < to { from..to } else { first..first }
        });
        Some(Cover {
            touched: first..end,
            filled,
        })
    }

    /// The fraction of a border pixel that is in the shape.
    fn weight(&self, shape: &impl Convex, column: i64, row: i64) -> f64 {
        match self.overlap {
            Overlap::Exact => shape.pixel_overlap(column as f64 - self.centre.0, row as f64 - self.centre.1),
            Overlap::Center => self.sampled(shape, column, row, 1),
            Overlap::Subpixel(n) => self.sampled(shape, column, row, n),
        }
    }

    /// The fraction of `n` × `n` points that are in the shape. The points' coordinates come from the
    /// bounding box's edges by the same additions as in photutils, so that points which fall on the
    /// border, as they often do for whole and half radii, are rounded to the same side.
    fn sampled(&self, shape: &impl Convex, column: i64, row: i64, n: usize) -> f64 {
        let (x_start, x_step) = first_sample(self.bounds.columns(), column, self.centre.0, n);
        let (y_start, y_step) = first_sample(self.bounds.rows(), row, self.centre.1, n);
        let mut inside = 0u64;
        let mut x = x_start;
        for _ in 0..n {
            x += x_step;
            let mut y = y_start;
            for _ in 0..n {
                y += y_step;
                inside += u64::from(shape.contains(x, y));
            }
        }
        inside as f64 / (n * n) as f64
    }
}

/// One step before the first sample of a pixel, and the step.
fn first_sample(range: Range<i64>, index: i64, centre: f64, n: usize) -> (f64, f64) {
    let low = range.start as f64 - 0.5 - centre;
    let high = range.end as f64 - 0.5 - centre;
    let size = (high - low) / (range.end - range.start) as f64;
    let start = low + (index - range.start) as f64 * size;
    let end = start + size;
    let step = (end - start) / n as f64;
    (start - 0.5 * step, step)
}

impl<S: Convex> Nested<S> {
    /// Gives all pixels of a row with a weight above 0, from left to right, within `columns`.
    pub fn row(&self, grid: &Grid, row: i64, columns: Range<i64>, visit: &mut impl FnMut(Run)) {
        let Some(Cover { touched, filled }) = grid.cover(&self.outer, row, &columns) else {
            return;
        };
        let hole = self
            .inner
            .as_ref()
            .and_then(|inner| Some((inner, grid.cover(inner, row, &touched)?)));
        let Some((inner, hole)) = hole else {
            let border = |columns: Range<i64>, visit: &mut dyn FnMut(Run)| {
                for column in columns {
                    partial(column, grid.weight(&self.outer, column, row), visit);
                }
            };
            border(touched.start..filled.start, visit);
            full(filled.clone(), visit);
            border(filled.end..touched.end, visit);
            return;
        };
        let mut column = touched.start;
        while column < touched.end {
            let in_filled = filled.contains(&column);
            if in_filled && hole.filled.contains(&column) {
                column = hole.filled.end;
            } else if in_filled && !hole.touched.contains(&column) {
                let end = if column < hole.touched.start {
                    filled.end.min(hole.touched.start)
                } else {
                    filled.end
                };
                full(column..end, visit);
                column = end;
            } else {
                let whole = if in_filled {
                    1.0
                } else {
                    grid.weight(&self.outer, column, row)
                };
                let missing = match () {
                    () if hole.filled.contains(&column) => 1.0,
                    () if hole.touched.contains(&column) => grid.weight(inner, column, row),
                    () => 0.0,
                };
                partial(column, whole - missing, visit);
                column += 1;
            }
        }
    }
}

fn full(columns: Range<i64>, visit: &mut (impl FnMut(Run) + ?Sized)) {
    if columns.start < columns.end {
        visit(Run::Full(columns));
    }
}

fn partial(column: i64, weight: f64, visit: &mut (impl FnMut(Run) + ?Sized)) {
    if weight > 0.0 {
        visit(Run::Partial(column, weight));
    }
}
