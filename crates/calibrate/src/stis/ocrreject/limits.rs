//! Which pixels of a part are rejected.

use super::RejectionParameters;
use super::parts::Part;
use crate::steps::widest;

/// Samples that are looked at together for one that exceeds its threshold.
const TOGETHER: usize = 32;
/// State of a pixel of a part.
pub(super) const OK: u8 = 0;
pub(super) const SPILL: u8 = 1;
pub(super) const EXCLUDED: u8 = 2;
pub(super) const HIT: u8 = 3;

/// How far a rejection spreads.
pub(super) struct Spread {
    /// Square of CRRADIUS, pixels.
    radius2: f32,
    /// Rows and columns to each side that are looked at.
    pub width: usize,
    /// Square of CRTHRESH; −1 where that is 0 or less, so that all neighbours are above it.
    threshold2: f32,
}

impl Spread {
    pub fn of(parameters: &RejectionParameters) -> Self {
        let (radius, threshold) = (parameters.crradius, parameters.crthresh);
        Self {
            radius2: radius * radius,
            width: (f64::from(radius) + 1e-5) as usize,
            threshold2: if threshold <= 0.0 {
                -1.0
            } else {
                threshold * threshold
            },
        }
    }
}

/// The states that DQ alone gives.
pub(super) fn exclude(dq: &[u16], rate: &[f32], bad: u16, states: &mut [u8]) {
    widest(
        #[inline(always)]
        || {
            for ((state, &bits), &rate) in states.iter_mut().zip(dq).zip(rate) {
                let is_excluded = (bits & bad != 0) | rate.is_nan();
                *state = if is_excluded { EXCLUDED } else { OK };
            }
        },
    );
}

/// What decides over the pixels of one part in one iteration. In single precision, in this order of operations.
pub(super) struct Limits<'a> {
    pub part: Part,
    pub sigma2: f32,
    /// SCALENSE as a fraction.
    pub scale: f32,
    /// Variance of the first guess, where it is the measure.
    pub guessed: Option<&'a [f32]>,
    pub average: &'a [f32],
    pub rate: &'a [f32],
}

impl Limits<'_> {
    /// Whether a pixel is too far from the average; NaN is not.
    #[inline(always)]
    fn exceeds(&self, at: usize) -> bool {
        let difference = self.rate[at] - self.average[at];
        difference * difference > self.limit(at, self.scale)
    }

    /// Whether the neighbour of a rejected pixel is.
    fn spreads(&self, at: usize, threshold2: f32) -> bool {
        let difference = self.rate[at] - self.average[at];
        difference * difference > threshold2 * self.limit(at, 0.0)
    }

    /// The square of the greatest difference, (DN/s)².
    #[inline(always)]
    fn limit(&self, at: usize, scale: f32) -> f32 {
        if let Some(guessed) = self.guessed {
            return self.sigma2 * guessed[at];
        }
        let Part {
            seconds,
            sky,
            noise2,
            gain,
        } = self.part;
        let level = self.average[at] * seconds + sky;
        let counts = if level > 0.0 { level } else { 0.0 };
        let above = level - sky;
        let signal = scale * if above > 0.0 { above } else { 0.0 };
        self.sigma2 * (noise2 + counts / gain + signal * signal) / (seconds * seconds)
    }

    /// Whether any of the pixels `from..to` is too far.
    #[inline(always)]
    fn any(&self, from: usize, to: usize) -> bool {
        (from..to).fold(0u32, |any, at| any | u32::from(self.exceeds(at))) != 0
    }
}

/// Goes through the pixels in order: one that is too far and not excluded is hit, and its neighbours spill. A neighbour
/// is no longer excluded then, and may be hit in its turn where it comes later.
pub(super) fn reject(limits: &Limits<'_>, spread: &Spread, nx: usize, states: &mut [u8]) {
    let pixels = states.len();
    for from in (0..pixels).step_by(TOGETHER) {
        let to = (from + TOGETHER).min(pixels);
        let any = widest(
            #[inline(always)]
            || limits.any(from, to),
        );
        if !any {
            continue;
        }
        for at in from..to {
            if states[at] != EXCLUDED && limits.exceeds(at) {
                states[at] = HIT;
                spill(limits, spread, (at / nx, at % nx), nx, states);
            }
        }
    }
}

fn spill(limits: &Limits<'_>, spread: &Spread, (y, x): (usize, usize), nx: usize, states: &mut [u8]) {
    let ny = states.len() / nx;
    for row in y.saturating_sub(spread.width)..(y + spread.width + 1).min(ny) {
        let dy = row.abs_diff(y);
        for column in x.saturating_sub(spread.width)..(x + spread.width + 1).min(nx) {
            let dx = column.abs_diff(x);
            let at = row * nx + column;
            let is_near = (dx * dx + dy * dy) as f32 <= spread.radius2;
            if is_near && states[at] != HIT && limits.spreads(at, spread.threshold2) {
                states[at] = SPILL;
            }
        }
    }
}
