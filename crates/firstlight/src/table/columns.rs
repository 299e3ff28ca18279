//! Columns as expressions see them.

use crate::Result;
use crate::expression::{Bound, Expression, ExpressionError, Kind, Scalar};
use crate::frame::table::{Column, ColumnData, Table};
use std::borrow::Cow;

/// The kind of a column's cells; `None` for arrays and complex numbers, with which nothing is computed.
pub fn kind_of(column: &Column) -> Option<Kind> {
    if !column.is_scalar() {
        return None;
    }
    match column.data() {
        ColumnData::Logical(_) | ColumnData::Bits(_) => Some(Kind::Logical),
        ColumnData::F32(_) | ColumnData::F64(_) => Some(Kind::Real),
        ColumnData::Text(_) => Some(Kind::Text),
        data if data.is_integer() => Some(Kind::Integer),
        _ => None,
    }
}

/// The cell of a scalar column, for expressions. Integers beyond 63 bits are reals.
pub fn cell(column: &Column, row: usize) -> Scalar<'_> {
    if column.is_null(row) {
        return Scalar::Null;
    }
    let value = match column.data() {
        ColumnData::Logical(values) | ColumnData::Bits(values) => {
            values.get(row).map(|&value| Scalar::Logical(value))
        }
        ColumnData::F32(_) | ColumnData::F64(_) => column.data().real(row).map(Scalar::Real),
        ColumnData::Text(values) => values
            .get(row)
            .map(|text| Scalar::Text(Cow::Borrowed(text.as_str()))),
        data => data
            .integer(row)
            .map(Scalar::Integer)
            .or_else(|| data.real(row).map(Scalar::Real)),
    };
    value.unwrap_or(Scalar::Null)
}

/// Binds an expression to the columns of a table.
pub(super) fn bind(table: &Table, expression: &Expression) -> Result<Bound> {
    for name in expression.names() {
        if let Some(column) = table.find(&name)
            && kind_of(column).is_none()
        {
            let what = if column.is_scalar() {
                column.data().type_name()
            } else {
                "arrays"
            };
            let reason = format!("nothing can be computed with column '{name}', which holds {what}");
            return Err(ExpressionError::new(expression.text(), 0, reason).into());
        }
    }
    let column = |name: &str| {
        let found = table.find(name)?;
        let index = table
            .columns()
            .iter()
            .position(|column| column.name() == found.name())?;
        Some((index, kind_of(found)?))
    };
    Ok(expression.bind(column)?)
}

/// A column whose cells are computed from the table's, row by row.
///
/// # Errors
/// [`crate::Error::Expression`].
pub fn computed(table: &Table, name: &str, expression: &Expression) -> Result<Column> {
    let bound = bind(table, expression)?;
    let mut made = Computed::new(bound.kind());
    for row in 0..table.rows() {
        made.push(bound.value(&|column| cell(&table.columns()[column], row))?);
    }
    Ok(made.into_column(name))
}

/// A column in the making.
pub(crate) struct Computed {
    data: ColumnData,
    nulls: Vec<bool>,
}

impl Computed {
    pub fn new(kind: Kind) -> Self {
        let data = match kind {
            Kind::Logical => ColumnData::Logical(Vec::new()),
            Kind::Integer => ColumnData::I64(Vec::new()),
            Kind::Real => ColumnData::F64(Vec::new()),
            Kind::Text | Kind::Null => ColumnData::Text(Vec::new()),
        };
        Self {
            data,
            nulls: Vec::new(),
        }
    }

    /// Appends a cell; what is not of the column's kind is null.
    pub fn push(&mut self, value: Scalar<'_>) {
        let pushed = match (&mut self.data, value) {
            (ColumnData::Logical(values), Scalar::Logical(value)) => {
                values.push(value);
                true
            }
            (ColumnData::I64(values), Scalar::Integer(value)) => {
                values.push(value);
                true
            }
            (ColumnData::F64(values), value) => {
                let real = value.real();
                values.push(real.unwrap_or(f64::NAN));
                real.is_some()
            }
            (ColumnData::Text(values), Scalar::Text(text)) => {
                values.push(text.into_owned());
                true
            }
            (ColumnData::Logical(values), _) => {
                values.push(false);
                false
            }
            (ColumnData::I64(values), _) => {
                values.push(0);
                false
            }
            (ColumnData::Text(values), _) => {
                values.push(String::new());
                false
            }
            _ => return,
        };
        self.nulls.push(!pushed);
    }

    pub fn into_column(self, name: &str) -> Column {
        Column::scalar(name, self.data).nulls(self.nulls)
    }
}
