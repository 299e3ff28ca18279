//! FLATCORR: up to three flats, multiplied together.

use crate::record::{Outcome, record_image, record_switch};
use crate::steps::multiply;
use crate::{Chip, Reference, Result};
use firstlight_frame::Frame;
use firstlight_frame::fits::Header;

/// The product of the flats under a chip: from pixel to pixel (PFLTFILE), its change (DFLTFILE), and the low-order one
/// (LFLTFILE), whose larger pixels are expanded by bilinear interpolation. Dummies are left out; None where none is left.
///
/// # Errors
/// [`crate::Error::ReferenceSection`] where a flat does not cover the chip, or what reading one meets.
pub fn flat_field(chip: &Chip, flats: [Option<&Reference>; 3]) -> Result<Option<Frame>> {
    let mut product: Option<Frame> = None;
    for flat in flats.into_iter().flatten().filter(|flat| !flat.is_dummy()) {
        let next = flat.expanded_under(chip)?.frame()?;
        match &mut product {
            Some(product) => multiply(product, &next)?,
            None => product = Some(next),
        }
    }
    Ok(product)
}

/// Records FLATCORR in the primary header.
///
/// # Errors
/// [`crate::Error::Frame`] where a card cannot be written.
pub(super) fn record_flatcorr(primary: &mut Header, flats: [Option<&Reference>; 3]) -> Result<Outcome> {
    let named = || flats.into_iter().flatten();
    let outcome = match named().all(Reference::is_dummy) {
        true => Outcome::Dummy,
        false => Outcome::Complete,
    };
    record_switch(primary, "FLATCORR", outcome)?;
    for flat in named() {
        record_image(primary, flat)?;
    }
    Ok(outcome)
}
