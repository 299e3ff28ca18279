//! Tables as JSON: `{"rows": 2, "columns": [{"name": "x", "unit": "pix", "type": "float64", "values": [1.5, null]}]}`.
//!
//! Null stands for nulls and, in reals, for NaN; infinities are the texts `"inf"` and `"-inf"`; complex
//! numbers are pairs. The values of array columns are nested as their cells are.

use super::{Cells, Column, ColumnData, Table, TextError, TextResult};
use serde::ser::{SerializeMap, SerializeSeq, SerializeStruct};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// A table that serialises; `#[serde(serialize_with = "frame::table::serialize")]` does it in reports.
#[derive(Debug, Clone, Copy)]
pub struct AsJson<'a>(pub &'a Table);

/// Serialises a table, for `serialize_with`.
///
/// # Errors
/// Whatever the serializer fails with.
pub fn serialize<S: Serializer>(table: &Table, serializer: S) -> Result<S::Ok, S::Error> {
    AsJson(table).serialize(serializer)
}

impl Serialize for AsJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut table = serializer.serialize_struct("Table", 2)?;
        table.serialize_field("rows", &self.0.rows())?;
        let columns: Vec<_> = self.0.columns().iter().map(JsonColumn).collect();
        table.serialize_field("columns", &columns)?;
        table.end()
    }
}

struct JsonColumn<'a>(&'a Column);

impl Serialize for JsonColumn<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let column = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", column.name())?;
        map.serialize_entry("unit", &column.unit_text())?;
        map.serialize_entry("type", column.data().type_name())?;
        if let Some(description) = column.description_text() {
            map.serialize_entry("description", description)?;
        }
        match column.cells() {
            Cells::Scalar => {}
            Cells::Array(shape) => map.serialize_entry("shape", shape)?,
            Cells::Ragged(_) => map.serialize_entry("shape", &[Value::Null])?,
        }
        map.serialize_entry("values", &Values(column))?;
        map.end()
    }
}

struct Values<'a>(&'a Column);

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let column = self.0;
        let mut rows = serializer.serialize_seq(Some(column.rows()))?;
        for row in 0..column.rows() {
            let elements = column.elements(row);
            match column.cells() {
                Cells::Scalar => rows.serialize_element(&value(column, row))?,
                Cells::Array(axes) => rows.serialize_element(&nested(column, elements.start, axes))?,
                Cells::Ragged(_) => {
                    rows.serialize_element(&elements.map(|i| value(column, i)).collect::<Vec<_>>())?;
                }
            }
        }
        rows.end()
    }
}

fn nested(column: &Column, start: usize, axes: &[usize]) -> Value {
    let Some((&length, inner)) = axes.split_first() else {
        return value(column, start);
    };
    let step: usize = inner.iter().product();
    (0..length)
        .map(|n| nested(column, start + n * step, inner))
        .collect()
}

fn value(column: &Column, at: usize) -> Value {
    if column.is_null(at) {
        return Value::Null;
    }
    match column.data() {
        ColumnData::Logical(v) | ColumnData::Bits(v) => v.get(at).copied().into(),
        // Through f64, an f32 would get digits that it never had.
        ColumnData::F32(v) => v.get(at).map_or(Value::Null, |v| {
            real(v.to_string().parse().unwrap_or(f64::from(*v)))
        }),
        ColumnData::F64(v) => v.get(at).map_or(Value::Null, |v| real(*v)),
        ColumnData::C32(v) => v
            .get(at)
            .map_or(Value::Null, |v| v.iter().map(|&v| real(f64::from(v))).collect()),
        ColumnData::C64(v) => v
            .get(at)
            .map_or(Value::Null, |v| v.iter().map(|&v| real(v)).collect()),
        ColumnData::U64(v) => v.get(at).copied().into(),
        ColumnData::Text(v) => v.get(at).cloned().into(),
        integers => integers.integer(at).into(),
    }
}

fn real(value: f64) -> Value {
    if value.is_infinite() {
        value.to_string().into()
    } else {
        value.into()
    }
}

/// Reads what [`AsJson`] writes.
pub(super) fn read(text: &str) -> TextResult<Vec<Column>> {
    let bad = |reason: String| TextError::Header { reason };
    let json: Value = serde_json::from_str(text).map_err(|e| bad(e.to_string()))?;
    let Some(columns) = json.get("columns").and_then(Value::as_array) else {
        return Err(bad("it has no list 'columns'".to_owned()));
    };
    columns.iter().map(read_column).collect()
}

