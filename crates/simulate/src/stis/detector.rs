//! The CCD: bias pattern, sensitivity, and dark current whose hot pixels appear and heal.

use crate::Random;
use crate::streams::{Purpose, Streams};
use rayon::prelude::*;

/// Pixels along each side of the imaging area.
pub const SIDE: usize = 1024;
/// Side of a pixel of silicon, µm.
pub const PIXEL_UM: f64 = 21.0;
/// Pixels that the low-order flat has along each side.
pub const LOW_ORDER_SIDE: usize = 64;
/// Housing temperature at which dark rates are quoted, °C.
pub const REFERENCE_TEMPERATURE: f64 = 18.0;
/// Relative growth of the dark rate for each degree.
pub const DARK_SLOPE: f64 = 0.07;
/// Days of an anneal period.
pub const PERIOD_DAYS: f64 = 28.0;

/// Numbers of hot pixels: there from before to after, born in the period, healed in it.
const HOT_PIXELS: [usize; 3] = [14_000, 3_500, 2_500];

/// A hot pixel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HotPixel {
    /// Column, 0-based.
    pub x: usize,
    /// Row, 0-based.
    pub y: usize,
    /// Electrons/s above its neighbours, at the reference temperature.
    pub rate: f64,
    /// Day of the period on which it appears; before the period where it was there.
    pub appears: f64,
    /// Day on which it heals; after the period where it stays.
    pub heals: f64,
}

/// A run of flagged pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Column of the first, 0-based.
    pub x: usize,
    /// Row of the first.
    pub y: usize,
    /// How many.
    pub length: usize,
    /// Whether it goes up a column rather than along a row.
    pub upwards: bool,
    /// The bit.
    pub flag: i16,
}

/// The chip.
#[derive(Debug, Clone)]
pub struct Detector {
    /// Bias above the level, DN.
    pub bias: Vec<f32>,
    /// Dark rate without hot pixels, electrons/s at the reference temperature.
    pub base: Vec<f32>,
    /// Sensitivity of each pixel relative to its surroundings.
    pub pixel_flat: Vec<f32>,
    /// The hot pixels.
    pub hot: Vec<HotPixel>,
    /// What is known to be bad.
    pub bad: Vec<Run>,
}

/// DQ bits of the table of bad pixels.
const DETECTOR_PROBLEM: i16 = 4;
const LARGE_BLEMISH: i16 = 1024;
const BAD_REFERENCE: i16 = 512;

impl Detector {
    /// Draws a chip.
    pub fn new(streams: Streams) -> Self {
        let (bias, columns) = bias(streams);
        Self {
            bias,
            base: plane(streams, Purpose::Dark, |x, y, random| {
                let glow =
                    0.0115 + 0.0075 * y / 1023.0 + 6.0e-4 * (x / 170.0 + 1.3).sin() * (y / 230.0).cos();
                glow * (0.10 * random.normal()).exp()
            }),
            pixel_flat: pixel_flat(streams),
            hot: hot_pixels(streams),
            bad: bad_pixels(&columns, streams),
        }
    }

    /// Dark rates on a day of the period, electrons/s at the reference temperature.
    pub fn dark_rate(&self, day: f64) -> Vec<f32> {
        let mut rate = self.base.clone();
        for pixel in &self.hot {
            if pixel.appears <= day && day < pixel.heals {
                rate[pixel.y * SIDE + pixel.x] += pixel.rate as f32;
            }
        }
        rate
    }

    /// The low-order flat in its own pixels.
    pub fn low_order_flat() -> Vec<f32> {
        let last = (LOW_ORDER_SIDE - 1) as f64;
        let pixel = |index: usize| {
            let (x, y) = ((index % LOW_ORDER_SIDE) as f64, (index / LOW_ORDER_SIDE) as f64);
            1.0 + 0.03 * (2.17 * x / last).cos() - 0.02 * (y / last - 0.5)
        };
        (0..LOW_ORDER_SIDE * LOW_ORDER_SIDE)
            .map(|index| pixel(index) as f32)
            .collect()
    }

    /// Sensitivity of every pixel: the low-order flat, straight between the centres of its pixels, times the pixels' own.
    pub fn sensitivity(&self) -> Vec<f32> {
        let low = Self::low_order_flat();
        let place = |n: usize| {
            let each = (SIDE / LOW_ORDER_SIDE) as f64;
            let at = (n as f64 + 0.5) / each - 0.5;
            let before = at.floor().clamp(0.0, (LOW_ORDER_SIDE - 2) as f64);
            (before as usize, at - before)
        };
        let mut all = self.pixel_flat.clone();
        all.par_chunks_mut(SIDE).enumerate().for_each(|(y, line)| {
            let (j, v) = place(y);
            for (x, pixel) in line.iter_mut().enumerate() {
                let (i, u) = place(x);
                let at = |j: usize, i: usize| f64::from(low[j * LOW_ORDER_SIDE + i]);
                let below = at(j, i) + u * (at(j, i + 1) - at(j, i));
                let above = at(j + 1, i) + u * (at(j + 1, i + 1) - at(j + 1, i));
                *pixel *= (below + v * (above - below)) as f32;
            }
        });
        all
    }
}

