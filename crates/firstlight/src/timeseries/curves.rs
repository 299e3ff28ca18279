//! The light curves from the measurements of all frames.

use super::detrend::{Slope, detrend};
use super::ensemble::{Ensemble, Fluxes, Relative};
use super::measure::{ErrorsFrom, FrameMeasures, Point};
use super::stars::{Chosen, Followed, Role};
use super::{Detrend, FollowedStar, TimeseriesOptions, flag};
use crate::Result;
use firstlight_stats::median_of_finite;

/// A star over all frames.
pub(super) struct Curve {
    pub(super) star: Followed,
    pub(super) points: Vec<Point>,
    pub(super) good: Vec<bool>,
    /// Over the comparison stars; NaN where there are none in a frame.
    pub(super) relative: Relative,
    /// Freed of what was wanted.
    pub(super) detrended: Option<Vec<f64>>,
    pub(super) slopes: Vec<Slope>,
    pub(super) weight: Option<f64>,
}

/// The curves of all stars, and what should be known of them.
pub(super) fn of(
    chosen: &Chosen,
    frames: &[&FrameMeasures],
    options: &TimeseriesOptions,
) -> Result<(Vec<Curve>, Vec<String>)> {
    let fluxes: Vec<Fluxes> = (0..chosen.stars.len()).map(|star| fluxes(star, frames)).collect();
    let is_comparison = |star: &usize| chosen.stars[*star].role == Role::Comparison;
    let comparisons: Vec<usize> = (0..chosen.stars.len()).filter(is_comparison).collect();
    let of_comparisons: Vec<&Fluxes> = comparisons.iter().map(|&star| &fluxes[star]).collect();
    let ensemble = match chosen.given {
        true => Ensemble::of_all(&of_comparisons),
        false => Ensemble::of_steady(&of_comparisons, options.max_comparisons),
    };
    let notes = notes(frames, &ensemble, chosen);
    let mut curves = Vec::with_capacity(chosen.stars.len());
    for (n, star) in chosen.stars.iter().enumerate() {
        let member = comparisons.iter().position(|&star| star == n);
        let weight = member.map(|member| ensemble.weights[member]);
        let mut star = star.clone();
        if weight == Some(0.0) {
            star.role = Role::Rejected;
        }
        let unknown = || Relative {
            value: vec![f64::NAN; frames.len()],
            error: vec![f64::NAN; frames.len()],
        };
        let relative = ensemble.relative(&fluxes[n], member).unwrap_or_else(unknown);
        let mut curve = Curve {
            star,
            points: frames.iter().map(|frame| frame.points[n]).collect(),
            good: fluxes[n].good.clone(),
            relative,
            detrended: None,
            slopes: Vec::new(),
            weight: weight.filter(|weight| *weight > 0.0),
        };
        if curve.star.role != Role::Rejected && !options.detrend.is_empty() {
            curve.free(frames, &options.detrend)?;
        }
        curves.push(curve);
    }
    Ok((curves, notes))
}

fn fluxes(star: usize, frames: &[&FrameMeasures]) -> Fluxes {
    let points = || frames.iter().map(|frame| &frame.points[star]);
    Fluxes {
        flux: points().map(|point| point.flux).collect(),
        error: points().map(|point| point.error).collect(),
        good: points()
            .map(|point| point.flags == 0 && point.flux.is_finite() && point.flux > 0.0)
            .collect(),
    }
}

fn notes(frames: &[&FrameMeasures], ensemble: &Ensemble, chosen: &Chosen) -> Vec<String> {
    let mut notes = Vec::new();
    match ensemble.count() {
        0 => notes.push(
            "no comparison star: relative fluxes are fluxes over their median, and follow clouds and airmass"
                .to_owned(),
        ),
        1 => notes.push("one comparison star alone: whether it varies is not known".to_owned()),
        _ => {}
    }
    let out = |(star, weight): (&Followed, &f64)| (*weight == 0.0).then(|| star.name.clone());
    let comparisons = chosen.stars.iter().filter(|star| star.role == Role::Comparison);
    let left_out: Vec<String> = comparisons.zip(&ensemble.weights).filter_map(out).collect();
    if chosen.given && !left_out.is_empty() {
        notes.push(format!(
            "comparison stars without a good flux are left out: {}",
            left_out.join(", ")
        ));
    }
    if frames.iter().any(|frame| frame.errors == ErrorsFrom::SkyAlone) {
        notes.push(
            "errors are of the sky's scatter alone, without the stars' own noise; give the gain (--gain), or frames with an \
             uncertainty"
                .to_owned(),
        );
    }
    notes
}

