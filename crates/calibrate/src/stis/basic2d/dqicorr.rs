//! DQICORR: the first bits of DQ, from saturation and the table of bad pixels.

use crate::record::{Outcome, history, record_switch, record_table};
use crate::steps::widest;
use crate::tables::BadPixels;
use crate::{Chip, Reference, Result};
use firstlight_frame::fits::Header;
use rayon::prelude::*;

/// DQ bit of a saturated sample.
pub(crate) const SATURATED: u16 = 256;

/// DQICORR: ORs 256 into DQ where SCI, cut to a whole number, is above `saturate_dn`, and the bits of `bad_pixels`,
/// whose positions are shifted by LTV1 and LTV2 and cut at the edges. Tells how many samples are saturated. SCI and ERR
/// are not touched; a NaN is not flagged.
///
/// # Errors
/// As [`Chip::shape`]; [`crate::Error::Binned`] where the pixels are larger than those of the table.
pub fn dqicorr(chip: &mut Chip, bad_pixels: &[BadPixels], saturate_dn: f32) -> Result<usize> {
    let (_, nx) = chip.shape()?;
    let ltm = |keyword| chip.sci.real(keyword).unwrap_or(1.0);
    let ltm = (ltm("LTM1_1"), ltm("LTM2_2"));
    if ltm != (1.0, 1.0) {
        return Err(crate::Error::Binned {
            chip: chip.number(),
            ltm,
        });
    }
    let rows = chip.frame.dq.as_mut_slice().par_chunks_mut(nx);
    let saturated = rows
        .zip(chip.frame.sci.as_slice().par_chunks(nx))
        .map(|(dq, sci)| {
            widest(
                #[inline(always)]
                || {
                    let mut count = 0u32;
                    for (dq, &sample) in dq.iter_mut().zip(sci) {
                        let is_saturated = sample.trunc() > saturate_dn;
                        *dq |= if is_saturated { SATURATED } else { 0 };
                        count += u32::from(is_saturated);
                    }
                    count as usize
                },
            )
        })
        .sum();
    let ltv = chip.ltv();
    for run in bad_pixels {
        run.flag(&mut chip.frame.dq, ltv);
    }
    Ok(saturated)
}

/// Records DQICORR in the primary header.
///
/// # Errors
/// [`crate::Error::Frame`] where a card cannot be written.
pub(super) fn record_dqicorr(primary: &mut Header, bpixtab: Option<&Reference>) -> Result<Outcome> {
    let outcome = match bpixtab {
        Some(table) if table.is_dummy() => Outcome::Dummy,
        _ => Outcome::Complete,
    };
    record_switch(primary, "DQICORR", outcome)?;
    history(primary, "  values checked for saturation")?;
    if let Some(table) = bpixtab {
        history(primary, "  DQ array initialized ...")?;
        record_table(primary, table, "")?;
    }
    Ok(outcome)
}
