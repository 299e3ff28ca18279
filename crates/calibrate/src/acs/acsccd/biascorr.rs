//! BIASCORR: the structure of the bias.

use crate::acs::{Chip, Outcome, Reference, record_image, record_switch};
use crate::steps::{ReferenceRows, by_reference};
use crate::{Error, Result};
use firstlight_frame::fits::Header;

/// BIASCORR: subtracts `bias` (DN), the part of a bias image under the chip, from SCI (DN), adds its ERR in quadrature
/// and ORs its DQ.
///
/// # Errors
/// [`Error::Shape`] where it has not the shape of the chip; what reading it meets: the chip is not to be used then.
pub fn biascorr(chip: &mut Chip, bias: &impl ReferenceRows) -> Result<()> {
    let expected = chip.shape()?;
    for found in bias.shapes() {
        if found != expected {
            return Err(Error::Shape {
                what: "the bias image".to_owned(),
                expected,
                found,
            });
        }
    }
    by_reference(&mut chip.frame, bias, |row, bias| {
        for (value, bias) in row.sci.iter_mut().zip(bias.sci) {
            *value -= bias;
        }
        for (error, bias) in row.err.iter_mut().zip(bias.err) {
            *error = (*error * *error + bias * bias).sqrt();
        }
        for (bits, bias) in row.dq.iter_mut().zip(bias.dq) {
            *bits |= bias;
        }
    })?;
    Ok(())
}

/// Records BIASCORR in the primary header.
///
/// # Errors
/// [`Error::Frame`] where a card cannot be written.
pub fn record_biascorr(primary: &mut Header, biasfile: &Reference) -> Result<Outcome> {
    let outcome = match biasfile.is_dummy() {
        true => Outcome::Dummy,
        false => Outcome::Complete,
    };
    record_switch(primary, "BIASCORR", outcome)?;
    record_image(primary, biasfile)?;
    Ok(outcome)
}
