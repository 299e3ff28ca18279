//! Reference images, of which a step asks for the rows that it is at.

use super::rows::{Row, RowMut, split};
use crate::Result;
use firstlight_frame::{Frame, FrameBuffer, Image};
use rayon::prelude::*;
use std::ops::Range;

/// Rows of a frame that one task works on at a time: with those of the reference image they stay in the processor's
/// cache.
const ROWS: usize = 16;

/// A reference image under a frame: in memory, or in a file whose rows are read when a step is at them. It need not be
/// in memory as a whole then, and what was read is used while it is in the processor's cache.
pub trait ReferenceRows: Sync {
    /// The shapes `(ny, nx)` of SCI, ERR and DQ.
    fn shapes(&self) -> [(usize, usize); 3];

    /// Some rows; `buffer` holds them where they are not in memory.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn rows<'a>(&'a self, rows: Range<usize>, buffer: &'a mut FrameBuffer) -> Result<Row<'a>>;
}

/// A reference image of SCI alone, as [`ReferenceRows`].
pub trait ReferenceSci: Sync {
    /// Its shape `(ny, nx)`.
    fn shape(&self) -> (usize, usize);

    /// Some rows; `buffer` holds them where they are not in memory.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn rows<'a>(&'a self, rows: Range<usize>, buffer: &'a mut FrameBuffer) -> Result<&'a [f32]>;
}

impl ReferenceRows for Frame {
    fn shapes(&self) -> [(usize, usize); 3] {
        [self.sci.shape(), self.err.shape(), self.dq.shape()]
    }

    fn rows<'a>(&'a self, rows: Range<usize>, _: &'a mut FrameBuffer) -> Result<Row<'a>> {
        Ok(Row {
            sci: of_image(&self.sci, rows.clone()),
            err: of_image(&self.err, rows.clone()),
            dq: of_image(&self.dq, rows),
        })
    }
}

impl ReferenceSci for Image<f32> {
    fn shape(&self) -> (usize, usize) {
        Image::shape(self)
    }

    fn rows<'a>(&'a self, rows: Range<usize>, _: &'a mut FrameBuffer) -> Result<&'a [f32]> {
        Ok(of_image(self, rows))
    }
}

fn of_image<T>(image: &Image<T>, rows: Range<usize>) -> &[T] {
    let (ny, nx) = image.shape();
    let end = rows.end.min(ny);
    &image.as_slice()[rows.start.min(end) * nx..end * nx]
}

/// Does something to each row of a frame by the row of a reference image of the same shape, and gives back what came of
/// it, in the order of the rows.
pub(crate) fn by_reference<T: Send>(
    frame: &mut Frame,
    reference: &impl ReferenceRows,
    each: impl Fn(RowMut<'_>, Row<'_>) -> T + Sync,
) -> Result<Vec<T>> {
    by_reference_at(frame, reference, |_, row, by| each(row, by))
}

/// As [`by_reference`], with the number of the row.
pub(crate) fn by_reference_at<T: Send>(
    frame: &mut Frame,
    reference: &impl ReferenceRows,
    each: impl Fn(usize, RowMut<'_>, Row<'_>) -> T + Sync,
) -> Result<Vec<T>> {
    let nx = frame.sci.nx().max(1);
    let sci = frame.sci.as_mut_slice().par_chunks_mut(ROWS * nx);
    let err = frame.err.as_mut_slice().par_chunks_mut(ROWS * nx);
    let dq = frame.dq.as_mut_slice().par_chunks_mut(ROWS * nx);
    let blocks = sci.zip(err).zip(dq).enumerate();
    let found = blocks.map_init(FrameBuffer::default, |buffer, (block, ((sci, err), dq))| {
        let first = block * ROWS;
        let reference = reference.rows(first..first + sci.len() / nx, buffer)?;
        let rows = split(RowMut { sci, err, dq }, nx);
        let of_reference = reference
            .sci
            .chunks_exact(nx)
            .zip(reference.err.chunks_exact(nx))
            .zip(reference.dq.chunks_exact(nx))
            .map(|((sci, err), dq)| Row { sci, err, dq });
        let pairs = (first..).zip(rows.zip(of_reference));
        Ok(pairs.map(|(y, (row, by))| each(y, row, by)).collect())
    });
    Ok(found
        .collect::<Result<Vec<Vec<T>>>>()?
        .into_iter()
        .flatten()
        .collect())
}
