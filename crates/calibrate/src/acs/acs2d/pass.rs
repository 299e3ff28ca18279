//! Steps that reference images take part in, one after the other on the same rows while these are in the processor's
//! cache: dark, post-flash, flats, the shutter's shading, and what is measured of the result.

use crate::Result;
use crate::acs::Covering;
use crate::steps::rows::{RowMut, divide, split, subtract, sum_good};
use crate::steps::shading::{Scratch, lengthen};
use crate::steps::statistics::{LANES, Tally, tallies};
use crate::steps::{DarkReport, FlashReport, ReferenceRows, Statistics, check_shapes_of};
use firstlight_frame::{Frame, FrameBuffer, Planes};
use rayon::prelude::*;
use std::ops::Range;

/// Rows that are worked on at a time.
pub(in crate::acs) const ROWS: usize = LANES;

/// The steps of one chip.
#[derive(Debug, Default)]
pub(in crate::acs) struct Pass {
    /// The dark, e/s, and the time that it builds up in, s.
    pub dark: Option<(Covering, f32)>,
    /// The post-flash image, e/s, and how long the lamp was on, s.
    pub flash: Option<(Covering, f32)>,
    /// Flats, in their order.
    pub flats: Vec<Covering>,
    /// The time that the shutter adds, s, and that of an exposure, s.
    pub shading: Option<(Covering, f32)>,
    /// DQ bits of pixels that are left out of what is measured.
    pub serious: u16,
}

/// Memory for rows of reference images.
#[derive(Debug, Default)]
pub(in crate::acs) struct PassBuffers {
    dark: FrameBuffer,
    flash: FrameBuffer,
    flats: Vec<FrameBuffer>,
    shading: FrameBuffer,
    scratch: Scratch,
}

/// What was measured of one row.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::acs) struct OfRow {
    dark: (f64, usize),
    flash: (f64, usize),
    statistics: Tally,
}

/// What was measured of a chip.
#[derive(Debug, Clone)]
pub(in crate::acs) struct Measured {
    pub dark: Option<DarkReport>,
    pub flash: Option<FlashReport>,
    pub statistics: Statistics,
}

impl Pass {
    /// Does the steps to up to [`ROWS`] rows of `nx` pixels, the first of which is row `first` of the chip; gives what was measured
    /// of each.
    pub fn rows(
        &self,
        first: usize,
        mut block: RowMut<'_>,
        nx: usize,
        buffers: &mut PassBuffers,
    ) -> Result<Vec<OfRow>> {
        let rows = first..first + block.sci.len() / nx.max(1);
        let PassBuffers {
            dark,
            flash,
            flats,
            shading,
            scratch,
        } = buffers;
        let mut measured = vec![OfRow::default(); rows.len()];
        if let Some((dark, seconds)) = read(&self.dark, rows.clone(), dark)? {
            let rows = split(block.again(), nx).zip(rows_of(dark, nx));
            for ((row, dark), found) in rows.zip(&mut measured) {
                subtract(row, dark, seconds);
                found.dark = sum_good(dark, self.serious, seconds);
            }
        }
        if let Some((flash, seconds)) = read(&self.flash, rows.clone(), flash)? {
            let rows = split(block.again(), nx).zip(rows_of(flash, nx));
            for ((row, flash), found) in rows.zip(&mut measured) {
                subtract(row, flash, seconds);
                found.flash = sum_good(flash, self.serious, seconds);
            }
        }
        flats.resize_with(self.flats.len(), FrameBuffer::default);
        for (flat, buffer) in self.flats.iter().zip(flats) {
            let flat = ReferenceRows::rows(flat, rows.clone(), buffer)?;
            for (row, flat) in split(block.again(), nx).zip(rows_of(flat, nx)) {
                divide(row, flat.sci, flat.err, flat.dq);
            }
        }
        if let Some((shading, seconds)) = read(&self.shading, rows.clone(), shading)? {
            for (row, shading) in split(block.again(), nx).zip(rows_of(shading, nx)) {
                lengthen(row, shading, seconds, scratch);
            }
        }
        let RowMut { sci, err, dq } = block;
        let found = tallies(Planes { sci, err, dq }, nx, self.serious);
        for (row, statistics) in measured.iter_mut().zip(found) {
            row.statistics = statistics;
        }
        Ok(measured)
    }

    /// Does the steps to all of a frame, in place.
    ///
    /// # Errors
    /// [`crate::Error::Shape`] where its planes differ in shape; what reading reference images meets: the frame is not to
    /// be used then.
    pub fn over(&self, frame: &mut Frame) -> Result<Measured> {
        check_shapes_of(frame)?;
        let nx = frame.sci.nx().max(1);
        let sci = frame.sci.as_mut_slice().par_chunks_mut(ROWS * nx);
        let err = frame.err.as_mut_slice().par_chunks_mut(ROWS * nx);
        let dq = frame.dq.as_mut_slice().par_chunks_mut(ROWS * nx);
        let blocks = sci.zip(err).zip(dq).enumerate();
        let measured = blocks.map_init(PassBuffers::default, |buffers, (block, ((sci, err), dq))| {
            self.rows(block * ROWS, RowMut { sci, err, dq }, nx, buffers)
        });
        let measured = measured.collect::<Result<Vec<_>>>()?;
        Ok(self.measured(measured.iter().flatten(), nx))
    }

    /// What is measured of a chip, by what was of its rows.
    pub fn measured<'r>(&self, rows: impl Iterator<Item = &'r OfRow> + Clone, nx: usize) -> Measured {
        let dark = rows.clone().map(|row| row.dark);
        let flash = rows.clone().map(|row| row.flash);
        Measured {
            dark: self.dark.as_ref().map(|_| DarkReport::of_rows(dark)),
            flash: self.flash.as_ref().map(|_| FlashReport::of_rows(flash, nx)),
            statistics: Statistics::of_rows(rows.map(|row| &row.statistics)),
        }
    }
}

fn read<'b>(
    of: &'b Option<(Covering, f32)>,
    rows: Range<usize>,
    buffer: &'b mut FrameBuffer,
) -> Result<Option<(Planes<'b>, f32)>> {
    match of {
        Some((covering, scale)) => Ok(Some((ReferenceRows::rows(covering, rows, buffer)?, *scale))),
        None => Ok(None),
    }
}

fn rows_of(block: Planes<'_>, nx: usize) -> impl Iterator<Item = Planes<'_>> {
    let err = block.err.chunks_exact(nx);
    let dq = block.dq.chunks_exact(nx);
    block
        .sci
        .chunks_exact(nx)
        .zip(err.zip(dq))
        .map(|(sci, (err, dq))| Planes { sci, err, dq })
}
