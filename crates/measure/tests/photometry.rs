//! What aperture photometry promises, on images whose sums are known.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_frame::Image;
use firstlight_measure::{
    Aperture, ApertureMask, ApertureSet, BackgroundStatistic, Error, LocalBackground, Measured, Method,
    Overlap, Plane, Planes, Settings, Shapes, Sum, aperture_photometry,
};
use proptest::prelude::*;
use std::f64::consts::PI;

const KINDS: [Aperture; 6] = [
    Aperture::CircularAperture { r: 4.3 },
    Aperture::CircularAnnulus {
        r_in: 2.2,
        r_out: 5.1,
    },
    Aperture::EllipticalAperture {
        a: 6.0,
        b: 2.5,
        theta: 0.7,
    },
    Aperture::EllipticalAnnulus {
        a_in: 3.0,
        a_out: 7.0,
        b_out: 4.0,
        b_in: None,
        theta: -1.1,
    },
    Aperture::RectangularAperture {
        w: 7.5,
        h: 3.2,
        theta: 2.0,
    },
    Aperture::RectangularAnnulus {
        w_in: 2.5,
        w_out: 8.0,
        h_out: 5.5,
        h_in: Some(3.0),
        theta: 0.3,
    },
];

fn same(apertures: &[Aperture]) -> Shapes {
    Shapes::Same(ApertureSet {
        apertures: apertures.to_vec(),
        background: None,
    })
}

fn settings(overlap: Overlap) -> Settings {
    Settings {
        overlap,
        ..Settings::default()
    }
}

fn one(planes: &Planes<'_, f64>, position: (f64, f64), aperture: Aperture, overlap: Overlap) -> Sum {
    aperture_photometry(planes, &[position], &same(&[aperture]), &settings(overlap)).unwrap()[0].sums[0]
}

fn rippled(ny: usize, nx: usize) -> Image<f64> {
    Image::from_fn(ny, nx, |x, y| ((x * 7 + y * 13) % 17) as f64 - 3.0)
}

/// The sum as the weights say it, pixel by pixel.
fn by_weights(image: &Image<f64>, mask: &ApertureMask) -> (f64, f64) {
    let nx = mask.shape().1;
    let (mut sum, mut area) = (0.0, 0.0);
    for (index, &weight) in mask.weights.iter().enumerate() {
        let x = mask.bounds.ixmin + (index % nx) as i64;
        let y = mask.bounds.iymin + (index / nx) as i64;
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else {
            continue;
        };
        if let Some(&sample) = image.get(x, y) {
            sum += weight * sample;
            area += weight;
        }
    }
    (sum, area)
}

#[test]
fn a_flat_image_gives_the_area() {
    let ones = Image::filled(40, 50, 1.0f64);
    for aperture in KINDS {
        let got = one(&Planes::new(&ones), (21.3, 18.8), aperture, Overlap::Exact);
        assert!(
            (got.sum / aperture.area() - 1.0).abs() < 1e-12,
            "{aperture:?} {got:?}"
        );
        assert!((got.area / aperture.area() - 1.0).abs() < 1e-12);
        assert!(got.error.is_nan(), "no errors were given");
    }
}

#[test]
fn sums_are_weights_times_samples_wherever_the_image_ends() {
    let image = rippled(23, 31);
    for aperture in KINDS {
        for position in [(15.2, 11.7), (0.0, 0.0), (-2.5, 11.0), (31.9, 22.4), (15.5, 25.0)] {
            for overlap in [Overlap::Exact, Overlap::Center, Overlap::Subpixel(5)] {
                let got = one(&Planes::new(&image), position, aperture, overlap);
                let (sum, area) =
                    by_weights(&image, &ApertureMask::new(&aperture, position, overlap).unwrap());
                assert!(
                    (got.sum - sum).abs() < 1e-11,
                    "{aperture:?} {position:?} {overlap:?}"
                );
                assert!((got.area - area).abs() < 1e-11);
            }
        }
    }
}

