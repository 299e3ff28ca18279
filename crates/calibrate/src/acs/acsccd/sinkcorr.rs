//! SINKCORR: pixels that hold back charge, and those that they take it from.

use crate::acs::{Chip, Outcome, Reference, record_image, record_switch};
use crate::{Error, Result};
use firstlight_frame::Image;
use firstlight_frame::fits::Header;
use rayon::prelude::*;
use std::ops::Range;

/// The bit of DQ of sink pixels and their tails.
pub const SINK: u16 = 1024;

/// Columns that one task follows.
const COLUMNS: usize = 256;

/// SINKCORR: ORs 1024 into DQ by a map of sink pixels (Ryon & Grogin, ACS ISR 2017-01, section 6), before trimming.
/// In the map, sinks are below −1, the pixel below one (towards the amplifier) may be −1, and of its tail each pixel
/// holds the signal (e) of the sink up to which it is affected; all else is 0.
///
/// `map` is the part of the map under the chip. `upwards` says which way tails point: away from the amplifiers, up on chip 2 and down on chip 1.
///
/// Returns how many pixels are flagged.
///
/// # Errors
/// [`Error::Shape`] where the map has not the shape of the chip.
pub fn sinkcorr(chip: &mut Chip, map: &Image<f32>, upwards: bool) -> Result<usize> {
    let (ny, nx) = chip.shape()?;
    if map.shape() != (ny, nx) {
        return Err(Error::Shape {
            what: "the map of sink pixels".to_owned(),
            expected: (ny, nx),
            found: map.shape(),
        });
    }
    let blocks: Vec<Range<usize>> = (0..nx)
        .step_by(COLUMNS)
        .map(|start| start..(start + COLUMNS).min(nx))
        .collect();
    let sci = &chip.frame.sci;
    let flagged: Vec<Vec<(usize, usize)>> = blocks
        .into_par_iter()
        .map(|columns| {
            let mut follower = Follower::new(columns);
            for step in 0..ny {
                let y = if upwards { step } else { ny - 1 - step };
                follower.row(y, sci.row(y), map.row(y));
            }
            follower.flagged
        })
        .collect();
    let flagged = flagged.into_iter().flatten();
    Ok(flagged.map(|at| chip.frame.dq[at] |= SINK).count())
}

/// Goes from the head of sinks to the end of their tails, in a block of columns.
struct Follower {
    columns: Range<usize>,
    /// Whether a tail goes on, by column.
    in_tail: Vec<bool>,
    /// Signal of the last sink, e, by column.
    sink: Vec<f32>,
    flagged: Vec<(usize, usize)>,
}

impl Follower {
    fn new(columns: Range<usize>) -> Self {
        Self {
            in_tail: vec![false; columns.len()],
            sink: vec![0.0; columns.len()],
            flagged: Vec::new(),
            columns,
        }
    }

    fn row(&mut self, y: usize, sci: &[f32], map: &[f32]) {
        let depths = &map[self.columns.clone()];
        for (i, (&depth, in_tail)) in depths.iter().zip(&mut self.in_tail).enumerate() {
            if depth == 0.0 {
                *in_tail = false;
                continue;
            }
            let x = self.columns.start + i;
            if depth < 0.0 {
                *in_tail = true;
                if depth < -1.0 {
                    self.sink[i] = sci[x];
                }
            } else {
                *in_tail = *in_tail && depth > self.sink[i];
            }
            if *in_tail {
                self.flagged.push((y, x));
            }
        }
    }
}

/// Records SINKCORR in the primary header.
///
/// # Errors
/// [`Error::Frame`] where a card cannot be written.
pub fn record_sinkcorr(primary: &mut Header, snkcfile: &Reference) -> Result<Outcome> {
    let outcome = match snkcfile.is_dummy() {
        true => Outcome::Dummy,
        false => Outcome::Complete,
    };
    record_switch(primary, "SINKCORR", outcome)?;
    record_image(primary, snkcfile)?;
    Ok(outcome)
}
