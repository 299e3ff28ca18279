//! Eight packets in registers of x86-64: one with AVX-512, two with AVX2.

use super::column::CHUNK;
use super::lanes::{Lanes, Places};
use pulp::x86::{V3, V4};
use pulp::{Simd, b8, cast, f64x4, f64x8, m64x4};
use std::arch::x86_64::{__m256d, __m256i};

/// AVX-512: one register.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whole(pub V4);

/// AVX2: two registers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Halves(pub V3);

impl Lanes for Whole {
    type Eight = f64x8;
    type Some = b8;

    #[inline(always)]
    fn load(self, numbers: &[f64; CHUNK]) -> f64x8 {
        cast(*numbers)
    }

    #[inline(always)]
    fn store(self, numbers: f64x8) -> [f64; CHUNK] {
        cast(numbers)
    }

    #[inline(always)]
    fn splat(self, number: f64) -> f64x8 {
        self.0.splat_f64x8(number)
    }

    #[inline(always)]
    fn add(self, a: f64x8, b: f64x8) -> f64x8 {
        self.0.add_f64s(a, b)
    }

    #[inline(always)]
    fn sub(self, a: f64x8, b: f64x8) -> f64x8 {
        self.0.sub_f64s(a, b)
    }

    #[inline(always)]
    fn mul(self, a: f64x8, b: f64x8) -> f64x8 {
        self.0.mul_f64s(a, b)
    }

    #[inline(always)]
    fn greater(self, a: f64x8, b: f64x8) -> f64x8 {
        self.0.max_f64s(a, b)
    }

    #[inline(always)]
    fn at_least(self, a: f64x8, b: f64x8) -> b8 {
        self.0.cmp_ge_f64x8(a, b)
    }

    #[inline(always)]
    fn bits(self, some: b8) -> u8 {
        some.0
    }

    #[inline(always)]
    fn only(self, some: b8, numbers: f64x8) -> f64x8 {
        self.0.select_f64x8(some, numbers, self.0.splat_f64x8(0.0))
    }

    #[inline(always)]
    fn pick(self, places: &Places, first: f64x8, second: f64x8) -> f64x8 {
        let avx512 = self.0.avx512f;
        let places = avx512._mm512_cvtepi8_epi32(cast(*places));
        cast(avx512._mm512_permutex2var_ps(cast(first), places, cast(second)))
    }

    #[inline(always)]
    fn quotients(self, numerators: [f64; 4], denominators: [f64; 4]) -> [f64; 4] {
        fused_quotients(numerators, denominators)
    }

    #[inline(always)]
    fn ninth(self, number: f64) -> f64 {
        fused_ninth(number)
    }
}

// A closure that is called twice may be compiled by itself, and so without the instructions: hence functions.
impl Halves {
    /// The numbers at these places of one register, of which the lowest three bits count.
    #[inline(always)]
    fn within(self, register: f64x4, places: __m256i) -> __m256d {
        cast(self.0.avx2._mm256_permutevar8x32_ps(cast(register), places))
    }
}

impl Lanes for Halves {
    type Eight = [f64x4; 2];
    type Some = [m64x4; 2];

    #[inline(always)]
    fn load(self, numbers: &[f64; CHUNK]) -> [f64x4; 2] {
        cast(*numbers)
    }

    #[inline(always)]
    fn store(self, numbers: [f64x4; 2]) -> [f64; CHUNK] {
        cast(numbers)
    }

    #[inline(always)]
    fn splat(self, number: f64) -> [f64x4; 2] {
        [self.0.splat_f64x4(number); 2]
    }

    #[inline(always)]
    fn add(self, a: [f64x4; 2], b: [f64x4; 2]) -> [f64x4; 2] {
        [self.0.add_f64s(a[0], b[0]), self.0.add_f64s(a[1], b[1])]
    }

    #[inline(always)]
    fn sub(self, a: [f64x4; 2], b: [f64x4; 2]) -> [f64x4; 2] {
        [self.0.sub_f64s(a[0], b[0]), self.0.sub_f64s(a[1], b[1])]
    }

    #[inline(always)]
    fn mul(self, a: [f64x4; 2], b: [f64x4; 2]) -> [f64x4; 2] {
        [self.0.mul_f64s(a[0], b[0]), self.0.mul_f64s(a[1], b[1])]
    }

    #[inline(always)]
    fn greater(self, a: [f64x4; 2], b: [f64x4; 2]) -> [f64x4; 2] {
        [self.0.max_f64s(a[0], b[0]), self.0.max_f64s(a[1], b[1])]
    }

    #[inline(always)]
    fn at_least(self, a: [f64x4; 2], b: [f64x4; 2]) -> [m64x4; 2] {
        [self.0.cmp_ge_f64x4(a[0], b[0]), self.0.cmp_ge_f64x4(a[1], b[1])]
    }

    #[inline(always)]
    fn bits(self, some: [m64x4; 2]) -> u8 {
        let low = self.0.avx._mm256_movemask_pd(cast(some[0]));
        let high = self.0.avx._mm256_movemask_pd(cast(some[1]));
        (low | high << (CHUNK / 2)) as u8
    }

    #[inline(always)]
    fn only(self, some: [m64x4; 2], numbers: [f64x4; 2]) -> [f64x4; 2] {
        let low = self.0.avx._mm256_and_pd(cast(some[0]), cast(numbers[0]));
        let high = self.0.avx._mm256_and_pd(cast(some[1]), cast(numbers[1]));
        [cast(low), cast(high)]
    }

    #[inline(always)]
    fn pick(self, places: &Places, first: [f64x4; 2], second: [f64x4; 2]) -> [f64x4; 2] {
        let (avx, avx2) = (self.0.avx, self.0.avx2);
        let [low, high] = cast::<_, [[u8; CHUNK]; 2]>(*places);
        let low = avx2._mm256_cvtepi8_epi32(cast([low, [0; CHUNK]]));
        let high = avx2._mm256_cvtepi8_epi32(cast([high, [0; CHUNK]]));
        let of_upper = avx2._mm256_cmpgt_epi32(high, avx._mm256_set1_epi32(CHUNK as i32 - 1));
        let (a, b) = (self.within(first[0], high), self.within(first[1], high));
        let upper = avx._mm256_blendv_pd(a, b, cast(of_upper));
        let lower = avx._mm256_blendv_pd(self.within(first[0], low), cast(second[0]), cast(low));
        let upper = avx._mm256_blendv_pd(upper, cast(second[1]), cast(high));
        [cast(lower), cast(upper)]
    }

    #[inline(always)]
    fn quotients(self, numerators: [f64; 4], denominators: [f64; 4]) -> [f64; 4] {
        fused_quotients(numerators, denominators)
    }

    #[inline(always)]
    fn ninth(self, number: f64) -> f64 {
        fused_ninth(number)
    }
}

/// Divides once instead of four times. A quotient that is off by some bits, corrected by its remainder, which a fused
/// multiplication leaves exact, is the one that a division rounds to (Markstein 1990).
#[inline(always)]
fn fused_quotients(numerators: [f64; 4], denominators: [f64; 4]) -> [f64; 4] {
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
fn fused_ninth(number: f64) -> f64 {
    const NINTH: f64 = 1.0 / 9.0;
    let quotient = number * NINTH;
    quotient.mul_add(-9.0, number).mul_add(NINTH, quotient)
}
