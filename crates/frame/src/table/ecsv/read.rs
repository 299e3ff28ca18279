//! Reading ECSV.

use super::arrays;
use super::yaml::{self, Yaml};
use crate::table::columns::{TextColumn, read_logical};
use crate::table::display::Display;
use crate::table::element::read_complex;
use crate::table::separated::{Rows, too_many};
use crate::table::{Column, ColumnData, TextError, TextResult};

/// What the header says of one column.
struct Description {
    name: String,
    datatype: String,
    subtype: Option<String>,
    unit: Option<String>,
    format: Option<String>,
    description: Option<String>,
}

/// Reads the columns of an ECSV text.
pub fn read(text: &str) -> TextResult<Vec<Column>> {
    let is_header = |line: &&str| line.trim_start().starts_with('#') || line.trim().is_empty();
    let header: Vec<&str> = text.lines().take_while(is_header).collect();
    let bytes: usize = text.split_inclusive('\n').take(header.len()).map(str::len).sum();
    let lines = header
        .iter()
        .filter_map(|line| line.trim_start().strip_prefix('#'));
    // One blank follows the '#'; what is more is indentation.
    let lines = lines
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .filter(|line| !line.starts_with("%ECSV"));
    let bad_header = |reason: String| TextError::Header { reason };
    let header_yaml = yaml::parse(lines).map_err(bad_header)?;
    let described = descriptions(&header_yaml).map_err(bad_header)?;
    let separator = match header_yaml.text("delimiter") {
        None | Some("" | " ") => ' ',
        Some(",") => ',',
        Some(other) => {
            return Err(bad_header(format!(
                "the delimiter '{other}' is neither a blank nor a comma"
            )));
        }
    };
    let columns = cells(&text[bytes..], separator, header.len(), &described)?;
    described
        .into_iter()
        .zip(columns)
        .map(|(what, cells)| column(what, &cells))
        .collect()
}

