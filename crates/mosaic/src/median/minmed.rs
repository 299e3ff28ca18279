//! The median, or the minimum where that is much lower.
//!
//! After drizzlepac's minmed, with its precisions: the noise in double, values times weights in single.

use super::{MedianOptions, MedianRows, Single, layers};
use crate::bit_mask::{packed_of, spread};
use crate::{BitMask, Result};
use firstlight_stats::stack::{Combine, Empty, Layer, StackOptions, stack_row_and_lowest};
use rayon::prelude::*;
use std::ops::Range;

/// Rows that one thread makes in one go.
const ROWS_AT_ONCE: usize = 32;

pub(super) fn minmed_rows(
    singles: &[Single],
    rows: &MedianRows,
    options: &MedianOptions,
    out: &mut [f32],
) -> Result<()> {
    let nx = rows.nx;
    let grow = options.combine_grow as usize;
    // The rows on either side of those made are looked at once more with every block.
    let block = ROWS_AT_ONCE.max(grow.saturating_mul(4));
    let blocks = out.par_chunks_mut(block.saturating_mul(nx)).enumerate();
    blocks.try_for_each(|(k, out)| {
        let start = rows.rows.start + k * block;
        let made = start..start + out.len() / nx;
        let looked_at = made.start.saturating_sub(grow).max(rows.held.start)
            ..made.end.saturating_add(grow).min(rows.held.end);
        Block {
            singles,
            options,
            nx,
            held: rows.held.start,
            looked_at,
        }
        .make(&made, out)
    })
}

/// Rows that are made together.
struct Block<'b, 'a> {
    singles: &'b [Single<'a>],
    options: &'b MedianOptions,
    nx: usize,
    /// The first row held.
    held: usize,
    /// Rows in which it is looked at where the minimum is taken.
    looked_at: Range<usize>,
}

impl Block<'_, '_> {
    fn make(&self, made: &Range<usize>, out: &mut [f32]) -> Result<()> {
        let nx = self.nx;
        let lines = self.looked_at.len();
        let (mut anywhere, mut nearby) = (BitMask::new(lines, nx), BitMask::new(lines, nx));
        let mut minima = vec![0.0; made.len() * nx];
        let mut row = Row::new(self);
        for y in self.looked_at.clone() {
            row.look(y)?;
            let line = y - self.looked_at.start;
            row.mark(self.options.combine_nsigma.first, &mut anywhere, line);
            if made.contains(&y) {
                row.mark(self.options.combine_nsigma.second, &mut nearby, line);
                let samples = (y - made.start) * nx..(y - made.start + 1) * nx;
                minima[samples.clone()].copy_from_slice(&row.minimum);
                out[samples].copy_from_slice(&row.median);
            }
        }
        let grow = self.options.combine_grow as isize;
        let chosen = if grow == 0 {
            anywhere
        } else {
            spread::keep_common(&mut nearby, &spread::over_square(&anywhere, -grow..=grow));
            nearby
        };
        let pairs = out.chunks_mut(nx).zip(minima.chunks(nx));
        for (y, (out, minima)) in made.clone().zip(pairs) {
            for x in chosen.marked(y - self.looked_at.start, 0..nx) {
                out[x] = minima[x];
            }
        }
        Ok(())
    }
}

/// [`Row::sum`] with the instructions that the processor has.
struct SumOf<'r, 'b, 'a> {
    of: &'r mut Row<'b, 'a>,
    layers: &'r [Layer<'r>],
    row: usize,
}

impl pulp::NullaryFnOnce for SumOf<'_, '_, '_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.of.sum(self.layers, self.row);
    }
}

/// What is known of one row of pixels.
struct Row<'b, 'a> {
    block: &'b Block<'b, 'a>,
    median_options: StackOptions,
    median: Vec<f32>,
    minimum: Vec<f32>,
    /// Sum of the weights, seconds.
    weight: Vec<f32>,
    /// Sky and read noise of all exposures together, electrons squared.
    variance: Vec<f64>,
    /// Median, minimum and noise as electrons in the whole exposure time.
    median_e: Vec<f32>,
    minimum_e: Vec<f32>,
    noise_e: Vec<f64>,
}

