//! What darks may stand for which exposures, and what is said of those that may not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight::dark::{
    CombinationReport, ImplantOptions, MatchOptions, RateOptions, implant, matching, rate,
};
use firstlight::fits::{FitsWriter, Header, Overwrite};
use firstlight::progress::Silent;
use firstlight::sbc_dark::{SbcDarkOptions, sbc_dark};
use firstlight::{Error, ErrorClass};
use std::path::{Path, PathBuf};

const N: usize = 128;

/// Writes a frame of `n` × `n` pixels with one SCI extension.
fn frame_of(
    folder: &Path,
    name: &str,
    detector: &str,
    n: usize,
    at: impl Fn(usize, usize) -> f32,
) -> PathBuf {
    let path = folder.join(name);
    let mut primary = Header::new();
    primary.set("INSTRUME", "ACS", None).unwrap();
    primary.set("DETECTOR", detector, None).unwrap();
    primary.set("EXPTIME", 1000.0, None).unwrap();
    let mut sci = Header::new();
    sci.set("EXTNAME", "SCI", None).unwrap();
    sci.set("EXTVER", 1, None).unwrap();
    let pixels: Vec<f32> = (0..n * n).map(|i| at(i % n, i / n)).collect();
    let mut writer = FitsWriter::create(&path, Overwrite::Replace).unwrap();
    writer.empty_primary(&primary).unwrap();
    writer.image(&sci, (pixels.as_slice(), (n, n))).unwrap();
    writer.finish().unwrap();
    path
}

fn frame(folder: &Path, name: &str, detector: &str, at: impl Fn(usize, usize) -> f32) -> PathBuf {
    frame_of(folder, name, detector, N, at)
}

fn options() -> MatchOptions {
    MatchOptions {
        within_box: "40:80,40:80".parse().unwrap(),
        cell: 16,
        ..MatchOptions::default()
    }
}

/// Counts without noise: a level, and a slope along x.
fn slope(level: f32, slope: f32) -> impl Fn(usize, usize) -> f32 {
    move |x, _| level + slope * x as f32 / N as f32
}

#[test]
fn a_dark_of_another_detector_is_not_implanted() {
    let folder = tempfile::tempdir().unwrap();
    let science = frame(folder.path(), "sbc_flt.fits", "SBC", slope(2.0, 0.0));
    let hrc = frame(folder.path(), "hrc_raw.fits", "HRC", slope(2.0, 0.0));
    let output = folder.path().join("out.fits");
    let dark = std::slice::from_ref(&hrc);
    let error = implant(&science, dark, &output, &ImplantOptions::default(), &Silent).unwrap_err();
    assert!(matches!(error, Error::OtherDetector { .. }), "{error}");
    assert_eq!(error.class(), ErrorClass::Input);
    let text = error.to_string();
    for part in [
        "hrc_raw.fits",
        "sbc_flt.fits",
        "ACS/HRC",
        "ACS/SBC",
        "give darks of ACS/SBC",
        "header set",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!output.exists());
}

