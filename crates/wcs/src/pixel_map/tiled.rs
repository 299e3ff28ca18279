//! The map's smooth part on bicubic tiles, its look-up tables exactly.
//!
//! The smooth part `F` takes a detector-corrected pixel through SIP, both CD matrices and both
//! projections. Each tile interpolates it by a polynomial, cubic in x and in y, through 4×4 points, the outer
//! of which it shares with its neighbours. With the corrections `d` (D2IM) of a pixel and `n` (NPOL) of
//! the corrected pixel, the map is `F(x) + F' d + d F" d / 2 + P' n`, where `P'` is the slope of the way
//! between the two undistorted grids. The terms left out are third order in corrections of a tenth of a
//! pixel; that they do not matter is measured before a map is used.

use super::direct::{Direct, Planes};
use crate::arctangent::LANES;
use crate::corrections::{Corrections, Shift};

/// Nodes of a tile along one axis lie at 0, 1, 2 and 3 of its own units.
const SPAN: f64 = 3.0;
/// Tiles reach this far beyond the outermost pixels.
const MARGIN: f64 = 1.0;
/// Widths that are tried, in pixels.
const WIDTHS: [f64; 5] = [256.0, 128.0, 64.0, 32.0, 16.0];
/// Pixels of a row that are mapped by a cubic, at least.
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

/// One tile: the values of `F` at its nodes, `[y][x]`, and `P'` at its four corners.
#[derive(Debug, Clone)]
struct Tile {
    x: [[f64; 4]; 4],
    y: [[f64; 4]; 4],
    slopes: [[Slope; 2]; 2],
    /// Half of `F"` in the middle: of `dx²`, `2 dx dy` and `dy²`, for X and for Y, per pixel².
    curvature: [[f64; 3]; 2],
}

/// `[[∂X/∂x, ∂X/∂y], [∂Y/∂x, ∂Y/∂y]]`.
type Slope = [[f64; 2]; 2];

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
            let map = Self {
                width,
                size,
                tiles,
                corrections: direct.corrections.clone(),
            };
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
        let j = self.tile_of(y, self.size.1);
        let v = self.within(y, j);
        let mut done = 0;
        while done < xs.len() {
            let i = self.tile_of(x0 + done as f64, self.size.0);
            let end = self.end_of(i, x0, xs.len()).max(done + 1);
            let strip = Strip::new(&self.tiles[j * self.size.0 + i], v, SPAN / self.width);
            let (out_x, out_y) = (&mut xs[done..end], &mut ys[done..end]);
            let start = i as f64 * self.width - MARGIN;
            if self.corrections.is_empty() {
                strip.smooth(start, (x0, done), out_x, out_y);
            } else {
                self.corrected(&strip, start, y, (x0, done), (out_x, out_y));
            }
            done = end;
        }
    }

    /// `F` and what the corrections change, at the points `x0 + first`, … of the tile that starts at `start`.
    ///
    /// Along a row, a piece that lies in one tile and in one cell of each table is as good as a cubic: `F` is one, and
    /// corrections are linear. So it is made from four points, unless it is too short for that to pay.
    #[inline(always)]
    fn corrected(
        &self,
        strip: &Strip,
        start: f64,
        y: f64,
        (x0, first): (f64, usize),
        (xs, ys): (&mut [f64], &mut [f64]),
    ) {
        for (range, piece) in self.corrections.pieces(y, (x0, first), xs.len()) {
            let pixels = first + range.start;
            let out = xs[range.clone()].iter_mut().zip(&mut ys[range]).enumerate();
            let Some(piece) = piece else {
                for (k, (out_x, out_y)) in out {
                    let x = x0 + (pixels + k) as f64;
                    (*out_x, *out_y) = strip.at(x - start, &self.corrections.at(x, y));
                }
                continue;
            };
            let (from, to) = (piece.from.max(start), piece.to.min(start + self.width));
            if to - from < LEAST_PIECE {
                for (k, (out_x, out_y)) in out {
                    let x = x0 + (pixels + k) as f64;
                    (*out_x, *out_y) = strip.at(x - start, &piece.at(x, y));
                }
                continue;
            }
            let per_pixel = SPAN / (to - from);
            let mut nodes = ([0.0; 4], [0.0; 4]);
            for (node, place) in [0.0, 1.0, 2.0, SPAN].into_iter().enumerate() {
                let x = from + place / per_pixel;
                (nodes.0[node], nodes.1[node]) = strip.at(x - start, &piece.at(x, y));
            }
            let along_x = Cubic::through(nodes.0, per_pixel);
            let along_y = Cubic::through(nodes.1, per_pixel);
            for (k, (out_x, out_y)) in out {
                let u = (x0 + (pixels + k) as f64 - from) * per_pixel;
                (*out_x, *out_y) = (along_x.at(u), along_y.at(u));
            }
        }
    }

    /// The tile of a coordinate; beyond the outermost tiles, those go on. NaN is in the first.
    fn tile_of(&self, coordinate: f64, tiles: usize) -> usize {
        (((coordinate + MARGIN) / self.width).max(0.0) as usize).min(tiles - 1)
    }

    /// The place in a tile, in its own units.
    fn within(&self, coordinate: f64, tile: usize) -> f64 {
        (coordinate + MARGIN - tile as f64 * self.width) * (SPAN / self.width)
    }

    /// The first of the points `x0 + k` that is not in tile `i` any more, but at most `n`.
    fn end_of(&self, i: usize, x0: f64, n: usize) -> usize {
        if i + 1 >= self.size.0 {
            return n;
        }
        let mut end = ((i + 1) as f64 * self.width - MARGIN - x0).ceil().max(0.0) as usize;
        // Rounding must not put a point in another tile than `tile_of` does.
        while end > 0 && self.tile_of(x0 + (end - 1) as f64, self.size.0) > i {
            end -= 1;
        }
        while end < n && self.tile_of(x0 + end as f64, self.size.0) <= i {
            end += 1;
        }
        end.min(n)
    }
}

