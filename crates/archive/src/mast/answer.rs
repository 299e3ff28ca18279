//! Answers as tables.

use super::column::{Columns, Kind};
use crate::client::address_without_secrets;
use crate::{Error, Result};
use firstlight_frame::table::{Column, ColumnData, Table};
use serde_json::{Map, Value};

/// What integers stand for none, besides null.
const NO_INTEGER: i64 = -999;

/// The rows of an answer, or of several that were joined.
#[derive(Debug, Clone, Default)]
pub(super) struct Answer {
    /// Names and types, in order.
    pub fields: Vec<(String, String)>,
    pub rows: Vec<Map<String, Value>>,
    /// Pages there are in all.
    pub pages: u64,
}

/// A body as JSON.
pub(super) fn json(url: &str, body: &[u8]) -> Result<Value> {
    serde_json::from_slice(body).map_err(|error| {
        let start: String = String::from_utf8_lossy(body)
            .trim_start()
            .chars()
            .take(60)
            .collect();
        Error::BadAnswer {
            url: address_without_secrets(url),
            reason: match start.as_str() {
                "" => "the answer is empty".to_owned(),
                page if page.starts_with('<') => format!("a page in place of JSON: {page}"),
                _ => format!("no JSON: {error}"),
            },
        }
    })
}

/// The table in an answer of the service. Answers to requests have `fields` and `data`; of other forms, those of
/// catalogues (`info` and `data`), searches by mission (`info` and `results`, or `products`), lists by themselves, and
/// `Tables` within the data are read.
///
/// # Errors
/// [`Error::BadAnswer`] where there are no rows in it, [`Error::Service`] where it is an error.
pub fn table_of(url: &str, answer: Value, columns: &Columns) -> Result<Table> {
    Answer::parse(url, answer)?.table(columns)
}

impl Answer {
    pub fn parse(url: &str, mut answer: Value) -> Result<Self> {
        let bad = |reason: &str| Error::BadAnswer {
            url: address_without_secrets(url),
            reason: reason.to_owned(),
        };
        if answer.get("status").and_then(Value::as_str) == Some("ERROR") {
            return Err(Error::Service {
                url: address_without_secrets(url),
                service: String::new(),
                message: answer
                    .get("msg")
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned(),
            });
        }
        let pages = answer
            .pointer("/paging/pagesFiltered")
            .and_then(Value::as_u64)
            .unwrap_or(1);
        if let Some(table) = answer.pointer_mut("/data/Tables/0").map(Value::take) {
            answer = table;
        }
        let fields: Vec<(String, String)> = fields(&answer);
        let rows = match rows(&mut answer) {
            Some(Value::Array(rows)) => rows,
            Some(Value::Null) if !fields.is_empty() => Vec::new(),
            _ => return Err(bad("there are no rows ('data') in the answer")),
        };
        let rows = rows
            .into_iter()
            .map(|row| object(row, &fields))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| bad("a row is neither an object nor a list of values"))?;
        Ok(Self { fields, rows, pages })
    }

    /// Puts another's rows behind these.
    pub fn join(&mut self, other: Self) {
        for (name, kind) in other.fields {
            if !self.fields.iter().any(|(known, _)| *known == name) {
                self.fields.push((name, kind));
            }
        }
        self.rows.extend(other.rows);
    }

    /// The columns that are named by fields, and else by the rows themselves.
    pub fn table(mut self, columns: &Columns) -> Result<Table> {
        if self.fields.is_empty() {
            for row in &self.rows {
                for name in row.keys() {
                    if !self.fields.iter().any(|(known, _)| known == name) {
                        self.fields.push((name.clone(), String::new()));
                    }
                }
            }
        }
        let mut table = Table::new();
        for (name, kind) in &self.fields {
            if name == "_selected_" {
                continue;
            }
            let ignore = columns.find(name).and_then(|column| column.ignore);
            let cells: Vec<Option<&Value>> = self.rows.iter().map(|row| cell(row, name, ignore)).collect();
            let kind = if kind.is_empty() {
                kind_of(&cells)
            } else {
                Kind::of(kind)
            };
            table.push(column(&free_name(&table, name), kind, &cells))?;
        }
        Ok(table)
    }
}

/// The rows, where answers have them.
fn rows(answer: &mut Value) -> Option<Value> {
    if answer.as_array().is_some_and(|list| !list.is_empty()) {
        return Some(answer.take());
    }
    let places = ["data", "Rows", "results", "products"];
    places
        .into_iter()
        .find_map(|place| answer.get_mut(place).map(Value::take))
}

