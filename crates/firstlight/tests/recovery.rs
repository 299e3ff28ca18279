//! From a simulated visit to fluxes, against the truth: the whole way that a user goes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    missing_docs
)]

use firstlight::Error;
use firstlight::demo::{DemoOptions, DemoReport, demo};
use firstlight::progress::Silent;
use firstlight::sbc_dark::{SbcDarkOptions, sbc_dark};
use firstlight::simulate::{SbcVisitOptions, sbc};

/// Two visits on a small detector.
#[test]
fn fluxes_agree_with_the_truth_within_their_stated_errors() {
    agreement(512, &[11, 12]);
}

/// The same on the whole detector, as `firstlight demo` has it.
#[test]
fn fluxes_of_the_whole_detector_agree_too() {
    if std::env::var_os("FIRSTLIGHT_FULL").is_none() {
        eprintln!("SKIPPED: FIRSTLIGHT_FULL is not set; the whole detector takes longer");
        return;
    }
    agreement(1024, &[11, 12]);
}

/// Two visits of four filters give eight pulls. Were the stated errors right, χ² of eight degrees of
/// freedom would exceed 27 once in 1400 times, or stay under 0.9 as rarely; and the mean of the pulls
/// would be off by more than 1.2 as rarely too. The seeds are fixed, so that the outcome is the same at
/// every run.
fn agreement(size: usize, seeds: &[u64; 2]) {
    let mut pulls = Vec::new();
    for &seed in seeds {
        let report = recovered(size, seed);
        pulls.extend(report.recovered.iter().map(|filter| filter.pull));
    }
    let chi2: f64 = pulls.iter().map(|pull| pull * pull).sum();
    let mean = pulls.iter().sum::<f64>() / pulls.len() as f64;
    assert!((0.9..27.0).contains(&chi2), "chi2 {chi2}: {pulls:?}");
    assert!(mean.abs() < 1.2, "mean {mean}: {pulls:?}");
}

/// One visit, with what holds for each.
fn recovered(size: usize, seed: u64) -> DemoReport {
    let folder = tempfile::tempdir().unwrap();
    let options = DemoOptions {
        seed,
        size,
        overwrite: false,
    };
    let report = demo(folder.path(), &options, &Silent).unwrap();
    assert_eq!(report.recovered.len(), 4);
    for filter in &report.recovered {
        eprintln!("seed {seed} {}: {:+.2} sigma", filter.filter, filter.pull);
        assert!(filter.error < 0.03 * filter.truth, "{filter:?}");
    }
    // The exposure above 25 °C is found, and so is its dark rate.
    let elevated: Vec<_> = report
        .workflow
        .log
        .iter()
        .filter(|row| row.elevated == Some(true))
        .collect();
    assert_eq!(elevated.len(), 1);
    assert_eq!(elevated[0].exposure.rootname, "jsim11e6q");
    for truth in &report.visit.truth.filters {
        let found = report
            .workflow
            .filters
            .iter()
            .find(|f| f.filter == truth.filter)
            .unwrap();
        let target = &found.apertures[0];
        let pull = (target.dark - truth.dark_aperture) / target.dark_error;
        assert!(pull.abs() < 4.5, "{}: {pull} {target:?}", truth.filter);
    }
    let table = report.workflow.table().unwrap();
    assert!(table.find("x_center").is_some() && table.find("y_center").is_some());
    assert!(report.workflow.page.is_file());
    assert!(report.workflow.figures.iter().all(|figure| figure.is_file()));
    report
}

#[test]
fn a_detector_too_small_for_the_galaxy_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let options = DemoOptions {
        size: 100,
        ..DemoOptions::default()
    };
    let refused = demo(folder.path(), &options, &Silent);
    assert!(matches!(refused, Err(Error::Usage(_))), "{refused:?}");
    let options = SbcVisitOptions {
        size: 2000,
        ..SbcVisitOptions::default()
    };
    let refused = sbc(folder.path(), &options, false, &Silent);
    assert!(refused.unwrap_err().to_string().contains("64 and 1024"));
}

#[test]
fn a_missing_member_is_named_and_nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let visit = folder.path().join("visit");
    let options = SbcVisitOptions {
        darks: 2,
        size: 256,
        ..SbcVisitOptions::default()
    };
    let simulated = sbc(&visit, &options, false, &Silent).unwrap();
    std::fs::remove_file(&simulated.science[7]).unwrap();
    let results = folder.path().join("results");
    let mut how = SbcDarkOptions::default();
    let refused = sbc_dark(&simulated.associations, &simulated.darks, &results, &how, &Silent);
    assert!(matches!(refused, Err(Error::Usage(_))), "{refused:?}");
    how.aperture.push("735,710,70,40,90".parse().unwrap());
    let error = sbc_dark(&simulated.associations, &simulated.darks, &results, &how, &Silent).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("jsim11e6q") && text.contains("jsim11ctq_flt.fits"),
        "{text}"
    );
    std::fs::create_dir_all(&results).unwrap();
    std::fs::write(results.join("index.html"), "mine").unwrap();
    let error = sbc_dark(
        &simulated.associations[1..],
        &simulated.darks,
        &results,
        &how,
        &Silent,
    )
    .unwrap_err();
    assert!(matches!(error, Error::OutputExists { .. }), "{error}");
    assert_eq!(
        std::fs::read_to_string(results.join("index.html")).unwrap(),
        "mine"
    );
}
