//! XTRACTAB: boxes that a spectrum and its background are summed in.

use super::{array, count, finite};
use crate::Reference;
use crate::Result;
use crate::stis::SpectralMode;
use crate::tables::{Key, Rows};

/// How a spectrum is extracted. Sizes and offsets are in lines of the detector.
#[derive(Debug, Clone, PartialEq)]
pub struct Extraction {
    /// EXTRSIZE: height of the box.
    pub extrsize: f64,
    /// BK1SIZE, BK2SIZE: heights of the boxes of the background.
    pub bksize: [f64; 2],
    /// BK1OFFST, BK2OFFST: their middles, from the spectrum.
    pub bkoffset: [f64; 2],
    /// BKTCOEFF: tilt of these boxes, degrees, a polynomial in the column counted from 1.
    pub background_tilt: Vec<f64>,
    /// BACKORD: degree of the background along y, 0 or 1.
    pub backord: i64,
    /// XTRACALG: how pixels are weighted.
    pub algorithm: String,
    /// MAXSRCH: lines to both sides that the spectrum is looked for in; −1: it is not looked for.
    pub maxsrch: i64,
}

impl Extraction {
    /// Finds the row by APERTURE, OPT_ELEM, CENWAVE and SPORDER 1.
    ///
    /// # Errors
    /// [`crate::Error::NoRow`]; [`crate::Error::ReferenceTable`] where a column is missing;
    /// [`crate::Error::ReferenceValue`] where a value is null.
    pub fn of(mode: &SpectralMode, xtractab: &Reference) -> Result<Self> {
        let rows = Rows::read(xtractab)?;
        let row = rows.find(&[
            Key::text("APERTURE", &mode.aperture),
            Key::text("OPT_ELEM", &mode.opt_elem),
            Key::number("CENWAVE", mode.cenwave as f64),
            Key::number("SPORDER", 1.0),
        ])?;
        let number = |column: &str| finite(xtractab, &rows, column, row);
        let used = count(xtractab, &rows, "NCOEFFBK", row)?;
        Ok(Self {
            extrsize: number("EXTRSIZE")?,
            bksize: [number("BK1SIZE")?, number("BK2SIZE")?],
            bkoffset: [number("BK1OFFST")?, number("BK2OFFST")?],
            background_tilt: array(xtractab, &rows, "BKTCOEFF", row, used)?,
            backord: number("BACKORD")? as i64,
            algorithm: rows.optional_text("XTRACALG", row),
            maxsrch: number("MAXSRCH")? as i64,
        })
    }
}
