//! INANGTAB: how the dispersion changes with the angle that an aperture's light comes in at.

use super::disptab::Dispersion;
use super::{array, count};
use crate::Reference;
use crate::Result;
use crate::stis::SpectralMode;
use crate::tables::{Key, Rows};

/// The correction of a dispersion relation for an aperture that is not the one it was measured with.
#[derive(Debug, Clone, PartialEq)]
pub struct IncidenceAngle {
    /// COEFF1: change of each coefficient per arcsecond.
    pub per_arcsec: Vec<f64>,
    /// COEFF2: change of the first coefficient per arcsecond, and per square arcsecond.
    pub of_first: Vec<f64>,
}

impl IncidenceAngle {
    /// Finds the row by OPT_ELEM, CENWAVE and SPORDER 1; the last that matches.
    ///
    /// # Errors
    /// [`crate::Error::NoRow`]; [`crate::Error::ReferenceTable`] where a column is missing;
    /// [`crate::Error::ReferenceValue`] where it holds fewer coefficients than it says.
    pub fn of(mode: &SpectralMode, inangtab: &Reference) -> Result<Self> {
        let rows = Rows::read(inangtab)?;
        let keys = [
            Key::text("OPT_ELEM", &mode.opt_elem),
            Key::number("CENWAVE", mode.cenwave as f64),
            Key::number("SPORDER", 1.0),
        ];
        let row = *rows.matching(&keys)?.last().ok_or_else(|| rows.no_row(&keys))?;
        let used = [
            count(inangtab, &rows, "NCOEFF1", row)?,
            count(inangtab, &rows, "NCOEFF2", row)?,
        ];
        Ok(Self {
            per_arcsec: array(inangtab, &rows, "COEFF1", row, used[0])?,
            of_first: array(inangtab, &rows, "COEFF2", row, used[1])?,
        })
    }

    /// Corrects a relation for an aperture `offset_arcsec` beside the one it was measured with, and for an image that
    /// lies `shift` columns to the right on the detector.
    pub fn apply(&self, dispersion: &mut Dispersion, offset_arcsec: f64, shift: f64) {
        for (coefficient, change) in dispersion.coefficients.iter_mut().zip(&self.per_arcsec) {
            *coefficient += change * offset_arcsec;
        }
        let first = &mut dispersion.coefficients[0];
        if let Some(linear) = self.of_first.first() {
            *first += linear * offset_arcsec;
        }
        if let Some(square) = self.of_first.get(1) {
            *first += square * offset_arcsec * offset_arcsec;
        }
        *first += shift;
    }
}
