//! CCDTAB's columns on the charge that is lost on the way to the amplifier.

use super::finite;
use crate::Reference;
use crate::Result;
use crate::stis::SpectralMode;
use crate::tables::{Key, Rows};

/// Parameters of the correction of extracted spectra for charge-transfer inefficiency (Goudfrooij & Bohlin 2006).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CtiParameters {
    /// CTINORM.
    pub norm: f64,
    /// CTIGPOWER: power of the gross counts.
    pub gross_power: f64,
    /// CTIBGFAC: factor of the background over the gross.
    pub background_factor: f64,
    /// CTIBGPOWER: power of it.
    pub background_power: f64,
    /// CTITIMFAC: growth per year.
    pub per_year: f64,
    /// CTIREFMJD: the day that it grows from, MJD.
    pub reference_mjd: f64,
    /// SPURCHARGE: charge made while reading, e/pixel.
    pub spurious_e: f64,
    /// HALOFAC: how much of the halo in the red counts as background.
    pub halo_factor: f64,
    /// HALOMINFRAC: the fraction of light in the halo that does not.
    pub halo_least_fraction: f64,
}

impl CtiParameters {
    /// Finds the row by CCDAMP, CCDGAIN, CCDOFFST, BINAXIS1 and BINAXIS2. None where the table has no columns for it, as
    /// those of old.
    ///
    /// # Errors
    /// [`crate::Error::NoRow`]; [`crate::Error::ReferenceTable`] where another column is missing;
    /// [`crate::Error::ReferenceValue`] where a value is null.
    pub fn of(mode: &SpectralMode, ccdtab: &Reference) -> Result<Option<Self>> {
        let rows = Rows::read(ccdtab)?;
        let columns = [
            "CTINORM",
            "CTIGPOWER",
            "CTIBGFAC",
            "CTIBGPOWER",
            "CTITIMFAC",
            "CTIREFMJD",
            "SPURCHARGE",
        ];
        if !columns.iter().all(|column| rows.has(column)) {
            return Ok(None);
        }
        let row = rows.find(&[
            Key::text("CCDAMP", &mode.ccdamp),
            Key::number("CCDGAIN", mode.ccdgain as f64),
            Key::number("CCDOFFST", mode.ccdoffst as f64),
            Key::number("BINAXIS1", mode.binning.0 as f64),
            Key::number("BINAXIS2", mode.binning.1 as f64),
        ])?;
        let number = |column: &str| finite(ccdtab, &rows, column, row);
        let optional = |column: &str| if rows.has(column) { number(column) } else { Ok(0.0) };
        Ok(Some(Self {
            norm: number("CTINORM")?,
            gross_power: number("CTIGPOWER")?,
            background_factor: number("CTIBGFAC")?,
            background_power: number("CTIBGPOWER")?,
            per_year: number("CTITIMFAC")?,
            reference_mjd: number("CTIREFMJD")?,
            spurious_e: number("SPURCHARGE")?,
            halo_factor: optional("HALOFAC")?,
            halo_least_fraction: optional("HALOMINFRAC")?,
        }))
    }
}
