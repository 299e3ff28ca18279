//! Pixels that stand in the file one after another.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::sample::{Sample, Stored};
use super::scaling::{Decode, Scaling};
use super::{Array, Section};
use crate::source::{Reader, zeroed};
use crate::{Error, FitsFile, Hdu, Result};

/// Samples that one task reads at a time: small enough to be swapped while still in the cache.
const CHUNK: usize = 1 << 16;

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
        let scaling = self.scaling;
        if scaling.is_identity() && scaling.blank.is_none() {
            convert(self, |value: R| value.to::<T>())
        } else if let (Some(shift), None) = (scaling.small_shift(), scaling.blank) {
            convert(self, |value: R| T::from_i64(value.integer().unwrap_or(0) + shift))
        } else {
            convert(self, |value: R| scaling.apply::<R, T>(value))
        }
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

fn convert<R: Stored, T: Sample>(place: Place, physical: impl Fn(R) -> Option<T> + Sync) -> Result<Array<T>> {
    let mut data = zeroed::<T>(place.section.count)?;
    let start = place.data_offset + place.section.first * R::SIZE as u64;
    let bad = AtomicUsize::new(usize::MAX);
    data.par_chunks_mut(CHUNK)
        .enumerate()
        .try_for_each_init(Vec::new, |scratch, (chunk, out)| {
            let offset = start + (chunk * CHUNK * R::SIZE) as u64;
            let bytes = place.reader.bytes(offset, out.len() * R::SIZE, scratch)?;
            let mut failed = false;
            for (out, bytes) in out.iter_mut().zip(bytes.chunks_exact(R::SIZE)) {
                match physical(R::get(bytes)) {
                    Some(value) => *out = value,
                    None => failed = true,
                }
            }
            if failed {
                let first = bytes
                    .chunks_exact(R::SIZE)
                    .position(|b| physical(R::get(b)).is_none());
                bad.fetch_min(chunk * CHUNK + first.unwrap_or(0), Ordering::Relaxed);
            }
            Ok::<(), Error>(())
        })?;
    let index = bad.into_inner();
    if index != usize::MAX {
        let mut scratch = Vec::new();
        let bytes = place
            .reader
            .bytes(start + (index * R::SIZE) as u64, R::SIZE, &mut scratch)?;
        let value = R::get(bytes).real().to_string();
        return Err(Error::OutOfRange {
            index,
            value,
            requested: T::NAME,
        });
    }
    Ok(Array {
        shape: place.section.shape,
        data,
    })
}
