//! BPIXTAB: pixels that are known to be bad.

use super::{Key, Rows};
use crate::acs::{Reference, Setup};
use crate::{Error, Result};

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

/// The runs of bad pixels for chip `number` of an exposure: rows whose CCDAMP, CCDGAIN and CCDCHIP fit, each of which
/// a table may lack.
///
/// # Errors
/// [`Error::ReferenceTable`] where another column is missing or of another type, [`Error::ReferenceValue`] where AXIS
/// is neither 1 nor 2 or LENGTH is not positive.
pub fn bad_pixels(setup: &Setup, number: i64, bpixtab: &Reference) -> Result<Vec<BadPixels>> {
    let rows = Rows::read(bpixtab)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut keys = vec![
        Key::text("CCDAMP", &setup.ccdamp),
        Key::number("CCDGAIN", rows.comparable_gain(setup.ccdgain)),
        Key::number("CCDCHIP", number as f64),
    ];
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
