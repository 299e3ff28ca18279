//! The map's smooth part on bicubic tiles, its look-up tables exactly.
//!
//! The smooth part `F` takes a detector-corrected pixel through SIP, both CD matrices and both
//! projections. Each tile interpolates it by a polynomial, cubic in x and in y, through 4×4 points, the outer
//! of which it shares with its neighbours. With the corrections `d` (D2IM) of a pixel and `n` (NPOL) of
//! the corrected pixel, the map is `F(x) + F' d + d F" d / 2 + P' n`, where `P'` is the slope of the way
//! between the two undistorted grids. The terms left out are third order in corrections of a tenth of a
//! pixel; that they do not matter is measured before a map is used.
//!
//! A rectangle that lies in one tile and in one cell of each table is as good as a cubic along both axes, for there
//! corrections are bilinear: it is mapped from 4×4 points of its own, and a row of one that is low from four. Pixels that
//! D2IM may move over the edge of a cell of NPOL, and tables nearly as fine as the pixels, are looked up one by one.

use super::direct::Direct;
use super::rectangle::Rectangle;
use super::tile::{Cubic, SPAN, Strip, Tile, near};
use crate::corrections::{Cells, Corrections};

/// Tiles reach this far beyond the outermost pixels.
const MARGIN: f64 = 1.0;
/// Widths that are tried, in pixels.
const WIDTHS: [f64; 5] = [256.0, 128.0, 64.0, 32.0, 16.0];
/// Pieces of columns that are mapped from few points have at least so many pixels; of smaller ones, each is looked up.
/// Pieces of rows have as many for points that serve all rows.
const LEAST_PIECE: f64 = 8.0;
/// Points along each axis at which the whole map is measured.
const PROBES: usize = 96;

#[derive(Debug, Clone)]
pub(super) struct Tiled {
    width: f64,
    /// Tiles in x and y.
    size: (usize, usize),
    tiles: Vec<Tile>,
    corrections: Corrections,
    columns: Vec<Piece>,
    rows: Vec<Piece>,
    /// For each piece of rows and of columns.
    rectangles: Vec<Option<Rectangle>>,
}

/// A piece of an axis that lies in one tile, and in one cell of each table if at all. The first and the last go on.
#[derive(Debug, Clone)]
struct Piece {
    from: f64,
    to: f64,
    tile: usize,
    /// Unless pixels have to be looked up.
    cells: Option<Cells>,
}

impl Piece {
    /// Which piece a coordinate is in. NaN is in the first.
    fn at(pieces: &[Self], coordinate: f64) -> usize {
        let before = pieces.partition_point(|piece| piece.to <= coordinate);
        before.min(pieces.len().saturating_sub(1))
    }

    /// Units in which its nodes are at 0, 1, 2 and 3.
    #[inline(always)]
    fn per_pixel(&self) -> f64 {
        SPAN / (self.to - self.from)
    }

    fn nodes(&self) -> [f64; 4] {
        [0.0, 1.0, 2.0, SPAN].map(|place| self.from + place / self.per_pixel())
    }
}

/// A row to be mapped. Compiled for several generations of processors, of which the right one is chosen when it runs;
/// all give the same bits.
struct RowOf<'r> {
    map: &'r Tiled,
    y: f64,
    x0: f64,
    xs: &'r mut [f64],
    ys: &'r mut [f64],
}

impl pulp::WithSimd for RowOf<'_> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        self.map.row_of(self.y, self.x0, self.xs, self.ys);
    }
}

impl Tiled {
    /// The map to within `tolerance_px`, or `None` where no tiles are good enough.
    pub(super) fn new(direct: &Direct, (ny, nx): (usize, usize), tolerance_px: f64) -> Option<Self> {
        let smooth = direct.without_tables();
        WIDTHS.iter().find_map(|&width| {
            let count = |n: usize| (((n as f64 + 2.0 * MARGIN) / width).ceil() as usize).max(1);
            let size = (count(nx), count(ny));
            let mut tiles = Vec::with_capacity(size.0 * size.1);
            for j in 0..size.1 {
                for i in 0..size.0 {
                    let corner = (i as f64 * width - MARGIN, j as f64 * width - MARGIN);
                    tiles.push(Tile::new(&smooth, corner, width, tolerance_px / 2.0)?);
                }
            }
            let corrections = direct.corrections.clone();
            let mut map = Self {
                width,
                size,
                tiles,
                columns: pieces(&corrections, 0, size.0, width),
                rows: pieces(&corrections, 1, size.1, width),
                rectangles: Vec::new(),
                corrections,
            };
            map.rectangles = map.rectangles();
            let smooth_only = map.corrections.is_empty();
            (smooth_only || map.holds(direct, (ny, nx), tolerance_px / 2.0)).then_some(map)
        })
    }

    /// Whether the whole map, tables included, agrees with the exact one all over the image.
    fn holds(&self, direct: &Direct, (ny, nx): (usize, usize), tolerance_px: f64) -> bool {
        let place = |k: usize, n: usize| k as f64 / (PROBES - 1) as f64 * n.saturating_sub(1) as f64;
        (0..PROBES).all(|j| {
            (0..PROBES).all(|i| {
                let (x, y) = (place(i, nx), place(j, ny));
                let (mut xs, mut ys) = ([0.0], [0.0]);
                self.row(y, x, &mut xs, &mut ys);
                near((xs[0], ys[0]), direct.point(x, y), tolerance_px)
            })
        })
    }

