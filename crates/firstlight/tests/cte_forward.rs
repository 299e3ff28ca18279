//! Trails of charge transfer drawn into images and taken off again, with the instrument's traps and with a camera's own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight::calibrate::{AcsccdOptions, AcscteOptions, StageOptions, acsccd, acscte};
use firstlight::cte_forward::{
    ChargeTransferOptions, CteForwardFiles, CteForwardFilesReport, CteForwardOptions, cte_forward,
};
use firstlight::fits::{FitsWriter, Header, Overwrite, edit};
use firstlight::frame::{Exposure, Image};
use firstlight::progress::Silent;
use firstlight::simulate::{AcsDetector, AcsOptions, AcsReport, AcsSet, acs};
use firstlight::{Error, ErrorClass, Result};
use firstlight_simulate::acs::{Era, Subarray};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A subarray of the WFC in electrons, and its reference files.
fn in_electrons() -> (TempDir, AcsReport, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let options = AcsOptions {
        era: Era::AfterSm4,
        subarray: Some(Subarray::D1k),
        set: AcsSet::Single,
        members: 1,
        stars: 300,
        no_cosmic_rays: true,
        ..AcsOptions::default()
    };
    let visit = acs(folder.path(), &options, false, &Silent).unwrap();
    let stage = StageOptions {
        ref_dir: Some(visit.reference_folder.clone()),
        output: Some(folder.path().join("blv")),
        ..StageOptions::default()
    };
    let made = acsccd(&visit.raw, &stage, &AcsccdOptions::default(), &Silent).unwrap();
    let blv = made.products[0].path.clone();
    (folder, visit, blv)
}

fn sci(path: &Path) -> Image<f32> {
    Exposure::open(path).unwrap().load(1).unwrap().sci
}

fn run(input: &Path, files: &CteForwardFiles) -> Result<CteForwardFilesReport> {
    let (instrument, camera) = (CteForwardOptions::default(), ChargeTransferOptions::default());
    cte_forward(&[input.to_owned()], files, &instrument, &camera, &Silent)
}

fn root_mean_square(values: impl Iterator<Item = f64> + Clone) -> f64 {
    (values.clone().map(|v| v * v).sum::<f64>() / values.count() as f64).sqrt()
}

#[test]
fn what_is_drawn_with_pctetab_is_taken_off_by_acscte() {
    let (folder, visit, blv) = in_electrons();
    let files = CteForwardFiles {
        ref_dir: Some(visit.reference_folder.clone()),
        output: Some(folder.path().join("forward")),
        ..CteForwardFiles::default()
    };
    let bytes = std::fs::read(&blv).unwrap();
    let report = run(&blv, &files).unwrap();
    let made = &report.products[0];
    assert!(made.output.to_string_lossy().ends_with("_ctefmod.fits"));
    assert_eq!(std::fs::read(&blv).unwrap(), bytes);
    let transfers = &made.transfers.as_ref().unwrap().transfers;
    assert!(
        transfers
            .iter()
            .all(|of| of.amplifier == 'D' && of.gained_e < 0.0)
    );
    assert_eq!(transfers.len(), 2, "serial and parallel");

    let back = folder.path().join("back_blc_tmp.fits");
    let stage = StageOptions {
        ref_dir: files.ref_dir.clone(),
        output: Some(back.clone()),
        switch: vec!["PCTECORR=PERFORM".parse().unwrap()],
        ..StageOptions::default()
    };
    acscte(
        std::slice::from_ref(&made.output),
        &stage,
        &AcscteOptions::default(),
        &Silent,
    )
    .unwrap();
    let (before, trailed, after) = (sci(&blv), sci(&made.output), sci(&back));
    // Where something was done: around stars. Elsewhere the noise has no trails for the correction, but has for the model.
    let places: Vec<usize> = (0..before.as_slice().len())
        .filter(|&i| (trailed.as_slice()[i] - before.as_slice()[i]).abs() > 20.0)
        .collect();
    assert!(places.len() > 100, "{} pixels", places.len());
    let apart = |image: &Image<f32>| {
        let values = places.iter().map(|&i| image.as_slice()[i] - before.as_slice()[i]);
        root_mean_square(values.map(f64::from))
    };
    let (drawn, left) = (apart(&trailed), apart(&after));
    assert!(left < 0.1 * drawn, "{drawn} e became {left} e");

    let error = run(&blv, &files).unwrap_err();
    assert!(matches!(error, Error::OutputExists { .. }), "{error}");
    let over = CteForwardFiles {
        overwrite: true,
        ..files
    };
    assert_eq!(run(&blv, &over).unwrap().products.len(), 1);
    refused_inputs(&blv, &over, folder.path());
}

