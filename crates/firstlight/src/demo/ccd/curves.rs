//! Light curves of the variable stars, and what was put in.

use super::{Comparison, FILTER};
use crate::ccd::time::MJD_ZERO;
use crate::register::RegisterOptions;
use crate::timeseries::{TimeseriesOptions, timeseries};
use crate::{Progress, Result};
use firstlight_simulate::ccd::Variable;
use firstlight_stats::median_of_finite;
use serde::Serialize;
use std::path::Path;

/// Scatter in units of the errors that is still believed.
const MOST_SCATTER: f64 = 2.0;

/// A light curve beside the one that was put in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CurveAgainstTruth {
    /// The star and how it varies.
    pub variable: Variable,
    /// MJD, UTC, of the middle of the exposures in which it was measured.
    pub mjd: Vec<f64>,
    /// Light relative to the comparison stars, over its median.
    pub flux: Vec<f64>,
    /// Its standard error.
    pub error: Vec<f64>,
    /// What was put in, on the same scale.
    pub truth: Vec<f64>,
    /// Standard deviation of the light less the truth.
    pub rms: f64,
    /// The same in units of the stated errors.
    pub scatter: f64,
}

impl CurveAgainstTruth {
    /// Whether it is as far from the truth as its errors say.
    pub fn agrees(&self) -> bool {
        self.mjd.len() >= 2 && self.scatter < MOST_SCATTER
    }
}

/// Light of a variable relative to its mean, at a moment.
pub(super) fn light(variable: &Variable, mjd: f64) -> f64 {
    10.0_f64.powf(-0.4 * variable.change(mjd, FILTER))
}

/// Follows all variable stars that the first frame of the filter has.
pub(super) fn measure(
    comparison: &Comparison<'_>,
    results: &Path,
    overwrite: bool,
    progress: &dyn Progress,
) -> Result<Vec<CurveAgainstTruth>> {
    let frames = comparison.of_filter();
    let Some(reference) = frames.first() else {
        return Ok(Vec::new());
    };
    let seen = comparison.stars_of(reference);
    let place = |variable: &Variable| seen.iter().find(|star| star.star == variable.star).copied();
    let variables = comparison.truth.variables.iter();
    let followed: Vec<_> = variables
        .filter_map(|variable| place(variable).map(|star| (variable, star)))
        .collect();
    if followed.is_empty() {
        return Ok(Vec::new());
    }
    let options = TimeseriesOptions {
        targets: followed
            .iter()
            .map(|(_, star)| format!("{:.3},{:.3}", star.x, star.y))
            .collect(),
        gain: Some(comparison.gain.to_string()),
        output: Some(results.join(format!("light_curves_{}.ecsv", FILTER.name()))),
        overwrite,
        ..TimeseriesOptions::default()
    };
    let files: Vec<_> = frames.iter().map(|frame| frame.path.clone()).collect();
    let how = RegisterOptions {
        reference: Some(reference.path.clone()),
        ..RegisterOptions::default()
    };
    let report = timeseries(&files, (&options, &how), progress)?;
    let (stars, times) = (report.table.texts("star")?, report.table.reals("jd_utc_mid")?);
    let (flux, error) = (
        report.table.reals("rel_flux")?,
        report.table.reals("rel_flux_err")?,
    );
    let of = |(n, (variable, _)): (usize, &(&Variable, _))| {
        let name = format!("T{}", n + 1);
        let rows = (0..stars.len()).filter(|row| stars[*row] == name && flux[*row].is_finite());
        let points: Vec<_> = rows
            .map(|row| (times[row] - MJD_ZERO, flux[row], error[row]))
            .collect();
        against(variable, &points)
    };
    Ok(followed.iter().enumerate().map(of).collect())
}

/// Both on the scale of the median.
fn against(variable: &Variable, points: &[(f64, f64, f64)]) -> CurveAgainstTruth {
    let truth: Vec<f64> = points.iter().map(|(mjd, ..)| light(variable, *mjd)).collect();
    let mut ratios: Vec<f64> = points
        .iter()
        .zip(&truth)
        .map(|(point, truth)| point.1 / truth)
        .collect();
    let scale = median_of_finite(&mut ratios).unwrap_or(f64::NAN);
    let level = median_of_finite(&mut truth.clone()).unwrap_or(f64::NAN);
    let norm = scale * level;
    let flux: Vec<f64> = points.iter().map(|point| point.1 / norm).collect();
    let error: Vec<f64> = points.iter().map(|point| point.2 / norm).collect();
    let truth: Vec<f64> = truth.iter().map(|truth| truth / level).collect();
    let off = || flux.iter().zip(&truth).map(|(flux, truth)| flux - truth);
    let n = points.len().max(1) as f64;
    let rms = (off().map(|off| off * off).sum::<f64>() / n).sqrt();
    let pulls = off().zip(&error).map(|(off, error)| (off / error).powi(2));
    CurveAgainstTruth {
        variable: *variable,
        mjd: points.iter().map(|point| point.0).collect(),
        scatter: (pulls.sum::<f64>() / n).sqrt(),
        rms,
        flux,
        error,
        truth,
    }
}
