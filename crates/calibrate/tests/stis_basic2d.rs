//! The steps of basic2d and ocrreject on frames of the STIS CCD made by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_calibrate::acs::Amplifier;
use firstlight_calibrate::stis::Setup;
use firstlight_calibrate::stis::basic2d::{
    HousingTemperatures, Overscan, basic2d, blevcorr, ccd_noise, dqicorr,
};
use firstlight_calibrate::stis::ocrreject::{
    InitialGuess, OcrrejectOptions, REJECTED, SkySubtraction, ocrreject,
};
use firstlight_calibrate::stis::tables::ccdtab::CcdParameters;
use firstlight_calibrate::{Chip, Error, Observation, References};
use firstlight_frame::fits::Header;
use firstlight_frame::{Frame, Image};

fn header(cards: &[(&str, f64)]) -> Header {
    let mut header = Header::new();
    for (keyword, value) in cards {
        header.set(keyword, *value, None).unwrap();
    }
    header
}

fn primary() -> Header {
    let mut primary = header(&[("ATODGAIN", 2.0), ("READNSE", 6.0)]);
    let texts = [
        ("INSTRUME", "STIS"),
        ("DETECTOR", "CCD"),
        ("CCDAMP", "A"),
        ("OBSTYPE", "IMAGING"),
        ("TARGNAME", "STAR"),
    ];
    for (keyword, value) in texts {
        primary.set(keyword, value, None).unwrap();
    }
    primary.set("CCDGAIN", 2i64, None).unwrap();
    primary
}

fn chip(sci: Image<f32>, exptime_s: f64) -> Chip {
    let (ny, nx) = sci.shape();
    let keywords = [
        ("EXPTIME", exptime_s),
        ("EXPSTART", 57000.0),
        ("EXPEND", 57000.1),
        ("LTV1", 18.0),
    ];
    Chip {
        version: 1,
        frame: Frame {
            sci,
            err: Image::filled(ny, nx, 0.0),
            dq: Image::filled(ny, nx, 0),
        },
        sci: header(&keywords),
        err: Header::new(),
        dq: Header::new(),
    }
}

fn observation(chips: Vec<Chip>) -> Observation {
    Observation {
        name: "made by hand".to_owned(),
        primary: primary(),
        chips,
    }
}

fn parameters() -> CcdParameters {
    CcdParameters {
        gain_e_per_dn: 2.0,
        bias_dn: 1500.0,
        readnoise_e: 6.0,
        saturate_dn: 30000.0,
        blev_clip: 50.0,
        row_pedigree: String::new(),
        row_descrip: String::new(),
    }
}

fn setup(amplifier: Amplifier) -> Setup {
    let mut setup = Setup::of(&observation(Vec::new())).unwrap();
    setup.amplifier = amplifier;
    setup
}

#[test]
fn the_level_of_a_subarray_is_subtracted_and_its_overscan_cut_off() {
    for amplifier in Amplifier::ALL {
        let level = |y: usize| 1500.0 + 0.25 * y as f32;
        let light = |x: usize| if (18..1042).contains(&x) { 10.0 } else { 0.0 };
        let mut chip = chip(Image::from_fn(32, 1060, |x, y| level(y) + light(x)), 1.0);
        // A cosmic ray in the overscan, which a median does not see.
        chip.frame.sci[(3, 10)] = 9000.0;
        chip.frame.sci[(3, 1050)] = 9000.0;
        let found = blevcorr(&mut chip, &setup(amplifier), &parameters()).unwrap();
        assert_eq!(chip.frame.sci.shape(), (32, 1024));
        assert!(
            chip.frame
                .sci
                .as_slice()
                .iter()
                .all(|&sample| (sample - 10.0).abs() < 1e-3)
        );
        assert!(found.from_overscan && !found.drift_corrected);
        assert!((found.mean_dn - 1503.875).abs() < 1e-3);
        assert_eq!(chip.sci.real("LTV1"), Some(0.0));
    }
}

