//! WFC and HRC: dark, post-flash, flat, and what is recorded of them.

use super::world::{Plane, World, ccd, chip, frame, text};
use firstlight_calibrate::acs::Outcome;
use firstlight_frame::fits::Value;

const SHAPE: (usize, usize) = (6, 10);

fn dark_of(number: i64) -> Plane {
    let level = 0.01 * number as f32;
    let bits = |x, y| if (x, y) == (9, 5) { 16 } else { 0 };
    Plane::of(
        number,
        frame(SHAPE, move |x, _| level + 0.001 * x as f32, 0.002, bits),
    )
}

fn flat_of(number: i64) -> Plane {
    let flat = |x: usize, y: usize| {
        if (x, y) == (0, 0) {
            0.0
        } else {
            1.0 + 0.01 * y as f32
        }
    };
    Plane::of(number, frame(SHAPE, flat, 0.001, |_, _| 0))
}

fn world() -> World {
    let mut world = World::new();
    world.ccdtab("ABCD", &[1, 2]);
    // Chip 1 first here, second in the exposure.
    world.image("DARKFILE", &[dark_of(1), dark_of(2)], &[]);
    world.image("PFLTFILE", &[flat_of(1), flat_of(2)], &[]);
    world
}

#[test]
fn each_chip_has_its_own_reference_and_pixels_are_as_by_the_formula() {
    let chips = [(2, 1), (1, 2)].map(|(number, version)| {
        let bits = |x, y| if (x, y) == (1, 1) { 4 } else { 0 };
        chip(
            number,
            version,
            (0.0, 0.0),
            frame(SHAPE, |x, y| (100 + x + y) as f32, 10.0, bits),
        )
    });
    let mut observation = ccd(
        "WFC",
        "ABCD",
        chips.to_vec(),
        &["DARKCORR", "FLATCORR", "EXPSCORR"],
    );
    let report = world().run(&mut observation).unwrap();
    for (chip, report) in observation.chips.iter().zip(&report.chips) {
        let level = 0.01 * chip.number() as f64;
        for y in 0..6 {
            for x in 0..10 {
                let dark = 400.0 * (level + 0.001 * x as f64);
                let signal = (100 + x + y) as f64 - dark;
                let error = (100.0f64 + 0.8 * 0.8).sqrt();
                let flat = 1.0 + 0.01 * y as f64;
                let (mut sci, mut err) = (signal / flat, (error / flat).hypot(0.001 * signal / flat / flat));
                let mut dq = 0;
                match (x, y) {
                    (0, 0) => (sci, err, dq) = (signal, error, 512),
                    (1, 1) => dq = 4,
                    (9, 5) => dq = 16,
                    _ => (),
                }
                let found = (
                    chip.frame.sci.row(y)[x],
                    chip.frame.err.row(y)[x],
                    chip.frame.dq.row(y)[x],
                );
                assert!(
                    (f64::from(found.0) - sci).abs() < 2e-5,
                    "SCI at {x}, {y}: {found:?}"
                );
                assert!(
                    (f64::from(found.1) - err).abs() < 2e-6,
                    "ERR at {x}, {y}: {found:?}"
                );
                assert_eq!(found.2, dq);
            }
        }
        // The dark's own flagged pixel does not count, nor is it serious for the science frame unless SDQFLAGS says so.
        let mean = 400.0 * (level * 60.0 + 0.001 * 6.0 * 45.0 - (level + 0.009)) / 59.0;
        assert!((f64::from(report.mean_dark_e.unwrap()) - mean).abs() < 1e-5);
        assert_eq!(
            chip.sci.real("MEANDARK").unwrap() as f32,
            report.mean_dark_e.unwrap()
        );
        let good = chip
            .frame
            .dq
            .as_slice()
            .iter()
            .filter(|&&dq| dq & 31743 == 0)
            .count();
        assert_eq!(chip.sci.integer("NGOODPIX"), Some(good as i64));
        assert_eq!(chip.err.integer("NGOODPIX"), Some(good as i64));
    }
}

