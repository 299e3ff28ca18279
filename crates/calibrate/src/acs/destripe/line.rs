//! One row across the chips, as it is measured and corrected.

use super::DestripeOptions;
use super::clip::{level, mean};
use firstlight_frame::dq::BitSelection;

/// The part of a row that lies on one chip.
pub(super) struct Part<'a> {
    pub sci: &'a mut [f32],
    pub err: &'a mut [f32],
    pub dq: &'a [u16],
    pub mask: Option<&'a [u8]>,
    /// Inverse of the flat field, 0 where a pixel has no sensitivity, and whether SCI and ERR are multiplied by it.
    pub inverse: Option<(&'a [f32], bool)>,
    /// Dark and flash in electrons, and whether SCI is without them already.
    pub layers: Vec<(&'a [f32], bool)>,
}

/// A row: its parts side by side.
pub(super) struct Line<'a> {
    pub parts: Vec<Part<'a>>,
    /// The flat-fielded samples, where the row is measured more than once.
    pub flattened: Option<Vec<f32>>,
}

/// What was measured of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Measured {
    /// Level of the row after flat-fielding, electrons.
    pub level: f64,
    /// Pixels that were kept.
    pub kept: usize,
    /// Rounds of clipping.
    pub rounds: usize,
    /// What takes a level after flat-fielding to one before: the inverse of the mean inverse flat.
    pub scale: f64,
    /// Variance of the level before flat-fielding, square electrons.
    pub variance: f64,
}

/// Buffers of one thread.
#[derive(Default)]
pub(super) struct Row {
    samples: Vec<f32>,
    weight: Vec<f32>,
}

impl Line<'_> {
    /// The level of the row; None where it cannot be measured.
    ///
    /// Samples that are measured again are not flat-fielded again: their last bits would differ from those of
    /// `acs_destripe`, and with them which pixels are clipped.
    pub fn measure(
        &mut self,
        row: &mut Row,
        accepted: BitSelection,
        options: &DestripeOptions,
    ) -> Option<Measured> {
        row.samples.clear();
        row.weight.clear();
        for part in &self.parts {
            part.gather(row, accepted);
        }
        match &self.flattened {
            Some(flattened) => row.samples.copy_from_slice(flattened),
            None if options.rpt_clean > 0 => self.flattened = Some(row.samples.clone()),
            None => {}
        }
        let level = level(&row.samples, &mut row.weight, options)?;
        let (mut variance, mut first) = (0.0, 0);
        row.samples.clear();
        for part in &self.parts {
            let weight = &row.weight[first..first + part.sci.len()];
            first += part.sci.len();
            part.append_inverse(weight, &mut row.samples);
            variance += part.sum_variance(weight);
        }
        // In single precision, as the offsets of repeated cleanings hang on its last bit.
        let scale = f64::from(1.0 / mean(&row.samples));
        let kept = level.kept as f64;
        Some(Measured {
            level: level.value,
            kept: level.kept,
            rounds: level.rounds,
            scale,
            variance: scale * scale * variance / (kept * kept),
        })
    }

    /// Subtracts an offset, in electrons before flat-fielding, and takes its noise out of ERR.
    pub fn subtract(&mut self, offset: f64) {
        let mut first = 0;
        for part in &mut self.parts {
            part.subtract(offset);
            let last = first + part.sci.len();
            if let Some(flattened) = &mut self.flattened {
                part.subtract_flattened(&mut flattened[first..last], offset);
            }
            first = last;
        }
    }

    /// Adds the variance of the offset, in square electrons before flat-fielding, to ERR.
    pub fn add_variance(&mut self, variance: f64) {
        for part in &mut self.parts {
            for x in 0..part.err.len() {
                let factor = part.applied(x);
                let added = (variance * f64::from(factor * factor)) as f32;
                part.err[x] = (part.err[x] * part.err[x] + added).abs().sqrt();
            }
        }
    }
}

