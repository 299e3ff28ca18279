//! From columns to the bytes of a binary table.

use std::collections::HashSet;

use super::Table;
use super::column::Column;
use super::data::{Cells, ColumnData};
use crate::{Card, Error, Result, Sample, Value};

/// A table as its bytes and the cards that describe them.
#[derive(Debug)]
pub(crate) struct Encoded {
    pub(crate) cards: Vec<Card>,
    pub(crate) row_bytes: usize,
    pub(crate) rows: Vec<u8>,
    pub(crate) heap: Vec<u8>,
}

impl Encoded {
    pub(crate) fn of(table: &Table) -> Result<Self> {
        let count = table.columns().len();
        if count > 999 {
            let reason = format!("{count} columns are more than the 999 that FITS allows");
            return Err(Error::Unwritable {
                keyword: "TFIELDS".to_owned(),
                reason,
            });
        }
        let mut cards = vec![Card::new("TFIELDS", count, Some("number of table fields"))?];
        let mut heap = Vec::new();
        let mut columns = Vec::with_capacity(count);
        for (index, column) in table.columns().iter().enumerate() {
            let bytes = ColumnBytes::of(column, None, &mut heap)?;
            bytes.cards(column, index + 1, &mut cards)?;
            columns.push(bytes);
        }
        let row_bytes: usize = columns.iter().map(|column| column.width).sum();
        let mut rows: Vec<u8> = crate::source::zeroed(row_bytes as u64 * table.rows() as u64)?;
        let mut offset = 0;
        for column in columns.iter().filter(|column| column.width > 0) {
            let cells = column.cells.chunks_exact(column.width);
            for (row, cell) in rows.chunks_exact_mut(row_bytes).zip(cells) {
                row[offset..offset + column.width].copy_from_slice(cell);
            }
            offset += column.width;
        }
        Ok(Self {
            cards,
            row_bytes,
            rows,
            heap,
        })
    }
}

/// One column as bytes, row after row.
#[derive(Debug)]
pub(super) struct ColumnBytes {
    pub(super) form: String,
    dimensions: Option<String>,
    pub(super) null: Option<i64>,
    pub(super) zero: f64,
    pub(super) width: usize,
    pub(super) cells: Vec<u8>,
}

impl ColumnBytes {
    /// `null` is the stored value that stands for null, where that is settled already.
    pub(super) fn of(column: &Column, null: Option<i64>, heap: &mut Vec<u8>) -> Result<Self> {
        let elements = Elements::of(column, null)?;
        let plain = Self {
            form: String::new(),
            dimensions: None,
            null: elements.null,
            zero: elements.zero,
            width: 0,
            cells: Vec::new(),
        };
        let code = elements.code as char;
        match column.cells() {
            Cells::Ragged(offsets) => {
                let (cells, longest, kind) = elements.into_heap(column, offsets, heap)?;
                let form = format!("1{kind}{code}({longest})");
                let width = if kind == 'Q' { 16 } else { 8 };
                Ok(Self {
                    form,
                    width,
                    cells,
                    ..plain
                })
            }
            cells => {
                let shape = if let Cells::Array(shape) = cells {
                    shape.as_slice()
                } else {
                    &[]
                };
                let each: usize = shape.iter().product();
                let in_row = if code == 'A' { each * elements.size } else { each };
                let mut axes: Vec<usize> = shape.iter().rev().copied().collect();
                if code == 'A' && !shape.is_empty() {
                    axes.insert(0, elements.size);
                }
                let dimensions = (axes.len() > 1).then(|| {
                    let axes: Vec<String> = axes.iter().map(usize::to_string).collect();
                    format!("({})", axes.join(","))
                });
                let (width, cells) = elements.into_rows(each);
                Ok(Self {
                    form: format!("{in_row}{code}"),
                    dimensions,
                    width,
                    cells,
                    ..plain
                })
            }
        }
    }

