//! Where points of the input fall on the output.

use crate::{Error, Result};

/// Maps points of the input detector to points of the output, both 0-based with integers at the centres of
/// pixels.
///
/// The same point must always give the same bits.
pub trait PixelMapping: Sync {
    /// Maps the points `(x0 + i, y)` for `i` in `0..out_x.len()`.
    ///
    /// A point that falls nowhere is NaN in either coordinate; whatever touches it is left out. Points may
    /// lie up to half a pixel off the detector.
    fn map_row(&self, y: f64, x0: f64, out_x: &mut [f64], out_y: &mut [f64]);
}

/// A map given as the output position of every input pixel's centre.
///
/// Between the centres it is interpolated bilinearly, and beyond the outermost ones extrapolated.
#[derive(Debug, Clone, Copy)]
pub struct ArrayMap<'a> {
    ny: usize,
    nx: usize,
    x: &'a [f64],
    y: &'a [f64],
}

impl<'a> ArrayMap<'a> {
    /// `x` and `y` have shape `(ny, nx)`, that of the input.
    ///
    /// # Errors
    /// [`Error::Shape`] where an array has another size, or there are fewer than 2 rows or columns.
    pub fn new(ny: usize, nx: usize, x: &'a [f64], y: &'a [f64]) -> Result<Self> {
        let expected = ny.saturating_mul(nx);
        for (what, array) in [("pixel map in x", x), ("pixel map in y", y)] {
            if array.len() != expected {
                return Err(Error::Shape {
                    what,
                    expected,
                    found: array.len(),
                });
            }
        }
        if ny < 2 || nx < 2 {
            return Err(Error::Shape {
                what: "pixel map (two rows and columns)",
                expected: 4,
                found: expected,
            });
        }
        Ok(Self { ny, nx, x, y })
    }
}

impl PixelMapping for ArrayMap<'_> {
    fn map_row(&self, y: f64, x0: f64, out_x: &mut [f64], out_y: &mut [f64]) {
        // A cast saturates, so a point far outside is extrapolated from the edge, and NaN from the first cell.
        let row = (y.max(0.0) as usize).min(self.ny - 2) * self.nx;
        let fy = y - (row / self.nx) as f64;
        for (i, (out_x, out_y)) in out_x.iter_mut().zip(out_y).enumerate() {
            let x = x0 + i as f64;
            let column = (x.max(0.0) as usize).min(self.nx - 2);
            let fx = x - column as f64;
            let at = row + column;
            *out_x = bilinear(self.x, at, self.nx, fx, fy);
            *out_y = bilinear(self.y, at, self.nx, fx, fy);
        }
    }
}

/// A corner without share in the result may be NaN without spoiling it.
fn bilinear(table: &[f64], at: usize, nx: usize, fx: f64, fy: f64) -> f64 {
    let corners = [
        (table[at], (1.0 - fx) * (1.0 - fy)),
        (table[at + 1], fx * (1.0 - fy)),
        (table[at + nx], (1.0 - fx) * fy),
        (table[at + nx + 1], fx * fy),
    ];
    corners
        .iter()
        .filter(|(_, share)| *share != 0.0)
        .map(|(value, share)| value * share)
        .sum()
}
