//! BPIXTAB: pixels that are known to be bad.

use crate::stis::Setup;
use crate::tables::bad_pixels::{BadPixels, runs};
use crate::tables::{Key, Rows};
use crate::{Reference, Result};

/// The runs of bad pixels for an exposure: rows whose OPT_ELEM fits, where the table has such a column.
///
/// # Errors
/// [`crate::Error::ReferenceTable`] where another column is missing or of another type,
/// [`crate::Error::ReferenceValue`] where AXIS is neither 1 nor 2 or LENGTH is not positive.
pub fn bad_pixels(setup: &Setup, bpixtab: &Reference) -> Result<Vec<BadPixels>> {
    let rows = Rows::read(bpixtab)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    runs(&rows, bpixtab, vec![Key::text("OPT_ELEM", &setup.opt_elem)])
}
