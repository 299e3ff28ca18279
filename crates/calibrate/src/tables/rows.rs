//! Rows of a reference table, found by what the header says, with the wildcards that a cell may hold.

use crate::Reference;
use crate::{Error, Result};
use firstlight_frame::fits::{Column, HduSelector, Table};

/// What a cell of the row that is sought must hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Key<'a> {
    /// The column.
    pub column: &'static str,
    /// What the header says.
    pub value: KeyValue<'a>,
}

/// The value of a [`Key`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum KeyValue<'a> {
    /// Text, compared as it is; a cell of `ANY` or `N/A` matches all.
    Text(&'a str),
    /// A number, compared in single precision; a cell of −1 or −999 matches all.
    Number(f64),
}

impl<'a> Key<'a> {
    /// Text.
    pub fn text(column: &'static str, value: &'a str) -> Self {
        let value = KeyValue::Text(value);
        Self { column, value }
    }

    /// A number.
    pub fn number(column: &'static str, value: f64) -> Self {
        let value = KeyValue::Number(value);
        Self { column, value }
    }

    fn describe(&self) -> String {
        match self.value {
            KeyValue::Text(text) => format!("{} {text}", self.column),
            KeyValue::Number(number) => format!("{} {number}", self.column),
        }
    }
}

/// So many rows are named where one is sought in vain and that is no error.
const NAMED: usize = 6;

/// A reference table that has been read, with errors that name the file.
#[derive(Debug)]
pub struct Rows<'a> {
    reference: &'a Reference,
    table: Table,
}

impl<'a> Rows<'a> {
    /// Reads the first table of a reference file.
    ///
    /// # Errors
    /// [`Error::ReferenceTable`] where the file has none, or it cannot be read.
    pub fn read(reference: &'a Reference) -> Result<Self> {
        Self::read_hdu(reference, 1usize)
    }

