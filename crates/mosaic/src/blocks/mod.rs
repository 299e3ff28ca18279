//! Which parts of a chip fall on which rows of the output.

mod back;

use crate::Window;
use back::Back;
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
    rows: Vec<RowOfBlocks>,
}

/// Blocks beside one another.
#[derive(Debug)]
struct RowOfBlocks {
    /// Around all of them.
    around: Place,
    blocks: Vec<Block>,
}

/// Some detector pixels.
#[derive(Debug)]
struct Block {
    place: Place,
    /// The way back, unless it is not known.
    back: Option<Back>,
}

/// The box that holds what a block can reach.
#[derive(Debug, Clone, Copy)]
struct Place {
    x: Reach,
    y: Reach,
}

/// From the lowest to the highest.
pub(crate) type Reach = (f64, f64);

/// Detector rows and columns within a run of blocks beside one another. Parts are drizzled row by row, so that samples
/// add up, and the last one of no weight stays, in the order of the detector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) rows: Range<usize>,
    pub(crate) columns: Range<usize>,
}

impl Blocks {
    /// For a chip of `(ny, nx)` pixels and a kernel that reaches `reach` output pixels beyond a mapped point.
    pub(crate) fn new(map: &impl PixelMapping, (ny, nx): (usize, usize), reach: f64) -> Self {
        let columns = nodes(nx, BLOCK_COLUMNS);
        let mut below = Line::new(map, &columns, -0.5);
        let mut rows = Vec::with_capacity(ny.div_ceil(BLOCK_ROWS));
        for pair in nodes(ny, BLOCK_ROWS)[1..].chunks_exact(2) {
            let [middle, above] = [pair[0], pair[1]].map(|row| Line::new(map, &columns, row));
            let lines = [&below, &middle, &above];
            let firsts = (0..columns.len() - 1).step_by(2);
            let blocks: Vec<Block> = firsts.map(|first| Block::new(lines, first, reach)).collect();
            let nowhere = (f64::INFINITY, f64::NEG_INFINITY);
            let around = Place {
                x: nowhere,
                y: nowhere,
            };
            let around = blocks.iter().map(|block| block.place).fold(around, Place::joined);
            rows.push(RowOfBlocks { around, blocks });
            below = above;
        }
        Self { ny, nx, rows }
    }

    /// The columns of the output that hold all that can reach some of its rows; what no map is known of is everywhere.
    pub(crate) fn columns(&self, rows: &Range<usize>) -> Option<Reach> {
        let all = Place {
            x: (f64::NEG_INFINITY, f64::INFINITY),
            y: edges(rows),
        };
        let blocks = self.rows.iter().filter(|row| row.around.meets(all));
        let places = blocks.flat_map(|row| row.blocks.iter().map(|block| block.place));
        let around = places.filter(|place| place.meets(all)).reduce(Place::joined)?;
        Some(around.x)
    }

    /// The parts that can reach a window of the output, in the order of detector rows.
    pub(crate) fn on(&self, window: &Window) -> impl Iterator<Item = Part> {
        let window = Place {
            x: edges(&window.columns),
            y: edges(&window.rows),
        };
        let rows = self.rows.iter().enumerate();
        let rows = rows.filter(move |(_, row)| row.around.meets(window));
        rows.filter_map(move |(k, row)| {
            let start = k * BLOCK_ROWS;
            let size = (self.nx, (start + BLOCK_ROWS).min(self.ny));
            let blocks = row.blocks.iter().enumerate();
            let parts = blocks.filter_map(|(k, block)| block.part(window, (k * BLOCK_COLUMNS, start), size));
            parts.reduce(|a, b| Part {
                rows: a.rows.start.min(b.rows.start)..a.rows.end.max(b.rows.end),
                columns: a.columns.start..b.columns.end,
            })
        })
    }
}

impl Block {
    /// The block whose points in three lines are from the `first` on. The map is taken at nine points; between them it may
    /// bow twice as much as it does between corners and middles.
    fn new(lines: [&Line; 3], first: usize, reach: f64) -> Self {
        let three = |all: &[f64]| [all[first], all[first + 1], all[first + 2]];
        let (x, y) = (lines.map(|line| three(&line.x)), lines.map(|line| three(&line.y)));
        let columns = (lines[0].columns[first], lines[0].columns[first + 2]);
        let rows = (lines[0].row, lines[2].row);
        Self {
            place: Place {
                x: extent(&x, reach),
                y: extent(&y, reach),
            },
            back: Back::new([&x, &y], (columns, rows), reach),
        }
    }

    /// What of the block that begins at a column and row, and ends before others at the latest, can reach a window.
    fn part(&self, window: Place, (left, bottom): (usize, usize), end: (usize, usize)) -> Option<Part> {
        if !self.place.meets(window) {
            return None;
        }
        let whole = Part {
            rows: bottom..end.1,
            columns: left..(left + BLOCK_COLUMNS).min(end.0),
        };
        let Some(back) = &self.back else {
            return Some(whole);
        };
        let [columns, rows] = back.extent(window);
        // The casts saturate.
        let within = |of: Reach, whole: &Range<usize>| {
            let (first, end) = (of.0.floor() as usize, (of.1 as usize).saturating_add(2));
            first.max(whole.start)..end.min(whole.end)
        };
        let part = Part {
            rows: within(rows, &whole.rows),
            columns: within(columns, &whole.columns),
        };
        (!part.rows.is_empty() && !part.columns.is_empty()).then_some(part)
    }
}

/// Points of the detector in one row, and where the map has them.
struct Line<'c> {
    columns: &'c [f64],
    row: f64,
    x: Vec<f64>,
    y: Vec<f64>,
}

impl<'c> Line<'c> {
    fn new(map: &impl PixelMapping, columns: &'c [f64], row: f64) -> Self {
        let (mut x, mut y) = (vec![0.0; columns.len()], vec![0.0; columns.len()]);
        for (k, column) in columns.iter().enumerate() {
            map.map_row(row, *column, &mut x[k..=k], &mut y[k..=k]);
        }
        Self { columns, row, x, y }
    }
}

/// The edges and middles of blocks along an axis of `n` pixels.
fn nodes(n: usize, size: usize) -> Vec<f64> {
    let blocks = (0..n).step_by(size).flat_map(|first| {
        let (lo, hi) = edges(&(first..(first + size).min(n)));
        [0.5 * (lo + hi), hi]
    });
    std::iter::once(-0.5).chain(blocks).collect()
}

/// The edges of some columns, or rows.
fn edges(of: &Range<usize>) -> Reach {
    (of.start as f64 - 0.5, of.end as f64 - 0.5)
}

impl Place {
    fn meets(self, other: Self) -> bool {
        let meet = |a: Reach, b: Reach| a.0 <= b.1 && a.1 >= b.0;
        meet(self.x, other.x) && meet(self.y, other.y)
    }

    fn joined(self, other: Self) -> Self {
        let join = |a: Reach, b: Reach| (a.0.min(b.0), a.1.max(b.1));
        Self {
            x: join(self.x, other.x),
            y: join(self.y, other.y),
        }
    }
}

/// The range of a coordinate over a block, from its values at nine points; everywhere where one is not finite.
fn extent(values: &[[f64; 3]; 3], reach: f64) -> Reach {
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
mod tests;
