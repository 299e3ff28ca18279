//! The stars of one frame, measured where they are.

use super::stars::{Chosen, Followed};
use super::time::{MidExposure, mid_exposure};
use super::{TimeseriesOptions, flag};
use crate::ccd::{CcdFile, CcdFrame, CcdOpenOptions, CcdUnit, number, number_or_keyword, unusable};
use crate::{Error, Result};
use firstlight_align::register::Projective;
use firstlight_calibrate::ccd::dq;
use firstlight_frame::Image;
use firstlight_measure::find::shape;
use firstlight_measure::{
    Aperture, ApertureSet, LocalBackground, Measured, Plane, Planes, Settings, Shapes, aperture_photometry,
};
use firstlight_stats::median_of_finite;
use std::path::Path;

/// Keywords of the airmass.
const AIRMASS: [&str; 2] = ["AIRMASS", "SECZ"];
/// Least distance within which a star is looked for, pixels.
const LEAST_DRIFT: f64 = 2.0;

/// Where the errors of fluxes come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorsFrom {
    /// The uncertainty of the frames, UNCERT.
    Uncertainty,
    /// The scatter of the sky, and the shot noise of the star by the gain.
    GainAndSky,
    /// The scatter of the sky alone: the star's own noise is missing.
    SkyAlone,
}

impl ErrorsFrom {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Uncertainty => "of the frames' uncertainty",
            Self::GainAndSky => "of the gain and the sky's scatter",
            Self::SkyAlone => "of the sky's scatter alone",
        }
    }
}

/// A star in a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) place: [f64; 2],
    pub(super) flux: f64,
    pub(super) error: f64,
    pub(super) fwhm: f64,
    pub(super) sky: f64,
    pub(super) flags: i64,
}

/// All stars of a frame.
#[derive(Debug, Clone)]
pub(super) struct FrameMeasures {
    pub(super) time: MidExposure,
    pub(super) airmass: Option<f64>,
    /// Median width of its stars, pixels.
    pub(super) fwhm: f64,
    pub(super) radius: f64,
    pub(super) errors: ErrorsFrom,
    /// How far the stars are from where the registration puts them, pixels: the median along x and y.
    pub(super) drift: Option<[f64; 2]>,
    pub(super) points: Vec<Point>,
}

/// A star's place in the frame, and the width of the Gaussian there.
#[derive(Clone, Copy)]
struct Placed {
    mapped: [f64; 2],
    place: [f64; 2],
    fwhm: f64,
    lost: bool,
}

/// Measures the stars of a frame; `map` is from the reference to it.
pub(super) fn measure(
    path: &Path,
    open: &CcdOpenOptions,
    map: &Projective,
    (chosen, options): (&Chosen, &TimeseriesOptions),
) -> Result<FrameMeasures> {
    let file = CcdFile::open(path, open)?;
    let keys = (options.time_key.as_deref(), options.exposure_key.as_str());
    let time = mid_exposure(path, file.header(), keys)?;
    let gain = gain(&file, options)?;
    let frame = file.read::<f32>()?;
    let bad = unusable(&frame);
    let placed = places(&frame, &bad, map, (chosen, options));
    let fwhm = width(&placed).ok_or_else(|| Error::Contradiction {
        path: path.to_owned(),
        reason: format!(
            "none of the {} stars is to be seen where it should be; look at the frame, or leave it out",
            placed.len()
        ),
    })?;
    let radius = options.radius.unwrap_or(options.radius_fwhm * fwhm);
    let sums = sums(&frame, &bad, &placed, (radius, fwhm, options))?;
    let errors = match (&frame.err, gain) {
        (Some(_), _) => ErrorsFrom::Uncertainty,
        (None, Some(_)) => ErrorsFrom::GainAndSky,
        (None, None) => ErrorsFrom::SkyAlone,
    };
    let points = placed
        .iter()
        .zip(&sums)
        .map(|(placed, sum)| {
            let (flux, error) = net(sum.as_ref(), errors, gain);
            let level = sum.as_ref().and_then(|sum| sum.background);
            Point {
                place: placed.place,
                flux,
                error,
                fwhm: placed.fwhm,
                sky: level.map_or(f64::NAN, |level| level.level),
                flags: flags(&frame, &bad, placed, (radius, chosen.saturation)),
            }
        })
        .collect();
    Ok(FrameMeasures {
        airmass: AIRMASS.iter().find_map(|key| number(file.header(), key)),
        time,
        fwhm,
        radius,
        errors,
        drift: drift(&placed),
        points,
    })
}

