//! Input pixels beside one another, one in each of the processor's lanes, and what they give to the output.

use super::Clip;
use crate::band::Sums;
use crate::lanes::{Lanes, MOST_LANES, count};
use crate::samples::{Sample, SampleRow};
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
    /// two each, at most `most`.
    #[inline(always)]
    pub(super) fn box_size(&self, most: usize) -> Option<(usize, usize)> {
        let mut width = ((self.right - self.left).greatest() + 1.0).max(2.0);
        let mut height = ((self.above - self.below).greatest() + 1.0).max(2.0);
        // There are no boxes of three by four.
        if (width > 3.0) | (height > 3.0) {
            (width, height) = (width.max(4.0), height.max(4.0));
        }
        let regular = (width <= most as f64) & (height <= most as f64);
        regular.then_some((width as usize, height as usize))
    }

    /// Whether the boxes of all pixels are inside the clip.
    #[inline(always)]
    pub(super) fn is_inside(&self, clip: Clip, (width, height): (usize, usize)) -> bool {
        let in_columns = self
            .left
            .is_between(clip.x0 as f64, clip.x1 as f64 - width as f64);
        let in_rows = self
            .below
            .is_between(clip.y0 as f64, clip.y1 as f64 - height as f64);
        in_columns.and(in_rows).is_all()
    }

    /// Gives the sample of each pixel to the box of output pixels at the first that it touches, as far as it is inside the
    /// clip; `inside` tells that all boxes are. Shares up to `least` count for nothing.
    #[inline(always)]
    pub(super) fn give<const W: usize, const H: usize>(
        &self,
        (shares, least): (&Shares<V, W, H>, f64),
        samples: &SampleRow,
        (clip, inside): (Clip, bool),
        sums: &mut Sums,
    ) {
        let simd = self.left.simd();
        let zero = Lanes::splat(simd, 0.0);
        // Shares that count.
        let mut counted = Aligned([[[0.0_f32; MOST_LANES]; H]; W]);
        // Which pixels of the box get something, row after row: a bit each.
        let mut given = simd.splat_u64s(0);
        for (x, (shares, counted)) in shares.iter().zip(counted.0.iter_mut()).enumerate() {
            for (y, (share, counted)) in shares.iter().zip(counted.iter_mut()).enumerate() {
                let share = Lanes::of(simd, *share);
                let counts = simd.greater_than_f64s(share.raw(), zero.same(least).raw());
                let share = Lanes::of(simd, simd.select_f64s(counts, share.raw(), zero.raw()));
                for (to, share) in counted.iter_mut().zip(share.numbers()) {
                    *to = *share as f32;
                }
                let here = simd.splat_u64s(1 << (y * W + x));
                given = simd.select_u64s(counts, simd.or_u64s(given, here), given);
            }
        }
        let counted: &[f32] = counted.0.as_flattened().as_flattened();
        let given: &[u64] = bytemuck::cast_slice(std::slice::from_ref(&given));
        let Some(samples) = samples.lot(self.start) else {
            return;
        };
        let rows = self.below - zero.same(clip.y0 as f64);
        let (columns, rows) = (self.left.counted(), rows.counted());
        for lane in 0..Self::SIZE {
            let Some(sample) = samples.at(lane) else {
                continue;
            };
            let share = |k: usize| counted[k * MOST_LANES + lane];
            if !inside || sample.weight == 0.0 {
                // The casts saturate.
                let first = (
                    self.left.numbers()[lane] as i64,
                    self.below.numbers()[lane] as i64,
                );
                add_each::<W, H>(first, share, clip, sample, sums);
                continue;
            }
            let at = (count(columns.numbers()[lane]), count(rows.numbers()[lane]));
            sums.add_box::<W, H>(at, share, given[lane], sample);
        }
    }
}

/// Adds to the pixels of a box, of which the first is in this column and row, one by one as far as they are inside the clip.
#[inline(always)]
fn add_each<const W: usize, const H: usize>(
    (left, below): (i64, i64),
    share: impl Fn(usize) -> f32,
    clip: Clip,
    sample: Sample,
    sums: &mut Sums,
) {
    for k in 0..W * H {
        let x = left.saturating_add((k / H) as i64);
        let y = below.saturating_add((k % H) as i64);
        if clip.holds(x, y) && share(k) > 0.0 {
            sums.add(x as usize, (y - clip.y0) as usize, share(k), sample);
        }
    }
}
