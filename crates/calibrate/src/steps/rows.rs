//! Walking a frame row by row, in parallel.

use firstlight_frame::Frame;
pub(crate) use firstlight_frame::Planes as Row;
use rayon::prelude::*;

/// One row of a frame, to be changed.
pub(crate) struct RowMut<'a> {
    pub sci: &'a mut [f32],
    pub err: &'a mut [f32],
    pub dq: &'a mut [u16],
}

impl RowMut<'_> {
    /// The same, for a while.
    pub fn again(&mut self) -> RowMut<'_> {
        RowMut {
            sci: self.sci,
            err: self.err,
            dq: self.dq,
        }
    }
}

/// The rows of a frame, in order; its planes have equal shapes.
pub(super) fn rows_mut(frame: &mut Frame) -> impl IndexedParallelIterator<Item = RowMut<'_>> {
    let nx = frame.sci.nx().max(1);
    let sci = frame.sci.as_mut_slice().par_chunks_exact_mut(nx);
    let err = frame.err.as_mut_slice().par_chunks_exact_mut(nx);
    let dq = frame.dq.as_mut_slice().par_chunks_exact_mut(nx);
    sci.zip(err)
        .zip(dq)
        .map(|((sci, err), dq)| RowMut { sci, err, dq })
}

/// The rows of `nx` pixels that a block consists of, in order.
pub(crate) fn split(block: RowMut<'_>, nx: usize) -> impl Iterator<Item = RowMut<'_>> {
    let sci = block.sci.chunks_exact_mut(nx);
    let err = block.err.chunks_exact_mut(nx);
    let dq = block.dq.chunks_exact_mut(nx);
    sci.zip(err)
        .zip(dq)
        .map(|((sci, err), dq)| RowMut { sci, err, dq })
}

/// As [`rows_mut`], to be read.
pub(super) fn rows(frame: &Frame) -> impl IndexedParallelIterator<Item = Row<'_>> {
    let nx = frame.sci.nx().max(1);
    let sci = frame.sci.as_slice().par_chunks_exact(nx);
    let err = frame.err.as_slice().par_chunks_exact(nx);
    let dq = frame.dq.as_slice().par_chunks_exact(nx);
    sci.zip(err).zip(dq).map(|((sci, err), dq)| Row { sci, err, dq })
}

/// Runs a loop with the widest vectors that the processor has. Results are the same bits with any: nothing is
/// contracted or reordered.
pub(crate) fn widest<T>(work: impl FnOnce() -> T) -> T {
    struct Work<F>(F);
    impl<T, F: FnOnce() -> T> pulp::NullaryFnOnce for Work<F> {
        type Output = T;
        #[inline(always)]
        fn call(self) -> T {
            (self.0)()
        }
    }
    pulp::Arch::new().dispatch(Work(work))
}

/// Subtracts `scale` times `reference` from a row: errors add in quadrature, DQ bits are combined.
pub(crate) fn subtract(row: RowMut<'_>, reference: Row<'_>, scale: f32) {
    widest(
        #[inline(always)]
        || {
            for (sci, &level) in row.sci.iter_mut().zip(reference.sci) {
                *sci -= scale * level;
            }
            for (err, &error) in row.err.iter_mut().zip(reference.err) {
                let error = scale * error;
                *err = (*err * *err + error * error).sqrt();
            }
            for (dq, &bits) in row.dq.iter_mut().zip(reference.dq) {
                *dq |= bits;
            }
        },
    );
}

/// Divides a row by `factor` ± `error`: `ERR = √((e/f)² + (E·s/f/f)²)`, and DQ bits are combined. Where `factor` is 0
/// the sample stays as it is and has the bit [`BAD_REFERENCE`](super::BAD_REFERENCE).
pub(crate) fn divide(row: RowMut<'_>, factor: &[f32], error: &[f32], bits: &[u16]) {
    widest(
        #[inline(always)]
        || {
            let frame = row.sci.iter_mut().zip(row.err.iter_mut());
            for ((sci, err), (&factor, &error)) in frame.zip(factor.iter().zip(error)) {
                let (own, others) = (*err / factor, error * *sci / factor / factor);
                let (quotient, error) = (*sci / factor, (own * own + others * others).sqrt());
                *sci = if factor == 0.0 { *sci } else { quotient };
                *err = if factor == 0.0 { *err } else { error };
            }
            for (dq, (&factor, &bits)) in row.dq.iter_mut().zip(factor.iter().zip(bits)) {
                let undefined = u16::from(factor == 0.0) * super::BAD_REFERENCE;
                *dq |= bits | undefined;
            }
        },
    );
}

/// How many samples are no numbers.
pub(crate) fn not_finite(samples: &[f32]) -> usize {
    widest(
        #[inline(always)]
        || {
            samples
                .iter()
                .map(|sample| u32::from(!sample.is_finite()))
                .sum::<u32>() as usize
        },
    )
}

/// Samples that are summed side by side.
const LANES: usize = 16;

/// The sum of `scale` times the samples without any of the bits `serious`, every sixteenth on its own, and their number.
pub(crate) fn sum_good(row: Row<'_>, serious: u16, scale: f32) -> (f64, usize) {
    let (mut sums, mut good) = ([0.0f64; LANES], [0u32; LANES]);
    widest(
        #[inline(always)]
        || {
            let mut add = |samples: &[f32], bits: &[u16]| {
                for (lane, (&sample, &bits)) in samples.iter().zip(bits).enumerate() {
                    let is_good = bits & serious == 0;
                    sums[lane] += f64::from(if is_good { scale * sample } else { 0.0 });
                    good[lane] += u32::from(is_good);
                }
            };
            let (samples, bits) = (row.sci.chunks_exact(LANES), row.dq.chunks_exact(LANES));
            let rest = (samples.remainder(), bits.remainder());
            samples.zip(bits).for_each(|(samples, bits)| add(samples, bits));
            add(rest.0, rest.1);
        },
    );
    (sums.iter().sum(), good.iter().map(|&good| good as usize).sum())
}

#[cfg(test)]
pub(super) mod tests {
    use firstlight_frame::{Frame, Image};

    /// A frame with the same value in all pixels.
    pub fn frame(ny: usize, nx: usize, sci: f32, err: f32, dq: u16) -> Frame {
        Frame {
            sci: Image::filled(ny, nx, sci),
            err: Image::filled(ny, nx, err),
            dq: Image::filled(ny, nx, dq),
        }
    }
}
