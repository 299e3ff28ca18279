//! Stripes taken out of a simulated subarray on its way through the calibration, and what is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight::calibrate::{AcsccdOptions, CalibrateOptions, StageOptions, acsccd, calibrate};
use firstlight::destripe::{
    CleanOptions, DestripeOptions, DestripePlusReport, Destriping, Mask, MaskPair, clean_files, destripe,
};
use firstlight::fits::edit;
use firstlight::frame::{Exposure, Image};
use firstlight::progress::Silent;
use firstlight::simulate::{AcsDetector, AcsOptions, AcsReport, AcsSet, acs};
use firstlight::{Error, ErrorClass, Result};
use firstlight_simulate::acs::{Era, Subarray};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// An exposure of 1024 by 1024 pixels after the repair of 2009, whose overscan is too narrow to show stripes; made once.
fn visit() -> &'static (TempDir, AcsReport) {
    static VISIT: OnceLock<(TempDir, AcsReport)> = OnceLock::new();
    VISIT.get_or_init(|| {
        simulated(&AcsOptions {
            era: Era::AfterSm4,
            subarray: Some(Subarray::D1k),
            ..small()
        })
    })
}

fn small() -> AcsOptions {
    AcsOptions {
        set: AcsSet::Single,
        members: 1,
        stars: 40,
        no_cosmic_rays: true,
        ..AcsOptions::default()
    }
}

fn simulated(options: &AcsOptions) -> (TempDir, AcsReport) {
    let folder = tempfile::tempdir().unwrap();
    let report = acs(folder.path(), options, false, &Silent).unwrap();
    (folder, report)
}

fn into(folder: &Path) -> CalibrateOptions {
    CalibrateOptions {
        ref_dir: Some(visit().1.reference_folder.clone()),
        output_dir: Some(folder.to_owned()),
        ..CalibrateOptions::default()
    }
}

fn run(
    inputs: &[PathBuf],
    masks: &[MaskPair],
    cte: bool,
    how: &CalibrateOptions,
) -> Result<DestripePlusReport> {
    let options = DestripeOptions::default();
    let destriping = Destriping {
        options: &options,
        masks,
        cte_correct: cte,
    };
    destripe(inputs, &destriping, how, &Silent)
}

/// Standard deviation of the medians of rows, electrons: that of stripes, and a fifth of an electron of noise.
fn scatter_of_rows(path: &Path) -> f64 {
    let frame = Exposure::open(path).unwrap().load(1).unwrap();
    let (ny, _) = frame.sci.shape();
    let medians = (0..ny).map(|y| {
        let mut row: Vec<f32> = frame.sci.row(y).to_vec();
        row.sort_by(f32::total_cmp);
        f64::from(row[row.len() / 2])
    });
    let medians: Vec<f64> = medians.collect();
    let mean = medians.iter().sum::<f64>() / ny as f64;
    (medians.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / ny as f64).sqrt()
}

fn entries(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

#[test]
fn rows_are_level_afterwards_and_cte_is_corrected_where_it_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let raw = &visit().1.raw;
    let before = std::fs::read(&raw[0]).unwrap();
    let omit = CalibrateOptions {
        switch: vec!["PCTECORR=OMIT".parse().unwrap()],
        ..into(&folder.path().join("plain"))
    };
    let plain = calibrate(raw, &omit, &Silent).unwrap();
    let report = run(raw, &[], true, &into(&folder.path().join("both"))).unwrap();
    let kinds: Vec<&str> = report.calibrated.products.iter().map(|p| p.kind).collect();
    assert_eq!(kinds, ["flt", "flc"]);
    let (with, without) = (
        scatter_of_rows(&plain.products[0].path),
        scatter_of_rows(&report.calibrated.products[0].path),
    );
    assert!(with > 0.7 && without < 0.4 * with, "{with} e became {without} e");
    let found = &report.destriped[0];
    assert_eq!(found.path, raw[0]);
    assert_eq!((found.report.rows, found.report.rows_left), (1024, 0));
    assert!(
        (found.report.stripe_std / with - 1.0).abs() < 0.2,
        "{}",
        found.report.stripe_std
    );

    let alone = run(raw, &[], false, &into(&folder.path().join("alone"))).unwrap();
    assert_eq!(alone.calibrated.products.len(), 1);
    assert_eq!(std::fs::read(&raw[0]).unwrap(), before);
}

