//! Spectra that may not be of the target, and what is said of them.

use crate::made::{self, Files, NX, NY, starlit};
use firstlight_calibrate::stis::SpectralSwitches;
use firstlight_calibrate::stis::x1d::{self, Extracted, X1dOptions, doubts, x1d};
use firstlight_calibrate::stis::x2d::{self, X2dOptions, x2d};
use firstlight_frame::fits::{Column, Header, Value};
use firstlight_frame::{Frame, Image};

fn extract(frame: &Frame, primary: &Header, files: &Files, options: &X1dOptions) -> Extracted {
    let switches = SpectralSwitches::default();
    x1d(
        frame,
        primary,
        &made::sci(),
        &files.references,
        &switches,
        options,
    )
    .unwrap()
}

/// Noise of about a DN on 3 DN, with no light.
fn dark() -> Frame {
    let mut state = 9u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    Frame {
        sci: Image::from_fn(NY, NX, |_, _| 3.0 + noise() + noise()),
        err: Image::filled(NY, NX, 1.0),
        dq: Image::filled(NY, NX, 0),
    }
}

/// As far as the rows go.
fn far() -> X1dOptions {
    X1dOptions {
        maxsrch: Some(27),
        ..X1dOptions::default()
    }
}

#[test]
fn a_spectrum_far_from_the_target_is_told_of_with_the_way_to_the_target() {
    let files = Files::new();
    let found = extract(&starlit(45.0), &made::primary(), &files, &far());
    assert!(found.report.location.is_astray, "{:?}", found.report.location);
    let told = doubts(&found.report).join("\n");
    // CRPIX2 is 24 and SHIFTA2 1.
    for words in [
        "about line 46.0",
        "about line 25.0",
        "21.0 lines below it",
        "--a2center 25.0 --maxsrch 0",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let mut header = made::primary();
    x1d::record(&mut header, &found.report, &files.references).unwrap();
    let history = header.commentary("HISTORY").concat().replace(' ', "");
    assert!(history.contains("--a2center25.0--maxsrch0"), "{history}");
    // One that was put there on purpose is not.
    let mut primary = made::primary();
    primary.set("POSTARG2", 0.1, None).unwrap();
    let found = extract(&starlit(45.0), &primary, &files, &far());
    assert!(doubts(&found.report).iter().all(|line| !line.contains("maxsrch")));
    // Nor is one that is looked for there.
    let there = X1dOptions {
        a2center: Some(44.0),
        maxsrch: Some(3),
        ..X1dOptions::default()
    };
    let found = extract(&starlit(45.0), &made::primary(), &files, &there);
    assert!(!found.report.location.is_astray);
}

#[test]
fn a_line_that_hot_pixels_lift_is_told_of() {
    let mut frame = dark();
    for x in [10, 40] {
        frame.sci.as_mut_slice()[20 * NX + x] = 900.0;
    }
    let (files, options) = (Files::new(), X1dOptions::default());
    let found = extract(&frame, &made::primary(), &files, &options);
    let location = found.report.location;
    assert!(
        !location.is_astray && location.significance > Some(5.0),
        "{location:?}"
    );
    let told = doubts(&found.report).join("\n");
    assert!(told.contains("few columns"), "{told}");
    // A faint star lights all columns.
    let star = starlit(24.0);
    let mut frame = dark();
    let light = star.sci.as_slice().iter().map(|sample| (sample - 3.0) / 300.0);
    let samples = frame.sci.as_mut_slice().iter_mut();
    samples.zip(light).for_each(|(sample, light)| *sample += light);
    let found = extract(&frame, &made::primary(), &files, &options);
    assert_eq!(
        doubts(&found.report),
        Vec::<String>::new(),
        "{:?}",
        found.report.location
    );
}

#[test]
fn the_a2center_of_the_target_is_without_the_offset_of_the_aperture() {
    let mut files = Files::new();
    let mut columns = made::apertures("52X0.2");
    columns.retain(|column| column.name() != "OFFSET2");
    // Five lines of 0.05 arcsec.
    columns.push(Column::f64("OFFSET2", vec![0.25]));
    files.add("APDESTAB", &[], columns);
    let found = extract(&starlit(24.0), &made::primary(), &files, &X1dOptions::default());
    let location = found.report.location;
    assert!(
        (location.a2center_of_expected - 20.0).abs() < 1e-6,
        "{location:?}"
    );
    let there = X1dOptions {
        a2center: Some(location.a2center_of_expected),
        maxsrch: Some(0),
        ..X1dOptions::default()
    };
    let found = extract(&starlit(24.0), &made::primary(), &files, &there);
    assert!((found.report.location.line - location.expected).abs() < 1e-6);
}

#[test]
fn tables_without_a_row_for_the_mode_are_told_of() {
    let mut files = Files::new();
    // PCTAB knows another aperture, TDSTAB another grating, GACTAB another central wavelength.
    files.add(
        "PCTAB",
        &[("MAXHGHT", Value::Integer(600))],
        made::heights("52X2"),
    );
    files.add("TDSTAB", &[], vec![Column::text("OPT_ELEM", ["G750L"])]);
    let gactab = vec![
        Column::text("OPT_ELEM", ["G430L"]),
        Column::i32("CENWAVE", vec![7751]),
        Column::text("APERTURE", ["52X0.2"]),
    ];
    files.add("GACTAB", &[], gactab);
    let found = extract(&starlit(24.0), &made::primary(), &files, &X1dOptions::default());
    let flux = found.report.flux.clone().unwrap();
    assert!(!flux.pctcorr && !flux.tdscorr && !flux.gaccorr);
    let told = doubts(&found.report);
    // Most modes need none of GACTAB's rows.
    assert!(!told.iter().any(|line| line.contains("GACTAB")), "{told:?}");
    for words in [
        "PCTAB PCTAB has no row with APERTURE 52X0.2, CENWAVE 4300; it has 52X2 4300",
        "TDSTAB TDSTAB has no row with OPT_ELEM G430L; it has G750L",
    ] {
        assert!(
            told.iter().any(|line| line.starts_with(words)),
            "{words}: {told:?}"
        );
    }
    let mut header = made::primary();
    x1d::record(&mut header, &found.report, &files.references).unwrap();
    let history = header.commentary("HISTORY").concat().replace(' ', "");
    assert!(
        history.contains("TDSTABTDSTABhasnorowwithOPT_ELEMG430L;ithasG750L"),
        "{history}"
    );
    assert!(!history.contains("referencetablePCTAB"), "{history}");
    // Nor is the rectified image corrected.
    let grid = made::grid_of(1024, 1024);
    files.add("SDCTAB", &[], grid);
    let (switches, options) = (SpectralSwitches::default(), X2dOptions::default());
    let (primary, sci) = (made::primary(), made::sci());
    let found = x2d(
        &starlit(24.0),
        &primary,
        &sci,
        &files.references,
        &switches,
        &options,
    )
    .unwrap();
    let told = found.report.doubts().join("\n");
    assert!(
        told.contains("PCTAB has no row") && told.contains("TDSTAB has no row"),
        "{told}"
    );
    let mut header = made::primary();
    x2d::record(&mut header, &found.report, &files.references).unwrap();
    let history = header.commentary("HISTORY").concat().replace(' ', "");
    assert!(
        history.contains("TDSTABTDSTABhasnorowwithOPT_ELEMG430L;ithasG750L"),
        "{history}"
    );
}
