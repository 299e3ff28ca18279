//! LAMPTAB: the spectrum of a calibration lamp.

use super::{array, count, value};
use crate::Reference;
use crate::Result;
use crate::stis::SpectralMode;
use crate::tables::{Key, Rows};

/// A spectrum in bins of wavelength.
#[derive(Debug, Clone, PartialEq)]
pub struct LampSpectrum {
    /// Edges of the bins, Å, one more than there are fluxes: halfway between the table's wavelengths.
    pub edges: Vec<f64>,
    /// FLUX of each bin.
    pub flux: Vec<f64>,
}

impl LampSpectrum {
    /// Finds the row by LAMPSET, and by SCLAMP and OPT_ELEM where the table has these.
    ///
    /// # Errors
    /// [`crate::Error::NoRow`]; [`crate::Error::ReferenceTable`] where a column is missing;
    /// [`crate::Error::ReferenceValue`] where the arrays are shorter than NELEM, or hold less than two wavelengths.
    pub fn of(mode: &SpectralMode, lamptab: &Reference) -> Result<Self> {
        let rows = Rows::read(lamptab)?;
        let mut keys = vec![Key::text("LAMPSET", &mode.lampset)];
        if rows.has("SCLAMP") {
            keys.push(Key::text("SCLAMP", &mode.sclamp));
        }
        if rows.has("OPT_ELEM") {
            keys.push(Key::text("OPT_ELEM", &mode.opt_elem));
        }
        let row = rows.find(&keys)?;
        let used = count(lamptab, &rows, "NELEM", row)?;
        if used < 2 {
            let what = format!("NELEM of row {}", row + 1);
            return Err(value(lamptab, what, used.to_string(), "2 or more"));
        }
        let centres = array(lamptab, &rows, "WAVELENGTH", row, used)?;
        Ok(Self {
            edges: edges(&centres),
            flux: array(lamptab, &rows, "FLUX", row, used)?,
        })
    }
}

/// Halfway between neighbours, and as far beyond the outermost.
fn edges(centres: &[f64]) -> Vec<f64> {
    let last = centres.len() - 1;
    let mut edges = Vec::with_capacity(centres.len() + 1);
    edges.push(centres[0] - (centres[1] - centres[0]) / 2.0);
    edges.extend(centres.windows(2).map(|pair| (pair[0] + pair[1]) / 2.0));
    edges.push(centres[last] + (centres[last] - centres[last - 1]) / 2.0);
    edges
}
