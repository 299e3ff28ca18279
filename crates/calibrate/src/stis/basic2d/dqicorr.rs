//! DQICORR: the first bits of DQ, from saturation and the table of bad pixels.

use crate::record::{Outcome, history, record_switch, record_table};
use crate::steps::{Grid, widest};
use crate::tables::BadPixels;
use crate::{Chip, Reference, Result};
use firstlight_frame::Image;
use firstlight_frame::fits::Header;
use rayon::prelude::*;

/// DQ bit of a saturated sample.
pub(crate) const SATURATED: u16 = 256;

/// DQICORR: ORs 256 into DQ where SCI, cut to a whole number, is above `saturate_dn`, and the bits of `bad_pixels`,
/// whose positions are shifted by LTV1 and LTV2 and cut at the edges; a pixel of a binned image has the bits of all that it
/// holds. Tells how many samples are saturated. SCI and ERR are not touched; a NaN is not flagged.
///
/// # Errors
/// As [`Chip::shape`]; [`crate::Error::Binned`] where LTM and LTV are not those of an image.
pub fn dqicorr(chip: &mut Chip, bad_pixels: &[BadPixels], saturate_dn: f32) -> Result<usize> {
    let (_, nx) = chip.shape()?;
    let flagged = flags(&chip.sci, chip.number())?;
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
    for run in bad_pixels {
        flagged.flag(run, &mut chip.frame.dq);
    }
    Ok(saturated)
}

/// How runs of bad pixels are placed on an image.
pub(crate) enum Flags {
    /// By LTV1 and LTV2.
    Shifted((f64, f64)),
    /// In larger pixels.
    Binned(Grid),
}

impl Flags {
    pub(crate) fn flag(&self, run: &BadPixels, dq: &mut Image<u16>) {
        match self {
            Flags::Shifted(ltv) => {
                run.flag(dq, *ltv);
            }
            Flags::Binned(grid) => run.flag_binned(dq, grid),
        }
    }
}

/// How they are placed on the image of a header of SCI.
///
/// # Errors
/// [`crate::Error::Binned`] where LTM and LTV are not those of an image.
pub(crate) fn flags(sci: &Header, chip: i64) -> Result<Flags> {
    let real = |keyword, usual| sci.real(keyword).unwrap_or(usual);
    let ltm = (real("LTM1_1", 1.0), real("LTM2_2", 1.0));
    if ltm == (1.0, 1.0) {
        return Ok(Flags::Shifted((real("LTV1", 0.0), real("LTV2", 0.0))));
    }
    let grid = Grid::of(sci).ok_or(crate::Error::Binned { chip, ltm })?;
    Ok(Flags::Binned(grid))
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
