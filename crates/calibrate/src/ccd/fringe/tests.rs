use super::super::noise::{Noise, add_stars};
use super::super::{CcdSteps, ccd_process, dq, gain_correct, subtract_background};
use super::*;

const SIZE: (usize, usize) = (512, 512);

/// Fringes of peaks ±1, some 40 pixels apart, whose distance changes over the frame.
fn pattern() -> Image<f64> {
    Image::from_fn(SIZE.0, SIZE.1, |x, y| {
        let (x, y) = (x as f64, y as f64);
        let path = ((x - 700.0).powi(2) + (1.3 * (y + 150.0)).powi(2)) / 9000.0 + (y / 70.0).sin();
        path.sin()
    })
}

fn frame(sci: Image<f64>, unit: CcdUnit) -> CcdFrame<f64> {
    CcdFrame::new(sci, unit)
}

/// A sky with a gradient, fringes of a given amplitude, noise, and stars.
fn observed(amplitude: f64, seed: u64) -> CcdFrame<f64> {
    let mut noise = Noise::new(seed);
    let fringes = pattern();
    let sky = Image::from_fn(SIZE.0, SIZE.1, |x, y| {
        2000.0 + 0.2 * x as f64 - 0.1 * y as f64 + amplitude * fringes[(y, x)]
    });
    let mut image = noise.on(&sky, 45.0);
    add_stars(&mut image, 150, 30000.0, &mut noise);
    frame(image, CcdUnit::Electron)
}

#[test]
fn an_injected_amplitude_is_recovered_to_one_percent_with_a_noisy_fringe_frame() {
    for (amplitude, seed) in [(40.0, 1), (60.0, 2), (150.0, 3)] {
        let of = observed(amplitude, seed);
        // The fringe frame has as much noise as fringes, which by plain least squares would cost a third of the scale.
        let noisy = Noise::new(seed + 50).on(&pattern().map(|v| 20.0 * v), 10.0);
        let fringe = frame(noisy, CcdUnit::Electron);
        let report = fringe_scale(&of, &fringe, &FringeOptions::default()).unwrap();
        let (truth, error) = (amplitude / 20.0, report.scale_error.unwrap());
        let off = report.scale - truth;
        assert!(
            off.abs() < 0.01 * truth && off.abs() < 4.0 * error,
            "{report:?} for {truth}"
        );
        assert!(error < 0.01 * truth && error > 0.0005 * truth, "{error}");
        assert!(report.pixels > 180_000, "{}", report.pixels);
    }
}

#[test]
fn what_is_left_has_no_fringes_and_the_sky_stays() {
    let mut of = observed(100.0, 4);
    of.err = Some(Image::filled(SIZE.0, SIZE.1, 45.0));
    let mut fringe = frame(pattern().map(|v| 20.0 * v), CcdUnit::Electron);
    fringe.err = Some(Image::filled(SIZE.0, SIZE.1, 3.0));
    fringe.dq_mut()[(10, 10)] = dq::BAD_PIXEL;
    let report = subtract_fringe(&mut of, &fringe, &FringeOptions::default()).unwrap();
    assert!((report.scale - 5.0).abs() < 0.05, "{report:?}");
    let left = fringe_scale(&of, &fringe, &FringeOptions::default()).unwrap();
    assert!(left.scale.abs() < 1e-3, "{left:?}");
    let level = firstlight_stats::median(of.sci.as_slice()).unwrap();
    // Stars raise the median a little.
    assert!((level - 2025.6).abs() < 4.0, "{level}");
    let expected = (45.0 * 45.0 + (3.0 * report.scale).powi(2)).sqrt();
    let err = of.err.unwrap()[(100, 100)];
    assert!(err >= expected && err < expected * 1.001, "{err} for {expected}");
    assert_eq!(of.dq.unwrap()[(10, 10)], dq::BAD_PIXEL);
}

#[test]
fn a_scale_that_is_given_is_taken() {
    let mut of = frame(Image::filled(20, 20, 100.0), CcdUnit::Adu);
    of.err = Some(Image::filled(20, 20, 3.0));
    let mut fringe = frame(Image::filled(20, 20, 0.1), CcdUnit::Dimensionless);
    fringe.err = Some(Image::filled(20, 20, 0.08));
    let options = FringeOptions {
        scale: Some(50.0),
        ..Default::default()
    };
    let report = subtract_fringe(&mut of, &fringe, &options).unwrap();
    assert_eq!((report.scale, report.scale_error), (50.0, None));
    assert!((of.sci[(3, 3)] - 95.0).abs() < 1e-12 && (of.err.unwrap()[(3, 3)] - 5.0).abs() < 1e-12);
}

