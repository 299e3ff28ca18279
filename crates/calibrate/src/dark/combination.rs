//! The combination of darks that follows the background of a science exposure all over the detector.

use super::nnls::{NonNegative, Solution};
use crate::{Error, Result};
use firstlight_frame::Image;
use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

/// How darks are combined.
#[derive(Debug, Clone, PartialEq)]
pub struct CombinationOptions {
    /// Side of the square cells in which backgrounds are compared, pixels.
    pub cell: usize,
    /// Standard deviation about 1 that the sum of the darks' shares is held to: the exposure-to-exposure
    /// scatter of the dark rate away from the glow, 0.1 for the SBC. It separates that rate from a
    /// uniform sky, which has the same form.
    pub scatter: f64,
}

impl Default for CombinationOptions {
    fn default() -> Self {
        Self {
            cell: 128,
            scatter: 0.1,
        }
    }
}

/// Counts in square cells, of the pixels that may be used.
#[derive(Debug, Clone, PartialEq)]
pub struct BackgroundMap {
    shape: (usize, usize),
    cell: usize,
    exptime_s: f64,
    counts: Vec<f64>,
    pixels: Vec<f64>,
}

impl BackgroundMap {
    /// Sums `image` (counts, or counts/s where `per_second`) in cells of `cell` pixels; `used(x, y)`
    /// tells which pixels count. NaN never does.
    ///
    /// # Errors
    /// [`Error::ExposureTime`] where that is not positive; [`Error::Fit`] for cells without pixels.
    pub fn new(
        image: &Image<f32>,
        exptime_s: f64,
        per_second: bool,
        cell: usize,
        used: impl Fn(usize, usize) -> bool,
    ) -> Result<Self> {
        if !(exptime_s > 0.0 && exptime_s.is_finite()) {
            return Err(Error::ExposureTime {
                name: "the exposure".to_owned(),
                found: exptime_s,
            });
        }
        if cell == 0 || image.is_empty() {
            return Err(Error::Fit {
                reason: "cells need at least one pixel".to_owned(),
            });
        }
        let columns = image.nx().div_ceil(cell);
        let cells = columns * image.ny().div_ceil(cell);
        let (mut counts, mut pixels) = (vec![0.0; cells], vec![0.0; cells]);
        let to_counts = if per_second { exptime_s } else { 1.0 };
        for y in 0..image.ny() {
            for (x, &sample) in image.row(y).iter().enumerate() {
                if !sample.is_nan() && used(x, y) {
                    let index = y / cell * columns + x / cell;
                    counts[index] += f64::from(sample) * to_counts;
                    pixels[index] += 1.0;
                }
            }
        }
        Ok(Self {
            shape: image.shape(),
            cell,
            exptime_s,
            counts,
            pixels,
        })
    }

    /// Counts/s/pixel of a cell.
    fn rate(&self, cell: usize) -> f64 {
        self.counts[cell] / (self.pixels[cell] * self.exptime_s)
    }
}

/// One dark's share of a combination.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// Position of the dark among those given.
    pub index: usize,
    /// Its name.
    pub name: String,
    /// Factor on its rate.
    pub weight: f64,
    /// Standard error of `weight`.
    pub weight_error: f64,
}

/// Darks with their shares, and a uniform rate that is not from the detector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Combination {
    /// The darks that take part, in the order they were given.
    pub shares: Vec<Share>,
    /// Uniform rate beside the darks (the sky), counts/s/pixel.
    pub uniform: f64,
    /// Its standard error.
    pub uniform_error: f64,
    /// Residual sum of squares in units of the Poisson variance.
    pub chi2: f64,
    /// Cells less coefficients.
    pub degrees_of_freedom: usize,
    /// Whether χ² is what Poisson noise alone makes of it, within four of its standard deviations.
    pub fits: bool,
    /// Covariance of the shares, in their order.
    pub covariance: Vec<Vec<f64>>,
}

impl Combination {
    /// The rate that the combination has in any region: `rates` are those of the darks that take part
    /// there, in the order of `shares`, with their Poisson errors. The error that comes back is from the
    /// fit's covariance and the darks' own noise.
    pub fn rate_of(&self, rates: &[(f64, f64)]) -> (f64, f64) {
        let mut variance = 0.0;
        let mut rate = 0.0;
        for (i, (share, &(r, error))) in self.shares.iter().zip(rates).enumerate() {
            rate += share.weight * r;
            variance += (share.weight * error).powi(2);
            for (covariance, &(other, _)) in self.covariance[i].iter().zip(rates) {
                variance += r * covariance * other;
            }
        }
        (rate, variance.max(0.0).sqrt())
    }
}