impl Part<'_> {
    /// Appends the flat-fielded samples without dark and flash, and whether each counts.
    fn gather(&self, row: &mut Row, accepted: BitSelection) {
        let first = row.samples.len();
        row.samples.extend_from_slice(self.sci);
        row.weight.extend(
            self.dq
                .iter()
                .map(|dq| f32::from(u8::from(accepted.is_good(*dq)))),
        );
        let (samples, weight) = (&mut row.samples[first..], &mut row.weight[first..]);
        for (layer, subtracted) in &self.layers {
            if !subtracted {
                samples.iter_mut().zip(*layer).for_each(|(s, l)| *s -= l);
            }
        }
        if let Some((inverse, applied)) = self.inverse {
            if !applied {
                samples.iter_mut().zip(inverse).for_each(|(s, i)| *s *= i);
            }
            let dead = weight.iter_mut().zip(inverse).filter(|(_, i)| **i == 0.0);
            dead.for_each(|(w, _)| *w = 0.0);
        }
        if let Some(mask) = self.mask {
            let masked = weight.iter_mut().zip(mask).filter(|(_, m)| **m == 0);
            masked.for_each(|(w, _)| *w = 0.0);
        }
        for (sample, weight) in samples.iter_mut().zip(weight) {
            if !sample.is_finite() {
                (*sample, *weight) = (0.0, 0.0);
            }
        }
    }

    fn subtract_flattened(&self, flattened: &mut [f32], offset: f64) {
        let shifted = |sample: f32, inverse: f32| (f64::from(sample) - offset * f64::from(inverse)) as f32;
        match self.inverse {
            Some((inverse, _)) => flattened
                .iter_mut()
                .zip(inverse)
                .for_each(|(s, i)| *s = shifted(*s, *i)),
            None => flattened.iter_mut().for_each(|s| *s = shifted(*s, 1.0)),
        }
    }

    /// Appends the inverse flat of the pixels that were kept.
    fn append_inverse(&self, weight: &[f32], inverses: &mut Vec<f32>) {
        let kept = |(inverse, weight): (f32, &f32)| (*weight > 0.0).then_some(inverse);
        match self.inverse {
            Some((inverse, _)) => inverses.extend(inverse.iter().copied().zip(weight).filter_map(kept)),
            None => inverses.extend(std::iter::repeat(1.0).zip(weight).filter_map(kept)),
        }
    }

    /// Sum of the squares of the flat-fielded ERR of those that were kept; of finite ones alone.
    fn sum_variance(&self, weight: &[f32]) -> f64 {
        let errors = self.err.iter().zip(weight);
        let square = |err: f32| if err.is_finite() { err * err } else { 0.0 };
        match self.inverse {
            Some((inverse, false)) => sum(errors.zip(inverse).map(|((e, w), i)| square(e * i) * w)),
            _ => sum(errors.map(|(e, w)| square(*e) * w)),
        }
    }

    /// What SCI and ERR of pixel `x` have been multiplied by; a pixel without sensitivity never is.
    fn applied(&self, x: usize) -> f32 {
        match self.inverse {
            Some((inverse, true)) if inverse[x] != 0.0 => inverse[x],
            _ => 1.0,
        }
    }

    fn subtract(&mut self, offset: f64) {
        for x in 0..self.sci.len() {
            let factor = self.applied(x);
            let below = |(layer, subtracted): &(&[f32], bool)| if *subtracted { layer[x] } else { 0.0 };
            let taken: f32 = self.layers.iter().map(below).sum();
            // Of all electrons there were, stripe included: ERR has the Poisson noise of as many.
            let before = (self.sci[x] / factor + taken).max(0.0);
            self.sci[x] = (f64::from(self.sci[x]) - offset * f64::from(factor)) as f32;
            let after = (self.sci[x] / factor + taken).max(0.0);
            let change = (before - after) * factor * factor;
            self.err[x] = (self.err[x] * self.err[x] - change).abs().sqrt();
        }
    }
}

fn sum(terms: impl Iterator<Item = f32>) -> f64 {
    terms.map(f64::from).sum()
}