#[test]
fn a_whole_frame_loses_its_drift_along_lines_and_a_hot_column_does_not_count() {
    let setup = setup(Amplifier::D);
    let overscan = Overscan::of(&setup, (1044, 1062)).unwrap();
    assert_eq!((overscan.trim_x, overscan.trim_y), ([19, 19], [20, 0]));
    assert_eq!(
        (overscan.section.clone(), overscan.virtual_lines.clone()),
        (1..=15, 0..20)
    );
    let noise = |x: usize, y: usize| ((x * 7919 + y * 104_729) % 101) as f32 / 100.0 - 0.5;
    let sample = |x: usize, y: usize| 1480.0 + 0.001 * (x as f32 - 8.0) + noise(x, y);
    let mut chip = chip(Image::from_fn(1044, 1062, sample), 1.0);
    for y in 0..20 {
        chip.frame.sci[(y, 1000)] = 5000.0;
    }
    let found = blevcorr(&mut chip, &setup, &parameters()).unwrap();
    assert!(found.drift_corrected);
    let mean = |columns: std::ops::Range<usize>| {
        let rows = (0..1024).flat_map(|y| chip.frame.sci.row(y)[columns.clone()].to_vec());
        rows.map(f64::from).sum::<f64>() / (1024.0 * columns.len() as f64)
    };
    assert!(
        mean(0..100).abs() < 0.02 && mean(924..1024).abs() < 0.02,
        "{} {}",
        mean(0..100),
        mean(924..1024)
    );
}

#[test]
fn a_frame_without_overscan_loses_the_tables_bias() {
    let mut small = chip(Image::filled(8, 16, 1600.0), 1.0);
    let found = blevcorr(&mut small, &setup(Amplifier::A), &parameters()).unwrap();
    assert_eq!((found.mean_dn, found.from_overscan), (1500.0, false));
    assert_eq!(small.frame.sci.row(0), [100.0; 16]);
}

#[test]
fn saturation_counts_whole_numbers_and_the_error_is_of_photons_and_readout() {
    let mut chip = chip(Image::filled(1, 4, 0.0), 1.0);
    chip.frame
        .sci
        .row_mut(0)
        .copy_from_slice(&[30000.9, 30001.0, f32::NAN, -5.0]);
    assert_eq!(dqicorr(&mut chip, &[], 30000.0).unwrap(), 1);
    assert_eq!(chip.frame.dq.row(0), [0, 256, 0, 0]);
    chip.frame
        .sci
        .row_mut(0)
        .copy_from_slice(&[32.0, 0.0, f32::NAN, -5.0]);
    assert!(ccd_noise(&mut chip, &parameters(), 0.0).unwrap());
    assert_eq!(chip.frame.err.row(0), [5.0, 3.0, 3.0, 3.0]);
    assert!(!ccd_noise(&mut chip, &parameters(), 0.0).unwrap());
}

fn said() -> OcrrejectOptions {
    OcrrejectOptions {
        crmask: Some(true),
        scalense: Some(0.0),
        initgues: Some(InitialGuess::Minimum),
        skysub: Some(SkySubtraction::None),
        crsigmas: Some("5,4".to_owned()),
        crradius: Some(1.5),
        crthresh: Some(0.8),
        badinpdq: Some(0),
    }
}

#[test]
fn a_cosmic_ray_goes_and_its_pixel_has_what_the_others_saw() {
    let mut parts: Vec<Chip> = [100.0, 200.0, 100.0]
        .map(|seconds| chip(Image::filled(9, 9, seconds as f32), seconds))
        .into();
    parts[1].frame.sci[(4, 4)] = 5000.0;
    // Too little to be rejected by itself, but beside the other.
    parts[1].frame.sci[(4, 5)] = 272.0;
    parts[2].frame.dq[(0, 0)] = 4;
    let mut input = observation(parts);
    let rejection = ocrreject(&[&input], &References::new(), &said()).unwrap();
    let product = &rejection.product.chips[0];
    assert_eq!(product.frame.sci.as_slice(), [400.0; 81]);
    assert_eq!(product.frame.dq[(0, 0)], 4);
    assert_eq!(product.frame.dq[(4, 4)], 0);
    assert_eq!(rejection.report.rejected, [0, 2, 0]);
    assert!(product.frame.err[(4, 4)] > product.frame.err[(0, 0)]);
    assert_eq!(product.sci.real("EXPTIME"), Some(400.0));
    assert_eq!(product.sci.integer("NCOMBINE"), Some(3));
    assert!(rejection.mark(0, &mut input).unwrap());
    assert_eq!(
        (input.chips[1].frame.dq[(4, 4)], input.chips[0].frame.dq[(4, 4)]),
        (REJECTED, 0)
    );
}

