//! Exposures, tables and parameters that cannot be used.

use super::made::{SHAPE, even, members, observation, options};
use firstlight_calibrate::Error;
use firstlight_calibrate::acs::acsrej::{AcsrejOptions, InitialGuess, Rejection, acsrej};
use firstlight_calibrate::acs::acssum::acssum;
use firstlight_calibrate::acs::{Observation, Reference, References};
use firstlight_frame::fits::{Column, FitsWriter, Header, Overwrite, Table};
use std::path::Path;

fn pair() -> Vec<Observation> {
    vec![
        observation("first", 100.0, vec![even(SHAPE, 10.0, 1.0)]),
        observation("second", 100.0, vec![even(SHAPE, 10.0, 1.0)]),
    ]
}

fn refused(inputs: &[Observation]) -> Error {
    acsrej(&members(inputs), &References::new(), &options()).unwrap_err()
}

#[test]
fn exposures_that_differ_are_named_with_the_difference() {
    for (keyword, value) in [
        ("DETECTOR", "WFC"),
        ("CCDAMP", "D"),
        ("FILTER1", "F814W"),
        ("FLSHCORR", "PERFORM"),
    ] {
        let mut inputs = pair();
        inputs[1].primary.set(keyword, value, None).unwrap();
        let error = refused(&inputs);
        assert!(
            matches!(&error, Error::MembersDiffer { what, .. } if what == keyword),
            "{error}"
        );
        assert!(error.to_string().contains("second"), "{error}");
    }
    let mut inputs = pair();
    inputs[1].chips[0].frame = even((40, 51), 10.0, 1.0);
    assert!(matches!(refused(&inputs), Error::MembersDiffer { what, .. } if what == "shape of SCI"));
    let mut inputs = pair();
    inputs[1].chips[0].sci.set("LTV1", -8.0, None).unwrap();
    assert!(matches!(refused(&inputs), Error::MembersDiffer { what, .. } if what.starts_with("place")));
    let mut inputs = pair();
    inputs[1].chips[0].sci.set("CCDCHIP", 2, None).unwrap();
    assert!(matches!(refused(&inputs), Error::MembersDiffer { what, .. } if what == "CCDCHIP"));
    let mut inputs = pair();
    inputs[1].chips[0].frame.dq = even((3, 3), 0.0, 0.0).dq;
    assert!(matches!(refused(&inputs), Error::Shape { .. }));
}

#[test]
fn post_flash_that_is_still_there_must_be_in_proportion() {
    let mut inputs = pair();
    for (input, seconds) in inputs.iter_mut().zip([2.0, 4.0]) {
        input.primary.set("FLSHCORR", "PERFORM", None).unwrap();
        input.primary.set("FLASHCUR", "LOW", None).unwrap();
        input.primary.set("FLASHDUR", seconds, None).unwrap();
    }
    assert!(matches!(refused(&inputs), Error::MembersDiffer { what, .. } if what.contains("FLASHDUR")));
    inputs[1].primary.set("EXPTIME", 200.0, None).unwrap();
    let found = acsrej(&members(&inputs), &References::new(), &options()).unwrap();
    assert_eq!(found.product.primary.real("FLASHDUR"), Some(6.0));
}

#[test]
fn too_few_untrimmed_or_of_another_detector() {
    let inputs = pair();
    assert!(matches!(refused(&[]), Error::TooFewExposures { found: 0 }));
    assert!(matches!(
        refused(&inputs[..1]),
        Error::TooFewExposures { found: 1 }
    ));
    let mut inputs = pair();
    inputs[0].primary.set("EXPTIME", 0.0, None).unwrap();
    assert!(matches!(refused(&inputs), Error::TooFewExposures { found: 1 }));
    inputs[0].primary.set("EXPTIME", -1.0, None).unwrap();
    assert!(matches!(refused(&inputs), Error::Keyword { keyword, .. } if keyword == "EXPTIME"));
    let mut inputs = pair();
    inputs[1].primary.set("BLEVCORR", "PERFORM", None).unwrap();
    assert!(matches!(refused(&inputs), Error::Untrimmed { name, .. } if name == "second"));
    let mut inputs = pair();
    inputs[1].chips[0].sci.set("LTV1", 19.0, None).unwrap();
    assert!(matches!(refused(&inputs), Error::Untrimmed { .. }));
    let mut inputs = pair();
    inputs[0].primary.set("DETECTOR", "SBC", None).unwrap();
    assert!(matches!(refused(&inputs), Error::NoCosmicRays { .. }));
    inputs[0].primary.set("INSTRUME", "STIS", None).unwrap();
    assert!(matches!(refused(&inputs), Error::NotAcs { .. }));
}

