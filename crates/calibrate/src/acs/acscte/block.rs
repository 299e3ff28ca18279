//! The traps of one level and a block of packets, eight at once.

use super::column::{BLOCK, CHUNK, LEAD};
use super::lanes::{Lanes, Places, SECOND};
use super::readout::{Trail, pass_packet};
use super::traps::Level;

/// Which of eight packets have at least `q`, bit by bit from the first.
#[inline(always)]
pub(super) fn reached<L: Lanes>(lanes: L, packets: &[f64; CHUNK], q: f64) -> u8 {
    lanes.bits(lanes.at_least(lanes.load(packets), lanes.splat(q)))
}

/// The greatest packets of a block, each of every eighth.
#[inline(always)]
pub(super) fn most<L: Lanes>(lanes: L, packets: &[f64; BLOCK]) -> [f64; CHUNK] {
    let (chunks, _) = packets.as_chunks::<CHUNK>();
    let none = lanes.splat(f64::NEG_INFINITY);
    lanes.store(
        chunks
            .iter()
            .fold(none, |most, chunk| lanes.greater(lanes.load(chunk), most)),
    )
}

/// The traps of one level act on a block. Its weights come after [`LEAD`] others, and with them in which chunks they
/// fall. Returns what [`most`] would say.
#[inline(always)]
pub(super) fn pass_block<L: Lanes>(
    lanes: L,
    packets: &mut [f64; BLOCK],
    (weights, falls): (&[f64], u8),
    level: &Level,
    trail: &mut Trail,
) -> [f64; CHUNK] {
    let passing = Passing {
        lanes,
        level,
        weights,
    };
    let q = lanes.splat(level.q_e);
    let mut most = lanes.splat(f64::NEG_INFINITY);
    for (number, chunk) in packets.as_chunks_mut::<CHUNK>().0.iter_mut().enumerate() {
        let at = number * CHUNK + LEAD;
        let mut values = lanes.load(chunk);
        let filling = lanes.at_least(values, q);
        let reached = lanes.bits(filling);
        if reached == 0 && trail.age >= level.length {
            most = lanes.greater(values, most);
            continue;
        }
        if falls >> number & 1 != 0 {
            for (lane, packet) in chunk.iter_mut().enumerate() {
                let weights = [weights[at + lane - 1], weights[at + lane]];
                pass_packet(packet, weights, level, trail);
            }
            values = lanes.load(chunk);
        } else {
            values = if reached == 0 {
                passing.none(values, trail)
            } else if reached == u8::MAX && trail.age == 0 {
                passing.all(values, at, trail)
            } else {
                passing.some(values, at, filling, trail)
            };
            *chunk = lanes.store(values);
        }
        most = lanes.greater(values, most);
    }
    lanes.store(most)
}

/// Eight packets that pass traps whose weights do not fall.
struct Passing<'a, L> {
    lanes: L,
    level: &'a Level<'a>,
    weights: &'a [f64],
}

impl<L: Lanes> Passing<'_, L> {
    /// The eight numbers from `at` on.
    #[inline(always)]
    fn load(&self, numbers: &[f64], at: usize) -> L::Eight {
        let numbers = numbers.get(at..).and_then(|numbers| numbers.first_chunk());
        match numbers {
            Some(numbers) => self.lanes.load(numbers),
            None => self.lanes.splat(0.0),
        }
    }

    /// What the traps take of the eight packets whose weights are at `at`.
    #[inline(always)]
    fn taken(&self, at: usize) -> L::Eight {
        let per_pass = self.lanes.splat(self.level.per_pass_e);
        self.lanes.mul(per_pass, self.load(self.weights, at))
    }

    /// None of them fills the traps.
    #[inline(always)]
    fn none(&self, packets: L::Eight, trail: &mut Trail) -> L::Eight {
        let share = self.load(self.level.release, trail.age);
        let released = self.lanes.mul(share, self.lanes.splat(trail.taken_e));
        trail.age = (trail.age + CHUNK).min(self.level.length);
        self.lanes.add(packets, released)
    }

    /// All of them fill the traps, as the one before did.
    #[inline(always)]
    fn all(&self, packets: L::Eight, at: usize, trail: &mut Trail) -> L::Eight {
        let lanes = self.lanes;
        let before = self.taken(at - 1);
        let released = lanes.mul(lanes.splat(self.level.release[0]), before);
        let joined = lanes.mul(lanes.splat(self.level.held[0]), before);
        let removed = self.taken(at);
        trail.taken_e = self.level.per_pass_e * self.weights[at + CHUNK - 1];
        lanes.add(packets, lanes.sub(lanes.add(released, joined), removed))
    }

    /// What each packet gets of a profile; up to the first that fills the traps, what is left of before.
    #[inline(always)]
    fn share(&self, profile: &[f64], since: &Places, age: usize) -> L::Eight {
        let (near, left) = (self.load(profile, 0), self.load(profile, age));
        self.lanes.pick(since, near, left)
    }

    /// Those of `filling` fill the traps.
    #[inline(always)]
    fn some(&self, packets: L::Eight, at: usize, filling: L::Some, trail: &mut Trail) -> L::Eight {
        let (lanes, level) = (self.lanes, self.level);
        let reached = lanes.bits(filling);
        let last = &LAST[usize::from(reached)];
        let release = self.share(level.release, &last.since, trail.age);
        let held = self.share(level.held, &last.since, trail.age);
        let taking = self.taken(at);
        let taken = lanes.pick(&last.filled, taking, lanes.splat(trail.taken_e));
        let released = lanes.mul(release, taken);
        let joined = lanes.only(filling, lanes.mul(held, taken));
        let removed = lanes.only(filling, taking);
        let last = CHUNK - 1 - reached.leading_zeros() as usize;
        trail.taken_e = level.per_pass_e * self.weights[at + last];
        trail.age = CHUNK - 1 - last;
        lanes.add(packets, lanes.sub(lanes.add(released, joined), removed))
    }
}

/// For each of eight packets, which of those before it filled the traps last.
#[derive(Clone, Copy)]
struct Last {
    /// The place of that packet.
    filled: Places,
    /// How many packets lie between.
    since: Places,
}

/// For each set of packets that fill the traps. Where none of them is before a packet, the places are its own, of second
/// numbers.
const LAST: [Last; 256] = {
    const NONE: Last = Last {
        filled: [0; 2 * CHUNK],
        since: [0; 2 * CHUNK],
    };
    let mut table = [NONE; 256];
    let mut reached = 0;
    while reached < table.len() {
        let mut last = None;
        let mut lane = 0;
        while lane < CHUNK {
            let (filled, since, of_second) = match last {
                Some(last) => (last, lane - 1 - last, 0),
                None => (lane, lane, SECOND),
            };
            let mut half = 0;
            while half < 2 {
                table[reached].filled[2 * lane + half] = of_second | (2 * filled + half) as u8;
                table[reached].since[2 * lane + half] = of_second | (2 * since + half) as u8;
                half += 1;
            }
            if reached >> lane & 1 != 0 {
                last = Some(lane);
            }
            lane += 1;
        }
        reached += 1;
    }
    table
};
