//! Simulated optics with distortion, and pointings that are not where headers say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_simulate::Extension;
use firstlight_simulate::acs::{AcsOptions, AcsVisit, Detector, Set};

fn options() -> AcsOptions {
    AcsOptions {
        detector: Detector::Hrc,
        set: Set::Dither,
        members: 3,
        stars: 100,
        no_cosmic_rays: true,
        ..AcsOptions::default()
    }
}

fn distorted() -> AcsOptions {
    AcsOptions {
        distortion: true,
        ..options()
    }
}

fn real(visit: &AcsVisit, suffix: &str) -> Vec<f32> {
    let names = visit.reference_names();
    let index = names.iter().position(|name| name.ends_with(suffix)).unwrap();
    match &visit.reference(index).unwrap().unwrap().extensions[0] {
        Extension::Real(_, _, pixels) => pixels.clone(),
        _ => panic!("no image"),
    }
}

#[test]
fn headers_name_the_table_of_the_optics_where_there_is_distortion() {
    let of = |options: &AcsOptions| {
        let visit = AcsVisit::plan(options).unwrap();
        let named = visit
            .reference_names()
            .iter()
            .any(|name| name.ends_with("_idc.fits"));
        let raw = visit.expose(0).unwrap().unwrap().raw;
        (named, raw.primary.text("IDCTAB"))
    };
    assert_eq!(of(&options()), (false, Some("N/A".to_owned())));
    assert_eq!(
        of(&distorted()),
        (true, Some("jref$flh00001j_idc.fits".to_owned()))
    );
}

/// The flat field has the pixels' areas in it; so have stars, which it divides.
#[test]
fn flat_fields_make_the_sky_even() {
    let (plain, bent) = (
        AcsVisit::plan(&options()).unwrap(),
        AcsVisit::plan(&distorted()).unwrap(),
    );
    let (flat, with_areas) = (real(&plain, "_pfl.fits"), real(&bent, "_pfl.fits"));
    let stars = bent.truth().stars;
    assert!(stars.len() > 100 && plain.truth().stars.iter().all(|star| star.area == 1.0));
    for star in &stars {
        let pixel = star.y.round() as usize * 1024 + star.x.round() as usize;
        let ratio = f64::from(with_areas[pixel] / flat[pixel]);
        assert!(
            (ratio - star.area).abs() < 0.02,
            "{ratio} where the area is {}",
            star.area
        );
    }
}

#[test]
fn headers_are_wrong_by_what_the_truth_says() {
    let wrong = AcsOptions {
        pointing_error: 2.0,
        ..options()
    };
    let of = |options: &AcsOptions| {
        let visit = AcsVisit::plan(options).unwrap();
        let pointing = |index| {
            let raw = visit.expose(index).unwrap().unwrap().raw;
            let Extension::Unsigned(header, ..) = &raw.extensions[0] else {
                panic!("no raw pixels")
            };
            let number = |keyword| header.real(keyword).unwrap();
            let cd = [
                [number("CD1_1"), number("CD1_2")],
                [number("CD2_1"), number("CD2_2")],
            ];
            (number("CRVAL1"), number("CRVAL2"), cd)
        };
        let pointings: Vec<_> = (0..options.members).map(pointing).collect();
        (visit.truth(), pointings)
    };
    let ((right, claimed), (truth, shifted)) = (of(&options()), of(&wrong));
    assert_eq!(right.stars, truth.stars, "the light falls where it fell");
    assert_eq!(truth.exposures[0].pointing_error, (0.0, 0.0));
    let mut largest = 0.0_f64;
    for ((exposure, a), b) in truth.exposures.iter().zip(&claimed).zip(&shifted) {
        let (x, y) = exposure.pointing_error;
        let [[xx, xy], [yx, yy]] = a.2;
        let cosine = a.1.to_radians().cos();
        assert!(((b.0 - a.0) * cosine - (xx * x + xy * y)).abs() < 1e-8);
        assert!((b.1 - a.1 - (yx * x + yy * y)).abs() < 1e-8);
        largest = largest.max(x.abs()).max(y.abs());
    }
    assert!((0.5..10.0).contains(&largest), "{largest}");
    let refused = AcsVisit::plan(&AcsOptions {
        pointing_error: -1.0,
        ..options()
    });
    assert!(refused.unwrap_err().to_string().contains("pointing_error"));
}
