//! A distorted camera of two chips and what it sees of a made-up sky.

use firstlight_align::tweakreg::{ChipSources, ImageSources};
use firstlight_align::{Status, TweakRegOptions, TweakReport};
use firstlight_fits::Header;
use firstlight_wcs::Wcs;

const SHAPE: (usize, usize) = (1024, 2048);
const SCALE: f64 = 0.05 / 3600.0;

/// A generator that any test can repeat.
pub struct Random(pub u64);

impl Random {
    pub fn uniform(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

/// Where a telescope points: `(ra, dec)` and roll, degrees.
#[derive(Debug, Clone, Copy)]
pub struct Pointing(pub f64, pub f64, pub f64);

/// A distorted chip above (0) or below (1) the middle of the camera.
pub fn chip(pointing: Pointing, which: usize) -> Wcs {
    let mut header = Header::new();
    let mut set = |keyword: &str, value: f64| header.set(keyword, value, None).unwrap();
    set("CRVAL1", pointing.0);
    set("CRVAL2", pointing.1);
    set("CRPIX1", 1024.5);
    set("CRPIX2", if which == 0 { -20.0 } else { 1050.0 });
    let (sine, cosine) = pointing.2.to_radians().sin_cos();
    set("CD1_1", -SCALE * cosine);
    set("CD1_2", SCALE * sine);
    set("CD2_1", SCALE * sine);
    set("CD2_2", SCALE * cosine);
    for (keyword, value) in [
        ("A_2_0", 7e-6),
        ("A_1_1", -4e-6),
        ("B_0_2", 6e-6),
        ("B_2_0", 2e-6),
        ("A_3_0", 3e-10),
    ] {
        set(keyword, value);
    }
    for order in ["A_ORDER", "B_ORDER"] {
        header.set(order, 3, None).unwrap();
    }
    header.set("NAXIS", 2, None).unwrap();
    header.set("NAXIS1", SHAPE.1 as i64, None).unwrap();
    header.set("NAXIS2", SHAPE.0 as i64, None).unwrap();
    header.set("CTYPE1", "RA---TAN-SIP", None).unwrap();
    header.set("CTYPE2", "DEC--TAN-SIP", None).unwrap();
    Wcs::from_header(&header, None).unwrap()
}

/// Stars `(ra, dec, brightness)`, denser towards the middle where `concentration` is large.
pub fn sky(count: usize, concentration: f64, seed: u64) -> Vec<(f64, f64, f64)> {
    let mut random = Random(seed);
    (0..count)
        .map(|_| {
            let spread = |random: &mut Random| {
                let flat = 0.06 * (random.uniform() - 0.5);
                let peaked = 0.004 * random.normal();
                if random.uniform() < concentration {
                    peaked
                } else {
                    flat
                }
            };
            let (x, y) = (spread(&mut random), spread(&mut random));
            let dec = -40.0 + y;
            (
                80.0 + x / dec.to_radians().cos(),
                dec,
                100.0 / (0.01 + random.uniform()),
            )
        })
        .collect()
}

/// What a camera that points there sees of the stars, measured with an error of 0.03 pixels and in part lost,
/// with as many cosmic rays as asked for; the header says that it pointed elsewhere.
pub fn expose(
    name: &str,
    truth: Pointing,
    header: Pointing,
    stars: &[(f64, f64, f64)],
    rays: usize,
) -> ImageSources {
    let mut random = Random(name.bytes().fold(5, |seed, byte| seed * 31 + u64::from(byte)));
    let chips = (0..2)
        .map(|which| {
            let true_chip = chip(truth, which);
            let mut found = ChipSources {
                wcs: chip(header, which),
                x: Vec::new(),
                y: Vec::new(),
                brightness: Vec::new(),
            };
            let mut add = |x: f64, y: f64, brightness: f64| {
                found.x.push(x);
                found.y.push(y);
                found.brightness.push(brightness);
            };
            let (ra, dec): (Vec<f64>, Vec<f64>) = stars.iter().map(|star| (star.0, star.1)).unzip();
            let (x, y, _) = true_chip.sky_to_pixels_where_possible(&ra, &dec).unwrap();
            for (index, star) in stars.iter().enumerate() {
                let lost = random.uniform() < 0.2;
                let (x, y) = (
                    x[index] + 0.03 * random.normal(),
                    y[index] + 0.03 * random.normal(),
                );
                let inside = x > 0.0 && y > 0.0 && x < SHAPE.1 as f64 && y < SHAPE.0 as f64;
                if inside && !lost {
                    add(x, y, star.2 * (1.0 + 0.02 * random.normal()));
                }
            }
            for _ in 0..rays {
                let (x, y) = (
                    random.uniform() * SHAPE.1 as f64,
                    random.uniform() * SHAPE.0 as f64,
                );
                add(x, y, 100.0 / (0.01 + random.uniform()));
            }
            found
        })
        .collect();
    ImageSources {
        name: name.to_owned(),
        epoch: Some(2006.0),
        chips,
    }
}

/// The largest error left over both chips, pixels.
pub fn error_left(report: &TweakReport, index: usize, truth: Pointing) -> f64 {
    let mut most: f64 = 0.0;
    for which in 0..2 {
        let expected = chip(truth, which);
        for (x, y) in [
            (0.0, 0.0),
            (2047.0, 0.0),
            (0.0, 1023.0),
            (2047.0, 1023.0),
            (1000.0, 500.0),
        ] {
            let (ra, dec) = report.images[index].chips[which].pixel_to_sky(x, y);
            let (there_x, there_y) = expected.sky_to_pixel(ra, dec).unwrap();
            most = most.max((there_x - x).hypot(there_y - y));
        }
    }
    most
}

pub const HERE: Pointing = Pointing(80.0, -40.0, 33.0);

/// So many arcsec to the east and north, and degrees of roll, from a pointing.
pub fn off(pointing: Pointing, east: f64, north: f64, roll: f64) -> Pointing {
    let cosine = pointing.1.to_radians().cos();
    Pointing(
        pointing.0 + east / 3600.0 / cosine,
        pointing.1 + north / 3600.0,
        pointing.2 + roll,
    )
}

pub fn options() -> TweakRegOptions {
    TweakRegOptions::default()
}

pub fn aligned(report: &TweakReport, index: usize) -> bool {
    report.images[index].status == Status::Aligned
}
