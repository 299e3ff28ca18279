//! Frames with noise, stars, cosmic rays, and fringes in the red, whose truth is known.

use crate::night::{Cards, Night, write};
use firstlight::ccd::{CcdFile, CcdFrame, CcdOpenOptions};
use firstlight::fits::{ArrayView, FitsWriter, Header, Overwrite};
use firstlight::frame::{Image, dq};
use firstlight::reduce::ReduceOptions;
use std::path::{Path, PathBuf};

pub const SHAPE: (usize, usize) = (120, 144);
pub const GAIN: f64 = 2.0;
pub const READNOISE: f64 = 8.0;
pub const FRAMES: [&str; 4] = ["m13_V_0.fits", "m13_V_1.fits", "m13_I_0.fits", "m13_I_1.fits"];

/// Places of stars, and electrons in their brightest pixel.
const STARS: [(f64, f64, f64); 8] = [
    (30.3, 30.7, 30_000.0),
    (70.0, 25.4, 900.0),
    (110.8, 40.1, 12_000.0),
    (25.5, 70.5, 2_500.0),
    (65.2, 75.9, 45_000.0),
    (120.6, 85.0, 6_000.0),
    (40.9, 104.2, 1_500.0),
    (95.4, 106.6, 20_000.0),
];

/// Pixels that cosmic rays hit, and electrons that they left.
const RAYS: [(usize, usize, f64); 9] = [
    (10, 12, 1_500.0),
    (50, 48, 3_000.0),
    (51, 49, 3_000.0),
    (52, 50, 3_000.0),
    (90, 60, 1_200.0),
    (90, 61, 9_000.0),
    (130, 20, 2_000.0),
    (8, 96, 60_000.0),
    (9, 96, 5_000.0),
];

/// Sky of a filter, electrons.
fn sky(filter: &str) -> f64 {
    if filter == "I" { 1500.0 } else { 600.0 }
}

/// Fringes, about 0.
pub fn fringe(x: usize, y: usize) -> f64 {
    let (x, y) = (x as f64, y as f64);
    ((x + 0.35 * y + 6.0 * (y / 30.0).sin()) * std::f64::consts::TAU / 14.0).sin()
}

/// How often the fringe frame is in a frame, electrons.
pub fn scale(name: &str) -> f64 {
    match name {
        "m13_I_0.fits" => 60.0,
        "m13_I_1.fits" => 95.0,
        _ => 0.0,
    }
}

/// The rays of a frame: each frame has been hit elsewhere.
pub fn rays(name: &str) -> Vec<(usize, usize, f64)> {
    let shift = FRAMES.iter().position(|frame| *frame == name).unwrap() % 3;
    RAYS.iter()
        .map(|&(x, y, charge)| (x + shift, y, charge))
        .collect()
}

pub fn near_a_star(x: usize, y: usize) -> bool {
    STARS
        .iter()
        .any(|(sx, sy, _)| (x as f64 - sx).hypot(y as f64 - sy) < 7.0)
}

/// Numbers of mean 0 and standard deviation 1.
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> f64 {
        let mut uniform = || {
            self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(self.0 >> 8) / f64::from(1u32 << 24)
        };
        (0..12).map(|_| uniform()).sum::<f64>() - 6.0
    }
}

/// A raw frame of electrons, as the camera counts them.
fn counted(seed: u32, electrons: impl Fn(usize, usize) -> f64, rays: &[(usize, usize, f64)]) -> Image<u16> {
    let mut noise = Noise(seed.wrapping_mul(2_654_435_761));
    Image::from_fn(SHAPE.0, SHAPE.1, |x, y| {
        let light = electrons(x, y);
        let hit: f64 = rays
            .iter()
            .filter(|ray| (ray.0, ray.1) == (x, y))
            .map(|ray| ray.2)
            .sum();
        let charge = light + hit + (light + READNOISE * READNOISE).sqrt() * noise.next();
        (300.0 + charge / GAIN).round().clamp(0.0, 65_535.0) as u16
    })
}

fn flat(x: usize) -> f64 {
    0.9 + 0.2 * x as f64 / SHAPE.1 as f64
}

fn light(name: &str, filter: &str, x: usize, y: usize) -> f64 {
    let stars: f64 = STARS
        .iter()
        .map(|(sx, sy, peak)| {
            let r2 = (x as f64 - sx).powi(2) + (y as f64 - sy).powi(2);
            peak * (-r2 / (2.0 * 1.6 * 1.6)).exp()
        })
        .sum();
    flat(x) * (sky(filter) + scale(name) * fringe(x, y) + stars)
}

/// Three biases, three flats and two frames of the sky in V and in I, and a fringe frame beside them.
pub fn night() -> Night {
    let night = Night::empty();
    for n in 0..3 {
        let put = |name: String, cards: Cards, seed: u32, level: f64| {
            let data = counted(seed, |x, _| level * flat(x), &[]);
            write(&night.path(&name), &cards.header(), &data);
        };
        put(format!("bias{n}.fits"), Cards::new(2, "", 0.0), n + 1, 0.0);
        for (filter, seed) in [("V", 11), ("I", 21)] {
            let cards = Cards::new(4, filter, 6.0);
            put(format!("flat_{filter}{n}.fits"), cards, n + seed, 40_000.0);
        }
    }
    for (name, seed) in FRAMES.into_iter().zip(31..) {
        let filter = if name.contains("_V_") { "V" } else { "I" };
        let data = counted(seed, |x, y| light(name, filter, x, y), &rays(name));
        write(&night.path(name), &Cards::new(1, filter, 60.0).header(), &data);
    }
    put_fringe(&fringe_path(&night), SHAPE, "", 1.0);
    night
}

pub fn fringe_path(night: &Night) -> PathBuf {
    night.path("../fringe_I.fits")
}

/// Writes a fringe frame: `factor` times the fringes.
pub fn put_fringe(path: &Path, (ny, nx): (usize, usize), unit: &str, factor: f64) {
    let mut header = Header::new();
    header.set("BUNIT", unit, None).unwrap();
    let image = Image::from_fn(ny, nx, |x, y| (factor * fringe(x, y)) as f32);
    let mut writer = FitsWriter::create(path, Overwrite::Replace).unwrap();
    let view = ArrayView::new(&[ny, nx], image.as_slice()).unwrap();
    writer.image(&header, view).unwrap();
    writer.finish().unwrap();
}

/// Gain and noise are known, and there is no page.
pub fn known() -> ReduceOptions {
    ReduceOptions {
        gain: Some(GAIN.to_string()),
        readnoise: Some(READNOISE.to_string()),
        no_page: true,
        ..ReduceOptions::default()
    }
}

pub fn with_rays_found() -> ReduceOptions {
    ReduceOptions {
        lacosmic: true,
        ..known()
    }
}

/// The option of the fringe frame of I.
pub fn of_i(path: &Path) -> Vec<String> {
    vec![format!("I={}", path.display())]
}

pub fn frame(path: &Path) -> CcdFrame<f32> {
    CcdFile::open(path, &CcdOpenOptions::default())
        .unwrap()
        .read()
        .unwrap()
}

pub fn header(path: &Path) -> Header {
    CcdFile::open(path, &CcdOpenOptions::default())
        .unwrap()
        .header()
        .clone()
}

/// Whether a cosmic ray was found in a pixel.
pub fn is_found(frame: &CcdFrame<f32>, x: usize, y: usize) -> bool {
    let bits = frame.dq.as_ref().map_or(0, |mask| mask[(y, x)]);
    bits & dq::ccd::COSMIC_RAY != 0
}
