//! Eight packets at once. What is done to each is the same on every processor, so the result has the same bits.

use super::column::{BLOCK, CHUNK, LEAD};
use super::readout::{Trail, pass_packet};
use super::traps::Level;

/// How the packets of a block are dealt with.
pub(super) trait Lanes: Copy + Send + Sync {
    /// Which of eight numbers are at least `q`: bit by bit from the first.
    fn reached(self, numbers: &[f64; CHUNK], q: f64) -> u8;

    /// Four quotients, each rounded once.
    #[inline(always)]
    fn quotients(self, numerators: [f64; 4], denominators: [f64; 4]) -> [f64; 4] {
        std::array::from_fn(|at| numerators[at] / denominators[at])
    }

    /// A ninth, rounded once.
    #[inline(always)]
    fn ninth(self, number: f64) -> f64 {
        number / 9.0
    }

    /// The greatest packets of a block, each of every eighth.
    fn most(self, packets: &[f64; BLOCK]) -> [f64; CHUNK];

    /// The traps of one level act on a block. Its weights come after [`LEAD`] others, and with them in which chunks they
    /// fall; `most` becomes what [`Lanes::most`] would say.
    fn block(
        self,
        packets: &mut [f64; BLOCK],
        most: &mut [f64; CHUNK],
        weights: (&[f64], u8),
        level: &Level,
        trail: &mut Trail,
    );
}

/// Without instructions of any particular processor.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plain;

impl Lanes for Plain {
    #[inline(always)]
    fn reached(self, numbers: &[f64; CHUNK], q: f64) -> u8 {
        let mut bits = 0;
        for (lane, number) in numbers.iter().enumerate() {
            bits |= u8::from(*number >= q) << lane;
        }
        bits
    }

    #[inline(always)]
    fn most(self, packets: &[f64; BLOCK]) -> [f64; CHUNK] {
        let mut most = [f64::NEG_INFINITY; CHUNK];
        for chunk in packets.as_chunks::<CHUNK>().0 {
            for (most, packet) in most.iter_mut().zip(chunk) {
                *most = if *packet > *most { *packet } else { *most };
            }
        }
        most
    }

    #[inline(always)]
    fn block(
        self,
        packets: &mut [f64; BLOCK],
        most: &mut [f64; CHUNK],
        (weights, falls): (&[f64], u8),
        level: &Level,
        trail: &mut Trail,
    ) {
        for (number, chunk) in packets.as_chunks_mut::<CHUNK>().0.iter_mut().enumerate() {
            let weights = &weights[number * CHUNK + LEAD - 1..(number + 1) * CHUNK + LEAD];
            let reached = self.reached(chunk, level.q_e);
            if reached == 0 && trail.age >= level.length {
                continue;
            }
            let falls = falls >> number & 1 != 0;
            if reached == 0 && !falls {
                let release = &level.release[trail.age..trail.age + CHUNK];
                for (packet, share) in chunk.iter_mut().zip(release) {
                    *packet += share * trail.taken_e;
                }
                trail.age = (trail.age + CHUNK).min(level.length);
            } else if reached == u8::MAX && trail.age == 0 && !falls {
                let (release, held) = (level.release[0], level.held[0]);
                for (packet, pair) in chunk.iter_mut().zip(weights.windows(2)) {
                    let before = level.per_pass_e * pair[0];
                    *packet += release * before + held * before - level.per_pass_e * pair[1];
                }
                trail.taken_e = level.per_pass_e * weights[CHUNK];
            } else if falls {
                for (packet, pair) in chunk.iter_mut().zip(weights.windows(2)) {
                    pass_packet(packet, [pair[0], pair[1]], level, trail);
                }
            } else {
                pass_some(chunk, weights, reached, level, trail);
            }
        }
        *most = self.most(packets);
    }
}

/// Eight packets pass, of which those of `reached` fill the traps; what is between two of them needs no other.
#[inline(always)]
fn pass_some(packets: &mut [f64; CHUNK], weights: &[f64], reached: u8, level: &Level, trail: &mut Trail) {
    let before = &FILLED_BEFORE[usize::from(reached)];
    // What the traps took last, before these packets and of each of them.
    let mut taken = [0.0; 2 * CHUNK];
    taken[0] = trail.taken_e;
    for (taken, weight) in taken[1..].iter_mut().zip(&weights[1..=CHUNK]) {
        *taken = level.per_pass_e * weight;
    }
    let (mut released, mut joined) = ([0.0; CHUNK], [0.0; CHUNK]);
    for lane in 0..CHUNK {
        let filled = usize::from(before[lane]);
        let age = if filled == 0 {
            trail.age + lane
        } else {
            lane - filled
        };
        let taken = taken[filled % taken.len()];
        released[lane] = level.release[age] * taken;
        joined[lane] = level.held[age] * taken;
    }
    for lane in 0..CHUNK {
        let fills = packets[lane] >= level.q_e;
        let joined = if fills { joined[lane] } else { 0.0 };
        let removed = if fills { taken[lane + 1] } else { 0.0 };
        packets[lane] += released[lane] + joined - removed;
    }
    let last = CHUNK - 1 - reached.leading_zeros() as usize;
    trail.taken_e = taken[last + 1];
    trail.age = CHUNK - 1 - last;
}

/// For each set of packets that fill the traps: for each packet the last of them before it, counted from 1; 0 where there
/// is none.
const FILLED_BEFORE: [[u8; CHUNK]; 256] = {
    let mut table = [[0; CHUNK]; 256];
    let mut reached = 0;
    while reached < table.len() {
        let mut lane = 1;
        while lane < CHUNK {
            let fills = reached >> (lane - 1) & 1 != 0;
            table[reached][lane] = if fills {
                lane as u8
            } else {
                table[reached][lane - 1]
            };
            lane += 1;
        }
        reached += 1;
    }
    table
};
