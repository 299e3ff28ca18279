//! Light curves of stars over a series of frames.

mod curves;
mod detrend;
mod ensemble;
mod figure;
mod measure;
mod options;
mod stars;
mod table;
mod time;

pub use detrend::Slope;
pub use measure::ErrorsFrom;
pub use options::{Detrend, TimeseriesOptions};
pub use stars::Role;

use crate::input::Failure;
use crate::output::refuse_existing;
use crate::register::{MapsFrom, RegisterOptions, Registered, each_registered, maps};
use crate::{Progress, Result};
use curves::Curve;
use firstlight_fits::Overwrite;
use firstlight_frame::Table;
use firstlight_look::Format;
use measure::FrameMeasures;
use serde::Serialize;
use stars::Chosen;
use std::path::PathBuf;
use std::time::Instant;

/// What is to be said against a star in a frame: bits of the column `flags`. Such points are in the table, but not in
/// statistics, nor in the ensemble of comparison stars.
pub mod flag {
    /// A pixel of the aperture is saturated.
    pub const SATURATED: i64 = 1;
    /// A pixel of the aperture is masked or not finite, and its light is missing.
    pub const MASKED: i64 = 2;
    /// The aperture reaches over the frame's edge.
    pub const EDGE: i64 = 4;
    /// The star is off the frame.
    pub const OFF: i64 = 8;
    /// No star was found where the registration puts it; the flux is that of its place.
    pub const LOST: i64 = 16;
}

/// A frame that was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MeasuredFrame {
    /// The file.
    pub file: PathBuf,
    /// Julian Date of the middle of the exposure, UTC.
    pub jd_utc_mid: f64,
    /// Its airmass, where the header has it.
    pub airmass: Option<f64>,
    /// Median full width at half maximum of the stars, pixels.
    pub fwhm: f64,
    /// Radius of the aperture, pixels.
    pub radius: f64,
    /// How far the stars are from where the registration puts them, pixels, the median along x and y.
    pub drift: Option<[f64; 2]>,
    /// Stars that were not found.
    pub lost: usize,
}

/// A star over all frames. Its statistics are of the relative fluxes without flags, detrended where that was wanted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FollowedStar {
    /// T1, T2, … for targets, C1, … for comparison stars.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Column of its centre on the reference, 0-based.
    pub x: f64,
    /// Row of its centre.
    pub y: f64,
    /// Frames in which nothing is to be said against it.
    pub good: usize,
    /// Frames in which it was not found.
    pub lost: usize,
    /// Frames in which it is saturated.
    pub saturated: usize,
    /// Median flux, in the unit of the frames.
    pub flux: Option<f64>,
    /// Standard deviation of the relative flux.
    pub rms: Option<f64>,
    /// Scatter from each frame to the next: the root of half the mean square of the differences, which slow changes of
    /// the star hardly touch.
    pub point_to_point: Option<f64>,
    /// Median error of the relative flux.
    pub error: Option<f64>,
    /// χ² of a constant, over the degrees of freedom.
    pub chi_square: Option<f64>,
    /// Its weight among the comparison stars, whose sum is 1.
    pub weight: Option<f64>,
    /// What it was freed of.
    pub slopes: Vec<Slope>,
}

/// The light curves, and what they rest on.
#[derive(Debug, Clone, Serialize)]
pub struct TimeseriesReport {
    /// The frame whose pixels the stars were named on.
    pub reference: PathBuf,
    /// Where the times are from.
    pub time: Vec<String>,
    /// Where the errors are from.
    pub errors: Vec<ErrorsFrom>,
    /// The frames that were measured, by time.
    pub frames: Vec<MeasuredFrame>,
    /// Files that failed, while the others went on.
    pub failed: Vec<Failure>,
    /// The stars.
    pub stars: Vec<FollowedStar>,
    /// What should be known of the result.
    pub notes: Vec<String>,
    /// One row for each target and comparison star and each frame.
    #[serde(serialize_with = "firstlight_frame::table::serialize")]
    pub table: Table,
    /// Where the table was written.
    pub output: Option<PathBuf>,
    /// The figures.
    pub figures: Vec<PathBuf>,
    /// How long it took, s.
    pub seconds: f64,
}

