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
        let summaries = column.greatest.iter_mut().zip(&mut column.most);
        for (block, (of_block, most)) in blocks.iter().zip(summaries) {
            *most = lanes.most(block);
            *of_block = most
                .iter()
                .fold(f64::NEG_INFINITY, |greatest, most| greatest.max(*most));
            greatest = greatest.max(*of_block);
        }
        column.touched.fill(0);
        for number in (0..traps.within(greatest)).rev() {
            pass_level(lanes, column, weights, &traps.level(number));
        }
    }
}

/// The traps of one level act on all packets. Blocks in which no packet reaches the level, and that no trail runs into,
/// are not looked at.
#[inline(always)]
fn pass_level<L: Lanes>(lanes: L, column: &mut Column, weights: &Weights, level: &Level) {
    let (blocks, _) = column.packets.as_chunks_mut::<BLOCK>();
    let (groups, _) = column.greatest.as_chunks::<CHUNK>();
    let mut next = 0;
    for (group, greatest) in groups.iter().enumerate() {
        // Packets shrink but for what trails add, so what was not reached from the beginning has been touched.
        let mut candidates = lanes.reached(greatest, level.q_e) | column.touched[group];
        while candidates != 0 {
            let first = group * CHUNK + candidates.trailing_zeros() as usize;
            candidates &= candidates - 1;
            if first < next || lanes.reached(&column.most[first], level.q_e) == 0 {
                continue;
            }
            let mut trail = Trail {
                taken_e: 0.0,
                age: level.length,
            };
            next = first;
            while next < blocks.len() && (next == first || trail.age < level.length) {
                let (of_block, falls) = weights.of_block(next);
                column.touched[next / CHUNK] |= 1 << (next % CHUNK);
                lanes.block(
                    &mut blocks[next],
                    &mut column.most[next],
                    (of_block, falls),
                    level,
                    &mut trail,
                );
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
    let released = level.release[trail.age] * trail.taken_e;
    if *packet >= level.q_e {
        let joined = level.held[trail.age] * trail.taken_e;
        trail.taken_e = level.per_pass_e * here;
        trail.age = 0;
        *packet += released + joined - trail.taken_e;
    } else {
        trail.age = (trail.age + 1).min(level.length);
        *packet += released;
    }
}
