//! The readout since Servicing Mission 4: stripes and the bias shift, put in and taken out.

use crate::ccd_frames::{Files, GAIN, Layout, history, raw};
use firstlight_calibrate::acs::Observation;
use firstlight_calibrate::acs::acsccd::{AcsccdOptions, AcsccdReport, acsccd};

fn run(observation: &mut Observation, files: &Files) -> AcsccdReport {
    acsccd(observation, &files.references, &AcsccdOptions::default()).unwrap()
}

fn wide(number: i64) -> Layout {
    Layout {
        number,
        shape: (68, 288),
        ltv: (24.0, if number == 1 { 20.0 } else { 0.0 }),
        trim_x: [24, 24],
        trim_y: if number == 1 { [20, 0] } else { [0, 20] },
        section_a: [19, 24],
        section_b: [265, 270],
        ampx: 120,
        ..Layout::upper()
    }
}

const LEVEL_E: [f32; 4] = [1500.0, 1800.0, 2100.0, 900.0];

/// Row and column in the order of reading, and the amplifier.
fn read(x: usize, y: usize, number: i64) -> (usize, usize, usize) {
    let (row, first) = if number == 1 { (67 - y, 0) } else { (y, 2) };
    if x < 144 {
        (row, x, first)
    } else {
        (row, 287 - x, first + 1)
    }
}

/// The stripe of a row, e; of the first, which nothing tells of, 0.
fn stripe(row: usize) -> f64 {
    if row == 0 {
        0.0
    } else {
        ((row * 37) % 11) as f64 * 0.5 - 2.5
    }
}

/// The stripe as it goes on in time, a row being as long as 144 columns and a gap of 146.
fn stripe_at(row: usize, column: usize) -> f64 {
    let time = row as f64 + (column as f64 - 11.5) / (144.0 + 146.0);
    let lower = (time.floor().max(0.0) as usize).min(66);
    let share = time - lower as f64;
    stripe(lower) + share * (stripe(lower + 1) - stripe(lower))
}

/// Electrons: what is read of a sky of 40.
fn electrons(x: usize, y: usize, number: i64) -> (f64, usize) {
    let (row, column, amplifier) = read(x, y, number);
    let is_sky = column >= 24 && row < 48;
    let signal = if is_sky { 40.0 } else { 0.0 };
    (
        f64::from(LEVEL_E[amplifier]) + signal + stripe_at(row, column),
        amplifier,
    )
}

fn striped(extra: impl Fn(usize, usize, usize) -> f64) -> Observation {
    let mut observation = raw("WFC", "ABCD", &[wide(2), wide(1)], |x, y, number| {
        let (row, column, amplifier) = read(x, y, number);
        let (electrons, _) = electrons(x, y, number);
        ((electrons + extra(row, column, amplifier)) / f64::from(GAIN[amplifier])) as f32
    });
    observation.primary.set("EXPSTART", 57000.0, None).unwrap();
    observation.primary.set("JWROTYPE", "CLAMP", None).unwrap();
    observation
}

/// Root mean square difference of the image from a sky of 40, without the columns and rows that `leave` says.
fn residual(observation: &Observation, leave: impl Fn(usize, usize, usize) -> bool) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0_f64);
    for chip in &observation.chips {
        let bottom = if chip.number() == 1 { 20 } else { 0 };
        for y in 0..48 {
            for x in 0..240 {
                let (row, column, amplifier) = read(x + 24, y + bottom, chip.number());
                if row > 0 && !leave(row, column, amplifier) {
                    sum += (f64::from(chip.frame.sci[(y, x)]) - 40.0).powi(2);
                    count += 1.0;
                }
            }
        }
    }
    (sum / count).sqrt()
}

#[test]
fn stripes_and_levels_are_taken_out_of_a_full_frame() {
    let files = Files::of("WFC", "ABCD", &[wide(2), wide(1)]);
    let mut observation = striped(|_, _, _| 0.0);
    let report = run(&mut observation, &files);
    // They scatter by 1.6 e; what is left is what the mean of 24 columns does not tell.
    let left = residual(&observation, |_, _, _| false);
    assert!(left < 0.05, "{left}");
    assert_eq!(report.stripes, Some((67, 1)));
    for (letter, level) in "ABCD".chars().zip(LEVEL_E) {
        let found = report.bias_levels_e[&letter];
        assert!((found - f64::from(level)).abs() < 0.1, "{letter}: {found}");
    }
    let mean = observation.chips[1].sci.real("MEANBLEV").unwrap();
    assert!((mean - 1650.0).abs() < 0.1, "{mean}");
    let lines = history(&observation);
    let fixed = lines
        .iter()
        .position(|line| line == "DESTRIPE: number of rows fixed per amp: 67")
        .unwrap();
    assert_eq!(lines[fixed + 1], "DESTRIPE: number of rows skipped per amp: 1");
    assert!(lines[fixed + 2].starts_with("BLEVCORR complete; bias level from overscan"));
    assert_eq!(report.darktime_s, 104.0);
}