#[test]
fn parameters_out_of_range() {
    let refused =
        |options: AcsrejOptions| acsrej(&members(&pair()), &References::new(), &options).unwrap_err();
    let scalense = AcsrejOptions {
        scalense: Some(101.0),
        ..options()
    };
    assert!(matches!(
        refused(scalense),
        Error::Parameter {
            parameter: "SCALENSE",
            ..
        }
    ));
    let crradius = AcsrejOptions {
        crradius: Some(-1.0),
        ..options()
    };
    assert!(matches!(
        refused(crradius),
        Error::Parameter {
            parameter: "CRRADIUS",
            ..
        }
    ));
    let crthresh = AcsrejOptions {
        crthresh: Some(f32::NAN),
        ..options()
    };
    assert!(matches!(
        refused(crthresh),
        Error::Parameter {
            parameter: "CRTHRESH",
            ..
        }
    ));
    let crsigmas = AcsrejOptions {
        crsigmas: Some("4,a".to_owned()),
        ..options()
    };
    assert!(matches!(refused(crsigmas), Error::Unreadable { .. }));
    let table = AcsrejOptions {
        crmask: None,
        ..options()
    };
    assert!(matches!(refused(table), Error::NoReference { .. }));
    let read: AcsrejOptions = AcsrejOptions {
        initgues: Some(InitialGuess::Median),
        ..options()
    };
    assert!(acsrej(&members(&pair()), &References::new(), &read).is_ok());
}

/// A CRREJTAB of four rows; the first two for one chip each where `chips`.
fn crrejtab(path: &Path, guess: &str, chips: bool) -> Reference {
    let mut table = Table::new()
        .with(Column::i16("CRSPLIT", vec![2, 2, 3, 3]))
        .unwrap()
        .with(Column::f32("MEANEXP", vec![60.0, 380.0, 60.0, 380.0]))
        .unwrap()
        .with(Column::f32("SCALENSE", vec![10.0, 20.0, 30.0, 40.0]))
        .unwrap()
        .with(Column::text("INITGUES", [guess; 4]))
        .unwrap()
        .with(Column::text("SKYSUB", ["none"; 4]))
        .unwrap()
        .with(Column::text("CRSIGMAS", ["4", "5", "6", "7"]))
        .unwrap()
        .with(Column::f32("CRRADIUS", vec![2.1; 4]))
        .unwrap()
        .with(Column::f32("CRTHRESH", vec![0.5; 4]))
        .unwrap()
        .with(Column::i16("BADINPDQ", vec![39; 4]))
        .unwrap()
        .with(Column::i16("CRMASK", vec![1; 4]))
        .unwrap();
    if chips {
        table.push(Column::i16("CCDCHIP", vec![2, 1, -1, -1])).unwrap();
    }
    let mut writer = FitsWriter::create(path, Overwrite::Refuse).unwrap();
    writer.table(&Header::new(), &table).unwrap();
    writer.finish().unwrap();
    Reference::open("CRREJTAB", "jref$test_crr.fits", path).unwrap()
}

fn with_table(table: Reference, seconds: &[f64], options: &AcsrejOptions) -> Result<Rejection, Error> {
    let inputs: Vec<Observation> = seconds
        .iter()
        .map(|&seconds| observation("made", seconds, vec![even(SHAPE, 10.0, 1.0)]))
        .collect();
    let mut references = References::new();
    references.add(table);
    acsrej(&members(&inputs), &references, options)
}

