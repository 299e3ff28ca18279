//! What cannot be extracted, and what is said of it.

use crate::made::{self, Files, NX, NY, starlit};
use firstlight_calibrate::stis::SpectralSwitches;
use firstlight_calibrate::stis::x1d::{X1dOptions, x1d, x1d_exposure};
use firstlight_calibrate::stis::x2d::{X2dOptions, x2d_exposure};
use firstlight_calibrate::{Chip, Error, Observation};
use firstlight_frame::fits::Header;
use firstlight_frame::{Frame, Image};

fn refused(frame: &Frame, primary: &Header, files: &Files) -> Error {
    let switches = SpectralSwitches::default();
    x1d(
        frame,
        primary,
        &made::sci(),
        &files.references,
        &switches,
        &X1dOptions::default(),
    )
    .unwrap_err()
}

#[test]
fn no_spectrum_where_all_rows_are_flagged() {
    let mut frame = starlit(24.0);
    frame.dq = Image::filled(NY, NX, 512);
    let error = refused(&frame, &made::primary(), &Files::new());
    assert!(
        matches!(error, Error::SpectrumNotFound { range: 15, .. }),
        "{error}"
    );
    assert!(
        error.to_string().contains("all pixels there are flagged"),
        "{error}"
    );
    assert!(error.to_string().contains("line 22.0"), "{error}");
    // CRPIX2 is 24 and SHIFTA2 1.
    assert!(error.to_string().contains("expected about line 25.0"), "{error}");
    assert!(
        error.to_string().contains("--a2center 25.0 --maxsrch 0"),
        "{error}"
    );
}

#[test]
fn no_spectrum_where_the_brightest_line_ends_the_search() {
    let mut frame = starlit(24.0);
    frame.sci = Image::from_fn(NY, NX, |_, y| y as f32);
    let error = refused(&frame, &made::primary(), &Files::new());
    assert!(error.to_string().contains("at the end of the search"), "{error}");
    frame.sci = Image::filled(NY, NX, -1.0);
    let error = refused(&frame, &made::primary(), &Files::new());
    assert!(matches!(error, Error::SpectrumNotFound { .. }), "{error}");
}

#[test]
fn a_row_that_is_missing_is_named() {
    let mut primary = made::primary();
    primary.set("OPT_ELEM", "G750M", None).unwrap();
    let error = refused(&starlit(24.0), &primary, &Files::new());
    let text = error.to_string();
    assert!(matches!(error, Error::NoRow { .. }), "{text}");
    assert!(
        text.contains("XTRACTAB") && text.contains("G750M") && text.contains("G430L"),
        "{text}"
    );
}

#[test]
fn a_table_that_is_missing_is_named() {
    let files = Files::new();
    let mut fewer = firstlight_calibrate::acs::References::new();
    for keyword in ["XTRACTAB", "APDESTAB"] {
        let path = files.references.get(keyword).unwrap().path();
        fewer.add(firstlight_calibrate::acs::Reference::open(keyword, keyword, &path).unwrap());
    }
    let files = Files {
        references: fewer,
        ..files
    };
    let error = refused(&starlit(24.0), &made::primary(), &files);
    assert!(
        matches!(error, Error::NoReference { .. }) && error.to_string().contains("SPTRCTAB"),
        "{error}"
    );
}

#[test]
fn other_detectors_gratings_and_algorithms_are_refused() {
    for (keyword, value) in [
        ("DETECTOR", "FUV-MAMA"),
        ("OPT_ELEM", "E140M"),
        ("OBSTYPE", "IMAGING"),
    ] {
        let mut primary = made::primary();
        primary.set(keyword, value, None).unwrap();
        let error = refused(&starlit(24.0), &primary, &Files::new());
        assert!(matches!(error, Error::NotSupported { .. }), "{keyword}: {error}");
    }
    let mut files = Files::new();
    files.add("XTRACTAB", &[], made::boxes("OPTIMAL", 15));
    let error = refused(&starlit(24.0), &made::primary(), &files);
    assert!(error.to_string().contains("OPTIMAL"), "{error}");
}

#[test]
fn headers_that_say_too_little_are_refused() {
    let files = Files::new();
    for keyword in ["EXPTIME", "CD2_2", "EXPSTART"] {
        let mut sci = made::sci();
        sci.remove(keyword);
        let (switches, options) = (SpectralSwitches::default(), X1dOptions::default());
        let error = x1d(
            &starlit(24.0),
            &made::primary(),
            &sci,
            &files.references,
            &switches,
            &options,
        )
        .unwrap_err();
        assert!(
            matches!(&error, Error::Keyword { keyword: found, .. } if found == keyword),
            "{error}"
        );
    }
    let without = SpectralSwitches {
        dispcorr: false,
        ..SpectralSwitches::default()
    };
    let options = X1dOptions::default();
    let sci = made::sci();
    let error = x1d(
        &starlit(24.0),
        &made::primary(),
        &sci,
        &files.references,
        &without,
        &options,
    )
    .unwrap_err();
    assert!(
        matches!(&error, Error::Keyword { keyword, .. } if keyword == "DISPCORR"),
        "{error}"
    );
}

