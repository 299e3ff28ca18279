use super::super::noise::{Noise, add_stars};
use super::super::{CcdUnit, dq};
use super::*;

const SKY: f64 = 500.0;
const SIGMA: f64 = 12.0;

/// A sky that is brighter in the middle, by three hundredths.
fn sky(ny: usize, nx: usize) -> Image<f64> {
    Image::from_fn(ny, nx, |x, y| {
        let (u, v) = (x as f64 / nx as f64 - 0.5, y as f64 / ny as f64 - 0.5);
        SKY * (1.0 + 0.03 * (-(u * u + v * v) * 4.0).exp())
    })
}

fn frame(sci: Image<f64>) -> CcdFrame<f64> {
    CcdFrame::new(sci, CcdUnit::Electron)
}

/// Mean and standard deviation of the difference of two images.
fn difference(a: &Image<f64>, b: &Image<f64>) -> (f64, f64) {
    let all: Vec<f64> = a
        .as_slice()
        .iter()
        .zip(b.as_slice())
        .map(|(a, b)| a - b)
        .collect();
    firstlight_stats::mean_and_std(&all).unwrap()
}

#[test]
fn the_sky_under_stars_and_bad_pixels_is_found() {
    let mut noise = Noise::new(5);
    let truth = sky(400, 500);
    let mut image = noise.on(&truth, SIGMA);
    add_stars(&mut image, 250, 20000.0, &mut noise);
    let mut of = frame(image);
    for y in 0..400 {
        of.sci[(y, 77)] = 60000.0;
        of.dq_mut()[(y, 77)] = dq::BAD_PIXEL;
        of.sci[(y, 300)] = f64::NAN;
    }
    let found = background(&of, &BackgroundOptions::default()).unwrap();
    let (mean, std) = difference(&found.image(), &truth);
    // A box of 64 x 64 pixels has a standard error of 0.23; near the edges slopes are flattened by some units.
    assert!(mean.abs() < 0.4 && std < 1.5, "{mean} {std}");
    let report = found.report();
    assert_eq!((report.boxes, report.filled), ((8, 6), 0));
    assert!((report.noise - SIGMA).abs() < 0.4, "{report:?}");
    assert!(
        (report.level - 509.0).abs() < 4.0 && report.sources > 5000,
        "{report:?}"
    );
    let without = BackgroundOptions {
        sources: false,
        ..Default::default()
    };
    let (of_clipping_alone, _) = difference(&background(&of, &without).unwrap().image(), &truth);
    assert!(of_clipping_alone > 2.0 * mean.abs() + 0.3, "{of_clipping_alone}");
}

#[test]
fn few_pixels_of_pure_noise_are_taken_for_stars() {
    let image = Noise::new(9).on(&Image::filled(300, 300, SKY), SIGMA);
    for statistic in [SkyStatistic::Median, SkyStatistic::Mode] {
        let options = BackgroundOptions {
            statistic,
            ..Default::default()
        };
        let found = background(&frame(image.clone()), &options).unwrap();
        let (mean, std) = difference(&found.image(), &Image::filled(300, 300, SKY));
        assert!(mean.abs() < 0.2 && std < 0.4, "{statistic:?} {mean} {std}");
        assert!(found.report().sources < 2000, "{}", found.report().sources);
    }
}

#[test]
fn the_surface_goes_through_the_levels_of_boxes() {
    // Boxes of 5 pixels whose samples are all equal: the level in the middle is exact.
    let level = |n: usize| [3.0, 7.0, 6.0, 1.0, 4.0, 4.5][n];
    let image = Image::from_fn(20, 30, |x, y| level(x / 5) + level(y / 5));
    let options = BackgroundOptions {
        box_size: Some(5),
        filter_size: 1,
        ..Default::default()
    };
    let found = background(&frame(image.clone()), &options).unwrap();
    let surface = found.image();
    for y in (2..20).step_by(5) {
        for x in (2..30).step_by(5) {
            assert!((surface[(y, x)] - image[(y, x)]).abs() < 1e-12);
        }
    }
    assert_eq!((found.report().lowest, found.report().highest), (2.0, 14.0));
    let all = surface.as_slice();
    assert!(all.iter().all(|v| (2.0..=14.0).contains(v)));
    // Between the centres it is smooth: no step of the size of those between boxes.
    assert!((1..30).all(|x| (surface[(2, x)] - surface[(2, x - 1)]).abs() < 2.2));
}

