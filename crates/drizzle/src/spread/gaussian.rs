//! The Gaussian kernel.

use super::{Clip, Points, Spread, nearest};
use std::f64::consts::PI;

/// FWHM of a Gaussian of unit dispersion, in the precision that drizzle has always had it.
const FWHM_PER_SIGMA: f64 = 2.3548;
/// The kernel is cut off at this many dispersions,
const CUT_SIGMA: f64 = 2.5;
/// but nowhere closer than so many input pixels, lest there be holes in the output.
const CUT_LEAST_PX: f64 = 1.2;

pub(crate) struct Gaussian {
    cut: f64,
    steepness: f64,
    peak: f64,
}

impl Gaussian {
    /// `scale` is the size of an output pixel in input pixels.
    pub(crate) fn new(pixfrac: f64, scale: f64) -> Self {
        let steepness = 0.5 * (FWHM_PER_SIGMA * scale / pixfrac).powi(2);
        let cut = (CUT_SIGMA * pixfrac / FWHM_PER_SIGMA).max(CUT_LEAST_PX) / scale;
        Self {
            cut,
            steepness,
            peak: steepness / PI,
        }
    }

    #[inline(always)]
    fn along(&self, offset: f64) -> f64 {
        (-offset * offset * self.steepness).exp()
    }
}

impl Spread<1> for Gaussian {
    fn reach(&self) -> f64 {
        self.cut + 1.0
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
        let columns = clip.columns(nearest(x - self.cut), nearest(x + self.cut));
        let rows = clip.rows(nearest(y - self.cut), nearest(y + self.cut));
        if rows.is_empty() {
            return;
        }
        scratch.clear();
        scratch.extend(columns.clone().map(|column| self.along(x - column as f64)));
        for row in rows {
            let height = self.peak * self.along(y - row as f64);
            for (column, width) in columns.clone().zip(scratch.iter()) {
                put(column, row, height * width);
            }
        }
    }
}
