//! What a statistic can be taken of.

use std::cmp::Ordering;

/// A floating-point sample. Statistics are computed in `f64` whatever the samples are.
pub trait Sample: Copy + PartialOrd + Send + Sync + 'static {
    /// The same number as `f64`.
    fn to_f64(self) -> f64;
    /// Neither NaN nor infinite.
    fn is_finite(self) -> bool;
    /// The order of all values, NaN included, as the standard library defines it.
    fn order(&self, other: &Self) -> Ordering;
}

impl Sample for f32 {
    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
    #[inline(always)]
    fn is_finite(self) -> bool {
        f32::is_finite(self)
    }
    fn order(&self, other: &Self) -> Ordering {
        self.total_cmp(other)
    }
}

impl Sample for f64 {
    #[inline(always)]
    fn to_f64(self) -> f64 {
        self
    }
    #[inline(always)]
    fn is_finite(self) -> bool {
        f64::is_finite(self)
    }
    fn order(&self, other: &Self) -> Ordering {
        self.total_cmp(other)
    }
}

/// The finite samples, copied.
pub(crate) fn finite<T: Sample>(samples: &[T]) -> Vec<T> {
    samples
        .iter()
        .copied()
        .filter(|sample| sample.is_finite())
        .collect()
}
