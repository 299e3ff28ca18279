//! What is refused, and in which words; nothing has been changed then.

use super::world::{Plane, World, ccd, chip, frame, text};
use firstlight_calibrate::Error;
use firstlight_calibrate::acs::Observation;
use firstlight_frame::fits::Value;

const SHAPE: (usize, usize) = (6, 10);

fn observation(switches: &[&str]) -> Observation {
    let one = chip(1, 1, (0.0, 0.0), frame(SHAPE, |_, _| 100.0, 10.0, |_, _| 0));
    ccd("WFC", "ABCD", vec![one], switches)
}

fn world(dark: &[Plane], cards: &[(&str, Value)]) -> World {
    let mut world = World::new();
    world.ccdtab("ABCD", &[1]);
    world.image("DARKFILE", dark, cards);
    world
}

fn dark(number: i64, shape: (usize, usize)) -> Plane {
    Plane::of(number, frame(shape, |_, _| 1.0, 0.0, |_, _| 0))
}

fn refused(world: &World, mut observation: Observation) -> (Error, String) {
    let before = observation.clone();
    let told = world.refused(&mut observation);
    assert_eq!(observation.chips[0].frame, before.chips[0].frame);
    assert_eq!(observation.primary.to_bytes(), before.primary.to_bytes());
    told
}

#[test]
fn a_frame_with_its_overscan() {
    let world = world(&[dark(1, SHAPE)], &[]);
    let mut raw = observation(&["DARKCORR"]);
    raw.primary.set("BLEVCORR", "PERFORM", None).unwrap();
    let (error, words) = refused(&world, raw);
    assert!(
        matches!(error, Error::Untrimmed { .. }) && words.contains("BLEVCORR"),
        "{words}"
    );
    let mut untrimmed = observation(&["DARKCORR"]);
    untrimmed.chips[0].sci.set("LTV1", 24.0, None).unwrap();
    let (error, words) = refused(&world, untrimmed);
    assert!(
        matches!(error, Error::Untrimmed { .. }) && words.contains("24"),
        "{words}"
    );
}

#[test]
fn a_reference_of_another_detector_another_chip_or_another_size() {
    let other = world(&[dark(1, SHAPE)], &[("DETECTOR", text("HRC"))]);
    let (error, words) = refused(&other, observation(&["DARKCORR"]));
    assert!(
        matches!(error, Error::ReferenceDetector { .. }) && words.contains("HRC"),
        "{words}"
    );

    let (error, words) = refused(&world(&[dark(2, SHAPE)], &[]), observation(&["DARKCORR"]));
    assert!(
        matches!(error, Error::NoChip { .. }) && words.contains("chip 2"),
        "{words}"
    );

    let (error, words) = refused(&world(&[dark(1, (5, 10))], &[]), observation(&["DARKCORR"]));
    assert!(
        matches!(error, Error::ReferenceSection { .. }) && words.contains("DARKFILE"),
        "{words}"
    );
}

#[test]
fn a_reference_of_another_kind() {
    let kind = |filetype: &str| world(&[dark(1, SHAPE)], &[("FILETYPE", text(filetype))]);
    for other in ["PIXEL-TO-PIXEL FLAT", "CTEDARK", "SCI"] {
        let (error, words) = refused(&kind(other), observation(&["DARKCORR"]));
        assert!(matches!(error, Error::ReferenceKind { .. }), "{words}");
        for part in ["DARKFILE", "darkfile.fits", other, "'DARK'"] {
            assert!(words.contains(part), "{part}: {words}");
        }
    }
    // In either case, and of files that do not say, or in words of their own.
    for fits in ["DARK", "dark", "  Dark ", "", "MASTER DARK"] {
        kind(fits).run(&mut observation(&["DARKCORR"])).unwrap();
    }
}

#[test]
fn a_reference_that_is_not_named() {
    let world = world(&[dark(1, SHAPE)], &[]);
    for (switch, keyword) in [
        ("FLATCORR", "PFLTFILE"),
        ("FLSHCORR", "FLSHFILE"),
        ("SHADCORR", "SHADFILE"),
        ("PHOTCORR", "IMPHTTAB"),
    ] {
        let (error, words) = refused(&world, observation(&["DARKCORR", switch]));
        assert!(matches!(error, Error::NoReference { .. }));
        assert!(words.contains(switch) && words.contains(keyword), "{words}");
    }
    let mut corrected = observation(&["DARKCORR"]);
    corrected.primary.set("PCTECORR", "COMPLETE", None).unwrap();
    let (_, words) = refused(&world, corrected);
    assert!(words.contains("DRKCFILE"), "{words}");
}

#[test]
fn a_row_of_ccdtab_that_is_missing() {
    let world = world(&[dark(1, SHAPE)], &[]);
    let mut other_gain = observation(&["DARKCORR"]);
    other_gain.primary.set("CCDGAIN", 1.0, None).unwrap();
    let (error, words) = refused(&world, other_gain);
    assert!(
        matches!(error, Error::NoRow { .. }) && words.contains("CCDGAIN 1"),
        "{words}"
    );
}

#[test]
fn a_switch_with_an_unknown_word() {
    let mut odd = observation(&["DARKCORR"]);
    odd.primary.set("FLATCORR", "MAYBE", None).unwrap();
    let (error, words) = refused(&world(&[dark(1, SHAPE)], &[]), odd);
    assert!(
        matches!(error, Error::Keyword { .. }) && words.contains("MAYBE"),
        "{words}"
    );
}

#[test]
fn planes_that_differ_in_shape_or_hold_nothing() {
    let world = world(&[dark(1, SHAPE)], &[]);
    for wrong in [(6, 9), (0, 0)] {
        let mut odd = observation(&["DARKCORR"]);
        odd.chips[0].frame.err = frame(wrong, |_, _| 0.0, 0.0, |_, _| 0).err;
        assert!(matches!(refused(&world, odd).0, Error::Shape { .. }));
    }
    let mut empty = observation(&["DARKCORR"]);
    empty.chips[0].frame = frame((0, 0), |_, _| 0.0, 0.0, |_, _| 0);
    assert!(matches!(refused(&world, empty).0, Error::NoPixels { .. }));
}

#[test]
fn samples_that_are_no_numbers_stay_and_do_not_count() {
    let world = world(&[dark(1, SHAPE)], &[]);
    let mut odd = observation(&["DARKCORR"]);
    odd.chips[0].frame.sci.row_mut(0)[0] = f32::NAN;
    odd.chips[0].frame.err.row_mut(0)[1] = f32::INFINITY;
    world.run(&mut odd).unwrap();
    assert!(odd.chips[0].frame.sci.row(0)[0].is_nan());
    assert_eq!(odd.chips[0].sci.integer("NGOODPIX"), Some(58));
    assert!(odd.chips[0].sci.real("GOODMEAN").unwrap().is_finite());
}
