//! Stars of known positions, found.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_frame::Image;
use firstlight_measure::find::{FindOptions, Source, find_sources, sky_sigma};
use firstlight_measure::{Error, Plane, Planes};

const SIGMA: f64 = 1.5;

/// A generator of noise that any test can repeat: sums of a few uniform numbers.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

/// Gaussian stars `(x, y, height)` of sigma 1.5 pixels on a sky of 100 with noise of one.
fn field(nx: usize, ny: usize, stars: &[(f64, f64, f64)]) -> Image<f32> {
    let mut noise = Noise(7);
    let mut samples: Vec<f32> = (0..nx * ny).map(|_| (100.0 + noise.normal()) as f32).collect();
    for &(x, y, height) in stars {
        for row in 0..ny {
            for column in 0..nx {
                let r2 = (column as f64 - x).powi(2) + (row as f64 - y).powi(2);
                if r2 < 200.0 {
                    samples[row * nx + column] += (height * (-r2 / (2.0 * SIGMA * SIGMA)).exp()) as f32;
                }
            }
        }
    }
    Image::from_vec(ny, nx, samples).unwrap()
}

fn stars() -> Vec<(f64, f64, f64)> {
    let mut noise = Noise(3);
    (0..60)
        .map(|index| {
            let (column, row) = (index % 10, index / 10);
            let x = 20.0 + 24.0 * f64::from(column) + 6.0 * noise.uniform();
            let y = 20.0 + 24.0 * f64::from(row) + 6.0 * noise.uniform();
            (x, y, 200.0 + 2000.0 * noise.uniform())
        })
        .collect()
}

fn find(image: &Image<f32>, options: &FindOptions) -> Vec<Source> {
    find_sources(&Planes::new(image), 1.0, options).unwrap()
}

fn options() -> FindOptions {
    FindOptions {
        threshold: 40.0,
        ..FindOptions::default()
    }
}

#[test]
fn every_star_is_found_once_where_it_is() {
    let stars = stars();
    let found = find(&field(280, 170, &stars), &options());
    assert_eq!(found.len(), stars.len());
    for &(x, y, height) in &stars {
        let near: Vec<_> = found.iter().filter(|s| (s.x - x).hypot(s.y - y) < 2.0).collect();
        assert_eq!(near.len(), 1);
        let source = near[0];
        let off = (source.x - x).hypot(source.y - y);
        assert!(off < 0.08 + 4.0 / height, "({x}, {y}) is found {off} pixels off");
        assert!((source.peak - 100.0) < 1.05 * height + 4.0 && (source.peak - 100.0) > 0.8 * height - 4.0);
        assert!(source.roundness1.unwrap().abs() < 0.6 && source.roundness2.abs() < 0.3);
        assert!((0.2..1.0).contains(&source.sharpness.unwrap()));
    }
    assert!(found.windows(2).all(|pair| pair[0].y <= pair[1].y));
}

#[test]
fn limits_leave_sources_out() {
    let image = field(280, 170, &stars());
    let all = find(&image, &options());
    let count = |options: FindOptions, keep: &dyn Fn(&Source) -> bool| {
        let found = find(&image, &options);
        assert_eq!(found, all.iter().copied().filter(|s| keep(s)).collect::<Vec<_>>());
        assert!(!found.is_empty() && found.len() < all.len());
    };
    count(
        FindOptions {
            peakmax: Some(1000.0),
            ..options()
        },
        &|s| s.peak < 1000.0,
    );
    count(
        FindOptions {
            peakmin: Some(1000.0),
            ..options()
        },
        &|s| s.peak > 1000.0,
    );
    count(
        FindOptions {
            fluxmax: Some(14000.0),
            ..options()
        },
        &|s| s.flux < 14000.0,
    );
    count(
        FindOptions {
            fluxmin: Some(14000.0),
            ..options()
        },
        &|s| s.flux > 14000.0,
    );
    let mut brightest = all.clone();
    brightest.sort_by(|a, b| b.flux.total_cmp(&a.flux));
    let found = find(
        &image,
        &FindOptions {
            nbright: Some(7),
            ..options()
        },
    );
    assert_eq!(found, brightest[..7]);
}

