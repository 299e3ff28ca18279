//! The master bias.

use super::arithmetic::{agree, apply};
use super::rows::each_row;
use super::{CcdFrame, CcdUnit, Operation, Real};
use crate::{Error, Result};

/// Subtracts a master bias, in the frame's unit.
///
/// # Errors
/// [`Error::Shape`], [`Error::CcdUnits`]; the frame is as it was then.
pub fn subtract_bias<T: Real, U: Real>(frame: &mut CcdFrame<T>, master: &CcdFrame<U>) -> Result<()> {
    same_unit(&frame.unit, &master.unit, "the master bias")?;
    agree(frame, master, "the master bias")?;
    frame.make_planes_of(master);
    each_row(frame, |y, row| apply(Operation::Subtract, row, master.row(y)));
    Ok(())
}

pub(super) fn same_unit(of_frame: &CcdUnit, of_master: &CcdUnit, what: &str) -> Result<()> {
    if of_frame == of_master {
        return Ok(());
    }
    Err(Error::CcdUnits {
        what: what.to_owned(),
        expected: of_frame.to_string(),
        found: of_master.to_string(),
    })
}
