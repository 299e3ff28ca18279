use super::*;

/// Places without a pattern, brightest first.
fn field(stars: usize, seed: u64, (nx, ny): (f64, f64)) -> Vec<Point> {
    let mut state = seed;
    let mut draw = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..stars).map(|_| [draw() * nx, draw() * ny]).collect()
}

fn stars(places: &[Point]) -> Vec<Star> {
    let star = |(index, &position): (usize, &Point)| Star {
        position,
        brightness: 1e5 / (index + 1) as f64,
        sigma: 0.0,
        exact: true,
    };
    places.iter().enumerate().map(star).collect()
}

/// What of a field is seen through a map in an image of this size, with noise.
fn seen(places: &[Point], map: &Projective, (nx, ny): (f64, f64), noise: f64) -> Vec<Star> {
    let noises = field(places.len(), 99, (noise, noise));
    let mut all = stars(places);
    for (star, shift) in all.iter_mut().zip(noises) {
        let [u, v] = map.to_image(star.position);
        star.position = [u + shift[0] - noise / 2.0, v + shift[1] - noise / 2.0];
    }
    all.retain(|star| {
        star.position[0] > 0.0 && star.position[1] > 0.0 && star.position[0] < nx && star.position[1] < ny
    });
    all
}

fn worst(found: &Projective, truth: &Projective, size: (f64, f64)) -> f64 {
    let places = field(50, 7, size);
    let away = |place: &Point| {
        let ([a, b], [c, d]) = (found.to_image(*place), truth.to_image(*place));
        (a - c).hypot(b - d)
    };
    places.iter().map(away).fold(0.0, f64::max)
}

const SIZE: (f64, f64) = (1000.0, 800.0);

#[test]
fn fields_that_drift_turn_and_flip_are_found() {
    let places = field(200, 1, SIZE);
    let turned = |degrees: f64, scale: f64, flip: f64, shift: Point| {
        let (sine, cosine) = degrees.to_radians().sin_cos();
        let [c, s] = [scale * cosine, scale * sine];
        Projective {
            matrix: [[c * flip, -s, shift[0]], [s * flip, c, shift[1]], [0.0, 0.0, 1.0]],
        }
    };
    let maps = [
        turned(0.0, 1.0, 1.0, [0.0, 0.0]),
        turned(0.5, 1.0, 1.0, [300.0, -250.0]),
        turned(180.0, 1.0, 1.0, [1000.0, 800.0]),
        turned(0.0, 1.0, -1.0, [1000.0, 0.0]),
        turned(33.0, 1.7, 1.0, [200.0, -400.0]),
        turned(-71.0, 0.6, -1.0, [700.0, 600.0]),
    ];
    for map in maps {
        let image = seen(&places, &map, SIZE, 0.2);
        let found = register_stars(&image, &stars(&places), &RegisterOptions::default()).unwrap();
        assert!(worst(&found.map, &map, SIZE) < 0.1, "{map:?}: {found:?}");
        assert!(found.rms < 0.15, "{}", found.rms);
        assert!(
            10 * found.pairs.len() > 9 * image.len(),
            "{map:?}: {} of {}",
            found.pairs.len(),
            image.len()
        );
    }
}

#[test]
fn stars_that_only_one_list_has_do_not_matter() {
    let places = field(120, 2, SIZE);
    let map = Projective::shift([40.0, 25.0]);
    let mut image = seen(&places, &map, SIZE, 0.2);
    // Every third star is missing, and forty bright ones are new.
    let mut n = 0;
    image.retain(|_| {
        n += 1;
        n % 3 != 0
    });
    let new = field(40, 3, SIZE);
    image.extend(new.iter().enumerate().map(|(n, &position)| Star {
        position,
        brightness: 3e4 / (n + 1) as f64,
        sigma: 0.0,
        exact: true,
    }));
    let found = register_stars(&image, &stars(&places), &RegisterOptions::default()).unwrap();
    assert!(worst(&found.map, &map, SIZE) < 0.1, "{found:?}");
}

#[test]
fn a_few_stars_are_enough_and_too_few_are_refused() {
    let places = field(5, 4, SIZE);
    let map = Projective::shift([-3.0, 8.0]);
    let image = seen(&places, &map, SIZE, 0.1);
    let found = register_stars(&image, &stars(&places), &RegisterOptions::default()).unwrap();
    assert!(worst(&found.map, &map, SIZE) < 0.2);
    for few in 0..4 {
        let error = register_stars(&image[..few], &stars(&places), &RegisterOptions::default()).unwrap_err();
        assert!(
            error
                .to_string()
                .contains(&format!("the image has {few} stars, 4 are needed")),
            "{error}"
        );
    }
}

#[test]
fn fields_that_have_nothing_in_common_are_refused() {
    for seed in 10..40 {
        for count in [6, 30, 300] {
            let (a, b) = (
                stars(&field(count, seed, SIZE)),
                stars(&field(count, seed + 100, SIZE)),
            );
            let found = register_stars(&a, &b, &RegisterOptions::default());
            assert!(
                matches!(found, Err(Error::NotRegistered { .. })),
                "{seed}, {count}: {found:?}"
            );
        }
    }
}

