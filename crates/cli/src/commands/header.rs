//! `firstlight header get|show|set`

use crate::Global;
use crate::bar::Bar;
use crate::commands::table::pretty;
use crate::output::{self, Outcome};
use clap::{Args, Subcommand};
use firstlight::frame::table::cell_text;
use firstlight::header::{Change, HeaderReport, ValueType, change, get, show};
use firstlight::input::expand;
use firstlight::{Error, Result};
use std::path::Path;

/// What to do with headers.
#[derive(Args)]
pub struct Header {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Print keywords of many files as a table; the value alone for one keyword of one file.
    Get(Get),
    /// Print whole headers, card by card as they stand in the file.
    Show(Show),
    /// Set or delete keywords in place; every other byte stays as it is.
    Set(Set),
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight header get EXPTIME j8bt06nyq_flt.fits\n  firstlight header get rootname,filter1,sci.MDECODT1 *_flt.fits"
)]
struct Get {
    /// Keywords in one argument, as in `rootname,exptime`; `sci.KEY` and `KEY@1` are those of one HDU.
    #[arg(value_name = "KEY,…")]
    keywords: String,
    /// FITS files, patterns or folders.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// Look only in these HDUs, as in `0,SCI` or `SCI,2` [default: all, the first that has it]
    #[arg(long = "ext", short, value_name = "EXT")]
    extension: Vec<String>,
}

#[derive(Args)]
#[command(after_help = "Examples:\n  firstlight header show -e SCI,1 j8bt06nyq_flt.fits")]
struct Show {
    /// FITS files, patterns or folders.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// HDUs to show, as in `0,SCI` or `SCI,2` [default: all]
    #[arg(long = "ext", short, value_name = "EXT")]
    extension: Vec<String>,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight header set EXPTIME=1000 dark1_flt.fits\n  firstlight header set -e SCI,1 --comment \"by hand\" CRVAL1=165.5585 CRVAL2=38.0431 dark1_flt.fits"
)]
struct Set {
    /// KEY=VALUE, one or more, then FITS files, patterns or folders. A keyword keeps its type; a new one
    /// gets that of the value: T or F, integer, real, else text. COMMENT and HISTORY are added to.
    #[arg(required = true, value_name = "KEY=VALUE|FILE")]
    arguments: Vec<String>,
    /// The HDU, as in `0`, `SCI` or `SCI,2`.
    #[arg(long = "ext", short, value_name = "EXT", default_value = "0")]
    extension: String,
    /// Comment for the keywords that are set [default: the one that is there]
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    /// Type of the values that are set.
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<ValueType>,
    /// Keywords to delete.
    #[arg(long, value_name = "KEY", value_delimiter = ',')]
    delete: Vec<String>,
    /// Bring CHECKSUM and DATASUM of the HDU up to date, or add them.
    #[arg(long)]
    checksum: bool,
}

impl Header {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        match self.action {
            Action::Get(args) => args.run(global),
            Action::Show(args) => args.run(global),
            Action::Set(args) => args.run(global),
        }
    }
}

impl Get {
    fn run(self, global: &Global) -> Result<Outcome> {
        let files = expand(&self.files)?;
        let keywords: Vec<String> = self
            .keywords
            .split(',')
            .map(|key| key.trim().to_owned())
            .collect();
        let report = get(&files, &keywords, &self.extension, &Bar::new(global.quiet))?;
        let value = report
            .table
            .columns()
            .get(1)
            .filter(|_| files.len() == 1 && keywords.len() == 1);
        if value.is_some_and(|column| column.is_null(0)) {
            let keyword = match self.extension.as_slice() {
                [] => keywords[0].clone(),
                among => format!("{} of {}", keywords[0], among.join(",")),
            };
            return Err(Error::MissingKeyword {
                path: files[0].clone(),
                keyword,
            });
        }
        output::absent(&report.table, global.quiet);
        output::result(&report, global.json, || match value {
            Some(column) => cell_text(column, 0),
            None => pretty(&report.table, true),
        });
        Ok(output::failures(&report.failed, global.json))
    }
}

impl Show {
    fn run(self, global: &Global) -> Result<Outcome> {
        let report = show(&expand(&self.files)?, &self.extension)?;
        output::result(&report, global.json, || text(&report));
        Ok(output::failures(&report.failed, global.json))
    }
}

/// Cards alone for a single header, else with a line above each that says whose they are.
fn text(report: &HeaderReport) -> String {
    let headers = || {
        report
            .files
            .iter()
            .flat_map(|file| file.headers.iter().map(move |header| (file, header)))
    };
    let alone = headers().count() == 1;
    let blocks = headers().map(|(file, header)| {
        if alone {
            return header.to_text();
        }
        let (file, version) = (file.file.display(), header.version);
        format!(
            "# {file}[{}] {} {version}\n{}",
            header.index,
            header.name,
            header.to_text()
        )
    });
    blocks.collect::<Vec<_>>().join("\n")
}

impl Set {
    fn run(self, global: &Global) -> Result<Outcome> {
        let is_change = |text: &&String| text.contains('=') && !Path::new(text.as_str()).exists();
        let (set, files): (Vec<&String>, Vec<&String>) = self.arguments.iter().partition(is_change);
        let mut changes = Vec::new();
        for text in set {
            changes.push(Change::parse(text, self.kind, self.comment.as_deref())?);
        }
        changes.extend(self.delete.iter().map(|keyword| Change::Delete {
            keyword: keyword.clone(),
        }));
        if changes.is_empty() || files.is_empty() {
            return Err(Error::Usage(
                "give KEY=VALUE or --delete KEY, and at least one file".to_owned(),
            ));
        }
        let bar = Bar::new(global.quiet);
        let report = change(
            &expand(&files)?,
            Some(&self.extension),
            &changes,
            self.checksum,
            &bar,
        )?;
        for file in &report.files {
            for keyword in &file.absent {
                let note = format!("{}: {keyword} is not there to be deleted", file.file.display());
                output::note(&note, global.quiet);
            }
        }
        output::result(&report, global.json, || {
            format!("{} changed", plural(report.files.len()))
        });
        Ok(output::failures(&report.failed, global.json))
    }
}

fn plural(files: usize) -> String {
    if files == 1 {
        "1 file".to_owned()
    } else {
        format!("{files} files")
    }
}
