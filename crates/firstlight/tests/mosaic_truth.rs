//! From raw frames of a dithered visit, through distortion and wrong pointings, to a mosaic whose stars are known.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight::align::{TweakRegOptions, align};
use firstlight::calibrate::{CalibrateOptions, calibrate};
use firstlight::drizzle::{DrizzleOptions, drizzle};
use firstlight::fits::FitsFile;
use firstlight::frame::Exposure;
use firstlight::progress::Silent;
use firstlight::simulate::{AcsDetector, AcsOptions, AcsSet, acs};
use firstlight::updatewcs::updatewcs;
use firstlight::wcs::Wcs;
use firstlight_simulate::acs::{AcsVisit, StarTruth, Subarray};
use std::path::{Path, PathBuf};

/// Simulates and calibrates into a folder: the calibrated exposures, and the folder of the reference files.
fn calibrated(folder: &Path, options: &AcsOptions) -> (Vec<PathBuf>, PathBuf) {
    let visit = acs(&folder.join("raw"), options, false, &Silent).unwrap();
    let results = folder.join("results");
    let how = CalibrateOptions {
        ref_dir: Some(visit.reference_folder.clone()),
        output_dir: Some(results.clone()),
        ..CalibrateOptions::default()
    };
    calibrate(&visit.raw, &how, &Silent).unwrap();
    let flt = |exposure: &firstlight_simulate::acs::ExposureTruth| {
        results.join(format!("{}_flt.fits", exposure.rootname))
    };
    (visit.exposures.iter().map(flt).collect(), visit.reference_folder)
}

fn wcs(path: &Path, version: i64) -> Wcs {
    Wcs::from_file(&FitsFile::open(path).unwrap(), ("SCI", version), None).unwrap()
}

/// updatewcs makes of the IDCTAB what the optics did: on each chip, and on parts of one.
#[test]
fn updated_coordinates_are_those_of_the_optics() {
    let subarray = |subarray| AcsOptions {
        subarray: Some(subarray),
        ..AcsOptions::default()
    };
    let of = |detector| AcsOptions {
        detector,
        ..AcsOptions::default()
    };
    for options in [
        AcsOptions::default(),
        subarray(Subarray::Chip1Side1k),
        subarray(Subarray::Chip2Side1k),
        of(AcsDetector::Hrc),
        of(AcsDetector::Sbc),
    ] {
        let options = AcsOptions {
            set: AcsSet::Single,
            members: 1,
            stars: 300,
            exptime: 10.0,
            distortion: true,
            no_cte: true,
            ..options
        };
        let scratch = tempfile::tempdir().unwrap();
        let (files, references) = calibrated(scratch.path(), &options);
        let before = wcs(&files[0], 1);
        updatewcs(&files, &Default::default(), Some(references), &Silent).unwrap();
        let stars = AcsVisit::plan(&options).unwrap().truth().stars;
        let (mut moved, mut worst) = (0.0_f64, 0.0_f64);
        for star in &stars {
            let apart = |wcs: &Wcs| {
                let (x, y) = wcs.sky_to_pixel(star.ra_deg, star.dec_deg).unwrap();
                (x - star.x).hypot(y - star.y)
            };
            if star.version == 1 {
                moved = moved.max(apart(&before));
            }
            worst = worst.max(apart(&wcs(&files[0], star.version)));
        }
        let what = (options.detector, options.subarray);
        assert!(stars.len() > 50, "{what:?}: {} stars", stars.len());
        assert!(moved > 3.0, "{what:?}: distortion of {moved} pixels");
        // CD is what a step of one pixel makes on the sky, as in stwcs: so near the pole that is 1e-6 off.
        assert!(worst < 2e-3, "{what:?}: {worst} pixels off");
    }
}

