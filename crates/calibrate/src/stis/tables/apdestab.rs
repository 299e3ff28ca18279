//! APDESTAB: size and place of an aperture, and the bars across it.

use super::{count, finite};
use crate::Reference;
use crate::Result;
use crate::tables::{Key, Rows};

/// A bar that hides a part of a long slit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// BARnLOCN: from the middle of the slit, arcsec.
    pub location_arcsec: f64,
    /// BARnWIDTH, arcsec.
    pub width_arcsec: f64,
}

/// An aperture.
#[derive(Debug, Clone, PartialEq)]
pub struct Aperture {
    /// WIDTH1, WIDTH2: along the dispersion and across it, arcsec.
    pub width_arcsec: (f64, f64),
    /// OFFSET1, OFFSET2: from the nominal place, arcsec.
    pub offset_arcsec: (f64, f64),
    /// ANGLE, degrees.
    pub angle_deg: f64,
    /// Up to three.
    pub bars: Vec<Bar>,
}

impl Aperture {
    /// Finds the first row of an aperture.
    ///
    /// # Errors
    /// [`crate::Error::NoRow`]; [`crate::Error::ReferenceTable`] where a column is missing;
    /// [`crate::Error::ReferenceValue`] where a value is null.
    pub fn of(aperture: &str, apdestab: &Reference) -> Result<Self> {
        let rows = Rows::read(apdestab)?;
        let row = rows.find(&[Key::text("APERTURE", aperture)])?;
        let number = |column: &str| finite(apdestab, &rows, column, row);
        let used = count(apdestab, &rows, "NBARS", row)?;
        let columns = [
            ("BAR1LOCN", "BAR1WIDTH"),
            ("BAR2LOCN", "BAR2WIDTH"),
            ("BAR3LOCN", "BAR3WIDTH"),
        ];
        let bar = |(location, width)| -> Result<Bar> {
            Ok(Bar {
                location_arcsec: number(location)?,
                width_arcsec: number(width)?,
            })
        };
        Ok(Self {
            width_arcsec: (number("WIDTH1")?, number("WIDTH2")?),
            offset_arcsec: (number("OFFSET1")?, number("OFFSET2")?),
            angle_deg: if rows.has("ANGLE") { number("ANGLE")? } else { 0.0 },
            bars: columns.into_iter().take(used).map(bar).collect::<Result<_>>()?,
        })
    }
}
