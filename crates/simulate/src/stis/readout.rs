//! Reading out through amplifier D, at the upper right: noise, a level that drifts, overscan, and the converter.

use super::detector::{Detector, PIXEL_UM, SIDE};
use crate::Random;
use crate::cosmic_rays;
use crate::streams::{Purpose, Streams};
use rayon::prelude::*;

/// Shape of a raw frame, rows and columns.
pub const RAW_SHAPE: (usize, usize) = (1044, 1062);
/// First imaging column and row of a raw frame: columns without silicon are on both sides, virtual rows below.
pub const FIRST_PIXEL: (usize, usize) = (19, 20);
/// Noise of the commanded gains 1, which is used, and 4, electrons.
pub const NOISES_E: [f64; 2] = [5.6, 8.0];

/// An exposure as far as the detector is concerned.
#[derive(Debug, Clone, Copy)]
pub struct Exposure {
    /// Tells its random numbers from those of others.
    pub number: u64,
    /// Seconds.
    pub exptime_s: f64,
    /// Electrons per DN.
    pub gain: f64,
    /// Whether cosmic rays fall.
    pub cosmic_rays: bool,
}

/// Gathers and reads out: `rate` has the electrons expected each second in each pixel, dark current included.
pub fn expose(detector: &Detector, exposure: &Exposure, rate: &[f32], streams: Streams) -> Vec<u16> {
    let mut charge = vec![0.0_f32; SIDE * SIDE];
    charge
        .par_chunks_mut(SIDE)
        .zip(rate.par_chunks(SIDE))
        .enumerate()
        .for_each(|(y, (line, rate))| {
            let mut random = streams.of(Purpose::Photons, 1, exposure.number, y);
            for (electrons, &rate) in line.iter_mut().zip(rate) {
                *electrons = random.counts(f64::from(rate) * exposure.exptime_s) as f32;
            }
        });
    if exposure.cosmic_rays {
        let mut random = streams.of(Purpose::CosmicRays, 1, exposure.number, 0);
        let how = (PIXEL_UM, exposure.exptime_s);
        cosmic_rays::add(&mut charge, (SIDE, SIDE), how, &mut random);
    }
    digitise(detector, exposure, &charge, streams)
}

/// How the level changes over a frame.
struct Level {
    mean: f64,
    by_row: f64,
    by_column: f64,
}

impl Level {
    fn draw(random: &mut Random) -> Self {
        Self {
            mean: 1485.0 + 1.2 * random.normal(),
            by_row: 6.0e-4 * random.normal(),
            by_column: 9.0e-4 + 3.0e-4 * random.normal(),
        }
    }
}

fn digitise(detector: &Detector, exposure: &Exposure, charge: &[f32], streams: Streams) -> Vec<u16> {
    let level = Level::draw(&mut streams.of(Purpose::Level, 1, exposure.number, 0));
    let (ny, nx) = RAW_SHAPE;
    let (left, bottom) = FIRST_PIXEL;
    let mut raw = vec![0_u16; ny * nx];
    raw.par_chunks_mut(nx).enumerate().for_each(|(j, line)| {
        let mut random = streams.of(Purpose::ReadNoise, 1, exposure.number, j);
        let row = (bottom..bottom + SIDE).contains(&j).then(|| j - bottom);
        for (i, sample) in line.iter_mut().enumerate() {
            let drift = level.by_row * (j as f64 - 532.0) + level.by_column * (i as f64 - 8.0);
            let mut value = level.mean + drift + NOISES_E[0] / exposure.gain * random.normal();
            if let Some(y) = row
                && (left..left + SIDE).contains(&i)
            {
                let index = y * SIDE + i - left;
                value += f64::from(charge[index]) / exposure.gain + f64::from(detector.bias[index]);
            }
            *sample = value.round().clamp(0.0, 65_535.0) as u16;
        }
    });
    raw
}
