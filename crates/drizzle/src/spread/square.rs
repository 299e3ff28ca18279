//! The square kernel: the exact area that a quadrilateral has in common with each output pixel.
//!
//! What of the quadrilateral lies left of a line and below another follows from its edges: each contributes the
//! width it crosses left of the line times its mean height, cut off at the other line, and going round the
//! outline these add up. A pixel's share is the difference of four such areas. All of it is arithmetic without
//! branches, on four edges at a time.

use super::{Clip, Points, Spread, nearest};

/// Shares below this are rounding, not overlap.
const LEAST_SHARE: f64 = 1e-12;
/// An edge that rises less than this is tilted by as much, so that its rise can divide.
const LEAST_RISE: f64 = 1e-13;

pub(crate) struct Square;

impl Spread<4> for Square {
    fn reach(&self) -> f64 {
        1.0
    }

    #[inline(always)]
    fn spread(
        &self,
        points: &Points<4>,
        clip: Clip,
        scratch: &mut Vec<f64>,
        mut put: impl FnMut(i64, i64, f64),
    ) {
        let [a, b, c, d] = *points;
        let area = 0.5 * ((a.0 - c.0) * (b.1 - d.1) - (b.0 - d.0) * (a.1 - c.1));
        let columns = (
            nearest(lesser(lesser(a.0, b.0), lesser(c.0, d.0))),
            nearest(greater(greater(a.0, b.0), greater(c.0, d.0))),
        );
        let rows = (
            nearest(lesser(lesser(a.1, b.1), lesser(c.1, d.1))),
            nearest(greater(greater(a.1, b.1), greater(c.1, d.1))),
        );
        let off = columns.1 < 0 || columns.0 >= clip.nx || rows.1 < clip.y0 || rows.0 >= clip.y1;
        if off || area == 0.0 || !area.is_finite() {
            return;
        }
        // The areas must not depend on how the output is cut into bands, or the bits of the result would.
        let (first, last) = (columns.0.max(0), columns.1.min(clip.nx - 1));
        let (lowest, highest) = (rows.0.max(0), rows.1.min(clip.ny - 1));
        let per_area = 1.0 / area;
        let mut put = |column: i64, row: i64, area_here: f64| {
            let share = area_here * per_area;
            if share > LEAST_SHARE && row >= clip.y0 && row < clip.y1 {
                put(column, row, share);
            }
        };
        let edges = Edges::new([a, b, c, d], first as f64 - 0.5, lowest as f64 - 0.5);
        if (columns.1 - columns.0, rows.1 - rows.0) == (1, 1) && (last - first, highest - lowest) == (1, 1) {
            // Four pixels: what nearly all samples fall on where the cameras' axes lie along the output's.
            let left = edges.left_of(1.0);
            let (left_all, left_below, all_below) = (left.all(), left.below(1.0), edges.whole().below(1.0));
            put(first, lowest, left_below);
            put(last, lowest, all_below - left_below);
            put(first, highest, left_all - left_below);
            put(last, highest, (area - all_below) - (left_all - left_below));
            return;
        }
        let height = (highest - lowest + 2) as usize;
        if scratch.len() < height {
            scratch.resize(height, 0.0);
        }
        // Areas left of the column and below each of the rows' lower edges and the last one's upper edge.
        let left = &mut scratch[..height];
        if columns.0 < first {
            let pieces = edges.left_of(0.0);
            for (row, left) in left.iter_mut().enumerate() {
                *left = pieces.below(row as f64);
            }
        } else {
            left.fill(0.0);
        }
        for column in first..last + 1 {
            let whole = column == columns.1;
            let pieces = if whole {
                edges.whole()
            } else {
                edges.left_of((column - first + 1) as f64)
            };
            let mut below = if rows.0 < lowest { pieces.below(0.0) } else { 0.0 };
            let mut left_below = std::mem::replace(&mut left[0], below);
            for (row, left) in (lowest..highest + 1).zip(&mut left[1..]) {
                let here = if row < rows.1 {
                    pieces.below((row - lowest + 1) as f64)
                } else {
                    pieces.all()
                };
                let left_here = std::mem::replace(left, here);
                put(column, row, (here - below) - (left_here - left_below));
                (below, left_below) = (here, left_here);
            }
        }
    }
}

