//! Sorting rows, and taking a range of them.

use super::{RowRangeError, columns::cell};
use crate::expression::{Scalar, split_list};
use crate::frame::table::{Column, Table};
use crate::{Error, Result};
use std::cmp::Ordering;
use std::ops::Range;
use std::str::FromStr;

/// A column to sort by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortKey {
    /// The column.
    pub name: String,
    /// Whether the greatest comes first.
    pub descending: bool,
}

impl SortKey {
    /// Parses `a,-b`.
    pub fn parse_list(text: &str) -> Vec<Self> {
        let key = |part: &str| {
            let name = part.strip_prefix('-').unwrap_or(part).trim();
            Self {
                name: name.trim_matches('`').to_owned(),
                descending: part.starts_with('-'),
            }
        };
        split_list(text).into_iter().map(key).collect()
    }
}

/// Sorts row numbers by columns, the first counting most. Equal rows keep their order; nulls and NaN come
/// last whichever way is sorted.
///
/// # Errors
/// [`Error::Fits`] where there is no such column; [`Error::Usage`] where it holds arrays or complex
/// numbers.
pub fn sorted(table: &Table, keys: &[SortKey], rows: &mut [usize]) -> Result<()> {
    let mut columns: Vec<(&Column, bool)> = Vec::with_capacity(keys.len());
    for key in keys {
        let column = table.column(&key.name)?;
        if super::kind_of(column).is_none() {
            return Err(Error::Usage(format!(
                "column '{}' has no order to sort by",
                column.name()
            )));
        }
        columns.push((column, key.descending));
    }
    rows.sort_by(|&a, &b| {
        let orders = columns
            .iter()
            .map(|&(column, down)| order(&cell(column, a), &cell(column, b), down));
        orders.fold(Ordering::Equal, Ordering::then)
    });
    Ok(())
}

fn order(a: &Scalar<'_>, b: &Scalar<'_>, descending: bool) -> Ordering {
    let absent = |value: &Scalar<'_>| match value {
        Scalar::Null => true,
        Scalar::Real(value) => value.is_nan(),
        _ => false,
    };
    match (absent(a), absent(b)) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let order = match (a, b) {
        (Scalar::Text(a), Scalar::Text(b)) => a.cmp(b),
        (Scalar::Logical(a), Scalar::Logical(b)) => a.cmp(b),
        (Scalar::Integer(a), Scalar::Integer(b)) => a.cmp(b),
        _ => a.real().partial_cmp(&b.real()).unwrap_or(Ordering::Equal),
    };
    if descending { order.reverse() } else { order }
}

/// Rows counted from 0, from the end where negative: `0:10`, `5:`, `:-1`, `3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowRange {
    from: Option<i64>,
    to: Option<i64>,
}

impl RowRange {
    /// The rows of a table that has so many.
    pub fn of(self, rows: usize) -> Range<usize> {
        let place = |at: i64| {
            let magnitude = usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX);
            if at < 0 {
                rows.saturating_sub(magnitude)
            } else {
                magnitude.min(rows)
            }
        };
        let from = self.from.map_or(0, place);
        from..self.to.map_or(rows, place).max(from)
    }
}

impl FromStr for RowRange {
    type Err = RowRangeError;

    fn from_str(text: &str) -> Result<Self, RowRangeError> {
        let number = |part: &str| match part.trim() {
            "" => Ok(None),
            number => number
                .parse()
                .map(Some)
                .map_err(|_| RowRangeError(text.to_owned())),
        };
        if let Some((from, to)) = text.split_once(':') {
            return Ok(Self {
                from: number(from)?,
                to: number(to)?,
            });
        }
        let from = number(text)?.ok_or_else(|| RowRangeError(text.to_owned()))?;
        // The last row has none behind it: -1 is `-1:`, not `-1:0`.
        Ok(Self {
            from: Some(from),
            to: from.checked_add(1).filter(|&to| to != 0),
        })
    }
}
