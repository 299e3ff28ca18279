//! Tables: the project's one columnar type, and how FITS keeps it.

mod ascii;
mod binary;
mod column;
mod data;
mod decode;
mod encode;
mod format;

pub(crate) use binary::Layout;
pub use column::Column;
pub use data::{Cells, ColumnData};
pub(crate) use encode::Encoded;

use crate::{Error, FitsFile, Hdu, HduKind, Result};

/// Columns of the same number of rows, in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    columns: Vec<Column>,
    rows: usize,
}

impl Table {
    /// A table without columns.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a column at the end.
    ///
    /// # Errors
    /// [`Error::WrongShape`] where it has another number of rows than those before it;
    /// [`Error::Unwritable`] where its name is taken.
    pub fn push(&mut self, column: Column) -> Result<()> {
        if self.find(column.name()).is_some() {
            let reason = "the table has a column of this name".to_owned();
            return Err(Error::Unwritable {
                keyword: column.name().to_owned(),
                reason,
            });
        }
        self.push_any(column)
    }

    /// As [`Table::push`], as one expression.
    ///
    /// # Errors
    /// As [`Table::push`].
    pub fn with(mut self, column: Column) -> Result<Self> {
        self.push(column)?;
        Ok(self)
    }

    /// Adds a column even where its name is taken, as files may have it.
    pub(crate) fn push_any(&mut self, column: Column) -> Result<()> {
        column.check()?;
        // Cells of no elements say nothing about the number of rows.
        let countless = matches!(column.cells(), Cells::Array(shape) if shape.contains(&0));
        if self.columns.is_empty() && !countless {
            self.rows = column.rows();
        } else if !countless && column.rows() != self.rows {
            return Err(Error::WrongShape {
                expected: format!("{} rows in column '{}'", self.rows, column.name()),
                found: column.rows().to_string(),
            });
        }
        self.columns.push(column);
        Ok(())
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The columns in order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Names of the columns in order.
    pub fn names(&self) -> Vec<&str> {
        self.columns.iter().map(Column::name).collect()
    }

    /// A column by name: exactly spelt if there is one, else without regard to case.
    pub fn find(&self, name: &str) -> Option<&Column> {
        self.position(name).map(|at| &self.columns[at])
    }

    fn position(&self, name: &str) -> Option<usize> {
        let exact = self.columns.iter().position(|c| c.name() == name);
        exact.or_else(|| {
            self.columns
                .iter()
                .position(|c| c.name().eq_ignore_ascii_case(name))
        })
    }

    /// A column by name.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`], which lists those that are there.
    pub fn column(&self, name: &str) -> Result<&Column> {
        self.find(name).ok_or_else(|| self.no_such(name))
    }

    /// A column by name, to be changed.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`].
    pub fn column_mut(&mut self, name: &str) -> Result<&mut Column> {
        match self.position(name) {
            Some(at) => Ok(&mut self.columns[at]),
            None => Err(self.no_such(name)),
        }
    }

    /// Takes a column out.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`].
    pub fn remove(&mut self, name: &str) -> Result<Column> {
        match self.position(name) {
            Some(at) => Ok(self.columns.remove(at)),
            None => Err(self.no_such(name)),
        }
    }

    fn no_such(&self, name: &str) -> Error {
        let present = self.names().join(", ");
        Error::NoSuchColumn {
            name: name.to_owned(),
            present,
        }
    }

    /// A column's elements as reals, nulls as NaN.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`], [`Error::WrongColumn`].
    pub fn reals(&self, name: &str) -> Result<Vec<f64>> {
        self.column(name)?.reals()
    }

    /// A column's elements as integers.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`], [`Error::WrongColumn`].
    pub fn integers(&self, name: &str) -> Result<Vec<i64>> {
        self.column(name)?.integers()
    }

    /// A column's elements as strings.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`], [`Error::WrongColumn`].
    pub fn texts(&self, name: &str) -> Result<&[String]> {
        self.column(name)?.texts()
    }

    /// These rows, in this order; rows beyond the last are left out.
    #[must_use]
    pub fn take(&self, rows: &[usize]) -> Self {
        let there: Vec<usize> = rows.iter().copied().filter(|&row| row < self.rows).collect();
        let columns = self.columns.iter().map(|column| column.take(&there)).collect();
        Self {
            columns,
            rows: there.len(),
        }
    }

    /// Only these columns, in this order.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`].
    pub fn select(&self, names: &[&str]) -> Result<Self> {
        let columns = names
            .iter()
            .map(|name| self.column(name).cloned())
            .collect::<Result<_>>()?;
        Ok(Self {
            columns,
            rows: self.rows,
        })
    }

    /// Puts another table's rows behind these; the columns must be the same, in the same order.
    ///
    /// # Errors
    /// [`Error::WrongColumn`], [`Error::WrongShape`]; the table is then unchanged.
    pub fn append(&mut self, other: &Self) -> Result<()> {
        if self.names() != other.names() {
            return Err(Error::WrongShape {
                expected: format!("the columns {}", self.names().join(", ")),
                found: other.names().join(", "),
            });
        }
        let mut columns = self.columns.clone();
        for (column, more) in columns.iter_mut().zip(&other.columns) {
            column.append(more)?;
        }
        self.rows += other.rows;
        self.columns = columns;
        Ok(())
    }
}

/// Reads a table HDU.
pub(crate) fn read(file: &FitsFile, hdu: &Hdu) -> Result<Table> {
    let found = match hdu.kind() {
        HduKind::BinTable => return binary::read(file, hdu),
        HduKind::AsciiTable => return ascii::read(file, hdu),
        HduKind::CompressedImage => "a compressed image",
        HduKind::Image if hdu.has_pixels() => "an image",
        HduKind::Image => "no data",
        HduKind::Groups => "random groups",
        HduKind::Other => "an extension of an unknown type",
    };
    Err(Error::WrongKind {
        expected: "a table",
        found: found.to_owned(),
    })
}

/// Cells that take no bytes beyond which a header is not believed.
const MOST_EMPTY_CELLS: usize = 1 << 22;

/// Fails where a table claims many rows or cells that take no bytes, and so could be of any number.
fn check_cells(rows: usize, empty_columns: usize, row_bytes: usize) -> Result<()> {
    let empty = if row_bytes == 0 {
        rows.saturating_mul(empty_columns.max(1))
    } else {
        rows.saturating_mul(empty_columns)
    };
    if empty > MOST_EMPTY_CELLS.max(rows.saturating_mul(row_bytes)) {
        return Err(Error::Damaged {
            reason: format!("{rows} rows of {row_bytes} bytes"),
        });
    }
    Ok(())
}
