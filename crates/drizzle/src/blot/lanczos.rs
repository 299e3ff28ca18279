//! Lanczos kernels from a table.

use super::{Interpolate, Source};
use std::f64::consts::PI;

/// Step of the table, pixels.
const STEP: f32 = 0.01;
/// Pixels to either side, of order 5 too.
const REACH: usize = 3;
/// Entries: a little more than the kernel reaches.
const ENTRIES: usize = 512;

/// The table is read at the step below the distance, and the sum is not normalised: as in drizzlepac.
pub(super) struct Lanczos {
    table: Vec<f32>,
}

impl Lanczos {
    pub(super) fn new(order: u8) -> Self {
        let order = f32::from(order);
        let value = |index: usize| {
            if index == 0 {
                return 1.0;
            }
            let distance = (PI * index as f64 * f64::from(STEP)) as f32;
            if f64::from(distance) >= PI * f64::from(order) {
                return 0.0;
            }
            let sine = f64::from(distance).sin() / f64::from(distance);
            let within = distance / order;
            (sine * f64::from(within).sin() / f64::from(within)) as f32
        };
        Self {
            table: (0..ENTRIES).map(value).collect(),
        }
    }

    #[inline(always)]
    fn weights(&self, at: f32, first: usize) -> [f32; 2 * REACH + 1] {
        std::array::from_fn(|k| {
            let distance = f64::from((at - (first + k) as f32).abs());
            let index = (distance / f64::from(STEP)) as usize;
            self.table.get(index).copied().unwrap_or(0.0)
        })
    }
}

impl Interpolate for Lanczos {
    #[inline(always)]
    fn at(&self, source: &Source, x: f32, y: f32) -> Option<f32> {
        let (i, j) = ((x as usize).checked_sub(REACH)?, (y as usize).checked_sub(REACH)?);
        if i + 2 * REACH >= source.nx || j + 2 * REACH >= source.ny {
            return None;
        }
        let (wx, wy) = (self.weights(x, i), self.weights(y, j));
        let mut sum = 0.0;
        for (k, wy) in wy.iter().enumerate() {
            let row = source.row(j + k)?.get(i..i + wx.len())?;
            for (sample, wx) in row.iter().zip(&wx) {
                sum += sample * wx * wy;
            }
        }
        Some(sum)
    }
}