impl<'b, 'a> Row<'b, 'a> {
    fn new(block: &'b Block<'b, 'a>) -> Self {
        let nx = block.nx;
        let with = |combine, nhigh| StackOptions {
            nhigh,
            empty: Empty::Value(0.0),
            ..StackOptions::new(combine)
        };
        // One exposure has no highest to leave out, and of two the mean is taken.
        let median_options = match block.singles.len() {
            1 => with(Combine::Median, 0),
            2 => with(Combine::Mean, 0),
            _ => with(Combine::Median, 1),
        };
        Self {
            block,
            median_options,
            median: vec![0.0; nx],
            minimum: vec![0.0; nx],
            weight: vec![0.0; nx],
            variance: vec![0.0; nx],
            median_e: vec![0.0; nx],
            minimum_e: vec![0.0; nx],
            noise_e: vec![0.0; nx],
        }
    }

    /// Looks at row `y` of the grid.
    fn look(&mut self, y: usize) -> Result<()> {
        let Block {
            singles, nx, held, ..
        } = *self.block;
        let row = y - held;
        let layers = layers(singles, row, nx, self.block.options);
        stack_row_and_lowest(&layers, &self.median_options, &mut self.median, &mut self.minimum)?;
        pulp::Arch::new().dispatch(SumOf {
            of: self,
            layers: &layers,
            row,
        });
        Ok(())
    }

    /// The noise of the pixels of a row, and what it is compared with.
    #[inline(always)]
    fn sum(&mut self, layers: &[Layer], row: usize) {
        let Block { singles, nx, .. } = *self.block;
        self.weight.fill(0.0);
        self.variance.fill(0.0);
        for (layer, single) in layers.iter().zip(singles) {
            let terms = &single.terms;
            let sky_per_s = terms.background_e / terms.exptime_s;
            let readout = terms.readnoise_e * terms.readnoise_e;
            let least = layer.weights.map_or(f64::NEG_INFINITY, |_| layer.least_weight);
            let wht = &single.wht[row * nx..(row + 1) * nx];
            let sums = self.weight.iter_mut().zip(&mut self.variance);
            for ((wht, sample), (weight, variance)) in wht.iter().zip(layer.samples).zip(sums) {
                // What may be used in a stack: see [`Layer::is_good`].
                let weighted = layer.weights.is_none() | (f64::from(*wht) >= least);
                let readout = if weighted & sample.is_finite() {
                    readout
                } else {
                    0.0
                };
                *weight += wht;
                *variance += f64::from(*wht) * sky_per_s + readout;
            }
        }
        let of_pixels = self
            .median
            .iter()
            .zip(&self.minimum)
            .zip(&self.weight)
            .zip(&self.variance);
        let electrons = self
            .median_e
            .iter_mut()
            .zip(&mut self.minimum_e)
            .zip(&mut self.noise_e);
        for ((((median, minimum), weight), variance), ((median_e, minimum_e), noise_e)) in
            of_pixels.zip(electrons)
        {
            *median_e = median * weight;
            *minimum_e = minimum * weight;
            *noise_e = (f64::from(*median_e) + variance).max(0.0).sqrt();
        }
    }

    /// Marks in line `line` of a mask where the minimum is `nsigma` below the median.
    fn mark(&self, nsigma: f64, mask: &mut BitMask, line: usize) {
        let pixels = self
            .minimum_e
            .chunks(64)
            .zip(self.median_e.chunks(64))
            .zip(self.noise_e.chunks(64));
        let words = mask.row_mut(line).iter_mut();
        pulp::Arch::new().dispatch(
            #[inline(always)]
            || {
                for (word, ((minimum, median), noise)) in words.zip(pixels) {
                    let pixels = minimum.iter().zip(median).zip(noise);
                    *word = packed_of(pixels.map(|((minimum, median), noise)| {
                        f64::from(*minimum) < f64::from(*median) - noise * nsigma
                    }));
                }
            },
        );
    }
}
