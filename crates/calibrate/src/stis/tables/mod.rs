//! Reference tables of STIS: which row is meant, and what it says.

pub mod apdestab;
pub mod bpixtab;
pub mod ccdtab;
pub mod cte;
pub mod curve;
pub mod disptab;
pub mod inangtab;
pub mod lamptab;
pub mod pctab;
pub mod sdctab;
pub mod sptrctab;
pub mod tdstab;
pub mod wcptab;
pub mod xtractab;

use super::SpectralMode;
use crate::Reference;
use crate::record::record_row;
use crate::tables::{Key, Rows};
use crate::{Error, Result};
use firstlight_frame::fits::Header;

/// Says in HISTORY that a table was used, with PEDIGREE and DESCRIP of the row of a mode: of several, the last.
///
/// # Errors
/// [`Error::ReferenceTable`] where the table cannot be read; [`Error::Frame`] where a card cannot be written.
pub(super) fn record_mode(primary: &mut Header, mode: &SpectralMode, reference: &Reference) -> Result<()> {
    let rows = Rows::read(reference)?;
    let keys = [
        Key::text("APERTURE", &mode.aperture),
        Key::text("OPT_ELEM", &mode.opt_elem),
        Key::number("CENWAVE", mode.cenwave as f64),
        Key::number("SPORDER", 1.0),
    ];
    let keys: Vec<Key> = keys.into_iter().filter(|key| rows.has(key.column)).collect();
    let (pedigree, descrip) = match rows.matching(&keys)?.last() {
        Some(&row) => (
            rows.optional_text("PEDIGREE", row),
            rows.optional_text("DESCRIP", row),
        ),
        None => Default::default(),
    };
    record_row(primary, reference, &pedigree, &descrip)
}

/// Whether the PEDIGREE of a row begins with `DUMMY`.
pub(super) fn is_dummy_row(rows: &Rows, row: usize) -> bool {
    rows.optional_text("PEDIGREE", row).starts_with("DUMMY")
}

/// The first `count` elements of a cell that holds an array, all of which must be numbers.
pub(super) fn array(
    reference: &Reference,
    rows: &Rows,
    column: &str,
    row: usize,
    count: usize,
) -> Result<Vec<f64>> {
    let cells = rows.column(column)?;
    let elements = cells.elements(row);
    let values: Vec<f64> = elements
        .clone()
        .take(count)
        .map_while(|element| cells.data().real(element).filter(|value| value.is_finite()))
        .collect();
    if values.len() < count {
        return Err(value(
            reference,
            format!("{column} of row {}", row + 1),
            format!(
                "{} numbers, with something else after {}",
                elements.len(),
                values.len()
            ),
            "as many numbers as the row says there are",
        ));
    }
    Ok(values)
}

/// A cell that says how many elements of another are in use.
pub(super) fn count(reference: &Reference, rows: &Rows, column: &str, row: usize) -> Result<usize> {
    let found = rows.number(column, row)?;
    if !(0.0..=f64::from(i32::MAX)).contains(&found) {
        return Err(value(
            reference,
            format!("{column} of row {}", row + 1),
            found.to_string(),
            "a number of elements",
        ));
    }
    Ok(found as usize)
}

/// A cell that must hold a finite number.
pub(super) fn finite(reference: &Reference, rows: &Rows, column: &str, row: usize) -> Result<f64> {
    let found = rows.number(column, row)?;
    if found.is_finite() {
        return Ok(found);
    }
    Err(value(
        reference,
        format!("{column} of row {}", row + 1),
        found.to_string(),
        "a number",
    ))
}

/// The error of a value that makes no sense.
pub(super) fn value(reference: &Reference, what: String, found: String, expected: &'static str) -> Error {
    Error::ReferenceValue {
        keyword: reference.keyword.clone(),
        path: reference.path(),
        what,
        found,
        expected,
    }
}