#[test]
fn wholly_outside_is_nan_and_nothing_left_is_zero() {
    let ones = Image::filled(10, 10, 1.0f64);
    let all = Image::filled(10, 10, true);
    let circle = Aperture::CircularAperture { r: 2.0 };
    let outside = one(&Planes::new(&ones), (-3.0, 5.0), circle, Overlap::Exact);
    assert!(outside.sum.is_nan() && outside.area.is_nan());
    // The box reaches into the image, the circle does not.
    let corner = one(&Planes::new(&ones), (-1.95, -1.95), circle, Overlap::Exact);
    assert_eq!((corner.sum, corner.area), (0.0, 0.0));
    let planes = Planes::new(&ones)
        .with_mask(&all)
        .unwrap()
        .with_error(&ones)
        .unwrap();
    let masked = one(&planes, (5.0, 5.0), circle, Overlap::Exact);
    assert_eq!((masked.sum, masked.error, masked.area), (0.0, 0.0, 0.0));
    let empty: Image<f64> = Image::filled(0, 0, 0.0);
    assert!(
        one(&Planes::new(&empty), (0.0, 0.0), circle, Overlap::Exact)
            .sum
            .is_nan()
    );
}

#[test]
fn errors_add_in_quadrature() {
    let ones = Image::filled(30, 30, 1.0f64);
    let error = Image::filled(30, 30, 3.0f64);
    let planes = Planes::new(&ones).with_error(&error).unwrap();
    for aperture in KINDS {
        let got = one(&planes, (14.6, 15.1), aperture, Overlap::Exact);
        assert!(
            (got.error / (9.0 * aperture.area()).sqrt() - 1.0).abs() < 1e-12,
            "{aperture:?}"
        );
    }
}

#[test]
fn nan_spreads_unless_masked_or_without_weight() {
    let mut image = Image::filled(20, 20, 1.0f64);
    image[(10, 10)] = f64::NAN;
    let circle = Aperture::CircularAperture { r: 3.0 };
    assert!(
        one(&Planes::new(&image), (10.0, 10.0), circle, Overlap::Exact)
            .sum
            .is_nan()
    );
    assert!(
        one(&Planes::new(&image), (10.0, 14.0), circle, Overlap::Exact)
            .sum
            .is_finite()
    );
    let ring = Aperture::CircularAnnulus {
        r_in: 2.0,
        r_out: 4.0,
    };
    let hole = one(&Planes::new(&image), (10.0, 10.0), ring, Overlap::Exact);
    assert!(
        (hole.sum - ring.area()).abs() < 1e-12,
        "what is in the hole does not count"
    );
    let mask = image.map(|sample| sample.is_nan());
    let planes = Planes::new(&image).with_mask(&mask).unwrap();
    let masked = one(&planes, (10.0, 10.0), circle, Overlap::Exact);
    assert!((masked.sum - (9.0 * PI - 1.0)).abs() < 1e-12);
    assert_eq!(masked.sum, masked.area);
}

#[test]
fn f32_and_f64_agree() {
    let image = rippled(30, 30);
    let single = image.map(|&sample| sample as f32);
    let positions = [(14.2, 13.1), (3.0, 28.0)];
    let double = aperture_photometry(
        &Planes::new(&image),
        &positions,
        &same(&KINDS),
        &Settings::default(),
    )
    .unwrap();
    let from_single = aperture_photometry(
        &Planes::new(&single),
        &positions,
        &same(&KINDS),
        &Settings::default(),
    )
    .unwrap();
    assert_eq!(
        format!("{double:?}"),
        format!("{from_single:?}"),
        "whole numbers are the same in both"
    );
}

