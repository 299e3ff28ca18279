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

/// A stretch of one axis over which a table is linear: between two elements, or beyond its edges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stretch {
    pub low: usize,
    pub high: usize,
    /// Where it begins and ends, in image pixels.
    pub from: f64,
    pub to: f64,
}

/// Without a table, all is one stretch.
const EVERYWHERE: Stretch = Stretch {
    low: 0,
    high: 0,
    from: f64::NEG_INFINITY,
    to: f64::INFINITY,
};

/// The corrections of both axes over one cell: `c₀ + c₁ X + c₂ Y + c₃ X Y` in its own units.
#[derive(Debug, Clone, Default)]
pub(crate) struct Patch {
    /// Units at pixel 0, and per pixel.
    start: [f64; 2],
    per_pixel: [f64; 2],
    c: [[f64; 4]; 2],
}

impl Patch {
    #[inline(always)]
    pub(crate) fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let u = self.start[0] + x * self.per_pixel[0];
        let v = self.start[1] + y * self.per_pixel[1];
        let value = |c: &[f64; 4]| c[0] + c[2] * v + (c[1] + c[3] * v) * u;
        (value(&self.c[0]), value(&self.c[1]))
    }
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
        // Sizes are below 2³¹, and conversion to i32 is one instruction.
        let below = position as i32;
        (below as usize, position - f64::from(below))
    }

    /// The stretch of an axis that a pixel lies in; `None` for NaN and for tables that run backwards.
    fn stretch(&self, axis: usize, pixel: f64) -> Option<Stretch> {
        let per_pixel = self.per_pixel[axis];
        let position = (pixel - self.pixel[axis]) * per_pixel + self.element[axis];
        let last = self.size[axis].saturating_sub(1);
        let pixel_of = |element: usize| (element as f64 - self.element[axis]) / per_pixel + self.pixel[axis];
        if position.is_nan() || per_pixel <= 0.0 {
            return None;
        }
        Some(if position < 0.0 {
            Stretch {
                to: pixel_of(0),
                ..EVERYWHERE
            }
        } else if position >= last as f64 {
            Stretch {
                low: last,
                high: last,
                from: pixel_of(last),
                to: f64::INFINITY,
            }
        } else {
            let low = position as usize;
            Stretch {
                low,
                high: low + 1,
                from: pixel_of(low),
                to: pixel_of(low + 1),
            }
        })
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

    /// The largest correction of either axis, pixels.
    pub(crate) fn largest(&self) -> f64 {
        let values = self.axes.iter().flatten().flat_map(|table| table.values.iter());
        values.fold(0.0, |largest: f64, &value| largest.max(f64::from(value.abs())))
    }

    /// The stretch of an axis that a pixel lies in, for [`LookupPair::patch`]; `None` where the tables do
    /// not share their cells.
    pub(crate) fn stretch(&self, axis: usize, pixel: f64) -> Option<Stretch> {
        match &self.axes {
            [Some(first), _] if self.shared => first.grid.stretch(axis, pixel),
            [None, None] => Some(EVERYWHERE).filter(|_| !pixel.is_nan()),
            _ => None,
        }
    }

    /// Where stretches of an axis meet, in image pixels.
    pub(crate) fn edges(&self, axis: usize) -> impl Iterator<Item = f64> {
        let grid = self.axes[0]
            .as_ref()
            .filter(|_| self.shared)
            .map(|table| &table.grid);
        grid.into_iter().flat_map(move |grid| {
            let pixel = move |element: usize| {
                (element as f64 - grid.element[axis]) / grid.per_pixel[axis] + grid.pixel[axis]
            };
            (0..grid.size[axis]).map(pixel)
        })
    }

    /// Both corrections over the cell of two stretches; nothing where there are no tables.
    pub(crate) fn patch(&self, x: &Stretch, y: &Stretch) -> Patch {
        let [Some(first), Some(second)] = &self.axes else {
            return Patch::default();
        };
        let grid = &first.grid;
        let start = |axis: usize, low: usize| {
            grid.element[axis] - low as f64 - grid.pixel[axis] * grid.per_pixel[axis]
        };
        let corners = |table: &Lookup| {
            let value = |i: usize, j: usize| {
                table
                    .values
                    .get(j * grid.size[0] + i)
                    .map_or(f64::NAN, |&value| f64::from(value))
            };
            let (a, b) = (value(x.low, y.low), value(x.high, y.low));
            let (c, d) = (value(x.low, y.high), value(x.high, y.high));
            [a, b - a, c - a, d - c - b + a]
        };
        Patch {
            start: [start(0, x.low), start(1, y.low)],
            per_pixel: grid.per_pixel,
            c: [corners(first), corners(second)],
        }
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
    fn patches_are_the_table_over_a_cell() {
        let pair = LookupPair::new([Some(table()), Some(table())]);
        for (x, y) in [
            (-7.0, -3.0),
            (-1.0, 2.0),
            (4.0, 8.9),
            (13.0, 30.0),
            (19.5, 3.0),
            (500.0, 0.0),
        ] {
            let (sx, sy) = (pair.stretch(0, x).unwrap(), pair.stretch(1, y).unwrap());
            assert!(sx.from <= x && x <= sx.to && sy.from <= y && y <= sy.to);
            let (found, expected) = (pair.patch(&sx, &sy).at(x, y), pair.at(x, y));
            assert!(
                (found.0 - expected.0).abs() < 1e-13 && found.0 == found.1,
                "{x} {y}: {found:?}"
            );
        }
        assert_eq!(pair.largest(), 50.0);
        assert!(pair.stretch(0, f64::NAN).is_none());
        let none = LookupPair::default();
        let all = none.stretch(0, 3.0).unwrap();
        assert_eq!(none.patch(&all, &all).at(1.0, 2.0), (0.0, 0.0));
        assert!(LookupPair::new([Some(table()), None]).stretch(0, 1.0).is_none());
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
