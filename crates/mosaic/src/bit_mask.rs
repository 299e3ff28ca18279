//! A yes or no for each pixel of an image, one bit each.

pub(crate) mod spread;

use crate::{Error, Result};
use rayon::prelude::*;
use std::ops::Range;

/// Bits in a word.
const WORD: usize = u64::BITS as usize;

/// One bit for each pixel of an image of shape `(ny, nx)`; a bit that is set marks the pixel as bad.
///
/// Rows begin at whole words, so that threads can share an image out by rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BitMask {
    ny: usize,
    nx: usize,
    words: Vec<u64>,
}

impl BitMask {
    /// A mask of `ny` rows of `nx` pixels with no bit set.
    pub fn new(ny: usize, nx: usize) -> Self {
        Self {
            ny,
            nx,
            words: vec![0; ny.saturating_mul(nx.div_ceil(WORD))],
        }
    }

    /// Rows and columns.
    pub fn shape(&self) -> (usize, usize) {
        (self.ny, self.nx)
    }

    /// Whether the pixel is marked; false outside the image.
    pub fn get(&self, y: usize, x: usize) -> bool {
        x < self.nx
            && self
                .row(y)
                .get(x / WORD)
                .is_some_and(|word| word >> (x % WORD) & 1 == 1)
    }

    /// Marks a pixel; nothing happens outside the image.
    pub fn set(&mut self, y: usize, x: usize) {
        if x >= self.nx {
            return;
        }
        let at = y.saturating_mul(self.words_in_row()) + x / WORD;
        if let Some(word) = self.words.get_mut(at) {
            *word |= 1 << (x % WORD);
        }
    }

    /// Marks a run of pixels of a row; nothing happens outside the image.
    pub fn set_run(&mut self, y: usize, columns: Range<usize>) {
        let end = columns.end.min(self.nx);
        for (word, run) in self.row_mut(y).iter_mut().enumerate() {
            let start = columns.start.max(word * WORD);
            let end = end.min((word + 1) * WORD);
            if start < end {
                *run |= (u64::MAX >> (WORD - (end - start))) << (start % WORD);
            }
        }
    }

    /// Takes the marks off a run of pixels of a row, from column `first` on, that have weight.
    pub fn clear_weighted(&mut self, y: usize, first: usize, weights: &[f32]) {
        let end = (first + weights.len()).min(self.nx);
        let words = first / WORD..end.div_ceil(WORD);
        let Some(row) = self.row_mut(y).get_mut(words.clone()) else {
            return;
        };
        for (k, marks) in words.zip(row) {
            if *marks == 0 {
                continue;
            }
            let start = first.max(k * WORD);
            let weights = weights.get(start - first..end.min((k + 1) * WORD) - first);
            let weighted = weights.unwrap_or(&[]).iter().enumerate();
            let weighted = weighted.fold(0, |marks, (at, weight)| marks | u64::from(*weight != 0.0) << at);
            *marks &= !(weighted << (start % WORD));
        }
    }

    /// The words of a row: pixel `x` is bit `x % 64` of word `x / 64`, bits beyond the last pixel are 0. Empty
    /// outside the image.
    pub fn row(&self, y: usize) -> &[u64] {
        let words = self.words_in_row();
        let start = y.saturating_mul(words);
        self.words.get(start..start.saturating_add(words)).unwrap_or(&[])
    }

    /// The columns of the marked pixels of a row among `columns`, counted from the first of these, in ascending order.
    pub fn marked(&self, y: usize, columns: Range<usize>) -> impl Iterator<Item = usize> + '_ {
        let columns = columns.start..columns.end.min(self.nx);
        let words = columns.start / WORD..columns.end.div_ceil(WORD);
        let words = words.filter_map(move |k| Some((k, *self.row(y).get(k)?)));
        // Most words have no pixel marked.
        let marked = words.filter(|(_, word)| *word != 0).flat_map(|(k, word)| {
            let next = |left: &u64| Some(left & left.wrapping_sub(1));
            let lefts = std::iter::successors(Some(word), next).take_while(|left| *left != 0);
            lefts.map(move |left| WORD * k + left.trailing_zeros() as usize)
        });
        let Range { start, end } = columns;
        marked
            .filter(move |x| (start..end).contains(x))
            .map(move |x| x - start)
    }

    /// The words of all rows from row `first` on, a row after the other; see [`BitMask::row`] for their layout.
    pub(crate) fn rows_mut(&mut self, first: usize) -> impl IndexedParallelIterator<Item = &mut [u64]> {
        let words = self.words_in_row();
        let start = first.saturating_mul(words).min(self.words.len());
        self.words[start..].par_chunks_mut(words.max(1))
    }

    /// All words, so many at a time; see [`BitMask::row`] for their layout.
    pub(crate) fn words_mut(&mut self, many: usize) -> impl IndexedParallelIterator<Item = &mut [u64]> {
        self.words.par_chunks_mut(many.max(1))
    }

    /// The words of one row; see [`BitMask::row`].
    pub(crate) fn row_mut(&mut self, y: usize) -> &mut [u64] {
        let words = self.words_in_row();
        let start = y.saturating_mul(words);
        self.words
            .get_mut(start..start.saturating_add(words))
            .unwrap_or(&mut [])
    }

    /// How many words a row has.
    pub(crate) fn words_in_row(&self) -> usize {
        self.nx.div_ceil(WORD)
    }

    /// How many pixels are marked.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Marks also what another mask of the same shape marks.
    ///
    /// # Errors
    /// [`Error::Shape`] where the shapes differ.
    pub fn or(&mut self, other: &Self) -> Result<()> {
        if self.shape() != other.shape() {
            return Err(Error::Shape {
                what: "mask",
                expected: self.shape(),
                found: other.shape(),
            });
        }
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
        Ok(())
    }

    /// Size in memory.
    pub fn bytes(&self) -> u64 {
        8 * self.words.len() as u64
    }
}

