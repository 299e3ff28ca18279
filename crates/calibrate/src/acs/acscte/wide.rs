//! Eight packets in one register, on processors with AVX-512.

use super::column::{BLOCK, CHUNK, LEAD};
use super::lanes::Lanes;
use super::readout::{Trail, pass_packet};
use super::traps::Level;
use pulp::x86::V4;
use pulp::{Simd, b8, cast, f64x8};

/// Registers of eight.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wide(pub V4);

impl Wide {
    /// The eight numbers from `at` on.
    #[inline(always)]
    fn load(numbers: &[f64], at: usize) -> f64x8 {
        match numbers
            .get(at..)
            .and_then(|numbers| numbers.first_chunk::<CHUNK>())
        {
            Some(numbers) => cast(*numbers),
            None => cast([0.0; CHUNK]),
        }
    }
}

impl Lanes for Wide {
    /// Divides once instead of four times. A quotient that is off by some bits, corrected by its remainder, which a fused
    /// multiplication leaves exact, is the one that a division rounds to (Markstein 1990).
    #[inline(always)]
    fn quotients(self, numerators: [f64; 4], denominators: [f64; 4]) -> [f64; 4] {
        let [a, b, c, d] = denominators;
        let (ab, cd) = (a * b, c * d);
        let inverse = 1.0 / (ab * cd);
        let (inverse_ab, inverse_cd) = (inverse * cd, inverse * ab);
        let inverses = [inverse_ab * b, inverse_ab * a, inverse_cd * d, inverse_cd * c];
        std::array::from_fn(|at| {
            let quotient = numerators[at] * inverses[at];
            let remainder = quotient.mul_add(-denominators[at], numerators[at]);
            remainder.mul_add(inverses[at], quotient)
        })
    }

    #[inline(always)]
    fn ninth(self, number: f64) -> f64 {
        const NINTH: f64 = 1.0 / 9.0;
        let quotient = number * NINTH;
        quotient.mul_add(-9.0, number).mul_add(NINTH, quotient)
    }

    #[inline(always)]
    fn reached(self, numbers: &[f64; CHUNK], q: f64) -> u8 {
        self.0.cmp_ge_f64x8(cast(*numbers), self.0.splat_f64x8(q)).0
    }

    #[inline(always)]
    fn most(self, packets: &[f64; BLOCK]) -> [f64; CHUNK] {
        let (chunks, _) = packets.as_chunks::<CHUNK>();
        let none = self.0.splat_f64x8(f64::NEG_INFINITY);
        let most = chunks
            .iter()
            .fold(none, |most, chunk| self.0.max_f64s(cast(*chunk), most));
        cast(most)
    }

    #[inline(always)]
    fn block(
        self,
        packets: &mut [f64; BLOCK],
        most_of_block: &mut [f64; CHUNK],
        (weights, falls): (&[f64], u8),
        level: &Level,
        trail: &mut Trail,
    ) {
        let simd = self.0;
        let q = simd.splat_f64x8(level.q_e);
        let mut most = simd.splat_f64x8(f64::NEG_INFINITY);
        let filling = Filling { wide: self, level };
        for (number, chunk) in packets.as_chunks_mut::<CHUNK>().0.iter_mut().enumerate() {
            let at = number * CHUNK + LEAD;
            let mut values: f64x8 = cast(*chunk);
            let reached = simd.cmp_ge_f64x8(values, q).0;
            if reached == 0 && trail.age >= level.length {
                most = simd.max_f64s(values, most);
                continue;
            }
            if falls >> number & 1 != 0 {
                for (lane, packet) in chunk.iter_mut().enumerate() {
                    let weights = [weights[at + lane - 1], weights[at + lane]];
                    pass_packet(packet, weights, level, trail);
                }
                values = cast(*chunk);
            } else if reached == 0 {
                let share = Self::load(level.release, trail.age);
                values = simd.add_f64s(values, simd.mul_f64s(share, simd.splat_f64x8(trail.taken_e)));
                trail.age = (trail.age + CHUNK).min(level.length);
                *chunk = cast(values);
            } else if reached == u8::MAX && trail.age == 0 {
                values = filling.pass_all(values, weights, at, trail);
                *chunk = cast(values);
            } else {
                values = filling.pass(values, weights, at, reached, trail);
                *chunk = cast(values);
            }
            most = simd.max_f64s(values, most);
        }
        *most_of_block = cast(most);
    }
}

/// The traps of a level where packets fill them.
struct Filling<'a> {
    wide: Wide,
    level: &'a Level<'a>,
}

/// What each of eight packets finds.
#[derive(Clone, Copy)]
struct Found {
    release: f64x8,
    held: f64x8,
    /// What the traps took last.
    taken: f64x8,
    /// Packets for which that is not known yet.
    open: u8,
}

