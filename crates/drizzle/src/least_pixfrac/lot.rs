//! Input pixels beside one another and the output pixels around each.
//!
//! A parallelogram about `c` with half sides `u` and `v`, shrunk to `p` of its size, and the square of an output pixel about
//! `s` are apart exactly where they are along an axis, or along the normal of one of the parallelogram's sides: that is for `p` up
//! to the largest of `(|dx| - ½) / (|ux| + |vx|)`, `(|dy| - ½) / (|uy| + |vy|)`, `(|d × u| - ½ (|ux| + |uy|)) / |u × v|` and
//! `(|d × v| - ½ (|vx| + |vy|)) / |u × v|`, where `d = s - c`.

use super::{Bounds, LeastPixfrac, Room};
use crate::lanes::WHOLE;
use pulp::{Simd, WithSimd};

/// Pixels in a lot, whose arithmetic is done together.
pub(super) const LOT: usize = 16;
/// How far bounds are from their middle at least, relative to it: so far that a drop that reaches a pixel has more of its area
/// in it than is taken for rounding.
const APART: f64 = 2e-5;
/// The same as a number, for what single precision leaves open.
const ROUNDING: f32 = 2e-6;
/// Boxes are larger than the largest drops by this, relatively, so that all bounds near the largest drops are found.
const MARGIN: f64 = 1e-3;
/// Larger boxes are those of pixels that are mapped near a pole or another place where nothing can be said.
const WIDEST: f64 = 4096.0;

/// One number for each pixel of a lot.
type Each<T> = [T; LOT];

/// The value of an expression for each pixel of a lot: a loop, which becomes instructions on many numbers at once where calls of
/// closures do not.
macro_rules! each {
    ($k:ident => $value:expr) => {{
        let mut all = [Default::default(); LOT];
        for $k in 0..LOT {
            all[$k] = $value;
        }
        all
    }};
}

/// A row of input pixels and the output rows that they may fall on.
pub(super) struct Spread<'s> {
    pub(super) room: &'s Room,
    /// The largest pixfrac.
    pub(super) largest: f64,
    pub(super) found: &'s mut LeastPixfrac,
}

impl WithSimd for Spread<'_> {
    type Output = ();
    #[inline(always)]
    fn with_simd<V: Simd>(self, _: V) {
        for start in (0..self.room.gives.len()).step_by(LOT) {
            if let Some(lot) = Lot::new(self.room, start, self.largest) {
                lot.give(self.found);
            }
        }
    }
}

/// Pixels beside one another. Lengths are in output pixels, in single precision from the first pixel of each box on.
struct Lot {
    /// The first column and row of the output that each may reach; NaN for pixels with nothing to give.
    left: Each<f64>,
    below: Each<f64>,
    /// Columns and rows of a box that is large enough for all.
    size: (f64, f64),
    /// The centres, counted from there.
    x: Each<f32>,
    y: Each<f32>,
    /// Half sides.
    u: [Each<f32>; 2],
    v: [Each<f32>; 2],
    /// 1 over half the width and height, and 1 over the area.
    per_width: Each<f32>,
    per_height: Each<f32>,
    per_area: Each<f32>,
    /// Factors from the least pixfrac to its bounds; NaN for pixels with nothing to give.
    lower: Each<f32>,
    upper: Each<f32>,
}

