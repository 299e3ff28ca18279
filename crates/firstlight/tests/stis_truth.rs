//! Simulated spectra of STIS, calibrated, against what was put in.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight::calibrate::{CalibrateOptions, calibrate};
use firstlight::demo::{StisDemoOptions, demo_stis};
use firstlight::fits::FitsFile;
use firstlight::progress::Silent;
use firstlight::simulate::{StisGrating, StisOptions, StisReport, stis};
use std::path::{Path, PathBuf};

fn simulated(folder: &Path, options: StisOptions) -> StisReport {
    let options = StisOptions {
        darks: 1,
        short_darks: 0,
        biases: 0,
        ..options
    };
    stis(folder, &options, false, &Silent).unwrap()
}

/// The products' folder.
fn calibrated(report: &StisReport, switches: &[&str]) -> PathBuf {
    let folder = report.folder.join("products");
    let how = CalibrateOptions {
        ref_dir: Some(report.reference_folder.clone()),
        output_dir: Some(folder.clone()),
        switch: switches.iter().map(|setting| setting.parse().unwrap()).collect(),
        ..CalibrateOptions::default()
    };
    let made = calibrate(std::slice::from_ref(&report.spectrum), &how, &Silent).unwrap();
    assert!(made.failed.is_empty(), "{:?}", made.failed);
    folder
}

/// Weighted mean of flux over true flux, and its error; and the rms of the deviations in units of the error.
fn recovered(products: &Path, report: &StisReport) -> (f64, f64, f64) {
    let table = FitsFile::open(products.join("ofls01010_sx1.fits"))
        .unwrap()
        .table(1)
        .unwrap();
    let truth = firstlight::frame::table::read(&report.truth_files[1], None, None).unwrap();
    let column = |name: &str| table.reals(name).unwrap();
    let (wavelength, flux, error) = (column("WAVELENGTH"), column("FLUX"), column("ERROR"));
    let (at, true_flux) = (
        truth.reals("wavelength").unwrap(),
        truth.reals("flux_blurred").unwrap(),
    );
    let (mut weights, mut sum, mut squares) = (0.0, 0.0, 0.0);
    // Columns away from the ends, where light enters and leaves the detector.
    let inner = 40..wavelength.len() - 40;
    for n in inner.clone() {
        // The wavelengths are the true ones to a tenth of a pixel.
        assert!(
            (wavelength[n] - at[n]).abs() < 0.1 * (at[n + 1] - at[n]),
            "column {n}: {} for {}",
            wavelength[n],
            at[n]
        );
        let after = at.partition_point(|&w| w < wavelength[n]);
        let part = (wavelength[n] - at[after - 1]) / (at[after] - at[after - 1]);
        let expected = true_flux[after - 1] + part * (true_flux[after] - true_flux[after - 1]);
        let weight = (expected / error[n]).powi(2);
        weights += weight;
        sum += weight * flux[n] / expected;
        squares += ((flux[n] - expected) / error[n]).powi(2);
    }
    (
        sum / weights,
        weights.powf(-0.5),
        (squares / inner.len() as f64).sqrt(),
    )
}

#[test]
fn a_bright_star_has_its_true_flux() {
    for (grating, no_cti) in [
        (StisGrating::G430L, false),
        (StisGrating::G750L, false),
        (StisGrating::G430L, true),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let options = StisOptions {
            grating,
            no_cti,
            ..StisOptions::default()
        };
        let report = simulated(folder.path(), options);
        // What was not lost must not be put back.
        let switches: &[&str] = if no_cti { &["CTECORR=OMIT"] } else { &[] };
        let (ratio, error, _) = recovered(&calibrated(&report, switches), &report);
        assert!((ratio - 1.0).abs() < 0.002, "{grating:?}: {ratio} ± {error}");
    }
}

#[test]
fn errors_of_a_faint_star_are_its_scatter() {
    let folder = tempfile::tempdir().unwrap();
    let options = StisOptions {
        flux: 0.05,
        epc: true,
        ..StisOptions::default()
    };
    let report = simulated(folder.path(), options);
    let (ratio, error, scatter) = recovered(&calibrated(&report, &[]), &report);
    // The default dark does not know all hot pixels: some columns are far off.
    assert!((ratio - 1.0).abs() < 0.02, "{ratio} ± {error}");
    assert!((0.9..6.0).contains(&scatter), "{scatter}");
}

#[test]
fn the_dark_of_the_week_takes_new_hot_pixels_away() {
    let folder = tempfile::tempdir().unwrap();
    let options = StisDemoOptions {
        darks: 16,
        ..StisDemoOptions::default()
    };
    let report = demo_stis(folder.path(), &options, &Silent).unwrap();
    let [default, week] = report.hot_pixels.left;
    assert!((0.9..1.1).contains(&default), "{default}");
    assert!(week.abs() < 0.1, "{week}");
    let [with_default, with_week] = &report.spectra;
    assert!(with_week.agrees(), "{with_week:?}");
    assert!(
        with_week.scatter < with_default.scatter,
        "{with_default:?} {with_week:?}"
    );
    assert!(with_week.scatter < 1.4, "{with_week:?}");
    assert!(report.page.is_file() && report.figures.iter().all(|figure| figure.is_file()));
    let again = demo_stis(folder.path(), &options, &Silent).unwrap_err();
    assert!(matches!(again, firstlight::Error::OutputExists { .. }), "{again}");
}