impl<'a> Filling<'a> {
    /// What the traps take of the eight packets whose weights are at `at`.
    #[inline(always)]
    fn taken(&self, weights: &[f64], at: usize) -> f64x8 {
        let simd = self.wide.0;
        simd.mul_f64s(simd.splat_f64x8(self.level.per_pass_e), Wide::load(weights, at))
    }

    /// A share, in all lanes.
    #[inline(always)]
    fn share(&self, profile: &[f64], transfers: usize) -> f64x8 {
        self.wide.0.splat_f64x8(profile[transfers])
    }

    /// Eight packets that all fill the traps, as the one before them did.
    #[inline(always)]
    fn pass_all(&self, packets: f64x8, weights: &[f64], at: usize, trail: &mut Trail) -> f64x8 {
        let simd = self.wide.0;
        let before = self.taken(weights, at - 1);
        let released = simd.mul_f64s(self.share(self.level.release, 0), before);
        let joined = simd.mul_f64s(self.share(self.level.held, 0), before);
        let removed = self.taken(weights, at);
        trail.taken_e = self.level.per_pass_e * weights[at + CHUNK - 1];
        simd.add_f64s(packets, simd.sub_f64s(simd.add_f64s(released, joined), removed))
    }

    /// Eight packets, of which those of `reached` fill the traps, whose weights are at `at`.
    #[inline(always)]
    fn pass(&self, packets: f64x8, weights: &[f64], at: usize, reached: u8, trail: &mut Trail) -> f64x8 {
        let simd = self.wide.0;
        // Up to the first that fills the traps, what is left of before comes out.
        let mut found = Found {
            release: Wide::load(self.level.release, trail.age),
            held: Wide::load(self.level.held, trail.age),
            taken: simd.splat_f64x8(trail.taken_e),
            open: !(reached ^ (reached - 1)),
        };
        for distance in 1..=2 {
            found = self.find(found, weights, at, reached, distance);
        }
        if found.open != 0 {
            for distance in 3..CHUNK {
                found = self.find(found, weights, at, reached, distance);
            }
        }
        let zero = simd.splat_f64x8(0.0);
        let taken = self.taken(weights, at);
        let removed = simd.select_f64x8(b8(reached), taken, zero);
        let joined = simd.select_f64x8(b8(reached), simd.mul_f64s(found.held, found.taken), zero);
        let released = simd.mul_f64s(found.release, found.taken);
        let last = CHUNK - 1 - reached.leading_zeros() as usize;
        trail.taken_e = self.level.per_pass_e * weights[at + last];
        trail.age = CHUNK - 1 - last;
        simd.add_f64s(packets, simd.sub_f64s(simd.add_f64s(released, joined), removed))
    }

    /// For the packets so far behind one that filled the traps.
    #[inline(always)]
    fn find(&self, found: Found, weights: &[f64], at: usize, reached: u8, distance: usize) -> Found {
        let simd = self.wide.0;
        let these = b8((reached << distance) & found.open);
        let taken = self.taken(weights, at - distance);
        Found {
            release: simd.select_f64x8(these, self.share(self.level.release, distance - 1), found.release),
            held: simd.select_f64x8(these, self.share(self.level.held, distance - 1), found.held),
            taken: simd.select_f64x8(these, taken, found.taken),
            open: found.open & !these.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::lanes::{Lanes, Plain};
    use super::Wide;
    use pulp::x86::V4;

    struct Compare(V4, [f64; 4], [f64; 4]);

    impl pulp::NullaryFnOnce for Compare {
        type Output = ([f64; 4], f64);

        #[inline(always)]
        fn call(self) -> Self::Output {
            let wide = Wide(self.0);
            (wide.quotients(self.1, self.2), wide.ninth(self.1[0]))
        }
    }

    #[test]
    fn quotients_are_those_of_a_division() {
        let Some(simd) = V4::try_new() else {
            println!("skipped: no AVX-512");
            return;
        };
        let mut state = 3u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let mantissa = (state >> 33) as f64 / (1u64 << 31) as f64;
            mantissa * f64::powi(2.0, (state >> 20 & 31) as i32 - 12)
        };
        for _ in 0..200_000 {
            let numerators = [(); 4].map(|()| random());
            let denominators = numerators.map(|numerator| numerator + 0.04 + random());
            let (quotients, ninth) = simd.vectorize(Compare(simd, numerators, denominators));
            assert_eq!(quotients, Plain.quotients(numerators, denominators));
            assert_eq!(ninth, Plain.ninth(numerators[0]));
        }
    }
}
