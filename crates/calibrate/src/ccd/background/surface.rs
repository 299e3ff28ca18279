//! A smooth surface through the levels of boxes.

use super::mesh::{Mesh, Parts};

/// A bicubic spline through levels at the centres of boxes. Beyond the outermost centres it is mirrored at the edge of the
/// frame, and it is nowhere below the lowest nor above the highest level.
#[derive(Debug)]
pub(super) struct Surface {
    rows: Vec<Place>,
    columns: Vec<Place>,
    /// Of the B-splines, row after row.
    coefficients: Vec<f64>,
    /// Boxes of a row.
    width: usize,
    range: (f64, f64),
}

/// The four B-splines that are not zero at a pixel.
#[derive(Debug)]
struct Place {
    boxes: [usize; 4],
    weights: [f64; 4],
}

impl Surface {
    pub(super) fn through(levels: &[f64], mesh: &Mesh) -> Self {
        let (height, width) = (mesh.rows.boxes, mesh.columns.boxes);
        let mut coefficients = levels.to_vec();
        for row in coefficients.chunks_mut(width) {
            spline(row);
        }
        let mut column = vec![0.0; height];
        for x in 0..width {
            for (y, value) in column.iter_mut().enumerate() {
                *value = coefficients[y * width + x];
            }
            spline(&mut column);
            for (y, value) in column.iter().enumerate() {
                coefficients[y * width + x] = *value;
            }
        }
        let ends = (f64::INFINITY, f64::NEG_INFINITY);
        Self {
            rows: places(mesh.rows),
            columns: places(mesh.columns),
            coefficients,
            width,
            range: levels
                .iter()
                .fold(ends, |(low, high), &of| (low.min(of), high.max(of))),
        }
    }

    /// `(ny, nx)`.
    pub(super) fn shape(&self) -> (usize, usize) {
        (self.rows.len(), self.columns.len())
    }

    /// Its values along row `y`.
    pub(super) fn row(&self, y: usize, values: &mut [f64]) {
        let place = &self.rows[y];
        let mut line = vec![0.0; self.width];
        for (&of, weight) in place.boxes.iter().zip(place.weights) {
            let row = &self.coefficients[of * self.width..(of + 1) * self.width];
            for (sum, value) in line.iter_mut().zip(row) {
                *sum += weight * value;
            }
        }
        for (value, place) in values.iter_mut().zip(&self.columns) {
            let terms = place.boxes.iter().zip(place.weights);
            let sum: f64 = terms.map(|(&of, weight)| weight * line[of]).sum();
            *value = sum.clamp(self.range.0, self.range.1);
        }
    }
}

/// Coefficients of the B-splines that go through levels, in their place: c₋₁ + 4 c₀ + c₁ = 6 level, mirrored half a step
/// beyond both ends.
fn spline(levels: &mut [f64]) {
    let n = levels.len();
    let diagonal = |i: usize| 4.0 + f64::from(u8::from(i == 0)) + f64::from(u8::from(i + 1 == n));
    let mut above = vec![0.0; n];
    for i in 0..n {
        let (before, of_before) = match i {
            0 => (0.0, 0.0),
            i => (levels[i - 1], above[i - 1]),
        };
        let pivot = diagonal(i) - of_before;
        above[i] = 1.0 / pivot;
        levels[i] = (6.0 * levels[i] - before) / pivot;
    }
    for i in (1..n).rev() {
        levels[i - 1] -= above[i - 1] * levels[i];
    }
}

fn places(parts: Parts) -> Vec<Place> {
    let step = parts.boxes as f64 / parts.length as f64;
    let place = |pixel: usize| {
        let at = (pixel as f64 + 0.5) * step - 0.5;
        let f = at - at.floor();
        let first = at.floor() as i64 - 1;
        let g = 1.0 - f;
        Place {
            boxes: [0, 1, 2, 3].map(|n| mirrored(first + n, parts.boxes as i64)),
            weights: [
                g * g * g / 6.0,
                (4.0 + f * f * (3.0 * f - 6.0)) / 6.0,
                (4.0 + g * g * (3.0 * g - 6.0)) / 6.0,
                f * f * f / 6.0,
            ],
        }
    };
    (0..parts.length).map(place).collect()
}

/// The box that stands for one beyond the ends.
fn mirrored(n: i64, boxes: i64) -> usize {
    let period = n.rem_euclid(2 * boxes);
    period.min(2 * boxes - 1 - period) as usize
}
