//! The last steps one at a time.

use crate::world::{World, lamp_primary};
use firstlight::Error;
use firstlight::calibrate::{CalibrateOptions, InitialGuess, SkySubtraction, calibrate};
use firstlight::fits::{FitsFile, edit};
use firstlight::frame::Exposure;
use firstlight::progress::Silent;
use firstlight::stis::{
    OcrrejectOptions, RejectionFiles, SpectrumOptions, WavecalOptions, X1dOptions, X2dOptions, ocrreject,
    wavecal, x1d, x2d,
};
use std::path::{Path, PathBuf};

/// The products of the whole pipeline, and a crj without shifts.
fn world() -> (World, PathBuf) {
    let world = World::new();
    calibrate(std::slice::from_ref(&world.raw), &world.options("out"), &Silent).unwrap();
    let images = CalibrateOptions {
        switch: ["WAVECORR=OMIT", "X2DCORR=OMIT", "X1DCORR=OMIT"]
            .map(|word| word.parse().unwrap())
            .to_vec(),
        ..world.options("images")
    };
    calibrate(std::slice::from_ref(&world.raw), &images, &Silent).unwrap();
    let crj = world.files.folder.path().join("images/otest_crj.fits");
    (world, crj)
}

fn options(world: &World) -> SpectrumOptions {
    SpectrumOptions {
        ref_dir: Some(world.files.folder.path().to_owned()),
        ..SpectrumOptions::default()
    }
}

/// Whether all data of two files are the same bits.
fn same_data(one: &Path, other: &Path) -> bool {
    let data = |path: &Path| -> Vec<Vec<u8>> {
        let file = FitsFile::open(path).unwrap();
        let hdus = file.hdus().iter();
        hdus.map(|hdu| file.data_bytes(hdu.index()).unwrap().to_vec())
            .collect()
    };
    data(one) == data(other)
}

#[test]
fn the_tasks_make_what_the_pipeline_makes() {
    let (world, crj) = world();
    let folder = world.files.folder.path();
    let pixels = std::fs::metadata(&crj).unwrap().len();
    let how = WavecalOptions {
        ref_dir: Some(folder.to_owned()),
        ..WavecalOptions::default()
    };
    let made = wavecal(std::slice::from_ref(&crj), &world.wavecal, &how, &Silent).unwrap();
    let recorded = Some(made[0].report.recorded[0].0);
    for path in [&crj, &folder.join("out/otest_crj.fits")] {
        let exposure = Exposure::open(path).unwrap();
        assert_eq!(exposure.sci_header(1).unwrap().real("SHIFTA1"), recorded);
    }
    assert!(std::fs::metadata(&crj).unwrap().len().abs_diff(pixels) <= 2880);

    let output = folder.join("mine_sx2.fits");
    x2d(
        &crj,
        Some(&output),
        &options(&world),
        &X2dOptions::default(),
        &Silent,
    )
    .unwrap();
    assert!(same_data(&output, &folder.join("out/otest_sx2.fits")));
    let output = folder.join("mine_sx1.fits");
    let made = x1d(
        &crj,
        Some(&output),
        &options(&world),
        &X1dOptions::default(),
        &Silent,
    )
    .unwrap();
    assert!(made.report.warnings.is_empty());
    assert!(same_data(&output, &folder.join("out/otest_sx1.fits")));
    // What is there is not replaced.
    let error = x1d(
        &crj,
        Some(&output),
        &options(&world),
        &X1dOptions::default(),
        &Silent,
    )
    .unwrap_err();
    assert!(matches!(error, Error::OutputExists { .. }), "{error}");
}

#[test]
fn a_spectrum_is_taken_where_the_user_says() {
    let (world, crj) = world();
    let how = X1dOptions {
        a2center: Some(20.0),
        maxsrch: Some(0),
        extrsize: Some(5.0),
        ..X1dOptions::default()
    };
    let output = world.files.folder.path().join("there.fits");
    let made = x1d(&crj, Some(&output), &options(&world), &how, &Silent).unwrap();
    assert_eq!(made.report.spectra[0].location.line, 19.0);
    assert_eq!(made.report.spectra[0].location.significance, None);
}

