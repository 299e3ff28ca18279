//! Light on the detector: electrons expected each second in every pixel.

use super::charge_transfer::{self, HALO, LEAST_HALO, Packet};
use super::detector::SIDE;
use super::light::{self, Lamp};
use super::options::Grating;
use super::spectrograph::{
    AREA_CM2, Ageing, LAMP_SLIT, NOMINAL_HEIGHT, PLATE_SCALE, REFERENCE_ROW, SHIFT, SLIT_TILT_DEG, STAR_SLIT,
    Spectrograph,
};
use rayon::prelude::*;

/// Planck's constant times the speed of light, erg cm.
const HC: f64 = 6.626_075_5e-27 * 29_979_245_800.0;
/// Standard deviation of the image of a line, pixels.
const LINE_SPREAD: f64 = 0.62;
/// Sky through the slit, electrons/s in a pixel.
const SKY: f64 = 0.0025;
/// Where the star stands on the slit, as a line of the detector without shift, 1-based.
const STAR_LINE: f64 = 517.9;
/// Samples in a pixel where light is followed along the dispersion.
const FINE: usize = 8;
/// Pixels beyond the detector's sides from which light spreads onto it.
const MARGIN: usize = 40;

/// The star, and when it is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Star {
    /// The grating.
    pub optics: Spectrograph,
    /// 1 for the standard one.
    pub brightness: f64,
    /// Start, MJD.
    pub mjd: f64,
    /// Of each part, s.
    pub exptime_s: f64,
    /// Housing temperature, °C.
    pub temperature_c: f64,
    /// At which the target recedes as the Earth moves, km/s.
    pub velocity: f64,
    /// Electrons of dark current in a pixel during one part; `None` where charge transfer loses nothing.
    pub dark_e: Option<f64>,
}

/// A column of the star's spectrum as it was put in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrueColumn {
    /// Heliocentric wavelength, Å.
    pub wavelength: f64,
    /// Flux, erg/s/cm²/Å.
    pub flux: f64,
    /// The same, as wide as the image of a line makes it.
    pub blurred: f64,
    /// Electrons/s of the star in the column.
    pub electrons: f64,
    /// Share of them that arrives.
    pub share: f64,
    /// Row of the spectrum's centre, 1-based.
    pub row: f64,
}

/// Where the star stands on the detector, as a line.
const LINE: f64 = STAR_LINE + SHIFT.1 + STAR_SLIT.offset.1 / PLATE_SCALE;

/// Electrons/s of star and sky.
pub fn star(star: &Star) -> Vec<f32> {
    let optics = &star.optics;
    let truth = columns(star);
    let mut image = vec![0.0; SIDE * SIDE];
    image.par_chunks_mut(SIDE).enumerate().for_each(|(y, pixels)| {
        let row = (y + 1) as f64;
        for ((x, pixel), truth) in pixels.iter_mut().enumerate().zip(&truth) {
            let column = (x + 1) as f64;
            let here = optics.wavelength(column, LINE, &STAR_SLIT);
            let above = row - truth.row;
            let share = optics.below(above + 0.5, here) - optics.below(above - 0.5, here);
            let lit = STAR_SLIT.illumination(row - optics.displacement(LINE, column));
            let sky = SKY * (1.0 + 0.2 * (column / 180.0).cos()) * lit;
            *pixel = (truth.electrons * truth.share * share + sky) as f32;
        }
    });
    image
}

/// What the columns of the star's spectrum hold.
pub fn columns(star: &Star) -> Vec<TrueColumn> {
    let optics = &star.optics;
    let ageing = Ageing::of(optics);
    let to_sun = 1.0 - star.velocity / 299_792.458;
    let flux = |wavelength: f64| light::star(optics, wavelength * to_sun, star.brightness);
    let electrons = |wavelength: f64| {
        let photons = flux(wavelength) * AREA_CM2 * wavelength * 1.0e-8 / HC;
        let passed = STAR_SLIT.throughput(wavelength) * optics.grating_aperture(wavelength);
        let aged = ageing.factor(wavelength, star.mjd, star.temperature_c);
        photons * passed * aged * optics.response(wavelength)
    };
    let wavelength = |column: f64| optics.wavelength(column, LINE, &STAR_SLIT);
    let samples = fine(|column| {
        let half = 0.5 / FINE as f64;
        electrons(wavelength(column)) * (wavelength(column + half) - wavelength(column - half))
    });
    let (electrons, blurred) = (blur(&samples), blur(&fine(|column| flux(wavelength(column)))));
    (0..SIDE)
        .map(|x| {
            let column = (x + 1) as f64;
            let pixel = (MARGIN + x) * FINE..(MARGIN + x + 1) * FINE;
            let electrons: f64 = electrons[pixel.clone()].iter().sum();
            let here = wavelength(column);
            let row = LINE + optics.displacement(LINE, column);
            TrueColumn {
                wavelength: here * to_sun,
                flux: flux(here),
                blurred: blurred[pixel].iter().sum::<f64>() / FINE as f64,
                electrons,
                share: star
                    .dark_e
                    .map_or(1.0, |dark_e| arriving(star, here, (electrons, row), dark_e)),
                row,
            }
        })
        .collect()
}

