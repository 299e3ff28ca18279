//! Samples counted in bins of equal width.

use super::pass::{BLOCK, PIECE, blocks, pieces};

/// Up to so many bins, samples side by side are counted in tables of their own, so that none waits for the one before.
const MOST_SIDE_BY_SIDE: usize = 1 << 12;
const TABLES: usize = 4;

/// Bins from a sample on. Places are computed in single precision.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bins {
    /// Samples below and above are counted nowhere.
    pub(super) lowest: f32,
    pub(super) highest: f32,
    pub(super) per_unit: f32,
    pub(super) bins: usize,
    /// Samples that rounding puts behind the last bin are counted in it, or nowhere.
    pub(super) keeps_beyond: bool,
}

impl Bins {
    /// The bin of a sample from `lowest` to `highest`.
    #[inline(always)]
    pub(super) fn bin(&self, sample: f32) -> usize {
        let last = self.bins - usize::from(self.keeps_beyond);
        (((sample - self.lowest) * self.per_unit) as i32 as usize).min(last)
    }

    /// The bin of any sample, as above, in steps that vectors have; one behind all bins where it counts nowhere.
    #[inline(always)]
    fn place(&self, sample: f32) -> u32 {
        /// Beyond this, single precision has no fractions: adding it rounds to a whole number, which then stands in
        /// the last bits.
        const WHOLE: f32 = 8_388_608.0;
        let inside = (sample >= self.lowest) & (sample <= self.highest);
        let last = (self.bins - usize::from(self.keeps_beyond)) as f32;
        let at = (sample - self.lowest) * self.per_unit;
        let at = if at > 0.0 { at } else { 0.0 };
        let at = if at < last { at } else { last };
        let near = (at + WHOLE) - WHOLE;
        let bin = if near > at { near - 1.0 } else { near };
        let bin = (bin + WHOLE).to_bits() & 0x7f_ffff;
        if inside { bin } else { self.bins as u32 }
    }

    /// How many samples each bin has.
    pub(super) fn count(&self, samples: &[f32]) -> Vec<u32> {
        // A table as long as a piece would cost more than the piece.
        if self.bins > PIECE {
            return self.count_one_by_one(samples);
        }
        let sum = |mut total: Vec<u32>, counts: Vec<u32>| {
            total.iter_mut().zip(counts).for_each(|(total, n)| *total += n);
            total
        };
        pieces(samples, |piece| self.count_piece(piece))
            .into_iter()
            .reduce(sum)
            .unwrap_or_default()
    }

    fn count_one_by_one(&self, samples: &[f32]) -> Vec<u32> {
        let mut counts = vec![0; self.bins];
        let inside = |sample: &&f32| (**sample >= self.lowest) & (**sample <= self.highest);
        for sample in samples.iter().filter(inside) {
            if let Some(count) = counts.get_mut(self.bin(*sample)) {
                *count += 1;
            }
        }
        counts
    }

    fn count_piece(&self, piece: &[f32]) -> Vec<u32> {
        let arch = pulp::Arch::new();
        if self.bins <= MOST_SIDE_BY_SIDE {
            arch.dispatch(OfPiece::<TABLES> { piece, bins: self })
        } else {
            arch.dispatch(OfPiece::<1> { piece, bins: self })
        }
    }
}

/// One piece, to be counted in so many tables with the instructions that the processor has.
struct OfPiece<'s, const TABLES: usize> {
    piece: &'s [f32],
    bins: &'s Bins,
}

impl<const TABLES: usize> pulp::NullaryFnOnce for OfPiece<'_, TABLES> {
    type Output = Vec<u32>;

    #[inline(always)]
    fn call(self) -> Vec<u32> {
        let mut counts = vec![[0u32; TABLES]; self.bins.bins + 1];
        blocks(
            self.piece,
            #[inline(always)]
            |block| {
                let mut places = [0; BLOCK];
                for (place, sample) in places.iter_mut().zip(block) {
                    *place = self.bins.place(*sample);
                }
                for places in places.as_chunks::<TABLES>().0 {
                    for (table, place) in places.iter().enumerate() {
                        counts[*place as usize][table] += 1;
                    }
                }
            },
        );
        counts.truncate(self.bins.bins);
        counts.iter().map(|tables| tables.iter().sum()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Samples at and around the edges of all bins, and what is none.
    fn samples(bins: &Bins) -> Vec<f32> {
        let edges = (0..=bins.bins + 2).map(|bin| bins.lowest + bin as f32 / bins.per_unit);
        let around = edges.flat_map(|edge| [edge.next_down(), edge, edge.next_up()]);
        let other = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MIN, 0.0, -0.0];
        around.chain(other).collect()
    }

    #[test]
    fn places_in_vectors_are_those_of_single_samples() {
        for (lowest, per_unit, bins, keeps_beyond) in [
            (-3.0, 7.7, 60, false),
            (0.3, 1e-3, 4096, true),
            (1e6, 0.37, 5000, true),
            (-1e-3, 1e7, PIECE, false),
        ] {
            let highest = lowest + bins as f32 / per_unit;
            let bins = Bins {
                lowest,
                highest,
                per_unit,
                bins,
                keeps_beyond,
            };
            let samples = samples(&bins);
            assert_eq!(
                bins.count_piece(&samples),
                bins.count_one_by_one(&samples),
                "{bins:?}"
            );
        }
    }

    #[test]
    fn a_range_that_is_none_is_one_bin() {
        let bins = Bins {
            lowest: 2.0,
            highest: 2.0,
            per_unit: 0.0,
            bins: 5,
            keeps_beyond: true,
        };
        assert_eq!(bins.count(&[2.0, 1.0, 2.0, f32::NAN, 3.0]), [2, 0, 0, 0, 0]);
    }
}