#[test]
fn hot_pixels_and_streaks_are_told_from_stars() {
    let mut image = field(120, 120, &[(40.3, 60.2, 900.0)]);
    let nx = image.shape().1;
    let samples = image.as_mut_slice();
    samples[30 * nx + 80] += 3000.0;
    for column in 60..100 {
        samples[90 * nx + column] += 900.0;
    }
    // A Gaussian does not fit along the streak; the hot pixel needs its sharpness to give it away.
    assert_eq!(find(&image, &options()).len(), 2);
    let found = find(
        &image,
        &FindOptions {
            use_sharp_round: true,
            ..options()
        },
    );
    assert_eq!(found.len(), 1);
    assert!((found[0].x - 40.3).abs() < 0.05 && (found[0].y - 60.2).abs() < 0.05);
}

#[test]
fn masked_and_missing_pixels_are_no_sources() {
    let stars = stars();
    let mut image = field(280, 170, &stars);
    let (ny, nx) = image.shape();
    let (x, y, _) = stars[0];
    let mask: Vec<bool> = (0..nx * ny)
        .map(|index| (index % nx).abs_diff(x as usize) < 8 && (index / nx).abs_diff(y as usize) < 8)
        .collect();
    let mask = Plane::new((ny, nx), &mask).unwrap();
    let planes = Planes::new(&image).with_mask(mask).unwrap();
    assert_eq!(
        find_sources(&planes, 1.0, &options()).unwrap().len(),
        stars.len() - 1
    );
    let (x, y, _) = stars[33];
    image.as_mut_slice()[y as usize * nx + x as usize] = f32::NAN;
    let found = find(&image, &options());
    assert!(
        found
            .iter()
            .all(|s| s.x.is_finite() && s.y.is_finite() && s.flux.is_finite())
    );
    assert_eq!(found.iter().filter(|s| (s.x - x).hypot(s.y - y) < 1.5).count(), 0);
}

#[test]
fn one_star_is_enough_and_none_is_an_empty_list() {
    let one = field(60, 60, &[(30.2, 29.7, 500.0)]);
    assert_eq!(find(&one, &options()).len(), 1);
    assert_eq!(find(&field(60, 60, &[]), &options()), []);
    for (nx, ny) in [(0, 0), (1, 1), (4, 4), (5, 1), (64, 2)] {
        let flat = Image::from_vec(ny, nx, vec![1.0; nx * ny]).unwrap();
        assert_eq!(find(&flat, &options()), []);
        let missing = Image::from_vec(ny, nx, vec![f32::NAN; nx * ny]).unwrap();
        assert_eq!(find(&missing, &FindOptions::default()), []);
        let endless = Image::from_vec(ny, nx, vec![f32::INFINITY; nx * ny]).unwrap();
        assert_eq!(find(&endless, &FindOptions::default()), []);
    }
}

#[test]
fn any_number_of_threads_finds_the_same_bits() {
    let image = field(280, 170, &stars());
    let low = FindOptions {
        threshold: 2.0,
        ..FindOptions::default()
    };
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| find(&image, &low))
    };
    let one = with(1);
    assert!(one.len() > 200);
    assert_eq!(one, with(2));
    assert_eq!(one, with(5));
}

#[test]
fn options_out_of_range_are_named() {
    let image = field(20, 20, &[]);
    let planes = Planes::new(&image);
    for sigma in [-1.0, f64::NAN] {
        let error = find_sources(&planes, sigma, &options()).unwrap_err();
        assert!(matches!(
            error,
            Error::BadFindOption {
                parameter: "skysigma",
                ..
            }
        ));
    }
    let bad = FindOptions {
        ratio: 0.0,
        ..options()
    };
    let error = find_sources(&planes, 1.0, &bad).unwrap_err();
    assert_eq!(error.to_string(), "ratio has to be a positive number, and is 0");
}

#[test]
fn sigma_of_the_sky_is_of_its_mode() {
    let image = field(280, 170, &stars());
    let plane = Plane::from(&image);
    let found = sky_sigma(plane, &FindOptions::default()).unwrap().unwrap();
    // Twice the sky of 100.
    assert!((found - 200_f64.sqrt()).abs() < 0.05, "{found}");
    let given = FindOptions {
        computesig: false,
        skysigma: 3.5,
        ..FindOptions::default()
    };
    assert_eq!(sky_sigma(plane, &given).unwrap(), Some(3.5));
    let missing = Image::from_vec(4, 4, vec![f32::NAN; 16]).unwrap();
    assert_eq!(
        sky_sigma(Plane::from(&missing), &FindOptions::default()).unwrap(),
        None
    );
    let flat = Image::from_vec(4, 4, vec![2.0; 16]).unwrap();
    assert_eq!(
        sky_sigma(Plane::from(&flat), &FindOptions::default()).unwrap(),
        Some(2.0)
    );
}
