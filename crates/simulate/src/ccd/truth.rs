//! What was put in, for comparison with what comes out.

use super::cluster::{Star, reference_centre, reference_pointing};
use super::geometry::{Affine, Projection};
use super::plan::{self, Frame, Kind};
use super::variables::Variable;
use super::weather::Weather;
use super::{CcdNights, Filter};
use crate::cards::Cards;
use crate::{Extension, Result};
use firstlight_fits::Header;
use serde::Serialize;

/// The truth of all nights.
#[derive(Debug, Clone)]
pub struct Truth {
    /// One a raw file.
    pub frames: Vec<FrameTruth>,
    /// The field, the brightest in V first.
    pub stars: Vec<Star>,
    /// Those of them whose light changes.
    pub variables: Vec<Variable>,
    /// One a star and science frame that it falls on, by frame.
    pub fluxes: Vec<StarTruth>,
}

/// One raw file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FrameTruth {
    /// Its path in the folder.
    pub file: String,
    /// The night's folder.
    pub night: String,
    /// What it is of.
    pub kind: Kind,
    /// Of light and flats.
    pub filter: Option<Filter>,
    /// Seconds.
    pub exptime_s: f64,
    /// Start, MJD, UTC.
    pub start_mjd: f64,
    /// Of the CCD, °C.
    pub temperature_c: f64,
    /// By how much dark current was stronger than in the truth image.
    pub dark_factor: f64,
    /// By how much the bias level was above that of the truth image, ADU.
    pub bias_offset: f64,
    /// Of flats: electrons in a pixel of mean sensitivity.
    pub flat_level_e: Option<f64>,
    /// Of science frames.
    pub science: Option<ScienceTruth>,
}

/// What only science frames have.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ScienceTruth {
    /// From the reference frame's pixels to this frame's.
    pub map: Affine,
    /// Magnitude that gives one electron a second above the atmosphere.
    pub zero_point: f64,
    /// The atmosphere.
    pub weather: Weather,
    /// The world coordinates.
    pub projection: Projection,
}

/// One star on one frame.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StarTruth {
    /// Index of the frame.
    pub frame: usize,
    /// Number, from 1 for the brightest in V.
    pub star: usize,
    /// Place on the frame, 0-based pixels.
    pub x: f64,
    /// See `x`.
    pub y: f64,
    /// Electrons expected in its whole image, in pixels of mean sensitivity.
    pub electrons: f64,
}

pub fn truth(nights: &CcdNights) -> Truth {
    let (nx, ny) = (nights.options.width as f64, nights.options.height as f64);
    let mut fluxes = Vec::new();
    for (index, frame) in nights.frames.iter().enumerate() {
        if frame.kind != Kind::Light {
            continue;
        }
        for (number, star) in nights.stars.iter().enumerate() {
            let (x, y) = frame.map.apply((star.x, star.y));
            if (-0.5..nx - 0.5).contains(&x) && (-0.5..ny - 0.5).contains(&y) {
                fluxes.push(StarTruth {
                    frame: index,
                    star: number + 1,
                    x,
                    y,
                    electrons: nights.star_electrons(number, frame),
                });
            }
        }
    }
    Truth {
        frames: nights
            .frames
            .iter()
            .map(|frame| of_frame(nights, frame))
            .collect(),
        stars: nights.stars.clone(),
        variables: nights.variables.clone(),
        fluxes,
    }
}

fn of_frame(nights: &CcdNights, frame: &Frame) -> FrameTruth {
    let centre = reference_centre(&nights.options);
    let science = |(filter, weather): (Filter, Weather)| ScienceTruth {
        map: frame.map,
        zero_point: filter.zero_point(),
        weather,
        projection: Projection::of(&reference_pointing(), centre, &frame.map),
    };
    FrameTruth {
        file: frame.path(),
        night: plan::folder(frame.night),
        kind: frame.kind,
        filter: frame.filter,
        exptime_s: frame.exptime_s,
        start_mjd: frame.start_mjd,
        temperature_c: frame.temperature_c,
        dark_factor: super::detector::dark_factor(frame.temperature_c),
        bias_offset: frame.bias_offset,
        flat_level_e: (frame.kind == Kind::Flat).then_some(frame.flat_level_e),
        science: frame.filter.zip(frame.weather).map(science),
    }
}

/// Names of the truth images.
pub fn image_names(nights: &CcdNights) -> Vec<String> {
    let flats = nights.options.filters.iter().map(|filter| flat_name(*filter));
    ["bias.fits", "dark.fits", "bad_pixels.fits"]
        .map(str::to_owned)
        .into_iter()
        .chain(flats)
        .collect()
}

fn flat_name(filter: Filter) -> String {
    format!("flat_{}.fits", filter.name())
}

/// The images, in the order of their names.
pub fn images(nights: &CcdNights) -> Result<Vec<Extension>> {
    let shape = (nights.options.height, nights.options.width);
    let detector = &nights.detector;
    let real = |unit: &str, filter: Option<Filter>, pixels: &[f32]| -> Result<Extension> {
        let mut cards = Cards(Header::new());
        cards.card("BUNIT", unit, "unit of the pixels")?;
        if let Some(filter) = filter {
            cards.card("FILTER", filter.name(), "filter used")?;
        }
        Ok(Extension::Real(cards.0, shape, pixels.to_vec()))
    };
    let mut cards = Cards(Header::new());
    cards
        .card("BIT0", "dead", "value 1: sees little")?
        .card("BIT1", "hot", "value 2: much dark current")?;
    let mut images = vec![
        real("adu", None, &detector.bias)?,
        real("electron / s", None, &detector.dark)?,
        Extension::Bytes(cards.0, shape, detector.bad.clone()),
    ];
    for (filter, response) in &nights.responses {
        images.push(real("", Some(*filter), response)?);
    }
    Ok(images)
}
