//! What cannot be extracted, and what is said of it.

use crate::made::{self, Files, NX, NY, starlit};
use firstlight_calibrate::Error;
use firstlight_calibrate::stis::SpectralSwitches;
use firstlight_calibrate::stis::x1d::{X1dOptions, x1d};
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
