//! Which products are wanted, by what their columns hold.

use super::column_matching::suggestion;
use super::criterion::Wanted;
use super::products::column;
use crate::{Error, Result};
use firstlight_frame::table::{Column, ColumnData, Table, cell_text};

/// What products are to be like: all of it.
///
/// Within a column, any of the values is enough; values that begin with `!` must not be there. Texts are
/// compared without regard to case, as the service does, and may be patterns with `*`. Numbers may be
/// `100`, `100..200`, `>=100`, `<=100`, `>100`, `<100`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ProductFilter {
    /// Minimum recommended products alone.
    pub mrp_only: bool,
    /// Ends of names, any of them: `fits`, `_flt.fits`.
    pub extension: Vec<String>,
    /// Columns, and the values of each.
    pub columns: Vec<(String, Vec<Wanted>)>,
}

impl ProductFilter {
    /// The products for which it holds, in their order.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`] and [`Error::BadCriterion`]; [`Error::NotProducts`] where the table lacks what
    /// `mrp_only` or `extension` are about.
    pub fn apply(&self, products: &Table) -> Result<Table> {
        let mut keep = vec![true; products.rows()];
        if self.mrp_only {
            let group = column(
                products,
                "productGroupDescription",
                "it tells the minimum recommended products",
            )?;
            narrow(&mut keep, |row| {
                cell_text(group, row) == "Minimum Recommended Products"
            });
        }
        if !self.extension.is_empty() {
            let names = column(products, "productFilename", "it tells the extension")?;
            let ends = |name: &str| self.extension.iter().any(|end| ends_with(name, end));
            narrow(&mut keep, |row| {
                !names.is_null(row) && ends(&cell_text(names, row))
            });
        }
        for (name, values) in &self.columns {
            let column = products.find(name).ok_or_else(|| Error::NoSuchColumn {
                name: name.clone(),
                suggestion: suggestion(name, &products.names()),
            })?;
            if values.is_empty() {
                continue;
            }
            let tests = values
                .iter()
                .map(|value| Test::read(column, value))
                .collect::<Result<Vec<_>>>()?;
            let wanted = tests.iter().any(|test| !test.negated);
            narrow(&mut keep, |row| {
                let hit = |test: &&Test| test.asked.holds(column, row);
                let some = !wanted || tests.iter().filter(|test| !test.negated).any(|test| hit(&test));
                some && !tests.iter().filter(|test| test.negated).any(|test| hit(&test))
            });
        }
        let rows: Vec<usize> = (0..products.rows()).filter(|row| keep[*row]).collect();
        Ok(products.take(&rows))
    }
}

fn narrow(keep: &mut [bool], holds: impl Fn(usize) -> bool) {
    for (row, keep) in keep.iter_mut().enumerate() {
        *keep = *keep && holds(row);
    }
}

fn ends_with(name: &str, end: &str) -> bool {
    let (name, end) = (name.to_ascii_lowercase(), end.trim().to_ascii_lowercase());
    name.ends_with(&end)
}

struct Test {
    negated: bool,
    asked: Asked,
}

enum Asked {
    Text(String),
    Pattern(String),
    /// From and to, and whether each end belongs to it.
    Range(f64, bool, f64, bool),
}

impl Test {
    fn read(column: &Column, value: &Wanted) -> Result<Self> {
        let whole = value.text();
        let (negated, text) = match whole.strip_prefix('!') {
            Some(rest) => (true, rest.trim()),
            None => (false, whole.trim()),
        };
        let asked = match column.data() {
            ColumnData::Text(_) | ColumnData::Logical(_) | ColumnData::Bits(_) if text.contains('*') => {
                Asked::Pattern(text.to_ascii_lowercase())
            }
            ColumnData::Text(_) | ColumnData::Logical(_) | ColumnData::Bits(_) => {
                Asked::Text(text.to_owned())
            }
            _ => range(text).ok_or_else(|| Error::BadCriterion {
                column: column.name().to_owned(),
                value: whole.clone(),
                reason: "write a number, 100..200, >=100, <=100, >100 or <100".to_owned(),
            })?,
        };
        Ok(Self { negated, asked })
    }
}

impl Asked {
    fn holds(&self, column: &Column, row: usize) -> bool {
        if column.is_null(row) {
            // To ask for nothing is to ask for nulls.
            return matches!(self, Asked::Text(text) if text.is_empty());
        }
        match self {
            Asked::Text(text) => cell_text(column, row).eq_ignore_ascii_case(text),
            Asked::Pattern(pattern) => fits(pattern, &cell_text(column, row).to_ascii_lowercase()),
            Asked::Range(from, with_from, to, with_to) => column.data().real(row).is_some_and(|value| {
                (value > *from || *with_from && value == *from) && (value < *to || *with_to && value == *to)
            }),
        }
    }
}

fn range(text: &str) -> Option<Asked> {
    let number = |text: &str| text.trim().parse().ok().filter(|value: &f64| !value.is_nan());
    let (low, high) = (f64::NEG_INFINITY, f64::INFINITY);
    Some(if let Some(rest) = text.strip_prefix(">=") {
        Asked::Range(number(rest)?, true, high, true)
    } else if let Some(rest) = text.strip_prefix("<=") {
        Asked::Range(low, true, number(rest)?, true)
    } else if let Some(rest) = text.strip_prefix('>') {
        Asked::Range(number(rest)?, false, high, true)
    } else if let Some(rest) = text.strip_prefix('<') {
        Asked::Range(low, true, number(rest)?, false)
    } else if let Some((from, to)) = text.split_once("..") {
        let end = |text: &str, open: f64| {
            if text.trim().is_empty() {
                Some(open)
            } else {
                number(text)
            }
        };
        Asked::Range(end(from, low)?, true, end(to, high)?, true)
    } else {
        Asked::Range(number(text)?, true, number(text)?, true)
    })
}

/// Whether a text is what a pattern with `*` stands for.
fn fits(pattern: &str, text: &str) -> bool {
    let parts: Vec<&str> = pattern.split('*').collect();
    let (Some((first, rest)), true) = (parts.split_first(), parts.len() > 1) else {
        return pattern == text;
    };
    let Some(mut left) = text.strip_prefix(first) else {
        return false;
    };
    let Some((last, middle)) = rest.split_last() else {
        return left.is_empty();
    };
    for part in middle {
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit() {
        for (pattern, text, expected) in [
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*c", "abcd", false),
            ("*", "", true),
            ("**b", "ab", true),
            ("ab*ba", "aba", false),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxc", false),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }
}
