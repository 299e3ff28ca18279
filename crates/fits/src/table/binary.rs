//! Reading binary tables.

use rayon::prelude::*;

use super::column::Column;
use super::data::ColumnData;
use super::encode::ColumnBytes;
use super::format::{Format, dimensions};
use super::{Table, decode};
use crate::{Error, FitsFile, Hdu, Header, Result};

/// Descriptors may share heap bytes; beyond this many times the table's size they are taken for damage.
const MOST_SHARING: u64 = 64;

/// One column as its header describes it.
#[derive(Debug)]
pub(crate) struct Field {
    /// 1-based, as in TTYPEn.
    number: usize,
    format: Format,
    /// Where it begins in a row.
    offset: usize,
}

/// The layout of a binary table.
#[derive(Debug)]
pub(crate) struct Layout {
    fields: Vec<Field>,
    row_bytes: usize,
    rows: usize,
    /// Where the heap begins in the data unit.
    heap: usize,
}

impl Layout {
    pub(crate) fn of(header: &Header) -> Result<Self> {
        let length = |keyword: &str| {
            let value = header.require_integer(keyword)?;
            usize::try_from(value).map_err(|_| Error::BadValue {
                keyword: keyword.to_owned(),
                expected: "zero or more".to_owned(),
                found: value.to_string(),
            })
        };
        let (row_bytes, rows, columns) = (length("NAXIS1")?, length("NAXIS2")?, length("TFIELDS")?);
        if columns > 999 {
            let (expected, found) = ("at most 999".to_owned(), columns.to_string());
            return Err(Error::BadValue {
                keyword: "TFIELDS".to_owned(),
                expected,
                found,
            });
        }
        let mut fields = Vec::with_capacity(columns);
        let mut offset = 0usize;
        for number in 1..=columns {
            let keyword = format!("TFORM{number}");
            let format = Format::parse(&keyword, &header.require_text(&keyword)?)?;
            let next = format
                .row_bytes()
                .and_then(|n| offset.checked_add(n))
                .filter(|&n| n <= row_bytes);
            let next = next.ok_or_else(|| Error::BadValue {
                keyword,
                expected: format!("a column that fits in rows of {row_bytes} bytes"),
                found: header.text(&format!("TFORM{number}")).unwrap_or_default(),
            })?;
            fields.push(Field {
                number,
                format,
                offset,
            });
            offset = next;
        }
        super::check_cells(
            rows,
            fields.iter().filter(|f| f.format.row_bytes() == Some(0)).count(),
            row_bytes,
        )?;
        let main = row_bytes
            .checked_mul(rows)
            .ok_or(Error::TooLarge { bytes: u64::MAX })?;
        let heap = match header.contains("THEAP") {
            true => length("THEAP")?,
            false => main,
        };
        Ok(Self {
            fields,
            row_bytes,
            rows,
            heap,
        })
    }
}

/// The cells of one column as bytes, and where they go in a row.
#[derive(Debug)]
pub(crate) struct CellBytes {
    pub(crate) bytes: Vec<u8>,
    pub(crate) offset: usize,
    pub(crate) width: usize,
}

