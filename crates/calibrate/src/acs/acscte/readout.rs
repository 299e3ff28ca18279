//! The readout: packets pass traps, which take charge and give it back to the packets that follow.
//!
//! The model is that of Anderson & Bedin (2010, PASP 122, 1035) as revised in ACS ISR 2018-04: at each level of charge
//! there are traps; a packet that reaches the level fills them, and as packets pass, the traps let go of it by a
//! profile. The transfer is done in a few passes, each with its share of the traps.

use super::column::{BLOCK, CHUNK, Column, Weights};
use super::lanes::Lanes;
use super::traps::{Level, Traps};

/// What the traps of one level hold as packets go by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trail {
    /// What they took of the packet that filled them, e.
    pub taken_e: f64,
    /// Packets since.
    pub age: usize,
}

/// Reads a column out, in place.
#[inline(always)]
pub(super) fn read_out<L: Lanes>(lanes: L, column: &mut Column, weights: &Weights, traps: &Traps) {
    for _ in 0..traps.passes() {
        let mut greatest = f64::NEG_INFINITY;
        let (blocks, _) = column.packets.as_chunks::<BLOCK>();
        for (block, of_block) in blocks.iter().zip(&mut column.greatest) {
            *of_block = lanes.greatest(block);
            greatest = greatest.max(*of_block);
        }
        for number in (0..traps.within(greatest)).rev() {
            pass_level(lanes, column, weights, &traps.level(number));
        }
    }
}

/// The traps of one level act on all packets. Blocks that no packet in reaches the level, and no trail runs into, are
/// not looked at.
#[inline(always)]
fn pass_level<L: Lanes>(lanes: L, column: &mut Column, weights: &Weights, level: &Level) {
    let (blocks, _) = column.packets.as_chunks_mut::<BLOCK>();
    let mut next = 0;
    for group in 0..column.greatest.len() / CHUNK {
        let (groups, _) = column.greatest.as_chunks_mut::<CHUNK>();
        let mut reached = lanes.reached(&groups[group], level.q_e);
        while reached != 0 {
            let first = group * CHUNK + reached.trailing_zeros() as usize;
            reached &= reached - 1;
            if first < next {
                continue;
            }
            let mut trail = Trail {
                taken_e: 0.0,
                age: level.length,
            };
            next = first;
            while next < blocks.len() && (next == first || trail.age < level.length) {
                let (of_block, falls) = weights.of_block(next);
                column.greatest[next] = lanes.block(&mut blocks[next], of_block, falls, level, &mut trail);
                next += 1;
            }
        }
    }
}

/// One packet passes.
#[inline(always)]
pub(super) fn pass_packet(packet: &mut f64, weights: [f64; 2], level: &Level, trail: &mut Trail) {
    let [before, here] = weights;
    if here < before {
        // Fewer traps hold less: the rest is lost to the trail.
        trail.taken_e *= here / before;
    }
    let released = f64::from(level.release[trail.age]) * trail.taken_e;
    if *packet >= level.q_e {
        let joined = f64::from(level.held[trail.age]) * trail.taken_e;
        trail.taken_e = level.per_pass_e * here;
        trail.age = 0;
        *packet += released + joined - trail.taken_e;
    } else {
        trail.age = (trail.age + 1).min(level.length);
        *packet += released;
    }
}