    pub(super) fn row(&self, y: f64, x0: f64, xs: &mut [f64], ys: &mut [f64]) {
        pulp::Arch::new().dispatch(RowOf {
            map: self,
            y,
            x0,
            xs,
            ys,
        });
    }

    #[inline(always)]
    fn row_of(&self, y: f64, x0: f64, xs: &mut [f64], ys: &mut [f64]) {
        let (at_row, n) = (Piece::at(&self.rows, y), xs.len().min(ys.len()));
        let Some(row) = self.rows.get(at_row) else {
            return;
        };
        let rectangles = self.rectangles.get(at_row * self.columns.len()..).unwrap_or(&[]);
        let v = (y - row.from) * row.per_pixel();
        let (mut done, mut i) = (0, Piece::at(&self.columns, x0));
        while let Some(column) = self.columns.get(i).filter(|_| done < n) {
            let rectangle = rectangles.get(i).and_then(Option::as_ref);
            i += 1;
            let end = if i == self.columns.len() {
                n
            } else {
                end_of(column.to, x0, done, n)
            };
            if end == done {
                continue;
            }
            let out = xs[done..end].iter_mut().zip(&mut ys[done..end]);
            if let Some((along_x, along_y)) = match rectangle {
                Some(rectangle) => Some(rectangle.along(v)),
                None => self.along(column, row, y),
            } {
                let per_pixel = column.per_pixel();
                for (k, (out_x, out_y)) in out.enumerate() {
                    let u = (x0 + (done + k) as f64 - column.from) * per_pixel;
                    (*out_x, *out_y) = (along_x.at(u), along_y.at(u));
                }
            } else {
                let (strip, start) = (self.strip((column.tile, row.tile), y), self.start(column.tile));
                for (k, (out_x, out_y)) in out.enumerate() {
                    let x = x0 + (done + k) as f64;
                    (*out_x, *out_y) = strip.at(x - start, &self.corrections.at(x, y));
                }
            }
            done = end;
        }
    }

    /// The map along a row of a piece of columns, from four points; `None` where pixels have to be looked up.
    fn along(&self, column: &Piece, row: &Piece, y: f64) -> Option<(Cubic, Cubic)> {
        let tables = self
            .corrections
            .patches(column.cells.as_ref()?, row.cells.as_ref()?);
        let (strip, start) = (self.strip((column.tile, row.tile), y), self.start(column.tile));
        let (mut to_x, mut to_y) = ([0.0; 4], [0.0; 4]);
        for (node, x) in column.nodes().into_iter().enumerate() {
            (to_x[node], to_y[node]) = strip.at(x - start, &tables.at(x, y));
        }
        Some((Cubic::through(to_x), Cubic::through(to_y)))
    }

    /// The rectangles where pieces of rows and columns meet; none where pixels have to be looked up, nor where they are so
    /// low that the points for all of one would be as many as those for its rows.
    fn rectangles(&self) -> Vec<Option<Rectangle>> {
        let rows = self.rows.iter();
        let rectangle = |row: &Piece, column: &Piece| {
            if row.to - row.from < LEAST_PIECE {
                return None;
            }
            let mut rows = [(Cubic::default(), Cubic::default()); 4];
            for (along, y) in rows.iter_mut().zip(row.nodes()) {
                *along = self.along(column, row, y)?;
            }
            Some(Rectangle::through(&rows))
        };
        rows.flat_map(|row| self.columns.iter().map(move |column| rectangle(row, column)))
            .collect()
    }

    /// Where a tile starts.
    fn start(&self, tile: usize) -> f64 {
        tile as f64 * self.width - MARGIN
    }

    /// A tile along the row `y`.
    #[inline(always)]
    fn strip(&self, (i, j): (usize, usize), y: f64) -> Strip {
        let per_pixel = SPAN / self.width;
        Strip::new(
            &self.tiles[j * self.size.0 + i],
            (y - self.start(j)) * per_pixel,
            per_pixel,
        )
    }
}

/// The first of the points `x0 + k` from `k` on that is not below `to` any more, but at most `n`.
fn end_of(to: f64, x0: f64, k: usize, n: usize) -> usize {
    let mut end = ((to - x0).ceil().max(0.0) as usize).clamp(k, n);
    // Rounding must not put a point in another piece than it would find by itself.
    while end > k && x0 + (end - 1) as f64 >= to {
        end -= 1;
    }
    while end < n && x0 + (end as f64) < to {
        end += 1;
    }
    end
}

/// An axis of so many tiles cut where they meet, and where the tables' cells do.
fn pieces(corrections: &Corrections, axis: usize, tiles: usize, width: f64) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let all: Vec<f64> = corrections.breaks(axis).collect();
    for tile in 0..tiles {
        let (start, end) = (tile as f64 * width - MARGIN, (tile + 1) as f64 * width - MARGIN);
        let inside = all.iter().copied().filter(|at| *at > start && *at < end);
        let mut breaks: Vec<f64> = inside.collect();
        breaks.sort_by(f64::total_cmp);
        breaks.dedup();
        let mut from = start;
        for to in breaks.into_iter().chain([end]) {
            let cells = corrections.along(axis, 0.5 * (from + to));
            pieces.push(Piece {
                from,
                to,
                tile,
                cells: cells.filter(|_| axis > 0 || to - from >= LEAST_PIECE),
            });
            from = to;
        }
    }
    pieces
}
