//! MLINTAB: the count rates that the MAMA can follow.

use super::{Key, Rows};
use crate::acs::{Reference, Setup};
use crate::steps::Linearity;
use crate::{Error, Result};

/// The row of MLINTAB for a detector.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearityRow {
    /// Its limits.
    pub limits: Linearity,
    /// PEDIGREE of the row; empty where the table has no such column.
    pub pedigree: String,
    /// DESCRIP of the row; empty where the table has no such column.
    pub descrip: String,
}

impl LinearityRow {
    /// Finds the row by DETECTOR.
    ///
    /// # Errors
    /// [`Error::NoRow`], which lists the detectors that have one, [`Error::ReferenceTable`] where a column is missing
    /// or of another type, [`Error::ReferenceValue`] for limits that are no numbers.
    pub fn of(setup: &Setup, mlintab: &Reference) -> Result<Self> {
        let rows = Rows::read(mlintab)?;
        let row = rows.find(&[Key::text("DETECTOR", setup.channel.name())])?;
        let number = |column: &str| match rows.number(column, row)? {
            value if value.is_finite() => Ok(value),
            value => Err(Error::ReferenceValue {
                keyword: mlintab.keyword.clone(),
                path: mlintab.path(),
                what: format!("{column} of row {}", row + 1),
                found: value.to_string(),
                expected: "a number",
            }),
        };
        Ok(Self {
            limits: Linearity {
                global_limit: number("GLOBAL_LIMIT")?,
                local_limit: number("LOCAL_LIMIT")?,
                tau_s: number("TAU")?,
                expand_px: number("EXPAND")? as f32,
            },
            pedigree: rows.optional_text("PEDIGREE", row),
            descrip: rows.optional_text("DESCRIP", row),
        })
    }

    /// Whether the row is a dummy, though the table may not be.
    pub fn is_dummy(&self) -> bool {
        self.pedigree.starts_with("DUMMY")
    }
}
