//! Runs of bad pixels, as a table of them has them, and their bits in DQ.

use super::{Key, Rows};
use crate::steps::Grid;
use crate::{Error, Reference, Result};
use firstlight_frame::Image;

/// A run of bad pixels along a row or a column of the detector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadPixels {
    /// PIX1: column of the first, 1-based, on the detector without overscan.
    pub pix1: i64,
    /// PIX2: row of the first, as `pix1`.
    pub pix2: i64,
    /// LENGTH: how many, at least 1.
    pub length: i64,
    /// AXIS: whether they follow one another along the row (1) or up the column (2).
    pub along_row: bool,
    /// VALUE: bits of DQ.
    pub bits: u16,
}

impl BadPixels {
    /// Flags what of it lies on the image whose LTV1 and LTV2 are `ltv`; tells whether any does.
    pub(crate) fn flag(&self, dq: &mut Image<u16>, ltv: (f64, f64)) -> bool {
        let (ny, nx) = dq.shape();
        let x = ((self.pix1.saturating_sub(1)) as f64 + ltv.0) as i64;
        let y = ((self.pix2.saturating_sub(1)) as f64 + ltv.1) as i64;
        let inside = |at: i64, length: usize| usize::try_from(at).ok().filter(|&at| at < length);
        let covered = |start: i64, length: usize| {
            let end = start.saturating_add(self.length).min(length as i64);
            start.max(0) as usize..end.max(0) as usize
        };
        if self.along_row {
            let (Some(y), columns) = (inside(y, ny), covered(x, nx)) else {
                return false;
            };
            if columns.is_empty() {
                return false;
            }
            dq.row_mut(y)[columns].iter_mut().for_each(|dq| *dq |= self.bits);
            return true;
        }
        let (Some(x), rows) = (inside(x, nx), covered(y, ny)) else {
            return false;
        };
        let any = !rows.is_empty();
        rows.for_each(|y| dq[(y, x)] |= self.bits);
        any
    }

    /// Flags the larger pixels of a binned image that hold any of it.
    pub(crate) fn flag_binned(&self, dq: &mut Image<u16>, grid: &Grid) {
        let (ny, nx) = dq.shape();
        let (bin, corner) = (grid.bin, grid.corner);
        let (first_x, first_y) = (self.pix1.saturating_sub(1), self.pix2.saturating_sub(1));
        let (long_x, long_y) = if self.along_row {
            (self.length, 1)
        } else {
            (1, self.length)
        };
        let covered = |first: i64, length: i64, corner: i64, bin: i64, n: usize| {
            let place = |at: i64| at.saturating_sub(corner).div_euclid(bin);
            let last = place(first.saturating_add(length - 1)).saturating_add(1);
            place(first).clamp(0, n as i64) as usize..last.clamp(0, n as i64) as usize
        };
        for y in covered(first_y, long_y, corner.1, bin.1, ny) {
            let columns = covered(first_x, long_x, corner.0, bin.0, nx);
            dq.row_mut(y)[columns].iter_mut().for_each(|dq| *dq |= self.bits);
        }
    }
}

/// The runs in the rows that have all `keys`, of columns that the table has.
///
/// # Errors
/// [`Error::ReferenceTable`] where another column is missing or of another type, [`Error::ReferenceValue`] where AXIS
/// is neither 1 nor 2 or LENGTH is not positive.
pub(crate) fn runs(rows: &Rows<'_>, bpixtab: &Reference, mut keys: Vec<Key<'_>>) -> Result<Vec<BadPixels>> {
    keys.retain(|key| rows.has(key.column));
    let column = |name: &str| rows.numbers(name);
    let (pix1, pix2, length) = (column("PIX1")?, column("PIX2")?, column("LENGTH")?);
    let (axis, value) = (column("AXIS")?, column("VALUE")?);
    let run = |row: usize| -> Option<BadPixels> {
        Some(BadPixels {
            pix1: *pix1.get(row)? as i64,
            pix2: *pix2.get(row)? as i64,
            length: *length.get(row)? as i64,
            along_row: *axis.get(row)? == 1.0,
            bits: *value.get(row)? as i64 as u16,
        })
    };
    let wrong = |row: usize, column: &str, found: f64, expected| Error::ReferenceValue {
        keyword: bpixtab.keyword.clone(),
        path: bpixtab.path(),
        what: format!("{column} of row {}", row + 1),
        found: found.to_string(),
        expected,
    };
    let mut runs = Vec::new();
    for row in rows.matching(&keys)? {
        if let Some(&axis) = axis.get(row).filter(|&&axis| axis != 1.0 && axis != 2.0) {
            return Err(wrong(row, "AXIS", axis, "1 or 2"));
        }
        if let Some(&length) = length.get(row).filter(|&&length| length.is_nan() || length < 1.0) {
            return Err(wrong(row, "LENGTH", length, "positive"));
        }
        runs.extend(run(row));
    }
    Ok(runs)
}
