//! Which parts of a chip fall on which rows of the output.

use crate::Window;
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

/// From the output to a block of detector pixels, by way of an affine map.
#[derive(Debug)]
struct Back {
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
        let row_of_blocks = |row: usize| {
            let blocks = (0..nx).step_by(BLOCK_COLUMNS).map(|column| {
                let last = ((column + BLOCK_COLUMNS).min(nx), (row + BLOCK_ROWS).min(ny));
                let edges = (
                    (column as f64 - 0.5, last.0 as f64 - 0.5),
                    (row as f64 - 0.5, last.1 as f64 - 0.5),
                );
                Block::new(map, edges, reach)
            });
            let blocks: Vec<Block> = blocks.collect();
            let places = blocks.iter().map(|block| block.place);
            let nowhere = (f64::INFINITY, f64::NEG_INFINITY);
            let around = places.fold(
                Place {
                    x: nowhere,
                    y: nowhere,
                },
                Place::joined,
            );
            RowOfBlocks { around, blocks }
        };
        let rows = (0..ny).step_by(BLOCK_ROWS).map(row_of_blocks).collect();
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

impl Back {
    /// From the map at nine points of a block. `None` where it is not finite, or maps everything onto a line.
    fn new(
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
    fn extent(&self, window: Place) -> [Reach; 2] {
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
    fn every_pixel_is_in_a_part_of_the_windows_it_reaches() {
        let windows = [
            (0..400, 0..64),
            (0..400, 64..128),
            (0..400, 300..310),
            (100..140, 90..120),
            (77..78, 141..142),
        ];
        for end in [1e9, 300.0] {
            let map = Bent { end };
            let (ny, nx) = (200, 500);
            let blocks = Blocks::new(&map, (ny, nx), 1.0);
            for (columns, rows) in windows.clone() {
                let window = Window { columns, rows };
                let (left, right) = (window.columns.start as f64, window.columns.end as f64);
                let (low, high) = (window.rows.start as f64, window.rows.end as f64);
                let parts: Vec<Part> = blocks.on(&window).collect();
                for row in 0..ny {
                    let (mut x, mut y) = (vec![0.0; nx], vec![0.0; nx]);
                    map.map_row(row as f64, 0.0, &mut x, &mut y);
                    for column in 0..nx {
                        let on = x[column] > left - 1.0
                            && x[column] < right
                            && y[column] > low - 1.0
                            && y[column] < high;
                        let held = parts
                            .iter()
                            .any(|part| part.rows.contains(&row) && part.columns.contains(&column));
                        assert!(held || !on, "({column}, {row}) on {window:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn every_pixel_that_reaches_a_row_is_in_its_columns() {
        let (map, (ny, nx)) = (Bent { end: 1e9 }, (200, 500));
        let blocks = Blocks::new(&map, (ny, nx), 1.0);
        for rows in [0..64, 64..128, 300..310] {
            let (lo, hi) = blocks.columns(&rows).unwrap();
            let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
            for row in 0..ny {
                let (mut x, mut y) = (vec![0.0; nx], vec![0.0; nx]);
                map.map_row(row as f64, 0.0, &mut x, &mut y);
                let reached = x.iter().zip(&y);
                for (x, _) in reached.filter(|(_, y)| **y > rows.start as f64 - 1.0 && **y < rows.end as f64)
                {
                    (least, greatest) = (least.min(*x), greatest.max(*x));
                }
            }
            assert!(lo <= least - 1.0 && hi >= greatest + 1.0);
            assert!(hi - lo < greatest - least + 250.0, "{lo} {hi} {least} {greatest}");
        }
        assert!(blocks.columns(&(2000..2100)).is_none());
        let unknown = Blocks::new(&Bent { end: 300.0 }, (ny, nx), 1.0);
        assert_eq!(
            unknown.columns(&(200..264)),
            Some((f64::NEG_INFINITY, f64::INFINITY))
        );
    }

    #[test]
    fn a_small_window_has_few_pixels() {
        let blocks = Blocks::new(&Bent { end: 1e9 }, (200, 500), 1.0);
        let window = Window {
            columns: 77..78,
            rows: 141..142,
        };
        let parts: Vec<Part> = blocks.on(&window).collect();
        let pixels: usize = parts
            .iter()
            .map(|part| part.rows.len() * part.columns.len())
            .sum();
        assert!(pixels > 3 && pixels < 200, "{parts:?}");
    }

    #[test]
    fn a_wide_window_has_what_falls_between_its_rows() {
        let blocks = Blocks::new(&Bent { end: 1e9 }, (200, 500), 1.0);
        let window = Window::of_rows(150..170, 400);
        let parts: Vec<Part> = blocks.on(&window).collect();
        // Twenty rows are 33 columns, which are shifted by 21 columns from the first row of a block to the last.
        assert!(parts.len() > 5, "{parts:?}");
        assert!(parts.iter().all(|part| part.columns.len() < 70), "{parts:?}");
    }

    #[test]
    fn what_lies_elsewhere_is_left_out() {
        let blocks = Blocks::new(&Bent { end: 1e9 }, (200, 500), 1.0);
        assert_eq!(blocks.on(&Window::of_rows(2000..2100, 400)).count(), 0);
        let parts: usize = blocks
            .on(&Window::of_rows(0..10, 400))
            .map(|p| p.rows.len() * p.columns.len())
            .sum();
        assert!(parts > 0 && parts < 200 * 500 / 2, "{parts} pixels");
    }
}