/// Brings the stars to their centres on the reference; those that are not found there stay where they were named.
pub(super) fn centre(reference: &CcdFile, chosen: &mut Chosen, options: &TimeseriesOptions) -> Result<()> {
    let frame = reference.read::<f32>()?;
    let placed = places(
        &frame,
        &unusable(&frame),
        &Projective::IDENTITY,
        (chosen, options),
    );
    for (star, placed) in chosen.stars.iter_mut().zip(placed) {
        star.place = placed.place;
    }
    Ok(())
}

/// Electrons per unit of the frame, where known.
fn gain(file: &CcdFile, options: &TimeseriesOptions) -> Result<Option<f64>> {
    if *file.unit() == CcdUnit::Electron {
        return Ok(Some(1.0));
    }
    let Some(text) = &options.gain else {
        return Ok(None);
    };
    let gain = number_or_keyword(file.path(), file.header(), text)?;
    match gain.is_finite() && gain > 0.0 {
        true => Ok(Some(gain)),
        false => Err(Error::Usage(format!(
            "{}: the gain is {gain}, but has to be above 0 (--gain)",
            file.path().display()
        ))),
    }
}

fn places(
    frame: &CcdFrame<f32>,
    bad: &Image<bool>,
    map: &Projective,
    (chosen, options): (&Chosen, &TimeseriesOptions),
) -> Vec<Placed> {
    let limit = options.max_drift.unwrap_or(chosen.fwhm.max(LEAST_DRIFT));
    let place = |star: &Followed| {
        let mapped = map.to_image(star.place);
        let found = stamp(frame, bad, mapped, chosen.fwhm)
            .filter(|found| limit == 0.0 || (found.0[0] - mapped[0]).hypot(found.0[1] - mapped[1]) <= limit);
        match found {
            Some((place, fwhm)) => Placed {
                mapped,
                place: if limit == 0.0 { mapped } else { place },
                fwhm,
                lost: false,
            },
            None => Placed {
                mapped,
                place: mapped,
                fwhm: f64::NAN,
                lost: true,
            },
        }
    };
    chosen.stars.iter().map(place).collect()
}

/// The centre and the width of the Gaussian that fits best about a place, masked pixels left out.
fn stamp(frame: &CcdFrame<f32>, bad: &Image<bool>, [x, y]: [f64; 2], fwhm: f64) -> Option<([f64; 2], f64)> {
    let (ny, nx) = frame.shape();
    if !on_frame([x, y], (ny, nx)) {
        return None;
    }
    let half = (2.0 * fwhm).ceil().max(4.0);
    let range = |at: f64, size: usize| {
        let first = (at.round() - half).max(0.0) as usize;
        first..((at.round() + half + 1.0) as usize).min(size)
    };
    let (columns, rows) = (range(x, nx), range(y, ny));
    let sample = |row: usize, column: usize| match bad[(row, column)] {
        true => f32::NAN,
        false => frame.sci[(row, column)],
    };
    let on_edge = |row: usize, column: usize| {
        row == rows.start || row + 1 == rows.end || column == columns.start || column + 1 == columns.end
    };
    let mut border: Vec<f32> = Vec::new();
    let mut samples = Vec::with_capacity(rows.len() * columns.len());
    for row in rows.clone() {
        for column in columns.clone() {
            let value = sample(row, column);
            samples.push(value);
            if on_edge(row, column) && value.is_finite() {
                border.push(value);
            }
        }
    }
    let sky = median_of_finite(&mut border)? as f32;
    samples.iter_mut().for_each(|value| *value -= sky);
    let fitted = shape(Plane::new((rows.len(), columns.len()), &samples).ok()?)?;
    let plausible = fitted.fwhm > 0.5 && fitted.fwhm < 3.0 * fwhm.max(1.0);
    plausible.then_some((
        [columns.start as f64 + fitted.x, rows.start as f64 + fitted.y],
        fitted.fwhm,
    ))
}

fn on_frame([x, y]: [f64; 2], (ny, nx): (usize, usize)) -> bool {
    x > -0.5 && y > -0.5 && x < nx as f64 - 0.5 && y < ny as f64 - 0.5
}

