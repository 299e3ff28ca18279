//! Input pixels beside one another, one in each of the processor's lanes, and what they give to the output.

use super::Clip;
use crate::band::Sums;
use crate::lanes::Lanes;
use crate::samples::SampleRow;
use pulp::{Simd, bytemuck};

/// Lanes that are used at most.
pub(super) const MOST_LANES: usize = 8;

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
        let weight = Lanes::load(simd, &samples.weights, self.start);
        let value = Lanes::load(simd, &samples.values, self.start);
        // Weights times values beside weights, as they are added up.
        let mut pairs = Aligned([[[zero.raw(); 2]; H]; W]);
        // Which pixels of the box get something, row after row: a bit each.
        let mut given = simd.splat_u64s(0);
        for (x, (shares, pairs)) in shares.iter().zip(pairs.0.iter_mut()).enumerate() {
            for (y, (share, pair)) in shares.iter().zip(pairs.iter_mut()).enumerate() {
                let share = Lanes::of(simd, *share);
                let weight = share.up_to(zero.same(least), zero, share * weight);
                *pair = simd.interleave_shfl_f64s([(weight * value).raw(), weight.raw()]);
                let positive = simd.greater_than_f64s(weight.raw(), zero.raw());
                let here = simd.splat_u64s(1 << (y * W + x));
                given = simd.select_u64s(positive, simd.or_u64s(given, here), given);
            }
        }
        let pairs: &[[f64; 2]] = bytemuck::cast_slice(pairs.0.as_flattened().as_flattened());
        let given: &[u64] = bytemuck::cast_slice(std::slice::from_ref(&given));
        let shares: &[f64] = bytemuck::cast_slice(shares.as_flattened());
        let places = places(simd);
        let (left, below) = (self.left.numbers(), self.below.numbers());
        for lane in 0..Self::SIZE {
            let Some(sample) = samples.at(self.start + lane) else {
                continue;
            };
            let (column, row) = (left[lane] as usize, (below[lane] as i64 - clip.y0) as usize);
            if sample.weight == 0.0 {
                for (k, share) in shares.iter().skip(lane).step_by(V::F64_LANES).enumerate() {
                    if *share > least {
                        sums.add(column + k / H, row + k % H, sample.value, 0.0, 0.0);
                    }
                }
                continue;
            }
            // Below the number of lanes, as it is seen to be: nothing of the box has to be checked.
            let place = places[lane] % V::F64_LANES;
            let pair = |k: usize| pairs[k * V::F64_LANES + place];
            sums.add_box::<W, H>((column, row), pair, given[lane], sample.variance);
        }
    }
}

/// Where the pair of each lane is after two vectors were interleaved, which does not keep their order everywhere.
#[inline(always)]
fn places<V: Simd>(simd: V) -> [usize; MOST_LANES] {
    let lanes = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
    let lanes = Lanes::load(simd, &lanes, 0).raw();
    let pairs = simd.interleave_shfl_f64s([lanes, lanes]);
    let pairs: &[f64] = bytemuck::cast_slice(&pairs);
    let mut places = [0; MOST_LANES];
    for (place, lane) in pairs.iter().step_by(2).enumerate() {
        if let Some(of) = places.get_mut(*lane as usize) {
            *of = place;
        }
    }
    places
}
