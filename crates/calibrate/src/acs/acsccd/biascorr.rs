//! BIASCORR: the structure of the bias.

use crate::acs::{Chip, Outcome, Reference, ReferenceImset, record_image, record_switch};
use crate::{Error, Result};
use firstlight_frame::fits::Header;
use rayon::prelude::*;

/// BIASCORR: subtracts `bias` (DN) from SCI (DN), adds its ERR in quadrature and ORs its DQ. `origin` is the column
/// and row of the bias that the chip's first pixel lies on; see [`crate::acs::origin`].
///
/// # Errors
/// [`Error::Shape`] where the bias does not cover the chip from there on, or its planes differ in shape.
pub fn biascorr(chip: &mut Chip, bias: &ReferenceImset, origin: (usize, usize)) -> Result<()> {
    let (ny, nx) = chip.shape()?;
    let (x0, y0) = origin;
    let needed = (ny.saturating_add(y0), nx.saturating_add(x0));
    let reference = &bias.frame;
    for found in [reference.sci.shape(), reference.err.shape(), reference.dq.shape()] {
        if found.0 < needed.0 || found.1 < needed.1 || found != reference.sci.shape() {
            return Err(Error::Shape {
                what: "the bias image".to_owned(),
                expected: needed,
                found,
            });
        }
    }
    let frame = &mut chip.frame;
    let sci = frame.sci.as_mut_slice().par_chunks_mut(nx);
    let err = frame.err.as_mut_slice().par_chunks_mut(nx);
    let dq = frame.dq.as_mut_slice().par_chunks_mut(nx);
    sci.zip(err)
        .zip(dq)
        .enumerate()
        .for_each(|(y, ((sci, err), dq))| {
            let columns = x0..x0 + nx;
            let bias_sci = &reference.sci.row(y + y0)[columns.clone()];
            let bias_err = &reference.err.row(y + y0)[columns.clone()];
            let bias_dq = &reference.dq.row(y + y0)[columns];
            for (value, bias) in sci.iter_mut().zip(bias_sci) {
                *value -= bias;
            }
            for (error, bias) in err.iter_mut().zip(bias_err) {
                *error = (*error * *error + bias * bias).sqrt();
            }
            for (bits, bias) in dq.iter_mut().zip(bias_dq) {
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
