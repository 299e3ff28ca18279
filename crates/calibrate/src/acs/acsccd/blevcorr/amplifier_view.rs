//! A chip as its amplifiers see it.

use crate::acs::{Amplifier, Chip};
use crate::steps::widest;
use crate::{Error, Result};
use std::ops::Range;

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
        self.each(i, out.iter_mut(), |to, from| *to = f64::from(from));
    }

    /// Takes each of the first pixels of row `i` to a place of its own.
    pub fn each<'t, T: 't>(&self, i: usize, to: impl Iterator<Item = &'t mut T>, take: impl Fn(&mut T, f32)) {
        let row = &self.rows[i];
        if self.is_right {
            to.zip(row.iter().rev()).for_each(|(to, &from)| take(to, from));
        } else {
            to.zip(row.iter()).for_each(|(to, &from)| take(to, from));
        }
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
    /// How many pixels there are.
    pub fn len(&self) -> usize {
        self.pixels.len()
    }

    /// Does something with each of some pixels, in the order of reading, and what stands beside it.
    #[inline(always)]
    pub fn each_of<T>(
        &mut self,
        pixels: Range<usize>,
        beside: impl Iterator<Item = T>,
        with: impl Fn(&mut f32, T),
    ) {
        let nx = self.pixels.len();
        if self.is_right {
            let pixels = self.pixels[nx - pixels.end..nx - pixels.start].iter_mut().rev();
            pixels.zip(beside).for_each(|(pixel, beside)| with(pixel, beside));
        } else {
            let pixels = self.pixels[pixels].iter_mut();
            pixels.zip(beside).for_each(|(pixel, beside)| with(pixel, beside));
        }
    }

    /// Replaces each of the first pixels by `f` of its position in the order of reading, of what stands `beside` it, and
    /// of its value.
    pub fn update_before(&mut self, beside: &[f64], f: impl Fn(usize, f64, f64) -> f64) {
        let pixels = 0..beside.len().min(self.len());
        let beside = beside.iter().enumerate();
        self.update(pixels, beside, |(j, &beside), value| f(j, beside, value));
    }

    /// Replaces each of the last pixels by `f` of what stands `beside` it, and of its value.
    pub fn update_behind(&mut self, beside: &[f64], f: impl Fn(f64, f64) -> f64) {
        let pixels = self.len().saturating_sub(beside.len())..self.len();
        self.update(pixels, beside.iter(), |&beside, value| f(beside, value));
    }

    fn update<T>(
        &mut self,
        pixels: Range<usize>,
        beside: impl Iterator<Item = T>,
        f: impl Fn(T, f64) -> f64,
    ) {
        widest(
            #[inline(always)]
            || {
                self.each_of(pixels, beside, |pixel, beside| {
                    *pixel = f(beside, f64::from(*pixel)) as f32;
                });
            },
        );
    }
}

/// The shape that all views have, `(rows, columns)`.
///
/// # Errors
/// [`Error::Shape`] where one differs from the first.
pub fn same_shape(views: &[AmplifierView]) -> Result<(usize, usize)> {
    let shape = views.first().map_or((0, 0), AmplifierView::shape);
    match views.iter().find(|view| view.shape() != shape) {
        Some(other) => Err(Error::Shape {
            what: format!("the image of amplifier {}", other.amplifier.letter()),
            expected: shape,
            found: other.shape(),
        }),
        None => Ok(shape),
    }
}
