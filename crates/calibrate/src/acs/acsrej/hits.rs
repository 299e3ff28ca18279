//! Which pixels of an input were rejected, one bit each.

use firstlight_frame::Image;

/// DQ bit of a pixel that was rejected when exposures were combined.
pub const REJECTED: u16 = 8192;

/// The rejected pixels of one imset of one input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hits {
    ny: usize,
    nx: usize,
    words: Vec<u64>,
}

impl Hits {
    /// None at all.
    pub fn none(ny: usize, nx: usize) -> Self {
        let words = vec![0; ny * Self::words_of(nx)];
        Self { ny, nx, words }
    }

    fn words_of(nx: usize) -> usize {
        nx.div_ceil(64)
    }

    /// `(ny, nx)`.
    pub fn shape(&self) -> (usize, usize) {
        (self.ny, self.nx)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether the pixel at `(x, y)` is one; not so outside the image.
    pub fn contains(&self, x: usize, y: usize) -> bool {
        x < self.nx && y < self.ny && self.row(y)[x / 64] >> (x % 64) & 1 == 1
    }

    fn row(&self, y: usize) -> &[u64] {
        let words = Self::words_of(self.nx);
        &self.words[y * words..(y + 1) * words]
    }

    /// The bits of some rows, to be set; bit `x % 64` of word `x / 64` of a row is pixel `x`.
    pub(crate) fn rows_mut(&mut self, rows: std::ops::Range<usize>) -> impl Iterator<Item = &mut [u64]> {
        let words = Self::words_of(self.nx).max(1);
        self.words.chunks_mut(words).skip(rows.start).take(rows.len())
    }

    /// Sets [`REJECTED`] in the DQ of these pixels and clears it in all others, left from a combination before. A DQ of
    /// another shape is not touched; tells whether it had this one.
    #[must_use]
    pub fn mark(&self, dq: &mut Image<u16>) -> bool {
        if dq.shape() != self.shape() {
            return false;
        }
        for y in 0..self.ny {
            let row = dq.row_mut(y);
            for (bits, &word) in row.chunks_mut(64).zip(self.row(y)) {
                mark_word(bits, word);
            }
        }
        true
    }

    /// As [`Hits::mark`] for the DQ of some rows, one after another, as they are copied from file to file.
    pub fn mark_rows(&self, first_row: usize, dq: &mut [u16]) {
        for (row, bits) in dq.chunks_mut(self.nx.max(1)).enumerate() {
            let y = first_row + row;
            if y >= self.ny {
                return;
            }
            for (bits, &word) in bits.chunks_mut(64).zip(self.row(y)) {
                mark_word(bits, word);
            }
        }
    }
}

fn mark_word(bits: &mut [u16], mut word: u64) {
    bits.iter_mut().for_each(|bits| *bits &= !REJECTED);
    // Few pixels are hit.
    while word != 0 {
        if let Some(bits) = bits.get_mut(word.trailing_zeros() as usize) {
            *bits |= REJECTED;
        }
        word &= word - 1;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn marks_replace_those_of_a_combination_before() {
        let mut hits = Hits::none(2, 130);
        hits.rows_mut(1..2).next().unwrap()[2] = 0b10;
        assert!(hits.contains(129, 1) && !hits.contains(129, 0) && !hits.contains(130, 1));
        assert_eq!(hits.count(), 1);
        let mut dq = Image::filled(2, 130, REJECTED | 4);
        assert!(hits.mark(&mut dq));
        assert_eq!(dq[(1, 129)], REJECTED | 4);
        assert_eq!(dq.as_slice().iter().filter(|&&bits| bits == 4).count(), 259);
        let mut rows = vec![0; 130];
        hits.mark_rows(1, &mut rows);
        assert_eq!((rows[129], rows[128]), (REJECTED, 0));
        assert!(!hits.mark(&mut Image::filled(2, 129, 0)));
    }
}
