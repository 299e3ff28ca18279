//! Choosing the format, reading and writing.

use super::fixed_width::{self, Heading};
use super::{
    AsJson, Cells, Table, TableError, TextError, TextResult, columns::TextColumn, ecsv, element, json,
    separated,
};
use crate::fits::{AtomicFile, FitsFile, FitsWriter, HduSelector, Header, Overwrite};
use std::path::Path;
use std::str::FromStr;

/// A format of tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableFormat {
    /// Cells separated by commas below a line of names. Types are told from the cells.
    Csv,
    /// ECSV: names, types and units in a header.
    Ecsv,
    /// Aligned between bars, as astropy's `ascii.fixed_width`. Types are told from the cells.
    FixedWidth,
    /// Aligned below names and dashes, as astropy's `ascii.fixed_width_two_line`.
    FixedWidthTwoLine,
    /// Aligned between bars, without names.
    FixedWidthNoHeader,
    /// Columns separated by blanks below a line of names, which may begin with `#`. Only read.
    Columns,
    /// A binary table of a FITS file.
    Fits,
    /// JSON: names, types and units with each column's values.
    Json,
}

impl TableFormat {
    /// The names of all formats, for messages.
    pub const LIST: &'static str = "there are csv, ecsv, fixed_width, fixed_width_two_line, fixed_width_no_header, \
                                    columns (only read), fits, json";

    /// The format that a file's name stands for when it is written: `.csv`, `.ecsv`, `.fits`, `.json`, and
    /// `.txt`, `.log`, `.dat` for fixed width.
    pub fn of_name(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        Some(match extension.as_str() {
            "csv" => TableFormat::Csv,
            "ecsv" => TableFormat::Ecsv,
            "txt" | "log" | "dat" | "tab" | "tbl" => TableFormat::FixedWidth,
            "fits" | "fit" | "fts" => TableFormat::Fits,
            "json" => TableFormat::Json,
            _ => return None,
        })
    }

    /// The format of a file's content.
    fn of_content(text: &str, path: &Path) -> Option<Self> {
        if ecsv::is_ecsv(text) {
            return Some(TableFormat::Ecsv);
        }
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        let first = lines.next()?;
        if first.trim_start().starts_with(['{', '[']) {
            return Some(TableFormat::Json);
        }
        if let Some(TableFormat::Csv) = Self::of_name(path) {
            return Some(TableFormat::Csv);
        }
        if lines.next().is_some_and(fixed_width::is_position_line) {
            return Some(TableFormat::FixedWidthTwoLine);
        }
        Some(match (first.contains('|'), first.contains(',')) {
            (true, _) => TableFormat::FixedWidth,
            (false, true) => TableFormat::Csv,
            (false, false) => TableFormat::Columns,
        })
    }
}

/// By name; astropy's names, such as `ascii.fixed_width`, are understood too.
impl FromStr for TableFormat {
    type Err = TextError;

    fn from_str(name: &str) -> Result<Self, TextError> {
        Ok(match name.trim_start_matches("ascii.") {
            "csv" => TableFormat::Csv,
            "ecsv" => TableFormat::Ecsv,
            "fixed_width" | "txt" => TableFormat::FixedWidth,
            "fixed_width_two_line" => TableFormat::FixedWidthTwoLine,
            "fixed_width_no_header" => TableFormat::FixedWidthNoHeader,
            "columns" | "basic" | "commented_header" => TableFormat::Columns,
            "fits" => TableFormat::Fits,
            "json" => TableFormat::Json,
            _ => {
                return Err(TextError::NoSuchFormat {
                    name: name.to_owned(),
                });
            }
        })
    }
}

/// Reads a table from text.
///
/// # Errors
/// [`TextError`] where the text is not of the format. FITS is no text.
pub fn parse(text: &str, format: TableFormat) -> TextResult<Table> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let typed = |columns: Vec<TextColumn>| columns.into_iter().map(TextColumn::into_column).collect();
    let columns = match format {
        TableFormat::Csv => separated::read_csv(text).map(typed)?,
        TableFormat::Ecsv => ecsv::read(text)?,
        TableFormat::FixedWidth => fixed_width::read(text, Heading::Names).map(typed)?,
        TableFormat::FixedWidthTwoLine => fixed_width::read(text, Heading::NamesAndDashes).map(typed)?,
        TableFormat::FixedWidthNoHeader => fixed_width::read(text, Heading::None).map(typed)?,
        TableFormat::Columns => separated::read_columns(text).map(typed)?,
        TableFormat::Json => json::read(text)?,
        TableFormat::Fits => {
            return Err(TextError::NoSuchFormat {
                name: "fits as text".to_owned(),
            });
        }
    };
    let mut table = Table::new();
    for column in columns {
        table.push(column).map_err(|error| TextError::Header {
            reason: error.to_string(),
        })?;
    }
    Ok(table)
}

