//! The turbo kernel: a box along the output's axes, of the size of the shrunken input pixel.

use super::{Clip, Points, Spread, nearest};

pub(crate) struct Turbo {
    half: f64,
    per_area: f64,
}

impl Turbo {
    /// `scale` is the size of an output pixel in input pixels.
    pub(crate) fn new(pixfrac: f64, scale: f64) -> Self {
        Self {
            half: 0.5 * pixfrac / scale,
            per_area: (scale / pixfrac).powi(2),
        }
    }
}

impl Spread<1> for Turbo {
    fn reach(&self) -> f64 {
        self.half + 1.0
    }

    #[inline(always)]
    fn spread(&self, points: &Points<1>, clip: Clip, _: &mut Vec<f64>, mut put: impl FnMut(i64, i64, f64)) {
        let (x, y) = points[0];
        let (left, right, below, above) = (x - self.half, x + self.half, y - self.half, y + self.half);
        for row in clip.rows(nearest(below), nearest(above)) {
            let height = overlap(row, below, above);
            if height <= 0.0 {
                continue;
            }
            for column in clip.columns(nearest(left), nearest(right)) {
                let width = overlap(column, left, right);
                if width > 0.0 {
                    put(column, row, width * height * self.per_area);
                }
            }
        }
    }
}

/// The length that pixel `at` and `lo..hi` have in common; negative where they lie apart.
#[inline(always)]
fn overlap(at: i64, lo: f64, hi: f64) -> f64 {
    let centre = at as f64;
    hi.min(centre + 0.5) - lo.max(centre - 0.5)
}
