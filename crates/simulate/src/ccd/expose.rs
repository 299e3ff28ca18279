//! From the sky to numbers.

use super::CcdNights;
use super::detector::{FULL_WELL_E, dark_factor};
use super::plan::{Frame, Kind};
use super::star_image::StarImage;
use crate::cosmic_rays;
use crate::streams::Purpose;
use rayon::prelude::*;

/// Side of a pixel, µm.
pub const PIXEL_UM: f64 = 13.0;
/// Share of the cosmic rays in orbit that come down to the ground: some four a minute and cm².
const ON_THE_GROUND: f64 = 0.06;

/// Electrons that sky and stars, or twilight, are expected to give in each pixel, were all pixels alike; `None` for
/// frames without light. Shape `(height, width)`.
pub fn light(nights: &CcdNights, frame: &Frame) -> Option<Vec<f32>> {
    let shape = (nights.options.height, nights.options.width);
    let pixels = shape.0 * shape.1;
    match (frame.kind, frame.filter, frame.weather) {
        (Kind::Flat, ..) => Some(vec![frame.flat_level_e as f32; pixels]),
        (Kind::Light, Some(_), Some(weather)) => {
            let mut image = vec![(weather.sky_rate * frame.exptime_s) as f32; pixels];
            let star_image = StarImage::of_fwhm(weather.fwhm);
            for (index, star) in nights.stars.iter().enumerate() {
                let electrons = nights.star_electrons(index, frame);
                star_image.add(&mut image, shape, frame.map.apply((star.x, star.y)), electrons);
            }
            Some(image)
        }
        _ => None,
    }
}

/// Exposes and reads out: pixels of the raw frame, its overscan at the right included.
pub fn expose(nights: &CcdNights, frame: &Frame) -> Vec<u16> {
    let (ny, nx) = (nights.options.height, nights.options.width);
    let mut charge = light(nights, frame).unwrap_or_else(|| vec![0.0; ny * nx]);
    let response = frame.filter.and_then(|filter| nights.response(filter));
    let (place, exposure) = frame.key;
    let dark_s = frame.exptime_s * dark_factor(frame.temperature_c);
    charge.par_chunks_mut(nx).enumerate().for_each(|(y, line)| {
        let mut random = nights.streams.of(Purpose::Photons, place, exposure, y);
        for (x, electrons) in line.iter_mut().enumerate() {
            let at = y * nx + x;
            let share = response.map_or(1.0, |response| f64::from(response[at]));
            let dark = f64::from(nights.detector.dark[at]) * dark_s;
            *electrons = random.counts(f64::from(*electrons) * share + dark) as f32;
        }
    });
    if !nights.options.no_cosmic_rays {
        let mut random = nights.streams.of(Purpose::CosmicRays, place, exposure, 0);
        let how = (PIXEL_UM, ON_THE_GROUND * frame.exptime_s);
        cosmic_rays::add(&mut charge, (ny, nx), how, &mut random);
    }
    read_out(nights, frame, &charge)
}

/// What a pixel cannot hold is lost; the amplifier adds its level and its noise, and the converter whole numbers.
fn read_out(nights: &CcdNights, frame: &Frame, charge: &[f32]) -> Vec<u16> {
    let options = &nights.options;
    let (width, raw_width) = (options.width, options.width + options.overscan);
    let noise_adu = options.readnoise / options.gain;
    let (place, exposure) = frame.key;
    let mut raw = vec![0_u16; options.height * raw_width];
    raw.par_chunks_mut(raw_width).enumerate().for_each(|(y, line)| {
        let mut random = nights.streams.of(Purpose::ReadNoise, place, exposure, y);
        for (x, sample) in line.iter_mut().enumerate() {
            let (bias, electrons) = if x < width {
                let at = y * width + x;
                let held = f64::from(charge[at]).min(FULL_WELL_E);
                let lost = options.nonlinearity * held / FULL_WELL_E;
                (f64::from(nights.detector.bias[at]), held * (1.0 - lost))
            } else {
                (nights.detector.level_adu(), 0.0)
            };
            let value = bias + frame.bias_offset + electrons / options.gain + noise_adu * random.normal();
            *sample = value.round().clamp(0.0, 65_535.0) as u16;
        }
    });
    raw
}
