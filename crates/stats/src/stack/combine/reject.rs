//! Rejection among the samples of each pixel.

use super::Rejection;
use super::lines::{Line, Lines};
use super::range::{ColumnRange, Moments, Ranges, deviation, mad, mean, median};
use crate::stack::network::COLUMNS;
use crate::{Centre, MAD_TO_SIGMA, SigmaClip, Spread};

/// Narrows the ranges of sorted lines to what is not rejected. Gives what was learnt of them on the way.
#[inline(always)]
pub(super) fn reject<L: Line>(
    lines: &Lines<L>,
    rejection: &Rejection,
    ranges: &mut Ranges,
) -> Option<Moments> {
    if rejection.nlow > 0 || rejection.nhigh > 0 {
        extrema(rejection.nlow, rejection.nhigh, ranges);
    }
    let clip = rejection.clip.as_ref()?;
    let (left, moments) = clipped(lines, clip, *ranges);
    *ranges = left;
    moments
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

/// Clips all columns side by side once, and then each of which samples were left out by itself: there are few.
#[inline(always)]
fn clipped<L: Line>(lines: &Lines<L>, clip: &SigmaClip, all: Ranges) -> (Ranges, Option<Moments>) {
    if clip.maxiters == Some(0) {
        return (all, None);
    }
    let needs_mean = clip.centre == Centre::Mean || clip.spread == Spread::Std;
    let moments = needs_mean.then(|| all.moments(lines, None));
    let (centres, spreads) = centres_and_spreads(lines, clip, &all, moments.as_ref());
    let mut lower = [f64::NEG_INFINITY; COLUMNS];
    let mut upper = [f64::INFINITY; COLUMNS];
    for column in 0..COLUMNS {
        if all.len(column) > 0 {
            (lower[column], upper[column]) = limits(clip, centres[column], spreads[column]);
        }
    }
    let mut kept = within(lines, all, &lower, &upper);
    if clip.maxiters == Some(1) {
        return (kept, moments);
    }
    for column in 0..COLUMNS {
        let first = kept.of_column(column);
        if first != all.of_column(column) {
            let last = clipped_further(lines, clip, column, (all.of_column(column), first));
            (kept.first[column], kept.end[column]) = last;
        }
    }
    (kept, moments)
}

/// The rounds of one column after the first, which left `kept` of `all`. After the last all are compared with its limits.
fn clipped_further<L: Line>(
    lines: &Lines<L>,
    clip: &SigmaClip,
    column: usize,
    (all, mut kept): (ColumnRange, ColumnRange),
) -> ColumnRange {
    let mut last = kept;
    let mut round = 1;
    while kept.0 < kept.1 && clip.maxiters.is_none_or(|most| round < most) {
        let (centre, spread) = centre_and_spread(lines, clip, column, kept);
        let limits = limits(clip, centre, spread);
        last = within_column(lines, column, all, limits);
        round += 1;
        let before = kept;
        kept = within_column(lines, column, kept, limits);
        if kept == before {
            break;
        }
    }
    last
}

#[inline(always)]
fn limits(clip: &SigmaClip, centre: f64, spread: f64) -> (f64, f64) {
    // Infinity times 0 is no number.
    let times = |sigma: f64| if sigma.is_finite() { sigma * spread } else { sigma };
    (centre - times(clip.sigma_lower), centre + times(clip.sigma_upper))
}

fn centre_and_spread<L: Line>(
    lines: &Lines<L>,
    clip: &SigmaClip,
    column: usize,
    range: ColumnRange,
) -> (f64, f64) {
    let needs_median = clip.centre == Centre::Median || clip.spread == Spread::MadStd;
    let needs_mean = clip.centre == Centre::Mean || clip.spread == Spread::Std;
    let median = if needs_median {
        median(lines, column, range)
    } else {
        f64::NAN
    };
    let mean = if needs_mean {
        mean(lines, column, range)
    } else {
        f64::NAN
    };
    let spread = match clip.spread {
        Spread::Std => deviation(lines, column, range, mean),
        Spread::MadStd => mad(lines, column, range, median) * MAD_TO_SIGMA,
    };
    match clip.centre {
        Centre::Mean => (mean, spread),
        Centre::Median => (median, spread),
    }
}

#[inline(always)]
fn centres_and_spreads<L: Line>(
    lines: &Lines<L>,
    clip: &SigmaClip,
    kept: &Ranges,
    moments: Option<&Moments>,
) -> ([f64; COLUMNS], [f64; COLUMNS]) {
    const UNKNOWN: [f64; COLUMNS] = [f64::NAN; COLUMNS];
    let mut medians = UNKNOWN;
    if clip.centre == Centre::Median || clip.spread == Spread::MadStd {
        for (column, median) in medians.iter_mut().enumerate() {
            *median = kept.median(lines, column);
        }
    }
    let spreads = match clip.spread {
        Spread::Std => moments.map_or(UNKNOWN, Moments::deviations),
        Spread::MadStd => {
            let mut spreads = UNKNOWN;
            for (column, spread) in spreads.iter_mut().enumerate() {
                *spread = kept.mad(lines, column, medians[column]) * MAD_TO_SIGMA;
            }
            spreads
        }
    };
    let centres = match clip.centre {
        Centre::Mean => moments.map_or(UNKNOWN, |moments| moments.means),
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
    // Of most columns nothing is left out, which the lowest and the highest tell side by side where all are whole.
    let mut outside = [true; COLUMNS];
    if let (true, Some((lowest, highest))) = (ranges.are_whole(lines), lines.ends()) {
        for column in 0..COLUMNS {
            outside[column] =
                (lowest[column].to_f64() < lower[column]) | (highest[column].to_f64() > upper[column]);
        }
    }
    for column in 0..COLUMNS {
        if outside[column] {
            let limits = (lower[column], upper[column]);
            let range = within_column(lines, column, ranges.of_column(column), limits);
            (within.first[column], within.end[column]) = range;
        }
    }
    within
}

#[inline(always)]
fn within_column<L: Line>(
    lines: &Lines<L>,
    column: usize,
    (mut first, mut end): ColumnRange,
    (lower, upper): (f64, f64),
) -> ColumnRange {
    while first < end && lines.at(column, first as usize) < lower {
        first += 1;
    }
    while first < end && lines.at(column, end as usize - 1) > upper {
        end -= 1;
    }
    (first, end)
}
