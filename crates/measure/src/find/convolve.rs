//! An image convolved row by row, where the result may be above a threshold.
//!
//! The kernel has no sum, so what it makes of a neighbourhood is bounded by how far apart the samples there are. Most
//! of an image is sky, where that is too little; there nothing is convolved.

use super::kernel::{Kernel, Tap};
use super::peaks::Samples;

/// Pixels of a row that are looked at together: their sums stay in registers.
pub(super) const BLOCK: usize = 16;

/// The rows under the kernel, continued at both ends.
pub(super) struct Rolling<'a> {
    image: Samples<'a>,
    kernel: &'a Kernel,
    bound: Bound,
    /// Samples of a padded row, a whole number of blocks.
    width: usize,
    /// As many padded rows as the kernel has, used in turn.
    rows: Vec<f32>,
    /// The least and the greatest sample in each block of these rows.
    least: Vec<f32>,
    greatest: Vec<f32>,
    /// The same over all rows under the kernel, of the block itself and of those to its right that the kernel reaches.
    under: [Vec<f32>; 2],
    beside: [Vec<f32>; 2],
    /// Whether the block may have a pixel above the threshold.
    may_exceed: Vec<bool>,
    /// The next row to bring in, counted from half a kernel above the image.
    next: usize,
    /// Where the kernel's pixels begin in `rows`, and their weights.
    taps: Vec<(usize, f64)>,
    /// The row as convolved; below anything in blocks that were left out.
    convolved: Vec<f32>,
    /// The blocks of it that may have a pixel above the threshold.
    live: Vec<usize>,
}

impl<'a> Rolling<'a> {
    /// Begins above the row `first`.
    pub(super) fn new(image: Samples<'a>, kernel: &'a Kernel, threshold: f64, first: usize) -> Self {
        let blocks = image.nx.div_ceil(BLOCK);
        let width = (blocks * BLOCK + kernel.nx - 1).next_multiple_of(BLOCK);
        Self {
            image,
            kernel,
            bound: Bound::new(kernel, threshold),
            width,
            rows: vec![0.0; width * kernel.ny],
            least: vec![0.0; width / BLOCK * kernel.ny],
            greatest: vec![0.0; width / BLOCK * kernel.ny],
            under: [vec![0.0; width / BLOCK], vec![0.0; width / BLOCK]],
            beside: [vec![0.0; width / BLOCK], vec![0.0; width / BLOCK]],
            may_exceed: vec![false; blocks],
            next: first,
            taps: vec![(0, 0.0); kernel.taps.len()],
            convolved: vec![0.0; blocks * BLOCK],
            live: Vec::with_capacity(blocks),
        }
    }

    /// Goes on to `row`. Gives it as convolved, up to the end of its last block, and the blocks to look at.
    #[inline(always)]
    pub(super) fn convolve(&mut self, row: usize) -> (&[f32], &[usize]) {
        while self.next < row + self.kernel.ny {
            self.bring_in();
        }
        self.choose();
        for (place, tap) in self.taps.iter_mut().zip(&self.kernel.taps) {
            let Tap {
                row: down,
                column,
                weight,
            } = *tap;
            *place = ((row + down) % self.kernel.ny * self.width + column, weight);
        }
        self.convolved.fill(f32::NEG_INFINITY);
        // Two blocks together, whose additions do not wait for each other.
        let (pairs, rest) = self.live.as_chunks();
        for blocks in pairs {
            let sums = summed::<2>(&self.rows, &self.taps, blocks);
            store(&mut self.convolved, blocks, sums);
        }
        let (single, _) = rest.as_chunks();
        for blocks in single {
            let sums = summed::<1>(&self.rows, &self.taps, blocks);
            store(&mut self.convolved, blocks, sums);
        }
        (&self.convolved, &self.live)
    }

