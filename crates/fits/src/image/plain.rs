//! Pixels that stand in the file one after another.

use super::fill::{Convert, Physical, fill, fill_block};
use super::sample::{Sample, Stored};
use super::scaling::{Decode, Scaling};
use super::{Array, Section};
use crate::source::Reader;
use crate::{Error, FitsFile, Hdu, Result};

/// Where a section of an image is in its file.
pub(super) struct Place {
    reader: Reader,
    data_offset: u64,
    scaling: Scaling,
    section: Section,
}

impl Place {
    pub(super) fn new(file: &FitsFile, hdu: &Hdu, section: Section) -> Result<Self> {
        hdu.check_whole()?;
        let scaling = Scaling::of(hdu.header())?;
        Ok(Self {
            reader: file.reader()?,
            data_offset: hdu.data_offset,
            scaling,
            section,
        })
    }

    fn decode_as<R: Stored, T: Sample>(self) -> Result<Array<T>> {
        let physical = Physical::of(self.scaling);
        let offset = |first: usize| self.data_offset + (self.section.first + first as u64) * R::SIZE as u64;
        let convert: Convert<T> = &|first, out: &mut [T], scratch| {
            let bytes = self.reader.bytes(offset(first), out.len() * R::SIZE, scratch)?;
            Ok(physical.convert(bytes.chunks_exact(R::SIZE).map(R::get), out))
        };
        let (data, bad) = match (self.section.stride, self.section.shape.as_slice()) {
            (Some(stride), [_, width]) => fill_block(self.section.count, *width, stride, convert)?,
            _ => fill(self.section.count, convert)?,
        };
        if let Some(index) = bad {
            let mut scratch = Vec::new();
            let bytes = self.reader.bytes(offset(index), R::SIZE, &mut scratch)?;
            return Err(Error::OutOfRange {
                index,
                value: R::get(bytes).real().to_string(),
                requested: T::NAME,
            });
        }
        Ok(Array {
            shape: self.section.shape,
            data,
        })
    }
}

impl Decode for Place {
    fn scaling(&self) -> Scaling {
        self.scaling
    }

    fn decode<T: Sample>(self) -> Result<Array<T>> {
        match self.scaling.bitpix {
            8 => self.decode_as::<u8, T>(),
            16 => self.decode_as::<i16, T>(),
            32 => self.decode_as::<i32, T>(),
            64 => self.decode_as::<i64, T>(),
            -32 => self.decode_as::<f32, T>(),
            _ => self.decode_as::<f64, T>(),
        }
    }
}