/// A table as text.
///
/// # Errors
/// [`TextError::Cell`] for what the format cannot hold, such as arrays in csv.
pub fn to_text(table: &Table, format: TableFormat) -> TextResult<String> {
    let heading = match format {
        TableFormat::Ecsv => return Ok(ecsv::write(table)),
        TableFormat::Json => {
            let failed = |e: serde_json::Error| TextError::Header {
                reason: e.to_string(),
            };
            return serde_json::to_string(&AsJson(table))
                .map(|text| text + "\n")
                .map_err(failed);
        }
        TableFormat::Csv => None,
        TableFormat::FixedWidth => Some(Heading::Names),
        TableFormat::FixedWidthTwoLine => Some(Heading::NamesAndDashes),
        TableFormat::FixedWidthNoHeader => Some(Heading::None),
        TableFormat::Columns => {
            return Err(TextError::NoSuchFormat {
                name: "columns, to write,".to_owned(),
            });
        }
        TableFormat::Fits => {
            return Err(TextError::NoSuchFormat {
                name: "fits as text".to_owned(),
            });
        }
    };
    let names: Vec<String> = table.names().into_iter().map(str::to_owned).collect();
    let mut columns = Vec::with_capacity(names.len());
    for column in table.columns() {
        if *column.cells() != Cells::Scalar {
            let reason = "arrays cannot stand in this format; use ecsv, fits or json".to_owned();
            return Err(TextError::Cell {
                column: column.name().to_owned(),
                row: None,
                reason,
            });
        }
        columns.push((0..table.rows()).map(|row| element::text(column, row)).collect());
    }
    match heading {
        None => separated::write_csv(&names, &columns),
        Some(heading) => fixed_width::write(&names, &columns, heading),
    }
}

/// Reads a table from a file. Without a format, the content and then the name tell it. `extension` is
/// the HDU of a FITS file; without one it is the first table.
///
/// # Errors
/// [`TableError`].
pub fn read(
    path: &Path,
    format: Option<TableFormat>,
    extension: Option<&HduSelector>,
) -> Result<Table, TableError> {
    let io = |source| TableError::Io {
        action: "read",
        path: path.to_owned(),
        source,
    };
    if path.is_dir() {
        let source = TextError::NotATable {
            found: "a folder".to_owned(),
        };
        return Err(TableError::Text {
            path: path.to_owned(),
            source,
        });
    }
    let magic = {
        use std::io::Read;
        let mut start = Vec::new();
        std::fs::File::open(path)
            .and_then(|file| file.take(9).read_to_end(&mut start))
            .map_err(io)?;
        start
    };
    let fits = magic.starts_with(b"SIMPLE  =") || magic.starts_with(&[0x1f, 0x8b]);
    // A FITS file's error tells what stands under its name instead.
    let fits = fits || TableFormat::of_name(path) == Some(TableFormat::Fits);
    if format == Some(TableFormat::Fits) || format.is_none() && fits {
        return read_fits(path, extension);
    }
    let bytes = std::fs::read(path).map_err(io)?;
    let in_file = |source| TableError::Text {
        path: path.to_owned(),
        source,
    };
    let not_a_table = |found: &str| {
        in_file(TextError::NotATable {
            found: found.to_owned(),
        })
    };
    let text = String::from_utf8(bytes).map_err(|_| not_a_table("neither FITS nor text"))?;
    let start = text
        .trim_start()
        .get(..9)
        .unwrap_or_default()
        .to_ascii_lowercase();
    if start.starts_with("<!doctype") || start.starts_with("<html") {
        return Err(not_a_table(
            "an HTML page, such as an error page saved under this name",
        ));
    }
    let format = format
        .or_else(|| TableFormat::of_content(&text, path))
        .ok_or_else(|| in_file(TextError::Empty))?;
    parse(&text, format).map_err(in_file)
}

fn read_fits(path: &Path, extension: Option<&HduSelector>) -> Result<Table, TableError> {
    use crate::fits::HduKind;
    let file = FitsFile::open(path)?;
    if let Some(extension) = extension {
        return Ok(file.table(extension)?);
    }
    let is_table = |kind| matches!(kind, HduKind::BinTable | HduKind::AsciiTable);
    let first = file.hdus().iter().position(|hdu| is_table(hdu.kind()));
    // Without any, asking for the first extension gives the error that says what there is.
    Ok(file.table(first.unwrap_or(1))?)
}

/// The format an output is written in: the one given, or that of its name. To be asked before any work.
///
/// # Errors
/// [`TableError::UnknownFormat`]; [`TableError::Exists`] where the output is there and `overwrite` refuses
/// to replace it; [`TableError::Text`] for a format that is only read.
pub fn check_output(
    path: &Path,
    format: Option<TableFormat>,
    overwrite: Overwrite,
) -> Result<TableFormat, TableError> {
    let unknown = || TableError::UnknownFormat {
        path: path.to_owned(),
        from: "from its name",
    };
    let format = format
        .or_else(|| TableFormat::of_name(path))
        .ok_or_else(unknown)?;
    if format == TableFormat::Columns {
        let source = TextError::NoSuchFormat {
            name: "columns, to write,".to_owned(),
        };
        return Err(TableError::Text {
            path: path.to_owned(),
            source,
        });
    }
    if overwrite == Overwrite::Refuse && path.exists() {
        return Err(TableError::Exists {
            path: path.to_owned(),
        });
    }
    Ok(format)
}

/// Writes a table to a file, atomically. Without a format, the file's name tells it.
///
/// # Errors
/// [`TableError`]; nothing is left behind then.
pub fn write(
    table: &Table,
    path: &Path,
    format: Option<TableFormat>,
    overwrite: Overwrite,
) -> Result<(), TableError> {
    let format = check_output(path, format, overwrite)?;
    if format == TableFormat::Fits {
        let mut writer = FitsWriter::create(path, overwrite)?;
        writer.empty_primary(&Header::new())?;
        writer.table(&Header::new(), table)?;
        writer.finish()?;
        return Ok(());
    }
    let text = to_text(table, format).map_err(|source| TableError::Text {
        path: path.to_owned(),
        source,
    })?;
    Ok(AtomicFile::write_whole(path, text.as_bytes(), overwrite)?)
}
