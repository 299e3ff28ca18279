//! Arithmetic on several numbers at once, as many as the processor has lanes for.

use pulp::{Simd, bytemuck};
use std::ops::{Add, Mul, Sub};

/// Beyond this there are no fractions: adding it leaves the rest of a number below 2⁵¹ no room for any, and subtracting it
/// again leaves the nearest integer, of two the even one.
pub(crate) const WHOLE: f64 = 6_755_399_441_055_744.0;

/// Lanes that are used at most.
pub(crate) const MOST_LANES: usize = 8;

/// Beyond this numbers are whole, and a whole number that is added to it stands in the lowest bits of the sum.
const ONES: f64 = 4_503_599_627_370_496.0;

/// A number that [`Lanes::counted`] gave.
#[inline(always)]
pub(crate) fn count(bits: f64) -> usize {
    (bits.to_bits() ^ ONES.to_bits()) as usize
}

/// One number in each lane. Every operation does in each lane what it would do on one number, so results do not
/// depend on how many lanes there are.
#[derive(Clone, Copy)]
pub(crate) struct Lanes<V: Simd> {
    simd: V,
    values: V::f64s,
}

impl<V: Simd> Lanes<V> {
    /// How many there are.
    pub(crate) const COUNT: usize = V::F64_LANES;

    #[inline(always)]
    pub(crate) fn of(simd: V, values: V::f64s) -> Self {
        Self { simd, values }
    }

    /// What does the arithmetic.
    #[inline(always)]
    pub(crate) fn simd(self) -> V {
        self.simd
    }

    /// The same number in all lanes.
    #[inline(always)]
    pub(crate) fn splat(simd: V, value: f64) -> Self {
        Self::of(simd, simd.splat_f64s(value))
    }

    /// Another number in all lanes.
    #[inline(always)]
    pub(crate) fn same(self, value: f64) -> Self {
        Self::splat(self.simd, value)
    }

    /// The numbers from `at` on; 0 beyond the end.
    #[inline(always)]
    pub(crate) fn load(simd: V, from: &[f64], at: usize) -> Self {
        match from.get(at..at + Self::COUNT) {
            Some(all) => Self::of(simd, *bytemuck::from_bytes(bytemuck::cast_slice(all))),
            None => Self::of(simd, simd.partial_load_f64s(from.get(at..).unwrap_or(&[]))),
        }
    }

    #[inline(always)]
    pub(crate) fn raw(self) -> V::f64s {
        self.values
    }

    /// The numbers, lane after lane.
    #[inline(always)]
    pub(crate) fn numbers(&self) -> &[f64] {
        bytemuck::cast_slice(std::slice::from_ref(&self.values))
    }

    #[inline(always)]
    pub(crate) fn min(self, other: Self) -> Self {
        Self::of(self.simd, self.simd.min_f64s(self.values, other.values))
    }

    #[inline(always)]
    pub(crate) fn max(self, other: Self) -> Self {
        Self::of(self.simd, self.simd.max_f64s(self.values, other.values))
    }

    /// `self * factor + other`, rounded once.
    #[inline(always)]
    pub(crate) fn times_plus(self, factor: Self, other: Self) -> Self {
        Self::of(
            self.simd,
            self.simd.mul_add_f64s(self.values, factor.values, other.values),
        )
    }

    #[inline(always)]
    pub(crate) fn abs(self) -> Self {
        Self::of(self.simd, self.simd.abs_f64s(self.values))
    }

    /// Where a number is `limit` or less; nowhere where one of them is NaN.
    #[inline(always)]
    pub(crate) fn is_at_most(self, limit: Self) -> Mask<V> {
        let simd = self.simd;
        let bits = simd.less_than_or_equal_f64s(self.values, limit.values);
        Mask { simd, bits }
    }

    /// Where a number is `first` or more and `last` or less.
    #[inline(always)]
    pub(crate) fn is_between(self, first: f64, last: f64) -> Mask<V> {
        let (first, last) = (self.same(first), self.same(last));
        first.is_at_most(self).and(self.is_at_most(last))
    }

    /// The least of all lanes.
    #[inline(always)]
    pub(crate) fn least(self) -> f64 {
        self.simd.reduce_min_f64s(self.values)
    }

    /// The greatest of all lanes.
    #[inline(always)]
    pub(crate) fn greatest(self) -> f64 {
        self.simd.reduce_max_f64s(self.values)
    }

    /// To the nearest integer, halves to an even one, for numbers below 2⁵¹.
    #[inline(always)]
    pub(crate) fn rounded(self) -> Self {
        (self + self.same(WHOLE)) - self.same(WHOLE)
    }

    /// For whole numbers from 0 to below 2⁵²: what [`count`] makes integers.
    #[inline(always)]
    pub(crate) fn counted(self) -> Self {
        self + self.same(ONES)
    }

