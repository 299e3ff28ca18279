//! Full-well saturation, by a map of it.

use super::trim::Trim;
use crate::acs::Chip;
use crate::{Error, Result};
use firstlight_frame::Image;
use rayon::prelude::*;

/// The bit of DQ of pixels whose well is full.
pub const FULL_WELL: u16 = 256;

/// ORs 256 into DQ where SCI (e) is above `map` (e), within the imaging area that `trim` leaves. `origin` is the column
/// and row of the map that the chip's first pixel lies on; see [`crate::acs::origin`]. NaN flags nothing.
///
/// Returns how many pixels are saturated.
///
/// # Errors
/// [`Error::Shape`] where the map does not cover the chip from there on.
pub fn full_well(chip: &mut Chip, map: &Image<f32>, origin: (usize, usize), trim: &Trim) -> Result<usize> {
    let (ny, nx) = chip.shape()?;
    let (x0, y0) = origin;
    let needed = (ny.saturating_add(y0), nx.saturating_add(x0));
    if map.ny() < needed.0 || map.nx() < needed.1 {
        return Err(Error::Shape {
            what: "the map of full-well saturation".to_owned(),
            expected: needed,
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
            let limits = &map.row(y + y0)[x0..x0 + nx];
            flag(
                &mut dq[columns.clone()],
                &sci[columns.clone()],
                &limits[columns.clone()],
            )
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
