//! Cells separated by commas or blanks, as csv, ECSV and plain columns have them.

use super::columns::{TextColumn, unique_names};
use super::{TextError, TextResult};

/// Reads csv with a line of names. Rows that are too short are filled with nulls, as astropy does.
pub(super) fn read_csv(text: &str) -> TextResult<Vec<TextColumn>> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::Headers)
        .from_reader(text.as_bytes());
    let in_line = |error: csv::Error| TextError::Line {
        line: error.position().map_or(0, csv::Position::line),
        reason: error.to_string(),
    };
    let names = unique_names(reader.headers().map_err(in_line)?);
    if names.is_empty() {
        return Err(TextError::Empty);
    }
    let mut columns: Vec<TextColumn> = names.into_iter().map(TextColumn::new).collect();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(in_line)? {
        if record.len() > columns.len() {
            let line = record.position().map_or(0, csv::Position::line);
            return Err(too_many(line, columns.len(), record.len()));
        }
        for (n, column) in columns.iter_mut().enumerate() {
            column.push(record.get(n).unwrap_or_default());
        }
    }
    Ok(columns)
}

/// Writes csv; a table with a single column has its empty cells quoted, or their lines would be lost.
pub(super) fn write_csv(names: &[String], columns: &[Vec<String>]) -> TextResult<String> {
    let unwritable = |error: csv::Error| TextError::Line {
        line: 0,
        reason: error.to_string(),
    };
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    writer.write_record(names).map_err(unwritable)?;
    for row in 0..columns.first().map_or(0, Vec::len) {
        writer
            .write_record(columns.iter().map(|cells| cells[row].as_str()))
            .map_err(unwritable)?;
    }
    let bytes = writer.into_inner().map_err(|e| TextError::Line {
        line: 0,
        reason: e.to_string(),
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Reads columns separated by blanks, with a line of names that may begin with `#`.
pub(super) fn read_columns(text: &str) -> TextResult<Vec<TextColumn>> {
    let mut rows = Rows::new(text, ' ');
    let mut row = Vec::new();
    if !rows.next_into(&mut row)? {
        return Err(TextError::Empty);
    }
    if let Some(first) = row.first_mut() {
        let bare = first.text.trim_start_matches('#').to_owned();
        first.text = bare;
    }
    let mut columns: Vec<TextColumn> = {
        let names = row
            .iter()
            .map(|cell| cell.text.as_str())
            .filter(|name| !name.is_empty());
        unique_names(names).into_iter().map(TextColumn::new).collect()
    };
    while rows.next_into(&mut row)? {
        if row
            .first()
            .is_some_and(|cell| cell.text.starts_with('#') && !cell.quoted)
        {
            continue;
        }
        if row.len() != columns.len() {
            return Err(too_many(rows.line as u64, columns.len(), row.len()));
        }
        for (column, cell) in columns.iter_mut().zip(&row) {
            column.push(&cell.text);
        }
    }
    Ok(columns)
}

pub(super) fn too_many(line: u64, expected: usize, found: usize) -> TextError {
    TextError::Line {
        line,
        reason: format!("expected {expected} cells, but found {found}"),
    }
}

/// One cell of a row, and whether it stood in quotes: `""` is an empty text, nothing is a null.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RowCell {
    pub text: String,
    pub quoted: bool,
}

/// Rows of cells separated by commas or runs of blanks; a cell in double quotes may hold anything, with
/// `""` for one quote.
pub(super) struct Rows<'a> {
    rest: &'a str,
    separator: char,
    /// 1-based number of the line where the last row began.
    pub line: usize,
    next_line: usize,
}

impl<'a> Rows<'a> {
    pub fn new(text: &'a str, separator: char) -> Self {
        Self {
            rest: text,
            separator,
            line: 0,
            next_line: 1,
        }
    }

    /// Reads the next row that is not blank; tells whether there was one.
    pub fn next_into(&mut self, row: &mut Vec<RowCell>) -> TextResult<bool> {
        row.clear();
        while !self.rest.is_empty() {
            self.line = self.next_line;
            self.row(row)?;
            if !row.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn row(&mut self, row: &mut Vec<RowCell>) -> TextResult<()> {
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\t']);
            if self.end_of_line() {
                // Nothing after a comma is a null.
                if !row.is_empty() && self.separator == ',' {
                    row.push(RowCell {
                        text: String::new(),
                        quoted: false,
                    });
                }
                return Ok(());
            }
            let cell = match self.rest.strip_prefix('"') {
                Some(inside) => self.quoted(inside)?,
                None => self.bare(),
            };
            row.push(cell);
            self.rest = self.rest.trim_start_matches([' ', '\t']);
            if self.separator == ',' {
                match self.rest.strip_prefix(',') {
                    Some(rest) => self.rest = rest,
                    None if self.end_of_line() => return Ok(()),
                    None => return Err(self.fail("text follows a closing quote")),
                }
            }
        }
    }

    /// Whether the line ends here; if so, goes on to the next.
    fn end_of_line(&mut self) -> bool {
        let rest = self.rest.strip_prefix('\r').unwrap_or(self.rest);
        if let Some(rest) = rest.strip_prefix('\n') {
            self.rest = rest;
            self.next_line += 1;
            return true;
        }
        rest.is_empty()
    }

    fn bare(&mut self) -> RowCell {
        let ends = |c: char| c == '\n' || c == self.separator || (self.separator == ' ' && c == '\t');
        let length = self.rest.find(ends).unwrap_or(self.rest.len());
        let (cell, rest) = self.rest.split_at(length);
        self.rest = rest;
        RowCell {
            text: cell.trim_end().to_owned(),
            quoted: false,
        }
    }

    fn quoted(&mut self, inside: &'a str) -> TextResult<RowCell> {
        let mut text = String::new();
        let mut rest = inside;
        loop {
            let Some(quote) = rest.find('"') else {
                return Err(self.fail("a quote is not closed"));
            };
            text.push_str(&rest[..quote]);
            rest = &rest[quote + 1..];
            match rest.strip_prefix('"') {
                Some(after) => {
                    text.push('"');
                    rest = after;
                }
                None => break,
            }
        }
        self.next_line += text.matches('\n').count();
        self.rest = rest;
        Ok(RowCell { text, quoted: true })
    }

    fn fail(&self, reason: &str) -> TextError {
        TextError::Line {
            line: self.line as u64,
            reason: reason.to_owned(),
        }
    }
}
