//! Input pixels beside one another and the output pixels around each.
//!
//! A parallelogram about `c` with half sides `u` and `v`, shrunk to `p` of its size, and the square of an output pixel about
//! `s` are apart exactly where they are along an axis, or along the normal of one of the parallelogram's sides: that is for `p` up
//! to the largest of `(|dx| - ½) / (|ux| + |vx|)`, `(|dy| - ½) / (|uy| + |vy|)`, `(|d × u| - ½ (|ux| + |uy|)) / |u × v|` and
//! `(|d × v| - ½ (|vx| + |vy|)) / |u × v|`, where `d = s - c`.

use super::{Bounds, LeastPixfrac, Room};
use pulp::{Simd, WithSimd};
use std::array::from_fn;

/// Pixels in a lot, whose arithmetic is done together.
const LOT: usize = 16;
/// How far bounds are from their middle at least, relative to it: so far that a drop that reaches a pixel has more of its area
/// in it than is taken for rounding.
const APART: f32 = 2e-5;
/// The same as a number, for what single precision leaves open.
const ROUNDING: f32 = 2e-6;
/// Boxes are larger than the largest drops by this, relatively, so that all bounds near the largest drops are found.
const MARGIN: f64 = 1e-3;
/// Larger boxes are those of pixels that are mapped near a pole or another place where nothing can be said.
const WIDEST: f64 = 4096.0;

/// One number for each pixel of a lot.
type Each<T> = [T; LOT];

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
        let nx = self.room.gives.len();
        for start in (0..nx).step_by(LOT) {
            Lot::new(self.room, start, self.largest).give(self.found);
        }
    }
}

/// Pixels beside one another. Lengths are in output pixels, in single precision from the first pixel of each box on.
struct Lot {
    /// Whether there is a pixel that has something to give.
    gives: Each<bool>,
    /// The first column and row of the output that each may reach.
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
    #[inline(always)]
    fn new(room: &Room, start: usize, largest: f64) -> Self {
        let count = LOT.min(room.gives.len() - start);
        // What is beyond the last pixel has nothing to give.
        let load = |from: &[f64], shift: usize| -> Each<f64> {
            match from.get(start + shift..start + shift + LOT) {
                Some(all) => from_fn(|k| all[k]),
                None => from_fn(|k| from.get(start + shift + k).copied().unwrap_or(0.0)),
            }
        };
        let axis = |axis: usize| {
            let (below, above) = (&room.below[axis], &room.above[axis]);
            let (a, b) = (load(below, 0), load(below, 1));
            let (c, d) = (load(above, 1), load(above, 0));
            Axis::new([a, b, c, d], load(&room.centres[axis], 0), largest)
        };
        let (x, y) = (axis(0), axis(1));
        let area: Each<f64> = from_fn(|k| (x.u[k] * y.v[k] - y.u[k] * x.v[k]).abs());
        let gives = from_fn(|k| {
            // 0 unless one of them is infinite or NaN.
            let finite = (x.centre[k] + y.centre[k] + area[k] + x.off[k] + y.off[k]) * 0.0 == 0.0;
            let fits = (x.size[k] <= WIDEST) & (y.size[k] <= WIDEST);
            finite & fits & (area[k] > 0.0) & (k < count) && room.gives.get(start + k) == Some(&true)
        });
        let most = |size: &Each<f64>| {
            let sizes = size.iter().zip(&gives).filter(|(_, gives)| **gives);
            sizes.fold(0.0, |most, (size, _)| f64::max(most, *size))
        };
        let single = |values: &Each<f64>| -> Each<f32> { from_fn(|k| values[k] as f32) };
        let per = |values: &Each<f64>| -> Each<f32> { from_fn(|k| (1.0 / values[k]) as f32) };
        let apart: Each<f32> = from_fn(|k| {
            let least = f64::min(x.half[k], y.half[k]);
            APART + ((x.off[k] + y.off[k]) / least) as f32
        });
        Self {
            size: (most(&x.size), most(&y.size)),
            x: from_fn(|k| (x.centre[k] - x.first[k]) as f32),
            y: from_fn(|k| (y.centre[k] - y.first[k]) as f32),
            u: [single(&x.u), single(&y.u)],
            v: [single(&x.v), single(&y.v)],
            per_width: per(&x.half),
            per_height: per(&y.half),
            per_area: per(&area),
            lower: from_fn(|k| if gives[k] { 1.0 - apart[k] } else { f32::NAN }),
            upper: from_fn(|k| if gives[k] { 1.0 + apart[k] } else { f32::NAN }),
            left: x.first,
            below: y.first,
            gives,
        }
    }

