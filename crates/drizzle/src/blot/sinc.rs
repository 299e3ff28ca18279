//! The tapered sinc.

use super::{Interpolate, Source};
use std::f32::consts::FRAC_PI_2;

/// Pixels to either side.
const REACH: usize = 7;
const COUNT: usize = 2 * REACH + 1;
/// Closer than this to the centre of a pixel along both axes, its value is taken.
const NEXT_TO: f32 = 0.001;

/// A sinc over 15 pixels along both axes, tapered by the square of a polynomial that is close to a cosine, and
/// normalised. After IRAF's iinisc.
pub(super) struct Sinc {
    sinscl: f32,
    /// The taper with the sign of the sine.
    taper: [f32; COUNT],
}

impl Sinc {
    pub(super) fn new(sinscl: f64) -> Self {
        /// Coefficients of the cosine.
        const A2: f32 = -0.49670;
        const A4: f32 = 0.03705;
        let step = (FRAC_PI_2 / REACH as f32).powi(2);
        let taper = |k: usize| {
            let j = k as f32 - REACH as f32;
            let squared = step * j * j;
            let cosine = 1.0 + A2 * squared + A4 * squared * squared;
            let sign = if (k + REACH).is_multiple_of(2) { 1.0 } else { -1.0 };
            sign * cosine * cosine
        };
        Self {
            sinscl: sinscl as f32,
            taper: std::array::from_fn(taper),
        }
    }

    /// Weights of the pixels at −7 to 7 from the nearest one, which lies `offset` before the point, and their sum.
    fn weights(&self, offset: f32) -> ([f32; COUNT], f32) {
        let weight = |k: usize| {
            let distance = offset - (k as f32 - REACH as f32);
            if distance == 0.0 {
                1.0
            } else if offset == 0.0 {
                0.0
            } else {
                self.taper[k] / distance
            }
        };
        let weights: [f32; COUNT] = std::array::from_fn(weight);
        (weights, weights.iter().sum())
    }
}

impl Interpolate for Sinc {
    #[inline(never)]
    fn at(&self, source: &Source, x: f32, y: f32) -> Option<f32> {
        let nearest = |at: f32, n: usize| ((at + 0.5) as usize).min(n - 1);
        let (i, j) = (nearest(x, source.nx), nearest(y, source.ny));
        let (dx, dy) = ((x - i as f32) * self.sinscl, (y - j as f32) * self.sinscl);
        if dx.abs() < NEXT_TO && dy.abs() < NEXT_TO {
            return source.sample(i, j);
        }
        let ((wx, sum_x), (wy, sum_y)) = (self.weights(dx), self.weights(dy));
        // Beyond the edges the outermost pixels go on.
        let clamped = |at: usize, k: usize, n: usize| (at + k).saturating_sub(REACH).min(n - 1);
        let mut value = 0.0;
        for (k, wy) in wy.iter().enumerate() {
            let row = source.row(clamped(j, k, source.ny))?;
            let mut sum = 0.0;
            for (k, wx) in wx.iter().enumerate() {
                sum += wx * row[clamped(i, k, source.nx)];
            }
            value += wy * sum;
        }
        Some(value / sum_x / sum_y)
    }
}