impl Lot {
    /// `None` beyond the room.
    #[inline(always)]
    fn new(room: &Room, start: usize, largest: f64) -> Option<Self> {
        let x = Axis::of(room, 0, start, largest)?;
        let y = Axis::of(room, 1, start, largest)?;
        let gives: &Each<f64> = lot(&room.gives, start)?;
        let area: Each<f64> = each!(k => (x.u[k] * y.v[k] - y.u[k] * x.v[k]).abs());
        let gives: Each<f64> = each!(k => {
            // 0 unless one of them is infinite or NaN.
            let nothing = (x.centre[k] + y.centre[k] + area[k] + x.off[k] + y.off[k]) * 0.0;
            let fits = (x.size[k] <= WIDEST) & (y.size[k] <= WIDEST) & (area[k] > 0.0);
            if fits { gives[k] + nothing } else { f64::NAN }
        });
        let apart: Each<f64> = each!(k => {
            let least = if x.half[k] < y.half[k] { x.half[k] } else { y.half[k] };
            APART + (x.off[k] + y.off[k]) / least
        });
        Some(Self {
            left: each!(k => x.first[k] * gives[k]),
            below: each!(k => y.first[k] * gives[k]),
            size: (most(&x.size, &gives), most(&y.size, &gives)),
            x: each!(k => (x.centre[k] - x.first[k]) as f32),
            y: each!(k => (y.centre[k] - y.first[k]) as f32),
            u: [each!(k => x.u[k] as f32), each!(k => y.u[k] as f32)],
            v: [each!(k => x.v[k] as f32), each!(k => y.v[k] as f32)],
            per_width: each!(k => (1.0 / x.half[k]) as f32),
            per_height: each!(k => (1.0 / y.half[k]) as f32),
            per_area: each!(k => (1.0 / area[k]) as f32),
            lower: each!(k => (gives[k] * (1.0 - apart[k])) as f32),
            upper: each!(k => (gives[k] * (1.0 + apart[k])) as f32),
        })
    }

    /// Lowers the bounds of the pixels that drops can reach.
    #[inline(always)]
    fn give(&self, found: &mut LeastPixfrac) {
        let (columns, rows) = self.size;
        let (first, end) = (found.first as f64, (found.first + found.ny) as f64);
        let nx = found.nx as f64;
        let ((leftmost, rightmost), (lowest, highest)) = (span(&self.left), span(&self.below));
        let misses =
            (leftmost >= nx) | (rightmost + columns <= 0.0) | (lowest >= end) | (highest + rows <= first);
        if misses {
            return;
        }
        let inside =
            (leftmost >= 0.0) & (rightmost + columns <= nx) & (lowest >= first) & (highest + rows <= end);
        if !inside {
            self.give_each(found);
            return;
        }
        let at: Each<usize> = each!(k => ((self.below[k] - first) * nx + self.left[k]) as usize);
        for row in 0..rows as usize {
            for column in 0..columns as usize {
                let (lower, upper) = self.bounds((column as f32, row as f32));
                let offset = row * found.nx + column;
                for k in 0..LOT {
                    if let Some(pixel) = found.bounds.get_mut(at[k] + offset) {
                        lowered(pixel, lower[k], upper[k]);
                    }
                }
            }
        }
    }

    /// The same for pixels near the edge, of which parts may fall off.
    #[inline(never)]
    fn give_each(&self, found: &mut LeastPixfrac) {
        let (columns, rows) = self.size;
        let (first, end) = (found.first as f64, (found.first + found.ny) as f64);
        for row in 0..rows as usize {
            for column in 0..columns as usize {
                let (lower, upper) = self.bounds((column as f32, row as f32));
                for k in 0..LOT {
                    let (x, y) = (self.left[k] + column as f64, self.below[k] + row as f64);
                    if (x >= 0.0) & (x < found.nx as f64) & (y >= first) & (y < end) {
                        let at = (y - first) as usize * found.nx + x as usize;
                        if let Some(pixel) = found.bounds.get_mut(at) {
                            lowered(pixel, lower[k], upper[k]);
                        }
                    }
                }
            }
        }
    }

