//! Rejection among the samples of each pixel.

use super::Rejection;
use super::lines::{Line, Lines};
use super::range::Ranges;
use crate::stack::network::COLUMNS;
use crate::{Centre, MAD_TO_SIGMA, SigmaClip, Spread};

/// Narrows the ranges of sorted lines to what is not rejected.
#[inline(always)]
pub(super) fn reject<L: Line>(lines: &Lines<L>, rejection: &Rejection, ranges: &mut Ranges) {
    if rejection.nlow > 0 || rejection.nhigh > 0 {
        extrema(rejection.nlow, rejection.nhigh, ranges);
    }
    if let Some(clip) = &rejection.clip {
        *ranges = clipped(lines, clip, *ranges);
    }
}

/// Leaves out the lowest and the highest, fewer where there are no more than that.
#[inline(always)]
fn extrema(nlow: usize, nhigh: usize, ranges: &mut Ranges) {
    for column in 0..COLUMNS {
        let (mut low, mut high) = (nlow, nhigh);
        let len = ranges.len(column);
        while len > 0 && low + high >= len {
            (low, high) = (low.saturating_sub(1), high.saturating_sub(1));
        }
        if len > 0 {
            ranges.first[column] += low as i64;
            ranges.end[column] -= high as i64;
        }
    }
}

#[inline(always)]
fn clipped<L: Line>(lines: &Lines<L>, clip: &SigmaClip, all: Ranges) -> Ranges {
    let mut kept = all;
    let mut lower = [f64::NEG_INFINITY; COLUMNS];
    let mut upper = [f64::INFINITY; COLUMNS];
    let mut round = 0;
    while clip.maxiters.is_none_or(|most| round < most) {
        let (centres, spreads) = centres_and_spreads(lines, clip, &kept);
        for column in 0..COLUMNS {
            if kept.len(column) > 0 {
                // Infinity times 0 is no number.
                let times = |sigma: f64| {
                    if sigma.is_finite() {
                        sigma * spreads[column]
                    } else {
                        sigma
                    }
                };
                lower[column] = centres[column] - times(clip.sigma_lower);
                upper[column] = centres[column] + times(clip.sigma_upper);
            }
        }
        round += 1;
        let before = kept;
        kept = within(lines, kept, &lower, &upper);
        if kept.first == before.first && kept.end == before.end {
            break;
        }
    }
    // After one round that is what is left already.
    if round <= 1 {
        kept
    } else {
        within(lines, all, &lower, &upper)
    }
}

#[inline(always)]
fn centres_and_spreads<L: Line>(
    lines: &Lines<L>,
    clip: &SigmaClip,
    kept: &Ranges,
) -> ([f64; COLUMNS], [f64; COLUMNS]) {
    let mut medians = [f64::NAN; COLUMNS];
    if clip.centre == Centre::Median || clip.spread == Spread::MadStd {
        for (column, median) in medians.iter_mut().enumerate() {
            *median = kept.median(lines, column);
        }
    }
    let mut means = [f64::NAN; COLUMNS];
    if clip.centre == Centre::Mean || clip.spread == Spread::Std {
        means = kept.means(lines);
    }
    let spreads = match clip.spread {
        Spread::Std => kept.deviations(lines, &means),
        Spread::MadStd => {
            let mut spreads = [f64::NAN; COLUMNS];
            for (column, spread) in spreads.iter_mut().enumerate() {
                *spread = kept.mad(lines, column, medians[column]) * MAD_TO_SIGMA;
            }
            spreads
        }
    };
    let centres = match clip.centre {
        Centre::Mean => means,
        Centre::Median => medians,
    };
    (centres, spreads)
}

/// Of the ranges what lies within the limits, these included.
#[inline(always)]
fn within<L: Line>(
    lines: &Lines<L>,
    ranges: Ranges,
    lower: &[f64; COLUMNS],
    upper: &[f64; COLUMNS],
) -> Ranges {
    let mut within = ranges;
    for column in 0..COLUMNS {
        let (first, end) = (&mut within.first[column], &mut within.end[column]);
        while *first < *end && lines.at(column, *first as usize) < lower[column] {
            *first += 1;
        }
        while *first < *end && lines.at(column, *end as usize - 1) > upper[column] {
            *end -= 1;
        }
    }
    within
}