#[test]
fn a_crowded_field_is_found() {
    let places = field(5000, 5, SIZE);
    let map = Projective {
        matrix: [[1.0, -0.01, 31.0], [0.01, 1.0, -12.0], [0.0, 0.0, 1.0]],
    };
    let image = seen(&places, &map, SIZE, 0.3);
    let found = register_stars(&image, &stars(&places), &RegisterOptions::default()).unwrap();
    assert!(
        worst(&found.map, &map, SIZE) < 0.05,
        "{:?} {}",
        found.map,
        found.rms
    );
}

#[test]
fn a_tilted_field_needs_a_homography() {
    let places = field(200, 6, SIZE);
    let map = Projective {
        matrix: [[1.0, 0.01, 5.0], [-0.01, 1.01, -3.0], [4e-6, -3e-6, 1.0]],
    };
    let image = seen(&places, &map, SIZE, 0.1);
    let of = |geometry| {
        let options = RegisterOptions {
            geometry,
            tolerance: 4.0,
            ..RegisterOptions::default()
        };
        worst(
            &register_stars(&image, &stars(&places), &options).unwrap().map,
            &map,
            SIZE,
        )
    };
    assert!(of(Geometry::Homography) < 0.1);
    assert!(of(Geometry::Similarity) > 0.5);
}

#[test]
fn saturated_stars_help_to_find_but_are_not_fitted() {
    let places = field(60, 8, SIZE);
    let map = Projective::shift([12.0, -9.0]);
    let mut image = seen(&places, &map, SIZE, 0.05);
    for star in &mut image[..10] {
        star.exact = false;
        star.position[0] += 1.5;
    }
    let found = register_stars(&image, &stars(&places), &RegisterOptions::default()).unwrap();
    assert!(worst(&found.map, &map, SIZE) < 0.03, "{found:?}");
    assert!(found.pairs.iter().all(|pair| image[pair.image].exact));
}

#[test]
fn bright_stars_rule_the_fit_as_far_as_their_places_are_better() {
    let map = Projective::shift([12.0, -9.0]);
    let (mut with, mut without) = (0.0, 0.0);
    for seed in 0..20 {
        let places = field(60, 20 + seed, SIZE);
        let noises = field(60, 60 + seed, (2.0, 2.0));
        let mut image = seen(&places, &map, SIZE, 0.0);
        let mut reference = stars(&places);
        for (index, (star, noise)) in image.iter_mut().zip(noises).enumerate() {
            // Even over so many pixels to either side, from a hundredth of a pixel for the brightest to 0.6.
            let half = 0.01 * (index + 1) as f64;
            star.position[0] += half * (noise[0] - 1.0);
            star.position[1] += half * (noise[1] - 1.0);
            star.sigma = half / 3.0_f64.sqrt();
        }
        let options = RegisterOptions::default();
        let known = register_stars(&image, &reference, &options).unwrap();
        with += worst(&known.map, &map, SIZE);
        for star in image.iter_mut().chain(&mut reference) {
            star.sigma = 0.0;
        }
        without += worst(
            &register_stars(&image, &reference, &options).unwrap().map,
            &map,
            SIZE,
        );
    }
    assert!(with < 0.04 * 20.0 && with < 0.4 * without, "{with} {without}");
}

#[test]
fn one_bright_star_out_of_place_does_not_rule_the_fit() {
    let places = field(60, 44, SIZE);
    let map = Projective::shift([12.0, -9.0]);
    let mut image = seen(&places, &map, SIZE, 0.2);
    image[0].position[0] += 1.0;
    for (index, star) in image.iter_mut().enumerate() {
        star.sigma = 1e-4 * (index + 1) as f64;
    }
    let found = register_stars(&image, &stars(&places), &RegisterOptions::default()).unwrap();
    assert!(worst(&found.map, &map, SIZE) < 0.1, "{found:?}");
    assert!(found.pairs.iter().all(|pair| pair.image != 0));
}

#[test]
fn places_that_are_not_finite_are_passed_over_and_options_checked() {
    let places = field(40, 9, SIZE);
    let mut image = stars(&places);
    image[3].position[0] = f64::NAN;
    image[4].brightness = f64::NAN;
    let found = register_stars(&image, &stars(&places), &RegisterOptions::default()).unwrap();
    assert_eq!(found.pairs.len(), 38);
    for options in [
        RegisterOptions {
            tolerance: 0.0,
            ..RegisterOptions::default()
        },
        RegisterOptions {
            max_scale: f64::NAN,
            ..RegisterOptions::default()
        },
        RegisterOptions {
            neighbours: 1,
            ..RegisterOptions::default()
        },
    ] {
        assert!(matches!(
            register_stars(&image, &image, &options),
            Err(Error::BadOption { .. })
        ));
    }
}
