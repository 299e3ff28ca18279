//! Distortion look-up tables: corrections in pixels on a coarse grid, interpolated bilinearly.

use std::sync::Arc;

/// Where a table's elements lie on the image.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TableGrid {
    /// Number of elements in x and y; at least one.
    pub size: [usize; 2],
    /// The element (0-based) that lies on the image's pixel (0-based) `pixel`.
    pub element: [f64; 2],
    /// See `element`.
    pub pixel: [f64; 2],
    /// Table elements per image pixel.
    pub per_pixel: [f64; 2],
}

/// The corner elements around a pixel, and its distances from the first of them.
struct Cell {
    first: usize,
    right: usize,
    up: usize,
    fx: f64,
    fy: f64,
}

impl TableGrid {
    fn locate(&self, x: f64, y: f64) -> Cell {
        let (i, fx) = self.locate_along(0, x);
        let (j, fy) = self.locate_along(1, y);
        let nx = self.size[0];
        let right = usize::from(i + 1 < nx);
        let up = if j + 1 < self.size[1] { nx } else { 0 };
        Cell {
            first: j * nx + i,
            right,
            up,
            fx,
            fy,
        }
    }

    /// The element at or below a pixel coordinate, and how far beyond it the coordinate lies.
    fn locate_along(&self, axis: usize, pixel: f64) -> (usize, f64) {
        let position = (pixel - self.pixel[axis]) * self.per_pixel[axis] + self.element[axis];
        let last = self.size[axis].saturating_sub(1) as f64;
        // NaN passes through both comparisons, and is element 0 with a fraction of NaN.
        let position = if position < 0.0 { 0.0 } else { position };
        let position = if position > last { last } else { position };
        let below = position as usize;
        (below, position - below as f64)
    }
}

/// One table: the correction of one axis (the draft WCS Paper IV's `Lookup`).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lookup {
    pub grid: TableGrid,
    /// Corrections in pixels, row after row.
    pub values: Arc<[f32]>,
}

impl Lookup {
    /// The correction at an image pixel; beyond the table's edges, that of the edge. NaN for NaN.
    pub(crate) fn at(&self, x: f64, y: f64) -> f64 {
        self.interpolated(&self.grid.locate(x, y))
    }

    fn interpolated(&self, cell: &Cell) -> f64 {
        let value = |offset: usize| {
            self.values
                .get(cell.first + offset)
                .map_or(f64::NAN, |&v| f64::from(v))
        };
        let (gx, gy) = (1.0 - cell.fx, 1.0 - cell.fy);
        (value(0) * gx + value(cell.right) * cell.fx) * gy
            + (value(cell.up) * gx + value(cell.up + cell.right) * cell.fx) * cell.fy
    }
}

/// The corrections of both axes, either of which may be absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct LookupPair {
    axes: [Option<Lookup>; 2],
    /// Whether both tables lie on the same elements, as they do in practice.
    shared: bool,
}

impl LookupPair {
    pub(crate) fn new(axes: [Option<Lookup>; 2]) -> Self {
        let shared = matches!(&axes, [Some(x), Some(y)] if x.grid == y.grid);
        Self { axes, shared }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.axes.iter().all(Option::is_none)
    }

    /// Both corrections at an image pixel.
    pub(crate) fn at(&self, x: f64, y: f64) -> (f64, f64) {
        if self.shared
            && let [Some(first), Some(second)] = &self.axes
        {
            let cell = first.grid.locate(x, y);
            return (first.interpolated(&cell), second.interpolated(&cell));
        }
        let correction = |axis: usize| self.axes[axis].as_ref().map_or(0.0, |table| table.at(x, y));
        (correction(0), correction(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> TableGrid {
        TableGrid {
            size: [3, 2],
            element: [0.0, 0.0],
            pixel: [-1.0, -1.0],
            per_pixel: [0.1, 0.1],
        }
    }

    fn table() -> Lookup {
        Lookup {
            grid: grid(),
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
            grid: TableGrid {
                size: [3, 1],
                ..grid()
            },
            values: vec![1.0, 2.0, 3.0].into(),
        };
        assert_eq!(t.at(4.0, 0.0), 1.5);
        assert_eq!(t.at(4.0, 77.0), 1.5);
    }

    #[test]
    fn a_pair_gives_what_its_tables_give() {
        let other = Lookup {
            grid: TableGrid {
                pixel: [5.0, 0.0],
                ..grid()
            },
            ..table()
        };
        for pair in [
            LookupPair::new([Some(table()), Some(table())]),
            LookupPair::new([Some(table()), Some(other.clone())]),
        ] {
            let [Some(first), Some(second)] = &pair.axes else {
                panic!("both are there")
            };
            assert_eq!(pair.at(7.3, 2.2), (first.at(7.3, 2.2), second.at(7.3, 2.2)));
        }
        assert_eq!(LookupPair::new([None, Some(table())]).at(4.0, -1.0), (0.0, 0.5));
        assert!(LookupPair::default().is_empty());
    }
}
