//! The corrections of both kinds of look-up table along a row of pixels.
//!
//! Tables are coarse, so that over most of a row neighbouring pixels share their table cells; there the
//! corrections are plain arithmetic. Pixels near the edge of a cell, and tables as fine as the pixels, are
//! looked up one by one. Which way a pixel goes depends on the pixel alone.

use crate::Wcs;
use crate::lookup::{LookupPair, Patch, Stretch};

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

/// Both tables over one cell of each.
#[derive(Debug, Clone)]
pub(crate) struct Patches {
    d2im: Patch,
    npol: Patch,
}

impl Patches {
    /// Where D2IM moves a pixel.
    #[inline(always)]
    pub(crate) fn moved(&self, x: f64, y: f64) -> (f64, f64) {
        let (dx, dy) = self.d2im.at(x, y);
        (x + dx, y + dy)
    }

    #[inline(always)]
    pub(crate) fn at(&self, x: f64, y: f64) -> Shift {
        let (dx, dy) = self.d2im.at(x, y);
        Shift {
            d2im: (dx, dy),
            npol: self.npol.at(x + dx, y + dy),
        }
    }
}

/// The cells that a pixel falls in, along one axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cells {
    d2im: Stretch,
    npol: Stretch,
}

/// The cells that a pixel may fall in, along one axis: D2IM may move it over the edge between two of NPOL.
#[derive(Debug, Clone)]
pub(crate) struct Sides {
    d2im: Stretch,
    /// Below and above the edge; twice the same where none is near.
    npol: [Stretch; 2],
}

impl Sides {
    /// The edge, if one is near.
    pub(crate) fn edge(&self) -> Option<f64> {
        let [below, above] = &self.npol;
        (below != above).then_some(below.to)
    }

    /// Below or above the edge.
    pub(crate) fn cells(&self, above: bool) -> Cells {
        Cells {
            d2im: self.d2im,
            npol: self.npol[usize::from(above)],
        }
    }

    /// Pixels in the narrower of the cells.
    pub(crate) fn width(&self) -> f64 {
        let width = |of: &Stretch| of.to - of.from;
        self.npol.iter().map(width).fold(width(&self.d2im), f64::min)
    }
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
    #[inline(always)]
    pub(crate) fn fill(&self, y: f64, (x0, first): (f64, usize), n: usize, run: &mut Run) {
        let x = |k: usize| x0 + (first + k) as f64;
        let across = self.across(y);
        let mut done = 0;
        while done < n {
            let cells = across
                .as_ref()
                .and_then(|across| Some((across, self.cells(x(done))?)));
            let Some((across, cells)) = cells else {
                self.one_by_one(x(done), y, done, run);
                done += 1;
                continue;
            };
            let stays = |k: usize| self.cells(x(k)).is_some_and(|others| others == cells);
            let limit = cells.d2im.to.min(cells.npol.to - self.reach);
            let mut end = done + ((limit - x(done)).clamp(0.0, RUN as f64) as usize).min(n - done);
            // Rounding must not put a pixel into other cells than it would find by itself.
            while end > done + 1 && !stays(end - 1) {
                end -= 1;
            }
            end = end.max(done + 1);
            while end < n && stays(end) {
                end += 1;
            }
            let patches = self.patches(&cells, across);
            fill_patch(&patches, (x0 + first as f64, y), done..end, run);
            done = end;
        }
    }

    /// The stretches that a row lies in; `None` where its pixels have to be looked up.
    fn across(&self, y: f64) -> Option<Cells> {
        self.along(1, y)
    }

    /// The stretches that a pixel lies in; `None` where it has to be looked up.
    fn cells(&self, x: f64) -> Option<Cells> {
        self.along(0, x)
    }

    /// The stretches of an axis that a coordinate lies in, wherever D2IM moves it; `None` where it has to be looked up.
    fn along(&self, axis: usize, coordinate: f64) -> Option<Cells> {
        let npol = self.npol.stretch(axis, coordinate)?;
        let inside = npol.from <= coordinate - self.reach && coordinate + self.reach <= npol.to;
        Some(Cells {
            d2im: self.d2im.stretch(axis, coordinate)?,
            npol,
        })
        .filter(|_| inside)
    }

    /// The stretches of an axis that a coordinate may lie in, once D2IM has moved it; `None` where it has to be looked up.
    pub(crate) fn sides(&self, axis: usize, coordinate: f64) -> Option<Sides> {
        let below = self.npol.stretch(axis, coordinate - self.reach)?;
        let above = self.npol.stretch(axis, coordinate + self.reach)?;
        let neighbours = below == above || below.to == above.from;
        Some(Sides {
            d2im: self.d2im.stretch(axis, coordinate)?,
            npol: [below, above],
        })
        .filter(|_| neighbours)
    }

    /// Where along an axis [`Corrections::sides`] changes, in no order.
    pub(crate) fn breaks(&self, axis: usize) -> impl Iterator<Item = f64> {
        let near = |edge: f64| [edge - self.reach, edge + self.reach];
        let npol = self.npol.edges(axis).flat_map(near);
        self.d2im.edges(axis).chain(npol)
    }

    /// The tables over the cells of a column and a row.
    pub(crate) fn patches(&self, x: &Cells, y: &Cells) -> Patches {
        Patches {
            d2im: self.d2im.patch(&x.d2im, &y.d2im),
            npol: self.npol.patch(&x.npol, &y.npol),
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

    fn one_by_one(&self, x: f64, y: f64, k: usize, run: &mut Run) {
        let shift = self.at(x, y);
        (run.d2im.0[k], run.d2im.1[k]) = shift.d2im;
        (run.npol.0[k], run.npol.1[k]) = shift.npol;
    }
}

#[inline(always)]
fn fill_patch(patches: &Patches, (x0, y): (f64, f64), range: std::ops::Range<usize>, run: &mut Run) {
    let (dx, dy) = (&mut run.d2im.0[range.clone()], &mut run.d2im.1[range.clone()]);
    let (nx, ny) = (&mut run.npol.0[range.clone()], &mut run.npol.1[range.clone()]);
    let corrections = dx.iter_mut().zip(dy).zip(nx.iter_mut().zip(ny));
    for (k, ((dx, dy), (nx, ny))) in range.zip(corrections) {
        let shift = patches.at(x0 + k as f64, y);
        (*dx, *dy) = shift.d2im;
        (*nx, *ny) = shift.npol;
    }
}