    /// The bounds of a pixel of each box.
    #[inline(always)]
    fn bounds(&self, (column, row): (f32, f32)) -> (Each<f32>, Each<f32>) {
        let ([ux, uy], [vx, vy]) = (&self.u, &self.v);
        let least: Each<f32> = each!(k => {
            let (dx, dy) = (column - self.x[k], row - self.y[k]);
            let of_u = (dx * uy[k] - dy * ux[k]).abs() - 0.5 * (ux[k].abs() + uy[k].abs());
            let of_v = (dx * vy[k] - dy * vx[k]).abs() - 0.5 * (vx[k].abs() + vy[k].abs());
            let of_x = (dx.abs() - 0.5) * self.per_width[k];
            let of_y = (dy.abs() - 0.5) * self.per_height[k];
            larger(larger(larger(of_x, of_y), larger(of_u, of_v) * self.per_area[k]), 0.0)
        });
        let lower = each!(k => least[k] * self.lower[k] - ROUNDING);
        let upper = each!(k => least[k] * self.upper[k] + ROUNDING);
        (lower, upper)
    }
}

/// One coordinate of the pixels of a lot.
struct Axis {
    centre: Each<f64>,
    /// Half sides.
    u: Each<f64>,
    v: Each<f64>,
    /// Half of what the pixels extend over.
    half: Each<f64>,
    /// How far corners of drops may be off those of parallelograms, relative to pixfrac.
    off: Each<f64>,
    /// The first output pixel that can be reached, and how many can.
    first: Each<f64>,
    size: Each<f64>,
}

impl Axis {
    /// `None` beyond the room.
    #[inline(always)]
    fn of(room: &Room, axis: usize, start: usize, largest: f64) -> Option<Self> {
        let (below, above) = (&room.below[axis], &room.above[axis]);
        let (a, b) = (lot(below, start)?, lot(below, start + 1)?);
        let (d, c) = (lot(above, start)?, lot(above, start + 1)?);
        let centre = lot(&room.centres[axis], start)?;
        let u: Each<f64> = each!(k => ((b[k] + c[k]) - (a[k] + d[k])) * 0.25);
        let v: Each<f64> = each!(k => ((d[k] + c[k]) - (a[k] + b[k])) * 0.25);
        let half: Each<f64> = each!(k => u[k].abs() + v[k].abs());
        let off = each!(k => {
            let middle = ((a[k] + b[k]) + (c[k] + d[k])) * 0.25;
            let warp = ((a[k] + c[k]) - (b[k] + d[k])) * 0.25;
            // A bend anywhere in the pixel moves its middle by a quarter at least of what it moves corners by.
            4.0 * (middle - centre[k]).abs() + warp.abs()
        });
        let first: Each<f64> = each!(k => rounded(centre[k] - half[k] * largest * (1.0 + MARGIN)));
        let size = each!(k => rounded(centre[k] + half[k] * largest * (1.0 + MARGIN)) - first[k] + 1.0);
        Some(Self {
            centre: *centre,
            u,
            v,
            half,
            off,
            first,
            size,
        })
    }
}

/// The numbers of the pixels from `start` on.
#[inline(always)]
fn lot(all: &[f64], start: usize) -> Option<&Each<f64>> {
    all.get(start..)?.first_chunk()
}

/// The largest number of those pixels that have something to give.
#[inline(always)]
fn most(all: &Each<f64>, gives: &Each<f64>) -> f64 {
    let mut most = 0.0;
    for k in 0..LOT {
        let number = all[k] * gives[k];
        most = if number > most { number } else { most };
    }
    most
}

/// The smallest and the largest number, but for NaN.
#[inline(always)]
fn span(all: &Each<f64>) -> (f64, f64) {
    let (mut lowest, mut highest) = (f64::INFINITY, f64::NEG_INFINITY);
    for number in all {
        lowest = if *number < lowest { *number } else { lowest };
        highest = if *number > highest { *number } else { highest };
    }
    (lowest, highest)
}

/// NaN is no bound.
#[inline(always)]
fn lowered(pixel: &mut Bounds, lower: f32, upper: f32) {
    pixel.lower = if lower < pixel.lower { lower } else { pixel.lower };
    pixel.upper = if upper < pixel.upper { upper } else { pixel.upper };
}

#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// To the nearest integer, halves to an even one, for numbers below 2⁵¹.
#[inline(always)]
fn rounded(x: f64) -> f64 {
    (x + WHOLE) - WHOLE
}
