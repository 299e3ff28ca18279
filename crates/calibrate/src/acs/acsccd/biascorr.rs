//! BIASCORR: the structure of the bias.

use crate::acs::{Chip, Outcome, Reference, record_image, record_switch};
use crate::{Error, Result};
use firstlight_frame::Frame;
use firstlight_frame::fits::Header;
use rayon::prelude::*;

/// BIASCORR: subtracts `bias` (DN), the part of a bias image under the chip, from SCI (DN), adds its ERR in quadrature
/// and ORs its DQ.
///
/// # Errors
/// [`Error::Shape`] where it has not the shape of the chip.
pub fn biascorr(chip: &mut Chip, bias: &Frame) -> Result<()> {
    let expected = chip.shape()?;
    for found in [bias.sci.shape(), bias.err.shape(), bias.dq.shape()] {
        if found != expected {
            return Err(Error::Shape {
                what: "the bias image".to_owned(),
                expected,
                found,
            });
        }
    }
    let nx = expected.1;
    let sci = chip.frame.sci.as_mut_slice().par_chunks_mut(nx);
    let err = chip.frame.err.as_mut_slice().par_chunks_mut(nx);
    let dq = chip.frame.dq.as_mut_slice().par_chunks_mut(nx);
    let rows = sci.zip(err).zip(dq).enumerate();
    rows.for_each(|(y, ((sci, err), dq))| {
        for (value, bias) in sci.iter_mut().zip(bias.sci.row(y)) {
            *value -= bias;
        }
        for (error, bias) in err.iter_mut().zip(bias.err.row(y)) {
            *error = (*error * *error + bias * bias).sqrt();
        }
        for (bits, bias) in dq.iter_mut().zip(bias.dq.row(y)) {
            *bits |= bias;
        }
    });
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
