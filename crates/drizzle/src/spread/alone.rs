//! Quadrilaterals one by one: those that cover many output pixels.

use super::Clip;
use super::quad::{self, Edges, Quad};
use super::slanted::Outline;
use crate::band::Sums;
use crate::lanes::Lanes;
use crate::samples::Sample;
use pulp::Simd;

/// Shares below this are rounding, not overlap.
pub(super) const LEAST_SHARE: f64 = 1e-12;

/// The first and the last column and row of some output pixels.
#[derive(Clone, Copy)]
pub(super) struct Pixels {
    pub(super) columns: (i64, i64),
    pub(super) rows: (i64, i64),
}

impl Pixels {
    pub(super) fn miss(&self, clip: Clip) -> bool {
        let Self { columns, rows } = self;
        columns.1 < clip.x0 || columns.0 >= clip.x1 || rows.1 < clip.y0 || rows.0 >= clip.y1
    }

    pub(super) fn size(&self) -> (i64, i64) {
        (
            self.columns.1.saturating_sub(self.columns.0).saturating_add(1),
            self.rows.1.saturating_sub(self.rows.0).saturating_add(1),
        )
    }
}

/// Spreads one pixel that covers many output pixels, of which those off the output are left out first: the corners
/// may be anywhere.
#[inline(never)]
pub(super) fn spread_alone<V: Simd>(
    simd: V,
    corners: &[(f64, f64); 4],
    (pixels, per_area, sample): (Pixels, f64, Sample),
    clip: Clip,
    left: &mut Vec<V::f64s>,
    sums: &mut Sums,
) {
    // What is cut off must not depend on how the output is cut into bands, or the bits of the result would.
    let (first, last) = (pixels.columns.0.max(0), pixels.columns.1.min(clip.nx - 1));
    let (lowest, highest) = (pixels.rows.0.max(0), pixels.rows.1.min(clip.ny - 1));
    if first > last || lowest > highest {
        return;
    }
    let x = corners.map(|(x, _)| Lanes::splat(simd, x - (first as f64 - 0.5)));
    let y = corners.map(|(_, y)| Lanes::splat(simd, y - (lowest as f64 - 0.5)));
    let quad = Quad::new(&Outline { x, y });
    let height = (highest - lowest + 1) as usize;
    let (zero, per_area) = (Lanes::splat(simd, 0.0), Lanes::splat(simd, per_area));
    left.clear();
    left.resize(height + 1, zero.raw());
    let cut = (pixels.rows.0 < lowest, pixels.rows.1 == highest);
    let mut shares = vec![zero.raw(); height];
    if pixels.columns.0 < first {
        quad::fill(simd, &quad.left_of(zero), cut, per_area, left, &mut shares);
    }
    for column in first..last + 1 {
        let part = quad.left_of(Lanes::splat(simd, (column - first + 1) as f64));
        quad::fill(simd, &part, cut, per_area, left, &mut shares);
        for (row, share) in (lowest..highest + 1).zip(&shares) {
            let share = Lanes::of(simd, *share).numbers()[0];
            if clip.holds(column, row) {
                put(sums, clip, sample, (column, row), share);
            }
        }
    }
}

/// Adds a share to an output pixel, where it counts.
#[inline(always)]
pub(super) fn put(sums: &mut Sums, clip: Clip, sample: Sample, (column, row): (i64, i64), share: f64) {
    if share <= LEAST_SHARE || share.is_nan() {
        return;
    }
    let (x, y) = (column as usize, (row - clip.y0) as usize);
    sums.add(x, y, share as f32, sample);
}
