//! From samples to the limits of a stretch.

use crate::stretch::{Norm, NotPositive, Stretch};
use crate::{Error, Result};
use firstlight_stats::{ZScale, min_max, percentiles, zscale};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// How the limits are found where they are not given.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Limits {
    /// What suits the stretch. Linear: the smallest and the largest sample, as matplotlib does. Sqrt, asinh and
    /// power, which are for images with a sky: the 1st and the 99.7th percentile. Log: the 1st and the 99.9th
    /// percentile of the positive samples; in a panel, *as they are painted*, that is after several have become
    /// one pixel, and where there are others too, from half of the lower one, so that one count differs from none.
    #[default]
    Auto,
    /// The smallest and the largest sample; for log, of those above zero, as matplotlib's `LogNorm`.
    MinMax,
    /// Percentiles that leave out equally many samples at both ends; 100 is all.
    Percentile(f64),
    /// A lower and an upper percentile.
    Percentiles(f64, f64),
    /// IRAF's zscale: the sky and what is little above it.
    Zscale,
}

/// A stretch and how to find its limits.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scaling {
    /// The curve.
    pub stretch: Stretch,
    /// Where the limits come from.
    pub limits: Limits,
    /// Lower limit, in the samples' unit; wins over `limits`.
    pub vmin: Option<f64>,
    /// Upper limit, in the samples' unit; wins over `limits`.
    pub vmax: Option<f64>,
    /// Sample in the middle of the limits: the nearer one is moved as far away as the other. No effect where both are given.
    pub centre: Option<f64>,
    /// What becomes of samples at or below zero under a logarithm.
    pub not_positive: NotPositive,
}

/// Why the limits are not what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fallback {
    /// Every sample is NaN or infinite: nothing can be shown.
    NoFiniteSample,
    /// A logarithm of samples of which none is above zero.
    NoPositiveSample,
    /// All samples, or all but a few, have the same value: the interval was widened.
    Constant,
}

impl Fallback {
    /// In words, for the reader of a figure.
    pub fn text(self) -> &'static str {
        match self {
            Fallback::NoFiniteSample => "no finite sample",
            Fallback::NoPositiveSample => "no sample above zero",
            Fallback::Constant => "constant",
        }
    }
}

/// A stretch with its limits found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fitted {
    /// Samples to places.
    pub norm: Norm,
    /// What stood in the way, if anything.
    pub fallback: Option<Fallback>,
}

impl Scaling {
    /// A linear scaling between the smallest and the largest sample.
    pub fn linear() -> Self {
        Self::default()
    }

    /// A logarithmic scaling.
    pub fn log() -> Self {
        Self {
            stretch: Stretch::Log,
            ..Self::default()
        }
    }

    /// A linear scaling with zscale's limits.
    pub fn zscale() -> Self {
        Self {
            limits: Limits::Zscale,
            ..Self::default()
        }
    }

    /// An asinh scaling with the usual bend of 0.1.
    pub fn asinh() -> Self {
        Self {
            stretch: Stretch::Asinh { a: 0.1 },
            ..Self::default()
        }
    }

    /// Says how the limits are found.
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets both limits, in the samples' unit.
    pub fn between(mut self, vmin: f64, vmax: f64) -> Self {
        (self.vmin, self.vmax) = (Some(vmin), Some(vmax));
        self
    }

    /// Says which sample has the colour in the middle of the map.
    pub fn centred_on(mut self, centre: f64) -> Self {
        self.centre = Some(centre);
        self
    }

    /// Finds the limits for `samples`; NaN and infinities are left out.
    ///
    /// # Errors
    /// [`Error::Limits`] and [`Error::Parameter`] for limits, percentiles or parameters that cannot be used.
    /// Samples never make it fail: see [`Fallback`].
    pub fn fit(&self, samples: &[f32]) -> Result<Fitted> {
        let log = self.stretch == Stretch::Log;
        let (found, mut fallback) = match (self.vmin, self.vmax) {
            (Some(low), Some(high)) => ((low, high), None),
            _ => self.measured(samples)?,
        };
        let (mut vmin, mut vmax) = (self.vmin.unwrap_or(found.0), self.vmax.unwrap_or(found.1));
        if let Some(centre) = self.centre {
            (vmin, vmax) = match (self.vmin, self.vmax) {
                (Some(_), Some(_)) => (vmin, vmax),
                (Some(low), None) => (low, 2.0 * centre - low),
                (None, Some(high)) => (2.0 * centre - high, high),
                (None, None) => {
                    let reach = (centre - vmin).max(vmax - centre);
                    (centre - reach, centre + reach)
                }
            };
        }
        if vmin >= vmax && !(self.vmin.is_some() && self.vmax.is_some()) {
            fallback = fallback.or(Some(Fallback::Constant));
            (vmin, vmax) = match (self.vmin, self.vmax) {
                (Some(low), _) => (low, widened(low, log).1),
                (_, Some(high)) => (widened(high, log).0, high),
                _ => widened(vmin, log),
            };
        }
        let norm = Norm::new(self.stretch, vmin, vmax)?.with_not_positive(self.not_positive);
        Ok(Fitted { norm, fallback })
    }