#[test]
fn darks_of_another_detector_or_shape_are_left_out_of_a_match() {
    let folder = tempfile::tempdir().unwrap();
    let science = frame(folder.path(), "sbc_flt.fits", "SBC", slope(4.0, 0.0));
    let darks = [
        frame(folder.path(), "hrc_raw.fits", "HRC", slope(4.0, 0.0)),
        frame(folder.path(), "cold_raw.fits", "SBC", slope(1.0, 0.0)),
        frame_of(folder.path(), "large_raw.fits", "SBC", 2 * N, slope(4.0, 0.0)),
        frame(folder.path(), "nan_raw.fits", "SBC", |x, _| {
            if x == 50 { f32::NAN } else { 4.0 }
        }),
        frame(folder.path(), "warm_raw.fits", "SBC", slope(4.0, 4.0)),
    ];
    let report = matching(std::slice::from_ref(&science), &darks, &options(), &Silent).unwrap();
    let found = &report.science[0];
    let ranked: Vec<usize> = found.ranking.matches.iter().map(|m| m.index).collect();
    // Positions count among all darks that were given.
    assert_eq!(ranked, [4, 1]);
    assert_eq!(report.darks[4].rootname, "warm");
    let failed: Vec<&Path> = report.failed.iter().map(|f| f.file.as_path()).collect();
    assert_eq!(failed, [&darks[0], &darks[2], &darks[3]]);
    assert_eq!(found.excluded, report.failed);
    assert!(report.failed[0].error.contains("ACS/HRC"), "{:?}", report.failed);
    assert!(
        report.failed[1].error.contains("(256, 256)"),
        "{:?}",
        report.failed
    );
    assert!(
        report.failed[2].error.contains("40:80,40:80"),
        "{:?}",
        report.failed
    );
    if let CombinationReport::Fitted { combination, .. } = &found.combination {
        assert!(
            combination
                .shares
                .iter()
                .all(|share| [1, 4].contains(&share.index))
        );
    }
    // None is left: the first one's reason is the error.
    let error = matching(&[science], &darks[..1], &options(), &Silent).unwrap_err();
    assert!(matches!(error, Error::OtherDetector { .. }), "{error}");
}

#[test]
fn each_exposure_has_the_darks_of_its_own_detector() {
    let folder = tempfile::tempdir().unwrap();
    let (sbc, hrc) = ("SBC", "HRC");
    let science = [sbc, hrc].map(|d| frame(folder.path(), &format!("{d}_flt.fits"), d, slope(4.0, 0.0)));
    let darks = [hrc, sbc].map(|d| frame(folder.path(), &format!("{d}_raw.fits"), d, slope(4.0, 0.0)));
    let report = matching(&science, &darks, &options(), &Silent).unwrap();
    assert!(report.failed.is_empty(), "{:?}", report.failed);
    let nearest = |n: usize| report.science[n].ranking.matches[0].index;
    assert_eq!((nearest(0), nearest(1)), (1, 0));
    assert_eq!(report.science[0].excluded[0].file, darks[0]);
}

#[test]
fn a_box_of_nothing_but_nan_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let empty = frame(folder.path(), "empty_raw.fits", "SBC", |_, _| f32::NAN);
    let dark = frame(folder.path(), "dark_raw.fits", "SBC", slope(4.0, 0.0));
    let how = RateOptions {
        within: "40:80,40:80".parse().unwrap(),
        ..RateOptions::default()
    };
    let told = |error: &Error| {
        let text = error.to_string();
        assert!(text.contains("empty_raw.fits") && text.contains("NaN"), "{text}");
        assert_eq!(error.class(), ErrorClass::Input);
        text
    };
    let text = told(&rate(std::slice::from_ref(&empty), &how, &Silent).unwrap_err());
    assert!(text.contains("40:80,40:80"), "{text}");
    told(
        &matching(
            std::slice::from_ref(&empty),
            std::slice::from_ref(&dark),
            &options(),
            &Silent,
        )
        .unwrap_err(),
    );
    told(
        &matching(
            std::slice::from_ref(&dark),
            std::slice::from_ref(&empty),
            &options(),
            &Silent,
        )
        .unwrap_err(),
    );
    let output = folder.path().join("out.fits");
    let refused = implant(
        &dark,
        std::slice::from_ref(&empty),
        &output,
        &ImplantOptions::default(),
        &Silent,
    );
    told(&refused.unwrap_err());
    assert!(!output.exists());
    // A single NaN makes the sum NaN, as numpy has it, and no match.
    let spot = frame(folder.path(), "spot_flt.fits", "SBC", |x, y| {
        if (x, y) == (50, 50) { f32::NAN } else { 4.0 }
    });
    assert!(
        rate(std::slice::from_ref(&spot), &how, &Silent)
            .unwrap()
            .exposures[0]
            .rate
            .rate
            .is_nan()
    );
    let text = matching(&[spot], &[dark], &options(), &Silent)
        .unwrap_err()
        .to_string();
    assert!(
        text.contains("spot_flt.fits") && text.contains("--exclude-source"),
        "{text}"
    );
}