/// NaN is near nothing, and infinity is not near itself.
fn near(a: (f64, f64), b: (f64, f64), tolerance: f64) -> bool {
    (a.0 - b.0).abs() <= tolerance && (a.1 - b.1).abs() <= tolerance
}

impl Tile {
    /// The tile with its first node at `corner`, unless it is further than `tolerance` from `smooth`
    /// midway between nodes, where a cubic is furthest from what it interpolates.
    fn new(smooth: &Direct, corner: (f64, f64), width: f64, tolerance: f64) -> Option<Self> {
        let place = |node: f64, start: f64| start + node * (width / SPAN);
        let none = [[0.0; 4]; 4];
        let mut tile = Self {
            x: none,
            y: none,
            slopes: [[[[0.0; 2]; 2]; 2]; 2],
            curvature: [[0.0; 3]; 2],
        };
        for (j, (row_x, row_y)) in tile.x.iter_mut().zip(&mut tile.y).enumerate() {
            let y = place(j as f64, corner.1);
            for (i, (x, value)) in row_x.iter_mut().zip(row_y).enumerate() {
                (*x, *value) = smooth.point(place(i as f64, corner.0), y);
            }
        }
        for (j, row) in tile.slopes.iter_mut().enumerate() {
            for (i, slope) in row.iter_mut().enumerate() {
                let at = (place(SPAN * i as f64, corner.0), place(SPAN * j as f64, corner.1));
                *slope = slope_of(&smooth.planes, smooth.input.pix2foc(at.0, at.1));
            }
        }
        let per_pixel = SPAN / width;
        tile.curvature = [&tile.x, &tile.y].map(|nodes| curvature(nodes).map(|c| c * per_pixel * per_pixel));
        for v in [0.4, 1.5, 2.6] {
            let strip = Strip::new(&tile, v, per_pixel);
            for u in [0.4, 1.5, 2.6] {
                let exact = smooth.point(place(u, corner.0), place(v, corner.1));
                if !near((strip.x.at(u), strip.y.at(u)), exact, tolerance) {
                    return None;
                }
            }
        }
        Some(tile)
    }
}

/// Half the second differences in the middle of 4×4 nodes: along x twice, x and y, along y twice.
fn curvature(f: &[[f64; 4]; 4]) -> [f64; 3] {
    // At 1.5 of a cubic through 0, 1, 2 and 3: f" = (f₀ − f₁ − f₂ + f₃) / 2, f' = (f₀ − 27 f₁ + 27 f₂ − f₃) / 24,
    // f = (−f₀ + 9 f₁ + 9 f₂ − f₃) / 16.
    let bent = [0.5, -0.5, -0.5, 0.5];
    let slope = [1.0 / 24.0, -27.0 / 24.0, 27.0 / 24.0, -1.0 / 24.0];
    let value = [-1.0 / 16.0, 9.0 / 16.0, 9.0 / 16.0, -1.0 / 16.0];
    let sum = |across: [f64; 4], along: [f64; 4]| -> f64 {
        let rows = f
            .iter()
            .zip(across)
            .map(|(row, a)| a * row.iter().zip(along).map(|(f, w)| f * w).sum::<f64>());
        rows.sum()
    };
    [sum(value, bent) / 2.0, sum(slope, slope), sum(bent, value) / 2.0]
}

/// The slope of the way between undistorted pixels, by central differences over two pixels.
fn slope_of(planes: &Planes, (x, y): (f64, f64)) -> Slope {
    let lanes: ([f64; LANES], [f64; LANES]) = ([x + 1.0, x - 1.0, x, x], [y, y, y + 1.0, y - 1.0]);
    let (ox, oy) = planes.map(lanes.0, lanes.1);
    [
        [(ox[0] - ox[1]) / 2.0, (ox[2] - ox[3]) / 2.0],
        [(oy[0] - oy[1]) / 2.0, (oy[2] - oy[3]) / 2.0],
    ]
}