fn read_column(json: &Value) -> TextResult<Column> {
    let text = |key: &str| json.get(key).and_then(Value::as_str);
    let name = text("name").ok_or_else(|| TextError::Header {
        reason: "a column has no name".to_owned(),
    })?;
    let bad = |reason: String| TextError::Cell {
        column: name.to_owned(),
        row: None,
        reason,
    };
    let rows = json
        .get("values")
        .and_then(Value::as_array)
        .ok_or_else(|| bad("it has no values".to_owned()))?;
    let kind = text("type").unwrap_or("text");
    let complex = kind.starts_with("complex");
    let mut elements = Vec::new();
    let mut offsets = vec![0];
    for row in rows {
        flatten(row, complex, &mut elements);
        offsets.push(elements.len());
    }
    let data = data(kind, &elements).ok_or_else(|| bad(format!("a value is not of the type '{kind}'")))?;
    let column = match json.get("shape").and_then(Value::as_array) {
        None if elements.len() != rows.len() => return Err(bad("it has arrays, but no shape".to_owned())),
        None => Ok(Column::scalar(name, data)),
        Some(shape) => match shape
            .iter()
            .map(|n| n.as_u64().and_then(|n| usize::try_from(n).ok()))
            .collect()
        {
            Some(shape) => Column::array(name, shape, data),
            None => Column::ragged(name, offsets, data),
        },
    };
    let real = matches!(kind, "float32" | "float64");
    let nulls = elements.iter().map(|value| value.is_null() && !real).collect();
    let column = column.map_err(|e| bad(e.to_string()))?.nulls(nulls);
    Ok(column
        .unit(text("unit").unwrap_or_default())
        .description(text("description").unwrap_or_default()))
}

/// All elements in order; a pair of numbers is one element of a complex column.
fn flatten<'a>(value: &'a Value, complex: bool, into: &mut Vec<&'a Value>) {
    match value {
        Value::Array(inner) if !(complex && inner.len() == 2 && !inner[0].is_array()) => {
            inner.iter().for_each(|value| flatten(value, complex, into));
        }
        other => into.push(other),
    }
}

fn data(kind: &str, elements: &[&Value]) -> Option<ColumnData> {
    fn all<T>(elements: &[&Value], read: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
        elements.iter().map(|value| read(value)).collect()
    }
    fn integers<T: TryFrom<i64> + Default>(elements: &[&Value]) -> Option<Vec<T>> {
        all(elements, |v| {
            if v.is_null() {
                Some(T::default())
            } else {
                v.as_i64()?.try_into().ok()
            }
        })
    }
    let number = |v: &Value| match v {
        Value::Null => Some(f64::NAN),
        Value::String(text) => text.parse().ok(),
        other => other.as_f64(),
    };
    let pair = |v: &Value| match v {
        Value::Null => Some([f64::NAN; 2]),
        other => Some([number(other.get(0)?)?, number(other.get(1)?)?]),
    };
    let logical = |v: &Value| if v.is_null() { Some(false) } else { v.as_bool() };
    Some(match kind {
        "bool" => ColumnData::Logical(all(elements, logical)?),
        "bits" => ColumnData::Bits(all(elements, logical)?),
        "uint8" => ColumnData::U8(integers(elements)?),
        "int8" => ColumnData::I8(integers(elements)?),
        "int16" => ColumnData::I16(integers(elements)?),
        "uint16" => ColumnData::U16(integers(elements)?),
        "int32" => ColumnData::I32(integers(elements)?),
        "uint32" => ColumnData::U32(integers(elements)?),
        "int64" => ColumnData::I64(integers(elements)?),
        "uint64" => ColumnData::U64(all(elements, |v| if v.is_null() { Some(0) } else { v.as_u64() })?),
        "float32" => ColumnData::F32(all(elements, |v| number(v).map(|v| v as f32))?),
        "float64" => ColumnData::F64(all(elements, number)?),
        "complex64" => ColumnData::C32(all(elements, |v| pair(v).map(|[re, im]| [re as f32, im as f32]))?),
        "complex128" => ColumnData::C64(all(elements, pair)?),
        "text" => ColumnData::Text(all(elements, |v| {
            if v.is_null() {
                Some(String::new())
            } else {
                v.as_str().map(str::to_owned)
            }
        })?),
        _ => return None,
    })
}
