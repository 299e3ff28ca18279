//! ACS frames whose truth is known, from simulation through files to calibrated products.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight::calibrate::{CalibrateOptions, calibrate};
use firstlight::frame::Exposure;
use firstlight::progress::Silent;
use firstlight::simulate::{AcsOptions, AcsReport, acs};
use firstlight_simulate::acs::{AcsVisit, Detector, Era, Set, Subarray, star_image};
use std::path::Path;

fn simulate(folder: &Path, options: &AcsOptions) -> AcsReport {
    acs(folder, options, false, &Silent).unwrap()
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[test]
fn files_are_what_their_readers_expect_and_are_not_overwritten() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("visit");
    let options = AcsOptions {
        detector: Detector::Hrc,
        stars: 20,
        exptime: 60.0,
        ..AcsOptions::default()
    };
    let report = simulate(&folder, &options);
    let all = report
        .raw
        .iter()
        .chain(&report.references)
        .chain(&report.truth_images);
    let all: Vec<_> = all
        .chain(&report.truth_files)
        .chain(&report.association)
        .collect();
    assert!(all.iter().all(|path| path.exists()));
    let raw = Exposure::open(&report.raw[0]).unwrap();
    let frame = raw.load(1).unwrap();
    assert_eq!(frame.sci.shape(), (1044, 1062));
    // ERR and DQ stand for arrays of nought.
    assert_eq!(frame.err.shape(), frame.sci.shape());
    assert!(frame.dq.as_slice().iter().all(|&flags| flags == 0));
    let flat = report
        .references
        .iter()
        .find(|path| path.ends_with("flh00001j_pfl.fits"));
    let flat = Exposure::open(flat.unwrap()).unwrap().load(1).unwrap();
    assert!(flat.err.as_slice().iter().all(|&error| error == 0.0015));
    let before = std::fs::read(&report.raw[0]).unwrap();
    std::fs::remove_file(&report.truth_files[0]).unwrap();
    let again = acs(&folder, &AcsOptions { seed: 9, ..options }, false, &Silent);
    assert!(again.unwrap_err().to_string().contains("jflh01"));
    assert!(
        !report.truth_files[0].exists(),
        "nothing is written before the refusal"
    );
    assert_eq!(std::fs::read(&report.raw[0]).unwrap(), before);
}

/// Sky and stars of calibrated subarrays, before and after the mission, and of HRC.
#[test]
fn calibration_recovers_what_was_put_in() {
    for (name, options) in [
        (
            "before",
            AcsOptions {
                subarray: Some(Subarray::Chip1Side1k),
                ..AcsOptions::default()
            },
        ),
        (
            "before, of 2048 pixels",
            AcsOptions {
                subarray: Some(Subarray::Chip2Side2k),
                ..AcsOptions::default()
            },
        ),
        (
            "after",
            AcsOptions {
                era: Era::AfterSm4,
                subarray: Some(Subarray::D1k),
                ..AcsOptions::default()
            },
        ),
        (
            "hrc",
            AcsOptions {
                detector: Detector::Hrc,
                ..AcsOptions::default()
            },
        ),
    ] {
        let options = AcsOptions {
            stars: 250,
            members: 1,
            set: Set::Single,
            no_cte: true,
            no_cosmic_rays: true,
            ..options
        };
        let scratch = tempfile::tempdir().unwrap();
        let report = simulate(&scratch.path().join("visit"), &options);
        let results = scratch.path().join("results");
        let how = CalibrateOptions {
            ref_dir: Some(report.reference_folder.clone()),
            output_dir: Some(results.clone()),
            ..CalibrateOptions::default()
        };
        calibrate(&report.raw, &how, &Silent).unwrap();
        let rootname = &report.exposures[0].rootname;
        let flt = Exposure::open(results.join(format!("{rootname}_flt.fits"))).unwrap();
        compare(name, &options, &flt);
    }
}

fn compare(name: &str, options: &AcsOptions, flt: &Exposure) {
    let frame = flt.load(1).unwrap();
    let truth = AcsVisit::plan(options).unwrap().truth();
    let sky_e = truth.exposures[0].sky_rate * options.exptime;
    let good = |x: usize, y: usize| frame.dq.get(x, y).is_some_and(|&flags| flags & !(16 | 64) == 0);
    let (ny, nx) = frame.sci.shape();
    let pixels = (0..ny).flat_map(|y| (0..nx).map(move |x| (x, y)));
    let mut sky: Vec<f64> = pixels
        .filter(|&(x, y)| good(x, y))
        .map(|(x, y)| f64::from(frame.sci[(y, x)]))
        .collect();
    let sky = median(&mut sky);
    // The wings of the stars lift the median a little; after the mission stripes lower or lift the level.
    assert!((sky - sky_e).abs() < 1.3, "{name}: sky {sky}, not {sky_e}");
    let mut model = vec![0.0; ny * nx];
    for star in &truth.stars {
        star_image::add(
            &mut model,
            (ny, nx),
            (star.x, star.y),
            star.rate * options.exptime,
        );
    }
    let (mut pulls, mut ratios) = (Vec::new(), Vec::new());
    for star in truth
        .stars
        .iter()
        .filter(|star| star.rate * options.exptime < 100_000.0)
    {
        let (x, y) = (star.x.round() as usize, star.y.round() as usize);
        if x < 5 || y < 5 || x + 5 >= nx || y + 5 >= ny {
            continue;
        }
        let (mut found, mut put_in, mut variance, mut whole) = (0.0, 0.0, 0.0, true);
        for (x, y) in (y - 3..=y + 3).flat_map(|y| (x - 3..=x + 3).map(move |x| (x, y))) {
            whole &= good(x, y);
            found += f64::from(frame.sci[(y, x)]) - sky;
            put_in += f64::from(model[y * nx + x]);
            variance += f64::from(frame.err[(y, x)]).powi(2);
        }
        if whole && put_in > 1000.0 {
            pulls.push((found - put_in) / variance.sqrt());
            ratios.push(found / put_in);
        }
    }
    assert!(pulls.len() > 40, "{name}: {} stars", pulls.len());
    let n = pulls.len() as f64;
    let spread = (pulls.iter().map(|p| p * p).sum::<f64>() / n).sqrt();
    assert!((0.7..1.5).contains(&spread), "{name}: pulls of {spread}");
    let ratio = median(&mut ratios);
    assert!((ratio - 1.0).abs() < 0.01, "{name}: fluxes {ratio} of the truth");
}
