//! What the chips are like: sensitivity, dark rate, full well, defects. Everything is a function of the place on the
//! chip, so that a subarray sees the same silicon as a full frame.

use super::camera::{Detector, Era};
use crate::streams::{Purpose, Streams};

/// DQ bit of columns that answer badly to light.
pub const DQ_BAD_COLUMN: i16 = 4;
/// DQ bit of hot pixels.
pub const DQ_HOT: i16 = 16;
/// DQ bit of warm pixels.
pub const DQ_WARM: i16 = 64;
/// DQ bit of hot columns of the bias.
pub const DQ_BIAS_COLUMN: i16 = 128;

/// Dark rates above which a pixel is called warm and hot, electrons/s.
const WARM_RATE: f32 = 0.04;
/// See [`WARM_RATE`].
const HOT_RATE: f32 = 0.08;

/// A column that is hot in every read-out, from some row to the far end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HotColumn {
    /// Column, counted from the amplifier's first imaging column.
    pub column: usize,
    /// First row, counted from the amplifier.
    pub row: usize,
    /// Excess, DN.
    pub excess_dn: f32,
}

/// A pixel that swallows charge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sink {
    /// Column on the chip.
    pub x: usize,
    /// Row on the chip.
    pub y: usize,
    /// How much it swallows, electrons.
    pub depth_e: f32,
}

/// A column that sees less light than its neighbours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DullColumn {
    /// Column on the chip.
    pub x: usize,
    /// First row.
    pub y0: usize,
    /// Row after the last.
    pub y1: usize,
    /// Its sensitivity relative to the others'.
    pub response: f32,
}

/// One chip.
#[derive(Debug, Clone)]
pub struct Silicon {
    detector: Detector,
    era: Era,
    chip: i64,
    streams: Streams,
    dull: Vec<DullColumn>,
    sinks: Vec<Sink>,
}

impl Silicon {
    pub fn new(detector: Detector, era: Era, chip: i64, streams: Streams) -> Self {
        let (ny, nx) = detector.chip_shape();
        let place = place(detector, chip);
        let mut random = streams.of(Purpose::Columns, place, 0, 0);
        let dull = (0..nx / 340).map(|_| {
            let y0 = (random.uniform() * ny as f64 * 0.8) as usize;
            let length = 40 + (random.uniform() * ny as f64 * 0.4) as usize;
            DullColumn {
                x: (random.uniform() * nx as f64) as usize,
                y0,
                y1: (y0 + length).min(ny),
                response: 0.6 + 0.3 * random.uniform() as f32,
            }
        });
        let dull = dull.collect();
        let mut random = streams.of(Purpose::Sinks, place, 0, 0);
        let sinks = (0..nx * ny / 14_000).map(|_| Sink {
            x: (random.uniform() * nx as f64) as usize,
            y: 15 + (random.uniform() * (ny - 30) as f64) as usize,
            depth_e: 15.0 + (40.0 * -(1.0 - random.uniform()).ln()) as f32,
        });
        let sinks = if detector == Detector::Wfc {
            sinks.collect()
        } else {
            Vec::new()
        };
        Self {
            detector,
            era,
            chip,
            streams,
            dull,
            sinks,
        }
    }

    /// Columns that see less light.
    pub fn dull_columns(&self) -> &[DullColumn] {
        &self.dull
    }

    /// Pixels that swallow charge; none of HRC.
    pub fn sinks(&self) -> &[Sink] {
        &self.sinks
    }

    /// Sensitivity of a row relative to the detector's mean: a large-scale dome of 4 %, rings of 0.5 % and 0.6 %
    /// from pixel to pixel, and the columns that see less.
    pub fn flat_row(&self, y: usize) -> Vec<f32> {
        let (ny, nx) = self.detector.chip_shape();
        let place = place(self.detector, self.chip);
        let mut random = self.streams.of(Purpose::Flat, place, 0, y);
        // Both WFC chips lie under one dome.
        let height = if self.chip == 1 { y + ny } else { y } as f64;
        let v = height
            / if self.detector == Detector::Wfc {
                2.0 * ny as f64
            } else {
                ny as f64
            }
            - 0.5;
        let pixel = |x: usize| {
            let u = x as f64 / nx as f64 - 0.46;
            let r2 = u * u + v * v;
            let smooth = 1.01 - 0.12 * r2 + 0.02 * u * v + 0.005 * (60.0 * r2.sqrt()).cos();
            (smooth * (1.0 + 0.006 * random.normal().clamp(-5.0, 5.0))) as f32
        };
        let mut row: Vec<f32> = (0..nx).map(pixel).collect();
        for column in &self.dull {
            if (column.y0..column.y1).contains(&y) {
                row[column.x] *= column.response;
            }
        }
        row
    }

