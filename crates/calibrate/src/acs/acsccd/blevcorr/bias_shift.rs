//! The bias shift of the electronics since Servicing Mission 4.

use super::amplifier_view::{AmplifierView, RowMut, same_shape};
use crate::steps::widest;
use crate::{Error, Result};
use rayon::prelude::*;
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

/// Rows of an amplifier, or amplifiers, that are gone through side by side: from pixel to pixel each waits for its own
/// level alone.
const TOGETHER: usize = 8;
const AMPLIFIERS: usize = 4;
/// Pixels of such rows that are laid side by side at a time.
const PIXELS: usize = 64;

/// Removes the shift of the bias that depends on the signal read before (Golimowski et al., ACS ISR 2012-02; of
/// subarrays ACS ISR 2017-03), and subtracts the level of the square where physical and virtual overscan meet, which is
/// returned of each amplifier, e.
///
/// The level D of the preamplifier follows the signal x from pixel to pixel, D' = 0.3 f x + (1 − f) D, through rows and
/// the gaps between them; a pixel gains k D' + (10/22) (D' − D) of it. Double precision throughout, stored once.
///
/// D alone is followed first, as far as the beginning of each row: the rows can be corrected in any order then.
///
/// # Errors
/// [`Error::TooSmall`] where the image does not reach as far as the square, [`Error::Shape`] where the amplifiers read
/// different numbers of pixels.
pub fn bias_shift(views: &mut [AmplifierView]) -> Result<Vec<f64>> {
    let shape = same_shape(views)?;
    check(shape)?;
    let mut shifts = Vec::with_capacity(views.len());
    for views in views.chunks(AMPLIFIERS) {
        shifts.extend(follow(views, shape));
    }
    let zeros: Vec<f64> = views
        .iter()
        .zip(&shifts)
        .map(|(view, shift)| shift.zero(view, shape.1))
        .collect();
    for ((view, shift), &zero) in views.iter_mut().zip(&shifts).zip(&zeros) {
        view.rows_mut()
            .par_chunks_mut(TOGETHER)
            .for_each(|rows| shift.remove(rows, zero));
    }
    Ok(zeros)
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

/// Follows the levels of up to [`AMPLIFIERS`] amplifiers to the beginning of each row.
fn follow(views: &[AmplifierView], (ny, nx): (usize, usize)) -> Vec<Shift> {
    let mut shifts: Vec<Shift> = views.iter().map(Shift::new).collect();
    let gap_pixels = (SERIAL_FREQUENCY * PARALLEL_SHIFT_MS + 0.5) as usize;
    let (mut gain, mut rest, mut gap) = ([0.0; AMPLIFIERS], [0.0; AMPLIFIERS], [0.0; AMPLIFIERS]);
    let mut level = [0.0; AMPLIFIERS];
    for (lane, (shift, view)) in shifts.iter().zip(views).enumerate() {
        let gap_level = gap_level(view);
        (gain[lane], rest[lane]) = (shift.factor, 1.0 - shift.factor);
        gap[lane] = gap_level * shift.factor * DC_RATIO;
        level[lane] = gap_level * DC_RATIO;
    }
    let mut signal = vec![[0.0f32; AMPLIFIERS]; nx];
    for y in 0..ny {
        for (lane, (shift, view)) in shifts.iter_mut().zip(views).enumerate() {
            shift.starts.push(level[lane]);
            let signal = signal.iter_mut().map(|of_all| &mut of_all[lane]);
            view.each(y, signal, |to, from| *to = from);
        }
        widest(
            #[inline(always)]
            || {
                for signal in &signal {
                    for lane in 0..AMPLIFIERS {
                        let gained = f64::from(signal[lane]) * gain[lane] * DC_RATIO;
                        level[lane] = gained + rest[lane] * level[lane];
                    }
                }
                for _ in 0..gap_pixels {
                    for lane in 0..AMPLIFIERS {
                        level[lane] = gap[lane] + rest[lane] * level[lane];
                    }
                }
            },
        );
    }
    shifts
}

/// The signal that the gaps between rows are taken for: the mean of the square before the correction.
fn gap_level(view: &AmplifierView) -> f64 {
    let (_, nx) = view.shape();
    let (mut square, mut row) = (Square::default(), vec![0.0; nx]);
    for y in SQUARE_ROWS {
        view.read(y, &mut row);
        square.add(&row);
    }
    square.mean()
}

/// The shift of one amplifier.
struct Shift {
    factor: f64,
    sensitivity: f64,
    /// The DC level at the beginning of each row.
    starts: Vec<f64>,
}

impl Shift {
    fn new(view: &AmplifierView) -> Self {
        let amplifier = view.amplifier.index();
        Self {
            factor: 1.0 - (-1.0 / (TIME_CONSTANT[amplifier] * SERIAL_FREQUENCY)).exp(),
            sensitivity: SENSITIVITY[amplifier],
            starts: Vec::with_capacity(view.shape().0),
        }
    }

    /// The mean of the square after the correction.
    fn zero(&self, view: &AmplifierView, nx: usize) -> f64 {
        let (mut square, mut row) = (Square::default(), vec![0.0; nx]);
        for y in SQUARE_ROWS {
            view.read(y, &mut row);
            let mut level = [self.starts[y]];
            for value in &mut row {
                let mut lane = [*value];
                self.correct(&mut lane, &mut level);
                *value = lane[0];
            }
            square.add(&row);
        }
        square.mean()
    }

    /// Corrects a pixel of each of some rows, and takes their levels to the next.
    #[inline(always)]
    fn correct<const ROWS: usize>(&self, values: &mut [f64; ROWS], levels: &mut [f64; ROWS]) {
        for (value, level) in values.iter_mut().zip(levels) {
            let next = *value * self.factor * DC_RATIO + (1.0 - self.factor) * *level;
            *value = (*value - self.sensitivity * next) - WITHIN_PIXEL * (next - *level);
            *level = next;
        }
    }

    /// Corrects up to [`TOGETHER`] rows, and subtracts `zero`.
    fn remove(&self, rows: &mut [(usize, RowMut<'_>)], zero: f64) {
        let mut levels = [0.0; TOGETHER];
        for (level, (y, _)) in levels.iter_mut().zip(rows.iter()) {
            *level = self.starts[*y];
        }
        let nx = rows.first().map_or(0, |(_, row)| row.len());
        let mut side_by_side = [[0.0; TOGETHER]; PIXELS];
        for from in (0..nx).step_by(PIXELS) {
            let part = from..(from + PIXELS).min(nx);
            for (lane, (_, row)) in rows.iter_mut().enumerate() {
                let values = side_by_side.iter_mut().map(|values| &mut values[lane]);
                row.each_of(part.clone(), values, |pixel, value| *value = f64::from(*pixel));
            }
            widest(
                #[inline(always)]
                || {
                    for values in &mut side_by_side {
                        self.correct(values, &mut levels);
                        values.iter_mut().for_each(|value| *value -= zero);
                    }
                },
            );
            for (lane, (_, row)) in rows.iter_mut().enumerate() {
                let values = side_by_side.iter_mut().map(|values| &mut values[lane]);
                row.each_of(part.clone(), values, |pixel, value| *pixel = *value as f32);
            }
        }
    }
}
