//! Reading ASCII tables (FITS 4.0, section 7.2).

use super::Table;
use super::column::Column;
use super::data::ColumnData;
use super::decode::text;
use crate::{Error, FitsFile, Hdu, Header, Result};

/// One column as its header describes it: TBCOL and TFORM.
#[derive(Debug)]
struct Field {
    number: usize,
    code: u8,
    start: usize,
    width: usize,
}

/// Reads all columns. Integers become i16, i32 or i64 by their width, reals f64; fields that hold TNULL
/// or nothing are null and zero.
pub(super) fn read(file: &FitsFile, hdu: &Hdu) -> Result<Table> {
    hdu.check_whole()?;
    let header = hdu.header();
    let &[row_bytes, rows] = hdu.dimensions() else {
        return Err(Error::Damaged {
            reason: "a table has two axes".to_owned(),
        });
    };
    let count = header.require_integer("TFIELDS")?.clamp(0, 999) as usize;
    super::check_cells(rows, count, row_bytes)?;
    let bytes = file.reader()?.to_vec(hdu.data_offset, hdu.data_bytes)?;
    let mut table = Table {
        columns: Vec::new(),
        rows,
    };
    for number in 1..=count {
        let field = Field::of(header, number, row_bytes)?;
        let cells: Vec<&[u8]> = (0..rows)
            .map_while(|row| {
                let start = row.checked_mul(row_bytes)?.checked_add(field.start)?;
                bytes.get(start..start.checked_add(field.width)?)
            })
            .collect();
        if cells.len() < rows {
            return Err(Error::Damaged {
                reason: format!("column {number} lies outside the table"),
            });
        }
        table.columns.push(field.column(header, &cells)?);
    }
    Ok(table)
}

impl Field {
    fn of(header: &Header, number: usize, row_bytes: usize) -> Result<Self> {
        let keyword = format!("TFORM{number}");
        let form = header.require_text(&keyword)?;
        let bad = || Error::BadValue {
            keyword: keyword.clone(),
            expected: "a format of ASCII tables such as I6 or F8.3 that fits in a row".to_owned(),
            found: form.clone(),
        };
        let code = form.trim().bytes().next().ok_or_else(bad)?.to_ascii_uppercase();
        let width = form
            .trim()
            .get(1..)
            .ok_or_else(bad)?
            .split('.')
            .next()
            .unwrap_or_default();
        let width = width.parse().map_err(|_| bad())?;
        let start = header.require_integer(&format!("TBCOL{number}"))?;
        let start = start.checked_sub(1).and_then(|start| usize::try_from(start).ok());
        let start = start.ok_or_else(bad)?;
        if !b"AIFED".contains(&code) || start.checked_add(width).is_none_or(|end| end > row_bytes) {
            return Err(bad());
        }
        Ok(Self {
            number,
            code,
            start,
            width,
        })
    }

    fn column(&self, header: &Header, cells: &[&[u8]]) -> Result<Column> {
        let text_of = |keyword: &str| {
            header
                .text(&format!("{keyword}{}", self.number))
                .unwrap_or_default()
        };
        let name = text_of("TTYPE");
        let name = if name.is_empty() {
            format!("col{}", self.number)
        } else {
            name
        };
        let texts: Vec<String> = cells.iter().map(|cell| text(cell)).collect();
        let column = if self.code == b'A' {
            Column::text(name, texts).width(self.width)
        } else {
            let null = text_of("TNULL");
            let is_null = |text: &String| {
                let text = text.trim();
                text.is_empty() || !null.trim().is_empty() && text == null.trim()
            };
            let nulls = texts.iter().map(is_null).collect();
            self.numbers(header, name, &texts, &is_null)?.nulls(nulls)
        };
        Ok(column.unit(text_of("TUNIT")).display(text_of("TDISP")))
    }

    fn numbers(
        &self,
        header: &Header,
        name: String,
        texts: &[String],
        is_null: &dyn Fn(&String) -> bool,
    ) -> Result<Column> {
        let number = |keyword: &str, default| {
            let keyword = format!("{keyword}{}", self.number);
            if header.contains(&keyword) {
                header.require_real(&keyword)
            } else {
                Ok(default)
            }
        };
        let (scale, zero) = (number("TSCAL", 1.0)?, number("TZERO", 0.0)?);
        let damaged = |text: &String| Error::Damaged {
            reason: format!("'{}' in column {} is no number", text.trim(), self.number),
        };
        if self.code == b'I' && scale == 1.0 && zero == 0.0 {
            let parse = |text: &String| match is_null(text) {
                true => Ok(0),
                false => text.trim().parse::<i64>().map_err(|_| damaged(text)),
            };
            let values = texts.iter().map(parse).collect::<Result<Vec<i64>>>()?;
            return Ok(Column::scalar(name, self.integers(values)));
        }
        let parse = |text: &String| match is_null(text) {
            true => Ok(0.0),
            false => {
                let number = text.trim().replace(['D', 'd'], "E");
                number
                    .parse::<f64>()
                    .map(|value| value * scale + zero)
                    .map_err(|_| damaged(text))
            }
        };
        Ok(Column::f64(name, texts.iter().map(parse).collect::<Result<_>>()?))
    }

    /// The narrowest type that every field of this width fits in.
    fn integers(&self, values: Vec<i64>) -> ColumnData {
        match self.width {
            0..=4 => ColumnData::I16(values.into_iter().map(|v| v as i16).collect()),
            5..=9 => ColumnData::I32(values.into_iter().map(|v| v as i32).collect()),
            _ => ColumnData::I64(values),
        }
    }
}