fn with_threads(threads: usize) -> Vec<Measured> {
    let image = rippled(200, 200);
    let positions: Vec<(f64, f64)> = (0..500)
        .map(|i| (f64::from(i * 37 % 210) + 0.13, f64::from(i * 53 % 205) - 0.41))
        .collect();
    let shapes = Shapes::Same(ApertureSet {
        apertures: KINDS.to_vec(),
        background: Some(Aperture::CircularAnnulus {
            r_in: 8.0,
            r_out: 11.0,
        }),
    });
    let planes = Planes::new(&image).with_error(&image).unwrap();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    pool.install(|| aperture_photometry(&planes, &positions, &shapes, &Settings::default()).unwrap())
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let bits = |measured: Vec<Measured>| -> Vec<u64> {
        let values = measured
            .iter()
            .flat_map(|one| one.sums.iter().flat_map(|sum| [sum.sum, sum.error, sum.area]));
        let levels = measured
            .iter()
            .flat_map(|one| one.background.map(|level| level.level));
        values.chain(levels).map(f64::to_bits).collect()
    };
    assert_eq!(bits(with_threads(1)), bits(with_threads(3)));
}

#[test]
fn the_background_is_taken_off_with_its_error() {
    // A sky of 10 with a ripple of ±1, a source of 500 on top, and a neighbour in the annulus.
    let mut image = Image::from_fn(61, 61, |x, y| 10.0 + if (x + y) % 2 == 0 { 1.0 } else { -1.0 });
    image[(30, 30)] += 500.0;
    image[(30, 41)] += 1000.0;
    image[(41, 30)] = f64::NAN;
    let circle = Aperture::CircularAperture { r: 5.0 };
    let shapes = Shapes::Same(ApertureSet {
        apertures: vec![circle],
        background: Some(Aperture::CircularAnnulus {
            r_in: 9.0,
            r_out: 14.0,
        }),
    });
    let background = LocalBackground {
        statistic: BackgroundStatistic::Mean,
        ..LocalBackground::default()
    };
    let settings = Settings {
        background,
        ..Settings::default()
    };
    let measured =
        &aperture_photometry(&Planes::new(&image), &[(30.0, 30.0)], &shapes, &settings).unwrap()[0];
    let level = measured.background.unwrap();
    assert!(
        (level.level - 10.0).abs() < 0.05 && (level.scatter - 1.0).abs() < 1e-3,
        "{level:?}"
    );
    assert!((level.error - level.scatter / (level.pixels as f64).sqrt()).abs() < 1e-12);
    let (net, error) = measured.net(0, false).unwrap();
    let area = circle.area();
    assert!((net - 500.0).abs() < 6.0, "{net}");
    assert!((error - (area + (area * level.error).powi(2)).sqrt()).abs() < 0.1);
    assert_eq!(measured.net(1, false), None);
}

#[test]
fn a_background_that_cannot_be_found_is_nan() {
    let image = Image::filled(10, 10, f64::NAN);
    let shapes = Shapes::Same(ApertureSet {
        apertures: vec![Aperture::CircularAperture { r: 1.0 }],
        background: Some(Aperture::CircularAnnulus {
            r_in: 2.0,
            r_out: 3.0,
        }),
    });
    let measured = aperture_photometry(
        &Planes::new(&image),
        &[(5.0, 5.0), (50.0, 5.0)],
        &shapes,
        &Settings::default(),
    )
    .unwrap();
    for one in measured {
        assert!(one.background.unwrap().level.is_nan());
        assert_eq!(one.background.unwrap().pixels, 0);
        assert!(one.net(0, true).unwrap().0.is_nan());
    }
}

