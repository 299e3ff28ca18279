//! What cannot be corrected, and tables that are dummies.

use crate::ccd_frames::Files;
use crate::made::{AFTER_SM4, NAME, exposure, files, layouts};
use firstlight_calibrate::Error;
use firstlight_calibrate::acs::acscte::{AcscteOptions, CteForwardOptions, acscte, columns, forward};
use firstlight_calibrate::acs::{Observation, Outcome};
use std::ops::ControlFlow;

#[test]
fn what_cannot_be_corrected_is_refused_and_left_alone() {
    let good = files(NAME, |_| ());
    let refused = |files: &Files, edit: &dyn Fn(&mut Observation)| {
        let mut observation = exposure(AFTER_SM4);
        edit(&mut observation);
        let before = observation.clone();
        let found = acscte(
            &mut observation,
            &files.references,
            &AcscteOptions::default(),
            &|_| ControlFlow::Continue(()),
        );
        assert_eq!(observation.chips[0].frame, before.chips[0].frame);
        assert!(observation.primary == before.primary);
        found.unwrap_err()
    };
    let set = |keyword: &'static str, value: &'static str| {
        move |observation: &mut Observation| observation.primary.set(keyword, value, None).unwrap()
    };
    assert!(matches!(
        refused(&good, &set("DETECTOR", "HRC")),
        Error::NoCteCorrection { found: "HRC", .. }
    ));
    assert!(matches!(
        refused(&good, &set("DETECTOR", "SBC")),
        Error::NoCteCorrection { found: "SBC", .. }
    ));
    assert!(matches!(
        refused(&good, &set("PCTECORR", "OMIT")),
        Error::NothingToDo { .. }
    ));
    assert!(matches!(
        refused(&good, &set("BLEVCORR", "OMIT")),
        Error::Untrimmed { .. }
    ));
    let overscan = |observation: &mut Observation| observation.chips[1].sci.set("LTV1", 24.0, None).unwrap();
    assert!(matches!(refused(&good, &overscan), Error::Untrimmed { .. }));
    let odd = |observation: &mut Observation| observation.primary.set("FIXROCR", 2, None).unwrap();
    assert!(matches!(refused(&good, &odd), Error::Keyword { .. }));
    let none = |_: &mut Observation| ();
    for name in [None, Some("PixelCTE 2012"), Some("PixelCTE 2017")] {
        let old = files(name, |_| ());
        assert!(
            matches!(refused(&old, &none), Error::OldCteTable { .. }),
            "{name:?}"
        );
    }
    let other_noise = files(NAME, |primary| primary.set("PCTENSMD", 1, None).unwrap());
    assert!(matches!(
        refused(&other_noise, &none),
        Error::ReferenceValue { .. }
    ));
    let other_detector = files(NAME, |primary| primary.set("DETECTOR", "HRC", None).unwrap());
    assert!(matches!(
        refused(&other_detector, &none),
        Error::ReferenceDetector { .. }
    ));
    let mut missing = Files::new();
    missing.ccdtab("WFC", "ABCD", &layouts());
    assert!(refused(&missing, &none).to_string().contains("PCTETAB"));
    assert_eq!(
        columns(&{
            let mut omitted = exposure(AFTER_SM4);
            set("PCTECORR", "OMIT")(&mut omitted);
            omitted
        }),
        0
    );
}

#[test]
fn a_dummy_table_skips_the_correction_and_stops_the_forward_model() {
    let dummy = files(NAME, |primary| primary.set("PEDIGREE", "DUMMY", None).unwrap());
    let mut observation = exposure(AFTER_SM4);
    let frame = observation.chips[0].frame.clone();
    let report = acscte(
        &mut observation,
        &dummy.references,
        &AcscteOptions::default(),
        &|_| ControlFlow::Continue(()),
    )
    .unwrap();
    assert_eq!(report.outcome, Outcome::Dummy);
    assert!(report.warnings[0].starts_with("PCTECORR is skipped: PCTETAB"));
    assert_eq!(observation.chips[0].frame, frame);
    assert_eq!(observation.primary.text("PCTECORR").unwrap(), "SKIPPED");
    let forward = forward(
        &mut observation,
        &dummy.references,
        &CteForwardOptions::default(),
        &|_| ControlFlow::Continue(()),
    );
    assert!(matches!(forward, Err(Error::ReferenceValue { .. })));
}
