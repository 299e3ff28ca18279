//! What the whole pipeline makes.

use crate::made::{EXPTIME, NX, wavelength};
use crate::world::{SHIFT, World, primary};
use firstlight::calibrate::{CalibrateOptions, CalibrateReport, StisOptions, calibrate};
use firstlight::fits::FitsFile;
use firstlight::frame::Exposure;
use firstlight::progress::{Progress, Silent};
use firstlight::simulate::{self, AcsDetector, AcsOptions, AcsSet};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

fn run(world: &World, options: &CalibrateOptions) -> CalibrateReport {
    calibrate(std::slice::from_ref(&world.raw), options, &Silent).unwrap()
}

#[test]
fn a_raw_exposure_becomes_images_and_spectra() {
    let world = World::new();
    let before = std::fs::read(&world.raw).unwrap();
    let report = run(&world, &world.options("out"));
    assert_eq!(std::fs::read(&world.raw).unwrap(), before);
    let kinds: Vec<&str> = report.products.iter().map(|product| product.kind).collect();
    assert_eq!(kinds, ["flt", "crj", "sx2", "sx1"]);
    assert!(report.failed.is_empty());
    // The cosmic ray is in neither, and flagged where it fell.
    let [flt, crj] = [0, 1].map(|at: usize| Exposure::open(&report.products[at].path).unwrap());
    assert_eq!(flt.load_dq(1).unwrap()[(40, 10)] & 8192, 8192);
    assert_eq!(flt.load_dq(2).unwrap()[(40, 10)] & 8192, 0);
    let crj_sci = crj.load_sci(1).unwrap();
    assert!((crj_sci[(40, 10)] - 6.0).abs() < 1.0, "{}", crj_sci[(40, 10)]);
    for version in [1, 2] {
        let shift = flt.sci_header(version).unwrap().real("SHIFTA1").unwrap();
        // Four lines on 64 columns, their template as wide as the slit.
        assert!((shift - SHIFT).abs() < 0.5, "{shift}");
    }
    assert_eq!(crj.primary().text("FILENAME").as_deref(), Some("otest_crj.fits"));
    for (switch, expected) in [
        ("DARKCORR", "COMPLETE"),
        ("WAVECORR", "COMPLETE"),
        ("X1DCORR", "PERFORM"),
    ] {
        assert_eq!(crj.primary().text(switch).as_deref(), Some(expected), "{switch}");
    }
    let measured = report.products[3].stis.as_ref().unwrap();
    assert!((measured.extracted[0].location.line - 24.0).abs() < 0.1);
    assert!(report.products[3].warnings.is_empty());
}

#[test]
fn the_spectrum_has_wavelengths_and_counts() {
    let world = World::new();
    let report = run(&world, &world.options("out"));
    let file = FitsFile::open(&report.products[3].path).unwrap();
    assert_eq!(
        file.primary().header().text("X1DCORR").as_deref(),
        Some("COMPLETE")
    );
    let table = file.table("SCI").unwrap();
    let of = |name: &str| table.reals(name).unwrap();
    let (wavelengths, net) = (of("WAVELENGTH"), of("NET"));
    let factor = 1.0 - measured_velocity(&report) / 299792.458;
    let (shift, _) = report.products[3].stis.as_ref().unwrap().shifts[0];
    for x in [5, 30, 58] {
        let expected = (wavelength(x) - 2.5 * shift) * factor;
        assert!(
            (wavelengths[x] - expected).abs() < 1e-3,
            "{} {expected}",
            wavelengths[x]
        );
        // Two parts of 2000 DN in all of their time, nearly all in seven lines.
        assert!((net[x] * EXPTIME / 2000.0 - 1.0).abs() < 0.02, "{}", net[x]);
    }
    assert_eq!(wavelengths.len(), NX);
}

fn measured_velocity(report: &CalibrateReport) -> f64 {
    let measured = report.products[3].stis.as_ref().unwrap();
    measured.extracted[0].v_helio_km_s.unwrap()
}

#[test]
fn names_follow_outroot_and_intermediates_are_kept() {
    let world = World::new();
    let mut options = world.options("out");
    options.keep_intermediates = true;
    options.stis.outroot = Some("deep/named_raw.fits".to_owned());
    run(&world, &options);
    let kinds = [
        "blv_tmp", "crj", "crj_tmp", "flt", "fwv_tmp", "sx1", "sx2", "w2d_tmp",
    ];
    let expected: Vec<String> = kinds.iter().map(|kind| format!("named_{kind}.fits")).collect();
    assert_eq!(world.listed("out/deep"), expected);
    options.keep_intermediates = false;
    options.stis.outroot = Some("wide/".to_owned());
    run(&world, &options);
    assert_eq!(world.listed("out/wide").len(), 4);
    assert!(world.listed("out/wide")[0].starts_with("otest_"));
}