/// By how much the dark rate is higher than at the reference temperature.
pub fn dark_factor(temperature_c: f64) -> f64 {
    1.0 + DARK_SLOPE * (temperature_c - REFERENCE_TEMPERATURE)
}

/// A plane whose pixels are drawn row by row from streams of their own.
pub fn plane(
    streams: Streams,
    purpose: Purpose,
    pixel: impl Fn(f64, f64, &mut Random) -> f64 + Sync,
) -> Vec<f32> {
    let mut plane = vec![0.0; SIDE * SIDE];
    plane.par_chunks_mut(SIDE).enumerate().for_each(|(y, line)| {
        let mut random = streams.of(purpose, 0, 0, y);
        for (x, value) in line.iter_mut().enumerate() {
            *value = pixel(x as f64, y as f64, &mut random) as f32;
        }
    });
    plane
}

/// Bias above the level, and the columns that are bad from a row on.
fn bias(streams: Streams) -> (Vec<f32>, Vec<usize>) {
    let mut random = streams.of(Purpose::BiasColumns, 0, 0, 0);
    let offsets: Vec<f64> = (0..SIDE).map(|_| 0.35 * random.normal()).collect();
    let steps: Vec<(usize, usize, f64)> = (0..6)
        .map(|part| {
            let x = 40 + part * 158 + (150.0 * random.uniform()) as usize;
            (
                x,
                (900.0 * random.uniform()) as usize,
                2.0 + 13.0 * random.uniform(),
            )
        })
        .collect();
    let mut plane = plane(streams, Purpose::BiasPattern, |x, y, _| {
        0.8 * (-y / 180.0).exp() + 6.0e-4 * (x - 512.0) + offsets[x as usize]
    });
    for &(x, first, step) in &steps {
        for y in first..SIDE {
            plane[y * SIDE + x] += step as f32;
        }
    }
    (plane, steps.into_iter().map(|(x, _, _)| x).collect())
}

/// Pixels of slightly different sensitivity, and specks of dust; 1 on the average.
fn pixel_flat(streams: Streams) -> Vec<f32> {
    let mut random = streams.of(Purpose::Dust, 0, 0, 0);
    let mut within = |low: f64, high: f64| low + (high - low) * random.uniform();
    let specks: Vec<[f64; 3]> = (0..40)
        .map(|_| [within(0.0, 1024.0), within(0.0, 1024.0), within(2.0, 7.0)])
        .collect();
    let mut flat = plane(streams, Purpose::Flat, |x, y, random| {
        let shade = specks.iter().fold(1.0, |shade, [cx, cy, radius]| {
            let squared = ((x - cx).powi(2) + (y - cy).powi(2)) / (2.0 * radius * radius);
            // Far from a speck its shade is no number that a float could tell from one.
            if squared < 20.0 {
                shade * (1.0 - 0.06 * (-squared).exp())
            } else {
                shade
            }
        });
        (1.0 + 0.009 * random.normal()) * shade
    });
    let mean = flat.iter().map(|&v| f64::from(v)).sum::<f64>() / flat.len() as f64;
    flat.iter_mut().for_each(|v| *v = (f64::from(*v) / mean) as f32);
    flat
}

fn hot_pixels(streams: Streams) -> Vec<HotPixel> {
    let mut random = streams.of(Purpose::HotPixels, 0, 0, 0);
    let mut taken = vec![false; SIDE * SIDE];
    let mut free = |random: &mut Random| loop {
        let index = (random.uniform() * taken.len() as f64) as usize;
        if !std::mem::replace(&mut taken[index], true) {
            return index;
        }
    };
    let kinds = HOT_PIXELS
        .iter()
        .enumerate()
        .flat_map(|(kind, &number)| std::iter::repeat_n(kind, number));
    kinds
        .map(|kind| {
            let index = free(&mut random);
            let rate = (0.09_f64.ln() + 1.15 * random.normal()).exp().clamp(0.02, 40.0);
            let day = PERIOD_DAYS * random.uniform();
            HotPixel {
                x: index % SIDE,
                y: index / SIDE,
                rate,
                appears: if kind == 1 { day } else { -1.0e9 },
                heals: if kind == 2 { day } else { 1.0e9 },
            }
        })
        .collect()
}

fn bad_pixels(columns: &[usize], streams: Streams) -> Vec<Run> {
    let mut random = streams.of(Purpose::Columns, 0, 0, 0);
    let mut pixel = || 5 + (990.0 * random.uniform()) as usize;
    let column = |&x: &usize| Run {
        x,
        y: 0,
        length: SIDE,
        upwards: true,
        flag: BAD_REFERENCE,
    };
    let mut runs: Vec<Run> = columns.iter().take(3).map(column).collect();
    runs.extend((1..=12).map(|n| Run {
        x: pixel(),
        y: pixel(),
        length: 1 + n % 5,
        upwards: false,
        flag: DETECTOR_PROBLEM,
    }));
    runs.push(Run {
        x: pixel(),
        y: pixel(),
        length: 3,
        upwards: true,
        flag: LARGE_BLEMISH,
    });
    runs
}