impl Curve {
    fn free(&mut self, frames: &[&FrameMeasures], wanted: &[Detrend]) -> Result<()> {
        let points = &self.points;
        let of_points = |of: fn(&Point) -> f64| points.iter().map(of).collect::<Vec<f64>>();
        let of_frames = |of: fn(&FrameMeasures) -> f64| frames.iter().map(|frame| of(frame)).collect();
        let variables: Vec<(Detrend, Vec<f64>)> = wanted
            .iter()
            .map(|&of| {
                let values = match of {
                    Detrend::Airmass => of_frames(|frame| frame.airmass.unwrap_or(f64::NAN)),
                    Detrend::Linear => of_frames(|frame| frame.time.jd),
                    Detrend::Fwhm => of_frames(|frame| frame.fwhm),
                    Detrend::X => of_points(|point| point.place[0]),
                    Detrend::Y => of_points(|point| point.place[1]),
                    Detrend::Sky => of_points(|point| point.sky),
                };
                (of, values)
            })
            .collect();
        let Relative { value, error } = &self.relative;
        let (freed, slopes) = detrend((value, error, &self.good), &variables, &self.star.name)?;
        self.detrended = Some(freed);
        self.slopes = slopes;
        Ok(())
    }

    /// The relative flux that counts: detrended where that was wanted.
    pub(super) fn final_values(&self) -> &[f64] {
        self.detrended.as_deref().unwrap_or(&self.relative.value)
    }

    /// Whether a frame has a relative flux that nothing is to be said against.
    pub(super) fn counts(&self, frame: usize) -> bool {
        self.good[frame] && self.final_values()[frame].is_finite()
    }

    pub(super) fn summary(&self) -> FollowedStar {
        let used: Vec<usize> = (0..self.points.len())
            .filter(|&frame| self.counts(frame))
            .collect();
        let values: Vec<f64> = used.iter().map(|&frame| self.final_values()[frame]).collect();
        let errors: Vec<f64> = used.iter().map(|&frame| self.relative.error[frame]).collect();
        let enough = values.len() > 1;
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let degrees = values.len() as f64 - 1.0;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let steps: f64 = values.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum();
        let flagged = |bit: i64| self.points.iter().filter(|point| point.flags & bit != 0).count();
        FollowedStar {
            name: self.star.name.clone(),
            role: self.star.role,
            x: self.star.place[0],
            y: self.star.place[1],
            good: self.good.iter().filter(|good| **good).count(),
            lost: flagged(flag::LOST | flag::OFF),
            saturated: flagged(flag::SATURATED),
            flux: median_of_finite(
                &mut (0..self.points.len())
                    .filter(|&frame| self.good[frame])
                    .map(|frame| self.points[frame].flux)
                    .collect::<Vec<_>>(),
            ),
            rms: enough.then(|| (squares / degrees).sqrt()),
            point_to_point: enough.then(|| (steps / (2.0 * degrees)).sqrt()),
            error: median_of_finite(&mut errors.clone()),
            chi_square: enough
                .then(|| chi_square(&values, &errors) / degrees)
                .filter(|chi_square| chi_square.is_finite()),
            weight: self.weight,
            slopes: self.slopes.clone(),
        }
    }
}

/// χ² about the weighted mean.
fn chi_square(values: &[f64], errors: &[f64]) -> f64 {
    let weight = |error: &f64| 1.0 / (error * error);
    let weights: f64 = errors.iter().map(weight).sum();
    let mean = values
        .iter()
        .zip(errors)
        .map(|(value, error)| value * weight(error))
        .sum::<f64>()
        / weights;
    let squares = values.iter().zip(errors);
    squares
        .map(|(value, error)| ((value - mean) / error).powi(2))
        .sum()
}
