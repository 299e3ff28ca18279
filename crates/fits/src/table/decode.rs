//! From the bytes of cells to elements.

use super::data::ColumnData;
use crate::{Error, Header, Result};

/// The bytes of a column, row by row.
#[derive(Debug)]
pub(crate) struct Parts<'a> {
    pub(crate) bytes: Vec<&'a [u8]>,
    /// Elements in each row.
    pub(crate) counts: Vec<usize>,
}

/// TSCAL, TZERO and TNULL of a column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scaling {
    pub(super) scale: f64,
    pub(super) zero: f64,
    pub(super) null: Option<i64>,
}

impl Scaling {
    pub(crate) fn of(header: &Header, column: usize) -> Result<Self> {
        let number = |keyword: &str, default| {
            let keyword = format!("{keyword}{column}");
            if header.contains(&keyword) {
                header.require_real(&keyword)
            } else {
                Ok(default)
            }
        };
        let null = header.integer(&format!("TNULL{column}"));
        Ok(Self {
            scale: number("TSCAL", 1.0)?,
            zero: number("TZERO", 0.0)?,
            null,
        })
    }

    fn is_identity(&self) -> bool {
        self.scale == 1.0 && self.zero == 0.0
    }

    fn shifts_by(&self, zero: f64) -> bool {
        self.scale == 1.0 && self.zero == zero
    }
}

/// Elements, and which of them are null.
type Elements = (ColumnData, Option<Vec<bool>>);

/// Decodes the elements of everything but strings.
pub(crate) fn elements(code: u8, parts: &Parts, scaling: &Scaling) -> Result<Elements> {
    Ok(match code {
        b'L' => logicals(parts),
        b'X' => (ColumnData::Bits(bits(parts)), None),
        b'B' => integers::<1>(
            parts,
            scaling,
            -128.0,
            |b| i64::from(b[0]),
            |values, shifted| match shifted {
                true => ColumnData::I8(values.map(|v| (v - 128) as i8).collect()),
                false => ColumnData::U8(values.map(|v| v as u8).collect()),
            },
        ),
        b'I' => integers::<2>(
            parts,
            scaling,
            32768.0,
            |b| i64::from(i16::from_be_bytes(b)),
            |values, shifted| match shifted {
                true => ColumnData::U16(values.map(|v| (v + 32768) as u16).collect()),
                false => ColumnData::I16(values.map(|v| v as i16).collect()),
            },
        ),
        b'J' => integers::<4>(
            parts,
            scaling,
            2147483648.0,
            |b| i64::from(i32::from_be_bytes(b)),
            |values, shifted| match shifted {
                true => ColumnData::U32(values.map(|v| (v + (1 << 31)) as u32).collect()),
                false => ColumnData::I32(values.map(|v| v as i32).collect()),
            },
        ),
        b'K' => integers::<8>(
            parts,
            scaling,
            9223372036854775808.0,
            i64::from_be_bytes,
            |values, shifted| match shifted {
                true => ColumnData::U64(values.map(|v| (v as u64) ^ (1 << 63)).collect()),
                false => ColumnData::I64(values.collect()),
            },
        ),
        b'E' if scaling.is_identity() => (ColumnData::F32(each(parts, f32::from_be_bytes)), None),
        b'E' => {
            let physical = |b| f64::from(f32::from_be_bytes(b)) * scaling.scale + scaling.zero;
            (ColumnData::F64(each(parts, physical)), None)
        }
        b'D' => {
            let physical = |b| f64::from_be_bytes(b) * scaling.scale + scaling.zero;
            let data = if scaling.is_identity() {
                each(parts, f64::from_be_bytes)
            } else {
                each(parts, physical)
            };
            (ColumnData::F64(data), None)
        }
        b'C' => (ColumnData::C32(pairs(&each(parts, f32::from_be_bytes))), None),
        b'M' => (ColumnData::C64(pairs(&each(parts, f64::from_be_bytes))), None),
        b'A' => {
            return Err(Error::Damaged {
                reason: "strings where numbers should be".to_owned(),
            });
        }
        other => {
            return Err(Error::Unsupported {
                feature: format!("a column of format {}", other as char),
            });
        }
    })
}

fn each<const N: usize, T>(parts: &Parts, decode: impl Fn([u8; N]) -> T) -> Vec<T> {
    let mut out = Vec::with_capacity(parts.bytes.iter().map(|cell| cell.len() / N).sum());
    for cell in &parts.bytes {
        out.extend(cell.as_chunks::<N>().0.iter().map(|&bytes| decode(bytes)));
    }
    out
}

fn pairs<T: Copy>(values: &[T]) -> Vec<[T; 2]> {
    values.as_chunks::<2>().0.to_vec()
}

fn integers<const N: usize>(
    parts: &Parts,
    scaling: &Scaling,
    other_sign: f64,
    decode: impl Fn([u8; N]) -> i64 + Copy,
    make: impl Fn(&mut dyn Iterator<Item = i64>, bool) -> ColumnData,
) -> Elements {
    let mut stored = parts
        .bytes
        .iter()
        .flat_map(|cell| cell.as_chunks::<N>().0)
        .map(|&bytes| decode(bytes));
    let nulls = scaling
        .null
        .map(|null| each(parts, |bytes| decode(bytes) == null));
    let nulls = nulls.filter(|flags| flags.contains(&true));
    if scaling.is_identity() {
        return (make(&mut stored, false), nulls);
    }
    if scaling.shifts_by(other_sign) {
        return (make(&mut stored, true), nulls);
    }
    let physical = |value: i64| match scaling.null {
        Some(null) if value == null => f64::NAN,
        _ => value as f64 * scaling.scale + scaling.zero,
    };
    (ColumnData::F64(stored.map(physical).collect()), nulls)
}

fn logicals(parts: &Parts) -> Elements {
    let values = each(parts, |[byte]: [u8; 1]| byte == b'T');
    let nulls = each(parts, |[byte]: [u8; 1]| byte == 0);
    let nulls = Some(nulls).filter(|flags| flags.contains(&true));
    (ColumnData::Logical(values), nulls)
}

fn bits(parts: &Parts) -> Vec<bool> {
    let mut out = Vec::with_capacity(parts.counts.iter().sum());
    for (cell, &count) in parts.bytes.iter().zip(&parts.counts) {
        out.extend((0..count).map(|bit| {
            cell.get(bit / 8)
                .is_some_and(|byte| byte & (0x80 >> (bit % 8)) != 0)
        }));
    }
    out
}

/// Number of elements and offset in the heap, from a `P` or `Q` descriptor.
pub(crate) fn descriptor(kind: u8, cell: &[u8]) -> (u64, u64) {
    let (count, offset) = cell.split_at(cell.len() / 2);
    if kind == b'Q' {
        let read = |bytes: &[u8]| bytes.try_into().map_or(0, u64::from_be_bytes);
        (read(count), read(offset))
    } else {
        let read = |bytes: &[u8]| bytes.try_into().map_or(0, u32::from_be_bytes);
        (u64::from(read(count)), u64::from(read(offset)))
    }
}

/// A string: it ends at the first NUL, and blanks at its end do not count. Bytes that are not ASCII,
/// which FITS forbids, are taken for Latin-1 so that none is lost.
pub(crate) fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len());
    let blanks = bytes[..end].iter().rev().take_while(|&&b| b == b' ').count();
    let bytes = &bytes[..end - blanks];
    match std::str::from_utf8(bytes) {
        Ok(text) if bytes.is_ascii() => text.to_owned(),
        _ => bytes.iter().map(|&b| char::from(b)).collect(),
    }
}
