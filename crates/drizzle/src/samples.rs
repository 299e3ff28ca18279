//! The input in the units of the output.

use crate::lanes::MOST_LANES;
use crate::{DropOptions, Input, Rules};

/// The samples of one input.
pub(crate) struct Samples<'a> {
    pub(crate) input: &'a Input<'a>,
    factor: f64,
    weight_scale: f64,
    keep_unweighted: bool,
}

/// One input pixel.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) value: f32,
    pub(crate) weight: f32,
    /// Weight times value.
    pub(crate) weighted: f32,
    pub(crate) variance: f64,
}

impl<'a> Samples<'a> {
    pub(crate) fn new(input: &'a Input<'a>, drop: &DropOptions) -> Self {
        let keep_unweighted = drop.rules == Rules::AstroDrizzle;
        Self {
            input,
            factor: drop.factor(),
            weight_scale: drop.weight_scale,
            keep_unweighted,
        }
    }

    /// The sample at a position; `None` where there is nothing to add.
    #[inline(always)]
    pub(crate) fn at(&self, at: usize) -> Option<Sample> {
        let value = *self.input.data.get(at)?;
        let weight = match self.input.weight {
            Some(weight) => *weight.get(at)?,
            None => 1.0,
        };
        let (value, weight, weighted) = self.in_units(value, weight);
        if weight.is_nan() {
            return None;
        }
        let variance = match self.input.variance {
            Some(variance) => *variance.get(at)?,
            None => 0.0,
        };
        Some(Sample {
            value,
            weight,
            weighted,
            variance: self.variance_in_units(variance),
        })
    }

    /// Value, weight, and weight times value. The weight is NaN where there is nothing to add.
    #[inline(always)]
    fn in_units(&self, value: f32, weight: f32) -> (f32, f32, f32) {
        let (value, weight) = (
            f64::from(value) * self.factor,
            f64::from(weight) * self.weight_scale,
        );
        let weighted = (weight * value) as f32;
        let (value, weight) = (value as f32, weight as f32);
        // 0 unless one of them is infinite or NaN.
        let finite = (value + weight + weighted) * 0.0 == 0.0;
        let counts = finite & ((weight != 0.0) | self.keep_unweighted);
        (value, if counts { weight } else { f32::NAN }, weighted)
    }

    /// The variance of a sample; 0 where it is not finite.
    #[inline(always)]
    fn variance_in_units(&self, variance: f32) -> f64 {
        let variance = f64::from(variance);
        let known = if variance * 0.0 == 0.0 { variance } else { 0.0 };
        known * (self.factor * self.factor)
    }

    /// The `nx` samples from `first` on.
    #[inline(always)]
    pub(crate) fn fill(&self, first: usize, nx: usize, row: &mut SampleRow) {
        row.resize(nx);
        let all = first..first + nx;
        let Some(data) = self.input.data.get(all.clone()) else {
            return;
        };
        let weights = self.input.weight.and_then(|weight| weight.get(all.clone()));
        let planes = row.values.iter_mut().zip(&mut row.weights).zip(&mut row.weighted);
        // Loops of their own, so that several samples are made at a time.
        if let Some(weights) = weights {
            for (((value, weight), weighted), (data, from)) in planes.zip(data.iter().zip(weights)) {
                (*value, *weight, *weighted) = self.in_units(*data, *from);
            }
        } else {
            for (((value, weight), weighted), data) in planes.zip(data) {
                (*value, *weight, *weighted) = self.in_units(*data, 1.0);
            }
        }
        if let Some(variance) = self.input.variance.and_then(|variance| variance.get(all)) {
            for (out, variance) in row.variances.iter_mut().zip(variance) {
                *out = self.variance_in_units(*variance);
            }
        }
    }
}

/// The samples of a row, plane by plane. The weight is NaN where there is nothing to add, and in a lot's pixels more at the
/// end than there are.
#[derive(Default)]
pub(crate) struct SampleRow {
    values: Vec<f32>,
    weights: Vec<f32>,
    weighted: Vec<f32>,
    variances: Vec<f64>,
}

impl SampleRow {
    fn resize(&mut self, nx: usize) {
        for plane in [&mut self.values, &mut self.weights, &mut self.weighted] {
            plane.resize(nx + MOST_LANES, 0.0);
        }
        self.variances.resize(nx + MOST_LANES, 0.0);
        self.weights[nx..].fill(f32::NAN);
    }

    /// The samples from `start` on, of which that many are not beyond the end by more than a lot.
    #[inline(always)]
    pub(crate) fn lot(&self, start: usize) -> Option<LotSamples<'_>> {
        let lot = start..start + MOST_LANES;
        Some(LotSamples {
            values: self.values.get(lot.clone())?.first_chunk()?,
            weights: self.weights.get(lot.clone())?.first_chunk()?,
            weighted: self.weighted.get(lot.clone())?.first_chunk()?,
            variances: self.variances.get(lot)?.first_chunk()?,
        })
    }
}

/// The samples of some pixels beside one another, as in [`SampleRow`].
pub(crate) struct LotSamples<'s> {
    values: &'s [f32; MOST_LANES],
    weights: &'s [f32; MOST_LANES],
    weighted: &'s [f32; MOST_LANES],
    variances: &'s [f64; MOST_LANES],
}

impl LotSamples<'_> {
    #[inline(always)]
    pub(crate) fn at(&self, lane: usize) -> Option<Sample> {
        let weight = self.weights[lane];
        if weight.is_nan() {
            return None;
        }
        Some(Sample {
            value: self.values[lane],
            weight,
            weighted: self.weighted[lane],
            variance: self.variances[lane],
        })
    }
}