#[test]
fn pixels_that_are_not_finite_take_no_part() {
    let mut parts: Vec<Chip> = (0..2).map(|_| chip(Image::filled(4, 4, 100.0), 100.0)).collect();
    parts[0].frame.sci[(1, 1)] = f32::NAN;
    parts[1].frame.sci[(2, 2)] = f32::NEG_INFINITY;
    for part in &mut parts {
        part.frame.sci[(3, 3)] = f32::NAN;
    }
    for guess in [InitialGuess::Minimum, InitialGuess::Median] {
        let input = observation(parts.clone());
        let options = OcrrejectOptions {
            initgues: Some(guess),
            ..said()
        };
        let rejection = ocrreject(&[&input], &References::new(), &options).unwrap();
        let frame = &rejection.product.chips[0].frame;
        assert_eq!((frame.sci[(1, 1)], frame.dq[(1, 1)]), (200.0, 1));
        assert_eq!(frame.sci[(2, 2)], 200.0);
        assert_eq!((frame.sci[(3, 3)], frame.err[(3, 3)]), (0.0, 0.0));
    }
}

#[test]
fn what_cannot_be_combined_is_refused() {
    let part = |shape: (usize, usize), seconds| chip(Image::filled(shape.0, shape.1, 1.0), seconds);
    let refused = |inputs: &[&Observation]| ocrreject(inputs, &References::new(), &said()).unwrap_err();
    let one = observation(vec![part((4, 4), 10.0)]);
    assert!(matches!(refused(&[&one]), Error::TooFewExposures { found: 1 }));
    let mut other = one.clone();
    other.primary.set("CCDAMP", "D", None).unwrap();
    assert!(matches!(refused(&[&one, &other]), Error::MembersDiffer { .. }));
    let larger = observation(vec![part((5, 4), 10.0)]);
    assert!(matches!(refused(&[&one, &larger]), Error::MembersDiffer { .. }));
    let unexposed = observation(vec![part((4, 4), 0.0)]);
    assert!(matches!(
        refused(&[&one, &unexposed]),
        Error::TooFewExposures { found: 1 }
    ));
    let error = ocrreject(&[&one, &one], &References::new(), &OcrrejectOptions::default()).unwrap_err();
    assert!(matches!(error, Error::NoReference { .. }), "{error}");
    for crthresh in [-2.0, f32::NAN] {
        let options = OcrrejectOptions {
            crthresh: Some(crthresh),
            ..said()
        };
        let error = ocrreject(&[&one, &one], &References::new(), &options).unwrap_err();
        assert!(
            matches!(
                error,
                Error::Parameter {
                    parameter: "crthresh",
                    ..
                }
            ),
            "{error}"
        );
    }
}

#[test]
fn other_detectors_and_empty_imsets_are_refused() {
    let run = |input: &mut Observation| {
        basic2d(input, &References::new(), &HousingTemperatures::new()).unwrap_err()
    };
    let mut mama = observation(vec![chip(Image::filled(4, 4, 1.0), 10.0)]);
    mama.primary.set("DETECTOR", "NUV-MAMA", None).unwrap();
    assert!(matches!(run(&mut mama), Error::NotStisCcd { .. }));
    let mut constant = observation(vec![chip(Image::filled(4, 4, 1.0), 10.0)]);
    assert!(matches!(run(&mut constant), Error::NoUsableImset { .. }));
    let mut usable = observation(vec![chip(Image::from_fn(4, 4, |x, _| x as f32), 10.0)]);
    assert!(matches!(run(&mut usable), Error::NoReference { .. }));
}

#[test]
fn a_bias_image_needs_the_overscan_to_be_gone() {
    let mut input = observation(vec![chip(Image::from_fn(4, 4, |x, _| x as f32), 10.0)]);
    input.primary.set("BIASCORR", "PERFORM", None).unwrap();
    input.primary.set("BLEVCORR", "OMIT", None).unwrap();
    let error = basic2d(&mut input, &References::new(), &HousingTemperatures::new()).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, Error::Keyword { .. }), "{text}");
    for part in [input.name.as_str(), "BLEVCORR", "BIASCORR=OMIT"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}
