//! Exposures with PCTETAB.

use crate::ccd_frames::READNOISE;
use crate::made::{AFTER_SM4, BEFORE_SM4, NAME, exposure, files};
use firstlight_calibrate::Error;
use firstlight_calibrate::acs::acscte::{
    AcscteOptions, CteForwardOptions, acscte, columns, forward, forward_columns,
};
use firstlight_calibrate::acs::{Observation, Outcome};
use firstlight_frame::{Frame, Image};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

fn threaded<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
        .install(work)
}

fn distance(a: &Frame, b: &Frame) -> f64 {
    a.sci
        .as_slice()
        .iter()
        .zip(b.sci.as_slice())
        .map(|(a, b)| f64::from(a - b).powi(2))
        .sum::<f64>()
        .sqrt()
}

#[test]
fn the_stage_undoes_the_forward_model_on_any_number_of_threads() {
    for (expstart, transfers) in [(BEFORE_SM4, 4), (AFTER_SM4, 8)] {
        let files = files(NAME, |_| ());
        let truth = exposure(expstart);
        let mut trailed = truth.clone();
        let told = AtomicU64::new(0);
        let tell = |n| {
            told.fetch_add(n, Ordering::Relaxed);
            ControlFlow::Continue(())
        };
        let report = forward(
            &mut trailed,
            &files.references,
            &CteForwardOptions::default(),
            &tell,
        )
        .unwrap();
        assert_eq!(report.transfers.len(), transfers);
        assert_eq!(told.swap(0, Ordering::Relaxed), forward_columns(&truth));

        let correct = |threads| {
            let mut corrected = trailed.clone();
            let report = threaded(threads, || {
                acscte(
                    &mut corrected,
                    &files.references,
                    &AcscteOptions::default(),
                    &tell,
                )
                .unwrap()
            });
            (corrected, report)
        };
        let (corrected, report) = correct(1);
        assert_eq!(told.load(Ordering::Relaxed), columns(&trailed));
        assert_eq!(report.outcome, Outcome::Complete);
        assert_eq!(report.corrections.len(), transfers);
        let (again, again_report) = correct(3);
        assert_eq!(report, again_report);
        for (number, chip) in corrected.chips.iter().enumerate() {
            assert_eq!(chip.frame, again.chips[number].frame);
            let of =
                |exposure: &Observation| distance(&exposure.chips[number].frame, &truth.chips[number].frame);
            // Where a change is small beside the readout noise, part of it is left.
            assert!(
                of(&trailed) > 20.0 && of(&corrected) < 0.2 * of(&trailed),
                "{} {}",
                of(&corrected),
                of(&trailed)
            );
            assert_eq!(chip.frame.dq, truth.chips[number].frame.dq);
            let errors = chip
                .frame
                .err
                .as_slice()
                .iter()
                .zip(trailed.chips[number].frame.err.as_slice());
            assert!(
                errors.clone().all(|(after, before)| after >= before) && errors.clone().any(|(a, b)| a > b)
            );
        }
    }
}

#[test]
fn each_amplifier_pulls_to_its_corner() {
    let files = files(NAME, |_| ());
    let mut stars = exposure(AFTER_SM4);
    for chip in &mut stars.chips {
        chip.frame.sci = Image::from_fn(40, 80, |x, y| if (x % 40, y) == (20, 20) { 800.0 } else { 0.0 });
    }
    forward(
        &mut stars,
        &files.references,
        &CteForwardOptions::default(),
        &|_| ControlFlow::Continue(()),
    )
    .unwrap();
    for chip in &stars.chips {
        // Chip 1 is read out upwards, so its trails point down; the right half to the right, so they point left.
        let dy: i64 = if chip.number() == 1 { -1 } else { 1 };
        for (x, dx) in [(20i64, 1i64), (60, -1)] {
            let at = |x: i64, y: i64| *chip.frame.sci.get(x as usize, y as usize).unwrap();
            assert!(
                at(x, 20 + dy) > 0.0 && at(x, 20 - dy) == 0.0,
                "chip {} x {x}",
                chip.number()
            );
            assert!(
                at(x + dx, 20) > 0.0 && at(x - dx, 20) == 0.0,
                "chip {} x {x}",
                chip.number()
            );
        }
    }
}

#[test]
fn what_was_done_is_recorded() {
    let files = files(NAME, |_| ());
    let mut observation = exposure(AFTER_SM4);
    observation.primary.set("PCTENFOR", 3, None).unwrap();
    observation
        .primary
        .set("PCTEFRAC", 0.0, Some("a comment"))
        .unwrap();
    let report = acscte(
        &mut observation,
        &files.references,
        &AcscteOptions::default(),
        &|_| ControlFlow::Continue(()),
    )
    .unwrap();
    let fraction = (AFTER_SM4 - 52334.0) / (57710.0 - 52334.0);
    assert!((report.fraction - fraction).abs() < 1e-12);
    let primary = &observation.primary;
    assert_eq!(primary.text("PCTECORR").unwrap(), "COMPLETE");
    assert_eq!(primary.real("PCTEFRAC").unwrap(), fraction);
    assert_eq!(primary.integer("PCTENFOR").unwrap(), 3);
    assert_eq!(primary.text("CTE_NAME").unwrap(), NAME.unwrap());
    assert_eq!(primary.text("CTE_VER").unwrap(), "3.0");
    let history = primary.commentary("HISTORY");
    for line in [
        "CORRTYPE parallel CTE correction type",
        "CORRTYPE serial - Amp C CTE correction type",
        "FIXROCR            1 fix readout cosmic rays",
        "PCTETRSH  -1.000000000000E+01 CTE over subtraction threshold",
        "PCTENPAR            4 Number of iter in parallel transfer",
        "PCTECORR complete ...",
        "PCTERNOI  3.0000000E+00 Amp 'C' read noise clip limit (from CCDTAB).",
        "  reference table jref$test_cte.fits",
    ] {
        assert!(history.iter().any(|found| found == line), "{line}: {history:#?}");
    }
    assert_eq!(READNOISE[2], 3.0);
    let serial: Vec<_> = history
        .iter()
        .filter(|line| line.starts_with("CORRTYPE serial"))
        .collect();
    assert_eq!(serial.len(), 4);
    assert!(
        !history.iter().any(|line| line.starts_with("PCTENFOR")),
        "it is a keyword"
    );
    // What has been done is not done again.
    let again = acscte(
        &mut observation,
        &files.references,
        &AcscteOptions::default(),
        &|_| ControlFlow::Continue(()),
    );
    assert!(matches!(again, Err(Error::NothingToDo { .. })));
}

#[test]
fn columns_that_nobody_waits_for_are_not_done() {
    let good = files(NAME, |_| ());
    let mut observation = exposure(AFTER_SM4);
    let all = columns(&observation);
    let told = AtomicU64::new(0);
    let two = |n| match told.fetch_add(n, Ordering::Relaxed) {
        0 => ControlFlow::Continue(()),
        _ => ControlFlow::Break(()),
    };
    let stopped = acscte(
        &mut observation,
        &good.references,
        &AcscteOptions::default(),
        &two,
    );
    assert!(matches!(stopped, Err(Error::Interrupted)));
    assert!(told.into_inner() < all / 2, "of {all}");
}
