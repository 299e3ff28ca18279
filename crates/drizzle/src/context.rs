//! Which images have given something to which pixels of the output, while it is being made: a bit for each pixel, image
//! by image, so that marking the pixels of a box takes little and what is marked stays in the cache.

use crate::{Error, Result};
use std::ops::Range;

/// Bits in a plane of the context image.
const IMAGES_PER_PLANE: usize = 32;
/// Pixels beside one another whose bits are in one word.
const PIXELS: usize = 64;

/// Planes of the context image for so many images.
pub(crate) fn planes(images: usize) -> usize {
    images.div_ceil(IMAGES_PER_PLANE)
}

/// Bytes that the bits of a row of `nx` pixels take for so many images.
pub(crate) fn row_bytes(nx: usize, images: usize) -> u64 {
    (words(nx) * size_of::<u64>()) as u64 * images as u64
}

/// Words for a row of `nx` pixels.
fn words(nx: usize) -> usize {
    nx.div_ceil(PIXELS)
}

/// The bits of all images, for each pixel of the output or of some rows of it.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    ny: usize,
    nx: usize,
    /// Row after row; empty for images that have given nothing.
    images: Vec<Vec<u64>>,
}

impl Context {
    /// Nothing is marked.
    pub(crate) fn new(ny: usize, nx: usize) -> Self {
        Self {
            ny,
            nx,
            images: Vec::new(),
        }
    }

    /// Begins anew with `ny` rows of `nx` pixels.
    pub(crate) fn restart(&mut self, ny: usize, nx: usize) {
        (self.ny, self.nx) = (ny, nx);
        self.images.iter_mut().for_each(Vec::clear);
    }

    /// Makes room for an image.
    pub(crate) fn reserve(&mut self, image: usize) -> Result<()> {
        let (ny, nx) = (self.ny, self.nx);
        let too_large = || Error::TooLarge { nx, ny };
        if image >= self.images.len() {
            let missing = image + 1 - self.images.len();
            self.images.try_reserve(missing).map_err(|_| too_large())?;
            self.images.resize(image + 1, Vec::new());
        }
        let bits = &mut self.images[image];
        if bits.is_empty() {
            let len = words(nx).checked_mul(ny).ok_or_else(too_large)?;
            bits.try_reserve_exact(len).map_err(|_| too_large())?;
            bits.resize(len, 0);
        }
        Ok(())
    }

    /// The bits of some rows of an image, in pieces of `height` rows.
    pub(crate) fn pieces(
        &mut self,
        image: usize,
        rows: Range<usize>,
        height: usize,
    ) -> Option<std::slice::ChunksMut<'_, u64>> {
        let words = words(self.nx);
        let bits = self.images.get_mut(image)?;
        let bits = bits.get_mut(rows.start * words..rows.end * words)?;
        Some(bits.chunks_mut((height * words).max(1)))
    }

    /// Planes that the images so far need.
    pub(crate) fn planes(&self) -> usize {
        planes(self.images.len())
    }

    /// Puts some rows of a plane of the context image in place of what is in `out`.
    pub(crate) fn plane_rows(&self, plane: usize, rows: Range<usize>, out: &mut Vec<i32>) {
        let words = words(self.nx);
        out.clear();
        out.resize(rows.len() * self.nx, 0);
        let images = self.images.iter().skip(plane * IMAGES_PER_PLANE);
        for (k, bits) in images.take(IMAGES_PER_PLANE).enumerate() {
            let Some(bits) = bits.get(rows.start * words..rows.end * words) else {
                continue;
            };
            let bit = 1 << k;
            let rows = bits
                .chunks_exact(words.max(1))
                .zip(out.chunks_exact_mut(self.nx.max(1)));
            pulp::Arch::new().dispatch(
                #[inline(always)]
                || {
                    for (bits, out) in rows {
                        for (word, out) in bits.iter().zip(out.chunks_mut(PIXELS)) {
                            if *word != 0 {
                                add_bit(*word, bit, out);
                            }
                        }
                    }
                },
            );
        }
    }
}

/// Gives a bit to those of up to 64 pixels that are marked in a word.
#[inline(always)]
fn add_bit(word: u64, bit: i32, out: &mut [i32]) {
    let (groups, rest) = out.as_chunks_mut::<8>();
    let mut bytes = word.to_le_bytes().into_iter();
    for (out, byte) in groups.iter_mut().zip(&mut bytes) {
        let marks = &MARKS[usize::from(byte)];
        for k in 0..8 {
            out[k] |= marks[k] & bit;
        }
    }
    let marks = &MARKS[usize::from(bytes.next().unwrap_or(0))];
    for (out, mark) in rest.iter_mut().zip(marks) {
        *out |= mark & bit;
    }
}

