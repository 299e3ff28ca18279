//! The boxes of a frame and their levels.

use super::{BackgroundOptions, SkyStatistic};
use crate::ccd::Real;
use crate::{Error, Result};
use firstlight_frame::Image;
use firstlight_stats::{ClippedStatistics, SigmaClip, clipped_statistics, median_of_finite};
use rayon::prelude::*;
use std::f64::consts::FRAC_PI_2;
use std::ops::Range;

/// How an axis is parted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ccd) struct Parts {
    pub(in crate::ccd) length: usize,
    pub(in crate::ccd) boxes: usize,
}

impl Parts {
    /// Parts of nearly `side` pixels, which differ by one pixel at most.
    pub(in crate::ccd) fn new(length: usize, side: Option<usize>) -> Self {
        let boxes = side.map_or(1, |side| (length + side / 2) / side);
        Self {
            length,
            boxes: boxes.max(1),
        }
    }

    pub(in crate::ccd) fn range(&self, n: usize) -> Range<usize> {
        n * self.length / self.boxes..(n + 1) * self.length / self.boxes
    }

    /// The box of a pixel.
    pub(in crate::ccd) fn of(&self, pixel: usize) -> usize {
        ((pixel + 1) * self.boxes - 1) / self.length
    }
}

/// Levels of boxes, row after row.
#[derive(Debug)]
pub(super) struct Mesh {
    pub(super) rows: Parts,
    pub(super) columns: Parts,
    pub(super) levels: Vec<f64>,
    /// Standard errors of the levels.
    pub(super) errors: Vec<f64>,
    /// Standard deviations of the samples.
    pub(super) noise: Vec<f64>,
    /// Boxes without a level of their own.
    pub(super) filled: usize,
}

impl Mesh {
    pub(super) fn of<T: Real>(
        sci: &Image<T>,
        usable: &Image<bool>,
        options: &BackgroundOptions,
    ) -> Result<Self> {
        let rows = Parts::new(sci.ny(), options.box_size);
        let columns = Parts::new(sci.nx(), options.box_size);
        let boxes: Vec<Option<[f64; 3]>> = (0..rows.boxes * columns.boxes)
            .into_par_iter()
            .map(|n| {
                let (rows, columns) = (rows.range(n / columns.boxes), columns.range(n % columns.boxes));
                level((sci, usable), rows, columns, options)
            })
            .collect();
        let filled = boxes.iter().filter(|of| of.is_none()).count();
        if filled == boxes.len() {
            return Err(Error::NoSky {
                boxes: boxes.len(),
                percent: 100.0 * options.least,
            });
        }
        let boxes = fill(&boxes, columns.boxes);
        let plane = |i: usize| boxes.iter().map(|of| of[i]).collect();
        Ok(Self {
            rows,
            columns,
            levels: plane(0),
            errors: plane(1),
            noise: plane(2),
            filled,
        })
    }

    /// The median of `size` by `size` boxes about each, of those that there are.
    pub(super) fn filtered(&self, values: &[f64], size: usize) -> Vec<f64> {
        let (ny, nx, half) = (self.rows.boxes, self.columns.boxes, size / 2);
        let about = |n: usize, most: usize| n.saturating_sub(half)..(n + half + 1).min(most);
        let one = |n: usize| {
            let near = about(n / nx, ny).flat_map(|y| about(n % nx, nx).map(move |x| values[y * nx + x]));
            median(&near.collect::<Vec<f64>>())
        };
        (0..values.len()).map(one).collect()
    }
}

/// Level, its standard error, and standard deviation of a box, if it has enough samples.
fn level<T: Real>(
    (sci, usable): (&Image<T>, &Image<bool>),
    rows: Range<usize>,
    columns: Range<usize>,
    options: &BackgroundOptions,
) -> Option<[f64; 3]> {
    let pixels = rows.len() * columns.len();
    let mut samples = Vec::with_capacity(pixels);
    for y in rows {
        let row = sci.row(y)[columns.clone()]
            .iter()
            .zip(&usable.row(y)[columns.clone()]);
        samples.extend(row.filter(|(_, usable)| **usable).map(|(value, _)| value.wide()));
    }
    let clip = SigmaClip {
        maxiters: Some(10),
        ..SigmaClip::symmetric(options.sigma)
    };
    let of = clipped_statistics(&samples, &clip).ok()?;
    if (of.kept as f64) < options.least * pixels as f64 {
        return None;
    }
    let (level, error) = statistic(&of, options.statistic);
    Some([level, error * of.std / (of.kept as f64).sqrt(), of.std])
}

/// The level, and its standard error in that of the mean, for a normal distribution.
fn statistic(of: &ClippedStatistics, statistic: SkyStatistic) -> (f64, f64) {
    let of_median = FRAC_PI_2.sqrt();
    match statistic {
        SkyStatistic::Mode if (of.mean - of.median).abs() < 0.3 * of.std => {
            // Variances of median and mean are π/2 and 1, their covariance is 1.
            let variance = 6.25 * FRAC_PI_2 + 2.25 - 7.5;
            (2.5 * of.median - 1.5 * of.mean, variance.sqrt())
        }
        SkyStatistic::Mode if of.std == 0.0 => (of.mean, of_median),
        _ => (of.median, of_median),
    }
}

/// Boxes that a box without a level takes its own from.
const NEIGHBOURS: usize = 10;

/// Gives boxes without a level the mean of the nearest that have one, weighted by the inverse of their distances.
fn fill(boxes: &[Option<[f64; 3]>], nx: usize) -> Vec<[f64; 3]> {
    let good: Vec<(usize, [f64; 3])> = boxes
        .iter()
        .enumerate()
        .filter_map(|(n, of)| of.map(|of| (n, of)))
        .collect();
    let of = |n: usize| {
        let squared = |m: usize| (m / nx).abs_diff(n / nx).pow(2) + (m % nx).abs_diff(n % nx).pow(2);
        let mut near: Vec<(usize, usize)> = good
            .iter()
            .enumerate()
            .map(|(i, (m, _))| (squared(*m), i))
            .collect();
        near.sort_unstable();
        let mut sums = [0.0; 4];
        for (squared, i) in near.into_iter().take(NEIGHBOURS) {
            let weight = (squared as f64).sqrt().recip();
            for (sum, value) in sums.iter_mut().zip(good[i].1.iter().chain(&[1.0])) {
                *sum += weight * value;
            }
        }
        [sums[0] / sums[3], sums[1] / sums[3], sums[2] / sums[3]]
    };
    let all = boxes.iter().enumerate();
    all.map(|(n, level)| level.unwrap_or_else(|| of(n))).collect()
}

pub(super) fn median(values: &[f64]) -> f64 {
    median_of_finite(&mut values.to_vec()).unwrap_or(f64::NAN)
}
