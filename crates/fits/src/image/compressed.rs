//! Images kept as compressed tiles in a binary table.
//!
//! The tiles are unpacked by `fits-well`, which sees the HDU as the only extension of a file in memory.

use fits_well::image::{Data, Region};
use fits_well::{FitsError, FitsReader};

use super::fill::{Physical, fill};
use super::sample::Stored;
use super::scaling::{Decode, Scaling};
use super::{Array, Sample, Section};
use crate::{BLOCK, Error, FitsFile, Hdu, Header, Result};

/// Tiles that unpack to more than this many times their size are taken for damage…
const MOST_EXPANSION: u64 = 10_000;
/// …unless the whole image is smaller than this.
const ALWAYS_ALLOWED: u64 = 1 << 26;

/// Unpacked samples, before scaling.
#[derive(Debug)]
pub(super) struct Unpacked {
    stored: Data,
    scaling: Scaling,
    shape: Vec<usize>,
}

impl Unpacked {
    /// Unpacks the tiles that a section touches.
    pub(super) fn new(file: &FitsFile, hdu: &Hdu, section: Section) -> Result<Self> {
        hdu.check_whole()?;
        let bytes = as_file(file, hdu)?;
        let bitpix = hdu.stored_header().require_integer("ZBITPIX")?;
        let pixels = hdu
            .dimensions()
            .iter()
            .try_fold(1u64, |n, &axis| n.checked_mul(axis as u64));
        let unpacked = pixels
            .and_then(|n| n.checked_mul(bitpix.unsigned_abs() / 8))
            .unwrap_or(u64::MAX);
        if unpacked > ALWAYS_ALLOWED.max(hdu.data_bytes.saturating_mul(MOST_EXPANSION)) {
            let reason = format!("{} bytes cannot hold {unpacked} bytes of pixels", hdu.data_bytes);
            return Err(Error::Damaged { reason });
        }
        let damaged = |error: FitsError| match error {
            FitsError::UnsupportedCompression { .. } => Error::Unsupported {
                feature: error.to_string(),
            },
            other => Error::Damaged {
                reason: other.to_string(),
            },
        };
        let mut reader = FitsReader::from_bytes(&bytes).map_err(damaged)?;
        let mut image = reader.image(1).map_err(damaged)?;
        let mut ranges: Vec<_> = hdu.dimensions().iter().map(|&length| 0..length).collect();
        if let (Some(rows), Some(y)) = (&section.rows, ranges.get_mut(1)) {
            *y = rows.clone();
        }
        let region = if section.rows.is_some() {
            Region::Section(&ranges)
        } else {
            Region::All
        };
        let parts = image.read(region).map_err(damaged)?.into_parts();
        if parts.samples.len() as u64 != section.count {
            return Err(Error::Damaged {
                reason: "the tiles do not make up the image".to_owned(),
            });
        }
        let scaling = Scaling {
            bitpix: match &parts.samples {
                Data::U8(_) => 8,
                Data::I16(_) => 16,
                Data::I32(_) => 32,
                Data::I64(_) => 64,
                Data::F32(_) => -32,
                Data::F64(_) => -64,
            },
            bscale: parts.scaling.bscale,
            bzero: parts.scaling.bzero,
            blank: parts.scaling.blank,
        };
        Ok(Self {
            stored: parts.samples,
            scaling,
            shape: section.shape,
        })
    }
}

impl Decode for Unpacked {
    fn scaling(&self) -> Scaling {
        self.scaling
    }

    fn decode<T: Sample>(self) -> Result<Array<T>> {
        let data = match &self.stored {
            Data::U8(stored) => convert(stored, &self.scaling)?,
            Data::I16(stored) => convert(stored, &self.scaling)?,
            Data::I32(stored) => convert(stored, &self.scaling)?,
            Data::I64(stored) => convert(stored, &self.scaling)?,
            Data::F32(stored) => convert(stored, &self.scaling)?,
            Data::F64(stored) => convert(stored, &self.scaling)?,
        };
        Ok(Array {
            shape: self.shape,
            data,
        })
    }
}

fn convert<R: Stored, T: Sample>(stored: &[R], scaling: &Scaling) -> Result<Vec<T>> {
    let physical = Physical::of(*scaling);
    let (data, bad) = fill(stored.len() as u64, &|first, out: &mut [T], _| {
        let stored = stored.get(first..).unwrap_or_default();
        Ok(physical.convert(stored.iter().copied(), out))
    })?;
    match bad {
        None => Ok(data),
        Some(index) => Err(Error::OutOfRange {
            index,
            value: stored
                .get(index)
                .map_or_else(String::new, |value| value.real().to_string()),
            requested: T::NAME,
        }),
    }
}

/// A file in memory that holds an empty primary HDU and this one.
fn as_file(file: &FitsFile, hdu: &Hdu) -> Result<Vec<u8>> {
    let mut primary = Header::new();
    primary.set("SIMPLE", true, None)?;
    primary.set("BITPIX", 8, None)?;
    primary.set("NAXIS", 0, None)?;
    let header = hdu.stored_header().to_bytes();
    let data = file.reader()?.to_vec(hdu.data_offset, hdu.data_bytes)?;
    let mut bytes = crate::source::reserved((2 * BLOCK + header.len() + data.len()) as u64)?;
    bytes.extend_from_slice(&primary.to_bytes());
    bytes.extend_from_slice(&header);
    bytes.extend_from_slice(&data);
    bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
    Ok(bytes)
}