#[test]
fn boxes_without_sky_get_that_of_their_neighbours() {
    let mut of = frame(Noise::new(2).on(&Image::filled(256, 256, SKY), SIGMA));
    for y in 64..128 {
        for x in 64..128 {
            of.sci[(y, x)] = 9000.0;
            of.dq_mut()[(y, x)] = dq::SATURATED;
        }
    }
    let found = background(&of, &BackgroundOptions::default()).unwrap();
    assert_eq!(found.report().filled, 1);
    assert!((found.image()[(96, 96)] - SKY).abs() < 1.0);
}

#[test]
fn a_level_is_subtracted_and_its_error_is_carried() {
    let mut of = frame(Noise::new(3).on(&Image::filled(100, 90, SKY), SIGMA));
    of.err = Some(Image::filled(100, 90, SIGMA));
    of.sci[(4, 5)] = f64::NAN;
    let options = BackgroundOptions {
        box_size: None,
        ..Default::default()
    };
    let mut done = of.clone();
    let report = subtract_background(&mut done, &options).unwrap();
    assert_eq!(report.boxes, (1, 1));
    assert!((report.level - SKY).abs() < 4.0 * SIGMA * 1.25 / 9000f64.sqrt());
    assert_eq!((report.lowest, report.highest), (report.level, report.level));
    assert!((done.sci[(50, 50)] - (of.sci[(50, 50)] - report.level)).abs() < 1e-9);
    assert!(done.sci[(4, 5)].is_nan());
    let added = (done.err.unwrap()[(50, 50)].powi(2) - SIGMA * SIGMA).sqrt();
    let expected = 1.2533 * SIGMA / 9000f64.sqrt();
    assert!((added / expected - 1.0).abs() < 0.05, "{added} for {expected}");
    assert!(done.dq.is_none());
}

#[test]
fn a_frame_without_sky_is_refused_and_stays() {
    let mut of = frame(Image::filled(40, 40, SKY));
    of.dq = Some(Image::filled(40, 40, dq::BAD_PIXEL));
    let before = of.clone();
    let error = subtract_background(&mut of, &BackgroundOptions::default()).unwrap_err();
    assert!(matches!(error, Error::NoSky { .. }), "{error}");
    assert_eq!(of, before);
    let mut of = frame(Image::filled(40, 40, f64::NAN));
    assert!(subtract_background(&mut of, &BackgroundOptions::default()).is_err());
    let bad = |options: BackgroundOptions| {
        let error = background(&frame(Image::filled(40, 40, SKY)), &options).unwrap_err();
        assert!(matches!(error, Error::Parameter { .. }), "{error}");
    };
    let usual = BackgroundOptions::default;
    bad(BackgroundOptions {
        box_size: Some(0),
        ..usual()
    });
    bad(BackgroundOptions {
        filter_size: 2,
        ..usual()
    });
    bad(BackgroundOptions {
        sigma: -1.0,
        ..usual()
    });
    bad(BackgroundOptions {
        least: 1.5,
        ..usual()
    });
    // A frame all of whose samples are equal has a background, and no stars.
    let found = background(&frame(Image::filled(40, 40, SKY)), &usual()).unwrap();
    assert_eq!((found.report().level, found.report().sources), (SKY, 0));
}

#[test]
fn one_thread_and_several_give_the_same_bits() {
    let mut noise = Noise::new(7);
    let mut image = noise.on(&sky(200, 200), SIGMA);
    add_stars(&mut image, 60, 5000.0, &mut noise);
    let of = frame(image);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| background(&of, &BackgroundOptions::default()).unwrap().image())
    };
    assert_eq!(with(1), with(3));
}
