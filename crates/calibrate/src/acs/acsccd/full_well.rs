//! Full-well saturation, by a map of it.

use super::trim::Trim;
use crate::acs::Chip;
use crate::steps::{ReferenceSci, widest};
use crate::{Error, Result};
use firstlight_frame::FrameBuffer;
use rayon::prelude::*;

/// Rows that one task works on at a time.
const ROWS: usize = 16;
/// The bit of DQ of pixels whose well is full.
pub const FULL_WELL: u16 = 256;

/// ORs 256 into DQ where SCI (e) is above `map` (e), the part of a map of full wells under the chip, within the imaging
/// area that `trim` leaves. NaN flags nothing.
///
/// Returns how many pixels are saturated.
///
/// # Errors
/// [`Error::Shape`] where the map has not the shape of the chip; what reading it meets.
pub fn full_well(chip: &mut Chip, map: &impl ReferenceSci, trim: &Trim) -> Result<usize> {
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
    let dq = chip.frame.dq.as_mut_slice().par_chunks_mut(ROWS * nx);
    let blocks = dq
        .zip(chip.frame.sci.as_slice().par_chunks(ROWS * nx))
        .enumerate();
    blocks
        .map_init(FrameBuffer::default, |buffer, (block, (dq, sci))| {
            let first = block * ROWS;
            let limits = map.rows(first..first + sci.len() / nx, buffer)?;
            let lines = dq.chunks_exact_mut(nx).zip(sci.chunks_exact(nx));
            let flagged = lines
                .zip(limits.chunks_exact(nx))
                .enumerate()
                .filter(|(row, _)| rows.contains(&(first + row)))
                .map(|(_, ((dq, sci), limits))| {
                    flag(
                        &mut dq[columns.clone()],
                        &sci[columns.clone()],
                        &limits[columns.clone()],
                    )
                });
            Ok(flagged.sum::<usize>())
        })
        .sum()
}

fn flag(dq: &mut [u16], sci: &[f32], limits: &[f32]) -> usize {
    let any = widest(
        #[inline(always)]
        || {
            let mut any = false;
            for (value, limit) in sci.iter().zip(limits) {
                any |= value > limit;
            }
            any
        },
    );
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
