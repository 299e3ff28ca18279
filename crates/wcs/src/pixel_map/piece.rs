//! The axes of an image cut into pieces over which the map has one form.

use super::tile::SPAN;
use super::tiled::MARGIN;
use crate::corrections::{Corrections, Sides};

/// Pieces of columns that are mapped from few points have at least so many pixels, or else lie at an edge between cells that
/// have; of smaller ones, each pixel is looked up. Pieces of rows have as many for points that serve all rows.
pub(super) const LEAST_PIECE: f64 = 8.0;

/// A piece of an axis that lies in one tile, and in one cell of each table or at the edge between two of NPOL. The first and
/// the last go on.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) tile: usize,
    /// Unless pixels have to be looked up.
    pub(super) cells: Option<Sides>,
}

impl Piece {
    /// Which piece a coordinate is in. NaN is in the first.
    pub(super) fn at(pieces: &[Self], coordinate: f64) -> usize {
        let before = pieces.partition_point(|piece| piece.to <= coordinate);
        before.min(pieces.len().saturating_sub(1))
    }

    /// Units in which its nodes are at 0, 1, 2 and 3.
    #[inline(always)]
    pub(super) fn per_pixel(&self) -> f64 {
        SPAN / (self.to - self.from)
    }

    pub(super) fn nodes(&self) -> [f64; 4] {
        [0.0, 1.0, 2.0, SPAN].map(|place| self.from + place / self.per_pixel())
    }
}

/// The first of the points `x0 + k` from `k` on that is not below `to` any more, but at most `n`.
pub(super) fn end_of(to: f64, x0: f64, k: usize, n: usize) -> usize {
    let mut end = ((to - x0).ceil().max(0.0) as usize).clamp(k, n);
    // Rounding must not put a point in another piece than it would find by itself.
    while end > k && x0 + (end - 1) as f64 >= to {
        end -= 1;
    }
    while end < n && x0 + (end as f64) < to {
        end += 1;
    }
    end
}

/// An axis of so many tiles cut where they meet, and where the tables' cells do.
pub(super) fn pieces(corrections: &Corrections, axis: usize, tiles: usize, width: f64) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let all: Vec<f64> = corrections.breaks(axis).collect();
    for tile in 0..tiles {
        let (start, end) = (tile as f64 * width - MARGIN, (tile + 1) as f64 * width - MARGIN);
        let inside = all.iter().copied().filter(|at| *at > start && *at < end);
        let mut breaks: Vec<f64> = inside.collect();
        breaks.sort_by(f64::total_cmp);
        breaks.dedup();
        let mut from = start;
        for to in breaks.into_iter().chain([end]) {
            let cells = corrections.sides(axis, 0.5 * (from + to)).filter(|sides| {
                let pixels = match sides.edge() {
                    Some(_) => sides.width(),
                    None => to - from,
                };
                axis > 0 || pixels >= LEAST_PIECE
            });
            pieces.push(Piece {
                from,
                to,
                tile,
                cells,
            });
            from = to;
        }
    }
    pieces
}
