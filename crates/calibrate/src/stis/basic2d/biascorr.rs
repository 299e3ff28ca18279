//! BIASCORR: the bias image.

use crate::record::{Outcome, record_image, record_switch};
use crate::steps::{ReferenceRows, subtract_scaled};
use crate::{Chip, Reference, Result};
use firstlight_frame::fits::Header;

/// BIASCORR: subtracts `bias` (DN), as often as exposures were combined (NCOMBINE), in place. Errors add in quadrature;
/// DQ bits are combined. A NaN of the bias is one of the image.
///
/// # Errors
/// [`crate::Error::Shape`] where shapes do not agree; the chip is untouched then. What reading the bias meets: the chip
/// is not to be used then.
pub fn biascorr(chip: &mut Chip, bias: &impl ReferenceRows) -> Result<()> {
    let combined = chip.ncombine() as f32;
    subtract_scaled(&mut chip.frame, bias, combined, "the bias")
}

/// Records BIASCORR in the primary header.
///
/// # Errors
/// [`crate::Error::Frame`] where a card cannot be written.
pub(super) fn record_biascorr(primary: &mut Header, biasfile: &Reference) -> Result<Outcome> {
    let outcome = match biasfile.is_dummy() {
        true => Outcome::Dummy,
        false => Outcome::Complete,
    };
    record_switch(primary, "BIASCORR", outcome)?;
    record_image(primary, biasfile)?;
    Ok(outcome)
}