fn descriptions(header: &Yaml) -> Result<Vec<Description>, String> {
    let Some(Yaml::List(columns)) = header.get("datatype") else {
        return Err("it has no list 'datatype'".to_owned());
    };
    let describe = |column: &Yaml| {
        let text = |key: &str| {
            column
                .text(key)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        Ok(Description {
            name: text("name").ok_or("a column has no name")?,
            datatype: text("datatype").ok_or("a column has no datatype")?,
            subtype: text("subtype"),
            unit: text("unit"),
            format: text("format"),
            description: text("description"),
        })
    };
    columns.iter().map(describe).collect()
}

fn cells(
    text: &str,
    separator: char,
    lines_before: usize,
    described: &[Description],
) -> TextResult<Vec<TextColumn>> {
    let mut rows = Rows::new(text, separator);
    let mut row = Vec::new();
    rows.next_into(&mut row)?;
    let names = row.iter().map(|cell| cell.text.as_str());
    if !names.eq(described.iter().map(|d| d.name.as_str())) {
        let found: Vec<&str> = row.iter().map(|cell| cell.text.as_str()).collect();
        let reason = format!(
            "the names above the cells ({}) are not those of the header",
            found.join(", ")
        );
        return Err(TextError::Line {
            line: (lines_before + rows.line) as u64,
            reason,
        });
    }
    let mut columns: Vec<TextColumn> = described.iter().map(|d| TextColumn::new(&d.name)).collect();
    while rows.next_into(&mut row)? {
        if row.len() != columns.len() {
            return Err(too_many(
                (lines_before + rows.line) as u64,
                columns.len(),
                row.len(),
            ));
        }
        for (column, cell) in columns.iter_mut().zip(&row) {
            column.push(&cell.text);
        }
    }
    Ok(columns)
}

fn column(what: Description, cells: &TextColumn) -> TextResult<Column> {
    let column = match what.subtype.as_deref() {
        // JSON of any form stays as it is.
        Some("json") | None => scalars(&what, cells)?,
        Some(subtype) => arrays::read(&what.name, subtype, cells)?,
    };
    // Python's formats that say how reals are shown become FITS's; others mean nothing here.
    let display = what
        .format
        .as_deref()
        .and_then(Display::parse)
        .map(Display::to_tdisp);
    Ok(column
        .unit(what.unit.unwrap_or_default())
        .description(what.description.unwrap_or_default())
        .display(display.unwrap_or_default()))
}

fn scalars(what: &Description, cells: &TextColumn) -> TextResult<Column> {
    let mut data = empty(&what.datatype).ok_or_else(|| TextError::Header {
        reason: format!(
            "column '{}' is of type '{}', which is not known",
            what.name, what.datatype
        ),
    })?;
    let mut nulls = Vec::new();
    for (row, cell) in cells.iter().enumerate() {
        let null = cell.is_empty();
        nulls.push(null);
        if !push(&mut data, if null { None } else { Some(cell) }) {
            let reason = format!("'{cell}' is no {}", what.datatype);
            return Err(TextError::Cell {
                column: what.name.clone(),
                row: Some(row),
                reason,
            });
        }
    }
    Ok(Column::scalar(what.name.as_str(), data).nulls(nulls))
}

/// An empty vector for an ECSV datatype; also for the names that numpy and older files use.
pub(super) fn empty(datatype: &str) -> Option<ColumnData> {
    Some(match datatype {
        "bool" => ColumnData::Logical(Vec::new()),
        "int8" => ColumnData::I8(Vec::new()),
        "uint8" => ColumnData::U8(Vec::new()),
        "int16" => ColumnData::I16(Vec::new()),
        "uint16" => ColumnData::U16(Vec::new()),
        "int32" => ColumnData::I32(Vec::new()),
        "uint32" => ColumnData::U32(Vec::new()),
        "int64" | "int" => ColumnData::I64(Vec::new()),
        "uint64" => ColumnData::U64(Vec::new()),
        "float16" | "float32" => ColumnData::F32(Vec::new()),
        "float64" | "float128" | "float" => ColumnData::F64(Vec::new()),
        "complex64" => ColumnData::C32(Vec::new()),
        "complex128" | "complex256" => ColumnData::C64(Vec::new()),
        "string" | "str" | "object" | "datetime64" | "bytes" => ColumnData::Text(Vec::new()),
        _ => return None,
    })
}

/// Appends a cell, or what stands for a null; tells whether the cell could be read.
pub(super) fn push(data: &mut ColumnData, cell: Option<&str>) -> bool {
    fn number<T: std::str::FromStr>(values: &mut Vec<T>, null: T, cell: Option<&str>) -> bool {
        let value = cell.map_or(Some(null), |cell| cell.trim().parse().ok());
        value.map(|value| values.push(value)).is_some()
    }
    fn complex(cell: Option<&str>) -> Option<(f64, f64)> {
        cell.map_or(Some((f64::NAN, f64::NAN)), read_complex)
    }
    match data {
        ColumnData::Logical(v) | ColumnData::Bits(v) => {
            let value = cell.map_or(Some(false), |cell| read_logical(cell.trim()));
            value.map(|value| v.push(value)).is_some()
        }
        ColumnData::U8(v) => number(v, 0, cell),
        ColumnData::I8(v) => number(v, 0, cell),
        ColumnData::I16(v) => number(v, 0, cell),
        ColumnData::U16(v) => number(v, 0, cell),
        ColumnData::I32(v) => number(v, 0, cell),
        ColumnData::U32(v) => number(v, 0, cell),
        ColumnData::I64(v) => number(v, 0, cell),
        ColumnData::U64(v) => number(v, 0, cell),
        ColumnData::F32(v) => number(v, f32::NAN, cell),
        ColumnData::F64(v) => number(v, f64::NAN, cell),
        ColumnData::C32(v) => complex(cell)
            .map(|(re, im)| v.push([re as f32, im as f32]))
            .is_some(),
        ColumnData::C64(v) => complex(cell).map(|(re, im)| v.push([re, im])).is_some(),
        ColumnData::Text(v) => {
            v.push(cell.unwrap_or_default().to_owned());
            true
        }
        _ => false,
    }
}