    /// Lowers the bounds of the pixels that drops can reach.
    #[inline(always)]
    fn give(&self, found: &mut LeastPixfrac) {
        let (columns, rows) = self.size;
        let (first, end) = (found.first as f64, (found.first + found.ny) as f64);
        let nx = found.nx as f64;
        let mut at = [0; LOT];
        let (mut inside, mut outside) = (true, true);
        for k in 0..LOT {
            let (left, below) = (self.left[k], self.below[k]);
            let holds = (left >= 0.0) & (left + columns <= nx) & (below >= first) & (below + rows <= end);
            let misses = (left >= nx) | (left + columns <= 0.0) | (below >= end) | (below + rows <= first);
            inside &= holds | !self.gives[k];
            outside &= misses | !self.gives[k];
            if holds {
                at[k] = (below - first) as usize * found.nx + left as usize;
            }
        }
        if outside {
            return;
        }
        for row in 0..rows as usize {
            for column in 0..columns as usize {
                let bounds = self.bounds((column as f32, row as f32));
                if inside {
                    let offset = row * found.nx + column;
                    for k in 0..LOT {
                        if let Some(pixel) = found.bounds.get_mut(at[k] + offset) {
                            lowered(pixel, bounds[k]);
                        }
                    }
                    continue;
                }
                for k in 0..LOT {
                    let (x, y) = (self.left[k] + column as f64, self.below[k] + row as f64);
                    let holds = (x >= 0.0) & (x < nx) & (y >= first) & (y < end);
                    if holds & self.gives[k] {
                        let at = (y - first) as usize * found.nx + x as usize;
                        if let Some(pixel) = found.bounds.get_mut(at) {
                            lowered(pixel, bounds[k]);
                        }
                    }
                }
            }
        }
    }

    /// The bounds of a pixel of each box.
    #[inline(always)]
    fn bounds(&self, (column, row): (f32, f32)) -> Each<Bounds> {
        let ([ux, uy], [vx, vy]) = (&self.u, &self.v);
        from_fn(|k| {
            let (dx, dy) = (column - self.x[k], row - self.y[k]);
            let across = |x: f32, y: f32| (dx * y - dy * x).abs() - 0.5 * (x.abs() + y.abs());
            let least = [
                (dy.abs() - 0.5) * self.per_height[k],
                across(ux[k], uy[k]) * self.per_area[k],
                across(vx[k], vy[k]) * self.per_area[k],
                0.0,
            ];
            let least = least
                .into_iter()
                .fold((dx.abs() - 0.5) * self.per_width[k], larger);
            Bounds {
                lower: least * self.lower[k] - ROUNDING,
                upper: least * self.upper[k] + ROUNDING,
            }
        })
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
    /// From the corners around pixels and the centres.
    #[inline(always)]
    fn new([a, b, c, d]: [Each<f64>; 4], centre: Each<f64>, largest: f64) -> Self {
        let u: Each<f64> = from_fn(|k| ((b[k] + c[k]) - (a[k] + d[k])) * 0.25);
        let v: Each<f64> = from_fn(|k| ((d[k] + c[k]) - (a[k] + b[k])) * 0.25);
        let half: Each<f64> = from_fn(|k| u[k].abs() + v[k].abs());
        let off = from_fn(|k| {
            let middle = ((a[k] + b[k]) + (c[k] + d[k])) * 0.25;
            let warp = ((a[k] + c[k]) - (b[k] + d[k])) * 0.25;
            // A bend anywhere in the pixel moves its middle by a quarter at least of what it moves corners by.
            4.0 * (middle - centre[k]).abs() + warp.abs()
        });
        let reach: Each<f64> = from_fn(|k| half[k] * largest * (1.0 + MARGIN));
        let first: Each<f64> = from_fn(|k| rounded(centre[k] - reach[k]));
        let size = from_fn(|k| rounded(centre[k] + reach[k]) - first[k] + 1.0);
        Self {
            centre,
            u,
            v,
            half,
            off,
            first,
            size,
        }
    }
}

/// NaN is no bound.
#[inline(always)]
fn lowered(pixel: &mut Bounds, by: Bounds) {
    pixel.lower = if by.lower < pixel.lower {
        by.lower
    } else {
        pixel.lower
    };
    pixel.upper = if by.upper < pixel.upper {
        by.upper
    } else {
        pixel.upper
    };
}

#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// To the nearest integer, halves to an even one, for numbers below 2⁵¹.
#[inline(always)]
fn rounded(x: f64) -> f64 {
    // Beyond this there are no fractions; adding leaves the rest of a number no room for any.
    const WHOLE: f64 = 6_755_399_441_055_744.0;
    (x + WHOLE) - WHOLE
}
