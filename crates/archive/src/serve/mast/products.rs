//! The files of observations.

use super::columns::PRODUCTS;
use super::{Refusal, paging, refuse};
use rusqlite::Connection;
use serde_json::Value;

/// The products of `params.obsid`, a number or several separated by commas. A file that belongs to several of
/// them is listed with each.
pub fn list(connection: &Connection, params: &Value, request: &Value) -> Result<Value, Refusal> {
    let wanted = match params.get("obsid") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => return refuse("obsid is missing: numbers, separated by commas".to_owned()),
    };
    let mut rows = Vec::new();
    let mut statement =
        connection.prepare("SELECT * FROM products WHERE parent_obsid = ?1 ORDER BY rowid")?;
    for word in wanted.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let Ok(number) = word.parse::<i64>() else {
            return refuse(format!(
                "obsid is {word}, but must be a number; it is not the same as obs_id"
            ));
        };
        let found = statement.query_map([number], |row| paging::cells(&PRODUCTS, row))?;
        for row in found {
            rows.push(row?);
        }
    }
    Ok(paging::page(&PRODUCTS, rows, request))
}
