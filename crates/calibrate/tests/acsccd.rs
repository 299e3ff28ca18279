//! Raw frames of the CCDs whose electrons, bias and bad pixels are known.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod ccd_frames;

use ccd_frames::{
    ATOD_SATURATE, DEFAULT_BIAS_DN, FULL_WELL_E, Files, GAIN, Layout, READNOISE, amplifier, history,
    is_imaging, raw,
};
use firstlight_calibrate::acs::acsccd::{AcsccdOptions, AcsccdReport, acsccd};
use firstlight_calibrate::acs::{Observation, Outcome};
use firstlight_frame::Switch;

fn run(observation: &mut Observation, files: &Files) -> AcsccdReport {
    acsccd(observation, &files.references, &AcsccdOptions::default()).unwrap()
}

fn both() -> [Layout; 2] {
    [Layout::lower(), Layout::upper()]
}

/// Electrons of the sky at a pixel of the readout.
fn sky(x: usize, y: usize) -> f32 {
    50.0 + ((x * 7 + y * 13) % 40) as f32
}

/// Structure of the bias, DN.
fn structure(x: usize, y: usize) -> f32 {
    ((x + 3 * y) % 5) as f32 * 0.25
}

/// DN of a chip of two amplifiers: level, structure and sky.
fn dn(chip: &Layout, x: usize, y: usize) -> f32 {
    let of = amplifier(chip, x);
    let level = 900.0 + 40.0 * of as f32;
    let electrons = if is_imaging(chip, x, y) { sky(x, y) } else { 0.0 };
    level + structure(x, y) + electrons / GAIN[of]
}

fn layout(number: i64) -> Layout {
    if number == 1 {
        Layout::upper()
    } else {
        Layout::lower()
    }
}

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
fn drift_along_lines_is_taken_out_by_the_virtual_overscan() {
    let chip = Layout {
        trim_y: [10, 0],
        ltv: (6.0, 10.0),
        virtual_x: [7, 66],
        virtual_y: [2, 9],
        section_b: [0, 0],
        ampx: 0,
        ..Layout::upper()
    };
    let files = Files::of("HRC", "A", &[chip]);
    // The leading section, columns 2 to 5 of 1, has its middle at 2.5 of 0.
    let drift = |x: usize| 0.125 * (x as f32 - 2.5);
    let mut observation = raw("HRC", "A", &[chip], |x, y, _| {
        let electrons = if is_imaging(&chip, x, y) { sky(x, y) } else { 0.0 };
        1000.0 + drift(x) + electrons / GAIN[0]
    });
    run(&mut observation, &files);
    for y in 0..34 {
        for x in 0..60 {
            let sci = observation.chips[0].frame.sci[(y, x)];
            assert!((sci - sky(x + 6, y + 10)).abs() < 2e-3, "({x},{y}) {sci}");
        }
    }
    assert!(
        history(&observation).contains(&"BLEVCORR includes correction for drift along lines.".to_owned())
    );
    // Its mean along the line counts in the level: the drift 33 columns from the left.
    let level = observation.primary.real("BIASLEVA").unwrap();
    assert!(
        (level - f64::from((1000.0 + 0.125 * (30.0 - 2.5)) * GAIN[0])).abs() < 0.01,
        "{level}"
    );
}

#[test]
fn cosmic_rays_and_flagged_pixels_do_not_move_the_level() {
    let chips = both();
    let mut files = Files::of("WFC", "ABCD", &chips);
    // A dead column in the overscan, flagged; and lines bright all along, as of a star bleeding into it.
    files.bpixtab(
        "WFC",
        &[("N/A", 1, -2, -3, 44, 2, 4), ("N/A", 1, -1, -3, 44, 2, 4)],
    );
    let mut observation = raw("WFC", "ABCD", &chips, |x, y, number| {
        let value = dn(&layout(number), x, y) - structure(x, y);
        match (number, x, y) {
            (1, 3 | 4, _) => 30000.0,
            (1, _, 20..=22) if x < 6 => value + 500.0,
            _ => value,
        }
    });
    run(&mut observation, &files);
    let sci = observation.chips[1].frame.sci[(10, 10)];
    assert!((sci - sky(16, 14)).abs() < 2e-3, "{sci}");
}

