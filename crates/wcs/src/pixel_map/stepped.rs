//! The map on a coarse grid, bilinear between: what AstroDrizzle computes by default.

use super::direct::Direct;
use crate::arctangent::LANES;
use crate::one_based::{from_fits, to_fits};
use crate::{Error, Result};

#[derive(Debug, Clone)]
pub(super) struct Stepped {
    step: f64,
    /// Nodes in x and y.
    size: (usize, usize),
    /// Output positions of the nodes, row after row.
    nodes: Vec<(f64, f64)>,
}

impl Stepped {
    pub(super) fn new(direct: &Direct, (ny, nx): (usize, usize), step: usize) -> Result<Self> {
        if step == 0 {
            return Err(Error::BadValue {
                keyword: "step".to_owned(),
                found: step.to_string(),
                reason: "a step is at least one pixel",
            });
        }
        let size = (nx / step + 2, ny / step + 2);
        let node = |k: usize| from_fits((k * step) as f64);
        let mut nodes = Vec::with_capacity(size.0 * size.1);
        for j in 0..size.1 {
            for first in (0..size.0).step_by(LANES) {
                let (x, y) = direct.points(std::array::from_fn(|k| node(first + k)), node(j));
                nodes.extend(x.into_iter().zip(y).take(size.0 - first));
            }
        }
        Ok(Self {
            step: step as f64,
            size,
            nodes,
        })
    }

    pub(super) fn row(&self, y: f64, x0: f64, xs: &mut [f64], ys: &mut [f64]) {
        let (j, fy) = cell(to_fits(y) / self.step, self.size.1);
        for (i, (out_x, out_y)) in xs.iter_mut().zip(ys).enumerate() {
            let (column, fx) = cell(to_fits(x0 + i as f64) / self.step, self.size.0);
            let at = |di: usize, dj: usize| self.nodes[(j + dj) * self.size.0 + column + di];
            let (a, b, c, d) = (at(0, 0), at(1, 0), at(0, 1), at(1, 1));
            let (gx, gy) = (1.0 - fx, 1.0 - fy);
            *out_x = a.0 * gx * gy + b.0 * fx * gy + c.0 * gx * fy + d.0 * fx * fy;
            *out_y = a.1 * gx * gy + b.1 * fx * gy + c.1 * gx * fy + d.1 * fx * fy;
        }
    }
}

/// The cell of a coordinate counted in steps, and the place in it; outside, the outermost cell's plane
/// goes on. NaN is in the first cell, nowhere.
fn cell(position: f64, nodes: usize) -> (usize, f64) {
    let cell = (position.max(0.0) as usize).min(nodes - 2);
    (cell, position - cell as f64)
}
