//! Steps that reference images take part in, one after the other on the same rows while these are in the processor's
//! cache: dark, post-flash, flats, the shutter's shading, and what is measured of the result.

use crate::Result;
use crate::acs::Covering;
use crate::steps::rows::{RowMut, divide, not_finite, split, subtract, sum_good};
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

/// Memory for the rows of a pass.
#[derive(Debug, Default)]
pub(in crate::acs) struct PassBuffers {
    pub images: ImageBuffers,
    pub scratch: Scratch,
}

/// Memory for rows of reference images.
#[derive(Debug, Default)]
pub(in crate::acs) struct ImageBuffers {
    dark: FrameBuffer,
    flash: FrameBuffer,
    flats: Vec<FrameBuffer>,
    shading: FrameBuffer,
}

/// The rows of the reference images of a pass.
#[derive(Debug)]
pub(in crate::acs) struct PassRows<'b> {
    dark: Option<Planes<'b>>,
    flash: Option<Planes<'b>>,
    flats: Vec<Planes<'b>>,
    shading: Option<Planes<'b>>,
}

/// What was measured of one row.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::acs) struct OfRow {
    dark: (f64, usize),
    flash: (f64, usize),
    not_of_flats: usize,
    statistics: Tally,
}

/// What was measured of a chip.
#[derive(Debug, Clone)]
pub(in crate::acs) struct Measured {
    pub dark: Option<DarkReport>,
    pub flash: Option<FlashReport>,
    /// Pixels of the flats that are no numbers.
    pub not_of_flats: usize,
    pub statistics: Statistics,
}

impl Pass {
    /// Whether the reference images are the same pixels of the same files as those of another pass; what they are
    /// multiplied by may differ.
    pub fn reads_as(&self, other: &Self) -> bool {
        let one = |of: &Option<(Covering, f32)>, other: &Option<(Covering, f32)>| match (of, other) {
            (Some((covering, _)), Some((other, _))) => covering.is_same(other),
            (None, None) => true,
            _ => false,
        };
        one(&self.dark, &other.dark)
            && one(&self.flash, &other.flash)
            && one(&self.shading, &other.shading)
            && self.flats.len() == other.flats.len()
            && self
                .flats
                .iter()
                .zip(&other.flats)
                .all(|(flat, other)| flat.is_same(other))
    }

    /// Reads some rows of the reference images.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn read<'b>(&'b self, rows: Range<usize>, buffers: &'b mut ImageBuffers) -> Result<PassRows<'b>> {
        let ImageBuffers {
            dark,
            flash,
            flats,
            shading,
        } = buffers;
        flats.resize_with(self.flats.len(), FrameBuffer::default);
        let flats = self.flats.iter().zip(flats);
        let flats = flats.map(|(flat, buffer)| ReferenceRows::rows(flat, rows.clone(), buffer));
        Ok(PassRows {
            dark: read(&self.dark, rows.clone(), dark)?,
            flash: read(&self.flash, rows.clone(), flash)?,
            flats: flats.collect::<Result<_>>()?,
            shading: read(&self.shading, rows.clone(), shading)?,
        })
    }

    /// Does the steps to up to [`ROWS`] rows of `nx` pixels by the same rows of the reference images; gives what was
    /// measured of each.
    pub fn apply(
        &self,
        images: &PassRows<'_>,
        mut block: RowMut<'_>,
        nx: usize,
        scratch: &mut Scratch,
    ) -> Vec<OfRow> {
        let mut measured = vec![OfRow::default(); block.sci.len() / nx.max(1)];
        if let (Some(dark), Some((_, seconds))) = (images.dark, &self.dark) {
            let rows = split(block.again(), nx).zip(rows_of(dark, nx));
            for ((row, dark), found) in rows.zip(&mut measured) {
                subtract(row, dark, *seconds);
                found.dark = sum_good(dark, self.serious, *seconds);
            }
        }
        if let (Some(flash), Some((_, seconds))) = (images.flash, &self.flash) {
            let rows = split(block.again(), nx).zip(rows_of(flash, nx));
            for ((row, flash), found) in rows.zip(&mut measured) {
                subtract(row, flash, *seconds);
                found.flash = sum_good(flash, self.serious, *seconds);
            }
        }
        for &flat in &images.flats {
            let rows = split(block.again(), nx).zip(rows_of(flat, nx));
            for ((row, flat), found) in rows.zip(&mut measured) {
                divide(row, flat.sci, flat.err, flat.dq);
                found.not_of_flats += not_finite(flat.sci);
            }
        }
        if let (Some(shading), Some((_, seconds))) = (images.shading, &self.shading) {
            for (row, shading) in split(block.again(), nx).zip(rows_of(shading, nx)) {
                lengthen(row, shading, *seconds, scratch);
            }
        }
        let RowMut { sci, err, dq } = block;
        let found = tallies(Planes { sci, err, dq }, nx, self.serious);
        for (row, statistics) in measured.iter_mut().zip(found) {
            row.statistics = statistics;
        }
        measured
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
            let PassBuffers { images, scratch } = buffers;
            let first = block * ROWS;
            let images = self.read(first..first + sci.len() / nx, images)?;
            Ok(self.apply(&images, RowMut { sci, err, dq }, nx, scratch))
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
            not_of_flats: rows.clone().map(|row| row.not_of_flats).sum(),
            statistics: Statistics::of_rows(rows.map(|row| &row.statistics)),
        }
    }
}

fn read<'b>(
    of: &'b Option<(Covering, f32)>,
    rows: Range<usize>,
    buffer: &'b mut FrameBuffer,
) -> Result<Option<Planes<'b>>> {
    let read = |(covering, _): &'b (Covering, f32)| ReferenceRows::rows(covering, rows, buffer);
    of.as_ref().map(read).transpose()
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
