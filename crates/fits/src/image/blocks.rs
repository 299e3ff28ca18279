//! An image read block by block, into memory that is used again.

use std::ops::Range;
use std::path::PathBuf;

use super::fill::Physical;
use super::sample::{Sample, Stored};
use super::scaling::Scaling;
use super::{check_kind, read};
use crate::source::Reader;
use crate::{Array, Error, FitsFile, Hdu, HduKind, Result};

/// A two-dimensional image whose blocks of rows and columns are read as they are needed, also by several threads at
/// once. The file stays open; of images that stand in it as they are, no more is in memory than a block.
#[derive(Debug)]
pub struct ImageBlocks<T> {
    path: PathBuf,
    label: String,
    shape: (usize, usize),
    samples: Samples<T>,
}

#[derive(Debug)]
enum Samples<T> {
    /// All alike.
    Constant(T),
    /// In the file.
    Stored {
        reader: Reader,
        offset: u64,
        scaling: Scaling,
    },
    /// Unpacked from tiles.
    Unpacked(Vec<T>),
}

/// Memory of a block, for one block after another.
#[derive(Debug, Default)]
pub struct BlockBuffer<T> {
    samples: Vec<T>,
    bytes: Vec<u8>,
}

impl<T: Sample> ImageBlocks<T> {
    pub(crate) fn open(file: &FitsFile, hdu: &Hdu) -> Result<Self> {
        let of = |shape: &[usize]| match shape {
            [front @ .., ny, nx] if front.iter().all(|&n| n == 1) => Ok((*ny, *nx)),
            other => Err(Error::WrongShape {
                expected: "an image of two axes".to_owned(),
                found: format!("an array of shape {other:?}"),
            }),
        };
        let (shape, samples) = match hdu.constant() {
            Some((shape, value)) => {
                let value = T::from_f64(value).ok_or_else(|| out_of_range::<T>(0, value))?;
                (of(&shape)?, Samples::Constant(value))
            }
            None => {
                check_kind(hdu)?;
                let shape: Vec<usize> = hdu.dimensions().iter().rev().copied().collect();
                (of(&shape)?, Samples::open(file, hdu)?)
            }
        };
        Ok(Self {
            path: file.path().to_owned(),
            label: hdu.label(),
            shape,
            samples,
        })
    }

    /// Lengths of the axes, `(ny, nx)`.
    pub fn shape(&self) -> (usize, usize) {
        self.shape
    }

    /// Reads a block into `buffer`, on the calling thread: physical values row after row, as
    /// [`FitsFile::image_block`] gives them.
    ///
    /// # Errors
    /// As [`FitsFile::image_block`].
    pub fn read<'b>(
        &self,
        rows: Range<usize>,
        columns: Range<usize>,
        buffer: &'b mut BlockBuffer<T>,
    ) -> Result<&'b [T]> {
        let BlockBuffer { samples, bytes } = buffer;
        samples.resize(rows.len().saturating_mul(columns.len()), T::default());
        self.read_into(rows, columns, samples, bytes)?;
        Ok(samples)
    }

    /// [`ImageBlocks::read`] into a place of just the size of the block. What stands in the file goes through `bytes`,
    /// memory for one block after another.
    ///
    /// # Errors
    /// As [`FitsFile::image_block`]; [`Error::WrongShape`] for a place of another size.
    pub fn read_into(
        &self,
        rows: Range<usize>,
        columns: Range<usize>,
        out: &mut [T],
        bytes: &mut Vec<u8>,
    ) -> Result<()> {
        self.fill(rows, columns, out, bytes)
            .map_err(|error| error.in_hdu(&self.path, &self.label))
    }

    fn fill(
        &self,
        rows: Range<usize>,
        columns: Range<usize>,
        samples: &mut [T],
        bytes: &mut Vec<u8>,
    ) -> Result<()> {
        let (ny, nx) = self.shape;
        if rows.start > rows.end || rows.end > ny || columns.start > columns.end || columns.end > nx {
            return Err(Error::WrongShape {
                expected: format!("rows and columns among the image's {ny} and {nx}"),
                found: format!("rows {rows:?} and columns {columns:?}"),
            });
        }
        if samples.len() != rows.len() * columns.len() {
            return Err(Error::WrongShape {
                expected: format!("place for {} rows of {} samples", rows.len(), columns.len()),
                found: format!("place for {} samples", samples.len()),
            });
        }
        // Whole rows lie one after another.
        let whole = columns.len() == nx;
        let at_once = if whole { samples.len() } else { columns.len() };
        let starts = rows.map(|y| y * nx + columns.start);
        for (first, out) in starts.zip(samples.chunks_mut(at_once.max(1))) {
            match &self.samples {
                Samples::Constant(value) => out.fill(*value),
                Samples::Unpacked(all) => out.copy_from_slice(&all[first..first + out.len()]),
                Samples::Stored {
                    reader,
                    offset,
                    scaling,
                } => stored(reader, *offset, *scaling, first, out, bytes)?,
            }
        }
        Ok(())
    }
}

impl<T: Sample> Samples<T> {
    fn open(file: &FitsFile, hdu: &Hdu) -> Result<Self> {
        if hdu.kind() == HduKind::CompressedImage {
            let all: Array<T> = read(file, hdu, None)?;
            return Ok(Samples::Unpacked(all.data));
        }
        hdu.check_whole()?;
        Ok(Samples::Stored {
            reader: file.reader()?,
            offset: hdu.data_offset,
            scaling: Scaling::of(hdu.header())?,
        })
    }
}

/// Samples from `first` on, out of a file.
fn stored<T: Sample>(
    reader: &Reader,
    offset: u64,
    scaling: Scaling,
    first: usize,
    out: &mut [T],
    bytes: &mut Vec<u8>,
) -> Result<()> {
    let size = scaling.bitpix.unsigned_abs() as usize / 8;
    let bytes = reader.bytes(offset + first as u64 * size as u64, out.len() * size, bytes)?;
    match scaling.bitpix {
        8 => convert::<u8, T>(scaling, bytes, first, out),
        16 => convert::<i16, T>(scaling, bytes, first, out),
        32 => convert::<i32, T>(scaling, bytes, first, out),
        64 => convert::<i64, T>(scaling, bytes, first, out),
        -32 => convert::<f32, T>(scaling, bytes, first, out),
        _ => convert::<f64, T>(scaling, bytes, first, out),
    }
}

fn convert<R: Stored, T: Sample>(scaling: Scaling, bytes: &[u8], first: usize, out: &mut [T]) -> Result<()> {
    let samples = bytes.chunks_exact(R::SIZE).map(R::get);
    match Physical::of(scaling).convert(samples.clone(), out) {
        None => Ok(()),
        Some(at) => {
            let value = samples.clone().nth(at).map_or(f64::NAN, R::real);
            Err(out_of_range::<T>(first + at, value))
        }
    }
}

fn out_of_range<T: Sample>(index: usize, value: f64) -> Error {
    Error::OutOfRange {
        index,
        value: value.to_string(),
        requested: T::NAME,
    }
}
