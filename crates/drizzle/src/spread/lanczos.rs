//! The Lanczos kernels, read from a table in small steps as drizzle always has.

use super::{Clip, Points, Spread, floor, nearest};
use crate::Rules;
use std::f64::consts::PI;

/// Step of the `drizzle` package's table, in input pixels.
const FINE_STEP_PX: f64 = 0.003;
/// Step of drizzlepac's table: 0.01 in the single precision that decides which entry is nearest.
const COARSE_STEP_PX: f64 = 0.01_f32 as f64;

pub(crate) struct Lanczos {
    rules: Rules,
    /// Half the width, in output pixels.
    half: f64,
    steps_per_pixel: f64,
    table: Vec<f64>,
}

impl Lanczos {
    /// `scale` is the size of an output pixel in input pixels.
    pub(crate) fn new(order: u8, pixfrac: f64, scale: f64, rules: Rules) -> Self {
        let order = f64::from(order);
        let (pixfrac, step, scale) = match rules {
            // The package keeps the ratio in single precision, which decides here and there which entry is nearest.
            Rules::Drizzle => (1.0, FINE_STEP_PX, f64::from(scale as f32)),
            Rules::AstroDrizzle => (pixfrac, COARSE_STEP_PX, scale),
        };
        // What lies beyond the table is 0.
        let entries = (order / step).ceil() as usize + 1;
        let table = (0..entries)
            .map(|entry| windowed_sinc(entry as f64 * step, order))
            .collect();
        Self {
            rules,
            half: order * pixfrac / scale,
            steps_per_pixel: scale / step / pixfrac,
            table,
        }
    }

    #[inline(always)]
    fn along(&self, offset: f64) -> f64 {
        let step = nearest(offset.abs() * self.steps_per_pixel);
        let step = match self.rules {
            Rules::Drizzle => step,
            Rules::AstroDrizzle => step.saturating_add(1),
        };
        usize::try_from(step)
            .ok()
            .and_then(|step| self.table.get(step).copied())
            .unwrap_or(0.0)
    }

    #[inline(always)]
    fn limits(&self, at: f64) -> (i64, i64) {
        match self.rules {
            Rules::Drizzle => (floor(at - self.half).saturating_add(1), floor(at + self.half)),
            Rules::AstroDrizzle => (nearest(at - self.half), nearest(at + self.half)),
        }
    }
}

fn windowed_sinc(x: f64, order: f64) -> f64 {
    let x = PI * x;
    if x == 0.0 {
        1.0
    } else if x < PI * order {
        x.sin() / x * (x / order).sin() / (x / order)
    } else {
        0.0
    }
}

impl Spread<1> for Lanczos {
    fn reach(&self) -> f64 {
        self.half + 1.0
    }

    #[inline(always)]
    fn spread(
        &self,
        points: &Points<1>,
        clip: Clip,
        scratch: &mut Vec<f64>,
        mut put: impl FnMut(i64, i64, f64),
    ) {
        let (x, y) = points[0];
        let ((left, right), (below, above)) = (self.limits(x), self.limits(y));
        let (columns, rows) = (clip.columns(left, right), clip.rows(below, above));
        if rows.is_empty() {
            return;
        }
        scratch.clear();
        scratch.extend(columns.clone().map(|column| self.along(x - column as f64)));
        for row in rows {
            let height = self.along(y - row as f64);
            for (column, width) in columns.clone().zip(scratch.iter()) {
                put(column, row, height * width);
            }
        }
    }
}