#[test]
fn files_that_are_in_electrons_are_cleaned_by_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let stage = StageOptions {
        ref_dir: into(folder.path()).ref_dir,
        output: Some(folder.path().to_owned()),
        ..StageOptions::default()
    };
    let made = acsccd(&visit().1.raw, &stage, &AcsccdOptions::default(), &Silent).unwrap();
    let blv = made.products[0].path.clone();
    let places = CleanOptions {
        ref_dir: stage.ref_dir,
        ..CleanOptions::default()
    };
    let how = DestripeOptions::default();
    let clean = |masks: &[MaskPair], places: &CleanOptions| {
        clean_files(std::slice::from_ref(&blv), masks, places, &how, &Silent)
    };
    let report = clean(&[], &places).unwrap();
    let output = &report.cleaned[0].output;
    assert!(output.to_string_lossy().ends_with("_blv_tmp_strp.fits"));
    // One number a row was taken off, and what is left has no stripes.
    let [before, after] = [&blv, output].map(|path| Exposure::open(path).unwrap().load(1).unwrap().sci);
    for y in 0..before.ny() {
        let offset = report.cleaned[0].report.corrections[y] as f32;
        let rows = before.row(y).iter().zip(after.row(y));
        assert!(
            rows.clone()
                .all(|(b, a)| (b - a - offset).abs() < 1e-5 * (10.0 + b.abs())),
            "row {y}"
        );
    }
    let places = CleanOptions {
        suffix: "twice".to_owned(),
        ..places
    };
    let again = clean_files(std::slice::from_ref(output), &[], &places, &how, &Silent).unwrap();
    let left = again.cleaned[0].report.stripe_std;
    assert!(left < 0.3 * report.cleaned[0].report.stripe_std, "{left} e");
    let places = CleanOptions {
        suffix: "strp".to_owned(),
        ..places
    };

    let error = clean(&[], &places).unwrap_err();
    assert!(matches!(error, Error::OutputExists { .. }), "{error}");
    let again = CleanOptions {
        overwrite: true,
        ..places
    };
    clean(&[], &again).unwrap();
    let blank = MaskPair {
        sci1: Some(Mask::Array(Image::filled(1024, 1024, 0))),
        sci2: None,
    };
    let nothing = clean(std::slice::from_ref(&blank), &again).unwrap_err();
    assert!(nothing.to_string().contains("no pixels are left"), "{nothing}");
    let too_many = clean(&[blank.clone(), blank], &again).unwrap_err();
    assert_eq!(too_many.class(), ErrorClass::Usage);
}

#[test]
fn what_is_there_already_and_masks_that_do_not_fit_are_told_of_first() {
    let folder = tempfile::tempdir().unwrap();
    let raw = &visit().1.raw;
    let how = into(folder.path());
    run(raw, &[], false, &how).unwrap();
    let count = entries(folder.path());
    let error = run(raw, &[], false, &how).unwrap_err();
    assert!(matches!(error, Error::OutputExists { .. }), "{error}");
    let two = [MaskPair::default(), MaskPair::default()];
    let error = run(raw, &two, false, &how).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Usage, "{error}");
    let small = MaskPair {
        sci1: Some(Mask::Array(Image::filled(3, 3, 1))),
        sci2: None,
    };
    let over = CalibrateOptions {
        overwrite: true,
        ..how
    };
    let error = run(raw, &[small], false, &over).unwrap_err();
    assert!(error.to_string().contains("(3, 3)"), "{error}");
    assert_eq!(entries(folder.path()), count);
}

#[test]
fn exposures_without_stripes_of_other_instruments_and_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let products = folder.path().join("products");
    let refused = |raw: &Path| {
        let error = run(&[raw.to_owned()], &[], true, &into(&products)).unwrap_err();
        assert_eq!(entries(&products), 0, "{error}");
        error
    };
    let (_hrc, hrc) = simulated(&AcsOptions {
        detector: AcsDetector::Hrc,
        ..small()
    });
    let error = refused(&hrc.raw[0]);
    assert!(error.to_string().contains("HRC"), "{error}");

    let raw = folder.path().join("j_raw.fits");
    let good = std::fs::read(&visit().1.raw[0]).unwrap();
    std::fs::write(&raw, &good).unwrap();
    edit(&raw, |edit| edit.set(0, "INSTRUME", "STIS", None)).unwrap();
    let error = refused(&raw);
    assert_eq!(error.class(), ErrorClass::Input);
    assert!(error.to_string().contains("WFC, HRC or SBC"), "{error}");

    std::fs::write(&raw, &good[..good.len() / 2]).unwrap();
    assert_eq!(refused(&raw).class(), ErrorClass::Input);
    std::fs::write(&raw, &good).unwrap();
    edit(&raw, |edit| {
        edit.set(0, "DARKFILE", "jref$nowhere_drk.fits", None)
    })
    .unwrap();
    let error = refused(&raw);
    assert_eq!(error.class(), ErrorClass::Missing);
    assert!(error.to_string().contains("DARKCORR needs DARKFILE"), "{error}");
}
