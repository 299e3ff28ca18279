//! Three simulated nights reduced, registered, stacked, followed and found on the sky, against what was put in.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight::Error;
use firstlight::demo::{CcdDemoOptions, CcdDemoReport, demo_ccd};
use firstlight::progress::Silent;
use firstlight::simulate::CcdFilter;
use std::sync::OnceLock;

struct Demo {
    folder: tempfile::TempDir,
    report: CcdDemoReport,
}

fn options() -> CcdDemoOptions {
    CcdDemoOptions {
        science: 4,
        filters: vec![CcdFilter::R],
        ..CcdDemoOptions::default()
    }
}

fn demo() -> &'static Demo {
    static DEMO: OnceLock<Demo> = OnceLock::new();
    DEMO.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let report = demo_ccd(folder.path(), &options(), &Silent).unwrap();
        Demo { folder, report }
    })
}

#[test]
fn every_frame_is_reduced_with_masters_of_its_night() {
    let reduced = &demo().report.reduced;
    assert!(reduced.failed.is_empty(), "{:?}", reduced.failed);
    assert_eq!((reduced.nights.len(), reduced.reduced.len()), (3, 24));
    for frame in &reduced.reduced {
        for master in [&frame.bias, &frame.dark, &frame.flat] {
            let path = master.as_ref().unwrap();
            let made = reduced.masters.iter().find(|made| &made.path == path).unwrap();
            assert_eq!(made.night, Some(frame.night));
        }
    }
}

#[test]
fn shifts_are_within_three_hundredths_of_a_pixel() {
    let shifts = &demo().report.shifts;
    assert_eq!((shifts.frames, shifts.failed), (23, 0));
    assert!(shifts.largest_shift_px > 10.0, "{shifts:?}");
    assert!(shifts.largest_px < 0.03 && shifts.median_px < 0.02, "{shifts:?}");
}

#[test]
fn fluxes_are_within_a_hundredth() {
    let fluxes = &demo().report.fluxes;
    // The aperture holds the same share of a star's light in all frames, 98 %.
    assert_eq!(fluxes.frames, 24);
    assert!(fluxes.stars > 24 * 8);
    assert!(fluxes.largest_off < 0.01, "{}", fluxes.largest_off);
    assert!((0.97..0.99).contains(&fluxes.usual), "{}", fluxes.usual);
}

#[test]
fn a_stack_is_smoother_and_on_the_sky() {
    let Demo { report, .. } = demo();
    let (stack, sky) = (&report.stack, &report.sky);
    assert_eq!(stack.stack.frames.len(), 12);
    // As the root of the number of frames, resampling makes it a little more.
    assert!(stack.sky_of_frame / stack.sky_of_stack > 3.0, "{stack:?}");
    assert!(sky.stars > 100 && sky.solved.matches > 100, "{sky:?}");
    assert!(sky.median_px < 0.05 && sky.largest_px < 0.2, "{sky:?}");
}

#[test]
fn light_curves_are_as_far_from_the_truth_as_their_errors_say() {
    let curves = &demo().report.curves;
    assert_eq!(curves.len(), 3);
    for curve in curves {
        assert!(curve.mjd.len() >= 10, "{curve:?}");
        assert!(
            curve.rms < 0.02 && (0.4..1.8).contains(&curve.scatter),
            "{curve:?}"
        );
    }
    // There is something to be seen.
    let change = |truth: &[f64]| {
        let (low, high) = truth.iter().fold((f64::MAX, f64::MIN), |(low, high), value| {
            (low.min(*value), high.max(*value))
        });
        high - low
    };
    assert!(curves.iter().any(|curve| change(&curve.truth) > 0.1));
}

#[test]
fn the_page_shows_all_and_what_is_there_is_kept() {
    let Demo { folder, report } = demo();
    assert!(report.agrees);
    assert_eq!(report.figures.len(), 4);
    for figure in &report.figures {
        assert!(
            std::fs::read(figure).unwrap().starts_with(b"\x89PNG"),
            "{}",
            figure.display()
        );
    }
    let page = std::fs::read_to_string(&report.page).unwrap();
    assert_eq!(page.matches("data:image/png").count(), 4);
    let again = demo_ccd(folder.path(), &options(), &Silent).unwrap_err();
    assert!(matches!(again, Error::OutputExists { .. }), "{again}");
}
