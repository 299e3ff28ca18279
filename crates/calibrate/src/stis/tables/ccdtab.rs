//! CCDTAB: what is known of the amplifier that read a frame.

use crate::record::{history, record_row, set_single};
use crate::stis::Setup;
use crate::tables::{Key, Rows};
use crate::{Error, Reference, Result};
use firstlight_frame::fits::Header;

/// BLEV_CLIP of a table that has no such column.
const BLEV_CLIP: f32 = 50.0;

/// The row of CCDTAB for one exposure.
#[derive(Debug, Clone, PartialEq)]
pub struct CcdParameters {
    /// ATODGAIN: gain, e/DN.
    pub gain_e_per_dn: f32,
    /// CCDBIAS: bias where there is no overscan to measure it in, DN.
    pub bias_dn: f32,
    /// READNSE: readout noise, e.
    pub readnoise_e: f32,
    /// SATURATE: samples above this are saturated, DN.
    pub saturate_dn: f32,
    /// BLEV_CLIP: how far above their median samples of the virtual overscan are replaced, standard deviations.
    pub blev_clip: f32,
    /// PEDIGREE of the row; empty where the table has no such column.
    pub row_pedigree: String,
    /// DESCRIP of the row; empty where the table has no such column.
    pub row_descrip: String,
}

impl CcdParameters {
    /// Finds the row by CCDAMP, CCDGAIN, CCDOFFST, BINAXIS1 and BINAXIS2.
    ///
    /// # Errors
    /// [`Error::NoRow`], which names the row that was sought and lists those there are; [`Error::ReferenceTable`] where
    /// a column is missing; [`Error::ReferenceValue`] for a null, or a gain or noise that is not positive.
    pub fn of(setup: &Setup, ccdtab: &Reference) -> Result<Self> {
        let rows = Rows::read(ccdtab)?;
        let amplifier = setup.amplifier.letter().to_string();
        let row = rows.find(&[
            Key::text("CCDAMP", &amplifier),
            Key::number("CCDGAIN", setup.ccdgain as f64),
            Key::number("CCDOFFST", setup.ccdoffst as f64),
            Key::number("BINAXIS1", setup.binaxis.0 as f64),
            Key::number("BINAXIS2", setup.binaxis.1 as f64),
        ])?;
        let number = |column: &str, least: f64, expected: &'static str| {
            let value = rows.number(column, row)?;
            if value.is_finite() && value > least {
                return Ok(value as f32);
            }
            Err(Error::ReferenceValue {
                keyword: ccdtab.keyword.clone(),
                path: ccdtab.path(),
                what: format!("{column} of row {}", row + 1),
                found: value.to_string(),
                expected,
            })
        };
        let any = |column| number(column, f64::NEG_INFINITY, "a number");
        let positive = |column| number(column, 0.0, "above 0");
        Ok(Self {
            gain_e_per_dn: positive("ATODGAIN")?,
            bias_dn: any("CCDBIAS")?,
            readnoise_e: positive("READNSE")?,
            saturate_dn: any("SATURATE")?,
            blev_clip: match rows.has("BLEV_CLIP") {
                true => any("BLEV_CLIP")?,
                false => BLEV_CLIP,
            },
            row_pedigree: rows.optional_text("PEDIGREE", row),
            row_descrip: rows.optional_text("DESCRIP", row),
        })
    }

    /// Records ATODGAIN, READNSE and the table in the primary header.
    ///
    /// # Errors
    /// [`Error::Frame`] where a card cannot be written.
    pub fn record(&self, primary: &mut Header, ccdtab: &Reference) -> Result<()> {
        set_single(primary, "ATODGAIN", self.gain_e_per_dn)?;
        set_single(primary, "READNSE", self.readnoise_e)?;
        history(primary, "CCD parameters table ...")?;
        record_row(primary, ccdtab, &self.row_pedigree, &self.row_descrip)
    }
}