#[test]
fn stars_of_a_mosaic_have_the_fluxes_and_places_that_were_put_in() {
    let options = AcsOptions {
        detector: AcsDetector::Hrc,
        set: AcsSet::Dither,
        members: 4,
        stars: 400,
        distortion: true,
        pointing_error: 0.5,
        ..AcsOptions::default()
    };
    let scratch = tempfile::tempdir().unwrap();
    let (files, references) = calibrated(scratch.path(), &options);
    let names: Vec<String> = files
        .iter()
        .map(|path| path.to_str().unwrap().to_owned())
        .collect();
    // The coordinates are made of the IDCTAB first, which is found in the folder alone.
    let mut how = TweakRegOptions {
        updatehdr: true,
        updatewcs: true,
        ..TweakRegOptions::default()
    };
    how.imagefindcfg.threshold = 30.0;
    let missing = align(&names, &how, &Silent).unwrap_err().to_string();
    assert!(
        missing.contains("IDCTAB") && missing.contains("--ref-dir"),
        "{missing}"
    );
    how.ref_dir = Some(references);
    let report = align(&names, &how, &Silent).unwrap();
    assert_eq!(report.updated.len(), files.len(), "{report:?}");
    let mut how = DrizzleOptions {
        output: Some(scratch.path().join("mosaic").to_str().unwrap().to_owned()),
        ..DrizzleOptions::default()
    };
    how.final_scale = Some(0.025);
    how.final_rot = Some(0.0);
    let product = drizzle(&files, &how, &Silent).unwrap().products;
    compare(product.image(), &options);
}

fn compare(image: &Path, options: &AcsOptions) {
    let exposure = Exposure::open(image).unwrap();
    let wcs = Wcs::from_file(exposure.file(), 0, None).unwrap();
    let pixels = exposure.file().image::<f32>(0).unwrap();
    let nx = pixels.shape[1];
    let truth = AcsVisit::plan(options).unwrap().truth();
    let first = &truth.exposures[0].rootname;
    let stars: Vec<&StarTruth> = truth
        .stars
        .iter()
        .filter(|star| &star.rootname == first)
        .collect();
    let places: Vec<(f64, f64)> = stars
        .iter()
        .map(|star| wcs.sky_to_pixel(star.ra_deg, star.dec_deg).unwrap())
        .collect();
    let (mut ratios, mut off) = (Vec::new(), Vec::new());
    for (k, (star, &(x, y))) in stars.iter().zip(&places).enumerate() {
        let near = |&(other, &(x1, y1)): &(usize, &(f64, f64))| other != k && (x - x1).hypot(y - y1) < 22.0;
        let light = places
            .iter()
            .enumerate()
            .filter(near)
            .map(|(other, _)| stars[other].rate);
        let lonely = light.sum::<f64>() < 0.005 * star.rate;
        let inside = star.x.min(star.y) > 60.0 && star.x.max(star.y) < 964.0;
        if !lonely || !inside || !(5_000.0..60_000.0).contains(&(star.rate * options.exptime)) {
            continue;
        }
        // Light within 10 pixels, above the sky in a ring that has next to none of it.
        let (mut sum, mut n, mut sx, mut sy, mut weight, mut ring) = (0.0, 0.0, 0.0, 0.0, 0.0, Vec::new());
        let (x0, y0) = (x.round() as usize, y.round() as usize);
        for (i, j) in (x0 - 22..=x0 + 22).flat_map(|i| (y0 - 22..=y0 + 22).map(move |j| (i, j))) {
            let distance = (i as f64 - x).hypot(j as f64 - y);
            let value = f64::from(pixels.data[j * nx + i]);
            match distance {
                d if d <= 10.0 => {
                    sum += value;
                    n += 1.0;
                    if d <= 3.0 {
                        (sx, sy, weight) = (
                            sx + value * (i as f64 - x),
                            sy + value * (j as f64 - y),
                            weight + value,
                        );
                    }
                }
                d if (15.0..21.0).contains(&d) => ring.push(value),
                _ => {}
            }
        }
        ring.sort_by(f64::total_cmp);
        let sky = ring[ring.len() / 2];
        ratios.push((sum - n * sky) / star.rate);
        off.push((sx / weight, sy / weight));
    }
    assert!(ratios.len() >= 12, "{} stars", ratios.len());
    let count = ratios.len() as f64;
    let ratio = ratios.iter().sum::<f64>() / count;
    let shift = off
        .iter()
        .fold((0.0, 0.0), |s, o| (s.0 + o.0 / count, s.1 + o.1 / count));
    // Of the simulated profile all but 1.2 % is within the aperture and above the ring.
    assert!(
        (ratio - 0.988).abs() < 0.006,
        "fluxes are {ratio} of the truth: {ratios:?}"
    );
    assert!(shift.0.hypot(shift.1) < 0.03, "stars are {shift:?} pixels off");
}
