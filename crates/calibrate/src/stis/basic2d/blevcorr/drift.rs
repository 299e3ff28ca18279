//! The drift of the bias along lines, from the virtual overscan.

use super::Overscan;
use crate::Chip;
use crate::steps::straight_line;
use firstlight_stats::median_of_finite;
use std::ops::Range;

/// Deviations up to so many times their median make the scatter: about three standard deviations.
const WITHIN: f64 = 4.5;
/// Columns to each side whose median replaces an outlier.
const BESIDE: usize = 10;

/// A bias that changes linearly along lines.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Drift {
    slope: f64,
    /// The column of the trimmed image where it is 0: the middle of the section that the level is measured in.
    zero_column: f64,
}

impl Drift {
    /// What is to be subtracted beside the level, at column `x` of the trimmed image, DN.
    pub fn at(&self, x: usize) -> f64 {
        (x as f64 - self.zero_column) * self.slope
    }
}

/// Fits a line to the medians of the columns of the virtual overscan, in which hot columns are replaced; None where
/// there are no such lines, or nothing to fit.
pub(super) fn fit(chip: &Chip, overscan: &Overscan, blev_clip: f32) -> Option<Drift> {
    let columns = overscan.columns(chip.frame.sci.nx());
    let lines = overscan.virtual_lines.clone();
    if lines.len() < 2 || columns.len() < 2 {
        return None;
    }
    let mut samples: Vec<Vec<f32>> = lines
        .clone()
        .map(|y| chip.frame.sci.row(y)[columns.clone()].to_vec())
        .collect();
    replace_outliers(&mut samples, f64::from(blev_clip));
    let middle = ((columns.start + columns.end - 1) / 2) as f64;
    let serious = chip.serious();
    let median = |x: usize| {
        let good = lines.clone().zip(&samples);
        let good = good.filter(|(y, _)| chip.frame.dq[(*y, columns.start + x)] & serious == 0);
        median_of_finite(&mut good.map(|(_, row)| f64::from(row[x])).collect::<Vec<_>>())
    };
    let points = (0..columns.len()).filter_map(|x| Some(((columns.start + x) as f64 - middle, median(x)?)));
    let (slope, _) = straight_line(points)?;
    let (first, last) = (*overscan.section.start(), *overscan.section.end());
    Some(Drift {
        slope,
        zero_column: (first + last) as f64 / 2.0 - overscan.trim_x[0] as f64,
    })
}

/// Replaces samples more than `blev_clip` standard deviations above the median of all by that of 21 of their line. Later
/// samples of a line see what was replaced before them.
fn replace_outliers(lines: &mut [Vec<f32>], blev_clip: f64) {
    let mut all: Vec<f64> = lines.iter().flatten().map(|&sample| f64::from(sample)).collect();
    let Some(median) = median_of_finite(&mut all) else {
        return;
    };
    let mut deviations: Vec<f64> = all.iter().map(|sample| (sample - median).abs()).collect();
    let Some(mad) = median_of_finite(&mut deviations) else {
        return;
    };
    // In ascending order, as the limit may turn on the last bit of this sum.
    deviations.sort_by(f64::total_cmp);
    let near = deviations.iter().filter(|&&deviation| deviation <= WITHIN * mad);
    let (sum, count) = near.fold((0.0, 0.0), |(sum, n), deviation| {
        (sum + deviation * deviation, n + 1.0)
    });
    let limit = median + blev_clip * (sum / count).sqrt();
    for line in lines {
        for x in 0..line.len() {
            if f64::from(line[x]) > limit {
                let mut beside: Vec<f64> = line[around(x, line.len())]
                    .iter()
                    .map(|&s| f64::from(s))
                    .collect();
                line[x] = median_of_finite(&mut beside).map_or(line[x], |median| median as f32);
            }
        }
    }
}

/// The 21 columns about `x`, moved inwards at the ends of a line of `n`.
fn around(x: usize, n: usize) -> Range<usize> {
    let end = (x.saturating_sub(BESIDE) + 2 * BESIDE + 1).min(n);
    end.saturating_sub(2 * BESIDE + 1)..end
}