#[test]
fn what_holds_no_fringes_or_does_not_fit_is_refused() {
    let of = observed(50.0, 6);
    let refused = |of: &CcdFrame<f64>, fringe: &CcdFrame<f64>, options: FringeOptions| {
        fringe_scale(of, fringe, &options).unwrap_err()
    };
    let usual = FringeOptions::default;
    let fringes = frame(pattern(), CcdUnit::Electron);
    let noise = frame(
        Noise::new(8).on(&Image::filled(512, 512, 0.0), 1.0),
        CcdUnit::Electron,
    );
    let error = refused(&of, &noise, usual());
    assert!(
        error.to_string().contains("no pattern beyond its noise"),
        "{error}"
    );
    let error = refused(
        &of,
        &frame(Image::filled(512, 512, 1.0), CcdUnit::Electron),
        usual(),
    );
    assert!(matches!(error, Error::NoFringes { .. }), "{error}");
    let adu = frame(pattern(), CcdUnit::Adu);
    assert!(matches!(refused(&of, &adu, usual()), Error::CcdUnits { .. }));
    let small = frame(Image::filled(9, 9, 1.0), CcdUnit::Electron);
    assert!(matches!(refused(&of, &small, usual()), Error::Shape { .. }));
    let mut masked = of.clone();
    masked.dq = Some(Image::filled(512, 512, dq::BAD_PIXEL));
    assert!(matches!(refused(&masked, &fringes, usual()), Error::NoSky { .. }));
    let mut blank = fringes.clone();
    blank.dq = Some(Image::filled(512, 512, dq::BAD_PIXEL));
    assert!(matches!(refused(&of, &blank, usual()), Error::NoFringes { .. }));
    for options in [
        FringeOptions {
            scale: Some(f64::NAN),
            ..usual()
        },
        FringeOptions {
            box_size: 1,
            ..usual()
        },
        FringeOptions {
            sigma: 0.0,
            ..usual()
        },
    ] {
        assert!(matches!(refused(&of, &fringes, options), Error::Parameter { .. }));
    }
}

#[test]
fn one_pass_does_fringes_and_background_last() {
    let mut raw = observed(60.0, 5);
    raw.unit = CcdUnit::Adu;
    raw.err = Some(Image::filled(SIZE.0, SIZE.1, 45.0));
    let mut fringe = frame(pattern().map(|v| 20.0 * v), CcdUnit::Electron);
    fringe.dq_mut()[(10, 10)] = dq::BAD_PIXEL;
    let (how, sky) = (FringeOptions::default(), BackgroundOptions::default());
    let steps = CcdSteps {
        gain: Some(2.0),
        gain_corrected: false,
        fringe: Some((&fringe, how)),
        background: Some(sky),
        ..Default::default()
    };
    let (done, report) = ccd_process(raw.clone(), &steps).unwrap();
    let mut one = raw.clone();
    gain_correct(&mut one, 2.0).unwrap();
    let of_fringe = subtract_fringe(&mut one, &fringe, &how).unwrap();
    let of_sky = subtract_background(&mut one, &sky).unwrap();
    assert_eq!(done, one);
    assert_eq!(
        (report.fringe, report.background),
        (Some(of_fringe), Some(of_sky))
    );
    assert_eq!(report.masked, 1);
    // The fringe frame is in the unit of the product, not in that of the raw frame.
    let in_adu = frame(fringe.sci.clone(), CcdUnit::Adu);
    let steps = CcdSteps {
        fringe: Some((&in_adu, how)),
        ..steps
    };
    assert!(matches!(ccd_process(raw, &steps), Err(Error::CcdUnits { .. })));
}

#[test]
fn one_thread_and_several_give_the_same_bits() {
    let (of, fringe) = (observed(50.0, 6), frame(pattern(), CcdUnit::Electron));
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| fringe_scale(&of, &fringe, &FringeOptions::default()).unwrap())
    };
    assert_eq!(with(1), with(3));
}
