//! Eight packets at once. What is done to each is the same on every processor, so the result has the same bits.

use super::column::CHUNK;

/// A place for each of eight numbers, as a processor that moves halves of numbers has it: number `n` of the first eight
/// is `2n, 2n + 1`; of the second so many more than [`SECOND`].
pub(super) type Places = [u8; 2 * CHUNK];

/// What places of second numbers have above those of first ones: the bit by which AVX-512 tells them apart, and the sign,
/// by which AVX2 chooses.
pub(super) const SECOND: u8 = 0x90;

/// Instructions for eight numbers.
pub(super) trait Lanes: Copy + Send + Sync {
    /// Eight numbers.
    type Eight: Copy;
    /// Some of eight.
    type Some: Copy;

    /// Eight numbers out of memory.
    fn load(self, numbers: &[f64; CHUNK]) -> Self::Eight;

    /// Eight numbers for memory.
    fn store(self, numbers: Self::Eight) -> [f64; CHUNK];

    /// One number eight times.
    fn splat(self, number: f64) -> Self::Eight;

    /// Sums.
    fn add(self, a: Self::Eight, b: Self::Eight) -> Self::Eight;

    /// Differences.
    fn sub(self, a: Self::Eight, b: Self::Eight) -> Self::Eight;

    /// Products.
    fn mul(self, a: Self::Eight, b: Self::Eight) -> Self::Eight;

    /// `a` where it is more than `b`, else `b`.
    fn greater(self, a: Self::Eight, b: Self::Eight) -> Self::Eight;

    /// Which of `a` are at least `b`.
    fn at_least(self, a: Self::Eight, b: Self::Eight) -> Self::Some;

    /// Bit by bit from the first.
    fn bits(self, some: Self::Some) -> u8;

    /// These as they are, 0 for the others.
    fn only(self, some: Self::Some, numbers: Self::Eight) -> Self::Eight;

    /// The numbers at these places of sixteen. The first four may be among the first four of `first`, and each may be
    /// itself of `second`.
    fn pick(self, places: &Places, first: Self::Eight, second: Self::Eight) -> Self::Eight;

    /// Four quotients, each rounded once.
    fn quotients(self, numerators: [f64; 4], denominators: [f64; 4]) -> [f64; 4];

    /// A ninth, rounded once.
    fn ninth(self, number: f64) -> f64;
}

/// Without instructions of any particular processor: arrays, which the compiler puts into such registers as there are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plain;

impl Lanes for Plain {
    type Eight = [f64; CHUNK];
    /// All bits set, or none.
    type Some = [u64; CHUNK];

    #[inline(always)]
    fn load(self, numbers: &[f64; CHUNK]) -> Self::Eight {
        *numbers
    }

    #[inline(always)]
    fn store(self, numbers: Self::Eight) -> [f64; CHUNK] {
        numbers
    }

    #[inline(always)]
    fn splat(self, number: f64) -> Self::Eight {
        [number; CHUNK]
    }

    #[inline(always)]
    fn add(self, a: Self::Eight, b: Self::Eight) -> Self::Eight {
        std::array::from_fn(|lane| a[lane] + b[lane])
    }

    #[inline(always)]
    fn sub(self, a: Self::Eight, b: Self::Eight) -> Self::Eight {
        std::array::from_fn(|lane| a[lane] - b[lane])
    }

    #[inline(always)]
    fn mul(self, a: Self::Eight, b: Self::Eight) -> Self::Eight {
        std::array::from_fn(|lane| a[lane] * b[lane])
    }

    #[inline(always)]
    fn greater(self, a: Self::Eight, b: Self::Eight) -> Self::Eight {
        std::array::from_fn(|lane| if a[lane] > b[lane] { a[lane] } else { b[lane] })
    }

    #[inline(always)]
    fn at_least(self, a: Self::Eight, b: Self::Eight) -> Self::Some {
        std::array::from_fn(|lane| if a[lane] >= b[lane] { u64::MAX } else { 0 })
    }

    #[inline(always)]
    fn bits(self, some: Self::Some) -> u8 {
        let bits: [u64; CHUNK] = std::array::from_fn(|lane| some[lane] & 1 << lane);
        bits.iter().fold(0, |all, bit| all | bit) as u8
    }

    #[inline(always)]
    fn only(self, some: Self::Some, numbers: Self::Eight) -> Self::Eight {
        std::array::from_fn(|lane| f64::from_bits(numbers[lane].to_bits() & some[lane]))
    }

    #[inline(always)]
    fn pick(self, places: &Places, first: Self::Eight, second: Self::Eight) -> Self::Eight {
        let mut both = [0.0; 2 * CHUNK];
        both[..CHUNK].copy_from_slice(&first);
        both[CHUNK..].copy_from_slice(&second);
        std::array::from_fn(|lane| both[usize::from(places[2 * lane] / 2 % 16)])
    }

    #[inline(always)]
    fn quotients(self, numerators: [f64; 4], denominators: [f64; 4]) -> [f64; 4] {
        std::array::from_fn(|at| numerators[at] / denominators[at])
    }

    #[inline(always)]
    fn ninth(self, number: f64) -> f64 {
        number / 9.0
    }
}
