//! Writing products: an observation in memory as the file that its stage leaves.

use crate::{Result, calendar};
use firstlight_calibrate::acs::{Chip, Observation, RowSink};
use firstlight_calibrate::stis::x1d::ExtractedExposure;
use firstlight_fits::{Card, FitsWriter, Header, ImageRows, Overwrite, Sample};
use firstlight_frame::{Image, Planes};
use rayon::prelude::*;
use std::path::Path;

/// Rows that are put into the file's form at a time.
const ROWS: usize = 32;

/// What is written into the headers of a product as its maker.
pub(super) fn software() -> String {
    format!("firstlight {}", env!("CARGO_PKG_VERSION"))
}

/// Writes an observation: beside the target first, then renamed. ERR and DQ that are the same everywhere are written
/// without pixels, as NPIX1, NPIX2 and PIXVALUE.
///
/// # Errors
/// [`crate::Error::Fits`] where the file is there and `overwrite` refuses, or cannot be written.
pub(crate) fn write(observation: &Observation, path: &Path, overwrite: Overwrite) -> Result<()> {
    let mut writer = FitsWriter::create(path, overwrite)?;
    writer.empty_primary(&primary(observation, path)?)?;
    for chip in &observation.chips {
        write_chip(&mut writer, chip)?;
    }
    Ok(writer.finish()?)
}

/// Writes spectra as [`write`] does images.
///
/// # Errors
/// As [`write`].
pub(crate) fn write_spectra(spectra: &ExtractedExposure, path: &Path, overwrite: Overwrite) -> Result<()> {
    let mut writer = FitsWriter::create(path, overwrite)?;
    writer.empty_primary(&made_as(&spectra.primary, path, spectra.tables.len())?)?;
    for (header, table) in &spectra.tables {
        writer.table(&made_now(header)?, table)?;
    }
    Ok(writer.finish()?)
}

fn primary(observation: &Observation, path: &Path) -> Result<Header> {
    made_as(&observation.primary, path, observation.chips.len() * 3)
}

/// A primary header that tells who wrote the file, its name, and its extensions.
fn made_as(primary: &Header, path: &Path, extensions: usize) -> Result<Header> {
    let mut header = made_now(primary)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    header.set("FILENAME", name.as_ref(), None)?;
    header.set(
        "CAL_VER",
        software(),
        Some("calibration software and its version"),
    )?;
    header.set("NEXTEND", extensions, None)?;
    Ok(header)
}

/// A header whose first cards tell who wrote it and when, without what its pixels once were.
fn made_now(header: &Header) -> Result<Header> {
    let mut header = header.clone();
    header.retain(|card| !["ORIGIN", "DATE", "DATAMIN", "DATAMAX"].contains(&card.keyword()));
    let date = Card::new(
        "DATE",
        calendar::today(),
        Some("date this file was written (yyyy-mm-dd)"),
    )?;
    header.insert(0, date);
    header.insert(0, Card::new("ORIGIN", software(), Some("FITS file originator"))?);
    Ok(header)
}

fn write_chip(writer: &mut FitsWriter, chip: &Chip) -> Result<()> {
    let frame = &chip.frame;
    write_image(writer, &made_now(&chip.sci)?, &frame.sci, |value| value)?;
    let err = made_now(&chip.err)?;
    match constant(&frame.err) {
        Some(value) if value.is_finite() => {
            writer.constant(&err, frame.err.shape(), f64::from(value), f32::BITPIX)?;
        }
        _ => write_image(writer, &err, &frame.err, |value| value)?,
    }
    let dq = made_now(&chip.dq)?;
    // The sixteenth bit makes DQ negative, as the field's files have it.
    match constant(&frame.dq) {
        Some(bits) => writer.constant(&dq, frame.dq.shape(), f64::from(bits as i16), i16::BITPIX)?,
        None => write_image(writer, &dq, &frame.dq, |bits| bits as i16)?,
    }
    Ok(())
}

/// A product whose rows are written as they come, and whose headers in the end.
pub(super) struct Growing {
    writer: FitsWriter,
    chips: Vec<Places>,
}

/// Where the rows of an imset go.
struct Places {
    sci: ImageRows<f32>,
    err: ImageRows<f32>,
    dq: ImageRows<i16>,
}

impl Growing {
    /// Begins a file of imsets of these shapes, with headers that take as much room as those that will be there.
    pub(super) fn create(
        expected: &Observation,
        shapes: &[(usize, usize)],
        path: &Path,
        overwrite: Overwrite,
    ) -> Result<Self> {
        let mut writer = FitsWriter::create(path, overwrite)?;
        writer.empty_primary(&primary(expected, path)?)?;
        let mut chips = Vec::with_capacity(shapes.len());
        for (chip, &(ny, nx)) in expected.chips.iter().zip(shapes) {
            chips.push(Places {
                sci: writer.reserve_image(&made_now(&chip.sci)?, &[ny, nx])?,
                err: writer.reserve_image(&made_now(&chip.err)?, &[ny, nx])?,
                dq: writer.reserve_image(&made_now(&chip.dq)?, &[ny, nx])?,
            });
        }
        Ok(Self { writer, chips })
    }

    /// Writes the headers, and puts the file in its place. Tells whether it could: not where the headers take more or
    /// less room than those that were expected; there is no file then.
    pub(super) fn finish(mut self, observation: &Observation) -> Result<bool> {
        let path = self.writer.path().to_owned();
        let mut fits = self.writer.replace_primary(&primary(observation, &path)?)?;
        for (chip, places) in observation.chips.iter().zip(&self.chips) {
            let writer = &mut self.writer;
            fits = fits && writer.replace_header(&places.sci, &made_now(&chip.sci)?)?;
            fits = fits && writer.replace_header(&places.err, &made_now(&chip.err)?)?;
            fits = fits && writer.replace_header(&places.dq, &made_now(&chip.dq)?)?;
        }
        if fits {
            self.writer.finish()?;
        }
        Ok(fits)
    }
}

impl RowSink for Growing {
    fn rows(&self, imset: usize, first: usize, rows: Planes<'_>) -> firstlight_calibrate::Result<()> {
        let writer = &self.writer;
        let written = self.chips.get(imset).map_or(Ok(()), |places| {
            writer.rows_from(&places.sci, first, rows.sci.iter().copied())?;
            writer.rows_from(&places.err, first, rows.err.iter().copied())?;
            let dq = rows.dq.iter().map(|&bits| bits as i16);
            writer.rows_from(&places.dq, first, dq)
        });
        Ok(written.map_err(firstlight_frame::Error::from)?)
    }
}

/// The value that all pixels have; None where they differ or there are none.
fn constant<T: Copy + PartialEq + Sync>(image: &Image<T>) -> Option<T> {
    let first = *image.as_slice().first()?;
    let same = |row: &[T]| row.iter().all(|value| *value == first);
    image.as_slice().par_chunks(1 << 14).all(same).then_some(first)
}

/// Writes an image, blocks of rows from several threads at once.
fn write_image<T: Copy + Sync, S: Sample>(
    writer: &mut FitsWriter,
    header: &Header,
    image: &Image<T>,
    stored: impl Fn(T) -> S + Sync,
) -> Result<()> {
    let (ny, nx) = image.shape();
    let place = writer.reserve_image::<S>(header, &[ny, nx])?;
    let writer = &*writer;
    let blocks = image.as_slice().par_chunks((ROWS * nx).max(1)).enumerate();
    blocks.try_for_each(|(block, samples)| {
        let samples = samples.iter().map(|value| stored(*value));
        writer.rows_from(&place, block * ROWS, samples)
    })?;
    Ok(())
}
