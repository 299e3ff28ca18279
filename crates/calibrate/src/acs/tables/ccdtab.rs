//! CCDTAB: what is known of the amplifiers that read a chip.

use super::{Key, Rows};
use crate::acs::{Amplifier, Chip, Reference, Setup, history, record_row, set_single};
use crate::{Error, Result};
use firstlight_frame::fits::Header;

/// The row of CCDTAB for one chip of an exposure. Values of amplifiers that CCDAMP does not name are 0.
#[derive(Debug, Clone, PartialEq)]
pub struct CcdParameters {
    /// ATODGNA … ATODGND: gain, e/DN.
    pub gain_e_per_dn: [f32; 4],
    /// READNSEA … READNSED: readout noise, e.
    pub readnoise_e: [f32; 4],
    /// CCDBIASA … CCDBIASD: bias where there is no overscan to measure it in, DN.
    pub bias_dn: [f32; 4],
    /// AMPX: the first column, counted on the whole readout, that the right amplifier reads; at most the image's
    /// width.
    pub ampx: usize,
    /// AMPY: the first line that the upper amplifiers read; 0 where there are none.
    pub ampy: usize,
    /// SATURATE: full well, e.
    pub saturate_e: f32,
    /// ATODSAT: the sample at which the converter saturates, DN.
    pub atod_saturate_dn: i64,
    /// OVRHFLS: time beyond EXPTIME that dark current builds up in, of an exposure with post-flash, s.
    pub overhead_flashed_s: f32,
    /// OVRHUFLS: the same without post-flash, s.
    pub overhead_unflashed_s: f32,
    /// PEDIGREE of the row; empty where the table has no such column.
    pub row_pedigree: String,
    /// DESCRIP of the row; empty where the table has no such column.
    pub row_descrip: String,
}

impl CcdParameters {
    /// Finds the row by CCDAMP, CCDCHIP, CCDGAIN and CCDOFSTA … CCDOFSTD.
    ///
    /// # Errors
    /// [`Error::NoRow`], which names the row that was sought and lists those there are; [`Error::ReferenceTable`]
    /// where a column is missing or a value is null.
    pub fn of(setup: &Setup, chip: &Chip, ccdtab: &Reference) -> Result<Self> {
        let rows = Rows::read(ccdtab)?;
        let offset = |amplifier: Amplifier| setup.ccdofst[amplifier.index()] as f64;
        let row = rows.find(&[
            Key::text("CCDAMP", &setup.ccdamp),
            Key::number("CCDCHIP", chip.number() as f64),
            Key::number("CCDGAIN", rows.comparable_gain(setup.ccdgain)),
            Key::number("CCDOFSTA", offset(Amplifier::A)),
            Key::number("CCDOFSTB", offset(Amplifier::B)),
            Key::number("CCDOFSTC", offset(Amplifier::C)),
            Key::number("CCDOFSTD", offset(Amplifier::D)),
        ])?;
        let number = |column: &str| {
            let value = rows.number(column, row)?;
            if !value.is_finite() {
                return Err(Error::ReferenceValue {
                    keyword: ccdtab.keyword.clone(),
                    path: ccdtab.path(),
                    what: format!("{column} of row {}", row + 1),
                    found: value.to_string(),
                    expected: "a number",
                });
            }
            Ok(value)
        };
        let of_amplifiers = |columns: [&str; 4]| -> Result<[f32; 4]> {
            let mut values = [0.0; 4];
            for (amplifier, column) in Amplifier::ALL.into_iter().zip(columns) {
                let value = number(column)? as f32;
                if setup.ccdamp.contains(amplifier.letter()) {
                    values[amplifier.index()] = value;
                }
            }
            Ok(values)
        };
        let nx = chip.frame.sci.nx();
        Ok(Self {
            gain_e_per_dn: of_amplifiers(["ATODGNA", "ATODGNB", "ATODGNC", "ATODGND"])?,
            readnoise_e: of_amplifiers(["READNSEA", "READNSEB", "READNSEC", "READNSED"])?,
            bias_dn: of_amplifiers(["CCDBIASA", "CCDBIASB", "CCDBIASC", "CCDBIASD"])?,
            ampx: (number("AMPX")?.max(0.0) as usize).min(nx),
            ampy: number("AMPY")?.max(0.0) as usize,
            saturate_e: number("SATURATE")? as f32,
            atod_saturate_dn: number("ATODSAT")? as i64,
            overhead_flashed_s: number("OVRHFLS")? as f32,
            overhead_unflashed_s: number("OVRHUFLS")? as f32,
            row_pedigree: rows.optional_text("PEDIGREE", row),
            row_descrip: rows.optional_text("DESCRIP", row),
        })
    }

    /// Records gains, readout noises and the table in the primary header.
    ///
    /// # Errors
    /// [`Error::Frame`] where a card cannot be written.
    pub fn record(&self, primary: &mut Header, ccdtab: &Reference) -> Result<()> {
        for (stem, values) in [("ATODGN", self.gain_e_per_dn), ("READNSE", self.readnoise_e)] {
            for (amplifier, value) in Amplifier::ALL.into_iter().zip(values) {
                set_single(primary, &format!("{stem}{}", amplifier.letter()), value)?;
            }
        }
        history(primary, "CCD parameters table: ")?;
        record_row(primary, ccdtab, &self.row_pedigree, &self.row_descrip)
    }

    /// Gain, e/DN.
    pub fn gain(&self, amplifier: Amplifier) -> f32 {
        self.gain_e_per_dn[amplifier.index()]
    }

    /// Bias where there is no overscan to measure it in, e.
    pub fn default_bias_e(&self, amplifier: Amplifier) -> f32 {
        self.bias_dn[amplifier.index()] * self.gain(amplifier)
    }

    /// Readout noise, e.
    pub fn readnoise(&self, amplifier: Amplifier) -> f32 {
        self.readnoise_e[amplifier.index()]
    }
}
