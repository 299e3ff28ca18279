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
    pub(crate) value: f64,
    pub(crate) weight: f64,
    pub(crate) variance: f64,
}

impl Sample {
    /// What a whole pixel adds to the sum of weighted values.
    #[inline(always)]
    pub(crate) fn weighted(&self) -> f64 {
        self.weight * self.value
    }
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
        let value = f64::from(*self.input.data.get(at)?) * self.factor;
        let weight = match self.input.weight {
            Some(weight) => f64::from(*weight.get(at)?) * self.weight_scale,
            None => self.weight_scale,
        };
        // 0 unless one of them is infinite or NaN.
        if (value + weight) * 0.0 != 0.0 || (weight == 0.0 && !self.keep_unweighted) {
            return None;
        }
        let variance = match self.input.variance {
            Some(variance) => f64::from(*variance.get(at)?),
            None => 0.0,
        };
        let variance = if variance.is_finite() { variance } else { 0.0 };
        Some(Sample {
            value,
            weight,
            variance: variance * self.factor * self.factor,
        })
    }

    /// The `nx` samples from `first` on.
    #[inline(always)]
    pub(crate) fn fill(&self, first: usize, nx: usize, row: &mut SampleRow) {
        row.resize(nx);
        let all = first..first + nx;
        let Some(data) = self.input.data.get(all.clone()) else {
            return;
        };
        for (out, value) in row.values.iter_mut().zip(data) {
            *out = f64::from(*value) * self.factor;
        }
        match self.input.weight.and_then(|weight| weight.get(all.clone())) {
            Some(weight) => {
                for (out, weight) in row.weights.iter_mut().zip(weight) {
                    *out = f64::from(*weight) * self.weight_scale;
                }
            }
            None => row.weights[..nx].fill(self.weight_scale),
        }
        for (weight, value) in row.weights.iter_mut().zip(&row.values).take(nx) {
            // 0 unless one of them is infinite or NaN.
            let finite = (*value + *weight) * 0.0 == 0.0;
            let counts = finite & ((*weight != 0.0) | self.keep_unweighted);
            *weight = if counts { *weight } else { f64::NAN };
        }
        if let Some(variance) = self.input.variance.and_then(|variance| variance.get(all)) {
            let factor = self.factor * self.factor;
            for (out, variance) in row.variances.iter_mut().zip(variance) {
                let variance = f64::from(*variance);
                *out = if variance * 0.0 == 0.0 { variance } else { 0.0 } * factor;
            }
        }
    }
}

/// The samples of a row, plane by plane. The weight is NaN where there is nothing to add, and in a lot's pixels more at the
/// end than there are.
#[derive(Default)]
pub(crate) struct SampleRow {
    pub(crate) values: Vec<f64>,
    pub(crate) weights: Vec<f64>,
    pub(crate) variances: Vec<f64>,
}

impl SampleRow {
    fn resize(&mut self, nx: usize) {
        for plane in [&mut self.values, &mut self.weights, &mut self.variances] {
            plane.resize(nx + MOST_LANES, 0.0);
        }
        self.weights[nx..].fill(f64::NAN);
    }

    /// The samples from `start` on, of which that many are not beyond the end by more than a lot.
    #[inline(always)]
    pub(crate) fn lot(&self, start: usize) -> Option<LotSamples<'_>> {
        let lot = start..start + MOST_LANES;
        Some(LotSamples {
            values: self.values.get(lot.clone())?.first_chunk()?,
            weights: self.weights.get(lot.clone())?.first_chunk()?,
            variances: self.variances.get(lot)?.first_chunk()?,
        })
    }

    #[inline(always)]
    pub(crate) fn at(&self, i: usize) -> Option<Sample> {
        let weight = *self.weights.get(i)?;
        if weight.is_nan() {
            return None;
        }
        Some(Sample {
            value: *self.values.get(i)?,
            weight,
            variance: *self.variances.get(i)?,
        })
    }
}

/// The samples of some pixels beside one another, as in [`SampleRow`].
pub(crate) struct LotSamples<'s> {
    values: &'s [f64; MOST_LANES],
    weights: &'s [f64; MOST_LANES],
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
            variance: self.variances[lane],
        })
    }
}
