//! Eight packets at once. What is done to each is the same on every processor, so the result has the same bits.

use super::column::{BLOCK, CHUNK};
use super::readout::{Trail, pass_packet};
use super::traps::Level;

/// How the packets of a block are dealt with.
pub(super) trait Lanes: Copy + Send + Sync {
    /// Which of eight numbers are at least `q`: bit by bit from the first.
    fn reached(self, numbers: &[f64; CHUNK], q: f64) -> u8;

    /// The greatest packet of a block.
    fn greatest(self, packets: &[f64; BLOCK]) -> f64;

    /// The traps of one level act on a block, whose weights come after that of the pixel before it; `falls` says in which
    /// chunks weights fall. Returns the greatest packet that is left.
    fn block(
        self,
        packets: &mut [f64; BLOCK],
        weights: &[f64],
        falls: u8,
        level: &Level,
        trail: &mut Trail,
    ) -> f64;
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
    fn greatest(self, packets: &[f64; BLOCK]) -> f64 {
        let mut greatest = [f64::NEG_INFINITY; CHUNK];
        for chunk in packets.as_chunks::<CHUNK>().0 {
            for (most, packet) in greatest.iter_mut().zip(chunk) {
                *most = if *packet > *most { *packet } else { *most };
            }
        }
        greatest.into_iter().fold(f64::NEG_INFINITY, f64::max)
    }

    #[inline(always)]
    fn block(
        self,
        packets: &mut [f64; BLOCK],
        weights: &[f64],
        falls: u8,
        level: &Level,
        trail: &mut Trail,
    ) -> f64 {
        for (number, chunk) in packets.as_chunks_mut::<CHUNK>().0.iter_mut().enumerate() {
            let weights = &weights[number * CHUNK..=(number + 1) * CHUNK];
            let reached = self.reached(chunk, level.q_e);
            if reached == 0 && trail.age >= level.length {
                continue;
            }
            let falls = falls >> number & 1 != 0;
            if reached == 0 && !falls {
                let release = &level.release[trail.age..trail.age + CHUNK];
                for (packet, share) in chunk.iter_mut().zip(release) {
                    *packet += f64::from(*share) * trail.taken_e;
                }
                trail.age = (trail.age + CHUNK).min(level.length);
            } else if reached == u8::MAX && trail.age == 0 && !falls {
                let (release, held) = (f64::from(level.release[0]), f64::from(level.held[0]));
                for (packet, pair) in chunk.iter_mut().zip(weights.windows(2)) {
                    let before = level.per_pass_e * pair[0];
                    *packet += release * before + held * before - level.per_pass_e * pair[1];
                }
                trail.taken_e = level.per_pass_e * weights[CHUNK];
            } else {
                for (packet, pair) in chunk.iter_mut().zip(weights.windows(2)) {
                    pass_packet(packet, [pair[0], pair[1]], level, trail);
                }
            }
        }
        self.greatest(packets)
    }
}
