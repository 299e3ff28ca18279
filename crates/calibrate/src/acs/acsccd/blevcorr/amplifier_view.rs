//! A chip as its amplifiers see it.

use crate::acs::{Amplifier, Chip};

/// The pixels that one amplifier reads, row by row in the order of reading, with the amplifier at the lower left: the
/// physical overscan comes first in each row, the virtual one last among the rows.
pub struct AmplifierView<'a> {
    /// The amplifier.
    pub amplifier: Amplifier,
    rows: Vec<&'a mut [f32]>,
    is_right: bool,
}

impl<'a> AmplifierView<'a> {
    /// The left and right halves of a chip of WFC.
    pub fn halves(chip: &'a mut Chip) -> [Self; 2] {
        let is_upper = chip.number() == 1;
        let nx = chip.frame.sci.nx();
        let rows = chip.frame.sci.as_mut_slice().chunks_mut(nx.max(1));
        let (left, right): (Vec<_>, Vec<_>) = rows.map(|row| row.split_at_mut(nx / 2)).unzip();
        let amplifiers = match is_upper {
            true => [Amplifier::A, Amplifier::B],
            false => [Amplifier::C, Amplifier::D],
        };
        [
            Self::from_bottom(left, amplifiers[0]),
            Self::from_bottom(right, amplifiers[1]),
        ]
    }

    /// The whole of a subarray.
    pub fn whole(chip: &'a mut Chip, amplifier: Amplifier) -> Self {
        let nx = chip.frame.sci.nx();
        let rows = chip.frame.sci.as_mut_slice().chunks_mut(nx.max(1));
        Self::from_bottom(rows.collect(), amplifier)
    }

    fn from_bottom(mut rows: Vec<&'a mut [f32]>, amplifier: Amplifier) -> Self {
        if matches!(amplifier, Amplifier::A | Amplifier::B) {
            rows.reverse();
        }
        Self {
            amplifier,
            rows,
            is_right: matches!(amplifier, Amplifier::B | Amplifier::D),
        }
    }

    /// Rows and columns.
    pub fn shape(&self) -> (usize, usize) {
        (self.rows.len(), self.rows.first().map_or(0, |row| row.len()))
    }

    /// Copies the first pixels of row `i` into `out`.
    pub fn read(&self, i: usize, out: &mut [f64]) {
        let row = &self.rows[i];
        if self.is_right {
            out.iter_mut()
                .zip(row.iter().rev())
                .for_each(|(to, &from)| *to = f64::from(from));
        } else {
            out.iter_mut()
                .zip(row.iter())
                .for_each(|(to, &from)| *to = f64::from(from));
        }
    }

    /// Replaces the first pixels of row `i`.
    pub fn write(&mut self, i: usize, pixels: &[f64]) {
        write(self.rows[i], self.is_right, pixels);
    }

    /// The rows, each of them to be changed by another thread: its number and a handle.
    pub fn rows_mut(&mut self) -> Vec<(usize, RowMut<'_>)> {
        let is_right = self.is_right;
        let rows = self.rows.iter_mut().enumerate();
        rows.map(|(i, pixels)| (i, RowMut { pixels, is_right })).collect()
    }
}

/// One row of a view.
pub struct RowMut<'a> {
    pixels: &'a mut [f32],
    is_right: bool,
}

impl RowMut<'_> {
    /// Replaces each of the first `end` pixels by `f` of its position in the order of reading and its value.
    pub fn update_before(&mut self, end: usize, f: impl Fn(usize, f64) -> f64) {
        self.update(0, end, f);
    }

    /// As [`RowMut::update_before`], of the pixels from `start` on.
    pub fn update_from(&mut self, start: usize, f: impl Fn(usize, f64) -> f64) {
        self.update(start, self.pixels.len(), f);
    }

    fn update(&mut self, start: usize, end: usize, f: impl Fn(usize, f64) -> f64) {
        let nx = self.pixels.len();
        let (start, end) = (start.min(nx), end.min(nx));
        let change = |(j, pixel): (usize, &mut f32)| *pixel = f(start + j, f64::from(*pixel)) as f32;
        match self.is_right {
            true => {
                let pixels = &mut self.pixels[nx - end..nx - start];
                pixels.iter_mut().rev().enumerate().for_each(change);
            }
            false => self.pixels[start..end].iter_mut().enumerate().for_each(change),
        }
    }
}

fn write(row: &mut [f32], is_right: bool, pixels: &[f64]) {
    if is_right {
        row.iter_mut()
            .rev()
            .zip(pixels)
            .for_each(|(to, &from)| *to = from as f32);
    } else {
        row.iter_mut()
            .zip(pixels)
            .for_each(|(to, &from)| *to = from as f32);
    }
}
