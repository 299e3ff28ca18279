//! Answers page by page.

use super::columns::{Column, Kind};
use super::filter::number;
use rusqlite::Row;
use rusqlite::types::ValueRef;
use serde_json::{Map, Value, json};

/// How many rows an answer has where the request does not say.
const PAGE_SIZE: usize = 50_000;

/// The part of the rows that was asked for, as the service gives it.
pub fn page(columns: &[Column], rows: Vec<Map<String, Value>>, request: &Value) -> Value {
    let whole = |key: &str, otherwise: usize| {
        let found = request.get(key).and_then(number).filter(|number| *number >= 1.0);
        found.map_or(otherwise, |number| number as usize)
    };
    let (size, page) = (whole("pagesize", PAGE_SIZE), whole("page", 1));
    let total = rows.len();
    let part: Vec<Value> = rows
        .into_iter()
        .skip(size.saturating_mul(page - 1))
        .take(size)
        .map(Value::Object)
        .collect();
    let fields: Vec<Value> = columns.iter().map(Column::field).collect();
    json!({
        "status": "COMPLETE",
        "msg": "",
        "paging": {
            "page": page,
            "pageSize": size,
            "pagesFiltered": total.div_ceil(size),
            "rows": part.len(),
            "rowsFiltered": total,
            "rowsTotal": total,
        },
        "data": part,
        "fields": fields,
    })
}

/// The paging of an answer without rows.
pub fn none() -> Value {
    json!({ "page": 1, "pageSize": PAGE_SIZE, "pagesFiltered": 0, "rows": 0, "rowsFiltered": 0, "rowsTotal": 0 })
}

/// The cells of a row of the index.
pub fn cells(columns: &[Column], row: &Row) -> rusqlite::Result<Map<String, Value>> {
    let cell = |column: &Column| -> rusqlite::Result<(String, Value)> {
        let value = match (row.get_ref(column.name)?, column.kind) {
            (ValueRef::Integer(number), Kind::Logical) => json!(number != 0),
            (ValueRef::Integer(number), _) => json!(number),
            (ValueRef::Real(number), _) => json!(number),
            (ValueRef::Text(text), _) => json!(String::from_utf8_lossy(text)),
            (ValueRef::Null | ValueRef::Blob(_), _) => Value::Null,
        };
        Ok((column.name.to_owned(), value))
    };
    columns.iter().map(cell).collect()
}