#[test]
fn the_row_is_that_of_the_number_of_exposures_and_the_next_longer_mean() {
    let folder = tempfile::tempdir().unwrap();
    let table = |name: &str| crrejtab(&folder.path().join(name), "minimum", false);
    let none = AcsrejOptions::default();
    let of = |found: Result<Rejection, Error>| {
        let parameters = found.unwrap().report.chips[0].parameters.clone();
        (parameters.scalense, parameters.sigmas)
    };
    assert_eq!(of(with_table(table("a"), &[60.0; 2], &none)), (10.0, vec![4.0]));
    assert_eq!(of(with_table(table("b"), &[61.0; 2], &none)), (20.0, vec![5.0]));
    assert_eq!(
        of(with_table(table("c"), &[20.0, 10.0, 30.0, 1.0], &none)),
        (30.0, vec![6.0])
    );
    // What the user says wins.
    let given = AcsrejOptions {
        scalense: Some(3.0),
        ..AcsrejOptions::default()
    };
    let found = with_table(table("d"), &[60.0; 2], &given).unwrap();
    assert_eq!(found.product.primary.real("SCALENSE"), Some(3.0));
    assert_eq!(
        found.product.primary.text("CRREJTAB").unwrap(),
        "jref$test_crr.fits"
    );
    assert!(matches!(
        with_table(table("e"), &[381.0; 2], &none).unwrap_err(),
        Error::NoRow { .. }
    ));
}

#[test]
fn a_table_may_speak_of_chips_and_must_speak_sense() {
    let folder = tempfile::tempdir().unwrap();
    let table = crrejtab(&folder.path().join("chips"), "minimum", true);
    // Chip 1 has the second row alone.
    let found = with_table(table, &[10.0; 2], &AcsrejOptions::default()).unwrap();
    assert_eq!(found.report.chips[0].parameters.scalense, 20.0);
    let table = crrejtab(&folder.path().join("guess"), "average", false);
    let error = with_table(table, &[10.0; 2], &AcsrejOptions::default()).unwrap_err();
    assert!(
        matches!(&error, Error::ReferenceValue { found, .. } if found == "average"),
        "{error}"
    );
}

#[test]
fn sums_add_up_and_refuse_what_differs() {
    let mut inputs = pair();
    inputs.push(observation("third", 50.0, vec![even(SHAPE, 5.0, 2.0)]));
    inputs[0].chips[0].frame.dq[(1, 2)] = 4;
    inputs[1].chips[0].frame.dq[(1, 2)] = 16;
    inputs[1].chips[0].frame.sci[(2, 2)] = f32::NAN;
    inputs[0].primary.set("NRPTEXP", 2, None).unwrap();
    inputs[1].primary.set("EXPEND", 53001.0, None).unwrap();
    let sum = acssum(&members(&inputs)).unwrap();
    let frame = &sum.product.chips[0].frame;
    assert_eq!((frame.sci[(0, 0)], frame.dq[(1, 2)]), (25.0, 20));
    assert!((frame.err[(0, 0)] - 6f32.sqrt()).abs() < 1e-6);
    assert!(frame.sci[(2, 2)].is_nan());
    assert_eq!(sum.report.expected, Some(2));
    assert_eq!(sum.report.statistics[0].good, SHAPE.0 * SHAPE.1 - 2);
    let primary = &sum.product.primary;
    assert_eq!(
        (primary.real("EXPTIME"), primary.real("EXPEND")),
        (Some(250.0), Some(53001.0))
    );
    assert_eq!(primary.integer("NCOMBINE"), Some(3));
    assert_eq!(primary.text("RPTCORR").unwrap(), "COMPLETE");
    assert_eq!(primary.commentary("HISTORY").len(), 2);
    assert!(matches!(
        acssum(&members(&inputs[..1])),
        Err(Error::TooFewExposures { found: 1 })
    ));
    inputs[2].primary.set("FILTER1", "F814W", None).unwrap();
    assert!(matches!(
        acssum(&members(&inputs)),
        Err(Error::MembersDiffer { .. })
    ));
}
