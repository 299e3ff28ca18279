//! An image at one resolution: binned, smoothed, with what is missing left out.

use firstlight_frame::Image;
use nalgebra::{Matrix3, Vector3};
use rayon::prelude::*;

/// Sigma of the Gaussian by which every layer is smoothed, pixels of the layer.
const SMOOTHING: f64 = 1.5;
/// A smoothed sample counts where it has at least this share of the weight that samples have on average.
const LEAST_WEIGHT: f32 = 0.9;
/// A pixel this many times as far above the lowest of its neighbours as their third highest is, and as many standard deviations
/// of the noise, is no light from the sky.
const TOO_SHARP: f32 = 4.0;
const SPIKE_SIGMAS: f32 = 6.0;

/// What differs by no more than this share of the level is the same, in single precision.
const ROUNDING: f32 = 2e-6;

/// Samples, and which of them are good.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    pub nx: usize,
    pub ny: usize,
    /// Zero where not good.
    pub samples: Vec<f32>,
    pub good: Vec<bool>,
}

impl Layer {
    /// Samples that are finite, not masked, and not a spike of one pixel.
    pub(super) fn of(image: &Image<f32>, mask: Option<&Image<bool>>) -> Self {
        let good = |index: usize| {
            image.as_slice()[index].is_finite() && !mask.is_some_and(|mask| mask.as_slice()[index])
        };
        let mut layer = Self {
            nx: image.nx(),
            ny: image.ny(),
            samples: image.as_slice().to_vec(),
            good: (0..image.len()).map(good).collect(),
        };
        layer.leave_out_spikes();
        layer.blank();
        layer
    }

    pub(super) fn count(&self) -> usize {
        self.good.iter().filter(|good| **good).count()
    }

    fn blank(&mut self) {
        for (sample, good) in self.samples.iter_mut().zip(&self.good) {
            if !good {
                *sample = 0.0;
            }
        }
    }

    /// Hot and dead pixels stay where they are on the detector, and would tell that nothing has moved.
    fn leave_out_spikes(&mut self) {
        let (nx, ny) = (self.nx, self.ny);
        let this = &*self;
        let found: Vec<[f32; 3]> = (0..nx * ny)
            .into_par_iter()
            .map(|index| this.sharpness(index % nx, index / nx))
            .collect();
        let mut noise: Vec<f32> = found
            .iter()
            .step_by((nx * ny / 65_536).max(1))
            .map(|found| found[2])
            .filter(|away| away.is_finite())
            .collect();
        if noise.is_empty() {
            return;
        }
        let middle = noise.len() / 2;
        let (_, noise, _) = noise.select_nth_unstable_by(middle, f32::total_cmp);
        let least = SPIKE_SIGMAS * 1.4826 * *noise;
        for (good, [up, down, _]) in self.good.iter_mut().zip(found) {
            *good &= !(up > least || down > least);
        }
    }

    /// How far a pixel is above, and below, what its neighbours allow it, or nothing; and how far it is from their mean.
    fn sharpness(&self, x: usize, y: usize) -> [f32; 3] {
        let mut around = [0.0_f32; 8];
        let mut count = 0;
        for v in y.saturating_sub(1)..(y + 2).min(self.ny) {
            for u in x.saturating_sub(1)..(x + 2).min(self.nx) {
                if (u, v) != (x, y) && self.good[v * self.nx + u] {
                    around[count] = self.samples[v * self.nx + u];
                    count += 1;
                }
            }
        }
        if !self.good[y * self.nx + x] || count < 5 {
            return [0.0, 0.0, f32::NAN];
        }
        let around = &mut around[..count];
        around.sort_unstable_by(f32::total_cmp);
        let own = self.samples[y * self.nx + x];
        let beyond = |own: f32, end: f32, third: f32| {
            let away = own - end;
            if away > TOO_SHARP * (third - end) {
                away
            } else {
                0.0
            }
        };
        let mean = around.iter().sum::<f32>() / count as f32;
        [
            beyond(own, around[0], around[count - 3]),
            beyond(-own, -around[count - 1], -around[2]),
            (own - mean).abs(),
        ]
    }

    /// Means of two by two pixels, of which two have to be good. A last odd column or row is left out.
    pub(super) fn halved(&self) -> Self {
        let (nx, ny) = (self.nx / 2, self.ny / 2);
        let of = |index: usize| {
            let first = 2 * (index / nx) * self.nx + 2 * (index % nx);
            let mut sum = (0.0, 0_u8);
            for at in [first, first + 1, first + self.nx, first + self.nx + 1] {
                sum.0 += self.samples[at];
                sum.1 += u8::from(self.good[at]);
            }
            if sum.1 >= 2 {
                (sum.0 / f32::from(sum.1), true)
            } else {
                (0.0, false)
            }
        };
        let (samples, good) = (0..nx * ny).into_par_iter().map(of).unzip();
        Self {
            nx,
            ny,
            samples,
            good,
        }
    }

    /// Smoothed as every layer is that images are compared in.
    pub(super) fn smooth(&self) -> Self {
        self.smoothed(SMOOTHING, LEAST_WEIGHT)
    }

    /// Each good sample less the mean about it under a wide Gaussian, in units of the scatter of all, and no further than so many
    /// of these from it.
    pub(super) fn flattened(&self, sigma: f64, most: f32) -> Self {
        let mut flat = self.clone();
        let wide = self.smoothed(sigma, 0.0);
        let mut away: Vec<f32> = Vec::with_capacity(flat.samples.len());
        for ((sample, good), wide) in flat.samples.iter_mut().zip(&flat.good).zip(&wide.samples) {
            *sample -= wide;
            if *good {
                away.push(sample.abs());
            }
        }
        let middle = away.len() / 2;
        let spread = if away.is_empty() {
            0.0
        } else {
            1.4826 * *away.select_nth_unstable_by(middle, f32::total_cmp).1
        };
        let level = self
            .samples
            .iter()
            .fold(0.0, |most: f32, sample| most.max(sample.abs()));
        if away.iter().all(|away| *away <= ROUNDING * level) {
            flat.samples.fill(0.0);
        } else if spread > 0.0 {
            for sample in &mut flat.samples {
                *sample = (*sample / spread).clamp(-most, most);
            }
        }
        flat.blank();
        flat
    }