    /// 1 over each number.
    #[inline(always)]
    pub(crate) fn inverse(self) -> Self {
        let simd = self.simd;
        Self::of(simd, simd.div_f64s(simd.splat_f64s(1.0), self.values))
    }

    /// 1 over each number, 0 where it is 0 or next to it.
    #[inline(always)]
    pub(crate) fn inverse_or_zero(self) -> Self {
        /// Below this the inverse could not be squared.
        const LEAST: f64 = 1e-280;
        let simd = self.simd;
        let inverse = simd.div_f64s(simd.splat_f64s(1.0), self.values);
        let known = simd.greater_than_f64s(simd.abs_f64s(self.values), simd.splat_f64s(LEAST));
        Self::of(simd, simd.select_f64s(known, inverse, simd.splat_f64s(0.0)))
    }

    /// In each lane `then` where `self <= limit`, else `otherwise`.
    #[inline(always)]
    pub(crate) fn up_to(self, limit: Self, then: Self, otherwise: Self) -> Self {
        self.is_at_most(limit).choose(then, otherwise)
    }
}

/// Yes or no in each lane.
#[derive(Clone, Copy)]
pub(crate) struct Mask<V: Simd> {
    simd: V,
    bits: V::m64s,
}

impl<V: Simd> Mask<V> {
    /// Yes in all lanes.
    #[inline(always)]
    pub(crate) fn all(simd: V) -> Self {
        let zero = simd.splat_f64s(0.0);
        let bits = simd.less_than_or_equal_f64s(zero, zero);
        Self { simd, bits }
    }

    #[inline(always)]
    pub(crate) fn and(self, other: Self) -> Self {
        let bits = self.simd.and_m64s(self.bits, other.bits);
        Self { bits, ..self }
    }

    /// Whether all lanes say yes.
    #[inline(always)]
    pub(crate) fn is_all(self) -> bool {
        let others = self.simd.xor_m64s(self.bits, Self::all(self.simd).bits);
        self.simd.first_true_m64s(others) >= V::F64_LANES
    }

    /// Whether none does.
    #[inline(always)]
    pub(crate) fn is_none(self) -> bool {
        self.simd.first_true_m64s(self.bits) >= V::F64_LANES
    }

    /// In each lane one or the other.
    #[inline(always)]
    pub(crate) fn choose(self, yes: Lanes<V>, no: Lanes<V>) -> Lanes<V> {
        Lanes::of(self.simd, self.simd.select_f64s(self.bits, yes.values, no.values))
    }
}

/// As [`Lanes`], in single precision and twice as many.
#[derive(Clone, Copy)]
pub(crate) struct Singles<V: Simd> {
    simd: V,
    values: V::f32s,
}

impl<V: Simd> Singles<V> {
    /// How many there are.
    pub(crate) const COUNT: usize = V::F32_LANES;

    #[inline(always)]
    fn of(simd: V, values: V::f32s) -> Self {
        Self { simd, values }
    }

    /// The same number in all lanes.
    #[inline(always)]
    pub(crate) fn splat(simd: V, value: f32) -> Self {
        Self::of(simd, simd.splat_f32s(value))
    }

    /// The numbers from `at` on; 0 beyond the end.
    #[inline(always)]
    pub(crate) fn load(simd: V, from: &[f32], at: usize) -> Self {
        match from.get(at..at + Self::COUNT) {
            Some(all) => Self::of(simd, *bytemuck::from_bytes(bytemuck::cast_slice(all))),
            None => Self::of(simd, simd.partial_load_f32s(from.get(at..).unwrap_or(&[]))),
        }
    }

    /// Puts the numbers from `at` on, as many as there is place for.
    #[inline(always)]
    pub(crate) fn store(self, to: &mut [f32], at: usize) {
        let numbers: &[f32] = bytemuck::cast_slice(std::slice::from_ref(&self.values));
        match to.get_mut(at..at + Self::COUNT) {
            Some(all) => all.copy_from_slice(numbers),
            None => self
                .simd
                .partial_store_f32s(to.get_mut(at..).unwrap_or(&mut []), self.values),
        }
    }
}

impl<V: Simd> Add for Singles<V> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self::of(self.simd, self.simd.add_f32s(self.values, other.values))
    }
}

impl<V: Simd> Mul for Singles<V> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self::of(self.simd, self.simd.mul_f32s(self.values, other.values))
    }
}

impl<V: Simd> Add for Lanes<V> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self::of(self.simd, self.simd.add_f64s(self.values, other.values))
    }
}

impl<V: Simd> Sub for Lanes<V> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self::of(self.simd, self.simd.sub_f64s(self.values, other.values))
    }
}

impl<V: Simd> Mul for Lanes<V> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self::of(self.simd, self.simd.mul_f64s(self.values, other.values))
    }
}
