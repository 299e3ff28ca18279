//! Writing products: an observation in memory as the file that its stage leaves.

use crate::{Result, calendar};
use firstlight_calibrate::acs::{Chip, Observation};
use firstlight_fits::{Card, FitsWriter, Header, Overwrite, Sample};
use firstlight_frame::Image;
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
pub(super) fn write(observation: &Observation, path: &Path, overwrite: Overwrite) -> Result<()> {
    let mut writer = FitsWriter::create(path, overwrite)?;
    writer.empty_primary(&primary(observation, path)?)?;
    for chip in &observation.chips {
        write_chip(&mut writer, chip)?;
    }
    Ok(writer.finish()?)
}

fn primary(observation: &Observation, path: &Path) -> Result<Header> {
    let mut header = made_now(&observation.primary)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    header.set("FILENAME", name.as_ref(), None)?;
    header.set(
        "CAL_VER",
        software(),
        Some("calibration software and its version"),
    )?;
    header.set("NEXTEND", observation.chips.len() * 3, None)?;
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
    blocks.try_for_each_init(Vec::new, |bytes, (block, samples)| {
        let samples = samples.iter().map(|value| stored(*value));
        writer.rows_from(&place, block * ROWS, samples, bytes)
    })?;
    Ok(())
}