#[test]
fn steps_are_left_out_and_unknown_ones_refused() {
    let (world, crj) = world();
    let with = |word: &str| SpectrumOptions {
        switch: vec![word.parse().unwrap()],
        ..options(&world)
    };
    let output = world.files.folder.path().join("counts.fits");
    let made = x2d(
        &crj,
        Some(&output),
        &with("FLUXCORR=OMIT"),
        &X2dOptions::default(),
        &Silent,
    )
    .unwrap();
    assert_eq!(made.report[0].flux, None);
    let other = world.files.folder.path().join("other.fits");
    let error = x2d(
        &crj,
        Some(&other),
        &with("BACKCORR=OMIT"),
        &X2dOptions::default(),
        &Silent,
    );
    assert!(error.unwrap_err().to_string().contains("x2d has no BACKCORR"));
    edit(&crj, |edit| edit.set(0, "BLEVCORR", "PERFORM", None)).unwrap();
    let error = x1d(
        &crj,
        Some(&other),
        &options(&world),
        &X1dOptions::default(),
        &Silent,
    )
    .unwrap_err();
    assert!(error.to_string().contains("raw image"), "{error}");
}

#[test]
fn a_wavecal_that_does_not_fit_leaves_the_image_as_it_is() {
    let (world, crj) = world();
    let mut header = lamp_primary();
    header.set("OPT_ELEM", "G750M", None).unwrap();
    world.write_wavecal(&header);
    let before = std::fs::read(&crj).unwrap();
    let how = WavecalOptions {
        ref_dir: Some(world.files.folder.path().to_owned()),
        ..WavecalOptions::default()
    };
    let error = wavecal(std::slice::from_ref(&crj), &world.wavecal, &how, &Silent).unwrap_err();
    assert!(error.to_string().contains("G750M"), "{error}");
    assert_eq!(std::fs::read(&crj).unwrap(), before);
}

#[test]
fn an_image_that_is_read_only_gets_no_shifts() {
    let (world, crj) = world();
    let before = std::fs::read(&crj).unwrap();
    let mut permissions = std::fs::metadata(&crj).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&crj, permissions).unwrap();
    let how = WavecalOptions {
        ref_dir: Some(world.files.folder.path().to_owned()),
        ..WavecalOptions::default()
    };
    let error = wavecal(std::slice::from_ref(&crj), &world.wavecal, &how, &Silent).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("is read-only, and wavecal would change it"),
        "{error}"
    );
    assert_eq!(std::fs::read(&crj).unwrap(), before);
}

#[test]
fn a_raw_exposure_gets_no_shifts() {
    let (world, _) = world();
    let before = std::fs::read(&world.raw).unwrap();
    let how = WavecalOptions {
        ref_dir: Some(world.files.folder.path().to_owned()),
        ..WavecalOptions::default()
    };
    let error = wavecal(std::slice::from_ref(&world.raw), &world.wavecal, &how, &Silent).unwrap_err();
    let text = error.to_string();
    for part in ["otest_raw.fits", "raw exposure", "_flt or _crj"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(std::fs::read(&world.raw).unwrap(), before);
}

#[test]
fn one_exposure_alone_is_named() {
    let (world, crj) = world();
    edit(&crj, |edit| {
        edit.set(0, "DARKCORR", "OMIT", None)?;
        edit.set(0, "FLATCORR", "OMIT", None)
    })
    .unwrap();
    let output = world.files.folder.path().join("alone.fits");
    let (files, how) = (RejectionFiles::default(), complete());
    let error = ocrreject(std::slice::from_ref(&crj), &output, &files, &how, &Silent).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("otest_crj.fits") && text.contains("at least two"),
        "{text}"
    );
    assert!(!output.exists());
}

/// All that CRREJTAB could say.
fn complete() -> OcrrejectOptions {
    OcrrejectOptions {
        crmask: Some(false),
        scalense: Some(0.0),
        initgues: Some(InitialGuess::Minimum),
        skysub: Some(SkySubtraction::None),
        crsigmas: Some("8,6".to_owned()),
        crradius: Some(0.0),
        crthresh: Some(1.0),
        badinpdq: Some(0),
    }
}

#[test]
fn a_background_off_the_image_is_told() {
    let (world, crj) = world();
    let how = X1dOptions {
        bk1offst: Some(-300.0),
        ..X1dOptions::default()
    };
    let output = world.files.folder.path().join("one_box.fits");
    let made = x1d(&crj, Some(&output), &options(&world), &how, &Silent).unwrap();
    let told = made.report.warnings.join("\n");
    assert!(
        told.contains("bk1offst -300") && told.contains("off the image"),
        "{told}"
    );
}