#[test]
fn history_switches_and_comments_are_those_of_the_official_program() {
    let chips =
        [(2, 1), (1, 2)].map(|(n, v)| chip(n, v, (0.0, 0.0), frame(SHAPE, |_, _| 100.0, 10.0, |_, _| 0)));
    let mut observation = ccd(
        "WFC",
        "ABCD",
        chips.to_vec(),
        &["DARKCORR", "FLATCORR", "EXPSCORR"],
    );
    world().run(&mut observation).unwrap();
    let history: Vec<String> = observation.primary.commentary("HISTORY");
    let history: Vec<&str> = history.iter().map(|line| line.trim_end()).collect();
    assert_eq!(
        history,
        [
            "CCD parameters table:",
            "  reference table jref$ccdtab.fits",
            "    GROUND",
            "    made as CCDTAB",
            "    parameters of a chip",
            "DARKCORR complete ...",
            "  reference image jref$darkfile.fits",
            "    INFLIGHT 01/03/2006 01/04/2006",
            "    made as DARKFILE",
            "FLATCORR complete ...",
            "  reference image jref$pfltfile.fits",
            "    INFLIGHT 01/03/2006 01/04/2006",
            "    made as PFLTFILE",
            "EXPSCORR complete ...",
        ]
    );
    assert_eq!(observation.primary.text("DARKCORR").unwrap(), "COMPLETE");
    assert_eq!(
        observation.primary.card("DARKCORR").unwrap().comment().unwrap(),
        "a switch"
    );
    assert_eq!(observation.primary.real("READNSEC"), Some(4.3000002));
    let sci = &observation.chips[0].sci;
    assert_eq!(sci.text("PHOTMODE").unwrap(), "ACS WFC1 F606W MJD#53807.1000");
    assert_eq!(
        sci.card("GOODMAX").unwrap().comment().unwrap(),
        "maximum good data value"
    );
}

#[test]
fn frames_with_cte_corrected_have_the_dark_with_cte_corrected() {
    let one = || vec![chip(1, 1, (0.0, 0.0), frame(SHAPE, |_, _| 100.0, 10.0, |_, _| 0))];
    let mut world = world();
    world.image(
        "DRKCFILE",
        &[Plane::of(1, frame(SHAPE, |_, _| 0.1, 0.0, |_, _| 0))],
        &[],
    );
    for (pctecorr, expected) in [("COMPLETE", 60.0), ("PERFORM", 96.0), ("OMIT", 96.0)] {
        let mut observation = ccd("WFC", "ABCD", one(), &["DARKCORR"]);
        observation.primary.set("PCTECORR", pctecorr, None).unwrap();
        world.run(&mut observation).unwrap();
        assert_eq!(observation.chips[0].frame.sci.row(0)[0], expected, "{pctecorr}");
    }
}

#[test]
fn a_subarray_takes_its_part_of_the_reference() {
    let mut world = World::new();
    world.ccdtab("A", &[1]);
    let dark = frame(
        (20, 30),
        |x, y| (x + 100 * y) as f32,
        0.0,
        |x, y| u16::from((x, y) == (8, 7)),
    );
    world.image("DARKFILE", &[Plane::of(1, dark)], &[]);
    let mut observation = ccd(
        "WFC",
        "A",
        vec![chip(1, 1, (7.0, 5.0), frame((4, 5), |_, _| 0.0, 1.0, |_, _| 0))],
        &["DARKCORR"],
    );
    observation.primary.set("DARKTIME", 1.0, None).unwrap();
    world.run(&mut observation).unwrap();
    let found = &observation.chips[0].frame;
    for y in 0..4 {
        for x in 0..5 {
            assert_eq!(found.sci.row(y)[x], -((x + 7 + 100 * (y + 5)) as f32));
            assert_eq!(found.dq.row(y)[x], u16::from((x, y) == (1, 2)));
        }
    }
}