#[test]
fn a_readout_without_a_row_in_oscntab_gets_the_default_level_and_keeps_its_size() {
    let chips = both();
    let mut files = Files::of("WFC", "ABCD", &chips);
    files.oscntab("WFC", "A", &chips);
    for mjd in [53807.0, 57000.0] {
        let mut observation = raw("WFC", "ABCD", &chips, |x, _, number| {
            DEFAULT_BIAS_DN[amplifier(&layout(number), x)] + 100.0
        });
        observation.primary.set("EXPSTART", mjd, None).unwrap();
        let report = run(&mut observation, &files);
        let sci = &observation.chips[0].frame.sci;
        assert_eq!(sci.shape(), (44, 72));
        assert!(
            (sci[(5, 5)] - 100.0 * GAIN[2]).abs() < 1e-3 && (sci[(5, 70)] - 100.0 * GAIN[3]).abs() < 1e-3
        );
        assert!(!report.from_overscan);
        assert_eq!(observation.switch("BLEVCORR"), Switch::Complete);
        let line = "BLEVCORR complete, but default bias level was subtracted.".to_owned();
        assert!(history(&observation).contains(&line));
        assert_eq!(observation.chips[0].sci.real("MEANBLEV"), None);
    }
}

#[test]
fn overscan_stays_where_the_level_is_not_subtracted_or_where_it_is_asked_for() {
    let chips = both();
    let files = Files::of("WFC", "ABCD", &chips);
    let make = || raw("WFC", "ABCD", &chips, |x, y, number| dn(&layout(number), x, y));
    let mut observation = make();
    observation.primary.set("BLEVCORR", "OMIT", None).unwrap();
    run(&mut observation, &files);
    assert_eq!(observation.chips[0].frame.sci.shape(), (44, 72));
    assert_eq!(observation.chips[0].ltv(), (6.0, 0.0));
    let mut observation = make();
    let options = AcsccdOptions { keep_overscan: true };
    acsccd(&mut observation, &files.references, &options).unwrap();
    let sci = &observation.chips[0].frame.sci;
    assert_eq!(sci.shape(), (44, 72));
    assert!((sci[(10, 10)] - sky(10, 10) - structure(10, 10) * GAIN[2]).abs() < 2.0);
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
fn a_bias_frame_has_the_readout_noise_for_its_error() {
    let chips = both();
    let mut files = Files::of("WFC", "ABCD", &chips);
    files.image("BIASFILE", "WFC", &chips, |_, _, _| (0.0, 3.0, 0));
    let mut observation = raw("WFC", "ABCD", &chips, |x, y, number| dn(&layout(number), x, y));
    observation.primary.set("TARGNAME", "BIAS", None).unwrap();
    observation.primary.set("EXPTIME", 0.0, None).unwrap();
    run(&mut observation, &files);
    let err = &observation.chips[0].frame.err;
    assert_eq!((err[(0, 0)], err[(39, 59)]), (READNOISE[2], READNOISE[3]));
}

#[test]
fn bad_pixels_lie_by_ltv_are_cut_at_the_edges_and_join_bits_that_are_there() {
    let chips = both();
    let mut files = Files::of("WFC", "ABCD", &chips);
    files.bpixtab(
        "WFC",
        &[
            ("N/A", 1, 3, 5, 4, 1, 16),
            ("ABCD", -999, 60, 2, 1000, 2, 32),
            ("AD", 1, 1, 1, 1000, 2, 8),
            ("N/A", 2, 1, 1, 1000, 1, 64),
            ("N/A", 1, 2000, 1, 5, 1, 128),
            ("N/A", 1, 1, -500, 5, 2, 128),
        ],
    );
    let mut observation = raw("WFC", "ABCD", &chips, |x, y, number| {
        if (x, y) == (9, 8) {
            ATOD_SATURATE as f32
        } else {
            dn(&layout(number), x, y)
        }
    });
    // A lost packet.
    observation.chips[1].frame.dq[(8, 8)] = 1;
    let report = run(&mut observation, &files);
    let dq = &observation.chips[1].frame.dq;
    let row: Vec<u16> = (0..8).map(|x| dq[(4, x)] & !256).collect();
    assert_eq!(row, [0, 0, 17, 16 | 2048, 16, 16, 0, 0]);
    assert_eq!((dq[(0, 59)], dq[(1, 59)], dq[(39, 59)]), (0, 32, 32));
    assert_eq!(
        dq[(0, 0)],
        0,
        "neither another amplifier's row nor another chip's"
    );
    assert_eq!(observation.chips[0].frame.dq[(0, 0)], 64);
    assert_eq!(report.atod_saturated, 2);
    assert_eq!(report.bad_pixel_runs, 4);
}

#[test]
fn full_wells_are_flagged_to_the_last_column_and_row_of_a_subarray() {
    // A corner of chip 1 with overscan at its left and below, on a reference of the whole chip.
    let part = Layout {
        shape: (24, 26),
        trim_x: [6, 0],
        section_b: [0, 0],
        ampx: 72,
        ..Layout::upper()
    };
    let whole = Layout::upper();
    let mut files = Files::of("WFC", "A", &[part]);
    files.image("BIASFILE", "WFC", &[whole], |_, _, _| (0.0, 0.0, 0));
    let limit = |x: usize| if x == 25 { 500.0 } else { FULL_WELL_E };
    files.image("SATUFILE", "WFC", &[whole], |x, _, _| (limit(x), 0.0, 0));
    let mut observation = raw("WFC", "A", &[part], |x, _, _| if x < 6 { 1000.0 } else { 2000.0 });
    observation.primary.set("SUBARRAY", true, None).unwrap();
    let report = run(&mut observation, &files);
    let dq = &observation.chips[0].frame.dq;
    assert_eq!(dq.shape(), (20, 20));
    assert_eq!((dq[(0, 19)], dq[(19, 19)], dq[(19, 18)]), (256, 256, 0));
    assert_eq!(report.full_well_saturated, 20);
}

#[test]
fn sinks_are_followed_away_from_the_amplifiers_as_far_as_they_act() {
    let chips = both();
    let mut files = Files::of("WFC", "ABCD", &chips);
    // Head at row 20 of column 30; its tail points up on chip 2 and down on chip 1. Of 90 electrons in the sink
    // the tail reaches as far as pixels that say more.
    let along = |y: usize, number: i64| if number == 1 { 20 - y as i64 } else { y as i64 - 20 };
    files.image("SNKCFILE", "WFC", &chips, |x, y, number| {
        match (x, along(y, number)) {
            (30, -1) => (-1.0, 0.0, 0),
            (30, 0) => (-50.0, 0.0, 0),
            (30, 1) => (999.0, 0.0, 0),
            (30, 2) => (120.0, 0.0, 0),
            (30, 3) => (60.0, 0.0, 0),
            (30, 4) => (500.0, 0.0, 0),
            (31, 1) => (999.0, 0.0, 0),
            _ => (0.0, 0.0, 0),
        }
    });
    let mut observation = raw("WFC", "ABCD", &chips, |x, y, number| {
        let chip = layout(number);
        let electrons = if is_imaging(&chip, x, y) { 90.0 } else { 0.0 };
        1000.0 + electrons / GAIN[amplifier(&chip, x)]
    });
    observation.primary.set("SINKCORR", "PERFORM", None).unwrap();
    let report = run(&mut observation, &files);
    assert_eq!(report.sink_pixels, 8);
    let flagged = |chip: usize| -> Vec<usize> {
        (0..40)
            .filter(|&y| observation.chips[chip].frame.dq[(y, 24)] == 1024)
            .collect()
    };
    assert_eq!(flagged(0), [19, 20, 21, 22]);
    assert_eq!(flagged(1), [14, 15, 16, 17]);
    assert!(history(&observation).contains(&"SINKCORR complete ...".to_owned()));
}

#[test]
fn samples_become_what_the_converter_meant() {
    let chips = both();
    let mut files = Files::of("WFC", "ABCD", &chips);
    let values: Vec<f32> = (0..2000).map(|i| i as f32 + 0.5).collect();
    files.atodtab("WFC", "ABCD", &values);
    let mut observation = raw("WFC", "ABCD", &chips, |x, y, _| {
        if (x, y) == (30, 30) { 2500.0 } else { 1000.0 }
    });
    for (switch, value) in [
        ("ATODCORR", "PERFORM"),
        ("BLEVCORR", "OMIT"),
        ("BIASCORR", "OMIT"),
    ] {
        observation.primary.set(switch, value, None).unwrap();
    }
    run(&mut observation, &files);
    let frame = &observation.chips[0].frame;
    assert_eq!(frame.sci[(0, 0)], 1000.5 * GAIN[2]);
    assert_eq!((frame.sci[(30, 30)], frame.dq[(30, 30)]), (1999.5 * GAIN[2], 256));
    assert!(history(&observation).contains(&"ATODCORR complete ...".to_owned()));
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
