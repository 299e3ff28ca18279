//! The CCD: a bias with structure, dark current with hot pixels and the glow of the amplifier, pixels that see little.

use super::CcdOptions;
use crate::streams::{Purpose, Streams};

/// Electrons that a pixel holds.
pub const FULL_WELL_E: f64 = 100_000.0;
/// Temperature that is asked of the cooler, °C.
pub const SET_TEMPERATURE_C: f64 = -5.0;
/// Degrees that double dark current.
const DOUBLING_C: f64 = 6.3;
/// Mean level of the bias, ADU.
const LEVEL_ADU: f64 = 108.0;
/// Median dark rate, electrons/s.
const DARK_RATE: f64 = 0.022;
/// Share of pixels that are hot, and the rate from which on they are, electrons/s.
const HOT_SHARE: f64 = 0.003;
const HOT_RATE: f64 = 0.3;

/// Bits of the map of bad pixels.
pub const DEAD: u8 = 1;
/// See [`DEAD`].
pub const HOT: u8 = 2;

/// A CCD; images have the shape `(height, width)` of the options.
#[derive(Debug, Clone)]
pub struct Detector {
    /// ADU.
    pub bias: Vec<f32>,
    /// Electrons/s at [`SET_TEMPERATURE_C`].
    pub dark: Vec<f32>,
    /// Sensitivity of pixels, about 1.
    pub sensitivity: Vec<f32>,
    /// [`DEAD`] and [`HOT`].
    pub bad: Vec<u8>,
}

/// By how much dark current is stronger than at [`SET_TEMPERATURE_C`].
pub fn dark_factor(temperature_c: f64) -> f64 {
    ((temperature_c - SET_TEMPERATURE_C) / DOUBLING_C).exp2()
}

impl Detector {
    pub fn new(options: &CcdOptions, streams: Streams) -> Self {
        let shape = (options.height, options.width);
        let mut bad = vec![0; shape.0 * shape.1];
        let sensitivity = sensitivity(shape, streams, &mut bad);
        Self {
            bias: bias(shape, streams),
            dark: dark(shape, streams, &mut bad),
            sensitivity,
            bad,
        }
    }

    /// Level of pixels without silicon, ADU.
    pub fn level_adu(&self) -> f64 {
        LEVEL_ADU
    }
}

/// The amplifier glows on the left, and columns have levels of their own.
fn bias((ny, nx): (usize, usize), streams: Streams) -> Vec<f32> {
    let mut random = streams.of(Purpose::BiasColumns, 0, 0, 0);
    let columns: Vec<f64> = (0..nx)
        .map(|_| {
            let step = if random.uniform() < 0.01 { 4.0 } else { 0.0 };
            0.5 * random.normal() + step
        })
        .collect();
    let mut image = Vec::with_capacity(ny * nx);
    for y in 0..ny {
        let height = 26.0 + 5.0 * (std::f64::consts::PI * y as f64 / ny as f64).sin();
        for (x, column) in columns.iter().enumerate() {
            let glow = height * (-(x as f64) / (0.07 * nx as f64)).exp();
            image.push((LEVEL_ADU + glow + column) as f32);
        }
    }
    image
}

fn dark((ny, nx): (usize, usize), streams: Streams, bad: &mut [u8]) -> Vec<f32> {
    let reach = 0.12 * nx as f64;
    let mut image = Vec::with_capacity(ny * nx);
    for y in 0..ny {
        let mut random = streams.of(Purpose::HotPixels, 0, 0, y);
        for x in 0..nx {
            let distance = (x as f64).hypot(y as f64 - 0.5 * ny as f64);
            let glow = 0.12 * (-distance / reach).exp();
            let own = DARK_RATE * (0.15 * random.normal()).exp();
            let hot = random.uniform() < HOT_SHARE;
            let rate = HOT_RATE * (1.0 - random.uniform()).powf(-0.9).min(300.0);
            if hot {
                bad[y * nx + x] |= HOT;
            }
            image.push((own + glow + if hot { rate } else { 0.0 }) as f32);
        }
    }
    image
}

/// Pixels differ a little; few of them and parts of few columns see next to nothing.
fn sensitivity((ny, nx): (usize, usize), streams: Streams, bad: &mut [u8]) -> Vec<f32> {
    let mut image = Vec::with_capacity(ny * nx);
    for y in 0..ny {
        let mut random = streams.of(Purpose::Flat, 0, 0, y);
        image.extend((0..nx).map(|_| (1.0 + 0.006 * random.normal()) as f32));
    }
    let mut random = streams.of(Purpose::DeadPixels, 0, 0, 0);
    let mut kill = |x: usize, y: usize, left: f64| {
        image[y * nx + x] = left as f32;
        bad[y * nx + x] |= DEAD;
    };
    for _ in 0..(ny * nx / 6000).max(3) {
        let (x, y) = (random.uniform() * nx as f64, random.uniform() * ny as f64);
        kill(x as usize, y as usize, 0.05 + 0.5 * random.uniform());
    }
    for _ in 0..(nx / 250).max(1) {
        let (x, from) = (random.uniform() * nx as f64, random.uniform() * ny as f64);
        let left = 0.1 + 0.5 * random.uniform();
        for y in from as usize..ny {
            kill(x as usize, y, left);
        }
    }
    image
}
