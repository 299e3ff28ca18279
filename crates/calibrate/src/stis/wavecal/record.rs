//! What the header of an imset says of its shifts.

use super::Shifts;
use crate::Result;
use crate::record::{history, put, set};
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

/// Records the shifts in the headers of an exposure that belongs to the wavecal `name`: SHIFTA1 and SHIFTA2 in that of the
/// SCI (0 where one is undefined), WAVECORR and HISTORY in the primary one.
///
/// # Errors
/// As [`record`].
pub fn record_exposure(primary: &mut Header, sci: &mut Header, shifts: &Shifts, name: &str) -> Result<()> {
    let value = |shift: &super::Shift| shift.found().unwrap_or(0.0);
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
    )?;
    set(primary, "WAVECORR", "COMPLETE")?;
    history(primary, "WAVECORR complete ...")?;
    history(primary, &format!("  wavecal = {name}"))?;
    for (axis, shift) in [("SHIFTA1", &shifts.shifta1), ("SHIFTA2", &shifts.shifta2)] {
        if let super::Shift::Undefined(reason) = shift {
            history(
                primary,
                &format!("  {axis} is undefined, and taken to be 0: {reason}"),
            )?;
        }
    }
    Ok(())
}