    #[inline(always)]
    fn bring_in(&mut self) {
        let (half_x, half_y) = self.kernel.half();
        let nx = self.image.nx;
        let source = reflected(self.next as i64 - half_y as i64, self.image.ny);
        let slot = self.next % self.kernel.ny;
        let samples = &self.image.data[source * nx..][..nx];
        let padded = &mut self.rows[slot * self.width..][..self.width];
        padded[half_x..half_x + nx].copy_from_slice(samples);
        for column in 0..half_x {
            padded[column] = samples[reflected(column as i64 - half_x as i64, nx)];
            padded[half_x + nx + column] = samples[reflected((nx + column) as i64, nx)];
        }
        let blocks = self.width / BLOCK;
        let least = &mut self.least[slot * blocks..][..blocks];
        let greatest = &mut self.greatest[slot * blocks..][..blocks];
        let extremes = least.iter_mut().zip(greatest);
        for (block, (least, greatest)) in padded.as_chunks::<BLOCK>().0.iter().zip(extremes) {
            (*least, *greatest) = extremes_of(block);
        }
        self.next += 1;
    }

    /// Finds the blocks whose pixels may be above the threshold, by the extremes of the blocks that the kernel reaches.
    /// Blocks go side by side, so that vectors are made of them.
    #[inline(always)]
    fn choose(&mut self) {
        let blocks = self.width / BLOCK;
        let reach = (BLOCK + self.kernel.nx - 2) / BLOCK;
        let [low, high] = &mut self.under;
        low.fill(f32::INFINITY);
        high.fill(f32::NEG_INFINITY);
        let slots = self
            .least
            .chunks_exact(blocks)
            .zip(self.greatest.chunks_exact(blocks));
        for (least, greatest) in slots {
            lower(low, least);
            raise(high, greatest);
        }
        let [beside_low, beside_high] = &mut self.beside;
        beside_low.copy_from_slice(low);
        beside_high.copy_from_slice(high);
        for step in 1..=reach {
            lower(beside_low, &low[step.min(blocks)..]);
            raise(beside_high, &high[step.min(blocks)..]);
        }
        let extremes = beside_low.iter().zip(&*beside_high);
        for (may, (low, high)) in self.may_exceed.iter_mut().zip(extremes) {
            *may = self.bound.may_exceed(f64::from(*low), f64::from(*high));
        }
        let live = self.may_exceed.iter().enumerate().filter(|(_, may)| **may);
        self.live.clear();
        self.live.extend(live.map(|(block, _)| block));
    }
}

/// The kernel's sums in some blocks.
#[inline(always)]
fn summed<const N: usize>(rows: &[f32], taps: &[(usize, f64)], blocks: &[usize; N]) -> [[f64; BLOCK]; N] {
    let mut sums = [[0.0; BLOCK]; N];
    for &(offset, weight) in taps {
        for (sums, block) in sums.iter_mut().zip(blocks) {
            let samples = &rows[offset + block * BLOCK..][..BLOCK];
            for (sum, sample) in sums.iter_mut().zip(samples) {
                *sum += weight * f64::from(*sample);
            }
        }
    }
    sums
}

#[inline(always)]
fn store<const N: usize>(convolved: &mut [f32], blocks: &[usize; N], sums: [[f64; BLOCK]; N]) {
    for (block, sums) in blocks.iter().zip(sums) {
        let out = &mut convolved[block * BLOCK..][..BLOCK];
        for (out, sum) in out.iter_mut().zip(sums) {
            *out = sum as f32;
        }
    }
}

/// Makes each number the smaller one of two.
#[inline(always)]
fn lower(numbers: &mut [f32], others: &[f32]) {
    for (number, other) in numbers.iter_mut().zip(others) {
        *number = if *other < *number { *other } else { *number };
    }
}

/// Makes each number the larger one of two.
#[inline(always)]
fn raise(numbers: &mut [f32], others: &[f32]) {
    for (number, other) in numbers.iter_mut().zip(others) {
        *number = if *other > *number { *other } else { *number };
    }
}

/// The least and the greatest sample that is a number.
#[inline(always)]
fn extremes_of(block: &[f32; BLOCK]) -> (f32, f32) {
    let (mut least, mut greatest) = (f32::INFINITY, f32::NEG_INFINITY);
    for sample in block {
        least = if *sample < least { *sample } else { least };
        greatest = if *sample > greatest { *sample } else { greatest };
    }
    (least, greatest)
}