#[test]
fn the_flash_is_subtracted_unless_there_was_none() {
    let mut world = world();
    world.image(
        "FLSHFILE",
        &[Plane::of(1, frame(SHAPE, |_, _| 2.0, 0.0, |_, _| 0))],
        &[],
    );
    for (duration, level, outcome) in [
        (5.0, 90.0, Outcome::Complete),
        (0.0, 100.0, Outcome::NotPerformed),
    ] {
        let chips = vec![chip(1, 1, (0.0, 0.0), frame(SHAPE, |_, _| 100.0, 10.0, |_, _| 0))];
        let mut observation = ccd("WFC", "ABCD", chips, &["FLSHCORR"]);
        observation.primary.set("FLASHDUR", duration, None).unwrap();
        observation.primary.set("FLASHSTA", "aborted", None).unwrap();
        let report = world.run(&mut observation).unwrap();
        assert_eq!(observation.chips[0].frame.sci.row(3)[3], level);
        assert_eq!(report.steps, [("FLSHCORR".to_owned(), outcome)]);
        assert_eq!(
            observation.chips[0].sci.real("MEANFLSH"),
            (duration > 0.0).then_some(10.0)
        );
        assert_eq!(report.warnings.len(), 1);
        let history = observation.primary.commentary("HISTORY");
        assert!(history.iter().any(|line| line.trim_end() == report.warnings[0]));
    }
}

#[test]
fn a_dummy_is_skipped_and_dummies_alone_are_nothing_to_do() {
    let mut world = world();
    world.image(
        "DARKFILE",
        &[dark_of(1)],
        &[("PEDIGREE", text("DUMMY 01/01/2000"))],
    );
    let one = || vec![chip(1, 1, (0.0, 0.0), frame(SHAPE, |_, _| 100.0, 10.0, |_, _| 0))];
    let mut observation = ccd("WFC", "ABCD", one(), &["DARKCORR", "FLATCORR"]);
    let report = world.run(&mut observation).unwrap();
    assert_eq!(report.steps[0], ("DARKCORR".to_owned(), Outcome::Dummy));
    assert_eq!(
        report.warnings,
        ["DARKCORR is skipped: DARKFILE jref$darkfile.fits is a dummy (PEDIGREE DUMMY 01/01/2000)"]
    );
    assert_eq!(observation.primary.text("DARKCORR").unwrap(), "SKIPPED");
    assert_eq!(observation.chips[0].frame.sci.row(0)[3], 100.0);
    let history = observation.primary.commentary("HISTORY").join("|");
    assert!(
        history.contains("DARKCORR skipped due to dummy reference file ..."),
        "{history}"
    );

    let mut alone = ccd("WFC", "ABCD", one(), &["DARKCORR", "EXPSCORR"]);
    let before = alone.clone();
    let report = world.run(&mut alone).unwrap();
    assert!(report.steps.is_empty() && report.warnings[0].starts_with("DARKCORR is skipped"));
    assert_eq!(alone.primary.to_bytes(), before.primary.to_bytes());
}

#[test]
fn flats_without_numbers_are_told_of() {
    let mut world = world();
    let holes = |x: usize, y: usize| match (x, y) {
        (3, 2) => f32::NAN,
        (4, 2) => f32::INFINITY,
        _ => 1.0,
    };
    let flat = |number, of: fn(usize, usize) -> f32| Plane::of(number, frame(SHAPE, of, 0.001, |_, _| 0));
    world.image("PFLTFILE", &[flat(1, holes), flat(2, |_, _| 1.0)], &[]);
    let of = |number, version| {
        chip(
            number,
            version,
            (0.0, 0.0),
            frame(SHAPE, |_, _| 100.0, 10.0, |_, _| 0),
        )
    };
    let mut observation = ccd("WFC", "ABCD", vec![of(2, 1), of(1, 2)], &["FLATCORR"]);
    let report = world.run(&mut observation).unwrap();
    assert_eq!(report.warnings.len(), 1, "{:?}", report.warnings);
    assert!(report.warnings[0].starts_with("chip 1: the flats have 2 pixels"));
    assert!(observation.chips[1].frame.sci[(2, 3)].is_nan());
}

