//! From the counts of a part to rates, and what they say at once: bits of DQ, and the least of all parts.

use super::REJECTED;
use super::parts::{Part, Weight};
use crate::steps::widest;

/// DQ bit of a pixel whose data were lost: NaN or infinite.
const DATA_LOST: u16 = 1;

/// Adds the DQ of a part to that of all, without what a combination before had rejected.
pub(super) fn gather(sci: &[f32], of_part: &[u16], dq: &mut [u16]) {
    widest(
        #[inline(always)]
        || {
            for ((sample, &bits), dq) in sci.iter().zip(of_part).zip(dq) {
                *dq |= bits & !REJECTED | if sample.is_finite() { 0 } else { DATA_LOST };
            }
        },
    );
}

/// Makes of counts those above the sky per second; NaN where they are lost.
pub(super) fn per_second(part: &Weight, counts: &mut [f32]) {
    widest(
        #[inline(always)]
        || {
            for sample in counts {
                let above = (*sample - part.sky) / part.seconds;
                *sample = if above.is_finite() { above } else { f32::NAN };
            }
        },
    );
}

/// Takes the lower of each finite sample, less its sky, per second, with its variance; an average of NaN is none yet.
pub(super) fn lower(part: &Part, scale: f32, sci: &[f32], (average, guessed): (&mut [f32], &mut [f32])) {
    let seconds2 = part.seconds * part.seconds;
    widest(
        #[inline(always)]
        || {
            for (&sample, (average, guessed)) in sci.iter().zip(average.iter_mut().zip(guessed)) {
                let above = sample - part.sky;
                let rate = above / part.seconds;
                let is_lower = rate.is_finite() & ((rate < *average) | average.is_nan());
                let counts = if sample > 0.0 { sample } else { 0.0 };
                let signal = scale * if above > 0.0 { above } else { 0.0 };
                let variance = (part.noise2 + counts / part.gain + signal * signal) / seconds2;
                *average = if is_lower { rate } else { *average };
                *guessed = if is_lower { variance } else { *guessed };
            }
        },
    );
}
