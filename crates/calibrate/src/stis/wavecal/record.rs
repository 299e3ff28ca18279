//! What headers say of the shifts.

use super::exposure::{Interpolation, TimedShifts};
use super::{NO_LIGHT, Shift, Shifts};
use crate::record::{history, put, set};
use crate::stis::observation::ImsetKeywords;
use crate::{Observation, Result};
use firstlight_frame::fits::Header;

/// SHIFTA1 and SHIFTA2 where a shift is undefined, as the official program writes it into a wavecal.
const UNDEFINED: f64 = -9999.0;

/// Records SHIFTA1 and SHIFTA2 in the header of the SCI of a wavecal; −9999 where one is undefined.
///
/// # Errors
/// [`crate::Error::Frame`] where a card cannot be written.
pub fn record(sci: &mut Header, shifts: &Shifts) -> Result<()> {
    let value = |shift: &Shift| shift.found().unwrap_or(UNDEFINED);
    put_shifts(sci, (value(&shifts.shifta1), value(&shifts.shifta2)))
}

/// Records the shifts at the time of each imset in an exposure that belongs to the wavecal `name`: SHIFTA1 and SHIFTA2 in
/// the headers of its SCI, ERR and DQ (0 where none is defined), WAVECORR and HISTORY in the primary one.
///
/// # Errors
/// [`crate::Error::Keyword`] where EXPSTART or EXPEND of an imset is missing; as [`record`].
pub fn record_exposure(
    observation: &mut Observation,
    wavecal: &[TimedShifts],
    interpolation: Interpolation,
    name: &str,
) -> Result<()> {
    for chip in &mut observation.chips {
        let (start, end) = chip.interval_mjd(&observation.name)?;
        let (along, across) = interpolation.shifts(wavecal, (start + end) / 2.0);
        let shifts = (along.unwrap_or(0.0), across.unwrap_or(0.0));
        for header in [&mut chip.sci, &mut chip.err, &mut chip.dq] {
            put_shifts(header, shifts)?;
        }
    }
    let primary = &mut observation.primary;
    set(primary, "WAVECORR", "COMPLETE")?;
    history(primary, "WAVECORR complete ...")?;
    history(primary, &format!("  wavecal = {name}"))?;
    for line in undefined(wavecal) {
        history(primary, &format!("  {line}"))?;
    }
    Ok(())
}

/// What is to be said of the shifts that no imset of a wavecal defines.
pub fn undefined(wavecal: &[TimedShifts]) -> Vec<String> {
    let along = wavecal.iter().map(|timed| &timed.shifts.shifta1);
    let across = wavecal.iter().map(|timed| &timed.shifts.shifta2);
    let axes = [("SHIFTA1", along.collect()), ("SHIFTA2", across.collect())];
    let line = |(axis, shifts): (&str, Vec<&Shift>)| match shifts.first() {
        Some(Shift::Undefined(reason)) if shifts.iter().all(|shift| shift.found().is_none()) => {
            Some(format!("{axis} is undefined, and taken to be 0: {reason}"))
        }
        _ => None,
    };
    axes.into_iter().filter_map(line).collect()
}

/// As [`undefined`], for the user: with the wavecal `name`, and what can be done where the lamp gave no light.
pub fn warnings(name: &str, wavecal: &[TimedShifts]) -> Vec<String> {
    let way_out = |line: &str| match line.ends_with(NO_LIGHT) {
        true => {
            "; name another wavecal (--wavecal), or set WAVECORR=OMIT (--switch) and the spectrum stays where the \
                 header's SHIFTA1 and SHIFTA2 put it"
        }
        false => "",
    };
    let hdus: Vec<String> = (1..=wavecal.len()).map(|at| format!("SCI,{at}")).collect();
    let said = |line: String| format!("wavecal {name} [{}]: {line}{}", hdus.join("; "), way_out(&line));
    undefined(wavecal).into_iter().map(said).collect()
}

fn put_shifts(sci: &mut Header, (along, across): (f64, f64)) -> Result<()> {
    put(sci, "SHIFTA1", along, "MSM shift in dispersion direction")?;
    put(sci, "SHIFTA2", across, "MSM shift in spatial direction")
}