    fn cards(&self, column: &Column, number: usize, cards: &mut Vec<Card>) -> Result<()> {
        let mut put = |keyword: &str, value: Value, comment: Option<&str>| -> Result<()> {
            let card = Card::new(&format!("{keyword}{number}"), value, comment);
            cards.push(card.map_err(|e| unwritable(column, &e.to_string()))?);
            Ok(())
        };
        put("TTYPE", column.name().into(), column.description_text())?;
        put("TFORM", self.form.as_str().into(), None)?;
        if let Some(unit) = column.unit_text() {
            put("TUNIT", unit.into(), None)?;
        }
        if let Some(null) = self.null {
            put("TNULL", null.into(), None)?;
        }
        if self.zero != 0.0 {
            let whole = Value::Real(self.zero).as_integer();
            put("TSCAL", 1.into(), None)?;
            put(
                "TZERO",
                whole.map_or(Value::Real(self.zero), Value::Integer),
                None,
            )?;
        }
        if let Some(display) = column.display_format() {
            put("TDISP", display.into(), None)?;
        }
        if let Some(dimensions) = &self.dimensions {
            put("TDIM", dimensions.as_str().into(), None)?;
        }
        Ok(())
    }
}

/// The elements of a column as bytes one after another.
struct Elements {
    code: u8,
    /// Bytes of one element; bits take one byte each until they are packed.
    size: usize,
    bytes: Vec<u8>,
    null: Option<i64>,
    zero: f64,
}

impl Elements {
    fn of(column: &Column, null: Option<i64>) -> Result<Self> {
        let is_null = |index: usize| column.is_null(index);
        let simple = |code, size, bytes| Self {
            code,
            size,
            bytes,
            null: None,
            zero: 0.0,
        };
        Ok(match column.data() {
            ColumnData::Logical(values) => {
                let byte = |(i, &v): (usize, &bool)| match (is_null(i), v) {
                    (true, _) => 0,
                    (_, true) => b'T',
                    (_, false) => b'F',
                };
                simple(b'L', 1, values.iter().enumerate().map(byte).collect())
            }
            ColumnData::Bits(values) => simple(b'X', 1, values.iter().map(|&v| u8::from(v)).collect()),
            ColumnData::U8(values) => integers(b'B', values, (column, null), i64::from, 0..=255)?,
            ColumnData::I8(values) => {
                integers(b'B', values, (column, null), |v| i64::from(v) + 128, 0..=255)?
            }
            ColumnData::I16(values) => integers(b'I', values, (column, null), i64::from, -32768..=32767)?,
            ColumnData::U16(values) => integers(
                b'I',
                values,
                (column, null),
                |v| i64::from(v) - 32768,
                -32768..=32767,
            )?,
            ColumnData::I32(values) => integers(b'J', values, (column, null), i64::from, I32_RANGE)?,
            ColumnData::U32(values) => integers(
                b'J',
                values,
                (column, null),
                |v| i64::from(v) - (1 << 31),
                I32_RANGE,
            )?,
            ColumnData::I64(values) => integers(b'K', values, (column, null), |v| v, i64::MIN..=i64::MAX)?,
            ColumnData::U64(values) => integers(
                b'K',
                values,
                (column, null),
                |v| (v ^ (1 << 63)) as i64,
                i64::MIN..=i64::MAX,
            )?,
            ColumnData::F32(values) => {
                let value = |(i, &v): (usize, &f32)| (if is_null(i) { f32::NAN } else { v }).to_be_bytes();
                simple(b'E', 4, values.iter().enumerate().flat_map(value).collect())
            }
            ColumnData::F64(values) => {
                let value = |(i, &v): (usize, &f64)| (if is_null(i) { f64::NAN } else { v }).to_be_bytes();
                simple(b'D', 8, values.iter().enumerate().flat_map(value).collect())
            }
            ColumnData::C32(values) => {
                let part = |v: &[f32; 2], i: usize| v.map(|p| if is_null(i) { f32::NAN } else { p });
                let pair = |(i, v): (usize, &[f32; 2])| part(v, i).map(f32::to_be_bytes).concat();
                simple(b'C', 8, values.iter().enumerate().flat_map(pair).collect())
            }
            ColumnData::C64(values) => {
                let part = |v: &[f64; 2], i: usize| v.map(|p| if is_null(i) { f64::NAN } else { p });
                let pair = |(i, v): (usize, &[f64; 2])| part(v, i).map(f64::to_be_bytes).concat();
                simple(b'M', 16, values.iter().enumerate().flat_map(pair).collect())
            }
            ColumnData::Text(values) => texts(column, values)?,
        })
    }

    /// Cells of `each` elements, and the bytes of one.
    fn into_rows(self, each: usize) -> (usize, Vec<u8>) {
        if self.code != b'X' {
            return (each * self.size, self.bytes);
        }
        (
            each.div_ceil(8),
            self.bytes.chunks_exact(each.max(1)).flat_map(pack_bits).collect(),
        )
    }