#[test]
fn what_is_switched_off_is_not_made() {
    let world = World::new();
    let with = |words: &[&str]| CalibrateOptions {
        switch: words.iter().map(|word| word.parse().unwrap()).collect(),
        overwrite: true,
        ..world.options("out")
    };
    let kinds = |report: &CalibrateReport| -> Vec<&'static str> {
        report.products.iter().map(|product| product.kind).collect()
    };
    let report = run(&world, &with(&["CRCORR=OMIT"]));
    assert_eq!(kinds(&report), ["flt", "x2d", "x1d"]);
    assert_eq!(report.products[2].stis.as_ref().unwrap().extracted.len(), 2);
    let report = run(&world, &with(&["EXPSCORR=OMIT", "X1DCORR=OMIT", "WAVECORR=OMIT"]));
    assert_eq!(kinds(&report), ["crj", "sx2"]);
    assert_eq!(report.products[0].stis.as_ref().unwrap().wavecal, None);
    let report = run(&world, &with(&["DARKCORR=OMIT", "X2DCORR=OMIT", "X1DCORR=OMIT"]));
    assert_eq!(kinds(&report), ["crj"]);
}

#[test]
fn another_wavecal_and_dark_can_be_named_and_exposures_are_done_together() {
    let world = World::new();
    let folder = world.files.folder.path();
    let [wavecal, dark] = ["elsewhere_wav.fits", "newdark.fits"].map(|name| folder.join(name));
    std::fs::rename(&world.wavecal, &wavecal).unwrap();
    std::fs::rename(folder.join("darkfile.fits"), &dark).unwrap();
    let other = folder.join("osecond_raw.fits");
    world.write_raw(&other, &primary("SIM-STAR"), 22.0);
    let options = CalibrateOptions {
        stis: StisOptions {
            wavecal: Some(wavecal),
            darkfile: Some(dark),
            outroot: None,
        },
        ..world.options("out")
    };
    let report = calibrate(&[world.raw.clone(), other], &options, &Silent).unwrap();
    assert_eq!(report.products.len(), 8);
    let crj = Exposure::open(&report.products[5].path).unwrap();
    assert!(crj.path().ends_with("out/osecond_crj.fits"));
    assert_eq!(crj.primary().text("DARKFILE").as_deref(), Some("newdark.fits"));
    let history = crj.primary().commentary("HISTORY").join("\n");
    assert!(history.contains("wavecal = elsewhere_wav.fits"), "{history}");
}

#[test]
fn exposures_of_both_instruments_go_together() {
    let world = World::new();
    let folder = world.files.folder.path();
    let acs = AcsOptions {
        detector: AcsDetector::Sbc,
        set: AcsSet::Single,
        members: 1,
        stars: 5,
        ..AcsOptions::default()
    };
    let visit = simulate::acs(&folder.join("acs"), &acs, false, &Silent).unwrap();
    for entry in std::fs::read_dir(&visit.reference_folder).unwrap().flatten() {
        std::fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
    }
    let inputs = [world.raw.clone(), visit.raw[0].clone()];
    let report = calibrate(&inputs, &world.options("out"), &Silent).unwrap();
    let kinds: Vec<&str> = report.products.iter().map(|product| product.kind).collect();
    assert_eq!(kinds, ["flt", "flt", "crj", "sx2", "sx1"]);
    assert!(report.products[0].stis.is_none() && report.products[1].stis.is_some());
    // What is missing for one is told before the other is touched.
    std::fs::remove_file(folder.join("phottab.fits")).unwrap();
    let refused = calibrate(&inputs, &world.options("refused"), &Silent).unwrap_err();
    assert!(refused.to_string().contains("PHOTTAB"), "{refused}");
    assert_eq!(world.listed("refused"), Vec::<String>::new());
}

/// Stops the work when it is asked for the so-manyth time.
struct StopAfter {
    left: AtomicU64,
}

impl Progress for StopAfter {
    fn interrupted(&self) -> bool {
        let less = |left: u64| left.checked_sub(1);
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
            .is_err()
    }
}

#[test]
fn work_that_is_stopped_leaves_nothing() {
    let world = World::new();
    for after in 0..6 {
        let stop = StopAfter {
            left: AtomicU64::new(after),
        };
        let stopped = calibrate(std::slice::from_ref(&world.raw), &world.options("out"), &stop);
        assert!(stopped.is_err(), "after {after}");
        assert_eq!(world.listed("out"), Vec::<String>::new(), "after {after}");
    }
    assert!(Path::new(&world.raw).is_file());
}

#[test]
fn a_dark_that_is_not_scaled_with_temperature_is_told() {
    let world = World::new();
    // Its imsets have no temperature.
    let report = run(&world, &world.options("out"));
    let told = |kind: &str| {
        let product = report.products.iter().find(|product| product.kind == kind);
        product.unwrap().warnings.join("; ")
    };
    assert!(
        told("flt").contains("OCCDHTAV of SCI,1 and SCI,2 is missing"),
        "{}",
        told("flt")
    );
    assert!(
        told("crj").contains("OCCDHTAV of SCI,1 is missing"),
        "{}",
        told("crj")
    );
    let notes: Vec<&String> = report
        .notes
        .iter()
        .filter(|note| note.contains("not scaled with temperature"))
        .collect();
    assert!(
        notes.len() == 2 && notes[0].contains("otest_flt.fits"),
        "{notes:?}"
    );
}
