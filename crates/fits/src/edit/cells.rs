//! Replacing table cells in place.

use super::Edit;
use crate::table::{Layout, Table};
use crate::{Column, Error, HduKind, HduSelector, Result};

impl Edit {
    /// Replaces the cells of one column from `first_row` on by those of `column`, whose name says which.
    /// Its elements must be of the stored type and shape; strings may be shorter than the column is wide.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`]; [`Error::WrongColumn`] where type or shape differ, or the column is of
    /// variable length or scaled; [`Error::WrongShape`] where there are no such rows.
    pub fn cells(
        &mut self,
        selector: impl Into<HduSelector>,
        first_row: usize,
        column: &Column,
    ) -> Result<()> {
        self.change(selector, |own, file| {
            if own.hdu.kind() != HduKind::BinTable {
                let found = "something else".to_owned();
                return Err(Error::WrongKind {
                    expected: "a binary table",
                    found,
                });
            }
            let layout = Layout::of(&own.header)?;
            let cells = layout.encode(&own.header, column)?;
            let (row_bytes, rows) = (layout.row_bytes(), layout.rows());
            if first_row.checked_add(column.rows()).is_none_or(|end| end > rows) {
                return Err(Error::WrongShape {
                    expected: format!("rows among the table's {rows}"),
                    found: format!("{} rows from {first_row} on", column.rows()),
                });
            }
            let data = own.data(file)?;
            let table = data.chunks_exact_mut(row_bytes.max(1)).skip(first_row);
            for (row, cell) in table.zip(cells.bytes.chunks_exact(cells.width.max(1))) {
                row[cells.offset..cells.offset + cells.width].copy_from_slice(cell);
            }
            Ok(())
        })
    }

    /// Replaces whole rows from `first_row` on: the cells of every column of `rows`, as [`Edit::cells`].
    ///
    /// # Errors
    /// As [`Edit::cells`].
    pub fn table_rows(
        &mut self,
        selector: impl Into<HduSelector>,
        first_row: usize,
        rows: &Table,
    ) -> Result<()> {
        let selector = selector.into();
        rows.columns()
            .iter()
            .try_for_each(|column| self.cells(&selector, first_row, column))
    }
}