#[test]
fn a_saturated_star_beside_the_overscan_of_one_amplifier_leaves_the_stripes_to_the_others() {
    let files = Files::of("WFC", "ABCD", &[wide(2), wide(1)]);
    let star = |row: usize, column: usize, amplifier: usize| {
        let in_star = amplifier == 1 && (10..14).contains(&row) && column == 24;
        // Its trail spoils the overscan of the rows.
        let in_trail = amplifier == 1 && (10..14).contains(&row) && column < 24;
        match (in_star, in_trail) {
            (true, _) => 90_000.0,
            (_, true) => 40.0,
            _ => 0.0,
        }
    };
    let mut observation = striped(star);
    let report = run(&mut observation, &files);
    assert_eq!(report.stripes, Some((67, 1)));
    let left = residual(&observation, |row, column, amplifier| {
        star(row, column, amplifier) > 0.0
    });
    assert!(left < 0.1, "{left}");
}

#[test]
fn the_bias_shift_of_a_subarray_is_undone() {
    const ROWS: usize = 2068;
    const COLUMNS: usize = 64;
    // Amplifier B of chip 1: the overscan is at the right and below.
    let chip = Layout {
        shape: (ROWS, COLUMNS),
        ltv: (-2048.0, 20.0),
        trim_x: [0, 24],
        trim_y: [20, 0],
        section_a: [0, 0],
        section_b: [41, 46],
        ampx: 0,
        ..Layout::upper()
    };
    let truth = |row: usize, column: usize| {
        let is_sky = column >= 24 && row < 2048;
        let star = is_sky && (30..50).contains(&column) && (500..1500).contains(&row);
        500.0 + if is_sky { 60.0 } else { 0.0 } + if star { 4000.0 } else { 0.0 }
    };
    let measured = shifted(ROWS, COLUMNS, truth);
    let at = |x: usize, y: usize| (ROWS - 1 - y, COLUMNS - 1 - x);
    let mut files = Files::of("WFC", "B", &[chip]);
    files.image("BIASFILE", "WFC", &[chip], |_, _, _| (0.0, 0.0, 0));
    let mut observation = raw("WFC", "B", &[chip], |x, y, _| {
        let (row, column) = at(x, y);
        (measured[row * COLUMNS + column] / f64::from(GAIN[1])) as f32
    });
    for (keyword, value) in [("JWROTYPE", "DS_int"), ("APERTURE", "WFC1B-2K")] {
        observation.primary.set(keyword, value, None).unwrap();
    }
    observation.primary.set("EXPSTART", 58000.0, None).unwrap();
    observation.primary.set("SUBARRAY", true, None).unwrap();
    let report = run(&mut observation, &files);
    let mut before = 0.0_f64;
    for y in 0..2048 {
        for x in 0..40 {
            let (row, column) = at(x, y + 20);
            let electrons = truth(row, column) - 500.0;
            let found = f64::from(observation.chips[0].frame.sci[(y, x)]);
            assert!(
                (found - electrons).abs() < 0.01,
                "row {row}, column {column}: {found}, not {electrons}"
            );
            before = before.max((measured[row * COLUMNS + column] - truth(row, column)).abs());
        }
    }
    assert!(before > 3.0, "the shift of {before} e would have been seen");
    assert!((report.bias_levels_e[&'B'] - 500.0).abs() < 0.01);
    assert_eq!(
        observation.chips[0].sci.real("MEANBLEV"),
        observation.primary.real("BIASLEVB")
    );
    assert_eq!(report.stripes, None);
}

/// What amplifier B makes of `truth`: each pixel gains k D' + (10/22)(D' − D) of the level D, which follows what is
/// measured. Solved for the measured value, pixel by pixel.
fn shifted(rows: usize, columns: usize, truth: impl Fn(usize, usize) -> f64) -> Vec<f64> {
    let f = 1.0 - (-1.0 / (36.180001 * 1000.0 / 22.0_f64)).exp();
    let (k, within) = (10.805754e-3, 10.0 / 22.0);
    let mut gap = 500.0;
    let mut measured = vec![0.0; rows * columns];
    // The gaps have the level of the overscan as measured, which is known only afterwards.
    for _ in 0..5 {
        let mut level = 0.3 * gap;
        for row in 0..rows {
            for column in 0..columns {
                let kept = (1.0 - f) * level;
                let value = (truth(row, column) + (k + within) * kept - within * level)
                    / (1.0 - (k + within) * 0.3 * f);
                measured[row * columns + column] = value;
                level = 0.3 * f * value + kept;
            }
            for _ in 0..146 {
                level = 0.3 * f * gap + (1.0 - f) * level;
            }
        }
        let square = (2057..=2066).flat_map(|row| (13..=22).map(move |column| row * columns + column));
        gap = square.map(|at| measured[at]).sum::<f64>() / 100.0;
    }
    measured
}
