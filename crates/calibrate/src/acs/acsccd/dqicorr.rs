//! DQICORR: the first bits of DQ, from the converter's range and the table of bad pixels.

use crate::acs::tables::bpixtab::BadPixels;
use crate::acs::{Channel, Chip, Outcome, Reference, history, record_switch, record_table};
use crate::steps::widest;
use crate::{Error, Result};
use firstlight_frame::fits::Header;
use rayon::prelude::*;

/// The bit of DQ of samples at the end of the converter's range.
pub const ATOD_SATURATED: u16 = 2048;

/// What was flagged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct DqiReport {
    /// Pixels at or above the end of the converter's range.
    pub atod_saturated: usize,
    /// Runs of bad pixels that touch the image.
    pub runs: usize,
}

/// DQICORR: ORs 2048 into DQ where SCI (DN) is at or above `atod_saturate_dn`, and the bits of `bad_pixels`, whose
/// positions are shifted by LTV1 and LTV2 and cut at the edges. Without `atod_saturate_dn`, as for SBC, which has no
/// converter, the table alone counts.
///
/// SCI and ERR are not touched; a NaN in SCI is not flagged.
///
/// # Errors
/// [`Error::Shape`] and [`Error::NoPixels`] as [`Chip::shape`].
pub fn dqicorr(
    chip: &mut Chip,
    bad_pixels: &[BadPixels],
    atod_saturate_dn: Option<i64>,
) -> Result<DqiReport> {
    let (_, nx) = chip.shape()?;
    let ltv = chip.ltv();
    let mut report = DqiReport::default();
    if let Some(limit) = atod_saturate_dn {
        let limit = limit as f32;
        let rows = chip.frame.dq.as_mut_slice().par_chunks_mut(nx);
        report.atod_saturated = rows
            .zip(chip.frame.sci.as_slice().par_chunks(nx))
            .map(|(dq, sci)| flag_saturated(dq, sci, limit))
            .sum();
    }
    report.runs = bad_pixels
        .iter()
        .filter(|run| run.flag(&mut chip.frame.dq, ltv))
        .count();
    Ok(report)
}

fn flag_saturated(dq: &mut [u16], sci: &[f32], limit: f32) -> usize {
    // Few rows have any: the check alone runs at the speed of memory.
    let any = widest(
        #[inline(always)]
        || sci.iter().fold(false, |any, &value| any | (value >= limit)),
    );
    if !any {
        return 0;
    }
    let mut flagged = 0;
    for (dq, &value) in dq.iter_mut().zip(sci) {
        if value >= limit {
            *dq |= ATOD_SATURATED;
            flagged += 1;
        }
    }
    flagged
}

/// Records DQICORR in the primary header.
///
/// # Errors
/// [`Error::Frame`] where a card cannot be written.
pub fn record_dqicorr(
    primary: &mut Header,
    channel: Channel,
    bpixtab: Option<&Reference>,
) -> Result<Outcome> {
    let outcome = match bpixtab {
        Some(table) if table.is_dummy() => Outcome::Dummy,
        _ => Outcome::Complete,
    };
    record_switch(primary, "DQICORR", outcome)?;
    if channel != Channel::Sbc {
        history(primary, "  values checked for saturation")?;
    }
    if let Some(table) = bpixtab {
        history(primary, "  DQ array initialized ...")?;
        record_table(primary, table, "")?;
    }
    Ok::<_, Error>(outcome)
}
