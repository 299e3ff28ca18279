//! What is marked, spread to its neighbours: words of 64 pixels at a time.

use crate::BitMask;
use rayon::prelude::*;
use std::ops::RangeInclusive;

/// A mask that marks every pixel which has a marked one at `offsets` from it, along both axes.
pub(crate) fn over_square(mask: &BitMask, offsets: RangeInclusive<isize>) -> BitMask {
    let (ny, nx) = mask.shape();
    let mut out = BitMask::new(ny, nx);
    out.rows_mut(0).enumerate().for_each(|(y, out)| {
        // All rows of the square in one, and then along it.
        let mut column = vec![0u64; out.len()];
        for offset in offsets.clone() {
            let Some(from) = y.checked_add_signed(offset) else {
                continue;
            };
            for (word, from) in column.iter_mut().zip(mask.row(from)) {
                *word |= from;
            }
        }
        for offset in offsets.clone() {
            add_shifted(&column, offset, out);
        }
        clear_beyond(out, nx);
    });
    out
}

/// Adds `row` to `out` so that pixel `x` gets what is at `x + offset`.
fn add_shifted(row: &[u64], offset: isize, out: &mut [u64]) {
    let (words, bits) = (offset.unsigned_abs() / 64, offset.unsigned_abs() % 64);
    let at = |index: Option<usize>| index.and_then(|index| row.get(index)).copied().unwrap_or(0);
    for (index, out) in out.iter_mut().enumerate() {
        let (near, far) = if offset >= 0 {
            (at(index.checked_add(words)), at(index.checked_add(words + 1)))
        } else {
            (at(index.checked_sub(words)), at(index.checked_sub(words + 1)))
        };
        *out |= match (bits, offset >= 0) {
            (0, _) => near,
            (_, true) => near >> bits | far << (64 - bits),
            (_, false) => near << bits | far >> (64 - bits),
        };
    }
}

/// Takes out what was shifted past the last pixel.
fn clear_beyond(row: &mut [u64], nx: usize) {
    if let Some(last) = row.last_mut()
        && !nx.is_multiple_of(64)
    {
        *last &= (1 << (nx % 64)) - 1;
    }
}

/// A mask of the pixels that have a marked one among the `length` rows below them, for trails upwards, or above them.
/// Beyond the edges the image goes on as its mirror image, as in drizzlepac.
pub(crate) fn over_trails(mask: &BitMask, length: usize, upwards: bool) -> BitMask {
    let (ny, nx) = mask.shape();
    let mut out = BitMask::new(ny, nx);
    out.rows_mut(0).enumerate().for_each(|(y, out)| {
        for step in 1..=length.min(ny) {
            let from = match y.checked_sub(step) {
                Some(from) if upwards => from,
                None if upwards => step - y - 1,
                _ if y + step < ny => y + step,
                _ => (2 * ny - 1).saturating_sub(y + step),
            };
            for (word, from) in out.iter_mut().zip(mask.row(from)) {
                *word |= from;
            }
        }
    });
    out
}

/// Marks only what both mark.
pub(crate) fn keep_common(mask: &mut BitMask, other: &BitMask) {
    combine(mask, other, |word, other| *word &= other);
}

/// Marks what either marks.
pub(crate) fn join(mask: &mut BitMask, other: &BitMask) {
    combine(mask, other, |word, other| *word |= other);
}

fn combine(mask: &mut BitMask, other: &BitMask, operation: impl Fn(&mut u64, u64) + Sync) {
    mask.rows_mut(0).enumerate().for_each(|(y, row)| {
        for (word, other) in row.iter_mut().zip(other.row(y)) {
            operation(word, *other);
        }
    });
}