    /// Limits from the samples alone.
    fn measured(&self, samples: &[f32]) -> Result<((f64, f64), Option<Fallback>)> {
        let log = self.stretch == Stretch::Log;
        let limits = match (self.limits, self.stretch) {
            (Limits::Auto, Stretch::Linear) => Limits::MinMax,
            (Limits::Auto, Stretch::Log) => Limits::Percentiles(1.0, 99.9),
            (Limits::Auto, _) => Limits::Percentiles(1.0, 99.7),
            (limits, _) => limits,
        };
        if samples.par_iter().all(|sample| !sample.is_finite()) {
            let any = if log { (0.1, 1.0) } else { (0.0, 1.0) };
            return Ok((any, Some(Fallback::NoFiniteSample)));
        }
        let positive: Vec<f32>;
        let samples = if log {
            positive = samples
                .iter()
                .copied()
                .filter(|&sample| sample > 0.0 && sample.is_finite())
                .collect();
            if positive.is_empty() {
                return Ok(((0.1, 1.0), Some(Fallback::NoPositiveSample)));
            }
            &positive
        } else {
            samples
        };
        let extremes = || min_max(samples).map_err(of_statistics);
        let found = match limits {
            Limits::Auto | Limits::MinMax => extremes()?,
            Limits::Percentile(percent) => {
                let beyond = 0.5 * (100.0 - in_percent(percent)?);
                between(samples, beyond, 100.0 - beyond)?
            }
            Limits::Percentiles(low, high) => between(samples, in_percent(low)?, in_percent(high)?)?,
            Limits::Zscale => zscale(samples, &ZScale::default()).map_err(of_statistics)?,
        };
        // Frames of few counts have one and the same value at most percentiles: all samples then.
        if found.0 < found.1 {
            Ok((found, None))
        } else {
            Ok((extremes()?, None))
        }
    }

    /// Finds the limits for a picture whose pixels are `painted`, in each of which `each` of the image's `samples`
    /// have come together.
    pub(crate) fn fit_picture(&self, painted: &[f32], samples: &[f32], each: f64) -> Result<Fitted> {
        let fitted = self.fit(painted)?;
        if fitted.fallback.is_some() {
            return Ok(fitted);
        }
        let norm = fitted.norm;
        let positive = samples.par_iter().copied().filter(|&sample| sample > 0.0);
        // A pixel that shares only the edge of a sample can have less than this, but no meaning.
        let faintest = f64::from(positive.reduce(|| f32::INFINITY, f32::min)) / each;
        let mut vmin = self.vmin.unwrap_or(norm.vmin().max(faintest));
        if self.vmin.is_none() && samples.par_iter().any(|&sample| sample <= 0.0) {
            vmin *= 0.5;
        }
        let vmax = match self.vmax {
            Some(given) if self.vmin.is_none() => {
                vmin = vmin.min(0.1 * given);
                given
            }
            _ => norm.vmax().max(2.0 * vmin),
        };
        self.between(vmin, vmax).fit(painted)
    }

    /// Whether the limits are those of the picture rather than of the image.
    pub(crate) fn is_of_picture(&self) -> bool {
        let given = self.vmin.is_some() && self.vmax.is_some();
        self.stretch == Stretch::Log && self.limits == Limits::Auto && !given
    }
}

/// The limits that hold for several images, so that equal colours mean equal samples: from the lowest of
/// their lower limits to the highest of their upper ones, leaving out images without a usable sample.
///
/// # Errors
/// [`Error::Limits`] where those limits cannot be used together.
pub fn shared(scaling: &Scaling, fitted: &[Fitted]) -> Result<Option<Norm>> {
    let usable = |fit: &&Fitted| matches!(fit.fallback, None | Some(Fallback::Constant));
    let norms: Vec<&Norm> = fitted.iter().filter(usable).map(|fit| &fit.norm).collect();
    if norms.is_empty() {
        return Ok(None);
    }
    let vmin = norms.iter().map(|norm| norm.vmin()).fold(f64::INFINITY, f64::min);
    let vmax = norms
        .iter()
        .map(|norm| norm.vmax())
        .fold(f64::NEG_INFINITY, f64::max);
    Norm::new(scaling.stretch, vmin, vmax).map(|norm| Some(norm.with_not_positive(scaling.not_positive)))
}

fn in_percent(percent: f64) -> Result<f64> {
    if (0.0..=100.0).contains(&percent) {
        Ok(percent)
    } else {
        Err(Error::Parameter {
            name: "the percentile",
            value: percent,
            range: "from 0 to 100",
        })
    }
}

fn between(samples: &[f32], low: f64, high: f64) -> Result<(f64, f64)> {
    let found = percentiles(samples, &[low, high]).map_err(of_statistics)?;
    Ok((found[0], found[1]))
}

/// An interval around the one value there is.
fn widened(value: f64, log: bool) -> (f64, f64) {
    if log {
        (value / 10.0, value * 10.0)
    } else if value == 0.0 {
        (-1.0, 1.0)
    } else {
        (value - 0.1 * value.abs(), value + 0.1 * value.abs())
    }
}

/// The arguments are checked before statistics are asked for, so only the samples can be the reason.
fn of_statistics(_: firstlight_stats::Error) -> Error {
    Error::Limits {
        vmin: f64::NAN,
        vmax: f64::NAN,
        why: "no finite sample",
    }
}
