//! The nearest pixel, and bilinear interpolation.

use super::{Interpolate, Source};

pub(super) struct Nearest;

impl Interpolate for Nearest {
    #[inline(always)]
    fn at(&self, source: &Source, x: f32, y: f32) -> Option<f32> {
        // Half a pixel beyond the last centre there is no pixel any more; the last one is the nearest.
        let nearest = |at: f32, n: usize| ((at + 0.5) as usize).min(n - 1);
        source.sample(nearest(x, source.nx), nearest(y, source.ny))
    }
}

pub(super) struct Linear;

impl Interpolate for Linear {
    #[inline(always)]
    fn at(&self, source: &Source, x: f32, y: f32) -> Option<f32> {
        let (i, j) = (x as usize, y as usize);
        let (sx, sy) = (x - i as f32, y - j as f32);
        let (tx, ty) = (1.0 - sx, 1.0 - sy);
        let (row, last_column) = (source.row(j)?, i + 1 >= source.nx);
        let here = *row.get(i)?;
        if j + 1 >= source.ny {
            // Along the last row, or its last pixel.
            return Some(if last_column {
                here
            } else {
                tx * here + sx * row[i + 1]
            });
        }
        let above = source.row(j + 1)?;
        if last_column {
            return Some(ty * here + sy * above[i]);
        }
        Some(tx * ty * here + sx * ty * row[i + 1] + sy * tx * above[i] + sx * sy * above[i + 1])
    }
}
