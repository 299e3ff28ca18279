//! Pixels: reading, scaling, arrays.

mod array;
mod blocks;
mod compressed;
mod fill;
mod plain;
mod sample;
mod scaling;
mod tile_header;

use std::ops::Range;

pub use array::{Array, ArrayView, Pixels};
pub use blocks::{BlockBuffer, ImageBlocks};
pub use sample::Sample;
pub(crate) use scaling::Scaling;
pub(crate) use tile_header::image_header;

use scaling::Decode;

use crate::{Error, FitsFile, Hdu, HduKind, Result};

/// Reads an image, or some rows of one.
pub(crate) fn read<T: Sample>(file: &FitsFile, hdu: &Hdu, rows: Option<Range<usize>>) -> Result<Array<T>> {
    if let Some((shape, value)) = hdu.constant() {
        return constant(shape, value, rows);
    }
    check_kind(hdu)?;
    let full: Vec<usize> = hdu.dimensions().iter().rev().copied().collect();
    let section = Section::of(full, rows)?;
    match hdu.kind() {
        HduKind::CompressedImage => compressed::Unpacked::new(file, hdu, section)?.decode(),
        _ => plain::Place::new(file, hdu, section)?.decode(),
    }
}

/// Reads some rows and columns of an image, on the calling thread.
pub(crate) fn read_block<T: Sample>(
    file: &FitsFile,
    hdu: &Hdu,
    rows: Range<usize>,
    columns: Range<usize>,
) -> Result<Array<T>> {
    let (full, value) = match hdu.constant() {
        Some((shape, value)) => (shape, Some(value)),
        None => {
            check_kind(hdu)?;
            (hdu.dimensions().iter().rev().copied().collect(), None)
        }
    };
    let width = full.last().copied().unwrap_or(0);
    if columns.start > columns.end || columns.end > width {
        return Err(Error::WrongShape {
            expected: format!("columns among the image's {width}"),
            found: format!("columns {} to {}", columns.start, columns.end),
        });
    }
    if let Some(value) = value {
        Section::of(full, Some(rows.clone()))?;
        return constant(vec![rows.len(), columns.len()], value, None);
    }
    let section = Section::of(full, Some(rows))?;
    match hdu.kind() {
        HduKind::CompressedImage => {
            let all: Array<T> = compressed::Unpacked::new(file, hdu, section)?.decode()?;
            let rows = all.data.chunks_exact(width.max(1));
            let data = rows
                .flat_map(|row| row[columns.clone()].iter().copied())
                .collect();
            Ok(Array {
                shape: vec![all.shape[0], columns.len()],
                data,
            })
        }
        _ => plain::Place::new(file, hdu, section.cut(columns, width))?.decode(),
    }
}

/// Reads an image in the type that suits it.
pub(crate) fn pixels(file: &FitsFile, hdu: &Hdu) -> Result<Pixels> {
    if let Some((shape, value)) = hdu.constant() {
        return Ok(match hdu.header().integer("BITPIX") {
            Some(bitpix) if bitpix > 0 && value.fract() == 0.0 => Pixels::I32(constant(shape, value, None)?),
            Some(-64) => Pixels::F64(constant(shape, value, None)?),
            _ => Pixels::F32(constant(shape, value, None)?),
        });
    }
    check_kind(hdu)?;
    let shape: Vec<usize> = hdu.dimensions().iter().rev().copied().collect();
    let section = Section::of(shape, None)?;
    match hdu.kind() {
        HduKind::CompressedImage => compressed::Unpacked::new(file, hdu, section)?.pixels(),
        _ => plain::Place::new(file, hdu, section)?.pixels(),
    }
}

fn check_kind(hdu: &Hdu) -> Result<()> {
    let found = match hdu.kind() {
        HduKind::Image if hdu.dimensions().is_empty() => "no data",
        HduKind::Image | HduKind::CompressedImage => return Ok(()),
        HduKind::BinTable | HduKind::AsciiTable => "a table",
        HduKind::Groups => "random groups",
        HduKind::Other => "an extension of an unknown type",
    };
    Err(Error::WrongKind {
        expected: "an image",
        found: found.to_owned(),
    })
}

/// The part of an image that is read: consecutive rows, or all of it.
#[derive(Debug)]
struct Section {
    /// Shape of what is read.
    shape: Vec<usize>,
    /// First sample.
    first: u64,
    /// Number of samples.
    count: u64,
    /// The rows, where not all are read.
    rows: Option<Range<usize>>,
    /// From row to row, where not all columns are read.
    stride: Option<usize>,
}

impl Section {
    fn of(mut shape: Vec<usize>, rows: Option<Range<usize>>) -> Result<Self> {
        let count = |shape: &[usize]| {
            shape
                .iter()
                .try_fold(1u64, |n, &axis| n.checked_mul(axis as u64))
                .ok_or(Error::TooLarge { bytes: u64::MAX })
        };
        let mut first = 0;
        if let Some(rows) = &rows {
            let (ny, nx) = match shape.as_slice() {
                [nx] => (1, *nx),
                [front @ .., ny, nx] if front.iter().all(|&n| n == 1) => (*ny, *nx),
                _ => {
                    return Err(Error::WrongShape {
                        expected: "an image of two axes".to_owned(),
                        found: format!("an array of shape {shape:?}"),
                    });
                }
            };
            if rows.start > rows.end || rows.end > ny {
                return Err(Error::WrongShape {
                    expected: format!("rows among the image's {ny}"),
                    found: format!("rows {} to {}", rows.start, rows.end),
                });
            }
            first = (rows.start as u64).saturating_mul(nx as u64);
            shape = vec![rows.len(), nx];
        }
        Ok(Self {
            count: count(&shape)?,
            shape,
            first,
            rows,
            stride: None,
        })
    }
}

impl Section {
    /// Only these of the `width` columns.
    fn cut(mut self, columns: Range<usize>, width: usize) -> Self {
        let rows = self.shape.first().copied().unwrap_or(0);
        self.first += columns.start as u64;
        self.count = rows as u64 * columns.len() as u64;
        self.shape = vec![rows, columns.len()];
        self.stride = Some(width);
        self
    }
}

/// Samples of a constant array beyond which its header is not believed: 16384 × 16384.
const MOST_CONSTANT: u64 = 1 << 28;

fn constant<T: Sample>(shape: Vec<usize>, value: f64, rows: Option<Range<usize>>) -> Result<Array<T>> {
    let section = Section::of(shape, rows)?;
    if section.count > MOST_CONSTANT {
        return Err(Error::TooLarge {
            bytes: section.count.saturating_mul(T::SIZE as u64),
        });
    }
    let value = T::from_f64(value).ok_or_else(|| Error::OutOfRange {
        index: 0,
        value: value.to_string(),
        requested: T::NAME,
    })?;
    let data = if value.to_f64().to_bits() == 0 {
        crate::source::zeroed(section.count)?
    } else {
        let mut data: Vec<T> = crate::source::reserved(section.count)?;
        data.resize(section.count as usize, value);
        data
    };
    Ok(Array {
        shape: section.shape,
        data,
    })
}
