//! Which parts of a chip fall on which rows of the output.

use firstlight_drizzle::PixelMapping;
use std::ops::Range;

/// Rows of a block of detector pixels.
pub(crate) const BLOCK_ROWS: usize = 16;
/// Columns of a block.
const BLOCK_COLUMNS: usize = 128;
/// The blocks that a chip is cut into, and where each falls.
#[derive(Debug)]
pub(crate) struct Blocks {
    ny: usize,
    nx: usize,
    /// Blocks in a row of them.
    across: usize,
    places: Vec<Place>,
}

/// The box that holds what a block can reach.
#[derive(Debug, Clone, Copy)]
struct Place {
    x: (f64, f64),
    y: (f64, f64),
}

/// A run of blocks beside one another: detector rows and columns. Parts are drizzled row by row, so that samples add
/// up, and the last one of no weight stays, in the order of the detector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) rows: Range<usize>,
    pub(crate) columns: Range<usize>,
}

impl Blocks {
    /// For a chip of `(ny, nx)` pixels and a kernel that reaches `reach` output pixels beyond a mapped point.
    pub(crate) fn new(map: &impl PixelMapping, (ny, nx): (usize, usize), reach: f64) -> Self {
        let across = nx.div_ceil(BLOCK_COLUMNS);
        let mut places = Vec::with_capacity(across * ny.div_ceil(BLOCK_ROWS));
        for row in (0..ny).step_by(BLOCK_ROWS) {
            for column in (0..nx).step_by(BLOCK_COLUMNS) {
                let last = ((column + BLOCK_COLUMNS).min(nx), (row + BLOCK_ROWS).min(ny));
                let edges = (
                    (column as f64 - 0.5, last.0 as f64 - 0.5),
                    (row as f64 - 0.5, last.1 as f64 - 0.5),
                );
                places.push(Place::new(map, edges, reach));
            }
        }
        Self {
            ny,
            nx,
            across,
            places,
        }
    }

    /// The parts that can reach some rows of an output of `nx` columns, in the order of detector rows.
    pub(crate) fn on(&self, rows: &Range<usize>, nx: usize) -> impl Iterator<Item = Part> {
        let y = (rows.start as f64 - 0.5, rows.end as f64 - 0.5);
        let x = (-0.5, nx as f64 - 0.5);
        let rows_of_blocks = self.places.chunks(self.across.max(1)).enumerate();
        rows_of_blocks.filter_map(move |(row, places)| {
            let first = places.iter().position(|place| place.meets(x, y))?;
            let last = places.iter().rposition(|place| place.meets(x, y))?;
            let row = row * BLOCK_ROWS;
            Some(Part {
                rows: row..(row + BLOCK_ROWS).min(self.ny),
                columns: first * BLOCK_COLUMNS..((last + 1) * BLOCK_COLUMNS).min(self.nx),
            })
        })
    }
}

impl Place {
    /// A block between these columns and rows. The map is taken at nine points; between them it may bow twice as much
    /// as it does between corners and middles.
    fn new(map: &impl PixelMapping, (columns, rows): ((f64, f64), (f64, f64)), reach: f64) -> Self {
        let thirds = |(lo, hi): (f64, f64)| [lo, 0.5 * (lo + hi), hi];
        let (mut x, mut y) = ([[0.0; 3]; 3], [[0.0; 3]; 3]);
        for (j, row) in thirds(rows).into_iter().enumerate() {
            for (i, column) in thirds(columns).into_iter().enumerate() {
                map.map_row(row, column, &mut x[j][i..=i], &mut y[j][i..=i]);
            }
        }
        Self {
            x: extent(&x, reach),
            y: extent(&y, reach),
        }
    }

    fn meets(&self, x: (f64, f64), y: (f64, f64)) -> bool {
        self.x.0 <= x.1 && self.x.1 >= x.0 && self.y.0 <= y.1 && self.y.1 >= y.0
    }
}

/// The range of a coordinate over a block, from its values at nine points; everywhere where one is not finite.
fn extent(values: &[[f64; 3]; 3], reach: f64) -> (f64, f64) {
    let all = || values.iter().flatten().copied();
    if !all().all(f64::is_finite) {
        return (f64::NEG_INFINITY, f64::INFINITY);
    }
    let columns = (0..3).map(|i| values.map(|row| row[i]));
    let bow = values
        .iter()
        .copied()
        .chain(columns)
        .map(|[a, middle, b]| (middle - 0.5 * (a + b)).abs())
        .fold(0.0, f64::max);
    let margin = reach + 2.0 * bow + 1.0;
    let (lo, hi) = all().fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| {
        (lo.min(v), hi.max(v))
    });
    (lo - margin, hi + margin)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Turned, with a bend, and nowhere right of a column.
    struct Bent {
        end: f64,
    }

    impl PixelMapping for Bent {
        fn map_row(&self, y: f64, x0: f64, out_x: &mut [f64], out_y: &mut [f64]) {
            for (i, (out_x, out_y)) in out_x.iter_mut().zip(out_y).enumerate() {
                let x = x0 + i as f64;
                *out_x = if x < self.end {
                    0.8 * x - 0.6 * y + 1e-5 * x * x
                } else {
                    f64::NAN
                };
                *out_y = 0.6 * x + 0.8 * y - 2e-5 * x * y;
            }
        }
    }

    #[test]
    fn every_pixel_is_in_a_part_of_the_rows_it_reaches() {
        for end in [1e9, 300.0] {
            let map = Bent { end };
            let (ny, nx) = (200, 500);
            let blocks = Blocks::new(&map, (ny, nx), 1.0);
            for band in [0..64, 64..128, 300..310] {
                let parts: Vec<Part> = blocks.on(&band, 400).collect();
                for row in 0..ny {
                    let (mut x, mut y) = (vec![0.0; nx], vec![0.0; nx]);
                    map.map_row(row as f64, 0.0, &mut x, &mut y);
                    for column in 0..nx {
                        let on = x[column] > -1.0
                            && x[column] < 400.0
                            && y[column] > band.start as f64 - 1.0
                            && y[column] < band.end as f64;
                        let held = parts
                            .iter()
                            .any(|part| part.rows.contains(&row) && part.columns.contains(&column));
                        assert!(held || !on, "({column}, {row}) on {band:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_lies_elsewhere_is_left_out() {
        let blocks = Blocks::new(&Bent { end: 1e9 }, (200, 500), 1.0);
        assert_eq!(blocks.on(&(2000..2100), 400).count(), 0);
        let parts: usize = blocks
            .on(&(0..10), 400)
            .map(|p| p.rows.len() * p.columns.len())
            .sum();
        assert!(parts > 0 && parts < 200 * 500 / 2, "{parts} pixels");
    }
}
