//! Filters of a request, as conditions of SQL.

use super::columns::{Column, Kind, OBSERVATIONS};
use super::{Refusal, refuse};
use rusqlite::types::Value as Sql;
use serde_json::Value;

/// Conditions, all of which are to hold, and what is put in the place of their question marks.
#[derive(Debug, Default)]
pub struct Conditions {
    texts: Vec<String>,
    /// In the order of the question marks.
    pub values: Vec<Sql>,
}

impl Conditions {
    /// Reads the `filters` of a request: `[{"paramName": …, "values": […], "freeText": …}]`. The conditions of
    /// one filter are alternatives.
    pub fn read(filters: &Value) -> Result<Self, Refusal> {
        let mut conditions = Self::default();
        let filters = match filters {
            Value::Null => return Ok(conditions),
            Value::Array(filters) => filters,
            other => return refuse(format!("filters is {other}, but must be a list")),
        };
        for filter in filters {
            conditions.add(filter)?;
        }
        Ok(conditions)
    }

    /// The text after WHERE.
    pub fn text(&self) -> String {
        if self.texts.is_empty() {
            "1".to_owned()
        } else {
            self.texts.join(" AND ")
        }
    }

    fn add(&mut self, filter: &Value) -> Result<(), Refusal> {
        let Some(name) = filter.get("paramName").and_then(Value::as_str) else {
            return refuse(format!("a filter has no paramName: {filter}"));
        };
        let Some(column) = OBSERVATIONS.iter().find(|c| c.name.eq_ignore_ascii_case(name)) else {
            return refuse(format!("there is no column {name}"));
        };
        let mut alternatives = Vec::new();
        let values = match filter.get("values") {
            None | Some(Value::Null) => &[][..],
            Some(Value::Array(values)) => values,
            Some(single) => std::slice::from_ref(single),
        };
        for value in values {
            alternatives.push(self.alternative(column, value)?);
        }
        if let Some(pattern) = filter.get("freeText").and_then(Value::as_str) {
            alternatives.push(self.pattern(column, pattern));
        }
        if alternatives.is_empty() {
            return refuse(format!("the filter of {name} has neither values nor freeText"));
        }
        self.texts.push(any_of(&alternatives));
        Ok(())
    }

    fn alternative(&mut self, column: &Column, value: &Value) -> Result<String, Refusal> {
        let name = column.name;
        if let Value::Object(range) = value {
            let mut bounds = Vec::new();
            for (key, comparison) in [("min", ">="), ("max", "<=")] {
                if let Some(bound) = range.get(key).filter(|bound| !bound.is_null()) {
                    let Some(bound) = number(bound) else {
                        return refuse(format!("{key} of {name} is {bound}, but must be a number"));
                    };
                    self.values.push(Sql::Real(bound));
                    bounds.push(format!("\"{name}\" {comparison} ?"));
                }
            }
            if bounds.is_empty() {
                return refuse(format!("a range of {name} has neither min nor max: {value}"));
            }
            return Ok(format!("({})", bounds.join(" AND ")));
        }
        match (column.kind, value) {
            (Kind::Text, Value::String(text)) => Ok(self.text_is(column, text)),
            (Kind::Text, Value::Number(number)) => Ok(self.text_is(column, &number.to_string())),
            (Kind::Logical, value) => {
                let Some(flag) = logical(value) else {
                    return refuse(format!("{name} is {value}, but must be true or false"));
                };
                self.values.push(Sql::Integer(i64::from(flag)));
                Ok(format!("\"{name}\" = ?"))
            }
            (Kind::Integer | Kind::Identifier | Kind::Real, value) => {
                let Some(number) = number(value) else {
                    return refuse(format!("{name} is {value}, but must be a number or a range"));
                };
                self.values.push(Sql::Real(number));
                Ok(format!("\"{name}\" = ?"))
            }
            (Kind::Text, other) => refuse(format!("{name} is {other}, but must be text")),
        }
    }

    /// Upper and lower case are the same, and a column with a separator has several values.
    fn text_is(&mut self, column: &Column, text: &str) -> String {
        let name = column.name;
        match column.separator {
            Some(separator) => {
                self.values.push(Sql::Text(format!(
                    "{separator}{}{separator}",
                    text.to_lowercase()
                )));
                format!("instr('{separator}' || lower(\"{name}\") || '{separator}', ?) > 0")
            }
            None => {
                self.values.push(Sql::Text(text.to_owned()));
                format!("\"{name}\" = ? COLLATE NOCASE")
            }
        }
    }

    /// `%` and `*` stand for any text; an underscore is one, as names are full of them.
    fn pattern(&mut self, column: &Column, pattern: &str) -> String {
        let escaped = pattern
            .replace('\\', "\\\\")
            .replace('_', "\\_")
            .replace('*', "%");
        self.values.push(Sql::Text(escaped));
        format!("CAST(\"{}\" AS TEXT) LIKE ? ESCAPE '\\'", column.name)
    }
}

/// One of the conditions, halved again and again: SQLite takes a thousand levels at most, which a plain chain of
/// alternatives would have as many of as there are names in a list.
fn any_of(conditions: &[String]) -> String {
    match conditions {
        [] => "0".to_owned(),
        [one] => one.clone(),
        many => {
            let (first, second) = many.split_at(many.len() / 2);
            format!("({} OR {})", any_of(first), any_of(second))
        }
    }
}

/// A number, also where it was sent as text.
pub fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}

fn logical(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") || text == "1" => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") || text == "0" => Some(false),
        _ => None,
    }
}
