//! Stretches of columns that are bad as a whole.

use super::ccdmask::Limits;
use crate::ccd::Real;
use firstlight_frame::Image;
use std::ops::Range;

/// A part of an image.
pub struct Block {
    pub rows: Range<usize>,
    pub columns: Range<usize>,
}

impl Block {
    /// Columns and rows of its pixels, row after row.
    pub fn pixels(&self) -> impl Iterator<Item = (usize, usize)> {
        let columns = self.columns.clone();
        self.rows
            .clone()
            .flat_map(move |y| columns.clone().map(move |x| (x, y)))
    }
}

/// Flags the columns of a block whose sums over its good pixels are too high. The noise of a sum is taken for the root of the
/// block's width less the sum, as ccdproc does; a sum greater than the width is compared with the factor alone.
pub fn flag_sums<T: Real>(residual: &Image<T>, block: &Block, limits: &Limits<T>, bad: &mut [bool]) {
    let width = block.columns.len();
    for (n, x) in block.columns.clone().enumerate() {
        let mut sum = T::default();
        let mut any = false;
        for (row, y) in block.rows.clone().enumerate() {
            let sample = residual.row(y)[x];
            if !bad[row * width + n] && sample.wide().is_finite() {
                sum = T::narrow(sum.wide() + sample.wide());
                any = true;
            }
        }
        if sum.wide() <= 0.0 {
            sum = T::default();
        }
        let left = T::narrow(width as f64 - sum.wide());
        let flagged = if any {
            let sigma = (left.wide() >= 0.0).then(|| T::narrow(left.wide().sqrt()));
            limits.sum_exceeded(sum, sigma)
        } else {
            limits.sum_exceeded(T::narrow(1.0), None)
        };
        if flagged {
            (0..block.rows.len()).for_each(|row| bad[row * width + n] = true);
        }
    }
}

/// Good stretches of fewer than `ngood` + 1 pixels between bad ones of a column become bad; as with ccdproc not those that
/// begin behind one of the last `ngood` + 1 rows.
pub fn close_gaps(mask: &mut Image<bool>, ngood: usize) {
    let (ny, nx) = mask.shape();
    for x in 0..nx {
        for first in 0..ny.saturating_sub(ngood + 1) {
            if !mask.row(first)[x] {
                continue;
            }
            for last in first + 2..first + ngood + 2 {
                let gap = (first..=last).any(|y| !mask.row(y)[x]);
                if gap && mask.row(last)[x] {
                    (first..last).for_each(|y| mask.row_mut(y)[x] = true);
                }
            }
        }
    }
}
