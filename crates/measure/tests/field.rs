//! The stars of a field whose seeing, sky and saturation nobody tells.

use firstlight_frame::Image;
use firstlight_measure::find::{FieldOptions, FieldStars, field_stars};
use firstlight_measure::{Error, Planes};

const NX: usize = 400;
const NY: usize = 300;
const SKY: f64 = 350.0;

/// Numbers between 0 and 1, the same at every run.
struct Draw(u64);

impl Draw {
    /// By SplitMix (Steele et al. 2014): neighbouring numbers have nothing in common.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.next()).ln()).sqrt() * (std::f64::consts::TAU * self.next()).cos()
    }
}

/// Stars on a grid with random fractions of a pixel, [x, y, height], and an image of them with noise of 5.
fn scene(fwhm: f64) -> (Vec<[f64; 3]>, Image<f32>) {
    let mut draw = Draw(7);
    let stars: Vec<[f64; 3]> = (0..63)
        .map(|n| {
            let (column, row) = (f64::from(n % 9), f64::from(n / 9));
            let height = 150.0 * 1.06_f64.powi(n);
            [
                30.0 + 42.0 * column + draw.next(),
                25.0 + 40.0 * row + draw.next(),
                height,
            ]
        })
        .collect();
    let sigma = fwhm / 2.354_820_045;
    let image = Image::from_fn(NY, NX, |x, y| {
        let light: f64 = stars
            .iter()
            .map(|[u, v, height]| {
                let square = (x as f64 - u).powi(2) + (y as f64 - v).powi(2);
                if square > 900.0 {
                    0.0
                } else {
                    height * (-0.5 * square / (sigma * sigma)).exp()
                }
            })
            .sum();
        (SKY + light + 5.0 * draw.normal()) as f32
    });
    (stars, image)
}

fn nearest(found: &FieldStars, [x, y, _]: [f64; 3]) -> Option<usize> {
    let near = |star: &firstlight_measure::find::FieldStar| (star.x - x).hypot(star.y - y) < 1.0;
    found.stars.iter().position(near)
}

/// How many stars were found that are as bright as the faintest of the scene. A peak of the noise may look like a star, but a
/// faint one, and there are one or two in an image at most.
fn bright(found: &FieldStars) -> usize {
    let bright = found.stars.iter().filter(|star| star.flux > 500.0).count();
    assert!(found.stars.len() - bright <= 2, "{}", found.stars.len());
    bright
}

#[test]
fn widths_places_and_fluxes_are_those_put_in() {
    for fwhm in [2.2, 3.3, 6.0] {
        let (stars, image) = scene(fwhm);
        let found = field_stars(&Planes::new(&image), &FieldOptions::default()).unwrap();
        assert!((found.fwhm / fwhm - 1.0).abs() < 0.05, "{fwhm}: {}", found.fwhm);
        assert!((found.sky - SKY).abs() < 1.0 && (found.sky_sigma / 5.0 - 1.0).abs() < 0.2);
        assert_eq!(bright(&found), stars.len());
        for star in &stars {
            let star_found = found.stars[nearest(&found, *star).unwrap()];
            // A centroid's error is about sigma over the signal-to-noise ratio (King 1983, PASP 95, 163).
            let within = 0.01 + 5.0 * fwhm * 5.0 / star[2];
            let away = (star_found.x - star[0]).hypot(star_found.y - star[1]);
            assert!(away < within, "{fwhm} {star:?}: {away} beyond {within}");
            let sigma = fwhm / 2.354_820_045;
            // Within 1.5 widths lies 1 - exp(-(1.5 · 2.3548)²/2) of a Gaussian.
            let light = star[2] * std::f64::consts::TAU * sigma * sigma * 0.998;
            let noise = 5.0 * (std::f64::consts::PI * 2.25 * fwhm * fwhm).sqrt();
            assert!(
                (star_found.flux - light).abs() < 6.0 * noise + 0.04 * light,
                "{star:?} {star_found:?} {light}"
            );
        }
    }
}

#[test]
fn places_scatter_as_the_sky_makes_them() {
    // The faint half, whose own light adds no noise here: the scene has none.
    let (mut squares, mut count) = (0.0, 0.0);
    for fwhm in [2.6, 3.3, 4.5, 6.0] {
        let (stars, image) = scene(fwhm);
        let found = field_stars(&Planes::new(&image), &FieldOptions::default()).unwrap();
        for star in &stars[..40] {
            let measured = found.stars[nearest(&found, *star).unwrap()];
            // The clipped sigma of the sky holds some of the stars' light.
            let sigma = measured.sigma * 5.0 / found.sky_sigma;
            let away = (measured.x - star[0]).hypot(measured.y - star[1]) / sigma;
            squares += away * away;
            count += 2.0;
        }
    }
    let reduced: f64 = squares / count;
    assert!((0.8..1.25).contains(&reduced), "{reduced}");
}

#[test]
fn hot_pixels_masked_pixels_and_the_edge_are_no_stars() {
    let (_, mut image) = scene(3.3);
    for (x, y) in [(50, 60), (200, 5), (333, 222)] {
        image[(y, x)] = 30_000.0;
    }
    let mut mask = Image::filled(NY, NX, false);
    for y in 0..NY {
        image[(y, 100)] = f32::NAN;
        image[(y, 101)] = 65_535.0;
        mask[(y, 101)] = true;
    }
    let planes = Planes::new(&image).with_mask(&mask).unwrap();
    let found = field_stars(&planes, &FieldOptions::default()).unwrap();
    assert!(bright(&found) <= 63);
    for (x, y) in [(50.0, 60.0), (200.0, 5.0), (333.0, 222.0)] {
        assert_eq!(nearest(&found, [x, y, 0.0]), None, "{x} {y}");
    }
    let on_column = found
        .stars
        .iter()
        .filter(|star| (star.x - 100.5).abs() < 1.5)
        .count();
    assert!(on_column <= 1, "{on_column}");
}

#[test]
fn saturation_is_told_or_found() {
    let (stars, image) = scene(3.3);
    let full = 4095.0_f32;
    let clipped = image.map(|sample| sample.min(full));
    let found = field_stars(&Planes::new(&clipped), &FieldOptions::default()).unwrap();
    assert_eq!(found.saturation, Some(4095.0));
    let peaks = stars.iter().filter(|star| star[2] > 5500.0).count();
    let saturated = found.stars.iter().filter(|star| star.saturated).count();
    assert!(
        peaks > 0 && saturated >= peaks && saturated < stars.len() / 2,
        "{peaks} {saturated}"
    );

    let options = FieldOptions {
        saturation: Some(1000.0),
        max_stars: 20,
        ..FieldOptions::default()
    };
    let found = field_stars(&Planes::new(&image), &options).unwrap();
    assert!(found.stars.len() == 20 && found.stars.iter().all(|star| star.saturated));
    assert!(found.stars.windows(2).all(|pair| pair[0].flux >= pair[1].flux));
}

#[test]
fn blank_and_empty_images() {
    let blank = Image::filled(NY, NX, 7.0_f32);
    assert!(
        field_stars(&Planes::new(&blank), &FieldOptions::default())
            .unwrap()
            .stars
            .is_empty()
    );
    let nothing = Image::filled(NY, NX, f32::NAN);
    let error = field_stars(&Planes::new(&nothing), &FieldOptions::default()).unwrap_err();
    assert!(matches!(error, Error::NothingToMeasure { pixels } if pixels == NX * NY));
    let options = FieldOptions {
        fwhm: Some(0.0),
        ..FieldOptions::default()
    };
    assert!(field_stars(&Planes::new(&blank), &options).is_err());
}
