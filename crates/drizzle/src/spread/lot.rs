//! Input pixels beside one another, one in each of the processor's lanes, and what they give to the output.

use super::Clip;
use crate::band::Sums;
use crate::lanes::{Lanes, MOST_LANES, count};
use crate::samples::SampleRow;
use pulp::{Simd, bytemuck};

/// Some input pixels beside one another. What a pixel gives does not depend on the lot it is in, to the last bit.
pub(super) struct Lot<V: Simd> {
    /// The first column and row of the output that each touches.
    pub(super) left: Lanes<V>,
    pub(super) below: Lanes<V>,
    /// The last ones.
    pub(super) right: Lanes<V>,
    pub(super) above: Lanes<V>,
    /// The first pixel, counted from the first that is spread.
    pub(super) start: usize,
    pub(super) count: usize,
}

/// Shares of lots' pixels in the output pixels of boxes of `W` columns and `H` rows, column after column.
pub(super) type Shares<V, const W: usize, const H: usize> = [[<V as Simd>::f64s; H]; W];

/// Has the compiler align all vectors of a function in memory: those that it must put by otherwise lie across lines of
/// the cache.
#[repr(align(64))]
struct Aligned<T>(T);

impl<V: Simd> Lot<V> {
    /// Pixels in a lot.
    pub(super) const SIZE: usize = if V::F64_LANES < MOST_LANES {
        V::F64_LANES
    } else {
        MOST_LANES
    };

    /// Whether no pixel touches the clip. False where that cannot be told, as with NaN.
    #[inline(always)]
    pub(super) fn misses(&self, clip: Clip) -> bool {
        (self.right.greatest() < clip.x0 as f64)
            | (self.left.least() >= clip.x1 as f64)
            | (self.above.greatest() < clip.y0 as f64)
            | (self.below.least() >= clip.y1 as f64)
    }

    /// The columns and rows of a box that holds what any pixel touches, counted from the first that it touches: at least
    /// two each, at most `most`. `None` unless the lot is whole and the boxes of all its pixels are inside the clip.
    #[inline(always)]
    pub(super) fn box_inside(&self, clip: Clip, most: usize) -> Option<(usize, usize)> {
        let mut width = ((self.right - self.left).greatest() + 1.0).max(2.0);
        let mut height = ((self.above - self.below).greatest() + 1.0).max(2.0);
        // There are no boxes of three by four.
        if (width > 3.0) | (height > 3.0) {
            (width, height) = (width.max(4.0), height.max(4.0));
        }
        let in_columns = self.left.is_between(clip.x0 as f64, clip.x1 as f64 - width);
        let in_rows = self.below.is_between(clip.y0 as f64, clip.y1 as f64 - height);
        let inside = in_columns.and(in_rows).is_all();
        let regular = (width <= most as f64) & (height <= most as f64) & (self.count == V::F64_LANES);
        (inside & regular).then_some((width as usize, height as usize))
    }

    /// Gives the sample of each pixel to the box of output pixels at the first that it touches. The boxes have to be
    /// inside the clip; shares up to `least` count for nothing.
    #[inline(always)]
    pub(super) fn give<const W: usize, const H: usize>(
        &self,
        shares: &Shares<V, W, H>,
        least: f64,
        samples: &SampleRow,
        clip: Clip,
        sums: &mut Sums,
    ) {
        let simd = self.left.simd();
        let zero = Lanes::splat(simd, 0.0);
        // Shares that count.
        let mut counted = Aligned([[zero.raw(); H]; W]);
        // Which pixels of the box get something, row after row: a bit each.
        let mut given = simd.splat_u64s(0);
        for (x, (shares, counted)) in shares.iter().zip(counted.0.iter_mut()).enumerate() {
            for (y, (share, counted)) in shares.iter().zip(counted.iter_mut()).enumerate() {
                let share = Lanes::of(simd, *share);
                let counts = simd.greater_than_f64s(share.raw(), zero.same(least).raw());
                *counted = simd.select_f64s(counts, share.raw(), zero.raw());
                let here = simd.splat_u64s(1 << (y * W + x));
                given = simd.select_u64s(counts, simd.or_u64s(given, here), given);
            }
        }
        let counted: &[f64] = bytemuck::cast_slice(counted.0.as_flattened());
        let given: &[u64] = bytemuck::cast_slice(std::slice::from_ref(&given));
        let Some(samples) = samples.lot(self.start) else {
            return;
        };
        let (column, row) = (self.left.counted(), (self.below - zero.same(clip.y0 as f64)).counted());
        let (columns, rows) = (column.numbers(), row.numbers());
        for lane in 0..Self::SIZE {
            let Some(sample) = samples.at(lane) else {
                continue;
            };
            let (column, row) = (count(columns[lane]), count(rows[lane]));
            if sample.weight == 0.0 {
                for (k, share) in counted.iter().skip(lane).step_by(V::F64_LANES).enumerate() {
                    if *share > 0.0 {
                        sums.add(column + k / H, row + k % H, *share, sample);
                    }
                }
                continue;
            }
            let share = |k: usize| counted[k * V::F64_LANES + lane];
            sums.add_box::<W, H>((column, row), share, given[lane], &sample);
        }
    }
}
