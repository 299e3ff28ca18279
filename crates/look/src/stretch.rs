//! From a sample to its place in a colour map.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// The curve from samples to places in the colour map.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stretch {
    /// In proportion.
    #[default]
    Linear,
    /// In proportion to the logarithm, as matplotlib's `LogNorm`; see [`NotPositive`] for samples at or
    /// below zero.
    Log,
    /// The square root of the linear place.
    Sqrt,
    /// `asinh(t / a) / asinh(1 / a)` of the linear place `t`: linear below about `a`, logarithmic above
    /// (Lupton, Gunn and Szalay 1999). `a` is in (0, 1]; 0.1 is usual.
    Asinh {
        /// Where the curve bends.
        a: f64,
    },
    /// The linear place to a power above zero.
    Power {
        /// The power.
        exponent: f64,
    },
}

/// What a logarithmic stretch does with samples at or below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NotPositive {
    /// They are painted as all that lies below the lower limit. Counts that are mostly zero stay readable.
    #[default]
    Under,
    /// They are painted as samples without a value, as matplotlib does.
    Bad,
}

/// A stretch between limits: from samples to places 0 to 1, and back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Norm {
    stretch: Stretch,
    not_positive: NotPositive,
    vmin: f64,
    vmax: f64,
    /// Lower end and length of the interval in which the stretch is linear (the logarithm's, or the samples').
    start: f64,
    span: f64,
    /// What the curve is divided by.
    scale: f64,
}

impl Norm {
    /// A stretch from `vmin` (place 0) to `vmax` (place 1), both in the samples' unit.
    ///
    /// # Errors
    /// [`Error::Limits`] where they are not finite, not in order, or not positive for a logarithm;
    /// [`Error::Parameter`] for a parameter of the stretch out of range.
    pub fn new(stretch: Stretch, vmin: f64, vmax: f64) -> Result<Self> {
        let refuse = |why| Err(Error::Limits { vmin, vmax, why });
        if !(vmin.is_finite() && vmax.is_finite()) {
            return refuse("both must be finite");
        }
        if vmin >= vmax {
            return refuse("vmin must be below vmax");
        }
        if stretch == Stretch::Log && vmin <= 0.0 {
            return refuse("a logarithmic stretch needs limits above zero");
        }
        let (start, span) = match stretch {
            Stretch::Log => (vmin.ln(), vmax.ln() - vmin.ln()),
            _ => (vmin, vmax - vmin),
        };
        if !(span.is_finite() && span > 0.0) {
            return refuse("the interval between them is not a number that can be divided by");
        }
        let scale = match stretch {
            Stretch::Asinh { a } if !(a > 0.0 && a <= 1.0) => {
                return Err(Error::Parameter {
                    name: "asinh's a",
                    value: a,
                    range: "above 0 and at most 1",
                });
            }
            Stretch::Power { exponent } if !(exponent > 0.0 && exponent.is_finite()) => {
                return Err(Error::Parameter {
                    name: "the exponent",
                    value: exponent,
                    range: "above 0",
                });
            }
            Stretch::Asinh { a } => (1.0 / a).asinh(),
            _ => 1.0,
        };
        Ok(Self {
            stretch,
            not_positive: NotPositive::default(),
            vmin,
            vmax,
            start,
            span,
            scale,
        })
    }

    /// Says what becomes of samples at or below zero under a logarithm.
    pub fn with_not_positive(mut self, not_positive: NotPositive) -> Self {
        self.not_positive = not_positive;
        self
    }

    /// The curve.
    pub fn stretch(&self) -> Stretch {
        self.stretch
    }

    /// Lower limit, in the samples' unit.
    pub fn vmin(&self) -> f64 {
        self.vmin
    }

    /// Upper limit, in the samples' unit.
    pub fn vmax(&self) -> f64 {
        self.vmax
    }

    /// The place of a sample: 0 at `vmin`, 1 at `vmax`, beyond them outside that interval, NaN for NaN.
    #[inline]
    pub fn place(&self, sample: f64) -> f64 {
        match self.stretch {
            Stretch::Log if sample > 0.0 => (sample.ln() - self.start) / self.span,
            Stretch::Log => match self.not_positive {
                NotPositive::Under if !sample.is_nan() => -1.0,
                _ => f64::NAN,
            },
            Stretch::Linear => (sample - self.start) / self.span,
            _ => self.curve((sample - self.start) / self.span),
        }
    }

    fn curve(&self, t: f64) -> f64 {
        match self.stretch {
            Stretch::Asinh { a } => (t / a).asinh() / self.scale,
            // Below the lower limit only the sign matters.
            Stretch::Sqrt if t > 0.0 => t.sqrt(),
            Stretch::Power { exponent } if t > 0.0 => t.powf(exponent),
            _ => t,
        }
    }

    /// The sample whose place is `place` (0 to 1).
    pub fn sample(&self, place: f64) -> f64 {
        let t = match self.stretch {
            Stretch::Log => return (self.start + place * self.span).exp(),
            Stretch::Linear => place,
            Stretch::Sqrt => place * place,
            Stretch::Asinh { a } => a * (place * self.scale).sinh(),
            Stretch::Power { exponent } => place.powf(1.0 / exponent),
        };
        self.start + t * self.span
    }
}
