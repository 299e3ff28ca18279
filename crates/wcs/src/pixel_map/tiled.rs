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
//! corrections are bilinear: it is mapped from 4×4 points of its own, and a row of one that is low from four. Where D2IM may
//! move pixels over the edge between two cells of NPOL, either cell has points of its own, as if it went on, and pixels go by
//! those of the cell that they come to. Near the corners of cells, and with tables nearly as fine as the pixels, pixels are
//! looked up one by one.

use super::direct::Direct;
use super::form::{Above, Along, Edge, Form, PartOf};
use super::piece::{LEAST_PIECE, Piece, end_of, pieces};
use super::rectangle::Rectangle;
use super::tile::{Cubic, SPAN, Strip, Tile, near};
use crate::arctangent::LANES;
use crate::corrections::{Corrections, Patches};
use std::sync::OnceLock;

/// Tiles reach this far beyond the outermost pixels.
pub(super) const MARGIN: f64 = 1.0;
/// Widths that are tried, in pixels.
const WIDTHS: [f64; 5] = [256.0, 128.0, 64.0, 32.0, 16.0];
/// Points along each axis at which the whole map is measured; a multiple of [`LANES`].
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
    /// For each piece of rows and of columns, once a row of it has been asked for: most maps never come to the edges.
    rectangles: Vec<OnceLock<Option<Box<Form<Rectangle>>>>>,
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
            let columns = pieces(&corrections, 0, size.0, width);
            let rows = pieces(&corrections, 1, size.1, width);
            let map = Self {
                width,
                size,
                tiles,
                rectangles: vec![OnceLock::new(); rows.len() * columns.len()],
                columns,
                rows,
                corrections,
            };
            let smooth_only = map.corrections.is_empty();
            (smooth_only || map.holds(direct, (ny, nx), tolerance_px / 2.0)).then_some(map)
        })
    }

    /// Whether the whole map, tables included, agrees with the exact one all over the image.
    fn holds(&self, direct: &Direct, (ny, nx): (usize, usize), tolerance_px: f64) -> bool {
        let place = |k: usize, n: usize| k as f64 / (PROBES - 1) as f64 * n.saturating_sub(1) as f64;
        (0..PROBES).all(|j| {
            let y = place(j, ny);
            (0..PROBES).step_by(LANES).all(|i| {
                let x = std::array::from_fn(|k| place(i + k, nx));
                let exact = direct.points(x, y);
                x.into_iter()
                    .zip(exact.0.into_iter().zip(exact.1))
                    .all(|(x, exact)| {
                        let (mut xs, mut ys) = ([0.0], [0.0]);
                        self.row(y, x, &mut xs, &mut ys);
                        near((xs[0], ys[0]), exact, tolerance_px)
                    })
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
            let rectangle = rectangles.get(i);
            i += 1;
            let end = if i == self.columns.len() {
                n
            } else {
                end_of(column.to, x0, done, n)
            };
            if end == done {
                continue;
            }
            let part = PartOf {
                column,
                y,
                first: (x0, done),
                count: end - done,
                out: (&mut xs[done..n], &mut ys[done..n]),
            };
            let rectangle = rectangle.map(|made| made.get_or_init(|| self.rectangle(column, row)));
            if let Some(form) = rectangle.and_then(Option::as_deref) {
                let map = form.map.along(v);
                match &form.above {
                    None => part.smooth(&map),
                    Some(above) => part.kinked([&map, &above.map.along(v)], &above.edge),
                }
            } else if let Some(Form { map, above }) = self.along(column, row, y) {
                match &above {
                    None => part.smooth(&map),
                    Some(above) => part.kinked([&map, &above.map], &above.edge),
                }
            } else {
                let strip = self.strip((column.tile, row.tile), y);
                part.looked_up(&strip, self.start(column.tile), &self.corrections);
            }
            done = end;
        }
    }

    /// The map along a row of a piece of columns, from four points; `None` where pixels have to be looked up.
    fn along(&self, column: &Piece, row: &Piece, y: f64) -> Option<Form<Along>> {
        let (columns, rows) = (column.cells.as_ref()?, row.cells.as_ref()?);
        let (strip, start) = (self.strip((column.tile, row.tile), y), self.start(column.tile));
        let through = |tables: &Patches| {
            let (mut to_x, mut to_y) = ([0.0; 4], [0.0; 4]);
            for (node, x) in column.nodes().into_iter().enumerate() {
                (to_x[node], to_y[node]) = strip.at(x - start, &tables.at(x, y));
            }
            (Cubic::through(to_x), Cubic::through(to_y))
        };
        let tables = self
            .corrections
            .patches(&columns.cells(false), &rows.cells(false));
        let (of_x, at) = match (columns.edge(), rows.edge()) {
            (None, None) => {
                let (map, above) = (through(&tables), None);
                return Some(Form { map, above });
            }
            (Some(at), None) => (true, at),
            (None, Some(at)) => (false, at),
            (Some(_), Some(_)) => return None,
        };
        let beyond = self.corrections.patches(&columns.cells(true), &rows.cells(true));
        Some(Form {
            map: through(&tables),
            above: Some(Box::new(Above {
                map: through(&beyond),
                edge: Edge { of_x, at, tables },
            })),
        })
    }

    /// The map where a piece of columns and one of rows meet; `None` where pixels have to be looked up, and where that is so
    /// low that the points for all of it would be as many as those for its rows.
    #[inline(never)]
    fn rectangle(&self, column: &Piece, row: &Piece) -> Option<Box<Form<Rectangle>>> {
        if row.to - row.from < LEAST_PIECE {
            return None;
        }
        let (mut below, mut above, mut edge) = ([Along::default(); 4], [Along::default(); 4], None);
        for (k, y) in row.nodes().into_iter().enumerate() {
            let along = self.along(column, row, y)?;
            below[k] = along.map;
            if let Some(beyond) = along.above {
                (above[k], edge) = (beyond.map, Some(beyond.edge));
            }
        }
        let map = Rectangle::through(&above);
        Some(Box::new(Form {
            map: Rectangle::through(&below),
            above: edge.map(|edge| Box::new(Above { map, edge })),
        }))
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