/// A cubic in a tile's own units, `c₀ + c₁ u + c₂ u² + c₃ u³`, and units per pixel.
#[derive(Debug, Clone, Copy)]
struct Cubic {
    c: [f64; 4],
    per_pixel: f64,
}

impl Cubic {
    /// Through the values at 0, 1, 2 and 3.
    fn through(f: [f64; 4], per_pixel: f64) -> Self {
        // Newton's forward differences, multiplied out.
        let (d1, d2, d3) = (
            f[1] - f[0],
            f[2] - 2.0 * f[1] + f[0],
            f[3] - 3.0 * (f[2] - f[1]) - f[0],
        );
        Self {
            c: [f[0], d1 - d2 / 2.0 + d3 / 3.0, (d2 - d3) / 2.0, d3 / 6.0],
            per_pixel,
        }
    }

    #[inline(always)]
    fn at(&self, u: f64) -> f64 {
        let c = self.c;
        ((c[3] * u + c[2]) * u + c[1]) * u + c[0]
    }

    /// The change per pixel.
    #[inline(always)]
    fn slope(&self, u: f64) -> f64 {
        let c = self.c;
        ((3.0 * c[3] * u + 2.0 * c[2]) * u + c[1]) * self.per_pixel
    }
}

/// A tile along one row.
struct Strip {
    x: Cubic,
    y: Cubic,
    /// Change of `x` and `y` per pixel across the row.
    x_across: Cubic,
    y_across: Cubic,
    /// `P'` at both ends.
    slopes: [Slope; 2],
    curvature: [[f64; 3]; 2],
    per_pixel: f64,
}

impl Strip {
    /// The row at `v` of the tile's own units.
    fn new(tile: &Tile, v: f64, per_pixel: f64) -> Self {
        let column = |nodes: &[[f64; 4]; 4], i: usize| {
            let cubic = Cubic::through(std::array::from_fn(|j| nodes[j][i]), per_pixel);
            (cubic.at(v), cubic.slope(v))
        };
        let along = |nodes: &[[f64; 4]; 4]| {
            let columns: [(f64, f64); 4] = std::array::from_fn(|i| column(nodes, i));
            (
                Cubic::through(columns.map(|c| c.0), per_pixel),
                Cubic::through(columns.map(|c| c.1), per_pixel),
            )
        };
        let ((x, x_across), (y, y_across)) = (along(&tile.x), along(&tile.y));
        let slopes = std::array::from_fn(|i| mixed(&tile.slopes[0][i], &tile.slopes[1][i], v / SPAN));
        Self {
            x,
            y,
            x_across,
            y_across,
            slopes,
            curvature: tile.curvature,
            per_pixel,
        }
    }

    /// `F` alone, at the points `x0 + first`, …
    #[inline(always)]
    fn smooth(&self, start: f64, (x0, first): (f64, usize), xs: &mut [f64], ys: &mut [f64]) {
        for (k, (x, y)) in xs.iter_mut().zip(ys).enumerate() {
            let u = (x0 + (first + k) as f64 - start) * self.per_pixel;
            *x = self.x.at(u);
            *y = self.y.at(u);
        }
    }

    /// `F` and what the corrections change, so many pixels from the tile's start.
    #[inline(always)]
    fn at(&self, pixels: f64, shift: &Shift) -> (f64, f64) {
        let [cx, cy] = self.curvature;
        let [from, to] = self.slopes;
        let ((dx, dy), (nx, ny)) = (shift.d2im, shift.npol);
        let u = pixels * self.per_pixel;
        let t = u / SPAN;
        let slope = |i: usize, j: usize| from[i][j] + (to[i][j] - from[i][j]) * t;
        let (xx, xy, yy) = (dx * dx, dx * dy, dy * dy);
        let bent_x = cx[0] * xx + cx[1] * xy + cx[2] * yy;
        let bent_y = cy[0] * xx + cy[1] * xy + cy[2] * yy;
        let x =
            self.x.slope(u) * dx + self.x_across.at(u) * dy + slope(0, 0) * nx + slope(0, 1) * ny + bent_x;
        let y =
            self.y.slope(u) * dx + self.y_across.at(u) * dy + slope(1, 0) * nx + slope(1, 1) * ny + bent_y;
        (self.x.at(u) + x, self.y.at(u) + y)
    }
}

/// `a (1 - t) + b t`.
fn mixed(a: &Slope, b: &Slope, t: f64) -> Slope {
    std::array::from_fn(|i| std::array::from_fn(|j| a[i][j] + (b[i][j] - a[i][j]) * t))
}
