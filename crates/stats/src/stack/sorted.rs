//! The usable samples of a few columns, in ascending order.

use super::network::{Aligned, COLUMNS, Exchanged, Network};
use super::{Combine, Layer, StackOptions};
use pulp::Simd;

/// Samples of [`COLUMNS`] columns: those that may be used in ascending order, infinity beyond them.
pub(super) struct Sorted {
    /// One line for each rank.
    lines: Vec<Aligned<f32>>,
    counts: [usize; COLUMNS],
    network: Network,
}

impl Sorted {
    pub(super) fn new(layers: usize) -> Self {
        Self {
            lines: vec![Aligned([f32::INFINITY; COLUMNS]); layers],
            counts: [0; COLUMNS],
            network: Network::of(layers),
        }
    }

    /// How many samples of a column may be used.
    #[inline(always)]
    pub(super) fn count(&self, column: usize) -> usize {
        self.counts[column]
    }

    /// [`Sorted::count`] where it is the same for all columns.
    #[inline(always)]
    pub(super) fn count_of_all(&self) -> Option<usize> {
        let [first, ..] = self.counts;
        let same = self
            .counts
            .iter()
            .fold(true, |same, count| same & (*count == first));
        same.then_some(first)
    }

    /// Whether there are columns of which nothing may be left.
    #[inline(always)]
    pub(super) fn has_empty(&self, options: &StackOptions) -> bool {
        let rejected = options.nlow + options.nhigh;
        self.counts
            .iter()
            .fold(false, |any, count| any | (*count <= rejected))
    }

    /// The sample of a rank.
    #[inline(always)]
    pub(super) fn at(&self, column: usize, rank: usize) -> f32 {
        self.lines[rank][column]
    }

    /// Takes the samples of `columns` columns from `start` on. All are put in order where `whole`, else no more than the
    /// options ask for.
    #[inline(always)]
    pub(super) fn fill<V: Simd>(
        &mut self,
        simd: V,
        layers: &[Layer],
        options: &StackOptions,
        whole: bool,
        (start, columns): (usize, usize),
    ) {
        let mut counts = [0u32; COLUMNS];
        for (layer, line) in layers.iter().zip(&mut self.lines) {
            **line = [f32::INFINITY; COLUMNS];
            let range = start..start + columns;
            let samples = layer.samples.get(range.clone()).unwrap_or(&[]);
            let weights = layer.weights.and_then(|weights| weights.get(range));
            take(samples, options, line);
            if let Some(weights) = weights {
                // Not `weight < least`: a weight that is NaN is no weight.
                for (sample, weight) in line.iter_mut().zip(weights) {
                    let enough = f64::from(*weight) >= layer.least_weight;
                    *sample = if enough { *sample } else { f32::INFINITY };
                }
            }
            for (count, sample) in counts.iter_mut().zip(line.iter()) {
                *count += u32::from(*sample < f32::INFINITY);
            }
        }
        self.counts = counts.map(|count| count as usize);
        self.sort(
            simd,
            options.combine == Combine::Minimum && options.nlow == 0 && !whole,
        );
    }

    #[inline(always)]
    fn sort<V: Simd>(&mut self, simd: V, lowest_alone: bool) {
        let lines = &mut self.lines;
        if lowest_alone {
            let (first, rest) = lines.split_at_mut(1);
            for first in first {
                for line in &mut *rest {
                    f32::exchange(simd, first, line);
                }
            }
        } else {
            self.network.sort(simd, lines);
        }
    }
}

/// Copies samples that are finite and between the limits, infinity in place of others.
#[inline(always)]
fn take(samples: &[f32], options: &StackOptions, line: &mut [f32; COLUMNS]) {
    let lower = options.lower.unwrap_or(f32::NEG_INFINITY);
    let upper = options.upper.unwrap_or(f32::INFINITY);
    for (out, sample) in line.iter_mut().zip(samples) {
        let usable = (*sample >= lower) & (*sample < upper) & (sample.abs() < f32::INFINITY);
        *out = if usable { *sample } else { f32::INFINITY };
    }
}