/// Share of the star's electrons in a column that arrives. The law is in terms of what arrives, and is told by going round.
fn arriving(star: &Star, wavelength: f64, (electrons, row): (f64, f64), dark_e: f64) -> f64 {
    let optics = &star.optics;
    let sky_e = SKY * star.exptime_s;
    let background_e = sky_e + dark_e;
    let net_e = electrons * star.exptime_s * optics.enclosed(NOMINAL_HEIGHT, wavelength);
    let wide = 0.5 * (optics.height_correction(200.0, wavelength) - 1.0) - LEAST_HALO;
    // What the law loses are shares of star and sky together, dark current stays out of it.
    let whole = net_e + NOMINAL_HEIGHT * sky_e;
    let mut arrived = whole;
    for _ in 0..30 {
        let net = arrived - NOMINAL_HEIGHT * sky_e;
        let halo_e = match optics.grating {
            Grating::G750L => HALO * wide.max(0.0) * net.max(0.0),
            Grating::G430L => 0.0,
        };
        let packet = Packet {
            net_e: net.max(0.0),
            background_e,
            halo_e,
            height: NOMINAL_HEIGHT,
            row,
        };
        arrived = whole * charge_transfer::share(&packet, star.mjd);
    }
    match net_e > 0.0 {
        true => (arrived - NOMINAL_HEIGHT * sky_e) / net_e,
        false => 1.0,
    }
}

/// Electrons/s of the lamp: a bright line has `bright`.
pub fn lamp(optics: &Spectrograph, lamp: &Lamp, bright: f64) -> Vec<f32> {
    let density = Cumulative::of(&fine(|column| {
        lamp.at(optics.wavelength(column, REFERENCE_ROW, &LAMP_SLIT))
    }));
    // The slit's own image is as wide as the slit.
    let width = LAMP_SLIT.width / PLATE_SCALE;
    let through = fine(|column| density.between(column - 0.5 * width, column + 0.5 * width) / width);
    let light = Cumulative::of(&blur(&through));
    let tilt = SLIT_TILT_DEG.to_radians().tan();
    let mut image = vec![0.0_f32; SIDE * SIDE];
    image.par_chunks_mut(SIDE).enumerate().for_each(|(y, pixels)| {
        let row = (y + 1) as f64;
        for (x, pixel) in pixels.iter_mut().enumerate() {
            let column = (x + 1) as f64;
            let line = row - optics.displacement(row, column);
            let moved = column - tilt * (line - REFERENCE_ROW);
            let light = light.between(moved - 0.5, moved + 0.5);
            *pixel = (light * LAMP_SLIT.illumination(line)) as f32;
        }
    });
    let mut sorted = image.clone();
    sorted.sort_by(f32::total_cmp);
    let scale = bright / f64::from(sorted[sorted.len() / 100 * 99]);
    image
        .iter_mut()
        .for_each(|pixel| *pixel = (f64::from(*pixel) * scale) as f32);
    image
}

/// A function of the column at the middles of the samples.
fn fine(of: impl Fn(f64) -> f64) -> Vec<f64> {
    let first = 0.5 - MARGIN as f64;
    (0..(SIDE + 2 * MARGIN) * FINE)
        .map(|n| of(first + (n as f64 + 0.5) / FINE as f64))
        .collect()
}

/// Sums of samples of a density up to every column.
struct Cumulative(Vec<f64>);

impl Cumulative {
    fn of(samples: &[f64]) -> Self {
        let mut sum = 0.0;
        let sums = samples.iter().map(|sample| {
            sum += sample / FINE as f64;
            sum
        });
        Self(std::iter::once(0.0).chain(sums).collect())
    }

    /// What lies between two columns.
    fn between(&self, low: f64, high: f64) -> f64 {
        self.up_to(high) - self.up_to(low)
    }

    fn up_to(&self, column: f64) -> f64 {
        let at = (column - 0.5 + MARGIN as f64) * FINE as f64;
        let at = at.clamp(0.0, (self.0.len() - 1) as f64);
        let before = (at as usize).min(self.0.len() - 2);
        self.0[before] + (at - before as f64) * (self.0[before + 1] - self.0[before])
    }
}

/// Spread as the image of a line is.
fn blur(samples: &[f64]) -> Vec<f64> {
    let width = LINE_SPREAD * FINE as f64;
    let reach = (4.0 * width) as isize;
    let weights: Vec<f64> = (-reach..=reach)
        .map(|d| (-0.5 * (d as f64 / width).powi(2)).exp())
        .collect();
    let all: f64 = weights.iter().sum();
    let last = samples.len() as isize - 1;
    (0..=last)
        .map(|n| {
            let near = (-reach..=reach)
                .zip(&weights)
                .map(|(d, w)| w * samples[(n + d).clamp(0, last) as usize]);
            near.sum::<f64>() / all
        })
        .collect()
}
