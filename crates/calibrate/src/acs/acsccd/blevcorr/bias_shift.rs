//! The bias shift of the electronics since Servicing Mission 4.

use super::amplifier_view::AmplifierView;
use crate::{Error, Result};
use std::ops::RangeInclusive;

/// Pixels per millisecond: each takes 22 µs.
const SERIAL_FREQUENCY: f64 = 1000.0 / 22.0;
/// How long a parallel shift takes, ms.
const PARALLEL_SHIFT_MS: f64 = 3.212;
/// Time constants of the high-pass filters of amplifiers A to D, ms.
const TIME_CONSTANT: [f64; 4] = [37.290251, 36.180001, 37.867770, 42.461249];
/// How far the DC level shifts with the signal.
const DC_RATIO: f64 = 0.3;
/// Sensitivity of the dual-slope integrators to the DC level.
const SENSITIVITY: [f64; 4] = [2.9188919e-3, 10.805754e-3, 12.432145e-3, 3.8596253e-3];
/// What of a change of the level within a pixel gets through the integrator.
const WITHIN_PIXEL: f64 = 10.0 / 22.0;
/// Where physical and virtual overscan meet: neither signal nor trails.
const SQUARE_ROWS: RangeInclusive<usize> = 2057..=2066;
const SQUARE_COLUMNS: RangeInclusive<usize> = 13..=22;

/// Whether the image of one amplifier, `(rows, columns)`, reaches as far as the square that its zero is measured in.
pub fn check(found: (usize, usize)) -> Result<()> {
    let needed = (*SQUARE_ROWS.end() + 1, *SQUARE_COLUMNS.end() + 1);
    if found.0 >= needed.0 && found.1 >= needed.1 {
        return Ok(());
    }
    Err(Error::TooSmall {
        what: "the image of one amplifier",
        purpose: "the bias-shift correction",
        needed,
        found,
    })
}

/// Removes the shift of the bias that depends on the signal read before (Golimowski et al., ACS ISR 2012-02; of
/// subarrays ACS ISR 2017-03), and subtracts the level of the square where physical and virtual overscan meet, which is
/// returned, e.
///
/// The level D of the preamplifier follows the signal x from pixel to pixel, D' = 0.3 f x + (1 − f) D, through rows and
/// the gaps between them; a pixel gains k D' + (10/22) (D' − D) of it. Double precision throughout, stored once.
///
/// # Errors
/// [`Error::TooSmall`] where the image does not reach as far as the square.
pub fn bias_shift(view: &mut AmplifierView) -> Result<f64> {
    let shape = view.shape();
    check(shape)?;
    let mut row = vec![0.0; shape.1];
    let mut square = Square::default();
    for y in SQUARE_ROWS {
        view.read(y, &mut row);
        square.add(&row);
    }
    let gap_level = square.mean();
    // The corrected zero is needed before any pixel is stored, or it would be rounded twice.
    let mut square = Square::default();
    let mut shift = Shift::new(view, gap_level);
    for y in 0..=*SQUARE_ROWS.end() {
        view.read(y, &mut row);
        shift.correct(&mut row);
        if SQUARE_ROWS.contains(&y) {
            square.add(&row);
        }
    }
    let level = square.mean();
    let mut shift = Shift::new(view, gap_level);
    for y in 0..shape.0 {
        view.read(y, &mut row);
        shift.correct(&mut row);
        row.iter_mut().for_each(|value| *value -= level);
        view.write(y, &row);
    }
    Ok(level)
}

#[derive(Default)]
struct Square {
    sum: f64,
    count: usize,
}

impl Square {
    fn add(&mut self, row: &[f64]) {
        for value in &row[SQUARE_COLUMNS] {
            self.sum += value;
            self.count += 1;
        }
    }

    fn mean(&self) -> f64 {
        self.sum / self.count as f64
    }
}

/// The DC level as it goes on from row to row.
struct Shift {
    factor: f64,
    sensitivity: f64,
    gap_pixels: usize,
    gap_level: f64,
    level: f64,
}

impl Shift {
    fn new(view: &AmplifierView, gap_level: f64) -> Self {
        let amplifier = view.amplifier.index();
        Self {
            factor: 1.0 - (-1.0 / (TIME_CONSTANT[amplifier] * SERIAL_FREQUENCY)).exp(),
            sensitivity: SENSITIVITY[amplifier],
            gap_pixels: (SERIAL_FREQUENCY * PARALLEL_SHIFT_MS + 0.5) as usize,
            gap_level,
            level: gap_level * DC_RATIO,
        }
    }

    fn next(&self, signal: f64) -> f64 {
        signal * self.factor * DC_RATIO + (1.0 - self.factor) * self.level
    }

    /// Corrects a row, and passes the gap behind it.
    fn correct(&mut self, row: &mut [f64]) {
        for value in row {
            let next = self.next(*value);
            *value = (*value - self.sensitivity * next) - WITHIN_PIXEL * (next - self.level);
            self.level = next;
        }
        for _ in 0..self.gap_pixels {
            self.level = self.next(self.gap_level);
        }
    }
}
