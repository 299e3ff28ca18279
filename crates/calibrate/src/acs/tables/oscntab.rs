//! OSCNTAB: where the overscan of a readout lies.

use super::{Key, Rows};
use crate::acs::{Chip, Reference, Setup};
use crate::{Error, Result};
use std::ops::RangeInclusive;

/// Rows of virtual overscan of a full readout; subarrays that have as many have them too.
const VIRTUAL_ROWS: usize = 20;

/// The overscan of one chip. Columns and rows are 0-based.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overscan {
    /// TRIMX1 and TRIMX2: columns to cut off at the left and right.
    pub trim_x: [usize; 2],
    /// TRIMY1 and TRIMY2: rows to cut off at the bottom and top.
    pub trim_y: [usize; 2],
    /// BIASSECTA: columns of leading overscan to measure the bias in; none where the table gives none.
    pub leading: Option<RangeInclusive<usize>>,
    /// BIASSECTB: columns of trailing overscan to measure the bias in.
    pub trailing: Option<RangeInclusive<usize>>,
    /// VX and VY: columns and rows of virtual overscan to measure the drift along lines in.
    pub virtual_section: Option<VirtualSection>,
}

/// A section of virtual overscan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualSection {
    /// VX1 … VX2.
    pub columns: RangeInclusive<usize>,
    /// VY1 … VY2.
    pub rows: RangeInclusive<usize>,
}

impl Overscan {
    /// Finds the row by CCDAMP, CCDCHIP, BINX and BINY (1), NX and NY; none where there is no such row, as of subarrays
    /// that observers defined themselves.
    ///
    /// # Errors
    /// [`Error::ReferenceTable`] where a column is missing, [`Error::ReferenceValue`] where the row cuts off the whole
    /// image or names pixels beyond it.
    pub fn of(setup: &Setup, chip: &Chip, oscntab: &Reference) -> Result<Option<Self>> {
        let rows = Rows::read(oscntab)?;
        let (ny, nx) = chip.shape()?;
        let matching = rows.matching(&keys(setup, chip))?;
        let Some(&row) = matching.first() else {
            return Ok(None);
        };
        let cell = |column: &str| rows.number(column, row);
        let wrong = |what: &str, found: (f64, f64), expected| Error::ReferenceValue {
            keyword: oscntab.keyword.clone(),
            path: oscntab.path(),
            what: format!("{what} of row {}", row + 1),
            found: format!("{} and {}", found.0, found.1),
            expected,
        };
        let trim = |columns: [&str; 2], length: usize| {
            let (first, last) = (cell(columns[0])?, cell(columns[1])?);
            let fits = first >= 0.0 && last >= 0.0 && first + last < length as f64;
            match fits {
                true => Ok([first as usize, last as usize]),
                false => Err(wrong(
                    columns[0],
                    (first, last),
                    "less than the image together, and not negative",
                )),
            }
        };
        // The table is 1-based, and has 0 where there is no section.
        let section = |columns: [&str; 2], length: usize| {
            let (first, last) = (cell(columns[0])?, cell(columns[1])?.min(length as f64));
            if !(last >= 2.0 && last >= first) {
                return Ok(None);
            }
            Ok::<_, Error>(Some((first.max(1.0) as usize - 1)..=(last as usize - 1)))
        };
        let drift = |columns: [&str; 2], length: usize| {
            let (first, last) = (cell(columns[0])?, cell(columns[1])?);
            if last <= 1.0 || last <= first {
                return Ok(None);
            }
            match first >= 1.0 && last <= length as f64 {
                true => Ok(Some(first as usize - 1..=last as usize - 1)),
                false => Err(wrong(columns[0], (first, last), "pixels of the image")),
            }
        };
        let virtual_columns = drift(["VX1", "VX2"], nx)?;
        let virtual_rows = drift(["VY1", "VY2"], ny)?;
        Ok(Some(Self {
            trim_x: trim(["TRIMX1", "TRIMX2"], nx)?,
            trim_y: trim(["TRIMY1", "TRIMY2"], ny)?,
            leading: section(["BIASSECTA1", "BIASSECTA2"], nx)?,
            trailing: section(["BIASSECTB1", "BIASSECTB2"], nx)?,
            virtual_section: virtual_columns
                .zip(virtual_rows)
                .map(|(columns, rows)| VirtualSection { columns, rows }),
        }))
    }

    /// The error that names the row that a chip needs, and lists those there are.
    ///
    /// # Errors
    /// [`Error::ReferenceTable`] where the table cannot be read.
    pub fn no_row(setup: &Setup, chip: &Chip, oscntab: &Reference) -> Result<Error> {
        Ok(Rows::read(oscntab)?.no_row(&keys(setup, chip)))
    }

    /// The row that a chip needs, in words, and those that there are.
    ///
    /// # Errors
    /// [`Error::ReferenceTable`] where the table cannot be read.
    pub fn sought_and_found(
        setup: &Setup,
        chip: &Chip,
        oscntab: &Reference,
    ) -> Result<(String, Vec<String>)> {
        Ok(Rows::read(oscntab)?.sought_and_found(&keys(setup, chip)))
    }

    /// Whether the virtual overscan was read out.
    pub fn has_virtual_rows(&self) -> bool {
        self.trim_y.contains(&VIRTUAL_ROWS)
    }
}

/// What the row of a chip has.
fn keys<'a>(setup: &'a Setup, chip: &Chip) -> [Key<'a>; 6] {
    let (ny, nx) = chip.frame.sci.shape();
    [
        Key::text("CCDAMP", &setup.ccdamp),
        Key::number("CCDCHIP", chip.number() as f64),
        Key::number("BINX", 1.0),
        Key::number("BINY", 1.0),
        Key::number("NX", nx as f64),
        Key::number("NY", ny as f64),
    ]
}