    /// Reads one of the tables of a reference file.
    ///
    /// # Errors
    /// As [`Rows::read`].
    pub fn read_hdu(reference: &'a Reference, hdu: impl Into<HduSelector>) -> Result<Self> {
        match reference.table(hdu) {
            Ok(table) => Ok(Self { reference, table }),
            Err(Error::Frame(source)) => Err(unusable(reference, source)),
            Err(other) => Err(other),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.table.rows()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there is a column of this name.
    pub fn has(&self, column: &str) -> bool {
        self.table.find(column).is_some()
    }

    /// A commanded gain as CCDGAIN of this table holds it: tables from before 2009 hold whole gains, and the
    /// commanded one is compared without its fraction.
    pub fn comparable_gain(&self, ccdgain: f64) -> f64 {
        let column = self.table.find("CCDGAIN");
        match column.map(|column| column.data().type_name()) {
            Some("int32") => ccdgain.trunc(),
            _ => ccdgain,
        }
    }

    /// A column.
    ///
    /// # Errors
    /// [`Error::ReferenceTable`] where there is none of this name.
    pub fn column(&self, name: &str) -> Result<&Column> {
        self.table
            .column(name)
            .map_err(|source| unusable(self.reference, source.into()))
    }

    /// A column of numbers; nulls are NaN.
    ///
    /// # Errors
    /// [`Error::ReferenceTable`] where there is none of this name, or it is no column of numbers.
    pub fn numbers(&self, name: &str) -> Result<Vec<f64>> {
        self.column(name)?
            .reals()
            .map_err(|source| unusable(self.reference, source.into()))
    }

    /// A number of one row; NaN where it is null.
    ///
    /// # Errors
    /// [`Error::ReferenceTable`] where there is no such column of scalar numbers, or no such row.
    pub fn number(&self, name: &str, row: usize) -> Result<f64> {
        let column = self.column(name)?;
        if column.is_null(row) {
            return Ok(f64::NAN);
        }
        let number = column.data().real(row).filter(|_| column.is_scalar());
        number.ok_or_else(|| self.wrong(name, "a number in each row"))
    }

    /// Text of one row, without the spaces about it; empty where there is no such column.
    pub fn optional_text(&self, name: &str, row: usize) -> String {
        let column = self.table.find(name);
        let text = column.and_then(|column| column.data().text(row));
        text.unwrap_or_default().trim().to_owned()
    }

    /// The first row that has all `keys`.
    ///
    /// # Errors
    /// [`Error::NoRow`], which names what was sought and lists the rows there are; [`Error::ReferenceTable`] where
    /// a column is missing or of another type.
    pub fn find(&self, keys: &[Key]) -> Result<usize> {
        self.matching(keys)?
            .first()
            .copied()
            .ok_or_else(|| self.no_row(keys))
    }

    /// All rows that have all `keys`, in order.
    ///
    /// # Errors
    /// [`Error::ReferenceTable`] where a column is missing or of another type.
    pub fn matching(&self, keys: &[Key]) -> Result<Vec<usize>> {
        let mut rows: Vec<usize> = (0..self.len()).collect();
        for key in keys {
            let column = self.column(key.column)?;
            if !column.is_scalar() {
                return Err(self.wrong(key.column, "one value in each row"));
            }
            match key.value {
                KeyValue::Text(sought) => {
                    let texts = column
                        .texts()
                        .map_err(|source| unusable(self.reference, source.into()))?;
                    rows.retain(|&row| texts.get(row).is_some_and(|cell| is_text(cell, sought)));
                }
                KeyValue::Number(sought) => {
                    let cells = self.numbers(key.column)?;
                    rows.retain(|&row| cells.get(row).is_some_and(|&cell| is_number(cell, sought)));
                }
            }
        }
        Ok(rows)
    }

    /// The error that names `keys` and lists the values that the rows have in their columns, each once.
    pub fn no_row(&self, keys: &[Key]) -> Error {
        let (sought, found) = self.sought_and_found(keys);
        Error::NoRow {
            keyword: self.reference.keyword.clone(),
            path: self.reference.path(),
            sought,
            found,
        }
    }

    /// That there is no row with `keys`, in words, with some of those there are.
    pub fn without_row(&self, keys: &[Key]) -> String {
        let (sought, found) = self.sought_and_found(keys);
        let has = match found.len() {
            0 => "no rows".to_owned(),
            all if all > NAMED => format!("{} and {} more", found[..NAMED].join("; "), all - NAMED),
            _ => found.join("; "),
        };
        let (keyword, named) = (&self.reference.keyword, &self.reference.named);
        format!("{keyword} {named} has no row with {sought}; it has {has}")
    }

    /// `keys` in words, and the values that the rows have in their columns, each once.
    pub(crate) fn sought_and_found(&self, keys: &[Key]) -> (String, Vec<String>) {
        let cell = |column: &str, row| {
            let data = self.table.find(column).map(Column::data);
            match data.map(|data| (data.text(row), data.real(row))) {
                Some((Some(text), _)) => text.trim().to_owned(),
                Some((_, Some(number))) => number.to_string(),
                _ => "?".to_owned(),
            }
        };
        let mut found: Vec<String> = Vec::new();
        for row in 0..self.len() {
            let cells: Vec<String> = keys.iter().map(|key| cell(key.column, row)).collect();
            let line = cells.join(" ");
            if !found.contains(&line) {
                found.push(line);
            }
        }
        let sought: Vec<String> = keys.iter().map(Key::describe).collect();
        (sought.join(", "), found)
    }

    fn wrong(&self, name: &str, expected: &'static str) -> Error {
        let column = self.table.find(name).map_or("nothing", |c| c.data().type_name());
        let source = firstlight_frame::fits::Error::WrongColumn {
            name: name.to_owned(),
            expected,
            found: column.to_owned(),
        };
        unusable(self.reference, source.into())
    }
}

fn unusable(reference: &Reference, source: firstlight_frame::Error) -> Error {
    Error::ReferenceTable {
        keyword: reference.keyword.clone(),
        path: reference.path(),
        source,
    }
}

/// Whether a cell of text matches.
fn is_text(cell: &str, sought: &str) -> bool {
    let cell = cell.trim();
    cell == sought || cell == "ANY" || cell == "N/A"
}

/// Whether a cell matches a number. Gains such as 1.4 stand in single precision in tables.
fn is_number(cell: f64, sought: f64) -> bool {
    cell as f32 == sought as f32 || cell == -1.0 || cell == -999.0
}

#[cfg(test)]
mod tests {
    use super::{is_number, is_text};

    #[test]
    fn wildcards_match_all_and_a_null_matches_nothing() {
        assert!(is_text("ABCD  ", "ABCD") && is_text("ANY", "D") && is_text("N/A", "D"));
        assert!(!is_text("AB", "ABCD") && !is_text("", "A"));
        assert!(is_number(-1.0, 2.0) && is_number(-999.0, 2.0) && is_number(f64::from(1.4f32), 1.4));
        assert!(!is_number(1.0, 2.0) && !is_number(f64::NAN, f64::NAN));
    }
}
