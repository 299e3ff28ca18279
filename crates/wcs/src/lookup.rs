//! Distortion look-up tables: corrections in pixels on a coarse grid, interpolated bilinearly.

use std::sync::Arc;

/// One table: the correction of one axis (the draft WCS Paper IV's `Lookup`).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lookup {
    /// Size in x and y.
    pub size: [usize; 2],
    /// The table's element (0-based) at which the image's pixel (0-based) is `pixel`.
    pub element: [f64; 2],
    /// See `element`.
    pub pixel: [f64; 2],
    /// Image pixels per table element.
    pub step: [f64; 2],
    /// Corrections in pixels, row after row.
    pub values: Arc<[f32]>,
}

impl Lookup {
    /// The correction at an image pixel; beyond the table's edges, that of the edge. NaN for NaN.
    pub(crate) fn at(&self, x: f64, y: f64) -> f64 {
        let (i, fx) = self.locate(0, x);
        let (j, fy) = self.locate(1, y);
        let nx = self.size[0];
        let right = usize::from(i + 1 < nx);
        let up = if j + 1 < self.size[1] { nx } else { 0 };
        let corner = j * nx + i;
        let value = |k: usize| self.values.get(k).map_or(f64::NAN, |&v| f64::from(v));
        let (gx, gy) = (1.0 - fx, 1.0 - fy);
        value(corner) * gx * gy
            + value(corner + up) * gx * fy
            + value(corner + right) * fx * gy
            + value(corner + right + up) * fx * fy
    }

    /// The element at or below a pixel coordinate, and how far beyond it the coordinate lies.
    fn locate(&self, axis: usize, pixel: f64) -> (usize, f64) {
        let position = (pixel - self.pixel[axis]) / self.step[axis] + self.element[axis];
        let last = self.size[axis].saturating_sub(1) as f64;
        // NaN passes through both comparisons, and is element 0 with a fraction of NaN.
        let position = if position < 0.0 {
            0.0
        } else if position > last {
            last
        } else {
            position
        };
        let below = position as usize;
        (below, position - below as f64)
    }
}

/// The corrections of both axes, either of which may be absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct LookupPair {
    pub axes: [Option<Lookup>; 2],
}

impl LookupPair {
    pub(crate) fn is_empty(&self) -> bool {
        self.axes.iter().all(Option::is_none)
    }

    /// Both corrections at an image pixel.
    pub(crate) fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let correction = |axis: usize| self.axes[axis].as_ref().map_or(0.0, |table| table.at(x, y));
        (correction(0), correction(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Lookup {
        Lookup {
            size: [3, 2],
            element: [0.0, 0.0],
            pixel: [-1.0, -1.0],
            step: [10.0, 10.0],
            values: vec![0.0, 1.0, 3.0, 10.0, 20.0, 50.0].into(),
        }
    }

    #[test]
    fn bilinear_between_elements_and_constant_beyond() {
        let t = table();
        assert_eq!(t.at(-1.0, -1.0), 0.0);
        assert_eq!(t.at(4.0, -1.0), 0.5);
        assert_eq!(t.at(-1.0, 4.0), 5.0);
        assert_eq!(t.at(14.0, 9.0), 35.0);
        assert_eq!(t.at(1e9, 1e9), 50.0);
        assert_eq!(t.at(-1e9, -50.0), 0.0);
        assert!(t.at(f64::NAN, 0.0).is_nan() && t.at(0.0, f64::NAN).is_nan());
    }

    #[test]
    fn one_row_serves_all_rows() {
        let t = Lookup {
            size: [3, 1],
            values: vec![1.0, 2.0, 3.0].into(),
            ..table()
        };
        assert_eq!(t.at(4.0, 0.0), 1.5);
        assert_eq!(t.at(4.0, 77.0), 1.5);
    }
}
