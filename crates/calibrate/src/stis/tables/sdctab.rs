//! SDCTAB: size and coordinates of a rectified spectrum.

use super::{count, finite};
use crate::Reference;
use crate::Result;
use crate::stis::SpectralMode;
use crate::tables::{Key, Rows};

/// A rectified image of full size: wavelength runs along x, place along the slit along y, both linear.
#[derive(Debug, Clone, PartialEq)]
pub struct RectifiedGrid {
    /// A2CENTER: the line of the detector that the row CRPIX2 is of, 0-based.
    pub a2center: f64,
    /// NPIX1, NPIX2.
    pub npix: (usize, usize),
    /// CRPIX1, CRPIX2, 0-based.
    pub crpix: (f64, f64),
    /// CRVAL1, CRVAL2: Å, arcsec.
    pub crval: (f64, f64),
    /// CDELT1, CDELT2: Å and arcsec per pixel.
    pub cdelt: (f64, f64),
}

impl RectifiedGrid {
    /// Finds the row by APERTURE, OPT_ELEM, CENWAVE and SPORDER 1.
    ///
    /// # Errors
    /// [`crate::Error::NoRow`]; [`crate::Error::ReferenceTable`] where a column is missing;
    /// [`crate::Error::ReferenceValue`] where a value is null.
    pub fn of(mode: &SpectralMode, sdctab: &Reference) -> Result<Self> {
        let rows = Rows::read(sdctab)?;
        let mut keys = vec![
            Key::text("OPT_ELEM", &mode.opt_elem),
            Key::number("CENWAVE", mode.cenwave as f64),
            Key::number("SPORDER", 1.0),
        ];
        if rows.has("APERTURE") {
            keys.push(Key::text("APERTURE", &mode.aperture));
        }
        let row = rows.find(&keys)?;
        let number = |column: &str| finite(sdctab, &rows, column, row);
        let pixels = |column: &str| count(sdctab, &rows, column, row);
        Ok(Self {
            a2center: number("A2CENTER")? - 1.0,
            npix: (pixels("NPIX1")?, pixels("NPIX2")?),
            crpix: (number("CRPIX1")? - 1.0, number("CRPIX2")? - 1.0),
            crval: (number("CRVAL1")?, number("CRVAL2")?),
            cdelt: (number("CDELT1")?, number("CDELT2")?),
        })
    }
}
