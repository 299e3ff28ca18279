//! SINKCORR: pixels that hold back charge, and those that they take it from.

use crate::acs::{Chip, Outcome, Reference, record_image, record_switch};
use crate::steps::ReferenceSci;
use crate::{Error, Result};
use firstlight_frame::FrameBuffer;
use firstlight_frame::fits::Header;
use rayon::prelude::*;

/// The bit of DQ of sink pixels and their tails.
pub const SINK: u16 = 1024;

/// Rows of the map that one task looks through.
const ROWS: usize = 16;
/// Pixels that are looked at together for one that the map says something of.
const TOGETHER: usize = 64;

/// SINKCORR: ORs 1024 into DQ by a map of sink pixels (Ryon & Grogin, ACS ISR 2017-01, section 6), before trimming.
/// In the map, sinks are below −1, the pixel below one (towards the amplifier) may be −1, and of its tail each pixel
/// holds the signal (e) of the sink up to which it is affected; all else is 0.
///
/// `map` is the part of the map under the chip. `upwards` says which way tails point: away from the amplifiers, up on chip 2 and down on chip 1.
///
/// Returns how many pixels are flagged.
///
/// # Errors
/// [`Error::Shape`] where the map has not the shape of the chip; what reading it meets.
pub fn sinkcorr(chip: &mut Chip, map: &impl ReferenceSci, upwards: bool) -> Result<usize> {
    let (ny, nx) = chip.shape()?;
    if map.shape() != (ny, nx) {
        return Err(Error::Shape {
            what: "the map of sink pixels".to_owned(),
            expected: (ny, nx),
            found: map.shape(),
        });
    }
    let said = (0..ny.div_ceil(ROWS)).into_par_iter();
    let said = said.map_init(FrameBuffer::default, |buffer, block| {
        let rows = map.rows(block * ROWS..((block + 1) * ROWS).min(ny), buffer)?;
        Ok(rows.chunks_exact(nx).map(said_of).collect())
    });
    let said: Vec<Said> = said
        .collect::<Result<Vec<Vec<_>>>>()?
        .into_iter()
        .flatten()
        .collect();
    let mut follower = Follower::new(nx);
    let frame = &mut chip.frame;
    let mut flagged = 0;
    for step in 0..ny {
        let y = if upwards { step } else { ny - 1 - step };
        let (sci, dq) = (frame.sci.row(y), frame.dq.row_mut(y));
        for &(x, depth) in &said[y] {
            let x = x as usize;
            if follower.is_affected(step, x, depth, sci[x]) {
                dq[x] |= SINK;
                flagged += 1;
            }
        }
    }
    Ok(flagged)
}

/// The columns of a row that the map says something of, and what it says.
type Said = Vec<(u32, f32)>;

/// Few pixels are sinks: several together are first asked whether any is.
fn said_of(row: &[f32]) -> Said {
    let mut said = Vec::new();
    for (part, depths) in row.chunks(TOGETHER).enumerate() {
        if depths.iter().fold(false, |any, &depth| any | (depth != 0.0)) {
            let first = part * TOGETHER;
            let columns = (first as u32..).zip(depths.iter().copied());
            said.extend(columns.filter(|&(_, depth)| depth != 0.0));
        }
    }
    said
}

/// Goes from the head of sinks to the end of their tails, in all columns.
struct Follower {
    /// The last row, in the order of going, that the map said something of, by column.
    last: Vec<usize>,
    /// Whether a tail went on there.
    in_tail: Vec<bool>,
    /// Signal of the last sink, e.
    sink: Vec<f32>,
}

impl Follower {
    fn new(nx: usize) -> Self {
        Self {
            last: vec![usize::MAX; nx],
            in_tail: vec![false; nx],
            sink: vec![0.0; nx],
        }
    }

    /// Whether the pixel of column `x` in the row of a step, of which the map says `depth`, belongs to a sink.
    fn is_affected(&mut self, step: usize, x: usize, depth: f32, signal: f32) -> bool {
        let goes_on = self.in_tail[x] && self.last[x].wrapping_add(1) == step;
        if depth < -1.0 {
            self.sink[x] = signal;
        }
        let affected = depth < 0.0 || goes_on && depth > self.sink[x];
        (self.last[x], self.in_tail[x]) = (step, affected);
        affected
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