/// Packs answers into a word, the first into the lowest bit.
#[inline(always)]
pub(crate) fn packed(answers: &[bool; WORD]) -> u64 {
    /// Moves the lowest bit of the `i`-th byte to bit `56 + i`.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let (eights, _) = answers.as_chunks::<8>();
    let byte = |eight: &[bool; 8]| u64::from_le_bytes(eight.map(u8::from)).wrapping_mul(GATHER) >> 56;
    let bytes = eights.iter().enumerate();
    bytes.fold(0, |word, (k, eight)| word | byte(eight) << (8 * k))
}

/// As [`packed`], from up to 64 answers that come one by one.
#[inline(always)]
pub(crate) fn packed_of(answers: impl Iterator<Item = bool>) -> u64 {
    let (mut all, mut any) = ([false; WORD], false);
    for (slot, answer) in all.iter_mut().zip(answers) {
        *slot = answer;
        any |= answer;
    }
    // Few are, as a rule.
    if any { packed(&all) } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_where_they_were_put() {
        let mut mask = BitMask::new(3, 130);
        for (y, x) in [
            (0, 0),
            (1, 63),
            (1, 64),
            (2, 129),
            (2, 130),
            (3, 0),
            (usize::MAX, 1),
        ] {
            mask.set(y, x);
        }
        let marked: Vec<_> = (0..4)
            .flat_map(|y| (0..200).map(move |x| (y, x)))
            .filter(|(y, x)| mask.get(*y, *x))
            .collect();
        assert_eq!(marked, [(0, 0), (1, 63), (1, 64), (2, 129)]);
        assert_eq!(mask.count(), 4);
        assert_eq!(mask.row(1), [1 << 63, 1, 0]);
        assert!(mask.row(3).is_empty());
    }

    #[test]
    fn runs_are_marked_and_weighted_pixels_cleared() {
        for (start, end) in [(0, 130), (3, 64), (63, 65), (64, 128), (100, 200), (7, 7)] {
            let mut mask = BitMask::new(2, 130);
            mask.set_run(1, start..end);
            let expected: Vec<usize> = (start..end.min(130)).collect();
            assert_eq!(mask.marked(1, 0..130).collect::<Vec<_>>(), expected);
            assert_eq!(mask.marked(0, 0..130).count(), 0);
            for first in [0, 5, 64, 70, 129] {
                let mut mask = mask.clone();
                let weights: Vec<f32> = (0..60).map(|k| (k % 3) as f32).collect();
                mask.clear_weighted(1, first, &weights);
                let missing = |x: &usize| *x < first || *x >= first + 60 || (*x - first).is_multiple_of(3);
                let expected: Vec<usize> = expected.iter().copied().filter(missing).collect();
                assert_eq!(mask.marked(1, 0..130).collect::<Vec<_>>(), expected, "{first}");
                mask.clear_weighted(9, first, &weights);
            }
        }
    }

    #[test]
    fn marked_pixels_of_some_columns() {
        let mut mask = BitMask::new(2, 200);
        for x in [0, 5, 63, 64, 127, 130, 199] {
            mask.set(1, x);
        }
        let of = |y, columns| mask.marked(y, columns).collect::<Vec<_>>();
        assert_eq!(of(1, 0..200), [0, 5, 63, 64, 127, 130, 199]);
        assert_eq!(of(1, 5..128), [0, 58, 59, 122]);
        assert!(of(1, 6..63).is_empty());
        assert_eq!(of(1, 150..9999), [49]);
        assert!(of(0, 0..200).is_empty() && of(7, 0..200).is_empty());
    }

    #[test]
    fn answers_are_packed_in_their_order() {
        for bit in 0..64 {
            let mut answers = [false; 64];
            answers[bit] = true;
            assert_eq!(packed(&answers), 1 << bit);
        }
        let answers: [bool; 64] = std::array::from_fn(|bit| bit % 3 == 0 || bit > 50);
        assert!((0..64).all(|bit| (packed(&answers) >> bit & 1 == 1) == answers[bit]));
    }

    #[test]
    fn masks_join_where_shapes_agree() {
        let (mut a, mut b) = (BitMask::new(2, 5), BitMask::new(2, 5));
        a.set(0, 1);
        b.set(1, 4);
        a.or(&b).unwrap();
        assert!(a.get(0, 1) && a.get(1, 4) && a.count() == 2);
        assert!(matches!(a.or(&BitMask::new(5, 2)), Err(Error::Shape { .. })));
    }

    #[test]
    fn nothing_is_an_image_too() {
        let mask = BitMask::new(0, 0);
        assert_eq!((mask.count(), mask.bytes(), mask.get(0, 0)), (0, 0, false));
        assert_eq!(BitMask::new(4, 0).row(2), [] as [u64; 0]);
    }
}