/// Follows stars through a series of frames: their fluxes in apertures, in the frames' own pixels, and over the mean of
/// comparison stars. The frames are not changed.
///
/// Frames are registered to the reference, on whose pixels the stars are named. In each frame a Gaussian is fitted about
/// the place of each star; the aperture and the annulus of its sky are about its centre. A frame that fails is reported,
/// and the others go on.
///
/// The comparison star is the mean of several, each over its own median, with weights of the inverse variance that each has
/// against the others (Broeg, Fernández and Neuhäuser 2005, AN 326, 134). Relative fluxes have a median of 1.
///
/// # Errors
/// Before any work: [`crate::Error::OutputExists`], [`crate::Error::Usage`]; what is wrong with the reference; what is wrong with the
/// frames where all of them fail.
pub fn timeseries(
    files: &[PathBuf],
    (options, how): (&TimeseriesOptions, &RegisterOptions),
    progress: &dyn Progress,
) -> Result<TimeseriesReport> {
    let begin = Instant::now();
    options.check()?;
    let products = options.output.iter().chain(&options.figure);
    refuse_existing(products, options.overwrite)?;
    if let Some(output) = &options.output {
        firstlight_frame::table::check_output(output, None, Overwrite::from(options.overwrite))?;
    }
    for figure in &options.figure {
        Format::of(figure)?;
    }
    let from = match &options.transforms {
        Some(table) => MapsFrom::Table(table),
        None if options.registered => MapsFrom::SamePixels,
        None => MapsFrom::Stars,
    };
    let (reference, registered) = maps(files, from, how, progress)?;
    let mut chosen = stars::choose(&reference, options, &how.stars)?;
    measure::centre(&reference, &mut chosen, options)?;
    let (frames, failed) = all(&registered, (&chosen, options), how, progress)?;
    let measures: Vec<&FrameMeasures> = frames.iter().map(|(_, measures)| measures).collect();
    let (curves, notes) = curves::of(&chosen, &measures, options)?;
    let table = table::of(&frames, &curves, (reference.unit(), options))?;
    if let Some(output) = &options.output {
        firstlight_frame::table::write(&table, output, None, Overwrite::from(options.overwrite))?;
    }
    for path in &options.figure {
        let bytes = figure::draw(&curves, &measures, Format::of(path)?)?;
        firstlight_look::write(path, &bytes)?;
    }
    Ok(TimeseriesReport {
        reference: reference.path().to_owned(),
        time: each_once(measures.iter().map(|measures| measures.time.from.clone())),
        errors: each_once(measures.iter().map(|measures| measures.errors)),
        stars: curves.iter().map(Curve::summary).collect(),
        frames: frames.iter().map(MeasuredFrame::of).collect(),
        failed,
        notes,
        table,
        output: options.output.clone(),
        figures: options.figure.clone(),
        seconds: begin.elapsed().as_secs_f64(),
    })
}

/// A frame, and what was measured in it.
type OfFrame = (PathBuf, FrameMeasures);

/// Measures all frames that are registered; by time.
fn all(
    registered: &[Registered],
    wanted: (&Chosen, &TimeseriesOptions),
    how: &RegisterOptions,
    progress: &dyn Progress,
) -> Result<(Vec<OfFrame>, Vec<Failure>)> {
    let (mut frames, failed) = each_registered(registered, ("measuring", progress), |frame, map| {
        let measures = measure::measure(&frame.file, &how.open, map, wanted)?;
        Ok((frame.file.clone(), measures))
    })?;
    frames.sort_by(|(a_file, a), (b_file, b)| a.time.jd.total_cmp(&b.time.jd).then(a_file.cmp(b_file)));
    Ok((frames, failed))
}

impl MeasuredFrame {
    fn of((file, measures): &OfFrame) -> Self {
        Self {
            file: file.clone(),
            jd_utc_mid: measures.time.jd,
            airmass: measures.airmass,
            fwhm: measures.fwhm,
            radius: measures.radius,
            drift: measures.drift,
            lost: measures
                .points
                .iter()
                .filter(|point| point.flags & (flag::LOST | flag::OFF) != 0)
                .count(),
        }
    }
}

fn each_once<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut once = Vec::new();
    for one in all {
        if !once.contains(&one) {
            once.push(one);
        }
    }
    once
}
