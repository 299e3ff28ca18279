//! The map's smooth part on bicubic tiles, its look-up tables exactly.
//!
//! The smooth part `F` takes a detector-corrected pixel through SIP, both CD matrices and both
//! projections. Each tile interpolates it by a polynomial, cubic in x and in y, through 4×4 points, the outer
//! of which it shares with its neighbours. With the corrections `d` (D2IM) of a pixel and `n` (NPOL) of
//! the corrected pixel, the map is `F(x) + F' d + P' n`, where `P'` is the slope of the way between the
//! two undistorted grids. The terms left out are second order in corrections that are a tenth of a
//! pixel; that they do not matter is measured before a map is used.

use super::direct::{Direct, Planes};
use crate::arctangent::LANES;
use crate::lookup::LookupPair;

/// Nodes of a tile along one axis lie at 0, 1, 2 and 3 of its own units.
const SPAN: f64 = 3.0;
/// Tiles reach this far beyond the outermost pixels.
const MARGIN: f64 = 1.0;
/// Widths that are tried, in pixels.
const WIDTHS: [f64; 5] = [256.0, 128.0, 64.0, 32.0, 16.0];
/// Points along each axis at which the whole map is measured.
const PROBES: usize = 96;

#[derive(Debug, Clone)]
pub(super) struct Tiled {
    width: f64,
    /// Tiles in x and y.
    size: (usize, usize),
    tiles: Vec<Tile>,
    npol: LookupPair,
    d2im: LookupPair,
}

/// One tile: the values of `F` at its nodes, `[y][x]`, and `P'` at its four corners.
#[derive(Debug, Clone)]
struct Tile {
    x: [[f64; 4]; 4],
    y: [[f64; 4]; 4],
    slopes: [[Slope; 2]; 2],
}

/// `[[∂X/∂x, ∂X/∂y], [∂Y/∂x, ∂Y/∂y]]`.
type Slope = [[f64; 2]; 2];

impl Tiled {
    /// The map to within `tolerance_px`, or `None` where no tiles are good enough.
    pub(super) fn new(direct: &Direct, (ny, nx): (usize, usize), tolerance_px: f64) -> Option<Self> {
        let smooth = Direct {
            input: without_tables(direct),
            planes: direct.planes.clone(),
        };
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
            let npol = direct.input.npol.clone();
            let d2im = direct.input.d2im.clone();
            let map = Self {
                width,
                size,
                tiles,
                npol,
                d2im,
            };
            (map.npol.is_empty() && map.d2im.is_empty() || map.holds(direct, (ny, nx), tolerance_px / 2.0))
                .then_some(map)
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
        let j = self.tile_of(y, self.size.1);
        let v = self.within(y, j);
        let mut done = 0;
        while done < xs.len() {
            let i = self.tile_of(x0 + done as f64, self.size.0);
            let end = self.end_of(i, x0, xs.len()).max(done + 1);
            let strip = Strip::new(&self.tiles[j * self.size.0 + i], v, SPAN / self.width);
            let (out_x, out_y) = (&mut xs[done..end], &mut ys[done..end]);
            let start = i as f64 * self.width - MARGIN;
            let from = (x0, done);
            if self.npol.is_empty() && self.d2im.is_empty() {
                strip.smooth(from, start, out_x, out_y);
            } else {
                self.with_tables(&strip, from, start, y, (out_x, out_y));
            }
            done = end;
        }
    }

    fn with_tables(
        &self,
        strip: &Strip,
        (x0, first): (f64, usize),
        start: f64,
        y: f64,
        (out_x, out_y): (&mut [f64], &mut [f64]),
    ) {
        for (k, (out_x, out_y)) in out_x.iter_mut().zip(out_y).enumerate() {
            let x = x0 + (first + k) as f64;
            let u = (x - start) * strip.per_pixel;
            let (dx, dy) = self.d2im.at(x, y);
            let (nx, ny) = self.npol.at(x + dx, y + dy);
            let slope = strip.slope(u);
            let (fx, gx) = strip.x.with_slope(u);
            let (fy, gy) = strip.y.with_slope(u);
            let (hx, hy) = (strip.x_across.at(u), strip.y_across.at(u));
            *out_x = fx + gx * dx + hx * dy + slope[0][0] * nx + slope[0][1] * ny;
            *out_y = fy + gy * dx + hy * dy + slope[1][0] * nx + slope[1][1] * ny;
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

fn without_tables(direct: &Direct) -> crate::Wcs {
    let none = LookupPair::default;
    crate::Wcs {
        npol: none(),
        d2im: none(),
        ..direct.input.clone()
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
        let mut tile = Self {
            x: [[0.0; 4]; 4],
            y: [[0.0; 4]; 4],
            slopes: [[[[0.0; 2]; 2]; 2]; 2],
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
        for v in [0.4, 1.5, 2.6] {
            let strip = Strip::new(&tile, v, SPAN / width);
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

    fn at(&self, u: f64) -> f64 {
        let c = self.c;
        ((c[3] * u + c[2]) * u + c[1]) * u + c[0]
    }

    /// The value, and its change per pixel.
    fn with_slope(&self, u: f64) -> (f64, f64) {
        let c = self.c;
        (
            self.at(u),
            ((3.0 * c[3] * u + 2.0 * c[2]) * u + c[1]) * self.per_pixel,
        )
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
    per_pixel: f64,
}

impl Strip {
    /// The row at `v` of the tile's own units.
    fn new(tile: &Tile, v: f64, per_pixel: f64) -> Self {
        let column = |nodes: &[[f64; 4]; 4], i: usize| {
            Cubic::through(std::array::from_fn(|j| nodes[j][i]), per_pixel).with_slope(v)
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
            per_pixel,
        }
    }

    fn slope(&self, u: f64) -> Slope {
        mixed(&self.slopes[0], &self.slopes[1], u / SPAN)
    }

    /// `F` alone, at the points `x0 + first`, …
    fn smooth(&self, (x0, first): (f64, usize), start: f64, xs: &mut [f64], ys: &mut [f64]) {
        for (k, (x, y)) in xs.iter_mut().zip(ys).enumerate() {
            let u = (x0 + (first + k) as f64 - start) * self.per_pixel;
            *x = self.x.at(u);
            *y = self.y.at(u);
        }
    }
}

/// `a (1 - t) + b t`.
fn mixed(a: &Slope, b: &Slope, t: f64) -> Slope {
    std::array::from_fn(|i| std::array::from_fn(|j| a[i][j] + (b[i][j] - a[i][j]) * t))
}
