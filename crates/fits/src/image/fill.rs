//! Filling an image chunk by chunk, on all threads.
//!
//! Only what touches single samples is compiled for every pair of stored and wanted type; dealing the
//! chunks out to threads is compiled once for each wanted type, or building would take minutes.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::sample::{Sample, Stored};
use super::scaling::Scaling;
use crate::source::zeroed;
use crate::{Error, Result};

/// Samples that one task converts at a time: small enough to be swapped while still in the cache.
const CHUNK: usize = 1 << 16;

/// Converts the stored samples from `first` on into `out`. Gives the position within `out` of the first
/// that `T` cannot hold; `scratch` is the task's own.
pub(super) type Convert<'a, T> = &'a (dyn Fn(usize, &mut [T], &mut Vec<u8>) -> Result<Option<usize>> + Sync);

/// `count` samples, and the index of the first that `T` cannot hold.
pub(super) fn fill<T: Sample>(count: u64, convert: Convert<T>) -> Result<(Vec<T>, Option<usize>)> {
    let mut data = zeroed::<T>(count)?;
    let bad = AtomicUsize::new(usize::MAX);
    data.par_chunks_mut(CHUNK)
        .enumerate()
        .try_for_each_init(Vec::new, |scratch, (chunk, out)| {
            if let Some(at) = convert(chunk * CHUNK, out, scratch)? {
                bad.fetch_min(chunk * CHUNK + at, Ordering::Relaxed);
            }
            Ok::<(), Error>(())
        })?;
    let index = bad.into_inner();
    Ok((data, (index != usize::MAX).then_some(index)))
}

/// `count` samples in rows of `width`, which lie `stride` samples apart, on the calling thread. `convert` is given whole
/// rows, and takes their distance into account.
pub(super) fn fill_block<T: Sample>(
    count: u64,
    width: usize,
    stride: usize,
    convert: Convert<T>,
) -> Result<(Vec<T>, Option<usize>)> {
    let mut data = zeroed::<T>(count)?;
    let (mut scratch, mut bad) = (Vec::new(), None);
    // Where little lies between rows, it is sooner read with them than passed over.
    let rows = if 2 * width >= stride {
        (CHUNK / stride.max(1)).max(1)
    } else {
        1
    };
    for (group, out) in data.chunks_mut((rows * width).max(1)).enumerate() {
        let first = group * rows * stride;
        let found = convert(first, out, &mut scratch)?;
        bad = bad.or(found.map(|at| first + at));
    }
    Ok((data, bad))
}

/// How samples stored as `R` become physical ones of `T`: the cheapest way that is right.
pub(super) enum Physical {
    /// As they are.
    Same,
    /// Integers shifted by BZERO, which no sum can carry out of 64 bits.
    Shifted(i64),
    /// BSCALE, BZERO and BLANK.
    Scaled(Scaling),
}

impl Physical {
    pub(super) fn of(scaling: Scaling) -> Self {
        match (scaling.blank, scaling.small_shift()) {
            (None, _) if scaling.is_identity() => Physical::Same,
            (None, Some(shift)) => Physical::Shifted(shift),
            _ => Physical::Scaled(scaling),
        }
    }

    /// Converts a run of samples; gives the position of the first that `T` cannot hold.
    pub(super) fn convert<R: Stored, T: Sample>(
        &self,
        stored: impl Iterator<Item = R> + Clone,
        out: &mut [T],
    ) -> Option<usize> {
        match *self {
            Physical::Same => each(stored, out, |value: R| value.to::<T>()),
            Physical::Shifted(shift) => match i32::try_from(shift) {
                // Sums of 16 bits and a shift of 30 fit 32, of which more are converted at once.
                Ok(shift) if R::SIZE <= 2 && shift.unsigned_abs() < 1 << 30 => {
                    each(stored, out, |value: R| {
                        T::from_i32(value.integer().unwrap_or(0) as i32 + shift)
                    })
                }
                _ => each(stored, out, |value: R| {
                    T::from_i64(value.integer().unwrap_or(0) + shift)
                }),
            },
            Physical::Scaled(scaling) => each(stored, out, |value: R| scaling.apply::<R, T>(value)),
        }
    }
}

fn each<R, T>(
    stored: impl Iterator<Item = R> + Clone,
    out: &mut [T],
    physical: impl Fn(R) -> Option<T>,
) -> Option<usize> {
    // Wide vectors turn the bytes of many samples around at once.
    let failed = pulp::Arch::new().dispatch(
        #[inline(always)]
        || {
            let mut failed = false;
            for (out, value) in out.iter_mut().zip(stored.clone()) {
                match physical(value) {
                    Some(value) => *out = value,
                    None => failed = true,
                }
            }
            failed
        },
    );
    // Looked for apart, so that the loop above stays free of branches out of it.
    failed.then(|| {
        stored
            .map(physical)
            .position(|value| value.is_none())
            .unwrap_or(0)
    })
}
