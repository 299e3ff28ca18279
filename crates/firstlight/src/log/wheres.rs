//! Plain conditions on keywords: `PICTTYPE=1`, `filter~^V`.

use crate::frame::table::{Column, Table, cell_text};
use crate::{Error, Result};
use regex_lite::{Regex, RegexBuilder};

/// A keyword, and what its value has to be.
#[derive(Debug)]
pub(super) struct Where {
    pub(super) keyword: String,
    wanted: Wanted,
}

#[derive(Debug)]
enum Wanted {
    Any,
    Missing,
    Value(String),
    Pattern(Regex),
}

impl Where {
    /// Reads `KEY=VALUE`, `KEY=*`, `KEY=`, `KEY~PATTERN`.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let usage = |reason: &str| Error::Usage(format!("'{text}' is no condition: {reason}"));
        let at = text
            .find(['=', '~'])
            .filter(|at| *at > 0)
            .ok_or_else(|| usage("write KEY=VALUE, or KEY~PATTERN for a regular expression"))?;
        let (keyword, rest) = text.split_at(at);
        let value = rest[1..].trim();
        let wanted = if rest.starts_with('~') {
            let pattern = RegexBuilder::new(value).case_insensitive(true).build();
            Wanted::Pattern(pattern.map_err(|error| usage(&error.to_string()))?)
        } else {
            match value {
                "*" => Wanted::Any,
                "" => Wanted::Missing,
                value => Wanted::Value(value.to_owned()),
            }
        };
        Ok(Self {
            keyword: keyword.trim().to_owned(),
            wanted,
        })
    }

    fn holds(&self, column: Option<&Column>, row: usize) -> bool {
        let Some(column) = column.filter(|column| !column.is_null(row)) else {
            return matches!(self.wanted, Wanted::Missing);
        };
        let text = cell_text(column, row);
        match &self.wanted {
            Wanted::Any => true,
            Wanted::Missing => false,
            Wanted::Pattern(pattern) => pattern.is_match(&text),
            Wanted::Value(value) => same(&text, value),
        }
    }
}

/// Numbers are equal as numbers, logicals by their letter, texts whatever the case of their letters.
fn same(found: &str, wanted: &str) -> bool {
    let (found, wanted) = (found.trim(), wanted.trim());
    if let (Ok(found), Ok(wanted)) = (found.parse::<f64>(), wanted.parse::<f64>()) {
        return found == wanted;
    }
    let logical = |text: &str| match text {
        "T" | "t" => "true".to_owned(),
        "F" | "f" => "false".to_owned(),
        text => text.to_lowercase(),
    };
    found.to_lowercase() == wanted.to_lowercase()
        || ["True", "False"].contains(&found) && logical(found) == logical(wanted)
}

/// The rows for which all conditions hold.
pub(super) fn kept(table: &Table, wheres: &[Where]) -> Table {
    let rows: Vec<usize> = (0..table.rows())
        .filter(|row| wheres.iter().all(|one| one.holds(table.find(&one.keyword), *row)))
        .collect();
    table.take(&rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_hold_for_numbers_texts_patterns_and_what_is_missing() {
        let table = Table::new()
            .with(Column::text("FILTER", ["V", "Vs", ""]).nulls(vec![false, false, true]))
            .unwrap()
            .with(Column::text("EXPTIME", ["10.0", "1e1", "7"]))
            .unwrap();
        let rows = |texts: &[&str]| {
            let wheres: Vec<Where> = texts.iter().map(|text| Where::parse(text).unwrap()).collect();
            kept(&table, &wheres).texts("EXPTIME").unwrap().to_vec()
        };
        assert_eq!(rows(&["filter=v"]), ["10.0"]);
        assert_eq!(rows(&["FILTER~^v"]), ["10.0", "1e1"]);
        assert_eq!(rows(&["FILTER="]), ["7"]);
        assert_eq!(rows(&["FILTER=*", "exptime=10"]), ["10.0", "1e1"]);
        assert_eq!(rows(&["nosuch="]).len(), 3);
        assert!(rows(&["nosuch=*"]).is_empty());
    }

    #[test]
    fn what_is_no_condition() {
        for poor in ["FILTER", "=V", "FILTER~(", ""] {
            assert!(Where::parse(poor).is_err(), "{poor}");
        }
    }
}