impl Layout {
    pub(crate) fn row_bytes(&self) -> usize {
        self.row_bytes
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// The cells of a column in the form in which the table keeps it.
    pub(crate) fn encode(&self, header: &Header, column: &Column) -> Result<CellBytes> {
        let name = |field: &&Field| {
            let name = header.text(&format!("TTYPE{}", field.number)).unwrap_or_default();
            name.eq_ignore_ascii_case(column.name())
        };
        let field = self.fields.iter().find(name).ok_or_else(|| Error::NoSuchColumn {
            name: column.name().to_owned(),
            present: (1..=self.fields.len())
                .filter_map(|n| header.text(&format!("TTYPE{n}")))
                .collect::<Vec<_>>()
                .join(", "),
        })?;
        let scaling = decode::Scaling::of(header, field.number)?;
        let width = field.format.row_bytes().unwrap_or(0);
        let encoded = ColumnBytes::of(
            &column.clone().width(text_width(header, field)),
            scaling.null,
            &mut Vec::new(),
        )?;
        let (code, scale, zero, null) = (field.format.code, scaling.scale, scaling.zero, scaling.null);
        let same = field.format.descriptor.is_none()
            && encoded.form.ends_with(code as char)
            && encoded.width == width
            && scale == 1.0
            && encoded.zero == zero
            && (encoded.null.is_none() || encoded.null == null);
        if !same {
            let found = format!("{} cells of format {}", column.data().type_name(), encoded.form);
            let expected = "what the table's column holds";
            return Err(Error::WrongColumn {
                name: column.name().to_owned(),
                expected,
                found,
            });
        }
        Ok(CellBytes {
            bytes: encoded.cells,
            offset: field.offset,
            width,
        })
    }
}

/// Characters of one string of a column.
fn text_width(header: &Header, field: &Field) -> usize {
    let repeat = field.format.repeat;
    match dimensions(header, field.number, repeat) {
        Some(mut shape) if shape.len() > 1 => shape.pop().unwrap_or(0),
        _ => field.format.substring().unwrap_or(repeat),
    }
}

/// Reads all columns of a binary table.
pub(super) fn read(file: &FitsFile, hdu: &Hdu) -> Result<Table> {
    hdu.check_whole()?;
    let layout = Layout::of(hdu.header())?;
    let bytes = file.reader()?.to_vec(hdu.data_offset, hdu.data_bytes)?;
    let columns: Vec<Column> = layout
        .fields
        .par_iter()
        .map(|field| read_column(hdu.header(), &layout, field, &bytes))
        .collect::<Result<_>>()?;
    let mut table = Table {
        columns: Vec::new(),
        rows: layout.rows,
    };
    table.columns.reserve(columns.len());
    for column in columns {
        column.check()?;
        table.columns.push(column);
    }
    Ok(table)
}

fn read_column(header: &Header, layout: &Layout, field: &Field, bytes: &[u8]) -> Result<Column> {
    let number = field.number;
    let text = |keyword: &str| header.text(&format!("{keyword}{number}")).unwrap_or_default();
    let name = text("TTYPE");
    let name = if name.is_empty() {
        format!("col{number}")
    } else {
        name
    };
    let parts = parts(layout, field, bytes)?;
    let scaling = decode::Scaling::of(header, number)?;
    let format = &field.format;
    let column = match (format.code, format.descriptor) {
        (b'A', Some(_)) => Column::text(name, parts.bytes.iter().map(|cell| decode::text(cell))),
        (b'A', None) => text_column(header, field, name, &parts)?,
        (_, descriptor) => {
            let (data, nulls) = decode::elements(format.code, &parts, &scaling)?;
            let column = if descriptor.is_some() {
                let offsets = std::iter::once(0).chain(parts.counts.iter().scan(0, |end, &n| {
                    *end += n;
                    Some(*end)
                }));
                Column::ragged(name, offsets.collect(), data)?
            } else {
                match dimensions(header, number, format.repeat) {
                    Some(shape) => Column::array(name, shape, data)?,
                    None if format.repeat == 1 => Column::scalar(name, data),
                    None => Column::array(name, vec![format.repeat], data)?,
                }
            };
            match nulls {
                Some(nulls) => column.nulls(nulls),
                None => column,
            }
        }
    };
    Ok(column.unit(text("TUNIT")).display(text("TDISP")))
}

/// Strings: one a row, or several of the same length.
fn text_column(header: &Header, field: &Field, name: String, parts: &decode::Parts) -> Result<Column> {
    let repeat = field.format.repeat;
    let (width, shape) = match (field.format.substring(), dimensions(header, field.number, repeat)) {
        (_, Some(mut shape)) if shape.len() > 1 => (shape.pop().unwrap_or(0), shape),
        (Some(width), _) if width > 0 && width < repeat => (width, vec![repeat / width]),
        _ => {
            let texts = parts.bytes.iter().map(|cell| decode::text(cell));
            return Ok(Column::text(name, texts).width(repeat));
        }
    };
    let each: usize = shape.iter().product();
    let strings = |cell: &&[u8]| -> Vec<String> {
        cell.chunks_exact(width.max(1))
            .take(each)
            .map(decode::text)
            .collect()
    };
    let texts = parts.bytes.iter().flat_map(strings).collect();
    Ok(Column::array(name, shape, ColumnData::Text(texts))?.width(width))
}

/// Finds each row's bytes of a column, in the rows themselves or in the heap.
fn parts<'a>(layout: &Layout, field: &Field, bytes: &'a [u8]) -> Result<decode::Parts<'a>> {
    let format = &field.format;
    let width = format.row_bytes().unwrap_or(0);
    let cell = |row: usize| {
        let start = row * layout.row_bytes + field.offset;
        bytes
            .get(start..start + width)
            .ok_or_else(|| damaged(field, row, "lies outside the table"))
    };
    let cells = (0..layout.rows).map(cell);
    let Some(descriptor) = format.descriptor.filter(|_| format.repeat == 1) else {
        let repeat = if format.descriptor.is_some() {
            0
        } else {
            format.repeat
        };
        return Ok(decode::Parts {
            bytes: cells.collect::<Result<_>>()?,
            counts: vec![repeat; layout.rows],
        });
    };
    let heap = bytes.get(layout.heap..).unwrap_or_default();
    let mut parts = decode::Parts {
        bytes: Vec::new(),
        counts: Vec::new(),
    };
    let mut total = 0u64;
    for (row, cell) in cells.enumerate() {
        let (count, offset) = decode::descriptor(descriptor, cell?);
        let part = usize::try_from(count)
            .ok()
            .zip(usize::try_from(offset).ok())
            .and_then(|(count, offset)| {
                let part = heap.get(offset..offset.checked_add(format.bytes_of(count)?)?)?;
                Some((part, count))
            });
        // An empty cell may point anywhere.
        let (part, count) = match part {
            Some(found) => found,
            None if count == 0 => (&heap[..0], 0),
            None => return Err(damaged(field, row, "points outside the heap")),
        };
        total += part.len() as u64;
        if total > (bytes.len() as u64).saturating_mul(MOST_SHARING) {
            return Err(damaged(
                field,
                row,
                "and those before it point to the same bytes again and again",
            ));
        }
        parts.bytes.push(part);
        parts.counts.push(count);
    }
    Ok(parts)
}

fn damaged(field: &Field, row: usize, what: &str) -> Error {
    Error::Damaged {
        reason: format!("row {row} of column {} {what}", field.number),
    }
}
