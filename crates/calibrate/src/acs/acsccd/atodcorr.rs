//! ATODCORR: what the converter's samples stand for.

use crate::Result;
use crate::acs::tables::atodtab::AtodCorrection;
use crate::acs::{Chip, Outcome, Reference, record_row, record_switch};
use firstlight_frame::fits::Header;
use rayon::prelude::*;

/// The bit of DQ of saturated pixels.
const SATURATED: u16 = 256;

/// ATODCORR: replaces each sample of SCI (DN, whole numbers) by the element of the correction that it is the index of.
/// Samples beyond its end become its last element and 256 in DQ; negative ones and NaN stay.
///
/// Returns how many lay beyond the end.
///
/// # Errors
/// [`crate::Error::Shape`] and [`crate::Error::NoPixels`] as [`Chip::shape`].
pub fn atodcorr(chip: &mut Chip, correction: &AtodCorrection) -> Result<usize> {
    let (_, nx) = chip.shape()?;
    let Some(&last) = correction.values_dn.last() else {
        return Ok(0);
    };
    let correct = |(value, dq): (&mut f32, &mut u16)| {
        if *value <= -1.0 || value.is_nan() {
            return 0;
        }
        match correction.values_dn.get(*value as usize) {
            Some(&corrected) => {
                *value = corrected;
                0
            }
            None => {
                *value = last;
                *dq |= SATURATED;
                1
            }
        }
    };
    let rows = chip.frame.sci.as_mut_slice().par_chunks_mut(nx);
    let beyond = rows
        .zip(chip.frame.dq.as_mut_slice().par_chunks_mut(nx))
        .map(|(sci, dq)| sci.iter_mut().zip(dq).map(correct).sum::<usize>())
        .sum();
    Ok(beyond)
}

/// Records ATODCORR in the primary header.
///
/// # Errors
/// [`crate::Error::Frame`] where a card cannot be written.
pub fn record_atodcorr(
    primary: &mut Header,
    atodtab: &Reference,
    correction: Option<&AtodCorrection>,
) -> Result<Outcome> {
    let (pedigree, descrip) = correction.map_or(("", ""), |row| (&*row.row_pedigree, &*row.row_descrip));
    let outcome = match correction {
        Some(row) if !row.is_dummy() => Outcome::Complete,
        _ => Outcome::Dummy,
    };
    record_switch(primary, "ATODCORR", outcome)?;
    record_row(primary, atodtab, pedigree, descrip)?;
    Ok(outcome)
}
