//! ATODTAB: what each sample of the converter stands for.

use super::{Key, Rows};
use crate::acs::{Observation, Reference, Setup};
use crate::{Error, Result};

/// A row of ATODTAB.
#[derive(Debug, Clone, PartialEq)]
pub struct AtodCorrection {
    /// ATOD: what stands for the samples 0, 1, … (DN); never empty.
    pub values_dn: Vec<f32>,
    /// PEDIGREE of the row; empty where the table has no such column.
    pub row_pedigree: String,
    /// DESCRIP of the row; empty where the table has no such column.
    pub row_descrip: String,
}

impl AtodCorrection {
    /// Finds the row: of those with this CCDAMP and CCDGAIN the one whose REF_KEY_VALUE is nearest to the keyword of
    /// the primary header that REF_KEY names.
    ///
    /// # Errors
    /// [`Error::NoRow`] where none fits, [`Error::ReferenceTable`] where a column is missing,
    /// [`Error::ReferenceValue`] where NELEM is not within 1 and the length of ATOD, [`Error::Keyword`] where the
    /// keyword is not in the header.
    pub fn of(observation: &Observation, setup: &Setup, atodtab: &Reference) -> Result<Self> {
        let rows = Rows::read(atodtab)?;
        let keys = [
            Key::text("CCDAMP", &setup.ccdamp),
            Key::number("CCDGAIN", rows.comparable_gain(setup.ccdgain)),
        ];
        let mut nearest: Option<(f64, usize)> = None;
        for row in rows.matching(&keys)? {
            let keyword = rows.optional_text("REF_KEY", row);
            let distance = (observation.real(&keyword)? - rows.number("REF_KEY_VALUE", row)?).abs();
            if nearest.is_none_or(|(best, _)| distance < best) {
                nearest = Some((distance, row));
            }
        }
        let (_, row) = nearest.ok_or_else(|| rows.no_row(&keys))?;
        let elements = rows.number("NELEM", row)?;
        let atod = rows.column("ATOD")?;
        let cells = atod.elements(row);
        if !(elements >= 1.0 && elements as usize <= cells.len()) {
            return Err(Error::ReferenceValue {
                keyword: atodtab.keyword.clone(),
                path: atodtab.path(),
                what: format!("NELEM of row {} with {} elements of ATOD", row + 1, cells.len()),
                found: elements.to_string(),
                expected: "at least 1 and at most their number",
            });
        }
        let value = |index: usize| atod.data().real(index).unwrap_or(f64::NAN) as f32;
        Ok(Self {
            values_dn: cells.take(elements as usize).map(value).collect(),
            row_pedigree: rows.optional_text("PEDIGREE", row),
            row_descrip: rows.optional_text("DESCRIP", row),
        })
    }

    /// Whether the row is a dummy: the correction is skipped.
    pub fn is_dummy(&self) -> bool {
        self.row_pedigree.starts_with("DUMMY")
    }
}
