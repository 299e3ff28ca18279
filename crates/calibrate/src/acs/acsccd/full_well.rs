//! Full-well saturation, by a map of it.

use super::trim::Trim;
use crate::acs::Chip;
use crate::{Error, Result};
use firstlight_frame::Image;
use rayon::prelude::*;

/// The bit of DQ of pixels whose well is full.
pub const FULL_WELL: u16 = 256;

/// ORs 256 into DQ where SCI (e) is above `map` (e), the part of a map of full wells under the chip, within the imaging
/// area that `trim` leaves. NaN flags nothing.
///
/// Returns how many pixels are saturated.
///
/// # Errors
/// [`Error::Shape`] where the map has not the shape of the chip.
pub fn full_well(chip: &mut Chip, map: &Image<f32>, trim: &Trim) -> Result<usize> {
    let (ny, nx) = chip.shape()?;
    if map.shape() != (ny, nx) {
        return Err(Error::Shape {
            what: "the map of full-well saturation".to_owned(),
            expected: (ny, nx),
            found: map.shape(),
        });
    }
    let columns = trim.columns(nx);
    let rows = trim.rows(ny);
    let dq = chip.frame.dq.as_mut_slice().par_chunks_mut(nx);
    let flagged = dq
        .zip(chip.frame.sci.as_slice().par_chunks(nx))
        .enumerate()
        .filter(|(y, _)| rows.contains(y))
        .map(|(y, (dq, sci))| {
            let limits = &map.row(y)[columns.clone()];
            flag(&mut dq[columns.clone()], &sci[columns.clone()], limits)
        })
        .sum();
    Ok(flagged)
}

fn flag(dq: &mut [u16], sci: &[f32], limits: &[f32]) -> usize {
    let any = sci
        .iter()
        .zip(limits)
        .fold(false, |any, (value, limit)| any | (value > limit));
    if !any {
        return 0;
    }
    let mut flagged = 0;
    for ((bits, value), limit) in dq.iter_mut().zip(sci).zip(limits) {
        if value > limit {
            *bits |= FULL_WELL;
            flagged += 1;
        }
    }
    flagged
}
