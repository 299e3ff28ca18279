//! How large drops have to be for each output pixel to receive something.

mod lot;

use crate::samples::Samples;
use crate::{DropOptions, Error, Input, PixelMapping, Result};
use lot::{LOT, Spread};
use pulp::Arch;
use std::ops::Range;

/// Two values of pixfrac for a pixel of the output: with the square kernel it receives nothing below the lower one, and
/// something above the higher one. Between them, which is close, only drizzling can tell. Both are infinite, or beyond
/// the largest value that was looked at, where drops as large as that give it nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Nothing up to here.
    pub lower: f32,
    /// Something from here on.
    pub upper: f32,
}

impl Bounds {
    /// Where no drop falls.
    const NEVER: Self = Self {
        lower: f32::INFINITY,
        upper: f32::INFINITY,
    };
}

/// The least pixfrac for which the square kernel gives something to a pixel, for some rows of an output, found from one
/// input after the other.
///
/// Input pixels are taken for parallelograms about the place that their centre is mapped to. How far their corners are
/// from those of parallelograms widens the [`Bounds`], some 1e-5 of pixfrac apart for the cameras of HST.
#[derive(Debug)]
pub struct LeastPixfrac {
    first: usize,
    ny: usize,
    nx: usize,
    bounds: Vec<Bounds>,
    room: Room,
}

/// Points of a row of input pixels on the output, with room beyond the last for a whole lot.
#[derive(Debug, Default)]
struct Room {
    /// The corners below, one more than pixels.
    below: [Vec<f64>; 2],
    /// The corners above.
    above: [Vec<f64>; 2],
    centres: [Vec<f64>; 2],
    /// 1 for pixels that have something to give, NaN for others.
    gives: Vec<f64>,
}

impl LeastPixfrac {
    /// For at most so many pixels.
    ///
    /// # Errors
    /// [`Error::TooLarge`] where they do not fit in memory.
    pub fn new(pixels: usize) -> Result<Self> {
        let mut bounds = Vec::new();
        bounds
            .try_reserve_exact(pixels)
            .map_err(|_| Error::TooLarge { nx: pixels, ny: 1 })?;
        Ok(Self {
            first: 0,
            ny: 0,
            nx: 0,
            bounds,
            room: Room::default(),
        })
    }

    /// Begins anew with other rows, of `nx` pixels; there must be no more pixels than at first.
    pub fn restart(&mut self, rows: Range<usize>, nx: usize) {
        let most = self.bounds.capacity().checked_div(nx).unwrap_or(0);
        self.nx = nx;
        self.first = rows.start;
        self.ny = rows.len().min(most);
        self.bounds.clear();
        self.bounds.resize(self.ny * nx, Bounds::NEVER);
    }

    /// The bounds, row after row.
    pub fn bounds(&self) -> &[Bounds] {
        &self.bounds
    }

    /// Takes an input into account, with drops up to `drop.pixfrac` and the square kernel, whatever `drop.kernel` says.
    /// Samples and weights that are not finite give nothing, nor do samples without weight.
    ///
    /// # Errors
    /// [`Error::Shape`] where arrays do not agree, [`Error::OutOfRange`] for impossible numbers in `drop`.
    pub fn add(&mut self, input: &Input, map: &impl PixelMapping, drop: &DropOptions) -> Result<()> {
        input.check()?;
        drop.check()?;
        if input.data.is_empty() || self.bounds.is_empty() {
            return Ok(());
        }
        let samples = Samples::new(input, drop);
        let mut room = std::mem::take(&mut self.room);
        room.resize(input.nx);
        let (x0, y0) = (input.first_column as f64, input.first_row as f64);
        let corners = |line: f64, [x, y]: &mut [Vec<f64>; 2]| {
            map.map_row(line - 0.5, x0 - 0.5, &mut x[..=input.nx], &mut y[..=input.nx]);
        };
        corners(y0, &mut room.below);
        let arch = Arch::new();
        for row in 0..input.ny() {
            let y = y0 + row as f64;
            corners(y + 1.0, &mut room.above);
            let [x, centre_y] = &mut room.centres;
            map.map_row(y, x0, &mut x[..input.nx], &mut centre_y[..input.nx]);
            let first = row * input.nx;
            for (k, gives) in room.gives[..input.nx].iter_mut().enumerate() {
                let weighted = samples.at(first + k).is_some_and(|sample| sample.weight != 0.0);
                *gives = if weighted { 1.0 } else { f64::NAN };
            }
            arch.dispatch(Spread {
                room: &room,
                largest: drop.pixfrac,
                found: self,
            });
            std::mem::swap(&mut room.below, &mut room.above);
        }
        self.room = room;
        Ok(())
    }
}

impl Room {
    /// Makes place for `nx` pixels.
    fn resize(&mut self, nx: usize) {
        let points = nx.next_multiple_of(LOT) + 1;
        let all = self
            .below
            .iter_mut()
            .chain(&mut self.above)
            .chain(&mut self.centres);
        for coordinates in all {
            coordinates.resize(points, 0.0);
        }
        self.gives.clear();
        self.gives.resize(points - 1, f64::NAN);
    }
}
