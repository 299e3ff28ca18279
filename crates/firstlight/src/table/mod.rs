//! Tables: computed columns, filters, sorting, selection.

mod columns;
mod order;

pub use columns::{cell, computed, kind_of};
pub use order::{RowRange, SortKey, sorted};

use crate::expression::{ColumnSpec, Expression};
use crate::frame::table::{self, Table, TableFormat};
use crate::{Error, Result};
use columns::bind;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What to make of a table. The order is: compute columns, filter, sort, take rows, select columns.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct TableOptions {
    /// Columns to keep, in this order: `a,b,c=expression`; `*` stands for all that the table has.
    #[cfg_attr(feature = "clap", arg(long, short, value_name = "LIST"))]
    pub columns: Option<String>,
    /// Keep rows for which this holds, as in `mdecodt1 > 25 && filter1 == "F165LP"`.
    #[cfg_attr(feature = "clap", arg(long, short, value_name = "EXPRESSION"))]
    pub filter: Option<String>,
    /// Columns to sort by, the first counting most; `-name` sorts downwards; nulls and NaN come last.
    #[cfg_attr(
        feature = "clap",
        arg(long, short, value_name = "LIST", allow_hyphen_values = true)
    )]
    pub sort: Option<String>,
    /// Rows to keep after sorting, counted from 0: `0:10`, `-5:`, `3`.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "FROM:TO", allow_hyphen_values = true)
    )]
    pub rows: Option<String>,
}

/// Reads a table from a FITS, csv, ECSV, fixed-width or JSON file.
///
/// # Errors
/// [`Error::Table`].
pub fn read(path: &Path, extension: Option<&str>, format: Option<TableFormat>) -> Result<Table> {
    let extension = extension.map(crate::fits::HduSelector::from);
    Ok(table::read(path, format, extension.as_ref())?)
}

/// Computes columns, filters, sorts, and selects. The table itself stays as it is.
///
/// # Errors
/// [`Error::Expression`] for expressions, names and kinds that do not fit; [`Error::Usage`] for rows that
/// cannot be read.
pub fn transform(table: &Table, options: &TableOptions) -> Result<Table> {
    let specs = options
        .columns
        .as_deref()
        .map(ColumnSpec::parse_list)
        .transpose()?;
    let filter = options.filter.as_deref().map(Expression::parse).transpose()?;
    let keys = options
        .sort
        .as_deref()
        .map(SortKey::parse_list)
        .unwrap_or_default();
    let range = options.rows.as_deref().map(str::parse::<RowRange>).transpose()?;
    let table = with_computed(table, specs.as_deref().unwrap_or_default())?;
    let mut rows: Vec<usize> = match &filter {
        Some(filter) => filtered(&table, filter)?,
        None => (0..table.rows()).collect(),
    };
    sorted(&table, &keys, &mut rows)?;
    if let Some(range) = range {
        rows = range.of(rows.len()).map(|at| rows[at]).collect();
    }
    let table = table.take(&rows);
    match specs {
        Some(specs) => select(&table, &specs),
        None => Ok(table),
    }
}

/// The table with the columns that `specs` define put behind its own, or in the place of those that have
/// their names. A definition may use those before it.
fn with_computed(table: &Table, specs: &[ColumnSpec]) -> Result<Table> {
    let mut table = table.clone();
    for spec in specs {
        if let Some(expression) = &spec.expression {
            let column = computed(&table, &spec.name, expression)?;
            if let Some(old) = table.find(&spec.name).map(|old| old.name().to_owned()) {
                table.remove(&old)?;
            }
            table.push(column)?;
        }
    }
    Ok(table)
}

/// The rows for which the expression is true.
fn filtered(table: &Table, filter: &Expression) -> Result<Vec<usize>> {
    let bound = bind(table, filter)?;
    if !matches!(
        bound.kind(),
        crate::expression::Kind::Logical | crate::expression::Kind::Null
    ) {
        let reason = format!("a filter must be true or false, but this is {}", bound.kind());
        return Err(crate::expression::ExpressionError::new(filter.text(), 0, reason).into());
    }
    let mut rows = Vec::new();
    for row in 0..table.rows() {
        if bound.holds(&|column| cell(&table.columns()[column], row))? {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// The columns that are named, in their order; `*` for all that are not computed and not named otherwise.
fn select(table: &Table, specs: &[ColumnSpec]) -> Result<Table> {
    let mut names: Vec<&str> = Vec::new();
    for spec in specs {
        if spec.name == "*" {
            let named = |name: &str| specs.iter().any(|other| other.name.eq_ignore_ascii_case(name));
            names.extend(table.names().into_iter().filter(|name| !named(name)));
        } else if !names.iter().any(|name| name.eq_ignore_ascii_case(&spec.name)) {
            names.push(&spec.name);
        }
    }
    Ok(table.select(&names)?)
}

impl From<RowRangeError> for Error {
    fn from(error: RowRangeError) -> Self {
        Error::Usage(error.to_string())
    }
}

/// Rows that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no range of rows; write 0:10, 5:, :-1 or 3")]
pub struct RowRangeError(pub(crate) String);

#[cfg(test)]
mod tests;
