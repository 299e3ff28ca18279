//! The corrections of both kinds of look-up table along a row of pixels.
//!
//! Tables are coarse, so that over most of a row neighbouring pixels share their table cells; there the
//! corrections are plain arithmetic. Pixels near the edge of a cell, and tables as fine as the pixels, are
//! looked up one by one. Which way a pixel goes depends on the pixel alone.

use crate::Wcs;
use crate::lookup::{LookupPair, Patch, Stretch};
use std::ops::Range;

/// Pixels that are worked on together.
pub(crate) const RUN: usize = 128;

/// Both tables of an image.
#[derive(Debug, Clone)]
pub(crate) struct Corrections {
    d2im: LookupPair,
    npol: LookupPair,
    /// The furthest that D2IM moves a pixel, along either axis.
    reach: f64,
}

/// Corrections of a run of pixels: D2IM of the pixel, NPOL of where that puts it.
#[derive(Debug)]
pub(crate) struct Run {
    pub d2im: ([f64; RUN], [f64; RUN]),
    pub npol: ([f64; RUN], [f64; RUN]),
}

impl Run {
    pub(crate) fn new() -> Self {
        let none = || ([0.0; RUN], [0.0; RUN]);
        Self {
            d2im: none(),
            npol: none(),
        }
    }
}

/// Corrections of one pixel: D2IM of the pixel, NPOL of where that puts it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shift {
    pub d2im: (f64, f64),
    pub npol: (f64, f64),
}

/// A piece of a row over which both tables are smooth. It begins and ends where it does whatever pixels of the row are
/// asked for.
#[derive(Debug)]
pub(crate) struct RowPiece {
    /// Where it begins and ends; infinite beyond the edges of the tables.
    pub from: f64,
    pub to: f64,
    d2im: Patch,
    npol: Patch,
}

impl RowPiece {
    #[inline(always)]
    pub(crate) fn at(&self, x: f64, y: f64) -> Shift {
        let (dx, dy) = self.d2im.at(x, y);
        Shift {
            d2im: (dx, dy),
            npol: self.npol.at(x + dx, y + dy),
        }
    }
}

/// See [`Corrections::pieces`].
pub(crate) struct Pieces<'c> {
    corrections: &'c Corrections,
    across: Option<Cells>,
    x0: f64,
    first: usize,
    next: usize,
    n: usize,
}

impl Iterator for Pieces<'_> {
    type Item = (Range<usize>, Option<RowPiece>);

    fn next(&mut self) -> Option<Self::Item> {
        let (start, n, of) = (self.next, self.n, self.corrections);
        if start >= n {
            return None;
        }
        let x = |k: usize| self.x0 + (self.first + k) as f64;
        let cells = self.across.as_ref().zip(of.cells(x(start)));
        let Some((across, cells)) = cells else {
            self.next = start + 1;
            return Some((start..start + 1, None));
        };
        let stays = |k: usize| of.cells(x(k)).is_some_and(|others| others == cells);
        let from = cells.d2im.from.max(cells.npol.from + of.reach);
        let to = cells.d2im.to.min(cells.npol.to - of.reach);
        let mut end = start + ((to - x(start)).clamp(0.0, n as f64) as usize).min(n - start);
        // Rounding must not put a pixel into other cells than it would find by itself.
        while end > start + 1 && !stays(end - 1) {
            end -= 1;
        }
        end = end.max(start + 1);
        while end < n && stays(end) {
            end += 1;
        }
        let piece = RowPiece {
            from,
            to,
            d2im: of.d2im.patch(&cells.d2im, &across.d2im),
            npol: of.npol.patch(&cells.npol, &across.npol),
        };
        self.next = end;
        Some((start..end, Some(piece)))
    }
}

/// The cells that a pixel falls in.
#[derive(PartialEq)]
struct Cells {
    d2im: Stretch,
    npol: Stretch,
}

impl Corrections {
    pub(crate) fn of(wcs: &Wcs) -> Self {
        Self {
            d2im: wcs.d2im.clone(),
            npol: wcs.npol.clone(),
            reach: wcs.d2im.largest(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.d2im.is_empty() && self.npol.is_empty()
    }

    /// Fills `run` for the pixels `(x0 + first + k, y)`, `k < n`, `n <= RUN`.
    pub(crate) fn fill(&self, y: f64, (x0, first): (f64, usize), n: usize, run: &mut Run) {
        for (range, piece) in self.pieces(y, (x0, first), n) {
            if let Some(piece) = piece {
                fill_patch(&piece, (x0 + first as f64, y), range, run);
                continue;
            }
            for k in range {
                let shift = self.at(x0 + (first + k) as f64, y);
                (run.d2im.0[k], run.d2im.1[k]) = shift.d2im;
                (run.npol.0[k], run.npol.1[k]) = shift.npol;
            }
        }
    }

    /// Cuts the pixels `(x0 + first + k, y)`, `k < n`, of a row into pieces that share their table cells, in order:
    /// ranges of `k`, each with its piece unless its pixels have to be looked up.
    #[inline(always)]
    pub(crate) fn pieces(&self, y: f64, (x0, first): (f64, usize), n: usize) -> Pieces<'_> {
        Pieces {
            corrections: self,
            across: self.across(y),
            x0,
            first,
            next: 0,
            n,
        }
    }

    /// The corrections of one pixel, looked up.
    pub(crate) fn at(&self, x: f64, y: f64) -> Shift {
        let (dx, dy) = self.d2im.at(x, y);
        Shift {
            d2im: (dx, dy),
            npol: self.npol.at(x + dx, y + dy),
        }
    }

    /// The stretches that a row lies in; `None` where its pixels have to be looked up.
    fn across(&self, y: f64) -> Option<Cells> {
        let npol = self.npol.stretch(1, y)?;
        let inside = npol.from <= y - self.reach && y + self.reach <= npol.to;
        Some(Cells {
            d2im: self.d2im.stretch(1, y)?,
            npol,
        })
        .filter(|_| inside)
    }

    /// The stretches that a pixel lies in; `None` where it has to be looked up.
    fn cells(&self, x: f64) -> Option<Cells> {
        let npol = self.npol.stretch(0, x)?;
        let inside = npol.from <= x - self.reach && x + self.reach <= npol.to;
        Some(Cells {
            d2im: self.d2im.stretch(0, x)?,
            npol,
        })
        .filter(|_| inside)
    }
}

#[inline(always)]
fn fill_patch(piece: &RowPiece, (x0, y): (f64, f64), range: Range<usize>, run: &mut Run) {
    let (dx, dy) = (&mut run.d2im.0[range.clone()], &mut run.d2im.1[range.clone()]);
    let (nx, ny) = (&mut run.npol.0[range.clone()], &mut run.npol.1[range.clone()]);
    let corrections = dx.iter_mut().zip(dy).zip(nx.iter_mut().zip(ny));
    for (k, ((dx, dy), (nx, ny))) in range.zip(corrections) {
        let shift = piece.at(x0 + k as f64, y);
        (*dx, *dy) = shift.d2im;
        (*nx, *ny) = shift.npol;
    }
}
