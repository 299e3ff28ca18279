//! Sums over exposures, of one row.

use super::layer::Layer;
use crate::steps::widest;
use std::ops::Range;

/// The average of one pixel, e/s, with the time that the shutter's shading adds.
#[inline(always)]
pub(super) fn mean(counts: f32, seconds: f32, shading: Option<f32>) -> f32 {
    match shading {
        None => counts / seconds,
        Some(shading) => counts / seconds / (1.0 + shading / seconds),
    }
}

/// Sums over exposures, of one row. In single precision and in the order of the exposures, as the field's program
/// adds them.
#[derive(Default)]
pub(super) struct Sums {
    counts: Vec<f32>,
    seconds: Vec<f32>,
    variance: Vec<f32>,
}

impl Sums {
    /// Those of some pixels that have none of the states `left_out`.
    pub fn add(&mut self, layers: &[Layer], pixels: Range<usize>, left_out: u16) {
        for sum in [&mut self.counts, &mut self.seconds, &mut self.variance] {
            sum.resize(pixels.len(), 0.0);
        }
        if layers.is_empty() {
            for sum in [&mut self.counts, &mut self.seconds, &mut self.variance] {
                sum.fill(0.0);
            }
        }
        for (n, layer) in layers.iter().enumerate() {
            let seconds = layer.seconds();
            let (rate, err) = (&layer.rate[pixels.clone()], &layer.err[pixels.clone()]);
            let state = &layer.state[pixels.clone()];
            widest(
                #[inline(always)]
                || self.add_layer((rate, err, state), seconds, left_out, n == 0),
            );
        }
    }

    #[inline(always)]
    fn add_layer(
        &mut self,
        (rate, err, state): (&[f32], &[f32], &[u16]),
        seconds: f32,
        left_out: u16,
        is_first: bool,
    ) {
        let sums = self
            .counts
            .iter_mut()
            .zip(&mut self.seconds)
            .zip(&mut self.variance);
        let samples = rate.iter().zip(err).zip(state);
        for (((counts, time), variance), ((&rate, &err), &state)) in sums.zip(samples) {
            let used = state & left_out == 0;
            // To the sums of nothing the first exposure is added as any other, or −0 would stay what it is.
            let before = if is_first {
                [0.0; 3]
            } else {
                [*counts, *time, *variance]
            };
            *counts = before[0] + if used { rate * seconds } else { 0.0 };
            *time = before[1] + if used { seconds } else { 0.0 };
            *variance = before[2] + if used { err * err } else { 0.0 };
        }
    }

    /// The averages, e/s, where anything was added.
    pub fn means(&self, shading: Option<&[f32]>, out: &mut [f32]) {
        let sums = self.counts.iter().zip(&self.seconds);
        widest(
            #[inline(always)]
            || match shading {
                None => {
                    for (out, (&counts, &seconds)) in out.iter_mut().zip(sums) {
                        let mean = mean(counts, seconds, None);
                        *out = if seconds > 0.0 { mean } else { *out };
                    }
                }
                Some(shading) => {
                    for ((out, (&counts, &seconds)), &shading) in out.iter_mut().zip(sums).zip(shading) {
                        let mean = mean(counts, seconds, Some(shading));
                        *out = if seconds > 0.0 { mean } else { *out };
                    }
                }
            },
        );
    }

    /// Makes averages SCI of the product, and ERR beside it, e; gives the number of pixels that nothing was added of.
    pub fn product(&self, total_s: f32, sky_e: f32, sci: &mut [f32], err: &mut [f32]) -> usize {
        let sums = self.seconds.iter().zip(&self.variance);
        widest(
            #[inline(always)]
            || {
                let mut empty = 0u32;
                for ((sci, err), (&seconds, &variance)) in sci.iter_mut().zip(err).zip(sums) {
                    let used = seconds > 0.0;
                    let rate = if used { *sci } else { 0.0 };
                    *sci = rate * total_s + sky_e;
                    let error = (f64::from(total_s / seconds) * f64::from(variance).sqrt()) as f32;
                    *err = if used { error } else { 0.0 };
                    empty += u32::from(!used);
                }
                empty as usize
            },
        )
    }
}
