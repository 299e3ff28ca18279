//! PCTAB: how much of a point source's light a box of some height holds.

use super::{array, count, is_dummy_row, value};
use crate::Reference;
use crate::stis::SpectralMode;
use crate::stis::spline::NaturalSpline;
use crate::tables::{Key, Rows};
use crate::{Error, Result};

/// The light in boxes of different heights, relative to the one that the sensitivity was measured with.
#[derive(Debug)]
pub struct BoxHeights<'a> {
    reference: &'a Reference,
    rows: Rows<'a>,
    /// Rows of the mode, with their heights.
    found: Vec<(usize, i64)>,
    /// MAXHGHT: the height that holds all the light.
    pub highest: i64,
}

/// The light in a box of one height.
#[derive(Debug, Clone, PartialEq)]
pub struct BoxHeight {
    /// EXTRHEIGHT of the row that was used.
    pub height: i64,
    spline: NaturalSpline,
}

impl<'a> BoxHeights<'a> {
    /// Finds the rows by APERTURE and CENWAVE. None where there is none, which `left_out` is told.
    ///
    /// # Errors
    /// [`Error::ReferenceTable`] where a column is missing; [`Error::ReferenceValue`] where MAXHGHT is not in the primary
    /// header.
    pub fn of(mode: &SpectralMode, pctab: &'a Reference, left_out: &mut Vec<String>) -> Result<Option<Self>> {
        let rows = Rows::read(pctab)?;
        let highest = pctab.primary().integer("MAXHGHT").ok_or_else(|| {
            let what = "MAXHGHT of the primary header".to_owned();
            value(pctab, what, "not there".to_owned(), "a number of lines")
        })?;
        let keys = [
            Key::text("APERTURE", &mode.aperture),
            Key::number("CENWAVE", mode.cenwave as f64),
        ];
        let matching = rows.matching(&keys)?;
        if matching.is_empty() {
            let why = rows.without_row(&keys);
            left_out.push(format!(
                "{why}: fluxes are not corrected for the light beyond the box"
            ));
        }
        let height = |row| Ok::<_, Error>((row, rows.number("EXTRHEIGHT", row)? as i64));
        let found: Vec<(usize, i64)> = matching.into_iter().map(height).collect::<Result<_>>()?;
        Ok((!found.is_empty()).then_some(Self {
            reference: pctab,
            rows,
            found,
            highest,
        }))
    }

    /// The row of a height, or of the nearest there is. None where it is a dummy.
    ///
    /// # Errors
    /// [`Error::ReferenceValue`] where its arrays are shorter than it says.
    pub fn nearest(&self, height: i64) -> Result<Option<BoxHeight>> {
        let distance = |&&(_, there): &&(usize, i64)| (there - height).unsigned_abs();
        match self.found.iter().min_by_key(distance) {
            Some(&(row, height)) => self.row(row, height),
            None => Ok(None),
        }
    }

    /// The row of the height that holds all the light. None where there is none, or a dummy.
    ///
    /// # Errors
    /// As [`BoxHeights::nearest`].
    pub fn whole(&self) -> Result<Option<BoxHeight>> {
        match self.found.iter().find(|(_, height)| *height == self.highest) {
            Some(&(row, height)) => self.row(row, height),
            None => Ok(None),
        }
    }

    fn row(&self, row: usize, height: i64) -> Result<Option<BoxHeight>> {
        if is_dummy_row(&self.rows, row) {
            return Ok(None);
        }
        let used = count(self.reference, &self.rows, "NELEM", row)?;
        let x = array(self.reference, &self.rows, "WAVELENGTH", row, used)?;
        let y = array(self.reference, &self.rows, "THROUGHPUT", row, used)?;
        let spline = NaturalSpline::through(x, y).ok_or_else(|| {
            let what = format!("WAVELENGTH of row {}", row + 1);
            value(
                self.reference,
                what,
                format!("{used} values"),
                "two or more increasing wavelengths",
            )
        })?;
        Ok(Some(BoxHeight { height, spline }))
    }
}

impl BoxHeight {
    /// The factor at a wavelength, Å.
    pub fn at(&self, wavelength: f64) -> f64 {
        self.spline.at(wavelength)
    }

    /// The factor at each of some wavelengths.
    pub fn at_all(&self, wavelengths: &[f64]) -> Vec<f64> {
        wavelengths
            .iter()
            .map(|&wavelength| self.at(wavelength))
            .collect()
    }
}
