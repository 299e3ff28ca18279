//! BIASCORR: the structure of the bias.

use super::readout::Readout;
use super::to_electrons::row_to_electrons;
use crate::acs::{Chip, Outcome, Reference, record_image, record_switch};
use crate::steps::rows::{Row, RowMut};
use crate::steps::{ReferenceRows, by_reference, by_reference_at, widest};
use crate::{Error, Result};
use firstlight_frame::fits::Header;

/// BIASCORR: subtracts `bias` (DN), the part of a bias image under the chip, from SCI (DN), adds its ERR in quadrature
/// and ORs its DQ.
///
/// # Errors
/// [`Error::Shape`] where it has not the shape of the chip; what reading it meets: the chip is not to be used then.
pub fn biascorr(chip: &mut Chip, bias: &impl ReferenceRows) -> Result<()> {
    check(chip, bias)?;
    by_reference(&mut chip.frame, bias, subtract)?;
    Ok(())
}

/// [`biascorr`], and then [`to_electrons`](super::to_electrons::to_electrons) of each row at once, while it is in the
/// processor's cache.
///
/// # Errors
/// As [`biascorr`].
pub fn biascorr_to_electrons(chip: &mut Chip, bias: &impl ReferenceRows, readout: &Readout) -> Result<()> {
    check(chip, bias)?;
    by_reference_at(&mut chip.frame, bias, |y, mut row, bias| {
        subtract(row.again(), bias);
        row_to_electrons(readout, y, row.sci, row.err);
    })?;
    Ok(())
}

fn check(chip: &Chip, bias: &impl ReferenceRows) -> Result<()> {
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
    Ok(())
}

fn subtract(row: RowMut<'_>, bias: Row<'_>) {
    widest(
        #[inline(always)]
        || {
            for (value, bias) in row.sci.iter_mut().zip(bias.sci) {
                *value -= bias;
            }
            for (error, bias) in row.err.iter_mut().zip(bias.err) {
                *error = (*error * *error + bias * bias).sqrt();
            }
            for (bits, bias) in row.dq.iter_mut().zip(bias.dq) {
                *bits |= bias;
            }
        },
    );
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