fn refused_inputs(blv: &Path, files: &CteForwardFiles, folder: &Path) {
    let copy = folder.join("copy_blc_tmp.fits");
    let output = folder.join("forward/copy_ctefmod.fits");
    let refused = |input: &Path, files: &CteForwardFiles| {
        let error = run(input, files).unwrap_err();
        assert!(!output.exists(), "{error}");
        error
    };
    let bytes = std::fs::read(blv).unwrap();
    std::fs::write(&copy, &bytes).unwrap();
    edit(&copy, |edit| edit.set(0, "INSTRUME", "WFPC2", None)).unwrap();
    let error = refused(&copy, files);
    assert_eq!(error.class(), ErrorClass::Input, "{error}");
    std::fs::write(&copy, &bytes).unwrap();
    edit(&copy, |edit| edit.set("SCI", "BUNIT", "COUNTS", None)).unwrap();
    let error = refused(&copy, files);
    assert_eq!(error.class(), ErrorClass::Input, "{error}");
    let text = error.to_string();
    assert!(
        text.contains("copy_blc_tmp") && text.contains("BUNIT") && text.contains("ELECTRONS"),
        "{text}"
    );
    std::fs::write(&copy, &bytes[..bytes.len() / 3]).unwrap();
    assert_eq!(refused(&copy, files).class(), ErrorClass::Input);
    std::fs::write(&copy, &bytes).unwrap();
    let elsewhere = CteForwardFiles {
        ref_dir: Some(folder.join("nowhere")),
        ..files.clone()
    };
    let error = refused(&copy, &elsewhere);
    assert_eq!(error.class(), ErrorClass::Missing);
    assert!(error.to_string().contains("PCTETAB"), "{error}");
    let without = CteForwardFiles {
        traps: Some(folder.join("no_traps.csv")),
        ..files.clone()
    };
    let error = refused(&copy, &without);
    assert_eq!(error.class(), ErrorClass::Missing);
    assert!(error.to_string().contains("no_traps.csv"), "{error}");
}

#[test]
fn the_high_resolution_channel_has_no_traps_that_are_known() {
    let folder = tempfile::tempdir().unwrap();
    let options = AcsOptions {
        detector: AcsDetector::Hrc,
        set: AcsSet::Single,
        members: 1,
        stars: 5,
        ..AcsOptions::default()
    };
    let visit = acs(folder.path(), &options, false, &Silent).unwrap();
    let files = CteForwardFiles {
        ref_dir: Some(visit.reference_folder.clone()),
        output: Some(folder.path().join("out")),
        ..CteForwardFiles::default()
    };
    let error = run(&visit.raw[0], &files).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Input, "{error}");
    let text = error.to_string();
    assert!(text.contains("ACS/HRC") && text.contains("--traps"), "{text}");
    assert_eq!(
        std::fs::read_dir(folder.path().join("out")).unwrap().count(),
        0,
        "{error}"
    );
}

#[test]
fn any_camera_s_traps_are_drawn_and_undone() {
    let folder = tempfile::tempdir().unwrap();
    let (input, traps) = (folder.path().join("stars.fits"), folder.path().join("traps.csv"));
    let mut image = vec![20.0f32; 60 * 40];
    image[50 * 40 + 7] = 4000.0;
    let mut writer = FitsWriter::create(&input, Overwrite::Refuse).unwrap();
    writer
        .image(&Header::new(), (image.as_slice(), (60, 40)))
        .unwrap();
    writer.finish().unwrap();
    std::fs::write(
        &traps,
        "Q,AMOUNT,RELEASE_1,RELEASE_2\n1,0.5,0.5,0.3\n100,4,0.5,0.3\n",
    )
    .unwrap();
    let files = CteForwardFiles {
        traps: Some(traps.clone()),
        output: Some(folder.path().join("trailed.fits")),
        ..CteForwardFiles::default()
    };
    let trailed = run(&input, &files).unwrap().products.remove(0);
    let behind = sci(&trailed.output)[(51, 7)];
    assert!(behind > 20.2, "{behind}");
    let undo = CteForwardFiles {
        undo: true,
        output: Some(folder.path().join("back.fits")),
        ..files.clone()
    };
    let back = run(&trailed.output, &undo).unwrap().products.remove(0);
    let found = sci(&back.output);
    let apart = found.as_slice().iter().zip(&image).map(|(a, b)| (a - b).abs());
    let worst = apart.fold(0.0, f32::max);
    assert!(worst < 0.01, "{worst} e");

    // A table that tells of no traps, and a product over its input.
    std::fs::write(&traps, "Q,AMOUNT\n1,0.5\n").unwrap();
    let error = run(
        &input,
        &CteForwardFiles {
            overwrite: true,
            ..files.clone()
        },
    )
    .unwrap_err();
    assert!(error.to_string().contains("RELEASE_1"), "{error}");
    std::fs::write(&traps, "Q,AMOUNT,RELEASE_1\n1,0.5,0.5\n").unwrap();
    let onto = CteForwardFiles {
        output: Some(input.clone()),
        overwrite: true,
        ..files
    };
    let error = run(&input, &onto).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Usage, "{error}");
}
