//! The way back from the output to a block of detector pixels.

use super::{Place, Reach};

/// From the output to a block of detector pixels, by way of an affine map.
#[derive(Debug)]
pub(super) struct Back {
    /// The block's middle on the output, and on the detector.
    middle: [f64; 2],
    at: [f64; 2],
    /// Half its columns and rows.
    half: [f64; 2],
    /// Output columns, and rows, per detector column and row; and the other way round.
    ahead: [[f64; 2]; 2],
    slope: [[f64; 2]; 2],
    /// How far something reaches that an affine map has here.
    margin: f64,
}

impl Back {
    /// From the map at nine points of a block. `None` where it is not finite, or maps everything onto a line.
    pub(super) fn new(
        points: [&[[f64; 3]; 3]; 2],
        (columns, rows): ((f64, f64), (f64, f64)),
        reach: f64,
    ) -> Option<Self> {
        let size = [columns.1 - columns.0, rows.1 - rows.0];
        let middle = points.map(|of| of[1][1]);
        let slopes = points.map(|of| [(of[1][2] - of[1][0]) / size[0], (of[2][1] - of[0][1]) / size[1]]);
        let mut off = 0.0_f64;
        for (k, of) in points.into_iter().enumerate() {
            for (j, row) in of.iter().enumerate() {
                for (i, value) in row.iter().enumerate() {
                    let (dx, dy) = ((i as f64 - 1.0) * 0.5 * size[0], (j as f64 - 1.0) * 0.5 * size[1]);
                    let affine = middle[k] + slopes[k][0] * dx + slopes[k][1] * dy;
                    // NaN would not be the greater.
                    let distance = (value - affine).abs();
                    off = if distance <= off { off } else { distance };
                }
            }
        }
        let [[a, b], [c, d]] = slopes;
        let area = a * d - b * c;
        let slope = [[d / area, -b / area], [-c / area, a / area]];
        let known = off.is_finite() && slope.iter().flatten().all(|slope| slope.is_finite());
        known.then_some(Self {
            middle,
            at: [0.5 * (columns.0 + columns.1), 0.5 * (rows.0 + rows.1)],
            half: size.map(|size| 0.5 * size),
            ahead: slopes,
            slope,
            margin: reach + 2.0 * off + 1.0,
        })
    }

    /// The detector columns and rows of the block that can reach a window.
    pub(super) fn extent(&self, window: Place) -> [Reach; 2] {
        let sides = [window.x, window.y];
        let both = |a: Reach, b: Reach| (a.0.max(b.0), a.1.min(b.1));
        [0, 1].map(|axis| {
            let around = self.around(axis, sides);
            both(
                around,
                both(self.between(axis, 0, sides), self.between(axis, 1, sides)),
            )
        })
    }

    /// Detector columns, or rows, of the box around what a window is on the detector.
    fn around(&self, axis: usize, sides: [Reach; 2]) -> Reach {
        let offset = |k: usize| 0.5 * (sides[k].0 + sides[k].1) - self.middle[k];
        let half = |k: usize| 0.5 * (sides[k].1 - sides[k].0) + self.margin;
        let [x, y] = self.slope[axis];
        let middle = self.at[axis] + x * offset(0) + y * offset(1);
        let reach = x.abs() * half(0) + y.abs() * half(1);
        (middle - reach, middle + reach)
    }

    /// Detector columns, or rows, in which the block's pixels can fall between two columns, or rows, of the output: much
    /// less than what is around a window that is wide and low, where the detector is turned.
    fn between(&self, axis: usize, side: usize, sides: [Reach; 2]) -> Reach {
        let (along, across) = (self.ahead[side][axis], self.ahead[side][1 - axis]);
        let margin = self.margin + across.abs() * self.half[1 - axis];
        let (lo, hi) = sides[side];
        let ends = [lo - margin, hi + margin].map(|end| (end - self.middle[side]) / along);
        if ends.iter().any(|end| end.is_nan()) {
            return (f64::NEG_INFINITY, f64::INFINITY);
        }
        (
            self.at[axis] + ends[0].min(ends[1]),
            self.at[axis] + ends[0].max(ends[1]),
        )
    }
}