    /// The samples less the plane that fits the good ones best; nothing but zero where they lie in one.
    pub(super) fn without_plane(&self) -> Self {
        let mut flat = self.clone();
        flat.take_plane_off();
        let most = |samples: &[f32]| {
            samples
                .iter()
                .fold(0.0, |most: f32, sample| most.max(sample.abs()))
        };
        if most(&flat.samples) <= ROUNDING * most(&self.samples) {
            flat.samples.fill(0.0);
        }
        flat
    }

    fn take_plane_off(&mut self) {
        let nx = self.nx;
        let terms = |index: usize| {
            let (x, y) = ((index % nx) as f64, (index / nx) as f64);
            Vector3::new(1.0, x / nx as f64 - 0.5, y / self.ny as f64 - 0.5)
        };
        let (mut normal, mut right) = (Matrix3::zeros(), Vector3::zeros());
        let level = self.level();
        for index in (0..self.samples.len()).filter(|&index| self.good[index]) {
            normal += terms(index) * terms(index).transpose();
            right += terms(index) * (f64::from(self.samples[index]) - level);
        }
        let Some(plane) = normal.cholesky().map(|normal| normal.solve(&right)) else {
            return;
        };
        let slopes: Vec<f64> = (0..self.samples.len())
            .map(|index| level + terms(index).dot(&plane))
            .collect();
        for (sample, slope) in self.samples.iter_mut().zip(slopes) {
            *sample = (f64::from(*sample) - slope) as f32;
        }
        self.blank();
    }

    /// The mean of good samples about each under a Gaussian.
    fn smoothed(&self, sigma: f64, least: f32) -> Self {
        let reach = (4.0 * sigma).ceil() as usize;
        let weight = |away: usize| (-0.5 * (away as f64 / sigma).powi(2)).exp();
        let sum = weight(0) + 2.0 * (1..=reach).map(weight).sum::<f64>();
        let weights: Vec<f32> = (0..=reach).map(|away| (weight(away) / sum) as f32).collect();
        let there: Vec<f32> = self.good.iter().map(|good| f32::from(u8::from(*good))).collect();
        let share = there.iter().map(|one| f64::from(*one)).sum::<f64>() / there.len().max(1) as f64;
        let shape = (self.ny, self.nx);
        // Around a level of its own, single precision holds all digits.
        let level = self.level() as f32;
        let light: Vec<f32> = self
            .samples
            .iter()
            .zip(&there)
            .map(|(sample, one)| (sample - level) * one)
            .collect();
        let light = both_ways(&light, shape, &weights);
        let weight = both_ways(&there, shape, &weights);
        let mut smooth = self.clone();
        let least = (least * share as f32).max(1e-6);
        for (index, (light, weight)) in light.iter().zip(&weight).enumerate() {
            smooth.good[index] = *weight > least;
            smooth.samples[index] = if *weight > least {
                light / weight + level
            } else {
                0.0
            };
        }
        smooth
    }

    /// Whether a sample and the four beside it are good.
    pub(super) fn has_slope(&self, index: usize) -> bool {
        let (x, y) = (index % self.nx, index / self.nx);
        let inside = x > 0 && y > 0 && x + 1 < self.nx && y + 1 < self.ny;
        inside
            && [index, index - 1, index + 1, index - self.nx, index + self.nx]
                .iter()
                .all(|&at| self.good[at])
    }

    /// How fast the samples rise along x and y there.
    pub(super) fn slope(&self, index: usize) -> [f64; 2] {
        [1, self.nx].map(|step| 0.5 * f64::from(self.samples[index + step] - self.samples[index - step]))
    }

    /// The mean of the good samples.
    pub(super) fn level(&self) -> f64 {
        let good = self.samples.iter().zip(&self.good).filter(|(_, good)| **good);
        let (sum, count) = good.fold((0.0, 0_usize), |(sum, count), (sample, _)| {
            (sum + f64::from(*sample), count + 1)
        });
        sum / count.max(1) as f64
    }
}

/// Convolved along rows and then along columns; beyond the edges is nothing.
fn both_ways(samples: &[f32], (ny, nx): (usize, usize), weights: &[f32]) -> Vec<f32> {
    let reach = weights.len() - 1;
    let mut rows = vec![0.0; samples.len()];
    rows.par_chunks_mut(nx.max(1)).enumerate().for_each(|(y, out)| {
        let line = &samples[y * nx..][..nx];
        for (away, weight) in weights.iter().enumerate().take(nx) {
            let pairs = out[away..].iter_mut().zip(line);
            pairs.for_each(|(out, sample)| *out += weight * sample);
            if away > 0 {
                let pairs = out.iter_mut().zip(&line[away..]);
                pairs.for_each(|(out, sample)| *out += weight * sample);
            }
        }
    });
    let mut both = vec![0.0; samples.len()];
    both.par_chunks_mut(nx.max(1)).enumerate().for_each(|(y, out)| {
        for v in y.saturating_sub(reach)..(y + reach + 1).min(ny) {
            let weight = weights[v.abs_diff(y)];
            let pairs = out.iter_mut().zip(&rows[v * nx..][..nx]);
            pairs.for_each(|(out, sample)| *out += weight * sample);
        }
    });
    both
}
