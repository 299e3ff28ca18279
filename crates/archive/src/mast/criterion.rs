//! What observations are to be like, as the service's filters.

use super::column::{ColumnConfig, Columns};
use super::{column_matching::suggestion, mjd::mjd, text_list::split_list};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value, json};

/// A value that is wanted of a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Wanted {
    /// True or false.
    Logical(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Real(f64),
    /// A value, a pattern with `*` or `%`, a range `A..B`, or, for times, a date.
    Text(String),
}

impl Wanted {
    /// As text, numbers as Python writes them.
    pub fn text(&self) -> String {
        match self {
            Wanted::Logical(true) => "True".to_owned(),
            Wanted::Logical(false) => "False".to_owned(),
            Wanted::Integer(value) => value.to_string(),
            Wanted::Real(value) => format!("{value:?}"),
            Wanted::Text(text) => text.clone(),
        }
    }
}

/// What one column is to hold: any of the values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Criterion {
    /// The column; `obstype` stands for `intentType` and takes `cal` for `calibration`, and `all`.
    pub column: String,
    /// The values.
    pub values: Vec<Wanted>,
}

/// What several values of a column of numbers mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lists {
    /// Each stands for itself; texts are lists, parted by commas.
    #[default]
    Values,
    /// Two are the ends of a range, as in astroquery; a comma in a text parts nothing.
    Range,
}

/// One of the service's filters.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    column: String,
    separator: Option<String>,
    values: Vec<Value>,
    /// At most one goes into a request.
    patterns: Vec<String>,
}

impl Filter {
    /// As it stands in a request.
    fn json(&self, pattern: Option<&String>) -> Value {
        let mut filter = json!({ "paramName": self.column });
        if let Some(separator) = &self.separator {
            filter["separator"] = separator.as_str().into();
        }
        filter["values"] = self.values.clone().into();
        if let Some(pattern) = pattern {
            filter["freeText"] = pattern.as_str().into();
        }
        filter
    }
}

/// Most requests that the patterns of one query may make together.
const MOST_REQUESTS: usize = 64;
/// Most whole numbers that a range of them stands for.
const MOST_VALUES: i64 = 1000;
/// What stands for an open end of a range: the service takes no open ones.
const FAR: f64 = 1e30;
/// Columns of running text, in which a comma is a comma.
const RUNNING_TEXT: [&str; 6] = [
    "obs_title",
    "proposal_pi",
    "target_classification",
    "s_region",
    "jpegURL",
    "dataURL",
];

/// The filters of each request that is to be made: one, unless a column is given several patterns, of which
/// the service takes one at a time. Together the requests find what any of the patterns matches.
///
/// # Errors
/// [`Error::NoSuchColumn`], [`Error::BadCriterion`].
pub fn filters(criteria: &[Criterion], columns: &Columns, lists: Lists) -> Result<Vec<Vec<Value>>> {
    let mut requests: Vec<Vec<Value>> = vec![Vec::new()];
    for criterion in &merged(criteria) {
        let Some(filter) = filter(criterion, columns, lists)? else {
            continue;
        };
        let choices: Vec<Value> = match filter.patterns.as_slice() {
            [] => vec![filter.json(None)],
            patterns => patterns
                .iter()
                .map(|pattern| filter.json(Some(pattern)))
                .collect(),
        };
        if requests.len() * choices.len() > MOST_REQUESTS {
            return Err(bad(
                &filter.column,
                "*",
                "there are too many patterns; use fewer, or several queries",
            ));
        }
        let with = |request: &Vec<Value>, choice: &Value| request.iter().chain([choice]).cloned().collect();
        requests = requests
            .iter()
            .flat_map(|request| {
                choices
                    .iter()
                    .map(|choice| with(request, choice))
                    .collect::<Vec<_>>()
            })
            .collect();
    }
    Ok(requests)
}

/// Each column once, with all its values: the service takes one filter of a column.
fn merged(criteria: &[Criterion]) -> Vec<Criterion> {
    let mut merged: Vec<Criterion> = Vec::new();
    for criterion in criteria {
        match merged
            .iter_mut()
            .find(|other| other.column.eq_ignore_ascii_case(&criterion.column))
        {
            Some(other) => other.values.extend(criterion.values.iter().cloned()),
            None => merged.push(criterion.clone()),
        }
    }
    merged
}

fn bad(column: &str, value: &str, reason: impl Into<String>) -> Error {
    Error::BadCriterion {
        column: column.to_owned(),
        value: value.to_owned(),
        reason: reason.into(),
    }
}

/// The filter of one criterion; none for `obstype=all`.
fn filter(criterion: &Criterion, columns: &Columns, lists: Lists) -> Result<Option<Filter>> {
    if criterion.column.eq_ignore_ascii_case("obstype") && columns.find("obstype").is_none() {
        return intent(criterion, columns, lists);
    }
    let column = columns
        .find(&criterion.column)
        .ok_or_else(|| Error::NoSuchColumn {
            name: criterion.column.clone(),
            suggestion: suggestion(&criterion.column, &columns.names()),
        })?;
    let values = wanted(criterion, column, lists);
    if values.is_empty() {
        return Err(bad(&column.name, "", "there is no value"));
    }
    let mut filter = Filter {
        column: column.name.clone(),
        separator: column.separator.clone(),
        values: Vec::new(),
        patterns: Vec::new(),
    };
    if column.continuous {
        filter.values = match (lists, values.as_slice()) {
            (Lists::Range, [least, most]) => vec![between(column, least, most)?],
            (Lists::Range, [_, _, ..]) => {
                return Err(bad(&column.name, "", "a range has two ends; give [least, most]"));
            }
            _ => values
                .iter()
                .map(|value| interval(column, value))
                .collect::<Result<_>>()?,
        };
    } else {
        for value in &values {
            discrete(column, value, &mut filter)?;
        }
    }
    Ok(Some(filter))
}