/// The median width of the stars that were found; none where all are lost.
fn width(placed: &[Placed]) -> Option<f64> {
    let found = placed.iter().filter(|star| !star.lost);
    median_of_finite(&mut found.map(|star| star.fwhm).collect::<Vec<_>>())
}

fn drift(placed: &[Placed]) -> Option<[f64; 2]> {
    let along = |axis: usize| {
        let found = placed.iter().filter(|star| !star.lost);
        median_of_finite(&mut found.map(|s| s.place[axis] - s.mapped[axis]).collect::<Vec<_>>())
    };
    Some([along(0)?, along(1)?])
}

/// The aperture and the sky of each star that is on the frame.
fn sums(
    frame: &CcdFrame<f32>,
    bad: &Image<bool>,
    placed: &[Placed],
    (radius, fwhm, options): (f64, f64, &TimeseriesOptions),
) -> Result<Vec<Option<Measured>>> {
    let mut planes = Planes::new(&frame.sci).with_mask(bad)?;
    if let Some(err) = &frame.err {
        planes = planes.with_error(err)?;
    }
    let r_in = options.sky_inner.unwrap_or(radius + 2.0 * fwhm);
    let r_out = options.sky_outer.unwrap_or(r_in + 4.0 * fwhm);
    let set = ApertureSet {
        apertures: vec![Aperture::CircularAperture { r: radius }],
        background: Some(Aperture::CircularAnnulus { r_in, r_out }),
    };
    let settings = Settings {
        background: LocalBackground {
            statistic: options.sky_statistic,
            ..LocalBackground::default()
        },
        ..Settings::default()
    };
    let on: Vec<bool> = placed
        .iter()
        .map(|star| on_frame(star.place, frame.shape()))
        .collect();
    let positions: Vec<(f64, f64)> = placed
        .iter()
        .zip(&on)
        .filter(|(_, on)| **on)
        .map(|(star, _)| (star.place[0], star.place[1]))
        .collect();
    let mut measured = aperture_photometry(&planes, &positions, &Shapes::Same(set), &settings)?.into_iter();
    Ok(on
        .into_iter()
        .map(|on| if on { measured.next() } else { None })
        .collect())
}

/// Flux and error. Without an uncertainty of the frame, the variance is that of the star's light by the gain, of the
/// pixels by the scatter of the sky, and of the sky's level (as IRAF's `phot` has it).
fn net(sum: Option<&Measured>, errors: ErrorsFrom, gain: Option<f64>) -> (f64, f64) {
    let known = errors == ErrorsFrom::Uncertainty;
    let Some((flux, error)) = sum.and_then(|sum| sum.net(0, known)) else {
        return (f64::NAN, f64::NAN);
    };
    match gain {
        Some(gain) if !known => (flux, (error * error + flux.max(0.0) / gain).sqrt()),
        _ => (flux, error),
    }
}

fn flags(
    frame: &CcdFrame<f32>,
    bad: &Image<bool>,
    placed: &Placed,
    (radius, saturation): (f64, Option<f64>),
) -> i64 {
    let [x, y] = placed.place;
    let (ny, nx) = frame.shape();
    if !on_frame([x, y], (ny, nx)) {
        return flag::OFF;
    }
    let mut flags = if placed.lost { flag::LOST } else { 0 };
    let beyond = |at: f64, size: usize| at - radius < -0.5 || at + radius > size as f64 - 0.5;
    if beyond(x, nx) || beyond(y, ny) {
        flags |= flag::EDGE;
    }
    let range = |at: f64, size: usize| {
        let first = (at - radius).floor().max(0.0) as usize;
        first..((at + radius).ceil() as usize + 1).min(size)
    };
    for row in range(y, ny) {
        for column in range(x, nx) {
            if (column as f64 - x).hypot(row as f64 - y) > radius + 0.5 {
                continue;
            }
            let bits = frame.dq.as_ref().map_or(0, |dq| dq[(row, column)]);
            let beyond = saturation.is_some_and(|level| f64::from(frame.sci[(row, column)]) >= level);
            if bits & dq::SATURATED != 0 || beyond {
                flags |= flag::SATURATED;
            }
            if bad[(row, column)] {
                flags |= flag::MASKED;
            }
        }
    }
    flags
}
