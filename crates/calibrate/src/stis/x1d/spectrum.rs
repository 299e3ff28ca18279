//! The spectrum as a table has it.

use super::location::Location;
use crate::Result;
use crate::stis::SpectralImset;
use crate::stis::tables::xtractab::Extraction;
use firstlight_frame::fits::{Column, ColumnData, Table};

/// One extracted spectrum; arrays have an element for each column of the image.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Spectrum {
    /// WAVELENGTH, Å; 0 where there are none.
    pub wavelength: Vec<f64>,
    /// GROSS, DN/s.
    pub gross: Vec<f32>,
    /// BACKGROUND under it, DN/s.
    pub background: Vec<f32>,
    /// NET: what is left, DN/s.
    pub net: Vec<f32>,
    /// FLUX, erg/s/cm²/Å; 0 where there is none.
    pub flux: Vec<f32>,
    /// ERROR of the flux; of the gross rate where there is none.
    pub error: Vec<f32>,
    /// NET_ERROR, DN/s.
    pub net_error: Vec<f32>,
    /// DQ: the bits of all pixels in the box.
    pub dq: Vec<u16>,
    /// EXTRLOCY: the row in the middle of the box, counted from 1.
    pub extrlocy: Vec<f32>,
    /// A2CENTER: the row that the spectrum is named by, counted from 1.
    pub a2center: f32,
    /// EXTRSIZE: height of the box, rows of the image.
    pub extrsize: f32,
    /// MAXSRCH: rows to both sides that it was looked for in.
    pub maxsrch: i16,
    /// BK1SIZE, BK2SIZE, rows of the image.
    pub bksize: [f32; 2],
    /// BK1OFFST, BK2OFFST, rows of the image.
    pub bkoffset: [f32; 2],
    /// OFFSET: from where it was looked for, lines of the detector.
    pub offset: f32,
}

impl Spectrum {
    /// NELEM: how many columns.
    pub fn len(&self) -> usize {
        self.wavelength.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.wavelength.is_empty()
    }

    /// Notes where it is and which boxes were used.
    pub(super) fn place(&mut self, location: &Location, extraction: &Extraction, imset: &SpectralImset) {
        let rows = |lines: f64| (lines * imset.ltm.1) as f32;
        self.a2center = (imset.image_y(location.line) + 1.0) as f32;
        self.extrsize = rows(extraction.extrsize);
        self.maxsrch = (extraction.maxsrch as f64 * imset.ltm.1) as i16;
        self.bksize = extraction.bksize.map(rows);
        self.bkoffset = extraction.bkoffset.map(rows);
        self.offset = location.offset as f32;
    }

    /// A table of one row, with the columns of an official x1d or sx1.
    ///
    /// # Errors
    /// [`crate::Error::Frame`] where the arrays differ in length.
    pub fn table(&self, is_flux: bool) -> Result<Table> {
        let error_unit = if is_flux { FLUX_UNIT } else { RATE_UNIT };
        let columns = [
            whole("SPORDER", 1),
            whole("NELEM", self.len() as i16),
            doubles("WAVELENGTH", &self.wavelength)?,
            singles("GROSS", &self.gross, RATE_UNIT)?,
            singles("BACKGROUND", &self.background, RATE_UNIT)?,
            singles("NET", &self.net, RATE_UNIT)?,
            singles("FLUX", &self.flux, FLUX_UNIT)?,
            singles("ERROR", &self.error, error_unit)?,
            singles("NET_ERROR", &self.net_error, RATE_UNIT)?,
            bits("DQ", &self.dq)?,
            single("A2CENTER", self.a2center),
            single("EXTRSIZE", self.extrsize),
            whole("MAXSRCH", self.maxsrch).unit("pixel"),
            single("BK1SIZE", self.bksize[0]),
            single("BK2SIZE", self.bksize[1]),
            single("BK1OFFST", self.bkoffset[0]),
            single("BK2OFFST", self.bkoffset[1]),
            singles("EXTRLOCY", &self.extrlocy, "pixel")?,
            single("OFFSET", self.offset),
        ];
        let mut table = Table::new();
        for column in columns {
            table.push(column).map_err(firstlight_frame::Error::from)?;
        }
        Ok(table)
    }
}

const RATE_UNIT: &str = "Counts/s";
const FLUX_UNIT: &str = "erg/s/cm**2/Angstrom";

fn array(name: &str, length: usize, data: ColumnData) -> Result<Column> {
    Ok(Column::array(name, vec![length], data).map_err(firstlight_frame::Error::from)?)
}

fn singles(name: &str, values: &[f32], unit: &str) -> Result<Column> {
    let column = array(name, values.len(), ColumnData::F32(values.to_vec()))?;
    Ok(column.unit(unit).display("G15.7"))
}

fn doubles(name: &str, values: &[f64]) -> Result<Column> {
    let column = array(name, values.len(), ColumnData::F64(values.to_vec()))?;
    Ok(column.unit("Angstroms").display("G25.16"))
}

fn bits(name: &str, values: &[u16]) -> Result<Column> {
    // The highest bit makes a value negative, as everywhere in FITS's 16-bit integers.
    let values: Vec<i16> = values.iter().map(|&bits| bits as i16).collect();
    Ok(array(name, values.len(), ColumnData::I16(values))?.display("I11"))
}

fn single(name: &str, value: f32) -> Column {
    Column::f32(name, vec![value]).unit("pixel").display("G15.7")
}

fn whole(name: &str, value: i16) -> Column {
    Column::i16(name, vec![value]).display("I11")
}
