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
pub(super) fn split(block: RowMut<'_>, nx: usize) -> impl Iterator<Item = RowMut<'_>> {
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
pub(super) fn subtract(row: RowMut<'_>, reference: Row<'_>, scale: f32) {
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
pub(super) fn divide(row: RowMut<'_>, factor: &[f32], error: &[f32], bits: &[u16]) {
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

/// The sum of `scale` times the samples without any of the bits `serious`, one after the other, and their number.
pub(super) fn sum_good(row: Row<'_>, serious: u16, scale: f32) -> (f64, usize) {
    let (mut sum, mut good) = (0.0, 0);
    for (&sample, &bits) in row.sci.iter().zip(row.dq) {
        if bits & serious == 0 {
            sum += f64::from(scale * sample);
            good += 1;
        }
    }
    (sum, good)
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
