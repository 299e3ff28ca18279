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
        let rows = match (self.section.stride, self.section.shape.as_slice()) {
            (Some(stride), [_, width]) => Some((*width, stride)),
            _ => None,
        };
        let convert: Convert<T> = &|first, out: &mut [T], scratch| {
            let (width, stride) = rows.unwrap_or((out.len(), out.len()));
            let between = (out.len() / width.max(1)).saturating_sub(1) * (stride - width);
            let span = (out.len() + between) * R::SIZE;
            let bytes = self.reader.bytes(offset(first), span, scratch)?;
            let mut bad = None;
            let rows = bytes
                .chunks((stride * R::SIZE).max(1))
                .zip(out.chunks_mut(width.max(1)));
            for (row, (bytes, out)) in rows.enumerate() {
                let found = physical.convert(bytes.chunks_exact(R::SIZE).map(R::get), out);
                bad = bad.or(found.map(|at| row * stride + at));
            }
            Ok(bad)
        };
        let (data, bad) = match rows {
            Some((width, stride)) => fill_block(self.section.count, width, stride, convert)?,
            None => fill(self.section.count, convert)?,
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
