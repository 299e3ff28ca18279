//! What acsccd refuses, with the frame as it was.

use crate::ccd_frames::{Files, Layout, raw};
use firstlight_calibrate::Error;
use firstlight_calibrate::acs::acsccd::{AcsccdOptions, acsccd};
use firstlight_calibrate::acs::{Observation, References};
use firstlight_frame::Image;

fn both() -> [Layout; 2] {
    [Layout::lower(), Layout::upper()]
}

fn frame() -> Observation {
    raw("WFC", "ABCD", &both(), |_, _, _| 1000.0)
}

/// The error, and a check that nothing was changed.
fn refused(mut observation: Observation, references: &References) -> Error {
    let before = observation.clone();
    let error = acsccd(&mut observation, references, &AcsccdOptions::default()).unwrap_err();
    for (now, then) in observation.chips.iter().zip(&before.chips) {
        assert_eq!(now.frame, then.frame, "{error}");
        assert_eq!(now.sci, then.sci);
    }
    assert_eq!(observation.primary, before.primary, "{error}");
    error
}

fn with(edit: impl Fn(&mut Observation)) -> Observation {
    let mut observation = frame();
    edit(&mut observation);
    observation
}

#[test]
fn exposures_of_another_kind() {
    let files = Files::of("WFC", "ABCD", &both());
    let sbc = with(|o| o.primary.set("DETECTOR", "SBC", None).unwrap());
    assert!(matches!(refused(sbc, &files.references), Error::NotCcd { .. }));
    let stis = with(|o| o.primary.set("INSTRUME", "STIS", None).unwrap());
    assert!(matches!(refused(stis, &files.references), Error::NotAcs { .. }));
    let done = with(|o| o.chips[0].sci.set("BUNIT", "ELECTRONS", None).unwrap());
    assert!(matches!(
        refused(done, &files.references),
        Error::AlreadyCalibrated { .. }
    ));
    let idle = with(|o| {
        for switch in ["DQICORR", "BIASCORR", "BLEVCORR"] {
            o.primary.set(switch, "COMPLETE", None).unwrap();
        }
    });
    assert!(matches!(
        refused(idle, &files.references),
        Error::NothingToDo { .. }
    ));
    let binned = with(|o| o.chips[0].sci.set("LTM1_1", 0.5, None).unwrap());
    let error = refused(binned, &files.references);
    assert!(matches!(error, Error::OtherBinning { .. }), "{error}");
    assert!(error.to_string().contains("but the image of 2 x 1"), "{error}");
    for keyword in ["CCDGAIN", "DARKTIME"] {
        let without = with(|o| {
            o.primary.set("DARKCORR", "PERFORM", None).unwrap();
            o.primary.remove(keyword);
        });
        let error = refused(without, &files.references);
        assert!(
            matches!(&error, Error::Keyword { keyword: of, .. } if of == keyword),
            "{error}"
        );
    }
    let none = with(|o| o.chips.clear());
    assert!(matches!(refused(none, &files.references), Error::NoPixels { .. }));
    let uneven = with(|o| o.chips[1].frame.dq = Image::filled(3, 4, 0));
    assert!(matches!(refused(uneven, &files.references), Error::Shape { .. }));
    let empty = with(|o| {
        let frame = &mut o.chips[1].frame;
        (frame.sci, frame.err) = (Image::filled(0, 0, 0.0), Image::filled(0, 0, 0.0));
        frame.dq = Image::filled(0, 0, 0);
    });
    assert!(matches!(
        refused(empty, &files.references),
        Error::NoPixels { .. }
    ));
}

#[test]
fn keywords_that_are_missing_or_senseless() {
    let files = Files::of("WFC", "ABCD", &both());
    for keyword in ["EXPTIME", "EXPSTART", "EXPEND", "CCDAMP"] {
        let without = with(|o| {
            o.primary.remove(keyword);
        });
        let error = refused(without, &files.references);
        assert!(
            matches!(&error, Error::Keyword { keyword: named, .. } if named == keyword),
            "{error}"
        );
    }
    let negative = with(|o| o.primary.set("EXPTIME", -1.0, None).unwrap());
    assert!(matches!(
        refused(negative, &files.references),
        Error::Keyword { .. }
    ));
    let other = with(|o| o.primary.set("CCDAMP", "ABX", None).unwrap());
    assert!(matches!(refused(other, &files.references), Error::Keyword { .. }));
}

#[test]
fn a_gain_or_amplifier_without_a_row_is_named_with_the_rows_there_are() {
    let files = Files::of("WFC", "ABCD", &both());
    let gain = with(|o| o.primary.set("CCDGAIN", 8.0, None).unwrap());
    let error = refused(gain, &files.references).to_string();
    assert!(
        error.contains("CCDGAIN 8") && error.contains("ABCD 2 2 3 3 3 3; ABCD 1 2"),
        "{error}"
    );
    let amplifier = with(|o| o.primary.set("CCDAMP", "AC", None).unwrap());
    assert!(matches!(
        refused(amplifier, &files.references),
        Error::NoRow { .. }
    ));
    let mut other_chip = Files::of("WFC", "ABCD", &both());
    other_chip.ccdtab("WFC", "AB", &both());
    let amplifier = with(|o| o.primary.set("CCDAMP", "AB", None).unwrap());
    let error = refused(amplifier, &other_chip.references);
    assert!(matches!(error, Error::NoAmplifier { chip: 2, .. }), "{error}");
}

