//! Many columns sorted side by side.

/// Columns that are looked at together.
pub(super) const COLUMNS: usize = 16;

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
    pub(super) fn sort<T: Copy + PartialOrd>(&self, lines: &mut [[T; COLUMNS]]) {
        let Some(lines) = lines.get_mut(..self.count) else {
            return;
        };
        for &(low, high) in &self.pairs {
            let (mut below, mut above) = (lines[low], lines[high]);
            exchange(&mut below, &mut above);
            (lines[low], lines[high]) = (below, above);
        }
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