#[test]
fn frames_of_no_size_are_refused() {
    let frame = Frame {
        sci: Image::filled(1, NX, 0.0),
        err: Image::filled(1, NX, 0.0),
        dq: Image::filled(1, NX, 0),
    };
    let error = refused(&frame, &made::primary(), &Files::new());
    assert!(matches!(error, Error::TooSmall { .. }), "{error}");
}

/// What an extraction from a good image is refused for.
fn refused_for(options: &X1dOptions) -> Option<String> {
    let (files, switches) = (Files::new(), SpectralSwitches::default());
    let (primary, sci) = (made::primary(), made::sci());
    match x1d(
        &starlit(24.0),
        &primary,
        &sci,
        &files.references,
        &switches,
        options,
    ) {
        Ok(_) => None,
        Err(error @ Error::Parameter { .. }) => Some(error.to_string()),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn parameters_out_of_range_are_refused() {
    let plain = X1dOptions::default;
    let with_size = |extrsize: f64| X1dOptions {
        extrsize: Some(extrsize),
        ..plain()
    };
    let mut bad: Vec<(&str, X1dOptions)> = [0.0, -3.0, f64::NAN, 1e9, NY as f64 + 1.0]
        .map(|size| ("extrsize", with_size(size)))
        .into();
    let given = Some;
    bad.push((
        "a2center",
        X1dOptions {
            a2center: given(f64::NAN),
            ..plain()
        },
    ));
    bad.push((
        "bk1size",
        X1dOptions {
            bk1size: given(-5.0),
            ..plain()
        },
    ));
    bad.push((
        "bk2size",
        X1dOptions {
            bk2size: given(-5.0),
            ..plain()
        },
    ));
    bad.push((
        "bk1offst",
        X1dOptions {
            bk1offst: given(f64::INFINITY),
            ..plain()
        },
    ));
    bad.push((
        "backord",
        X1dOptions {
            backord: Some(4),
            ..plain()
        },
    ));
    for tilt in [-90.0, 90.0, 200.0] {
        bad.push((
            "bktilt",
            X1dOptions {
                bktilt: given(tilt),
                ..plain()
            },
        ));
    }
    for xoffset in [3000.0, -(NX as f64), f64::NAN] {
        bad.push(("xoffset", X1dOptions { xoffset, ..plain() }));
    }
    let off = X1dOptions {
        bk1offst: given(5000.0),
        bk2offst: given(5000.0),
        ..plain()
    };
    bad.push(("bk1offst", off.clone()));
    for (name, options) in &bad {
        let text = refused_for(options).unwrap_or_else(|| panic!("{name} is taken: {options:?}"));
        assert!(
            text.starts_with(name) && text.contains("has to be"),
            "{name}: {text}"
        );
    }
    let good = X1dOptions {
        extrsize: given(NY as f64),
        bk1size: given(0.0),
        bktilt: given(-10.0),
        backord: Some(1),
        xoffset: 3.0,
        ..plain()
    };
    assert_eq!(refused_for(&good), None);
    // Without a background its boxes may be anywhere.
    let without = SpectralSwitches {
        backcorr: false,
        ..SpectralSwitches::default()
    };
    let (files, primary, sci) = (Files::new(), made::primary(), made::sci());
    x1d(&starlit(24.0), &primary, &sci, &files.references, &without, &off).unwrap();
}

#[test]
fn boxes_of_the_background_off_the_image_are_told() {
    let (files, switches) = (Files::new(), SpectralSwitches::default());
    let (primary, sci) = (made::primary(), made::sci());
    let one = X1dOptions {
        bk2offst: Some(300.0),
        ..X1dOptions::default()
    };
    let made = x1d(&starlit(24.0), &primary, &sci, &files.references, &switches, &one).unwrap();
    let off = &made.report.background_off_image;
    assert_eq!(
        off.iter().map(|off| (off.number, off.offset)).collect::<Vec<_>>(),
        [(2, 300.0)]
    );
    let options = X1dOptions::default();
    let made = x1d(
        &starlit(24.0),
        &primary,
        &sci,
        &files.references,
        &switches,
        &options,
    )
    .unwrap();
    assert_eq!(made.report.background_off_image, []);
}

#[test]
fn what_is_rectified_already_is_refused() {
    let mut primary = made::primary();
    primary.set("X2DCORR", "COMPLETE", None).unwrap();
    let rectified = Observation {
        name: "one_sx2.fits".to_owned(),
        primary,
        chips: vec![Chip {
            version: 1,
            frame: starlit(24.0),
            sci: made::sci(),
            err: Header::new(),
            dq: Header::new(),
        }],
    };
    let (files, switches) = (Files::new(), SpectralSwitches::default());
    let extracted = x1d_exposure(&rectified, &files.references, &switches, &X1dOptions::default());
    let again = x2d_exposure(&rectified, &files.references, &switches, &X2dOptions::default());
    for error in [extracted.unwrap_err(), again.unwrap_err()] {
        let text = error.to_string();
        for part in ["one_sx2.fits", "X2DCORR", "_flt or _crj"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