#[test]
fn reference_files_that_are_missing_of_another_detector_or_too_small() {
    for keyword in ["CCDTAB", "BIASFILE", "OSCNTAB", "SATUFILE"] {
        let complete = Files::of("WFC", "ABCD", &both());
        let mut files = Files::new();
        files.folder = complete.folder;
        for named in ["CCDTAB", "BIASFILE", "OSCNTAB", "SATUFILE", "BPIXTAB"] {
            if named != keyword {
                let path = files.path(named);
                let reference = firstlight_calibrate::acs::Reference::open(named, "x", &path).unwrap();
                files.references.add(reference);
            }
        }
        let error = refused(frame(), &files.references);
        assert!(
            matches!(&error, Error::NoReference { keyword: named, .. } if named == keyword),
            "{error}"
        );
    }
    let mut hrc = Files::of("WFC", "ABCD", &both());
    hrc.image("BIASFILE", "HRC", &both(), |_, _, _| (0.0, 0.0, 0));
    assert!(matches!(
        refused(frame(), &hrc.references),
        Error::ReferenceDetector { .. }
    ));
    let mut hrc = Files::of("WFC", "ABCD", &both());
    hrc.bpixtab("HRC", &[]);
    assert!(matches!(
        refused(frame(), &hrc.references),
        Error::ReferenceDetector { .. }
    ));
    let small = both().map(|chip| Layout {
        shape: (40, 60),
        ..chip
    });
    for keyword in ["BIASFILE", "SATUFILE"] {
        let mut files = Files::of("WFC", "ABCD", &both());
        files.image(keyword, "WFC", &small, |_, _, _| (0.0, 0.0, 0));
        let error = refused(frame(), &files.references);
        assert!(matches!(error, Error::ReferenceSection { .. }), "{error}");
    }
    let mut one = Files::of("WFC", "ABCD", &both());
    one.image("BIASFILE", "WFC", &both()[..1], |_, _, _| (0.0, 0.0, 0));
    assert!(matches!(
        refused(frame(), &one.references),
        Error::NoChip { number: 1, .. }
    ));
}

#[test]
fn tables_that_make_no_sense() {
    let mut files = Files::of("WFC", "ABCD", &both());
    let all = both().map(|chip| Layout {
        trim_x: [40, 40],
        ..chip
    });
    files.oscntab("WFC", "ABCD", &all);
    assert!(matches!(
        refused(frame(), &files.references),
        Error::ReferenceValue { .. }
    ));
    let beyond = both().map(|chip| Layout {
        virtual_x: [1, 90],
        virtual_y: [1, 4],
        ..chip
    });
    files.oscntab("WFC", "ABCD", &beyond);
    assert!(matches!(
        refused(frame(), &files.references),
        Error::ReferenceValue { .. }
    ));
    let mut files = Files::of("WFC", "ABCD", &both());
    files.bpixtab("WFC", &[("N/A", 1, 1, 1, 4, 3, 16)]);
    let error = refused(frame(), &files.references).to_string();
    assert!(
        error.contains("AXIS of row 1") && error.contains("1 or 2"),
        "{error}"
    );
    files.bpixtab("WFC", &[("N/A", 1, 1, 1, 0, 1, 16)]);
    assert!(matches!(
        refused(frame(), &files.references),
        Error::ReferenceValue { .. }
    ));
    let mut files = Files::of("WFC", "ABCD", &both());
    let primary = Files::primary("WFC", "GROUND");
    files.table("OSCNTAB", &primary, vec![]);
    let error = refused(frame(), &files.references);
    assert!(matches!(error, Error::ReferenceTable { .. }), "{error}");
}

#[test]
fn a_chip_without_a_section_to_measure_in() {
    let none = both().map(|chip| Layout {
        section_a: [0, 0],
        section_b: [0, 0],
        ..chip
    });
    let mut files = Files::of("WFC", "ABCD", &both());
    files.oscntab("WFC", "ABCD", &none);
    let error = refused(frame(), &files.references);
    assert!(matches!(error, Error::NoOverscanSection { .. }), "{error}");
}

#[test]
fn a_readout_too_small_for_the_corrections_of_its_time() {
    let files = Files::of("WFC", "ABCD", &both());
    let new = with(|o| {
        o.primary.set("EXPSTART", 57000.0, None).unwrap();
        o.primary.set("JWROTYPE", "DS_int", None).unwrap();
    });
    let error = refused(new, &files.references);
    assert!(matches!(error, Error::TooSmall { .. }), "{error}");
}

#[test]
fn saturated_blank_and_nan_frames_pass() {
    let files = Files::of("WFC", "ABCD", &both());
    for mjd in [53807.0, 57000.0] {
        for value in [65535.0, 0.0, f32::NAN, -1e30, 1e30] {
            let mut observation = raw("WFC", "ABCD", &both(), |_, _, _| value);
            observation.primary.set("EXPSTART", mjd, None).unwrap();
            observation.primary.set("JWROTYPE", "CLAMP", None).unwrap();
            acsccd(&mut observation, &files.references, &AcsccdOptions::default()).unwrap();
            assert_eq!(observation.chips[0].frame.sci.shape(), (40, 60));
        }
    }
}
