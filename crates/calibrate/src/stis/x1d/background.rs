//! The background of a column, measured in two boxes beside the spectrum.

use crate::stis::SpectralImset;
use crate::stis::interpolation::{BAD_DETECTOR, bilinear, nearest};
use crate::stis::tables::xtractab::Extraction;
use firstlight_frame::Frame;
use serde::Serialize;

/// More than a third of the samples of the background are bad.
const BAD_BACKGROUND: u16 = 2048;
const MOST_PASSES: usize = 5;
const CLIP_SIGMA: f64 = 3.0;
/// No box holds more samples; a taller one makes no sense, and would take for ever.
const MOST_SAMPLES: i64 = 100_000;

/// A background that is linear along y, DN per pixel.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Background {
    /// At y = 0 of the image.
    pub level: f64,
    /// Per row of the image.
    pub slope: f64,
    /// 2048 where more than a third of the samples were bad or clipped.
    pub dq: u16,
}

impl Background {
    /// At a row of the image.
    pub fn at(&self, row: f64) -> f64 {
        self.level + self.slope * row
    }
}

/// A box of the background that lies wholly off the image.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BoxOffImage {
    /// Which one: 1 or 2.
    pub number: usize,
    /// Its middle, lines of the unbinned detector from the spectrum (BK1OFFST, BK2OFFST).
    pub offset: f64,
}

/// The boxes of the background that lie off the image, of `ny` rows, in all columns; `lines` are the lines of the detector
/// that the spectrum takes. Boxes of no height are none.
pub fn off_image(
    imset: &SpectralImset,
    ny: usize,
    lines: (f64, f64),
    extraction: &Extraction,
) -> Vec<BoxOffImage> {
    let boxes = extraction.bksize.into_iter().zip(extraction.bkoffset).zip(1..);
    let off = |((size, offset), number): ((f64, f64), usize)| {
        // Tilts that are used are small: what they take from the height is left out.
        let top = imset.image_y(lines.1 + offset + size / 2.0 + 0.5);
        let bottom = imset.image_y(lines.0 + offset - size / 2.0 + 0.5);
        let is_off = top < 0.0 || bottom > ny as f64 - 1.0;
        (size > 0.0 && is_off).then_some(BoxOffImage { number, offset })
    };
    boxes.filter_map(off).collect()
}

/// Measures the background of column `x`, whose spectrum is at line `centre` of the detector, in samples one line apart.
/// Those that touch a bad pixel (4) are left out, and in up to five passes those farther than 3 σ from the pass before,
/// of which the first is 0 with no limit.
pub fn background(
    frame: &Frame,
    imset: &SpectralImset,
    x: usize,
    centre: f64,
    extraction: &Extraction,
) -> Background {
    let samples = samples(frame, imset, x, centre, extraction);
    let all = samples.len();
    let good: Vec<(f64, f32)> = samples.into_iter().flatten().collect();
    let mut fit = Background::default();
    let mut limit = f64::INFINITY;
    for pass in 1..=MOST_PASSES {
        let mut sums = Sums::default();
        for &(y, value) in &good {
            let residual = (f64::from(value) - fit.at(y)).abs();
            if residual <= limit {
                sums.add(y, value, residual);
            }
        }
        let clipped = good.len() - sums.count;
        let lost = all - sums.count;
        let (level, slope) = sums.solve(extraction.backord);
        fit = Background {
            level,
            slope,
            dq: if lost as f32 / all as f32 > 0.33333 {
                BAD_BACKGROUND
            } else {
                0
            },
        };
        if sums.count <= 1 || (clipped == 0 && pass > 1) {
            break;
        }
        limit = CLIP_SIGMA * (sums.squares / (sums.count as f64 - 1.0)).sqrt();
    }
    fit
}

/// Rows of the image and values; None where a sample touches a bad pixel.
fn samples(
    frame: &Frame,
    imset: &SpectralImset,
    x: usize,
    centre: f64,
    extraction: &Extraction,
) -> Vec<Option<(f64, f32)>> {
    let column = imset.detector_x(x as f64);
    let counted = (column as i64 + 1) as f64;
    let terms = extraction.background_tilt.iter().enumerate();
    let tilt: f64 = terms.map(|(i, term)| term * counted.powi(i as i32)).sum();
    let (sin, cos) = tilt.to_radians().sin_cos();
    let mut samples = Vec::new();
    for (size, offset) in extraction.bksize.into_iter().zip(extraction.bkoffset) {
        let (middle_x, middle_y) = (column + offset * sin, centre + offset * cos);
        let mut at_x = (middle_x - size / 2.0 * sin) * imset.ltm.0 + imset.ltv.0;
        let mut at_y = imset.image_y(middle_y - size / 2.0 * cos + 0.5);
        for _ in 0..nearest(size).min(MOST_SAMPLES) {
            let sample = bilinear(frame, at_x, at_y);
            let good = sample.dq & BAD_DETECTOR == 0 && sample.sci.is_finite();
            samples.push(good.then_some((at_y, sample.sci)));
            at_x += sin;
            at_y += cos;
        }
    }
    samples
}

#[derive(Default)]
struct Sums {
    count: usize,
    x: f64,
    y: f64,
    xx: f64,
    xy: f64,
    squares: f64,
}

impl Sums {
    fn add(&mut self, x: f64, y: f32, residual: f64) {
        let y = f64::from(y);
        self.count += 1;
        self.x += x;
        self.y += y;
        self.xx += x * x;
        self.xy += x * y;
        self.squares += residual * residual;
    }

    /// Level and slope.
    fn solve(&self, order: i64) -> (f64, f64) {
        let n = self.count as f64;
        if order != 1 {
            return (if self.count > 0 { self.y / n } else { 0.0 }, 0.0);
        }
        let determinant = n * self.xx - self.x * self.x;
        if determinant == 0.0 {
            return (0.0, 0.0);
        }
        (
            (self.xx * self.y - self.x * self.xy) / determinant,
            (self.xy * n - self.x * self.y) / determinant,
        )
    }
}
