//! Arrays in ECSV cells: JSON, with NaN and Infinity as Python writes them.

use super::read::{empty, push};
use crate::table::columns::TextColumn;
use crate::table::{Cells, Column, ColumnData, TextError, TextResult, element};

/// Reads cells of a subtype such as `float64[2,3]`, or `float64[null]` where their lengths vary.
pub(super) fn read(name: &str, subtype: &str, cells: &TextColumn) -> TextResult<Column> {
    let unknown = || TextError::Header {
        reason: format!("column '{name}' is of the subtype '{subtype}', which is not known"),
    };
    let (datatype, shape) = subtype.split_once('[').ok_or_else(unknown)?;
    let shape: Vec<&str> = shape.trim_end_matches(']').split(',').map(str::trim).collect();
    let mut data = empty(datatype).ok_or_else(unknown)?;
    let shape: Option<Vec<usize>> = match shape.as_slice() {
        ["null"] => None,
        axes => Some(
            axes.iter()
                .map(|axis| axis.parse().ok())
                .collect::<Option<_>>()
                .ok_or_else(unknown)?,
        ),
    };
    let each = shape.as_ref().map(|axes| axes.iter().product::<usize>());
    let mut nulls = Vec::new();
    let mut offsets = vec![0];
    for (row, cell) in cells.iter().enumerate() {
        let fail = |reason: String| TextError::Cell {
            column: name.to_owned(),
            row: Some(row),
            reason,
        };
        let before = data.len();
        match (cell.trim(), each) {
            // A cell that is null as a whole.
            ("", Some(each)) => (0..each).for_each(|_| {
                push(&mut data, None);
                nulls.push(true);
            }),
            ("", None) => {}
            (json, _) => elements(json, &mut data, &mut nulls).map_err(fail)?,
        }
        let found = data.len() - before;
        if each.is_some_and(|each| each != found) {
            return Err(fail(format!(
                "expected {} elements, but found {found}",
                each.unwrap_or(0)
            )));
        }
        offsets.push(data.len());
    }
    let column = match shape {
        Some(shape) => Column::array(name, shape, data),
        None => Column::ragged(name, offsets, data),
    };
    let reason = |error: crate::fits::Error| TextError::Header {
        reason: error.to_string(),
    };
    Ok(column.map_err(reason)?.nulls(nulls))
}

/// Appends the elements of a JSON array, however deeply nested, in their order.
fn elements(json: &str, data: &mut ColumnData, nulls: &mut Vec<bool>) -> Result<(), String> {
    let mut rest = json;
    let mut depth = 0usize;
    loop {
        rest = rest.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
        let Some(first) = rest.chars().next() else { break };
        match first {
            '[' => {
                depth += 1;
                rest = &rest[1..];
            }
            ']' => {
                depth = depth.checked_sub(1).ok_or("a ']' is too many")?;
                rest = &rest[1..];
            }
            _ if depth == 0 => return Err(format!("'{json}' is no array")),
            '"' => {
                let mut texts = serde_json::Deserializer::from_str(rest).into_iter::<String>();
                let text = texts.next().and_then(Result::ok).ok_or("a text is not closed")?;
                rest = &rest[texts.byte_offset()..];
                nulls.push(false);
                if !push(data, Some(&text)) {
                    return Err(format!("'{text}' is no {}", data.type_name()));
                }
            }
            _ => {
                let end = rest.find([',', ']']).ok_or("a ']' is missing")?;
                let token = rest[..end].trim();
                nulls.push(token == "null");
                let value = match token {
                    "null" => None,
                    "Infinity" => Some("inf"),
                    "-Infinity" => Some("-inf"),
                    other => Some(other),
                };
                if !push(data, value) {
                    return Err(format!("'{token}' is no {}", data.type_name()));
                }
                rest = &rest[end..];
            }
        }
    }
    if depth == 0 {
        Ok(())
    } else {
        Err("a ']' is missing".to_owned())
    }
}

/// The shape of a column's cells as it stands in a subtype, or `None` for scalar columns.
pub(super) fn shape(column: &Column) -> Option<String> {
    match column.cells() {
        Cells::Scalar => None,
        Cells::Ragged(_) => Some("null".to_owned()),
        Cells::Array(axes) => Some(axes.iter().map(usize::to_string).collect::<Vec<_>>().join(",")),
    }
}

/// One cell as JSON, nested as its shape says.
pub(super) fn write(column: &Column, row: usize) -> String {
    let elements = column.elements(row);
    let axes = match column.cells() {
        Cells::Array(axes) => axes.clone(),
        _ => vec![elements.len()],
    };
    let mut out = String::new();
    nested(&mut out, column, elements.start, &axes);
    out
}

fn nested(out: &mut String, column: &Column, start: usize, axes: &[usize]) {
    let Some((&length, inner)) = axes.split_first() else {
        return push_json(out, column, start);
    };
    let step: usize = inner.iter().product();
    out.push('[');
    for n in 0..length {
        if n > 0 {
            out.push(',');
        }
        nested(out, column, start + n * step, inner);
    }
    out.push(']');
}

fn push_json(out: &mut String, column: &Column, at: usize) {
    if column.is_null(at) {
        return out.push_str("null");
    }
    let text = element::text(column, at);
    match column.data() {
        ColumnData::Text(_) | ColumnData::C32(_) | ColumnData::C64(_) => {
            out.push_str(&serde_json::Value::from(text).to_string());
        }
        ColumnData::Logical(_) | ColumnData::Bits(_) => out.push_str(&text.to_ascii_lowercase()),
        _ => out.push_str(match text.as_str() {
            "nan" => "NaN",
            "inf" => "Infinity",
            "-inf" => "-Infinity",
            number => number,
        }),
    }
}