/// `obstype`, which astroquery once had, by the column that has it now.
fn intent(criterion: &Criterion, columns: &Columns, lists: Lists) -> Result<Option<Filter>> {
    let mut values = Vec::new();
    for value in &criterion.values {
        for part in split_list(&value.text()) {
            match part.to_ascii_lowercase().as_str() {
                "science" => values.push(Wanted::Text("science".to_owned())),
                "cal" | "calibration" => values.push(Wanted::Text("calibration".to_owned())),
                "all" => return Ok(None),
                _ => return Err(bad("obstype", &part, "it is one of science, cal, all")),
            }
        }
    }
    let column = "intentType".to_owned();
    filter(&Criterion { column, values }, columns, lists)
}

/// The values, with lists taken apart.
fn wanted(criterion: &Criterion, column: &ColumnConfig, lists: Lists) -> Vec<Wanted> {
    let whole = lists == Lists::Range || RUNNING_TEXT.contains(&column.name.as_str());
    let mut values = Vec::new();
    for value in &criterion.values {
        match value {
            Wanted::Text(text) if !whole => values.extend(split_list(text).into_iter().map(Wanted::Text)),
            other => values.push(other.clone()),
        }
    }
    values
}

fn discrete(column: &ColumnConfig, value: &Wanted, filter: &mut Filter) -> Result<()> {
    let text = value.text();
    if text.contains(['*', '%']) {
        filter.patterns.push(text.replace('*', "%"));
    } else if let Some((first, last)) = whole_range(&text) {
        if first > last || last - first >= MOST_VALUES {
            let reason = format!("a range of whole numbers goes upwards and holds {MOST_VALUES} at most");
            return Err(bad(&column.name, &text, reason));
        }
        filter
            .values
            .extend((first..=last).map(|number| Value::from(number.to_string())));
    } else {
        filter.values.push(text.into());
    }
    Ok(())
}

fn whole_range(text: &str) -> Option<(i64, i64)> {
    let (first, last) = text.split_once("..")?;
    // So far from the largest that their difference has room.
    let number = |text: &str| {
        text.trim()
            .parse()
            .ok()
            .filter(|n: &i64| n.unsigned_abs() < i64::MAX as u64 / 4)
    };
    Some((number(first)?, number(last)?))
}

/// A number or a date, from where it begins to where it ends.
fn ends(column: &ColumnConfig, value: &Wanted) -> Result<(Value, Value)> {
    let same = |number: Number| (Value::Number(number.clone()), Value::Number(number));
    let reason = if is_time(column) {
        "it is neither a number (MJD), a date (2015-03-03, 2015-03-03T12:00) nor a range A..B"
    } else {
        "it is neither a number nor a range A..B"
    };
    let unreadable = || bad(&column.name, &value.text(), reason);
    match value {
        Wanted::Integer(value) => Ok(same((*value).into())),
        Wanted::Real(value) => Number::from_f64(*value).map(same).ok_or_else(unreadable),
        Wanted::Logical(_) => Err(unreadable()),
        Wanted::Text(text) => {
            if let Some((begin, end)) = mjd(text).filter(|_| is_time(column)) {
                return Ok((begin.into(), end.into()));
            }
            let text = text.trim();
            if let Ok(value) = text.parse::<i64>() {
                return Ok(same(value.into()));
            }
            text.parse()
                .ok()
                .and_then(Number::from_f64)
                .map(same)
                .ok_or_else(unreadable)
        }
    }
}

fn is_time(column: &ColumnConfig) -> bool {
    column.unit == "MJD"
}

/// A range, from the begin of its first end to the end of its last.
fn between(column: &ColumnConfig, least: &Wanted, most: &Wanted) -> Result<Value> {
    let (min, _) = ends(column, least)?;
    let (_, max) = ends(column, most)?;
    if min.as_f64() > max.as_f64() {
        let range = format!("{}..{}", least.text(), most.text());
        return Err(bad(
            &column.name,
            &range,
            "the range is empty: its first end is above its second",
        ));
    }
    Ok(json!({ "min": min, "max": max }))
}

/// One value of a continuous column: `A..B`, `A..`, `..B`, `>=A`, `<=B`, or one number or date.
fn interval(column: &ColumnConfig, value: &Wanted) -> Result<Value> {
    let part = |text: &str| Wanted::Text(text.to_owned());
    let Wanted::Text(text) = value else {
        return between(column, value, value);
    };
    let (least, most) = match (
        text.split_once(".."),
        text.strip_prefix(">="),
        text.strip_prefix("<="),
    ) {
        (Some((least, most)), ..) => (least.trim(), most.trim()),
        (_, Some(least), _) => (least.trim(), ""),
        (_, _, Some(most)) => ("", most.trim()),
        _ => (text.trim(), text.trim()),
    };
    match (least, most) {
        ("", "") => Err(bad(&column.name, text, "the range has no end at all")),
        (least, "") => between(column, &part(least), &Wanted::Real(FAR)),
        ("", most) => between(column, &Wanted::Real(-FAR), &part(most)),
        (least, most) => between(column, &part(least), &part(most)),
    }
}
