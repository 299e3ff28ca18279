//! WCPTAB: parameters of the reduction of wavecals.

use super::{count, finite, is_dummy_row};
use crate::Reference;
use crate::Result;
use crate::tables::{Key, Rows};
use serde::{Deserialize, Serialize};

/// How shifts are measured. Numbers of pixels are of the unbinned detector.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WavecalParameters {
    /// Columns left out at both ends in the dispersion direction's shift, pixels.
    pub wl_trim1: usize,
    /// Rows left out at both ends in the dispersion direction's shift, pixels.
    pub wl_trim2: usize,
    /// Columns left out at both ends in the shift along the slit, pixels.
    pub sp_trim1: usize,
    /// Rows left out at both ends in the shift along the slit, pixels.
    pub sp_trim2: usize,
    /// Shifts that are tried in the dispersion direction, pixels, odd.
    pub wl_range: usize,
    /// Shifts that are tried along the slit, pixels, odd.
    pub sp_range: usize,
    /// Above the mean of its column, a pixel is a cosmic ray, σ.
    pub nsigma_cr: f64,
    /// Behind a bar, only a pixel this far from the lit ones can be a cosmic ray, σ.
    pub nsigma_illum: f64,
    /// Limit of rejection in the mean of a column, in median absolute deviations.
    pub mad_reject: f64,
    /// Least median absolute deviation that is believed, DN.
    pub min_mad: f64,
}

impl Default for WavecalParameters {
    fn default() -> Self {
        Self {
            wl_trim1: 0,
            wl_trim2: 300,
            sp_trim1: 200,
            sp_trim2: 0,
            wl_range: 63,
            sp_range: 61,
            nsigma_cr: 3.0,
            nsigma_illum: 2.0,
            mad_reject: 3.0,
            min_mad: 1.0,
        }
    }
}

impl WavecalParameters {
    /// Finds the row by DETECTOR (CCD) and OPT_ELEM; a dummy gives the defaults.
    ///
    /// # Errors
    /// [`crate::Error::NoRow`]; [`crate::Error::ReferenceTable`] where a column is missing;
    /// [`crate::Error::ReferenceValue`] where a value is null or no number of pixels.
    pub fn of(opt_elem: &str, wcptab: &Reference) -> Result<Self> {
        let rows = Rows::read(wcptab)?;
        let row = rows.find(&[Key::text("DETECTOR", "CCD"), Key::text("OPT_ELEM", opt_elem)])?;
        if is_dummy_row(&rows, row) {
            return Ok(Self::default());
        }
        let pixels = |column: &str| count(wcptab, &rows, column, row);
        let number = |column: &str| finite(wcptab, &rows, column, row);
        Ok(Self {
            wl_trim1: pixels("WL_TRIM1")?,
            wl_trim2: pixels("WL_TRIM2")?,
            sp_trim1: pixels("SP_TRIM1")?,
            sp_trim2: pixels("SP_TRIM2")?,
            wl_range: pixels("WL_RANGE")?,
            sp_range: pixels("SP_RANGE")?,
            nsigma_cr: number("NSIG_CR")?,
            nsigma_illum: number("NSIG_ILL")?,
            mad_reject: number("MAD_REJ")?,
            min_mad: number("MIN_MAD")?,
        })
    }
}