/// Fits a science exposure's background by darks with non-negative shares and a uniform rate.
///
/// Each cell is weighted by its Poisson variance, the darks' own included; both follow from the fit and
/// are iterated. Cells with less than a quarter of their pixels are left out.
///
/// # Errors
/// [`Error::NoDarks`]; [`Error::Shape`] where maps differ; [`Error::Fit`] for options out of range, too
/// few cells, or a background without counts.
pub fn combine_backgrounds(
    science: &BackgroundMap,
    darks: &[(String, BackgroundMap)],
    options: &CombinationOptions,
) -> Result<Combination> {
    check(science, darks, options)?;
    let full = (science.cell * science.cell) as f64;
    let cells: Vec<usize> = (0..science.pixels.len())
        .filter(|&c| science.pixels[c] >= 0.25 * full)
        .collect();
    if cells.len() < 4 {
        return Err(Error::Fit {
            reason: format!("only {} cells of the background are left", cells.len()),
        });
    }
    let mut variances: Vec<f64> = cells.iter().map(|&c| first_variance(science, c)).collect();
    let mut solution = solve(science, darks, &cells, &variances, options)?;
    for _ in 0..3 {
        for (variance, &cell) in variances.iter_mut().zip(&cells) {
            *variance = modelled_variance(science, darks, cell, &solution);
        }
        solution = solve(science, darks, &cells, &variances, options)?;
    }
    Ok(summarise(&solution, darks, cells.len()))
}

fn check(
    science: &BackgroundMap,
    darks: &[(String, BackgroundMap)],
    options: &CombinationOptions,
) -> Result<()> {
    if darks.is_empty() {
        return Err(Error::NoDarks);
    }
    if !(options.scatter > 0.0 && options.scatter.is_finite()) {
        return Err(Error::Fit {
            reason: format!("the scatter is {}, but must be positive", options.scatter),
        });
    }
    if science.counts.iter().sum::<f64>() <= 0.0 {
        return Err(Error::Fit {
            reason: "the science background has no counts".to_owned(),
        });
    }
    match darks
        .iter()
        .find(|(_, map)| map.shape != science.shape || map.cell != science.cell)
    {
        Some((name, map)) => Err(Error::Shape {
            what: name.clone(),
            expected: science.shape,
            found: map.shape,
        }),
        None => Ok(()),
    }
}

/// Variance of a cell's rate from its own counts.
fn first_variance(science: &BackgroundMap, cell: usize) -> f64 {
    science.counts[cell].max(1.0) / (science.pixels[cell] * science.exptime_s).powi(2)
}

/// Variance of a cell's residual from the fit: it does not scatter with the counts, and so does not
/// favour cells that happen to be low.
fn modelled_variance(
    science: &BackgroundMap,
    darks: &[(String, BackgroundMap)],
    cell: usize,
    solution: &Solution,
) -> f64 {
    let mut rate = solution.coefficients[darks.len()];
    let mut of_darks = 0.0;
    for (&share, (_, dark)) in solution.coefficients.iter().zip(darks) {
        if dark.pixels[cell] > 0.0 {
            rate += share * dark.rate(cell);
            of_darks += share * share * dark.rate(cell) / (dark.pixels[cell] * dark.exptime_s);
        }
    }
    let per_count = 1.0 / (science.pixels[cell] * science.exptime_s);
    rate.max(per_count) * per_count + of_darks
}

fn solve(
    science: &BackgroundMap,
    darks: &[(String, BackgroundMap)],
    cells: &[usize],
    variances: &[f64],
    options: &CombinationOptions,
) -> Result<Solution> {
    let n = darks.len();
    let rows = cells.len();
    // The last column is the uniform rate, in units of the mean background so that columns are alike;
    // the last row holds the sum of the shares near 1.
    let matrix = DMatrix::from_fn(rows + 1, n + 1, |row, column| match (row == rows, column == n) {
        (true, true) => 0.0,
        (true, false) => 1.0 / options.scatter,
        (false, true) => 1.0 / variances[row].sqrt(),
        (false, false) => {
            let dark = &darks[column].1;
            if dark.pixels[cells[row]] > 0.0 {
                dark.rate(cells[row]) / variances[row].sqrt()
            } else {
                0.0
            }
        }
    });
    let measured = DVector::from_fn(rows + 1, |row, _| {
        if row == rows {
            1.0 / options.scatter
        } else {
            science.rate(cells[row]) / variances[row].sqrt()
        }
    });
    let mut free = vec![false; n];
    free.push(true);
    NonNegative {
        matrix,
        measured,
        free,
    }
    .solve()
    .ok_or_else(|| Error::Fit {
        reason: "the darks do not determine it".to_owned(),
    })
}

