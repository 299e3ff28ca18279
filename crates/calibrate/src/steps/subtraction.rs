//! Subtracting a reference image.

use super::rows::subtract;
use super::{ReferenceRows, by_reference, check_shapes};
use crate::Result;
use firstlight_frame::Frame;

/// Subtracts `scale` times `reference` from `frame`, in place: errors add in quadrature, DQ bits are combined. `what`
/// names the reference in messages.
///
/// # Errors
/// [`crate::Error::Shape`] where shapes do not agree; `frame` is untouched then. What reading the reference meets:
/// `frame` is not to be used then.
pub(crate) fn subtract_scaled(
    frame: &mut Frame,
    reference: &impl ReferenceRows,
    scale: f32,
    what: &str,
) -> Result<()> {
    check_shapes(frame, reference, what)?;
    by_reference(frame, reference, |row, reference| subtract(row, reference, scale))?;
    Ok(())
}