/// For each byte all ones where it has a bit.
const MARKS: [[i32; 8]; 256] = {
    let mut marks = [[0; 8]; 256];
    let mut byte = 0;
    while byte < marks.len() {
        let mut k = 0;
        while k < 8 {
            marks[byte][k] = -(((byte >> k) & 1) as i32);
            k += 1;
        }
        byte += 1;
    }
    marks
};

/// The bits of one image in the rows that one thread fills.
pub(crate) struct Marks<'a> {
    /// In a row.
    words: usize,
    bits: &'a mut [u64],
}

impl<'a> Marks<'a> {
    /// For rows of `nx` pixels.
    pub(crate) fn new(nx: usize, bits: &'a mut [u64]) -> Self {
        Self {
            words: words(nx),
            bits,
        }
    }

    /// Marks a pixel.
    #[inline(always)]
    pub(crate) fn mark(&mut self, (x, y): (usize, usize)) {
        if let Some(bits) = self.bits.get_mut(y * self.words + x / PIXELS) {
            *bits |= 1 << (x % PIXELS);
        }
    }

    /// Marks those pixels of a box of `W` columns and `H` rows, of which the first is at `(x, y)`, that `given` has a bit
    /// for, row after row.
    #[inline(always)]
    pub(crate) fn mark_box<const W: usize, const H: usize>(&mut self, (x, y): (usize, usize), given: u64) {
        let (word, first) = (y * self.words + x / PIXELS, x % PIXELS);
        let row = |k: usize| (given >> (k * W)) % (1 << W);
        for k in 0..H {
            if let Some(bits) = self.bits.get_mut(word + k * self.words) {
                *bits |= row(k) << first;
            }
        }
        if first + W > PIXELS {
            for k in 0..H {
                if let Some(bits) = self.bits.get_mut(word + k * self.words + 1) {
                    *bits |= row(k) >> (PIXELS - first);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_marked_across_words_as_pixels_are() {
        const NX: usize = 150;
        for x in [0, 3, 60, 61, 62, 63, 64, 125, 126, 127, 128, 146] {
            let given = 0b1010_0110_1001;
            let mut whole = Context::new(5, NX);
            let mut single = whole.clone();
            for (context, by_box) in [(&mut whole, true), (&mut single, false)] {
                context.reserve(33).unwrap();
                let bits = context.pieces(33, 1..4, 3).unwrap().next().unwrap();
                let mut marks = Marks::new(NX, bits);
                if by_box {
                    marks.mark_box::<4, 3>((x, 0), given);
                } else {
                    let at = (0..12).filter(|k| given >> k & 1 == 1);
                    at.for_each(|k| marks.mark((x + k % 4, k / 4)));
                }
            }
            let (mut a, mut b) = (Vec::new(), Vec::new());
            whole.plane_rows(1, 0..5, &mut a);
            single.plane_rows(1, 0..5, &mut b);
            assert_eq!(a, b, "{x}");
            let marked: Vec<usize> = (0..a.len()).filter(|at| a[*at] == 2).collect();
            let expected = [(0, 0), (3, 0), (1, 1), (2, 1), (1, 2), (3, 2)];
            assert_eq!(marked, expected.map(|(dx, y)| (y + 1) * NX + x + dx), "{x}");
        }
    }

    #[test]
    fn planes_hold_thirty_two_images_each() {
        let mut context = Context::new(1, 3);
        for image in [0, 31, 33] {
            context.reserve(image).unwrap();
            let bits = context.pieces(image, 0..1, 1).unwrap().next().unwrap();
            Marks::new(3, bits).mark((1, 0));
        }
        assert_eq!(context.planes(), 2);
        let mut rows = Vec::new();
        context.plane_rows(0, 0..1, &mut rows);
        assert_eq!(rows, [0, 1 | 1 << 31, 0]);
        context.plane_rows(1, 0..1, &mut rows);
        assert_eq!(rows, [0, 2, 0]);
        context.restart(2, 2);
        context.plane_rows(0, 0..2, &mut rows);
        assert_eq!(rows, [0; 4]);
    }
}
