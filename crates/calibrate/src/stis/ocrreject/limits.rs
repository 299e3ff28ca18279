//! Which pixels of a part are rejected.

use super::RejectionParameters;
use super::parts::{Part, Weight};
use crate::steps::widest;
use std::ops::Range;

/// State of a pixel of a part.
pub(super) const OK: u8 = 0;
pub(super) const SPILL: u8 = 1;
pub(super) const EXCLUDED: u8 = 2;
pub(super) const HIT: u8 = 3;

/// What a pixel may do: be hit, by its own threshold, and take a spill, by the lower one of neighbours.
const MAY_BE_HIT: u8 = 1;
const MAY_TAKE_SPILL: u8 = 2;
/// Pixels that are looked at together for one that may be hit, and the bits of those that do.
const TOGETHER: usize = size_of::<u64>();
const ANY_HIT: u64 = u64::from_ne_bytes([MAY_BE_HIT; TOGETHER]);

/// How far a rejection spreads.
pub(super) struct Spread {
    /// Rows to each side that are looked at.
    pub width: usize,
    /// Columns to each side of the pixel itself and so many rows away, as far as CRRADIUS reaches.
    columns: Vec<usize>,
    /// Square of CRTHRESH; −1 where that is 0 or less, so that all neighbours are above it.
    threshold2: f32,
}

impl Spread {
    pub fn of(parameters: &RejectionParameters) -> Self {
        let (radius, threshold) = (parameters.crradius, parameters.crthresh);
        let width = (f64::from(radius) + 1e-5) as usize;
        let is_near = |dx: usize, dy: usize| (dx * dx + dy * dy) as f32 <= radius * radius;
        // The width is rounded up a little: its last row may be out of reach.
        let rows = (0..=width).map_while(|dy| (0..=width).rev().find(|&dx| is_near(dx, dy)));
        Self {
            width,
            columns: rows.collect(),
            threshold2: if threshold <= 0.0 {
                -1.0
            } else {
                threshold * threshold
            },
        }
    }

    /// What a pixel may do, by its distance from the average and the squares of its two limits.
    #[inline(always)]
    fn judge(&self, difference: f32, own: f32, spilt: f32) -> u8 {
        let square = difference * difference;
        let spilt = self.threshold2 * spilt;
        (MAY_BE_HIT * u8::from(square > own)) | (MAY_TAKE_SPILL * u8::from(square > spilt))
    }
}

/// The states that a part begins with: excluded are pixels that were lost, and those that DQ says; `bad` is empty where
/// no bit of DQ excludes.
pub(super) fn exclude(bad: &[bool], rate: &[f32], states: &mut [u8]) {
    let state = |is_excluded| if is_excluded { EXCLUDED } else { OK };
    widest(
        #[inline(always)]
        || {
            for (to, rate) in states.iter_mut().zip(rate) {
                *to = state(rate.is_nan());
            }
            for ((to, &bad), rate) in states.iter_mut().zip(bad).zip(rate) {
                *to = state(bad | rate.is_nan());
            }
        },
    );
}

/// What decides over the pixels of one part in one iteration. In single precision, in this order of operations.
pub(super) struct Limits<'a> {
    pub weight: Weight,
    /// The image's row that the pixels begin with.
    pub first: usize,
    /// Pixels of a row.
    pub nx: usize,
    pub sigma2: f32,
    /// SCALENSE as a fraction.
    pub scale: f32,
    /// Variance of the first guess, where it is the measure.
    pub guessed: Option<&'a [f32]>,
    pub average: &'a [f32],
    pub rate: &'a [f32],
}

impl Limits<'_> {
    /// What each pixel may do; those that are NaN nothing.
    fn judge(&self, spread: &Spread, may: &mut [u8]) {
        for (run, part) in self.weight.runs(self.first, self.nx, may.len()) {
            self.judge_run(spread, &part, run.clone(), &mut may[run]);
        }
    }

    fn judge_run(&self, spread: &Spread, part: &Part, run: Range<usize>, may: &mut [u8]) {
        let (rate, average) = (&self.rate[run.clone()], &self.average[run.clone()]);
        let samples = may.iter_mut().zip(rate).zip(average);
        widest(
            #[inline(always)]
            || match self.guessed {
                Some(guessed) => {
                    for (((may, &rate), &average), &variance) in samples.zip(&guessed[run]) {
                        let limit = self.sigma2 * variance;
                        *may = spread.judge(rate - average, limit, limit);
                    }
                }
                // Without noise that grows with the signal both limits are one.
                None if self.scale == 0.0 => {
                    for ((may, &rate), &average) in samples {
                        let limit = self.limit(part, average, 0.0);
                        *may = spread.judge(rate - average, limit, limit);
                    }
                }
                None => {
                    for ((may, &rate), &average) in samples {
                        let own = self.limit(part, average, self.scale);
                        *may = spread.judge(rate - average, own, self.limit(part, average, 0.0));
                    }
                }
            },
        );
    }

    /// The square of the greatest difference, (DN/s)².
    #[inline(always)]
    fn limit(&self, part: &Part, average: f32, scale: f32) -> f32 {
        let Part {
            seconds,
            sky,
            noise2,
            gain,
        } = *part;
        let level = average * seconds + sky;
        let counts = if level > 0.0 { level } else { 0.0 };
        let above = level - sky;
        let signal = scale * if above > 0.0 { above } else { 0.0 };
        self.sigma2 * (noise2 + counts / gain + signal * signal) / (seconds * seconds)
    }
}

/// Goes through the pixels in order: one that is too far and not excluded is hit, and its neighbours spill. A neighbour
/// is no longer excluded then, and may be hit in its turn where it comes later. `may` is memory of the size of `states`.
pub(super) fn reject(limits: &Limits<'_>, spread: &Spread, states: &mut [u8], may: &mut [u8]) {
    let nx = limits.nx;
    limits.judge(spread, may);
    let (few, last) = may.as_chunks::<TOGETHER>();
    let begun = few.len() * TOGETHER;
    for (at, few) in few.iter().enumerate() {
        if u64::from_ne_bytes(*few) & ANY_HIT == 0 {
            continue;
        }
        let pixels = at * TOGETHER..(at + 1) * TOGETHER;
        pixels.for_each(|at| hit(may, spread, at, nx, states));
    }
    (begun..begun + last.len()).for_each(|at| hit(may, spread, at, nx, states));
}

#[inline(always)]
fn hit(may: &[u8], spread: &Spread, at: usize, nx: usize, states: &mut [u8]) {
    if may[at] & MAY_BE_HIT != 0 && states[at] != EXCLUDED {
        states[at] = HIT;
        spill(may, spread, (at / nx, at % nx), nx, states);
    }
}

fn spill(may: &[u8], spread: &Spread, (y, x): (usize, usize), nx: usize, states: &mut [u8]) {
    let ny = states.len() / nx;
    for row in y.saturating_sub(spread.width)..(y + spread.width + 1).min(ny) {
        let Some(&reach) = spread.columns.get(row.abs_diff(y)) else {
            continue;
        };
        let from = row * nx + x.saturating_sub(reach);
        let pixels = from..row * nx + (x + reach + 1).min(nx);
        for (state, may) in states[pixels.clone()].iter_mut().zip(&may[pixels]) {
            let takes = (*state != HIT) & (may & MAY_TAKE_SPILL != 0);
            *state = if takes { SPILL } else { *state };
        }
    }
}
