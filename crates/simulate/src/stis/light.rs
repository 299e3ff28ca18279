//! What shines into the slit: a star with lines, and the lamp.

use super::options::Grating;
use super::spectrograph::Spectrograph;
use crate::streams::{Purpose, Streams};

/// Absorption: centre, depth, and Gaussian width, Å; hydrogen and calcium.
const ABSORBED: [(f64, f64, f64); 10] = [
    (3835.4, 0.35, 13.0),
    (3889.0, 0.40, 14.0),
    (3970.1, 0.48, 16.0),
    (4101.7, 0.52, 18.0),
    (4340.5, 0.55, 20.0),
    (4861.3, 0.55, 22.0),
    (6562.8, 0.50, 20.0),
    (8498.0, 0.25, 14.0),
    (8542.1, 0.30, 14.0),
    (8662.1, 0.28, 14.0),
];
/// Emission: centre, Å, and height in units of the continuum at 4500 Å; of a nebula about the star.
const EMITTED: [(f64, f64); 9] = [
    (3727.5, 0.9),
    (4471.5, 0.5),
    (5006.8, 1.6),
    (5411.5, 0.35),
    (5875.6, 0.7),
    (6583.5, 1.5),
    (7065.2, 0.6),
    (9068.6, 1.1),
    (9530.6, 1.9),
];
/// Continuum of a star of brightness 1 at 4500 Å, erg/s/cm²/Å.
const CONTINUUM: f64 = 2.4e-14;

/// The star's flux at a wavelength of its own, erg/s/cm²/Å; its emission lines are as narrow as the grating can tell.
pub fn star(spectrograph: &Spectrograph, wavelength: f64, brightness: f64) -> f64 {
    let bell = |centre: f64, width: f64| (-0.5 * ((wavelength - centre) / width).powi(2)).exp();
    let mut flux = (wavelength / 4500.0).powf(-2.1);
    for (centre, depth, width) in ABSORBED {
        flux *= 1.0 - depth * bell(centre, width);
    }
    for (centre, height) in EMITTED {
        flux += height * bell(centre, 0.9 * spectrograph.dispersion) * 4500.0 / wavelength;
    }
    brightness * CONTINUUM * flux
}

/// The lamp's spectrum, evenly sampled, in units of its own: lines on a faint continuum.
#[derive(Debug, Clone)]
pub struct Lamp {
    /// Å.
    pub wavelength: Vec<f64>,
    /// For each Å.
    pub flux: Vec<f64>,
}

impl Lamp {
    /// Draws the lamp's lines in the range of a grating.
    pub fn new(spectrograph: &Spectrograph, streams: Streams) -> Self {
        const LINES: usize = 95;
        let place = u64::from(spectrograph.grating == Grating::G750L);
        let mut random = streams.of(Purpose::Lamp, place, 0, 0);
        let (low, high) = (spectrograph.range.0 - 160.0, spectrograph.range.1 + 160.0);
        let step = 0.25 * spectrograph.dispersion;
        let width = 0.55 * spectrograph.dispersion;
        let number = ((high - low) / step) as usize;
        let wavelength: Vec<f64> = (0..number).map(|n| low + n as f64 * step).collect();
        let mut flux = vec![0.004; number];
        for _ in 0..LINES {
            let centre = low + 10.0 + (high - low - 20.0) * random.uniform();
            let height = (1.1 * random.normal()).exp();
            for (flux, w) in flux.iter_mut().zip(&wavelength) {
                *flux += height * (-0.5 * ((w - centre) / width).powi(2)).exp();
            }
        }
        Self { wavelength, flux }
    }

    /// Between the samples on a straight line, beyond them the continuum.
    pub fn at(&self, wavelength: f64) -> f64 {
        let step = self.wavelength[1] - self.wavelength[0];
        let at = (wavelength - self.wavelength[0]) / step;
        let last = (self.flux.len() - 1) as f64;
        if !(0.0..last).contains(&at) {
            return 0.004;
        }
        let before = at as usize;
        self.flux[before] + (at - before as f64) * (self.flux[before + 1] - self.flux[before])
    }
}
