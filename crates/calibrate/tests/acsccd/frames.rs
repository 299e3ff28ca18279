//! Whole frames, and what is told of them.

use crate::ccd_frames::{Files, GAIN, READNOISE, amplifier, history, raw};
use crate::made::{both, dn, layout, run, sky, structure};
use firstlight_calibrate::acs::{Observation, Outcome};
use firstlight_frame::Switch;

#[test]
fn a_full_frame_comes_back_in_electrons_without_overscan() {
    let chips = both();
    let mut files = Files::of("WFC", "ABCD", &chips);
    files.image("BIASFILE", "WFC", &chips, |x, y, _| {
        (structure(x, y), 0.5, u16::from(x == 20 && y == 20) * 16)
    });
    let mut observation = raw("WFC", "ABCD", &chips, |x, y, number| dn(&layout(number), x, y));
    let report = run(&mut observation, &files);
    for (chip, layout) in observation.chips.iter().zip(chips) {
        assert_eq!(chip.frame.sci.shape(), (40, 60));
        let (x0, y0) = (layout.trim_x[0] as usize, layout.trim_y[0] as usize);
        for y in 0..40 {
            for x in 0..60 {
                let of = amplifier(&layout, x + x0);
                let truth = sky(x + x0, y + y0);
                let sci = chip.frame.sci[(y, x)];
                assert!(
                    (sci - truth).abs() < 1e-3,
                    "chip {} ({x},{y}): {sci}, not {truth}",
                    layout.number
                );
                let noise = (truth + READNOISE[of].powi(2) + (0.5 * GAIN[of]).powi(2)).sqrt();
                assert!((chip.frame.err[(y, x)] - noise).abs() < 1e-4);
                let flagged = (x + x0, y + y0) == (20, 20);
                assert_eq!(chip.frame.dq[(y, x)], if flagged { 16 } else { 0 });
            }
        }
        assert_eq!(chip.ltv(), (0.0, 0.0));
        assert_eq!(chip.dq.real("LTV2"), Some(0.0));
        assert_eq!(chip.sci.real("CRPIX1"), Some(30.0));
        assert_eq!(chip.sci.integer("SIZAXIS1"), Some(60));
        assert_eq!(chip.sci.text("BUNIT").as_deref(), Some("ELECTRONS"));
        assert_eq!(chip.err.text("BUNIT").as_deref(), Some("ELECTRONS"));
    }
    let level = |of: usize| f64::from((900.0 + 40.0 * of as f32) * GAIN[of]);
    for (of, letter) in "ABCD".chars().enumerate() {
        let keyword = observation.primary.real(&format!("BIASLEV{letter}")).unwrap();
        assert!(
            (keyword - level(of)).abs() < 1e-3 && (report.bias_levels_e[&letter] - level(of)).abs() < 1e-3
        );
        assert_eq!(
            observation.primary.real(&format!("ATODGN{letter}")),
            Some(f64::from(GAIN[of]))
        );
        assert_eq!(
            observation.primary.real(&format!("READNSE{letter}")),
            Some(f64::from(READNOISE[of]))
        );
    }
    let mean = observation.chips[1].sci.real("MEANBLEV").unwrap();
    assert!((mean - (level(0) + level(1)) / 2.0).abs() < 1e-3);
    for switch in ["DQICORR", "BIASCORR", "BLEVCORR"] {
        assert_eq!(observation.switch(switch), Switch::Complete);
        assert_eq!(report.outcomes[switch], Outcome::Complete);
    }
    // Before Servicing Mission 4 there is no overhead.
    assert_eq!(observation.primary.real("DARKTIME"), Some(101.0));
}

#[test]
fn history_tells_the_steps_in_their_order() {
    let chips = both();
    let files = Files::of("WFC", "ABCD", &chips);
    let mut observation = raw("WFC", "ABCD", &chips, |x, y, number| dn(&layout(number), x, y));
    run(&mut observation, &files);
    let expected = [
        "CCD parameters table:",
        "  reference table jref$ccdtab.fits",
        "    GROUND of the row",
        "    made for a test",
        "    descrip of the row",
        "DQICORR complete ...",
        "  values checked for saturation",
        "  DQ array initialized ...",
        "  reference table jref$bpixtab.fits",
        "    GROUND",
        "    made for a test",
        "BIASCORR complete ...",
        "  reference image jref$biasfile.fits",
        "    GROUND",
        "    made for a test",
        "BLEVCORR complete; bias level from overscan was subtracted.",
        "BLEVCORR does not include correction for drift along lines.",
        "  Overscan region table:",
        "  reference table jref$oscntab.fits",
        "    GROUND",
        "    made for a test",
        "Uncertainty array initialized.",
    ];
    assert_eq!(history(&observation), expected);
}

