//! `firstlight table`

use crate::Global;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::frame::table::{self as tables, AsJson, Extent, Table as Data, TableFormat};
use firstlight::table::{TableOptions, read, transform};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// The table and what to make of it.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight table jcmc11010_asn.fits\n  firstlight table log.ecsv -f 'mdecodt1 > 25' -s -exptime -c rootname,exptime -o warm.csv"
)]
pub struct Table {
    /// A FITS, csv, ECSV, fixed-width or JSON file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// HDU of a FITS file, as in `1`, `ASN` or `SCI,2` [default: the first table]
    #[arg(long = "ext", short, value_name = "EXT")]
    extension: Option<String>,
    /// Format of the file, where neither content nor name tell it: csv, ecsv, fixed_width,
    /// fixed_width_two_line, fixed_width_no_header, columns, fits, json.
    #[arg(long, value_name = "FORMAT")]
    input_format: Option<TableFormat>,
    #[command(flatten)]
    options: TableOptions,
    #[command(flatten)]
    product: Product,
}

/// Where a table goes.
#[derive(Args)]
pub struct Product {
    /// Write the table to a file (.csv, .ecsv, .fits, .json; .txt and .log are fixed width) instead of
    /// printing it.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Format of the output, or of what is printed [default: that of the file's name; for people]
    #[arg(long, value_name = "FORMAT")]
    format: Option<TableFormat>,
    /// Replace the output if it is there.
    #[arg(long)]
    overwrite: bool,
    /// Print all rows and columns, however long and wide.
    #[arg(long, short)]
    all: bool,
}

impl Table {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        self.product.check()?;
        let table = read(&self.file, self.extension.as_deref(), self.input_format)?;
        let table = transform(&table, &self.options)?;
        if !self.product.put(&table, global)? {
            output::result(&AsJson(&table), global.json, || pretty(&table, self.product.all));
        }
        Ok(Outcome::Done)
    }
}

impl Product {
    /// Fails where the output is there and may not be replaced, or has no format: before any work.
    pub fn check(&self) -> Result<()> {
        if let Some(path) = &self.output {
            tables::check_output(path, self.format, self.overwrite.into())?;
        }
        Ok(())
    }

    /// Whether the whole table is to be printed.
    pub fn all(&self) -> bool {
        self.all
    }

    /// Writes the table, or prints it in the format that was asked for; tells whether it was either.
    pub fn put(&self, table: &Data, global: &Global) -> Result<bool> {
        if let Some(path) = &self.output {
            tables::write(table, path, self.format, self.overwrite.into())?;
            let written = Written {
                output: path,
                rows: table.rows(),
                columns: table.names(),
            };
            output::result(&written, global.json, || {
                format!("wrote {} ({} rows)", path.display(), table.rows())
            });
            return Ok(true);
        }
        if let Some(format) = self.format {
            let unprintable = |source| tables::TableError::Text {
                path: "standard output".into(),
                source,
            };
            output::print(&tables::to_text(table, format).map_err(unprintable)?);
            return Ok(true);
        }
        Ok(false)
    }
}

#[derive(serde::Serialize)]
struct Written<'a> {
    output: &'a Path,
    rows: usize,
    columns: Vec<&'a str>,
}

/// Rows that are printed of a long table.
const ROWS: usize = 50;

/// A table for people: cut to the terminal, or whole where the output is no terminal or `all` is wanted.
pub fn pretty(table: &Data, all: bool) -> String {
    let terminal = std::io::stdout().is_terminal() && !all;
    let width = terminal_size::terminal_size().map(|(terminal_size::Width(width), _)| usize::from(width));
    let extent = if terminal {
        Extent {
            rows: Some(ROWS),
            width,
        }
    } else {
        Extent::default()
    };
    tables::pretty(table, extent)
}
