//! SBC: from counts to a calibrated frame.

use super::world::{Plane, World, frame, header, text};
use firstlight_calibrate::acs::acs2d::{Acs2dOptions, acs2d};
use firstlight_calibrate::acs::{Chip, Observation};
use firstlight_frame::fits::{Column, Table, Value};

const SHAPE: (usize, usize) = (8, 9);

fn counts(globrate: f64) -> Observation {
    let mut primary = header(&[
        ("TELESCOP", text("HST")),
        ("INSTRUME", text("ACS")),
        ("DETECTOR", text("SBC")),
        ("FILTER1", text("F150LP")),
        ("FILTER2", text("N/A")),
        ("OBSTYPE", text("IMAGING")),
        ("EXPSTART", Value::from(53850.2)),
        ("EXPEND", Value::from(53850.3)),
        ("EXPTIME", Value::from(100.0)),
    ]);
    for switch in ["DQICORR", "GLINCORR", "LFLGCORR", "DARKCORR", "FLATCORR"] {
        primary.set(switch, "PERFORM", None).unwrap();
    }
    let sci = header(&[
        ("EXTNAME", text("SCI")),
        ("BUNIT", text("COUNTS")),
        ("GLOBRATE", Value::from(globrate)),
    ]);
    let counts = |x: usize, y: usize| if (x, y) == (4, 4) { 900.0 } else { (x * y) as f32 };
    Observation {
        name: "small_raw.fits".to_owned(),
        primary,
        chips: vec![Chip {
            version: 1,
            frame: frame(SHAPE, counts, 0.0, |_, _| 0),
            sci,
            err: header(&[("EXTNAME", text("ERR"))]),
            dq: header(&[("EXTNAME", text("DQ"))]),
        }],
    }
}

fn world() -> World {
    let mut world = World::new();
    let bad = Table::new()
        .with(Column::text("CCDAMP", ["N/A"]))
        .unwrap()
        .with(Column::i16("CCDCHIP", vec![-999]))
        .unwrap()
        .with(Column::i16("PIX1", vec![2]))
        .unwrap()
        .with(Column::i16("PIX2", vec![1]))
        .unwrap()
        .with(Column::i16("LENGTH", vec![3]))
        .unwrap()
        .with(Column::i16("AXIS", vec![2]))
        .unwrap()
        .with(Column::i16("VALUE", vec![4]))
        .unwrap();
    world.tables("BPIXTAB", &[("BPX", bad)], &[]);
    world.tables("MLINTAB", &[("LIN", linearity("SBC"))], &[]);
    let dark = frame(SHAPE, |_, _| 0.02, 0.0, |_, _| 0);
    world.image("DARKFILE", &[Plane::of(1, dark)], &[("DETECTOR", text("SBC"))]);
    let flat = frame(SHAPE, |_, _| 0.5, 0.0, |_, _| 0);
    world.image("PFLTFILE", &[Plane::of(1, flat)], &[("DETECTOR", text("SBC"))]);
    world
}

fn linearity(detector: &str) -> Table {
    Table::new()
        .with(Column::text("DETECTOR", ["HRC", detector]))
        .unwrap()
        .with(Column::f64("GLOBAL_LIMIT", vec![1.0, 2e5]))
        .unwrap()
        .with(Column::f64("LOCAL_LIMIT", vec![1.0, 8.0]))
        .unwrap()
        .with(Column::f64("TAU", vec![0.0, 1e-6]))
        .unwrap()
        .with(Column::f64("EXPAND", vec![0.0, 1.0]))
        .unwrap()
}