#[test]
fn dummy_files_skip_their_steps() {
    let chips = both();
    let dummy = Files::primary("WFC", "DUMMY 01/01/2000");
    let make = || raw("WFC", "ABCD", &chips, |_, _, _| 50000.0);
    let mut files = Files::of("WFC", "ABCD", &chips);
    files.image_of("BIASFILE", &dummy, &chips, |_, _, _| (7.0, 1.0, 1));
    let mut observation = make();
    let report = run(&mut observation, &files);
    assert_eq!(observation.switch("BIASCORR"), Switch::Skipped);
    assert!(
        report
            .warnings
            .iter()
            .any(|words| words.starts_with("BIASCORR is skipped: BIASFILE")),
        "{report:?}"
    );
    assert!(history(&observation).contains(&"BIASCORR skipped due to dummy reference file ...".to_owned()));
    assert_eq!(report.full_well_saturated, 0, "nothing to compare the map with");
    assert_eq!(observation.chips[0].frame.dq[(0, 0)], 0);

    let mut files = Files::of("WFC", "ABCD", &chips);
    files.bpixtab_of(&dummy, &[("N/A", -999, 1, 1, 4, 1, 16)]);
    let mut observation = raw("WFC", "ABCD", &chips, |_, _, _| 65535.0);
    let report = run(&mut observation, &files);
    assert_eq!(observation.switch("DQICORR"), Switch::Skipped);
    assert_eq!(
        (report.atod_saturated, report.bad_pixel_runs),
        (2 * 44 * 72, 0),
        "saturation is flagged all the same"
    );

    let mut files = Files::of("WFC", "ABCD", &chips);
    files.oscntab_of(&dummy, "ABCD", &chips);
    let mut observation = make();
    run(&mut observation, &files);
    assert_eq!(observation.switch("BLEVCORR"), Switch::Skipped);
    assert_eq!(observation.chips[0].frame.sci.shape(), (44, 72));
}

#[test]
fn dark_time_has_the_overhead_of_its_kind() {
    let chips = both();
    let files = Files::of("WFC", "ABCD", &chips);
    let darktime = |edit: &dyn Fn(&mut Observation)| {
        let mut observation = raw("WFC", "ABCD", &chips, |_, _, _| 1000.0);
        observation.primary.set("BLEVCORR", "OMIT", None).unwrap();
        edit(&mut observation);
        f64::from(run(&mut observation, &files).darktime_s)
    };
    let set = |observation: &mut Observation, mjd: f64, flash: f64, subarray: bool| {
        observation.primary.set("EXPSTART", mjd, None).unwrap();
        observation.primary.set("FLASHDUR", flash, None).unwrap();
        observation.primary.set("FLASHSTA", "SUCCESSFUL", None).unwrap();
        observation.primary.set("SUBARRAY", subarray, None).unwrap();
        observation.primary.set("APERTURE", "WFC1A-1K", None).unwrap();
    };
    assert_eq!(darktime(&|o| set(o, 54961.9, 5.0, false)), 101.0);
    assert_eq!(darktime(&|o| set(o, 54962.0, 0.0, false)), 104.0);
    assert_eq!(darktime(&|o| set(o, 54962.0, 5.0, false)), 105.5);
    assert_eq!(darktime(&|o| set(o, 57661.0, 0.0, true)), 101.0);
    assert_eq!(darktime(&|o| set(o, 57662.0, 0.0, true)), 104.0);
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let chips = both();
    let mut files = Files::of("WFC", "ABCD", &chips);
    files.image("BIASFILE", "WFC", &chips, |x, y, _| (structure(x, y), 0.25, 0));
    let calibrated = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let mut observation = raw("WFC", "ABCD", &chips, |x, y, number| dn(&layout(number), x, y));
        pool.install(|| run(&mut observation, &files));
        observation
    };
    let (one, four) = (calibrated(1), calibrated(4));
    for (one, four) in one.chips.iter().zip(&four.chips) {
        assert_eq!(one.frame, four.frame);
    }
}
