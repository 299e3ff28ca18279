//! One tile of the map's smooth part.

use super::direct::{Direct, Planes};
use crate::arctangent::LANES;
use crate::corrections::Shift;

/// Nodes of a tile along one axis lie at 0, 1, 2 and 3 of its own units.
pub(super) const SPAN: f64 = 3.0;

/// One tile: the values of `F` at its nodes, `[y][x]`, and `P'` at its four corners.
#[derive(Debug, Clone)]
pub(super) struct Tile {
    x: [[f64; 4]; 4],
    y: [[f64; 4]; 4],
    slopes: [[Slope; 2]; 2],
    /// Half of `F"` in the middle: of `dx²`, `2 dx dy` and `dy²`, for X and for Y, per pixel².
    curvature: [[f64; 3]; 2],
}

/// `[[∂X/∂x, ∂X/∂y], [∂Y/∂x, ∂Y/∂y]]`.
type Slope = [[f64; 2]; 2];

/// NaN is near nothing, and infinity is not near itself.
pub(super) fn near(a: (f64, f64), b: (f64, f64), tolerance: f64) -> bool {
    (a.0 - b.0).abs() <= tolerance && (a.1 - b.1).abs() <= tolerance
}

impl Tile {
    /// The tile with its first node at `corner`, unless it is further than `tolerance` from `smooth`
    /// midway between nodes, where a cubic is furthest from what it interpolates.
    pub(super) fn new(smooth: &Direct, corner: (f64, f64), width: f64, tolerance: f64) -> Option<Self> {
        let place = |node: f64, start: f64| start + node * (width / SPAN);
        let none = [[0.0; 4]; 4];
        let mut tile = Self {
            x: none,
            y: none,
            slopes: [[[[0.0; 2]; 2]; 2]; 2],
            curvature: [[0.0; 3]; 2],
        };
        let columns = [0.0, 1.0, 2.0, SPAN].map(|node| place(node, corner.0));
        for (j, (row_x, row_y)) in tile.x.iter_mut().zip(&mut tile.y).enumerate() {
            (*row_x, *row_y) = smooth.points(columns, place(j as f64, corner.1));
        }
        for (j, row) in tile.slopes.iter_mut().enumerate() {
            for (i, slope) in row.iter_mut().enumerate() {
                let at = (place(SPAN * i as f64, corner.0), place(SPAN * j as f64, corner.1));
                *slope = slope_of(&smooth.planes, smooth.input.pix2foc(at.0, at.1));
            }
        }
        let per_pixel = SPAN / width;
        tile.curvature = [&tile.x, &tile.y].map(|nodes| curvature(nodes).map(|c| c * per_pixel * per_pixel));
        let between = [0.4, 1.5, 2.6, 2.6];
        for v in [0.4, 1.5, 2.6] {
            let strip = Strip::new(&tile, v, per_pixel);
            let exact = smooth.points(between.map(|u| place(u, corner.0)), place(v, corner.1));
            for (u, exact) in between.into_iter().zip(exact.0.into_iter().zip(exact.1)) {
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

/// A cubic in units of its own, `c₀ + c₁ u + c₂ u² + c₃ u³`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cubic {
    pub(super) c: [f64; 4],
}

impl Cubic {
    /// Through the values at 0, 1, 2 and 3.
    #[inline(always)]
    pub(super) fn through(f: [f64; 4]) -> Self {
        // Newton's forward differences, multiplied out.
        let (d1, d2, d3) = (
            f[1] - f[0],
            f[2] - 2.0 * f[1] + f[0],
            f[3] - 3.0 * (f[2] - f[1]) - f[0],
        );
        Self {
            c: [f[0], d1 - d2 / 2.0 + d3 / 3.0, (d2 - d3) / 2.0, d3 / 6.0],
        }
    }

    #[inline(always)]
    pub(super) fn at(&self, u: f64) -> f64 {
        let c = self.c;
        ((c[3] * u + c[2]) * u + c[1]) * u + c[0]
    }

    /// The change per unit.
    #[inline(always)]
    fn slope(&self, u: f64) -> f64 {
        let c = self.c;
        (3.0 * c[3] * u + 2.0 * c[2]) * u + c[1]
    }
}

/// A tile along one row.
pub(super) struct Strip {
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
    #[inline(always)]
    pub(super) fn new(tile: &Tile, v: f64, per_pixel: f64) -> Self {
        let (x, x_across) = along(&tile.x, v, per_pixel);
        let (y, y_across) = along(&tile.y, v, per_pixel);
        let [[a, b], [c, d]] = &tile.slopes;
        let slopes = [mixed(a, c, v / SPAN), mixed(b, d, v / SPAN)];
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

    /// `F` and what the corrections change, so many pixels from the tile's start.
    #[inline(always)]
    pub(super) fn at(&self, pixels: f64, shift: &Shift) -> (f64, f64) {
        let [cx, cy] = self.curvature;
        let [from, to] = self.slopes;
        let ((dx, dy), (nx, ny)) = (shift.d2im, shift.npol);
        let u = pixels * self.per_pixel;
        let t = u / SPAN;
        let slope = |i: usize, j: usize| from[i][j] + (to[i][j] - from[i][j]) * t;
        let (xx, xy, yy) = (dx * dx, dx * dy, dy * dy);
        let bent_x = cx[0] * xx + cx[1] * xy + cx[2] * yy;
        let bent_y = cy[0] * xx + cy[1] * xy + cy[2] * yy;
        let x = self.x.slope(u) * self.per_pixel * dx
            + self.x_across.at(u) * dy
            + slope(0, 0) * nx
            + slope(0, 1) * ny
            + bent_x;
        let y = self.y.slope(u) * self.per_pixel * dx
            + self.y_across.at(u) * dy
            + slope(1, 0) * nx
            + slope(1, 1) * ny
            + bent_y;
        (self.x.at(u) + x, self.y.at(u) + y)
    }
}

/// The row at `v` of a tile with such nodes, and its change per pixel across.
#[inline(always)]
fn along(nodes: &[[f64; 4]; 4], v: f64, per_pixel: f64) -> (Cubic, Cubic) {
    let (mut values, mut slopes) = ([0.0; 4], [0.0; 4]);
    for i in 0..4 {
        let column = [nodes[0][i], nodes[1][i], nodes[2][i], nodes[3][i]];
        let cubic = Cubic::through(column);
        (values[i], slopes[i]) = (cubic.at(v), cubic.slope(v) * per_pixel);
    }
    (Cubic::through(values), Cubic::through(slopes))
}

/// `a (1 - t) + b t`.
#[inline(always)]
fn mixed(a: &Slope, b: &Slope, t: f64) -> Slope {
    let mut mixed = *a;
    for i in 0..2 {
        for j in 0..2 {
            mixed[i][j] += (b[i][j] - a[i][j]) * t;
        }
    }
    mixed
}