#[test]
fn dn_become_electrons_and_missing_errors_are_filled_in() {
    let mut in_dn = chip(1, 1, (0.0, 0.0), frame(SHAPE, |_, _| 100.0, 0.0, |_, _| 0));
    in_dn.sci.set("BUNIT", "COUNTS", None).unwrap();
    let mut observation = ccd("WFC", "ABCD", vec![in_dn], &["DARKCORR"]);
    observation
        .primary
        .set("DARKTIME", Value::from(0.0), None)
        .unwrap();
    let report = world().run(&mut observation).unwrap();
    assert!(report.chips[0].errors_filled);
    let found = &observation.chips[0];
    assert!((found.frame.sci.row(0)[0] - 201.0).abs() < 1e-4);
    assert!((found.frame.err.row(0)[0] - (201.0f32 + 4.1 * 4.1).sqrt()).abs() < 1e-4);
    assert_eq!(found.sci.text("BUNIT").unwrap(), "ELECTRONS");
}

#[test]
fn a_dark_without_its_time_is_refused() {
    let plain = || vec![chip(1, 1, (0.0, 0.0), frame(SHAPE, |_, _| 100.0, 1.0, |_, _| 0))];
    let mut without = ccd("WFC", "ABCD", plain(), &["DARKCORR"]);
    without.primary.remove("DARKTIME");
    let error = world().run(&mut without).unwrap_err();
    assert!(error.to_string().contains("DARKTIME"), "{error}");
    let mut flat_only = ccd("WFC", "ABCD", plain(), &["FLATCORR"]);
    flat_only.primary.remove("DARKTIME");
    world().run(&mut flat_only).unwrap();
}

#[test]
fn the_bits_are_the_same_for_any_number_of_threads() {
    let world = world();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let flux = |x: usize, y: usize| 100.0 + ((x * 7 + y * 13) % 11) as f32 / 3.0;
        let chips = vec![chip(1, 1, (0.0, 0.0), frame(SHAPE, flux, 10.0, |_, _| 0))];
        let mut observation = ccd("WFC", "ABCD", chips, &["DARKCORR", "FLATCORR"]);
        pool.install(|| world.run(&mut observation)).unwrap();
        (
            observation.chips[0].frame.clone(),
            observation.chips[0].sci.to_bytes(),
        )
    };
    assert_eq!(run(1), run(3));
}

#[test]
fn steps_of_the_sbc_that_a_ccd_is_asked_for_are_told_of_and_change_nothing() {
    let asked = |switches: &[&str]| {
        let chip = chip(1, 1, (0.0, 0.0), frame(SHAPE, |_, _| 100.0, 10.0, |_, _| 0));
        let mut observation = ccd("WFC", "ABCD", vec![chip], switches);
        let report = world().run(&mut observation).unwrap();
        (observation, report)
    };
    let (plain, silent) = asked(&["DARKCORR"]);
    assert!(silent.warnings.is_empty(), "{:?}", silent.warnings);
    let (observation, report) = asked(&["DARKCORR", "GLINCORR", "LFLGCORR"]);
    assert_eq!(report.warnings.len(), 2, "{:?}", report.warnings);
    assert!(report.warnings[0].starts_with("GLINCORR is PERFORM, and is not done: it is a step of the SBC"));
    assert!(report.warnings[1].starts_with("LFLGCORR"));
    assert_eq!(report.steps, silent.steps);
    assert!(observation.chips[0].frame.sci == plain.chips[0].frame.sci);
    assert_eq!(observation.primary.text("GLINCORR").unwrap().trim(), "PERFORM");
}
