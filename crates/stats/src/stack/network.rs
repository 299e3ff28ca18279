//! Many columns sorted side by side.

use pulp::Simd;
use std::ops::{Deref, DerefMut};

/// Columns that are looked at together.
pub(super) const COLUMNS: usize = 16;

/// What is known of so many columns, where the widest vectors load it without touching two lines of the cache.
#[repr(align(64))]
#[derive(Debug, Clone, Copy)]
pub(super) struct Aligned<T>(pub(super) [T; COLUMNS]);

impl<T> Deref for Aligned<T> {
    type Target = [T; COLUMNS];

    #[inline(always)]
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T> DerefMut for Aligned<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

/// Numbers of which the processor finds the lower and the higher in one step each. Left to the compiler, only those that change
/// places are stored, for which what loads them next waits.
pub(super) trait Exchanged: Copy {
    /// Puts the lower of each pair below. None may be NaN.
    fn exchange<V: Simd>(simd: V, below: &mut [Self; COLUMNS], above: &mut [Self; COLUMNS]);
}

impl Exchanged for f32 {
    #[inline(always)]
    fn exchange<V: Simd>(simd: V, below: &mut [f32; COLUMNS], above: &mut [f32; COLUMNS]) {
        let (below, _) = V::as_mut_simd_f32s(below);
        let (above, _) = V::as_mut_simd_f32s(above);
        for (below, above) in below.iter_mut().zip(above) {
            let pair = (*below, *above);
            (*below, *above) = (simd.min_f32s(pair.0, pair.1), simd.max_f32s(pair.0, pair.1));
        }
    }
}

impl Exchanged for f64 {
    #[inline(always)]
    fn exchange<V: Simd>(simd: V, below: &mut [f64; COLUMNS], above: &mut [f64; COLUMNS]) {
        let (below, _) = V::as_mut_simd_f64s(below);
        let (above, _) = V::as_mut_simd_f64s(above);
        for (below, above) in below.iter_mut().zip(above) {
            let pair = (*below, *above);
            (*below, *above) = (simd.min_f64s(pair.0, pair.1), simd.max_f64s(pair.0, pair.1));
        }
    }
}

/// Which lines are compared to sort so many, in turn: the exchanges do not depend on the samples. K. E. Batcher's odd-even
/// merges (Knuth, The Art of Computer Programming 3, 5.2.2, algorithm M).
pub(super) struct Network {
    count: usize,
    pairs: Vec<(usize, usize)>,
}

impl Network {
    pub(super) fn of(count: usize) -> Self {
        let mut pairs = Vec::new();
        let mut merged = 1;
        while merged < count {
            let mut apart = merged;
            while apart > 0 {
                for first in (apart % merged..count.saturating_sub(apart)).step_by(2 * apart) {
                    for low in first..(first + apart).min(count - apart) {
                        // Only within what is being merged, whose length is a power of two.
                        if low ^ (low + apart) < 2 * merged {
                            pairs.push((low, low + apart));
                        }
                    }
                }
                apart /= 2;
            }
            merged *= 2;
        }
        Self { count, pairs }
    }

    /// Sorts all columns side by side. Lines beyond those that the network is of stay as they are.
    #[inline(always)]
    pub(super) fn sort<V: Simd, T: Exchanged>(&self, simd: V, lines: &mut [Aligned<T>]) {
        let Some(lines) = lines.get_mut(..self.count) else {
            return;
        };
        for &(low, high) in &self.pairs {
            if let Ok([below, above]) = lines.get_disjoint_mut([low, high]) {
                T::exchange(simd, below, above);
            }
        }
    }
}
