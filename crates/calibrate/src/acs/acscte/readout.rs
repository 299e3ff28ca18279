//! The readout: packets pass traps, which take charge and give it back to the packets that follow.
//!
//! The model is that of Anderson & Bedin (2010, PASP 122, 1035) as revised in ACS ISR 2018-04: at each level of charge
//! there are traps; a packet that reaches the level fills them, and as packets pass, the traps let go of it by a
//! profile. The transfer is done in a few passes, each with its share of the traps.

use super::block::{most, pass_block, reached};
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
        for (block, (of_block, of_lanes)) in blocks.iter().zip(summaries) {
            *of_lanes = most(lanes, block);
            *of_block = of_lanes
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
        let mut candidates = reached(lanes, greatest, level.q_e) | column.touched[group];
        while candidates != 0 {
            let first = group * CHUNK + candidates.trailing_zeros() as usize;
            candidates &= candidates - 1;
            if first < next || reached(lanes, &column.most[first], level.q_e) == 0 {
                continue;
            }
            let mut trail = Trail {
                taken_e: 0.0,
                age: level.length,
            };
            next = first;
            while next < blocks.len() && (next == first || trail.age < level.length) {
                column.touched[next / CHUNK] |= 1 << (next % CHUNK);
                let weights = weights.of_block(next);
                column.most[next] = pass_block(lanes, &mut blocks[next], weights, level, &mut trail);
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
    use super::super::dispatch::{Instructions, Lane, on_lanes_within, uniform};
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

    /// A column of packets and the weights of its pixels, some of which fall.
    fn made(rows: usize, sky: f64, random: &mut impl FnMut() -> f64) -> (Vec<f64>, Vec<f32>) {
        let mut packets: Vec<f64> = (0..rows).map(|_| sky + 12.0 * random()).collect();
        for packet in &mut packets {
            if random() > 0.98 {
                *packet += 3000.0 * random();
            } else if random() > 0.99 {
                *packet = -*packet;
            }
        }
        let mut weights: Vec<f32> = (0..rows).map(|row| (row + 1) as f32 / 1000.0).collect();
        for weight in &mut weights {
            if random() > 0.97 {
                *weight *= [0.75, 0.0][usize::from(random() > 0.8)];
            }
        }
        (packets, weights)
    }

    /// What one set of instructions makes of it.
    fn on(fastest: Instructions, packets: &[f64], of_pixels: &[f32], traps: &Traps) -> Vec<f64> {
        let mut weights = Weights::default();
        weights.set(of_pixels);
        let mut column = Column::default();
        column.resize(packets.len());
        column.packets[..packets.len()].copy_from_slice(packets);
        on_lanes_within(fastest, Whole(&mut column, &weights, traps));
        column.packets.truncate(packets.len());
        column.packets
    }

    #[test]
    fn all_lanes_have_the_bits_of_packets_one_by_one() {
        let mut random = uniform(1);
        for length in [1, 3, 8, 20] {
            let release: Vec<f32> = (0..length).map(|at| 0.2 * 0.8f32.powi(at)).collect();
            let held: Vec<f32> = (0..length).map(|at| 0.8f32.powi(at + 1)).collect();
            let level = |number: i32| TrapLevel {
                q_e: f64::from(number * number),
                amount_e: 1.0 + 0.01 * f64::from(number),
                release: &release,
                held: &held,
            };
            let traps = Traps::new((0..60).map(level), release.len(), 4).unwrap();
            for rows in [1, 7, 8, 9, 63, 64, 65, 500, 1000] {
                for sky in [0.0, 5.0, 40.0, 300.0] {
                    let (packets, weights) = made(rows, sky, &mut random);
                    let mut expected = packets.clone();
                    slowly(&mut expected, &weights, &traps);
                    for fastest in Instructions::ALL {
                        let found = on(fastest, &packets, &weights, &traps);
                        let differ = found.iter().zip(&expected);
                        let differ = differ.filter(|(a, b)| a.to_bits() != b.to_bits()).count();
                        assert_eq!(
                            differ, 0,
                            "{fastest:?}, {rows} packets, sky {sky}, trails of {length}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn any_packets_of_eight_may_fill_the_traps() {
        let (release, held) = ([0.3, 0.2, 0.1], [0.7, 0.5, 0.4]);
        let level = TrapLevel {
            q_e: 100.0,
            amount_e: 7.0,
            release: &release,
            held: &held,
        };
        let traps = Traps::new([level], 3, 1).unwrap();
        let mut random = uniform(2);
        for reached in 0..256usize {
            for before in [[true, false], [false, true], [false, false]] {
                let mut fills = [false; 32];
                fills[6..8].copy_from_slice(&before);
                (0..8).for_each(|lane| fills[8 + lane] = reached >> lane & 1 != 0);
                let packets = fills.map(|fills| if fills { 110.0 } else { 50.0 } + random());
                let weights: Vec<f32> = (0..32).map(|row| 0.5 + row as f32 / 64.0).collect();
                let mut expected = packets;
                slowly(&mut expected, &weights, &traps);
                for fastest in Instructions::ALL {
                    let found = on(fastest, &packets, &weights, &traps);
                    assert_eq!(found, expected, "{fastest:?}, {reached:08b} after {before:?}");
                }
            }
        }
    }
}
