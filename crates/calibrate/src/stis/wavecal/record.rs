//! What the header of an imset says of its shifts.

use super::Shifts;
use crate::Result;
use crate::acs::put;
use firstlight_frame::fits::Header;

/// SHIFTA1 and SHIFTA2 where a shift is undefined, as the official program writes it into a wavecal.
const UNDEFINED: f64 = -9999.0;

/// Records SHIFTA1 and SHIFTA2 in the header of the SCI of a wavecal; −9999 where one is undefined.
///
/// # Errors
/// [`crate::Error::Frame`] where a card cannot be written.
pub fn record(sci: &mut Header, shifts: &Shifts) -> Result<()> {
    let value = |shift: &super::Shift| shift.found().unwrap_or(UNDEFINED);
    put(
        sci,
        "SHIFTA1",
        value(&shifts.shifta1),
        "MSM shift in dispersion direction",
    )?;
    put(
        sci,
        "SHIFTA2",
        value(&shifts.shifta2),
        "MSM shift in spatial direction",
    )
}