#[test]
fn counts_are_corrected_flagged_and_divided() {
    let mut observation = counts(1e5);
    let report = world().run(&mut observation).unwrap();
    let ratio = report.chips[0].global_ratio.unwrap();
    // The true rate x of an observed one of 1e5 solves x·exp(−1e-6·x) = 1e5.
    let true_rate = 1e5 * ratio;
    assert!((true_rate * (-1e-6 * true_rate).exp() - 1e5).abs() < 1e-4);
    let found = &observation.chips[0];
    let at = |x: usize, y: usize| {
        (
            found.frame.sci.row(y)[x],
            found.frame.err.row(y)[x],
            found.frame.dq.row(y)[x],
        )
    };
    let (sci, err, dq) = at(4, 4);
    assert!((f64::from(sci) - 900.0 * ratio / 0.5).abs() < 1e-3);
    assert!((f64::from(err) - (900.0 * ratio).sqrt() / 0.5).abs() < 1e-4);
    assert_eq!(dq, 256);
    assert_eq!(at(0, 0), (0.0, 2.0, 0));
    assert_eq!(
        [(3, 4), (5, 4), (4, 3), (4, 5), (5, 5)].map(|(x, y)| at(x, y).2),
        [256, 256, 256, 256, 0]
    );
    assert_eq!([0, 1, 2, 3].map(|y| at(1, y).2), [4, 4, 4, 0]);
    assert_eq!(report.chips[0].beyond_local_limit, Some(1));
    assert_eq!(found.sci.text("GLOBLIM").unwrap(), "NOT-EXCEEDED");
    assert_eq!(
        (found.sci.text("BUNIT").unwrap(), found.err.text("BUNIT").unwrap()),
        ("ELECTRONS".into(), "ELECTRONS".into())
    );
    assert_eq!(
        found.sci.text("PHOTMODE").unwrap(),
        "ACS SBC F150LP MJD#53850.2000"
    );
    let steps: Vec<&str> = report.steps.iter().map(|(switch, _)| switch.as_str()).collect();
    assert_eq!(steps, ["DQICORR", "GLINCORR", "LFLGCORR", "DARKCORR", "FLATCORR"]);
    let history = observation.primary.commentary("HISTORY");
    assert!(
        history
            .iter()
            .any(|line| line.trim_end() == "Uncertainty array initialized.")
    );
}

#[test]
fn beyond_the_global_limit_nothing_is_multiplied_but_bright_pixels_are_still_flagged() {
    let mut observation = counts(2.5e5);
    let report = world().run(&mut observation).unwrap();
    let found = &observation.chips[0];
    assert_eq!(report.chips[0].global_limit_exceeded, Some(true));
    assert_eq!(found.sci.text("GLOBLIM").unwrap(), "EXCEEDED");
    assert_eq!(found.frame.sci.row(4)[4], 1800.0);
    assert_eq!(found.frame.dq.row(4)[4], 256);
}

#[test]
fn the_dark_is_multiplied_by_nothing_unless_it_is_asked_for() {
    let mut official = counts(0.0);
    let report = world().run(&mut official).unwrap();
    assert_eq!(
        (report.chips[0].mean_dark_e, official.chips[0].frame.sci.row(2)[3]),
        (Some(0.0), 12.0)
    );
    assert_eq!(official.primary.text("DARKCORR").unwrap(), "COMPLETE");

    let mut scaled = counts(0.0);
    let options = Acs2dOptions { scale_sbc_dark: true };
    let report = acs2d(&mut scaled, &world().references, &options).unwrap();
    assert_eq!(report.chips[0].mean_dark_e, Some(2.0));
    assert_eq!(scaled.chips[0].frame.sci.row(2)[3], 8.0);
}

#[test]
fn steps_of_ccds_are_not_done() {
    let mut observation = counts(1.0);
    for switch in ["FLSHCORR", "SHADCORR"] {
        observation.primary.set(switch, "PERFORM", None).unwrap();
    }
    let report = world().run(&mut observation).unwrap();
    assert!(
        report
            .steps
            .iter()
            .all(|(switch, _)| switch != "FLSHCORR" && switch != "SHADCORR")
    );
    assert_eq!(observation.primary.text("SHADCORR").unwrap(), "PERFORM");
}

#[test]
fn a_detector_without_a_row_and_a_frame_without_globrate_are_told() {
    let mut world = world();
    let mut observation = counts(1.0);
    observation.chips[0].sci.remove("GLOBRATE");
    let (_, words) = world.refused(&mut observation);
    assert!(words.contains("GLOBRATE") && words.contains("SCI,1"), "{words}");
    assert!(observation.chips[0].frame.dq.as_slice().iter().all(|&dq| dq == 0));

    world.tables("MLINTAB", &[("LIN", linearity("WFC"))], &[]);
    let (_, words) = world.refused(&mut counts(1.0));
    assert!(
        words.contains("DETECTOR SBC") && words.contains("HRC; WFC"),
        "{words}"
    );
}

#[test]
fn steps_of_the_ccds_that_the_sbc_is_asked_for_are_told_of() {
    let mut observation = counts(1e5);
    observation.primary.set("SHADCORR", "PERFORM", None).unwrap();
    observation.primary.set("FLSHCORR", "OMIT", None).unwrap();
    let report = world().run(&mut observation).unwrap();
    // The other is of the dark, which is multiplied by 0.
    assert_eq!(report.warnings.len(), 2, "{:?}", report.warnings);
    assert!(report.warnings[1].contains("--scale-sbc-dark"));
    assert!(report.warnings[0].starts_with("SHADCORR is PERFORM, and is not done: it is a step of the CCDs"));
}