    /// Descriptors, with the elements put into the heap; the longest cell; and `P` or `Q`.
    fn into_heap(
        self,
        column: &Column,
        offsets: &[usize],
        heap: &mut Vec<u8>,
    ) -> Result<(Vec<u8>, usize, char)> {
        if self.code == b'A' {
            return Err(unwritable(column, "several strings of varying number in a cell"));
        }
        let wide = heap.len().saturating_add(self.bytes.len()) > i32::MAX as usize;
        let mut cells = Vec::with_capacity((offsets.len() - 1) * 8);
        let mut longest = 0;
        for ends in offsets.windows(2) {
            let (count, start) = (ends[1] - ends[0], heap.len());
            if wide {
                cells.extend_from_slice(&(count as u64).to_be_bytes());
                cells.extend_from_slice(&(start as u64).to_be_bytes());
            } else {
                cells.extend_from_slice(&(count as u32).to_be_bytes());
                cells.extend_from_slice(&(start as u32).to_be_bytes());
            }
            let bytes = &self.bytes[ends[0] * self.size..ends[1] * self.size];
            if self.code == b'X' {
                heap.extend(pack_bits(bytes))
            } else {
                heap.extend_from_slice(bytes)
            }
            longest = longest.max(count);
        }
        Ok((cells, longest, if wide { 'Q' } else { 'P' }))
    }
}

const I32_RANGE: std::ops::RangeInclusive<i64> = i32::MIN as i64..=i32::MAX as i64;

/// Integers; where there are nulls, a stored value that no element has stands for them.
fn integers<T: Sample>(
    code: u8,
    values: &[T],
    (column, settled): (&Column, Option<i64>),
    stored: impl Fn(T) -> i64,
    range: std::ops::RangeInclusive<i64>,
) -> Result<Elements> {
    let mut bytes = vec![0; values.len() * T::SIZE];
    for (bytes, value) in bytes.chunks_exact_mut(T::SIZE).zip(values) {
        value.put(bytes);
    }
    let null = match column.null_mask() {
        None => None,
        Some(nulls) => {
            let used: HashSet<i64> = values
                .iter()
                .zip(nulls)
                .filter(|(_, null)| !**null)
                .map(|(&v, _)| stored(v))
                .collect();
            let null = match settled {
                Some(null) => Some(null).filter(|null| !used.contains(null)),
                // Of n values one of the first n + 1 candidates is free, if there are as many.
                None => range
                    .clone()
                    .take(used.len() + 1)
                    .find(|candidate| !used.contains(candidate)),
            };
            let null = null.ok_or_else(|| unwritable(column, "no value is left to stand for null"))?;
            let image = null.to_be_bytes();
            for (bytes, _) in bytes
                .chunks_exact_mut(T::SIZE)
                .zip(nulls)
                .filter(|(_, null)| **null)
            {
                bytes.copy_from_slice(&image[8 - T::SIZE..]);
            }
            Some(null)
        }
    };
    Ok(Elements {
        code,
        size: T::SIZE,
        bytes,
        null,
        zero: T::BZERO,
    })
}

fn texts(column: &Column, values: &[String]) -> Result<Elements> {
    let width = values
        .iter()
        .map(String::len)
        .max()
        .unwrap_or(0)
        .max(column.text_width())
        .max(1);
    let mut bytes = Vec::with_capacity(values.len() * width);
    for text in values {
        if !text.is_ascii() {
            return Err(unwritable(column, &format!("'{text}' is not ASCII")));
        }
        bytes.extend_from_slice(text.as_bytes());
        bytes.resize(bytes.len() + width - text.len(), b' ');
    }
    Ok(Elements {
        code: b'A',
        size: width,
        bytes,
        null: None,
        zero: 0.0,
    })
}

fn pack_bits(bits: &[u8]) -> Vec<u8> {
    let byte = |eight: &[u8]| {
        eight
            .iter()
            .enumerate()
            .fold(0, |byte, (i, &bit)| byte | (bit << (7 - i)))
    };
    bits.chunks(8).map(byte).collect()
}

fn unwritable(column: &Column, reason: &str) -> Error {
    Error::Unwritable {
        keyword: format!("column '{}'", column.name()),
        reason: reason.to_owned(),
    }
}
