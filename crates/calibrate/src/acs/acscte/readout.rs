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

#[cfg(test)]
mod tests {
    use super::super::dispatch::{Lane, on_lanes};
    use super::super::lanes::Plain;
    use super::super::traps::TrapLevel;
    use super::*;

    struct Whole<'a>(&'a mut Column, &'a Weights, &'a Traps);

    impl Lane for Whole<'_> {
        type Output = ();

        fn run<L: Lanes>(self, lanes: L) {
            read_out(lanes, self.0, self.1, self.2);
        }
    }

    /// Packet after packet, level after level.
    fn slowly(packets: &mut [f64], weights: &[f32], traps: &Traps) {
        for _ in 0..traps.passes() {
            for number in (0..traps.levels()).rev() {
                let level = traps.level(number);
                let mut trail = Trail {
                    taken_e: 0.0,
                    age: level.length,
                };
                for (row, packet) in packets.iter_mut().enumerate() {
                    let before = weights[row.saturating_sub(1)];
                    let pair = [f64::from(before), f64::from(weights[row])];
                    pass_packet(packet, pair, &level, &mut trail);
                }
            }
        }
    }

    #[test]
    fn lanes_have_the_bits_of_packets_one_by_one() {
        let release: Vec<f32> = (0..20).map(|at| 0.2 * 0.8f32.powi(at)).collect();
        let held: Vec<f32> = (0..20).map(|at| 0.8f32.powi(at + 1)).collect();
        let level = |number: i32| TrapLevel {
            q_e: f64::from(number * number),
            amount_e: 1.0 + 0.01 * f64::from(number),
            release: &release,
            held: &held,
        };
        let traps = Traps::new((1..60).map(level), 20, 4).unwrap();
        let mut state = 1u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as f64 / (1u64 << 31) as f64
        };
        for rows in [1, 7, 8, 63, 64, 65, 500, 1000] {
            for sky in [0.0, 5.0, 40.0, 300.0] {
                let mut packets: Vec<f64> = (0..rows).map(|_| sky + 12.0 * random()).collect();
                for packet in &mut packets {
                    if random() > 0.98 {
                        *packet += 3000.0 * random();
                    }
                }
                let mut of_pixels: Vec<f32> = (0..rows).map(|row| (row + 1) as f32 / 1000.0).collect();
                for weight in &mut of_pixels {
                    if random() > 0.97 {
                        *weight *= 0.75;
                    }
                }
                let mut weights = Weights::default();
                weights.set(&of_pixels);
                let run = |with: &dyn Fn(&mut Column)| {
                    let mut column = Column::default();
                    column.resize(rows);
                    column.packets[..rows].copy_from_slice(&packets);
                    with(&mut column);
                    column.packets.truncate(rows);
                    column.packets
                };
                let plain = run(&|column| read_out(Plain, column, &weights, &traps));
                let fastest = run(&|column| on_lanes(Whole(column, &weights, &traps)));
                slowly(&mut packets, &of_pixels, &traps);
                assert_eq!(plain, packets, "{rows} packets, sky {sky}");
                assert_eq!(fastest, packets, "{rows} packets, sky {sky}");
            }
        }
    }
}
