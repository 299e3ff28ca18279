//! What the map is over pixels that have one tile and the same cells of the tables.

use super::piece::Piece;
use super::tile::{Cubic, Strip};
use crate::corrections::{Corrections, Patches};

/// The map over some pixels of one tile.
#[derive(Debug, Clone)]
pub(super) struct Form<T> {
    /// All of it, or what is below the edge.
    pub(super) map: T,
    pub(super) above: Option<Box<Above<T>>>,
}

/// The map above an edge between two cells of NPOL, over which D2IM moves some pixels.
#[derive(Debug, Clone)]
pub(super) struct Above<T> {
    pub(super) map: T,
    pub(super) edge: Edge,
}

#[derive(Debug, Clone)]
pub(super) struct Edge {
    /// The coordinate that it is one of: x, or else y.
    pub(super) of_x: bool,
    pub(super) at: f64,
    pub(super) tables: Patches,
}

impl Edge {
    #[inline(always)]
    fn is_below(&self, x: f64, y: f64) -> bool {
        let (x, y) = self.tables.moved(x, y);
        self.at <= if self.of_x { x } else { y }
    }
}

/// The map along a row, X and Y.
pub(super) type Along = (Cubic, Cubic);

/// Pixels of a row that are in one piece of columns.
pub(super) struct PartOf<'p> {
    pub(super) column: &'p Piece,
    pub(super) y: f64,
    /// They are at x0 and so many pixels on.
    pub(super) first: (f64, usize),
    pub(super) count: usize,
    /// From the first on; there is more than these pixels take, and nothing in it yet.
    pub(super) out: (&'p mut [f64], &'p mut [f64]),
}

impl PartOf<'_> {
    #[inline(always)]
    pub(super) fn smooth(self, (along_x, along_y): &Along) {
        /// Pixels that a processor maps at a time: some more than there are cost less than a few one by one.
        const GROUP: usize = 8;
        let (per_pixel, (x0, first)) = (self.column.per_pixel(), self.first);
        let count = self.count.next_multiple_of(GROUP).min(self.out.0.len());
        let out = self.out.0[..count].iter_mut().zip(&mut self.out.1[..count]);
        for (k, (out_x, out_y)) in out.enumerate() {
            let u = (x0 + (first + k) as f64 - self.column.from) * per_pixel;
            (*out_x, *out_y) = (along_x.at(u), along_y.at(u));
        }
    }

    #[inline(always)]
    pub(super) fn kinked(self, [below, above]: [&Along; 2], edge: &Edge) {
        let (per_pixel, (x0, first)) = (self.column.per_pixel(), self.first);
        let out = self.out.0[..self.count]
            .iter_mut()
            .zip(&mut self.out.1[..self.count]);
        for (k, (out_x, out_y)) in out.enumerate() {
            let x = x0 + (first + k) as f64;
            let u = (x - self.column.from) * per_pixel;
            let (along_x, along_y) = if edge.is_below(x, self.y) { above } else { below };
            (*out_x, *out_y) = (along_x.at(u), along_y.at(u));
        }
    }

    #[inline(always)]
    pub(super) fn looked_up(self, strip: &Strip, start: f64, corrections: &Corrections) {
        let (x0, first) = self.first;
        let out = self.out.0[..self.count]
            .iter_mut()
            .zip(&mut self.out.1[..self.count]);
        for (k, (out_x, out_y)) in out.enumerate() {
            let x = x0 + (first + k) as f64;
            (*out_x, *out_y) = strip.at(x - start, &corrections.at(x, self.y));
        }
    }
}