/// What a kernel can make of samples between two values.
#[derive(Debug, Clone, Copy)]
struct Bound {
    /// Sums of the weights above and below zero, the latter without sign.
    positive: f64,
    negative: f64,
    threshold: f64,
}

impl Bound {
    fn new(kernel: &Kernel, threshold: f64) -> Self {
        let weights = || kernel.taps.iter().map(|tap| tap.weight);
        Self {
            positive: weights().map(|weight| weight.max(0.0)).sum(),
            negative: weights().map(|weight| (-weight).max(0.0)).sum(),
            threshold,
        }
    }

    /// Whether samples from `least` to `greatest` may be convolved to more than the threshold. Where some are not
    /// finite they may; a pixel that a NaN reaches is above nothing.
    #[inline(always)]
    fn may_exceed(&self, least: f64, greatest: f64) -> bool {
        // The sum's rounding, and that of the result to single precision, with much to spare.
        const OF_TERMS: f64 = 1e-10;
        const OF_RESULT: f64 = 1e-6;
        let (most, taken) = (self.positive * greatest, self.negative * least);
        let bound = most - taken;
        let rounding = OF_RESULT * bound.abs() + OF_TERMS * (most.abs() + taken.abs());
        let stays_below = bound + rounding <= self.threshold;
        !stays_below
    }
}

/// The index inside `0..n` that stands for `index`, with edge pixels repeated: `2 1 0 | 0 1 2`.
pub(super) fn reflected(index: i64, n: usize) -> usize {
    let period = 2 * n as i64;
    let folded = index.rem_euclid(period);
    (if folded < n as i64 {
        folded
    } else {
        period - 1 - folded
    }) as usize
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::find::FindOptions;

    #[test]
    fn reflection_repeats_the_edge() {
        let indices: Vec<usize> = (-4..7).map(|index| reflected(index, 3)).collect();
        assert_eq!(indices, [2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0]);
        assert_eq!(reflected(-5, 1), 0);
    }

    /// The convolution as it is written down.
    pub(in super::super) fn convolved_at(
        image: Samples<'_>,
        kernel: &Kernel,
        column: usize,
        row: usize,
    ) -> f32 {
        let (half_x, half_y) = kernel.half();
        let mut sum = 0.0;
        for tap in &kernel.taps {
            let y = reflected((row + tap.row) as i64 - half_y as i64, image.ny);
            let x = reflected((column + tap.column) as i64 - half_x as i64, image.nx);
            sum += tap.weight * f64::from(image.data[y * image.nx + x]);
        }
        sum as f32
    }

    #[test]
    fn no_block_with_a_pixel_above_is_left_out() {
        let kernel = Kernel::new(&FindOptions::default()).unwrap();
        let (nx, ny) = (100, 9);
        for seed in 0..40u32 {
            let mut state = seed;
            let mut data: Vec<f32> = (0..nx * ny)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    1e4 + (state >> 20) as f32 / 400.0
                })
                .collect();
            data[407] = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e4][seed as usize % 4];
            let image = Samples {
                nx,
                ny,
                data: &data,
                mask: None,
            };
            let values: Vec<f32> = (0..nx * ny)
                .map(|index| convolved_at(image, &kernel, index % nx, index / nx))
                .collect();
            // At the greatest value nothing is above, just below it one pixel is.
            let greatest = values
                .iter()
                .copied()
                .filter(|v| v.is_finite())
                .fold(0.0, f32::max);
            for threshold in [greatest, greatest.next_down(), 0.5 * greatest, -1.0] {
                let threshold = f64::from(threshold);
                let mut rolling = Rolling::new(image, &kernel, threshold, 0);
                for row in 0..ny {
                    let (convolved, _) = rolling.convolve(row);
                    for column in 0..nx {
                        let expected = values[row * nx + column];
                        let found = convolved[column];
                        let same = found == expected || (found.is_nan() && expected.is_nan());
                        let above = f64::from(expected) > threshold;
                        let left_out = found == f32::NEG_INFINITY && !above;
                        assert!(
                            same || left_out,
                            "{seed} {threshold} {column} {row}: {found} {expected}"
                        );
                    }
                }
            }
        }
    }
}
