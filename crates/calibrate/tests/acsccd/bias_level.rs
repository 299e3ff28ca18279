//! The bias level, by the overscan or by default.

use crate::ccd_frames::{DEFAULT_BIAS_DN, Files, GAIN, Layout, amplifier, history, is_imaging, raw};
use crate::made::{both, dn, layout, run, sky, structure};
use firstlight_calibrate::Error;
use firstlight_calibrate::acs::Observation;
use firstlight_calibrate::acs::acsccd::{AcsccdOptions, acsccd, check_trimmed};
use firstlight_frame::Switch;

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
        assert!(
            report.warnings.len() == 2 && report.warnings[0].contains("OSCNTAB has no row"),
            "{report:?}"
        );
        let sought = "CCDAMP ABCD, CCDCHIP 2, BINX 1, BINY 1, NX 72, NY 44";
        assert!(
            report.warnings[0].contains(sought) && report.warnings[0].contains("has A 2 1 1 72 44"),
            "{report:?}"
        );
        // What goes on from here is told which row is missing.
        let error = check_trimmed(&observation, &files.references).unwrap_err();
        assert!(
            matches!(&error, Error::NoRow { sought: of, .. } if of == sought),
            "{error}"
        );
        assert_eq!(observation.switch("BLEVCORR"), Switch::Complete);
        let line = "BLEVCORR complete, but default bias level was subtracted.".to_owned();
        assert!(history(&observation).contains(&line));
        assert_eq!(observation.chips[0].sci.real("MEANBLEV"), None);
    }
}

#[test]
fn a_frame_without_a_usable_line_of_overscan_is_told_of() {
    let chips = both();
    let files = Files::of("WFC", "ABCD", &chips);
    let of = |letter: char| format!("the overscan of amplifier {letter} has no usable line");
    let told = |mut observation: Observation| {
        let report = run(&mut observation, &files);
        move |letter: char| report.warnings.iter().any(|words| words.contains(&of(letter)))
    };
    let good = told(raw("WFC", "ABCD", &chips, |x, y, number| {
        dn(&layout(number), x, y)
    }));
    assert!(!good('A') && !good('C'));
    let saturated = told(raw("WFC", "ABCD", &chips, |_, _, _| 65535.0));
    assert!(['A', 'B', 'C', 'D'].into_iter().all(saturated));
}

#[test]
fn levels_far_from_those_of_the_table_are_told_of() {
    let chips = both();
    let files = Files::of("WFC", "ABCD", &chips);
    let far = |shift: f32| {
        let mut observation = raw("WFC", "ABCD", &chips, |x, y, number| {
            let layout = layout(number);
            let usual = dn(&layout, x, y);
            if amplifier(&layout, x) == 0 {
                usual + shift
            } else {
                usual
            }
        });
        let report = run(&mut observation, &files);
        let told = |words: &&String| words.contains("CCDBIASA of CCDTAB");
        report.warnings.iter().filter(told).count()
    };
    assert_eq!((far(0.0), far(2000.0)), (0, 1));
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
fn lost_packets_are_told_of() {
    let chips = both();
    let files = Files::of("WFC", "ABCD", &chips);
    let mut observation = raw("WFC", "ABCD", &chips, |x, y, number| dn(&layout(number), x, y));
    let quiet = run(&mut observation.clone(), &files).warnings;
    assert!(!quiet.iter().any(|words| words.contains("CNT")), "{quiet:?}");
    observation.chips[0].sci.set("FILLCNT", 3, None).unwrap();
    observation.chips[1].sci.set("ERRCNT", 0, None).unwrap();
    let warnings = run(&mut observation, &files).warnings;
    let told: Vec<_> = warnings.iter().filter(|words| words.contains("CNT")).collect();
    assert!(
        matches!(told.as_slice(), [words] if words.contains("SCI,1: FILLCNT is 3")),
        "{warnings:?}"
    );
}