#[test]
fn bad_requests_are_errors() {
    let image = Image::filled(10, 10, 1.0f64);
    let wrong = Image::filled(10, 9, 1.0f64);
    let planes = Planes::new(&image);
    let circle = Aperture::CircularAperture { r: 1.0 };
    let run = |positions: &[(f64, f64)], shapes: &Shapes| {
        aperture_photometry(&planes, positions, shapes, &Settings::default())
    };
    assert!(matches!(
        run(&[(0.0, f64::NAN)], &same(&[circle])),
        Err(Error::BadPosition { index: 0, .. })
    ));
    assert!(matches!(run(&[(0.0, 0.0)], &same(&[])), Err(Error::NoAperture)));
    let solid = Shapes::Same(ApertureSet {
        apertures: vec![circle],
        background: Some(circle),
    });
    assert!(matches!(
        run(&[(0.0, 0.0)], &solid),
        Err(Error::BadBackground { .. })
    ));
    let negative = Aperture::CircularAperture { r: -1.0 };
    assert!(matches!(
        run(&[(0.0, 0.0)], &same(&[negative])),
        Err(Error::BadAperture { .. })
    ));
    assert!(matches!(
        planes.with_error(&wrong),
        Err(Error::ShapeMismatch { plane: "error", .. })
    ));
    assert!(Plane::new((3, 3), &[0.0f32; 8]).is_err());
    assert!(matches!(
        Overlap::new(Method::Subpixel, 0),
        Err(Error::Subpixels { found: 0 })
    ));
    assert_eq!(Overlap::new(Method::Center, 0), Ok(Overlap::Center));
    let huge = Aperture::CircularAperture { r: 1e9 };
    assert!(matches!(
        ApertureMask::new(&huge, (0.0, 0.0), Overlap::Exact),
        Err(Error::TooLarge { .. })
    ));
    assert_eq!(run(&[], &same(&[circle])).unwrap(), vec![]);
}

#[test]
fn a_huge_aperture_sums_the_whole_image() {
    let image = Image::filled(50, 70, 2.0f64);
    for r in [100.0, 1e6, 1e12] {
        let got = one(
            &Planes::new(&image),
            (30.0, 20.0),
            Aperture::CircularAperture { r },
            Overlap::Exact,
        );
        assert_eq!(got.sum, 7000.0, "{r}");
    }
}

#[test]
fn apertures_are_named_as_in_photutils() {
    let json = r#"{"EllipticalAnnulus": {"a_in": 1, "a_out": 2, "b_out": 1.5, "theta": 0.5}}"#;
    let aperture: Aperture = serde_json::from_str(json).unwrap();
    assert_eq!(aperture.name(), "EllipticalAnnulus");
    assert!(serde_json::from_str::<Aperture>(r#"{"CircularAperture": {"r": 1, "q": 2}}"#).is_err());
}

proptest! {
    #[test]
    fn parts_of_a_cut_aperture_add_up(
        x in -5.0f64..25.0, y in -5.0f64..25.0, kind in 0usize..6, cut in 1usize..19,
    ) {
        // An image, and the same image in two pieces.
        let image = rippled(20, 20);
        let left = Image::from_fn(20, cut, |x, y| image[(y, x)]);
        let right = Image::from_fn(20, 20 - cut, |x, y| image[(y, x + cut)]);
        let sum = |image: &Image<f64>, x: f64| {
            let sum = one(&Planes::new(image), (x, y), KINDS[kind], Overlap::Exact).sum;
            if sum.is_nan() { 0.0 } else { sum }
        };
        let parts = sum(&left, x) + sum(&right, x - cut as f64);
        prop_assert!((sum(&image, x) - parts).abs() < 1e-10);
    }

    #[test]
    fn sampling_comes_near_to_the_area(x in -0.5f64..0.5, y in -0.5f64..0.5, kind in 0usize..6) {
        let fine = ApertureMask::new(&KINDS[kind], (x, y), Overlap::Subpixel(40)).unwrap();
        let exact = ApertureMask::new(&KINDS[kind], (x, y), Overlap::Exact).unwrap();
        prop_assert_eq!(fine.bounds, exact.bounds);
        for (fine, exact) in fine.weights.iter().zip(&exact.weights) {
            prop_assert!((fine - exact).abs() < 0.04);
        }
    }
}
