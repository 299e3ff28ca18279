//! Single pixels: what they are in electrons, their errors and flags.

use crate::ccd_frames::{
    ATOD_SATURATE, FULL_WELL_E, Files, GAIN, Layout, READNOISE, amplifier, history, is_imaging, raw,
};
use crate::made::{both, dn, layout, run};

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