    /// Dark rate of a row, electrons/s: a smooth part and, on top of it, warm and hot pixels.
    pub fn dark_row(&self, y: usize) -> Vec<f32> {
        let (ny, nx) = self.detector.chip_shape();
        let (base, share, faintest) = match (self.detector, self.era) {
            (Detector::Wfc, Era::BeforeSm4) => (0.0036, 0.006, 0.02),
            (Detector::Wfc, Era::AfterSm4) => (0.0105, 0.015, 0.02),
            (Detector::Hrc, _) => (0.0025, 0.004, 0.02),
            (Detector::Sbc, _) => (1.1e-5, 1.0e-4, 2.0e-4),
        };
        let place = place(self.detector, self.chip);
        let mut random = self.streams.of(Purpose::WarmPixels, place, 0, y);
        let v = y as f64 / ny as f64;
        let mut row: Vec<f32> = (0..nx)
            .map(|x| (base * (1.0 + 0.25 * (x as f64 / nx as f64 - 0.5) + 0.2 * v)) as f32)
            .collect();
        for _ in 0..random.counts(share * nx as f64) as usize {
            let x = (random.uniform() * nx as f64) as usize;
            // Numbers fall as rate^-1.1 in the cumulative: few hot, many warm.
            let rate = faintest * (1.0 - random.uniform()).powf(-0.9);
            row[x] += rate.min(600.0 * faintest) as f32;
        }
        row
    }

    /// DQ of a row of dark rates.
    pub fn dark_flags(row: &[f32]) -> Vec<i16> {
        let flag = |&rate: &f32| match rate {
            rate if rate > HOT_RATE => DQ_HOT,
            rate if rate > WARM_RATE => DQ_WARM,
            _ => 0,
        };
        row.iter().map(flag).collect()
    }

    /// How much a pixel holds, electrons.
    pub fn full_well(&self, x: usize, y: usize) -> f32 {
        let (ny, nx) = self.detector.chip_shape();
        let (u, v) = (x as f32 / nx as f32 - 0.5, y as f32 / ny as f32 - 0.5);
        let centre = if self.detector == Detector::Hrc {
            155_000.0
        } else {
            82_000.0
        };
        centre * (1.0 - 0.12 * u + 0.05 * (5.0 * v).sin() - 0.10 * v * v)
    }

    /// Brightness of the post-flash lamp, electrons/s.
    pub fn flash_rate(&self, x: usize, y: usize) -> f32 {
        let (ny, nx) = self.detector.chip_shape();
        let (u, v) = (x as f32 / nx as f32 - 0.5, y as f32 / ny as f32 - 0.5);
        13.0 * (1.0 + 0.25 * u - 0.5 * (u * u + v * v))
    }

    /// Sensitivity of a column to CTE losses relative to the mean, at 512, 1024, 1536 and 2048 rows from the register.
    pub fn trap_scale(&self, x: usize) -> [f32; 4] {
        let place = place(self.detector, self.chip);
        let mut random = self.streams.of(Purpose::ColumnTraps, place, 0, x);
        let level = 1.0 + 0.03 * random.normal().clamp(-4.0, 4.0) as f32;
        [0.995, 0.998, 1.002, 1.005].map(|along| level * along)
    }
}

/// A number of its own for every chip of every detector.
pub fn place(detector: Detector, chip: i64) -> u64 {
    match detector {
        Detector::Wfc => chip as u64,
        Detector::Hrc => 3,
        Detector::Sbc => 4,
    }
}
