//! Many columns sorted side by side.

/// Columns that are looked at together.
pub(super) const COLUMNS: usize = 16;

/// Sorts all columns side by side by exchanges that do not depend on the samples: K. E. Batcher's odd-even merges
/// (Knuth, The Art of Computer Programming 3, 5.2.2, algorithm M).
#[inline(always)]
pub(super) fn merge_sort<T: Copy + PartialOrd>(lines: &mut [[T; COLUMNS]]) {
    let count = lines.len();
    let mut merged = 1;
    while merged < count {
        let mut apart = merged;
        while apart > 0 {
            for first in (apart % merged..count.saturating_sub(apart)).step_by(2 * apart) {
                for low in first..(first + apart).min(count - apart) {
                    // Only within what is being merged, whose length is a power of two.
                    if low ^ (low + apart) < 2 * merged {
                        let (below, above) = lines.split_at_mut(low + apart);
                        exchange(&mut below[low], &mut above[0]);
                    }
                }
            }
            apart /= 2;
        }
        merged *= 2;
    }
}

/// Puts the lower of each pair below.
#[inline(always)]
pub(super) fn exchange<T: Copy + PartialOrd>(below: &mut [T; COLUMNS], above: &mut [T; COLUMNS]) {
    for (below, above) in below.iter_mut().zip(above) {
        let swap = *above < *below;
        (*below, *above) = if swap { (*above, *below) } else { (*below, *above) };
    }
}