#[test]
fn detectors_stand_in_the_table_of_rates() {
    let folder = tempfile::tempdir().unwrap();
    let files = ["SBC", "HRC"].map(|d| frame(folder.path(), &format!("{d}_raw.fits"), d, slope(4.1, 0.0)));
    let how = RateOptions {
        within: "40:80,40:80".parse().unwrap(),
        ..RateOptions::default()
    };
    let report = rate(&files, &how, &Silent).unwrap();
    let table = report.table().unwrap();
    assert_eq!(table.texts("detector").unwrap(), ["ACS/SBC", "ACS/HRC"]);
    // Six digits for people, all of them in the table.
    assert_eq!(report.exposures[0].rate.sum.to_string(), "6560.00");
    assert_eq!(table.reals("sum").unwrap()[0], 1600.0 * f64::from(4.1_f32));
}

/// A source that no dark imitates: the combination is no dark rate, and says so.
#[test]
fn a_combination_that_does_not_fit_is_not_to_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let source = |x: usize, y: usize| {
        let r2 = (x as f32 - 100.0).powi(2) + (y as f32 - 100.0).powi(2);
        3.0 + 2.0 * x as f32 / N as f32 + 8.0 * (-r2 / 200.0).exp()
    };
    let science = frame(folder.path(), "science_flt.fits", "SBC", source);
    let darks = [slope(3.0, 0.5), slope(3.0, 4.0)];
    let darks: Vec<PathBuf> = darks
        .iter()
        .enumerate()
        .map(|(n, at)| frame(folder.path(), &format!("d{n}_raw.fits"), "SBC", at))
        .collect();
    let report = matching(std::slice::from_ref(&science), &darks, &options(), &Silent).unwrap();
    let CombinationReport::Fitted { usable, reasons, .. } = &report.science[0].combination else {
        panic!("{:?}", report.science[0].combination)
    };
    assert!(!usable && reasons[0].contains("chi2"), "{reasons:?}");
    let mut how = options();
    how.exclude_source.push("100,100,60,60".parse().unwrap());
    let report = matching(&[science], &darks, &how, &Silent).unwrap();
    let usable = matches!(
        report.science[0].combination,
        CombinationReport::Fitted { usable: true, .. }
    );
    assert!(usable, "{:?}", report.science[0].combination);
}

#[test]
fn without_any_share_there_is_no_combination() {
    let folder = tempfile::tempdir().unwrap();
    // Falls along x where the only dark rises, so steeply that any share of it makes things worse.
    let science = frame(folder.path(), "falls_flt.fits", "SBC", |x, _| {
        100.0 - 0.75 * x as f32
    });
    let dark = frame(folder.path(), "rises_raw.fits", "SBC", |x, _| 1.0 + x as f32);
    let report = matching(&[science], &[dark], &options(), &Silent).unwrap();
    let CombinationReport::Failed { reason } = &report.science[0].combination else {
        panic!("{:?}", report.science[0].combination)
    };
    assert!(
        reason.starts_with("no combination of these darks explains the frame"),
        "{reason}"
    );
}

#[test]
fn the_workflow_is_for_detectors_that_count_photons() {
    let folder = tempfile::tempdir().unwrap();
    let science = frame(folder.path(), "hrc_flt.fits", "HRC", slope(4.0, 0.0));
    let dark = frame(folder.path(), "hrc_raw.fits", "HRC", slope(4.0, 0.0));
    let how = SbcDarkOptions {
        aperture: vec!["64,64,10,10".parse().unwrap()],
        ..SbcDarkOptions::default()
    };
    let results = folder.path().join("results");
    let error = sbc_dark(&[science], &[dark], &results, &how, &Silent).unwrap_err();
    let text = error.to_string();
    assert_eq!(error.class(), ErrorClass::Unsupported);
    assert!(
        text.contains("hrc_flt.fits") && text.contains("ACS/HRC"),
        "{text}"
    );
    assert!(!results.exists());
}
