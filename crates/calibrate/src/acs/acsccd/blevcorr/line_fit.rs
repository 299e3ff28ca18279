//! A straight line through the overscan of the rows: how the bias level is found before Servicing Mission 4.

use crate::acs::Chip;
use crate::steps::straight_line;
use firstlight_stats::median_of_finite;
use rayon::prelude::*;
use std::ops::RangeInclusive;

/// Levels further above their mean than this many standard deviations are taken for cosmic rays or bleeding stars.
const CLIP: f32 = 3.0;

/// A bias level that changes linearly from line to line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// Change per line, e.
    pub slope: f64,
    /// Level at `middle`, e.
    pub intercept: f64,
    /// The line whose level is the intercept.
    pub middle: f64,
    /// Whether it was measured; else it is what was to be taken instead.
    pub measured: bool,
}

impl Line {
    /// The level at line `y` of the readout.
    pub fn at(&self, y: usize) -> f64 {
        (y as f64 - self.middle) * self.slope + self.intercept
    }
}

/// Fits the median of the good pixels of `sections` in each of `lines` lines from `first_line` on, after clipping those
/// too high; `fallback_e` everywhere where none are left or the fit is singular.
///
/// The abscissa of the fit is the line within the trimmed image, but [`Line::at`] is asked for lines of the readout, as
/// the bias level of ACS has always been evaluated: of chip 1, whose first lines are overscan, the line is shifted by
/// their number.
pub fn fit(
    chip: &Chip,
    sections: &[RangeInclusive<usize>],
    first_line: usize,
    lines: usize,
    readnoise_e: f32,
    fallback_e: f32,
) -> Line {
    let serious = chip.serious();
    let level = |line: usize| {
        let y = line + first_line;
        let (sci, dq) = (chip.frame.sci.row(y), chip.frame.dq.row(y));
        let columns = sections.iter().cloned().flatten();
        let good = columns.filter(|&x| dq[x] & serious == 0);
        median_of_finite(&mut good.map(|x| sci[x]).collect::<Vec<_>>())
    };
    let mut levels: Vec<Option<f64>> = (0..lines).into_par_iter().map(level).collect();
    clip(&mut levels, readnoise_e);
    let middle = (lines / 2) as f64;
    let points = levels.iter().enumerate();
    let points = points.filter_map(|(line, level)| level.map(|level| (line as f64 - middle, level)));
    match straight_line(points) {
        Some((slope, intercept)) => Line {
            slope,
            intercept,
            middle,
            measured: true,
        },
        None => Line {
            slope: 0.0,
            intercept: f64::from(fallback_e),
            middle,
            measured: false,
        },
    }
}

/// Removes levels far above the mean, first by their own scatter, then by the readout noise. Limits are cut to whole
/// electrons.
fn clip(levels: &mut [Option<f64>], readnoise_e: f32) {
    let Some(mean) = mean_of(levels) else {
        return;
    };
    let deviations = levels.iter().flatten().map(|level| (level - mean).powi(2));
    let count = deviations.clone().count() as f64;
    let mut scatter = (deviations.sum::<f64>() / (count - 1.0)).sqrt();
    // No more than of a Poisson distribution, so that bright stars bleeding into the overscan do not widen it.
    if scatter > mean.sqrt() {
        scatter = mean.sqrt();
    }
    remove_above(levels, f64::from(CLIP) * scatter + mean);
    if let Some(mean) = mean_of(levels) {
        remove_above(levels, f64::from(CLIP * readnoise_e) + mean);
    }
}

fn mean_of(levels: &[Option<f64>]) -> Option<f64> {
    let good = levels.iter().flatten();
    let count = good.clone().count();
    (count > 0).then(|| good.sum::<f64>() / count as f64)
}

fn remove_above(levels: &mut [Option<f64>], limit: f64) {
    let limit = limit.trunc().abs();
    for level in levels {
        // A limit that is no number, as of a single line, which has no scatter, keeps nothing.
        if level.is_some_and(|value| value > limit || limit.is_nan()) {
            *level = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn high_levels_are_clipped_and_low_ones_are_not() {
        let mut levels: Vec<Option<f64>> = (0..100).map(|i| Some(100.0 + f64::from(i % 3))).collect();
        levels[7] = Some(400.0);
        levels[8] = Some(20.0);
        clip(&mut levels, 5.0);
        assert_eq!((levels[7], levels[8]), (None, Some(20.0)));
        assert_eq!(levels.iter().flatten().count(), 99);
    }
}