fn fields(answer: &Value) -> Vec<(String, String)> {
    let text = |field: &Value, key: &str| field.get(key).and_then(Value::as_str).map(str::to_owned);
    let places = ["fields", "Fields", "info"];
    let list = places.into_iter().find_map(|place| answer.get(place)?.as_array());
    let mut fields: Vec<(String, String)> = Vec::new();
    for field in list.into_iter().flatten() {
        if let Some(name) = text(field, "name")
            && !fields.iter().any(|(known, _)| *known == name)
        {
            fields.push((name, text(field, "type").unwrap_or_default()));
        }
    }
    fields
}

/// A row by names; rows may be lists in the order of the fields.
fn object(row: Value, fields: &[(String, String)]) -> Option<Map<String, Value>> {
    match row {
        Value::Object(row) => Some(row),
        Value::Array(cells) => Some(fields.iter().map(|(name, _)| name.clone()).zip(cells).collect()),
        _ => None,
    }
}

/// A cell; none where it is not there, null, or a value that stands for none.
fn cell<'a>(row: &'a Map<String, Value>, name: &str, ignore: Option<f64>) -> Option<&'a Value> {
    let value = row.get(name)?;
    let none = value.is_null() || ignore.is_some() && value.as_f64() == ignore;
    (!none).then_some(value)
}

/// The narrowest kind of cells whose type is not told.
fn kind_of(cells: &[Option<&Value>]) -> Kind {
    let all = |holds: fn(&Value) -> bool| {
        let mut there = cells.iter().flatten().peekable();
        there.peek().is_some() && there.all(|value| holds(value))
    };
    if all(Value::is_boolean) {
        Kind::Logical
    } else if all(|value| value.is_i64()) {
        Kind::Integer
    } else if all(Value::is_number) {
        Kind::Real
    } else {
        Kind::Text
    }
}

/// Names that differ in case alone are one name to FITS and to look-ups here.
fn free_name(table: &Table, name: &str) -> String {
    let mut free = name.to_owned();
    let mut number = 0;
    while table.find(&free).is_some() {
        number += 1;
        free = format!("{name}_{number}");
    }
    free
}

/// A column of a kind, or of a wider one where a cell is not of it.
fn column(name: &str, kind: Kind, cells: &[Option<&Value>]) -> Column {
    let data = match kind {
        Kind::Logical => logicals(cells),
        Kind::Integer => integers(cells).or_else(|| reals(cells)),
        Kind::Real => reals(cells),
        Kind::Text => None,
    };
    let data = data.unwrap_or_else(|| ColumnData::Text(cells.iter().map(|cell| text(*cell)).collect()));
    let null = |(at, cell): (usize, &Option<&Value>)| match (&data, cell) {
        (_, None) => true,
        (ColumnData::Text(texts), _) => texts.get(at).is_some_and(String::is_empty),
        (ColumnData::I64(values), _) => values.get(at) == Some(&NO_INTEGER),
        _ => false,
    };
    let nulls = cells.iter().enumerate().map(null).collect();
    Column::scalar(name, data).nulls(nulls)
}

fn logicals(cells: &[Option<&Value>]) -> Option<ColumnData> {
    let logical = |cell: &Option<&Value>| match cell {
        None => Some(false),
        Some(value) => value.as_bool().or_else(|| match value.as_i64() {
            Some(0) => Some(false),
            Some(1) => Some(true),
            _ => None,
        }),
    };
    cells
        .iter()
        .map(logical)
        .collect::<Option<_>>()
        .map(ColumnData::Logical)
}

fn integers(cells: &[Option<&Value>]) -> Option<ColumnData> {
    let integer = |cell: &Option<&Value>| match cell {
        None => Some(NO_INTEGER),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(value) => value.as_i64().or_else(|| {
            let whole = value.as_f64().filter(|v| v.fract() == 0.0 && v.abs() < 9e15);
            whole.map(|value| value as i64)
        }),
    };
    cells
        .iter()
        .map(integer)
        .collect::<Option<_>>()
        .map(ColumnData::I64)
}

fn reals(cells: &[Option<&Value>]) -> Option<ColumnData> {
    let real = |cell: &Option<&Value>| match cell {
        None => Some(f64::NAN),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(value) => value.as_f64(),
    };
    cells.iter().map(real).collect::<Option<_>>().map(ColumnData::F64)
}

fn text(cell: Option<&Value>) -> String {
    match cell {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
