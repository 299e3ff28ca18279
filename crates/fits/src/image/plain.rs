//! Pixels that stand in the file one after another.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::sample::{Sample, Stored};
use super::scaling::Scaling;
use super::{Array, Pixels, Section, room};
use crate::source::Reader;
use crate::{Error, FitsFile, Hdu, Result};

/// Samples that one task reads at a time: small enough to be swapped while still in the cache.
const CHUNK: usize = 1 << 16;

pub(super) fn read<T: Sample>(file: &FitsFile, hdu: &Hdu, section: Section) -> Result<Array<T>> {
    hdu.check_whole()?;
    let scaling = Scaling::of(hdu.header())?;
    let place = Place {
        reader: file.reader()?,
        data_offset: hdu.data_offset,
    };
    decode(&place, &scaling, section)
}

pub(super) fn pixels(file: &FitsFile, hdu: &Hdu, section: Section) -> Result<Pixels> {
    hdu.check_whole()?;
    let scaling = Scaling::of(hdu.header())?;
    let place = Place {
        reader: file.reader()?,
        data_offset: hdu.data_offset,
    };
    let at = (&place, &scaling);
    Ok(
        match (scaling.bitpix, scaling.is_identity() && scaling.blank.is_none()) {
            (8, true) => Pixels::U8(decode(at.0, at.1, section)?),
            (16, true) => Pixels::I16(decode(at.0, at.1, section)?),
            (32, true) => Pixels::I32(decode(at.0, at.1, section)?),
            (64, true) => Pixels::I64(decode(at.0, at.1, section)?),
            (8, _) if scaling.is_other_sign() => Pixels::I8(decode(at.0, at.1, section)?),
            (16, _) if scaling.is_other_sign() => Pixels::U16(decode(at.0, at.1, section)?),
            (32, _) if scaling.is_other_sign() => Pixels::U32(decode(at.0, at.1, section)?),
            (64, _) if scaling.is_other_sign() => Pixels::U64(decode(at.0, at.1, section)?),
            (32 | 64 | -64, _) => Pixels::F64(decode(at.0, at.1, section)?),
            _ => Pixels::F32(decode(at.0, at.1, section)?),
        },
    )
}

/// Where the data unit is.
struct Place {
    reader: Reader,
    data_offset: u64,
}

fn decode<T: Sample>(place: &Place, scaling: &Scaling, section: Section) -> Result<Array<T>> {
    match scaling.bitpix {
        8 => decode_as::<u8, T>(place, scaling, section),
        16 => decode_as::<i16, T>(place, scaling, section),
        32 => decode_as::<i32, T>(place, scaling, section),
        64 => decode_as::<i64, T>(place, scaling, section),
        -32 => decode_as::<f32, T>(place, scaling, section),
        _ => decode_as::<f64, T>(place, scaling, section),
    }
}

fn decode_as<R: Stored, T: Sample>(place: &Place, scaling: &Scaling, section: Section) -> Result<Array<T>> {
    if scaling.is_identity() && scaling.blank.is_none() {
        convert(place, section, |value: R| value.to::<T>())
    } else {
        convert(place, section, |value: R| scaling.apply::<R, T>(value))
    }
}

fn convert<R: Stored, T: Sample>(
    place: &Place,
    section: Section,
    physical: impl Fn(R) -> Option<T> + Sync,
) -> Result<Array<T>> {
    let mut data = room::<T>(&section)?;
    let start = place.data_offset + section.first * R::SIZE as u64;
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
        shape: section.shape,
        data,
    })
}
