//! Tables that give a quantity at some wavelengths: PHOTTAB (sensitivity), APERTAB and GACTAB (throughput of an
//! aperture).

use super::{array, count, is_dummy_row, value};
use crate::Reference;
use crate::Result;
use crate::stis::SpectralMode;
use crate::tables::{Key, Rows};

/// A quantity at increasing wavelengths, Å.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// Å.
    pub wavelengths: Vec<f64>,
    /// The quantity at each.
    pub values: Vec<f64>,
}

impl Curve {
    /// PHOTTAB: the sensitivity of a mode, by OPT_ELEM, CENWAVE and SPORDER 1; None where the row is a dummy.
    ///
    /// # Errors
    /// [`crate::Error::NoRow`]; [`crate::Error::ReferenceTable`] where a column is missing;
    /// [`crate::Error::ReferenceValue`] where the arrays are shorter than NELEM, or hold less than two wavelengths.
    pub fn sensitivity(mode: &SpectralMode, phottab: &Reference) -> Result<Option<Self>> {
        let rows = Rows::read(phottab)?;
        let row = rows.find(&[
            Key::text("OPT_ELEM", &mode.opt_elem),
            Key::number("CENWAVE", mode.cenwave as f64),
            Key::number("SPORDER", 1.0),
        ])?;
        Self::of_row(phottab, &rows, row)
    }

    /// APERTAB: the throughput of an aperture; the last row that matches. None where it is a dummy.
    ///
    /// # Errors
    /// As [`Curve::sensitivity`].
    pub fn throughput(mode: &SpectralMode, apertab: &Reference) -> Result<Option<Self>> {
        let rows = Rows::read(apertab)?;
        let keys = [Key::text("APERTURE", &mode.aperture)];
        let row = *rows.matching(&keys)?.last().ok_or_else(|| rows.no_row(&keys))?;
        Self::of_row(apertab, &rows, row)
    }

    /// GACTAB: what an aperture passes beside what APERTAB says, with this grating; by OPT_ELEM, CENWAVE and APERTURE.
    /// None where there is no row, or a dummy.
    ///
    /// # Errors
    /// As [`Curve::sensitivity`], but for the missing row.
    pub fn grating_and_aperture(mode: &SpectralMode, gactab: &Reference) -> Result<Option<Self>> {
        let rows = Rows::read(gactab)?;
        let found = rows.matching(&[
            Key::text("OPT_ELEM", &mode.opt_elem),
            Key::number("CENWAVE", mode.cenwave as f64),
            Key::text("APERTURE", &mode.aperture),
        ])?;
        match found.first() {
            Some(&row) => Self::of_row(gactab, &rows, row),
            None => Ok(None),
        }
    }

    fn of_row(reference: &Reference, rows: &Rows, row: usize) -> Result<Option<Self>> {
        if is_dummy_row(rows, row) {
            return Ok(None);
        }
        let used = count(reference, rows, "NELEM", row)?;
        if used < 2 {
            let what = format!("NELEM of row {}", row + 1);
            return Err(value(reference, what, used.to_string(), "2 or more"));
        }
        Ok(Some(Self {
            wavelengths: array(reference, rows, "WAVELENGTH", row, used)?,
            values: array(reference, rows, "THROUGHPUT", row, used)?,
        }))
    }

    /// The value at a wavelength: linear between the nodes, that of the nearest beyond them.
    pub fn at(&self, wavelength: f64) -> f64 {
        interpolate(&self.wavelengths, &self.values, wavelength)
    }

    /// As [`Curve::at`], but beyond the nodes the outermost line goes on.
    pub fn extrapolated(&self, wavelength: f64) -> f64 {
        let last = self.wavelengths.len().saturating_sub(1);
        let outermost = match (self.wavelengths.first(), self.wavelengths.last()) {
            (Some(&first), _) if wavelength <= first => 0,
            (_, Some(&end)) if wavelength >= end => last.saturating_sub(1),
            _ => return self.at(wavelength),
        };
        if last == 0 {
            return self.at(wavelength);
        }
        let (x, y) = (&self.wavelengths[outermost..], &self.values[outermost..]);
        let slope = (y[1] - y[0]) / (x[1] - x[0]);
        slope * wavelength + (y[0] - slope * x[0])
    }
}

/// Linear between the nodes `x` (increasing), the outermost value beyond them; NaN where there are none.
pub fn interpolate(x: &[f64], y: &[f64], at: f64) -> f64 {
    let (Some(&first), Some(&last)) = (x.first(), x.last()) else {
        return f64::NAN;
    };
    if x.len() == 1 || at <= first {
        return y[0];
    }
    if at >= last {
        return y[x.len() - 1];
    }
    let above = x.partition_point(|&node| node < at).clamp(1, x.len() - 1);
    let p = (x[above] - at) / (x[above] - x[above - 1]);
    y[above - 1] * p + y[above] * (1.0 - p)
}