fn summarise(solution: &Solution, darks: &[(String, BackgroundMap)], cells: usize) -> Combination {
    let n = darks.len();
    let taking_part: Vec<usize> = solution.active.iter().copied().filter(|&i| i < n).collect();
    let share = |&index: &usize| Share {
        index,
        name: darks[index].0.clone(),
        weight: solution.coefficients[index],
        weight_error: solution.covariance[(index, index)].max(0.0).sqrt(),
    };
    let row = |&i: &usize| taking_part.iter().map(|&j| solution.covariance[(i, j)]).collect();
    // The prior on the sum of shares is one measurement more.
    let degrees_of_freedom = (cells + 1).saturating_sub(solution.active.len());
    let freedom = degrees_of_freedom as f64;
    Combination {
        shares: taking_part.iter().map(share).collect(),
        uniform: solution.coefficients[n],
        uniform_error: solution.covariance[(n, n)].max(0.0).sqrt(),
        chi2: solution.chi2,
        degrees_of_freedom,
        fits: solution.chi2 <= freedom + 4.0 * (2.0 * freedom).sqrt(),
        covariance: taking_part.iter().map(row).collect(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// A dark with a slope of its own; no noise.
    fn dark(level: f32, slope: f32) -> Image<f32> {
        Image::from_fn(64, 64, |x, y| level + slope * (x * y) as f32 / 4096.0)
    }

    fn map(image: &Image<f32>, exptime_s: f64) -> BackgroundMap {
        BackgroundMap::new(image, exptime_s, false, 16, |x, y| (x, y) != (40, 40)).unwrap()
    }

    fn named(images: &[Image<f32>]) -> Vec<(String, BackgroundMap)> {
        images
            .iter()
            .enumerate()
            .map(|(i, image)| (format!("dark{i}"), map(image, 1000.0)))
            .collect()
    }

    #[test]
    fn shares_and_sky_are_recovered() {
        let darks = [dark(5.0, 0.0), dark(5.0, 40.0), dark(5.0, 90.0)];
        // 30 % of the second dark and 70 % of the third, for half the time, and a sky.
        let mut science = Image::from_fn(64, 64, |x, y| {
            0.5 * (0.3 * darks[1][(y, x)] + 0.7 * darks[2][(y, x)]) + 0.25
        });
        science.as_mut_slice()[40 * 64 + 40] = 1.0e6;
        let fit = combine_backgrounds(
            &map(&science, 500.0),
            &named(&darks),
            &CombinationOptions::default(),
        )
        .unwrap();
        let weight = |i| fit.shares.iter().find(|s| s.index == i).map_or(0.0, |s| s.weight);
        assert!(fit.chi2 < 1e-6 && fit.fits, "{fit:?}");
        let slope = 40.0 * weight(1) + 90.0 * weight(2);
        assert!((slope - 75.0).abs() < 1e-3, "{fit:?}");
        let total = fit.shares.iter().map(|s| s.weight).sum::<f64>();
        assert!((total - 1.0).abs() < 1e-3, "{fit:?}");
        assert!((fit.uniform - 0.25 / 500.0).abs() < 2e-5, "{fit:?}");
    }

    #[test]
    fn a_background_of_another_form_does_not_fit() {
        let science = Image::from_fn(64, 64, |x, _| if x < 32 { 40.0 } else { 5.0 });
        let darks = named(&[dark(5.0, 0.0), dark(5.0, 40.0)]);
        let fit =
            combine_backgrounds(&map(&science, 1000.0), &darks, &CombinationOptions::default()).unwrap();
        assert!(!fit.fits);
    }

    #[test]
    fn rates_of_a_region_carry_both_errors() {
        let share = |index| Share {
            index,
            name: String::new(),
            weight: 0.5,
            weight_error: 0.1,
        };
        let fit = Combination {
            shares: vec![share(0), share(2)],
            uniform: 0.0,
            uniform_error: 0.0,
            chi2: 1.0,
            degrees_of_freedom: 1,
            fits: true,
            covariance: vec![vec![0.01, -0.01], vec![-0.01, 0.01]],
        };
        // Equal rates: errors of the shares, which add up to 1, cancel.
        let (rate, error) = fit.rate_of(&[(4.0, 0.3), (4.0, 0.4)]);
        assert!(
            (rate - 4.0).abs() < 1e-12 && (error - 0.25).abs() < 1e-12,
            "{rate} {error}"
        );
        let (_, error) = fit.rate_of(&[(4.0, 0.0), (6.0, 0.0)]);
        assert!((error - 0.2).abs() < 1e-12, "{error}");
    }

    #[test]
    fn bad_requests_are_told() {
        let image = dark(5.0, 1.0);
        let options = CombinationOptions::default();
        assert!(matches!(
            combine_backgrounds(&map(&image, 1.0), &[], &options),
            Err(Error::NoDarks)
        ));
        let other = BackgroundMap::new(&Image::filled(32, 64, 1.0), 1.0, false, 16, |_, _| true).unwrap();
        let differing = combine_backgrounds(&map(&image, 1.0), &[("d".into(), other)], &options);
        assert!(matches!(differing, Err(Error::Shape { .. })));
        let nothing = map(&Image::filled(64, 64, 0.0), 1.0);
        assert!(matches!(
            combine_backgrounds(&nothing, &named(&[image]), &options),
            Err(Error::Fit { .. })
        ));
        assert!(BackgroundMap::new(&dark(1.0, 1.0), 1.0, false, 0, |_, _| true).is_err());
        assert!(BackgroundMap::new(&dark(1.0, 1.0), 0.0, false, 8, |_, _| true).is_err());
    }
}