// Unlike `f64::min` and `max` these are one instruction: which of the two a NaN gives does not matter.
#[inline(always)]
fn lesser(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

#[inline(always)]
fn greater(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// The four edges, in order around the outline.
struct Edges {
    x0: [f64; 4],
    y0: [f64; 4],
    x1: [f64; 4],
    y1: [f64; 4],
    slope: [f64; 4],
}

impl Edges {
    /// Counted from `left` and `below`.
    #[inline(always)]
    fn new(corners: Points<4>, left: f64, below: f64) -> Self {
        let x0 = corners.map(|(x, _)| x - left);
        let y0 = corners.map(|(_, y)| y - below);
        let x1 = [x0[1], x0[2], x0[3], x0[0]];
        let y1 = [y0[1], y0[2], y0[3], y0[0]];
        let mut slope = [0.0; 4];
        for e in 0..4 {
            let run = x1[e] - x0[e];
            // A vertical edge crosses no width, whatever its slope is.
            slope[e] = (y1[e] - y0[e]) / if run == 0.0 { 1.0 } else { run };
        }
        Self {
            x0,
            y0,
            x1,
            y1,
            slope,
        }
    }

    /// The edges as they are.
    #[inline(always)]
    fn whole(&self) -> Pieces {
        Pieces::new(self.x0, self.x1, self.y0, self.y1)
    }

    /// What of the edges lies left of the line at `x`.
    #[inline(always)]
    fn left_of(&self, x: f64) -> Pieces {
        let (mut xa, mut xb, mut ya, mut yb) = ([0.0; 4], [0.0; 4], [0.0; 4], [0.0; 4]);
        for e in 0..4 {
            let (x0, y0, y1) = (self.x0[e], self.y0[e], self.y1[e]);
            let (lowest, highest) = (lesser(y0, y1), greater(y0, y1));
            xa[e] = lesser(x0, x);
            xb[e] = lesser(self.x1[e], x);
            ya[e] = greater(lesser(y0 + self.slope[e] * (xa[e] - x0), highest), lowest);
            yb[e] = greater(lesser(y0 + self.slope[e] * (xb[e] - x0), highest), lowest);
        }
        Pieces::new(xa, xb, ya, yb)
    }
}

/// Edges cut off at a line: their heights at both ends and what width they cross.
struct Pieces {
    width: [f64; 4],
    from: [f64; 4],
    to: [f64; 4],
    width_per_rise: [f64; 4],
}

impl Pieces {
    #[inline(always)]
    fn new(xa: [f64; 4], xb: [f64; 4], ya: [f64; 4], yb: [f64; 4]) -> Self {
        let mut pieces = Self {
            width: [0.0; 4],
            from: ya,
            to: yb,
            width_per_rise: [0.0; 4],
        };
        for e in 0..4 {
            let tilt = if (yb[e] - ya[e]).abs() < LEAST_RISE {
                LEAST_RISE
            } else {
                0.0
            };
            pieces.from[e] = ya[e] - tilt;
            pieces.to[e] = yb[e] + tilt;
            // Going round against the clock, the lower edges run to the right and take away.
            pieces.width[e] = xa[e] - xb[e];
            pieces.width_per_rise[e] = pieces.width[e] / (pieces.to[e] - pieces.from[e]);
        }
        pieces
    }

    /// The area that lies below the line at `y`.
    #[inline(always)]
    fn below(&self, y: f64) -> f64 {
        let areas: [f64; 4] = std::array::from_fn(|e| {
            let (from, to) = (self.from[e], self.to[e]);
            let (lo, hi) = (lesser(from, y), lesser(to, y));
            let sloping = 0.5 * (hi - lo) * (hi + lo);
            let above = y * (greater(to, y) - greater(from, y));
            self.width_per_rise[e] * (sloping + above)
        });
        (areas[0] + areas[2]) + (areas[1] + areas[3])
    }

    /// All of the area.
    #[inline(always)]
    fn all(&self) -> f64 {
        let areas: [f64; 4] = std::array::from_fn(|e| 0.5 * self.width[e] * (self.from[e] + self.to[e]));
        (areas[0] + areas[2]) + (areas[1] + areas[3])
    }
}
