//! BPIXTAB: pixels that are known to be bad.

use super::{Key, Rows};
use crate::Result;
use crate::acs::{Reference, Setup};
use crate::tables::bad_pixels::runs;

pub use crate::tables::BadPixels;

/// The runs of bad pixels for chip `number` of an exposure: rows whose CCDAMP, CCDGAIN and CCDCHIP fit, each of which
/// a table may lack.
///
/// # Errors
/// [`Error::ReferenceTable`] where another column is missing or of another type, [`Error::ReferenceValue`] where AXIS
/// is neither 1 nor 2 or LENGTH is not positive.
pub fn bad_pixels(setup: &Setup, number: i64, bpixtab: &Reference) -> Result<Vec<BadPixels>> {
    let rows = Rows::read(bpixtab)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let keys = vec![
        Key::text("CCDAMP", &setup.ccdamp),
        Key::number("CCDGAIN", rows.comparable_gain(setup.ccdgain)),
        Key::number("CCDCHIP", number as f64),
    ];
    runs(&rows, bpixtab, keys)
}
