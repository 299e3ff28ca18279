//! Observing logs: keywords of many files as a table, headers only.

mod keyword;
mod scan;

pub use keyword::Keyword;
pub(crate) use keyword::selectors;
pub(crate) use scan::{Scan, scan};

use crate::expression::{ColumnSpec, Expression};
use crate::frame::table::{Column, Table};
use crate::input::Failure;
use crate::table::{SortKey, TableOptions, transform};
use crate::{Progress, Result};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What goes into a log.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct LogOptions {
    /// Columns: `file`, keywords, and what is computed from keywords, as in
    /// `rootname,mdecodt1,avgtemp=(mdecodt1+mdecodt2)/2`. A keyword is the first that stands in the
    /// primary header or one of the extensions; `sci.KEY`, `KEY@1` and `` `KEY@sci,2` `` are those of one
    /// HDU. [default: file, rootname, targname, instrume, detector, filter1, filter2, exptime, date-obs,
    /// time-obs, as far as any file has them]
    #[cfg_attr(feature = "clap", arg(long, short, value_name = "LIST"))]
    pub columns: Option<String>,
    /// Keep files for which this holds, as in `exptime > 100 && detector == "SBC"`.
    #[cfg_attr(feature = "clap", arg(long, short, value_name = "EXPRESSION"))]
    pub filter: Option<String>,
    /// Columns or keywords to sort by, the first counting most; `-name` sorts downwards; files without
    /// the keyword come last. [default: the files' names]
    #[cfg_attr(
        feature = "clap",
        arg(long, short, value_name = "LIST", allow_hyphen_values = true)
    )]
    pub sort: Option<String>,
    /// Look only in these HDUs, in the order of the file: `-e 0,SCI` or `-e 0 -e SCI,2`.
    #[cfg_attr(feature = "clap", arg(long = "ext", short, value_name = "EXT"))]
    pub extension: Vec<String>,
}

/// A log, and the files that could not be read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LogReport {
    /// One row a file.
    #[serde(serialize_with = "crate::frame::table::serialize")]
    pub table: Table,
    /// Files that could not be read.
    pub failed: Vec<Failure>,
}

/// The columns of a log for which nothing was asked.
const USUAL: &str = "file,rootname,targname,instrume,detector,filter1,filter2,exptime,date-obs,time-obs";

/// Makes a log of files: one row a file, in the order of their names unless sorted otherwise. Keywords that
/// a file does not have are null. A file that cannot be read is reported and does not stop the others.
///
/// # Errors
/// [`crate::Error::Expression`] and [`crate::Error::Usage`] for options that cannot be understood, before
/// any file is opened; what is wrong with the file, where there is but one.
pub fn log(files: &[PathBuf], options: &LogOptions, progress: &dyn Progress) -> Result<LogReport> {
    let columns = options.columns.as_deref().unwrap_or(USUAL);
    let specs = ColumnSpec::parse_list(columns)?;
    let filter = options.filter.as_deref().map(Expression::parse).transpose()?;
    let sort = options
        .sort
        .as_deref()
        .map(SortKey::parse_list)
        .unwrap_or_default();
    let names = wanted(&specs, filter.as_ref(), &sort);
    let keywords: Vec<Keyword> = names.iter().map(|name| Keyword::parse(name)).collect();
    let mut files = files.to_vec();
    files.sort();
    files.dedup();
    let Scan {
        files,
        columns: found,
        failed,
    } = scan(&files, &keywords, &selectors(&options.extension), progress)?;
    let mut table = Table::new();
    table.push(Column::text(
        "file",
        files.iter().map(|file| file.to_string_lossy().into_owned()),
    ))?;
    for (name, column) in names.iter().zip(found) {
        table.push(column.renamed(name))?;
    }
    let choice = TableOptions {
        columns: Some(columns.to_owned()),
        filter: options.filter.clone(),
        sort: options.sort.clone(),
        rows: None,
    };
    let mut table = transform(&table, &choice)?;
    if options.columns.is_none() {
        table = without_empty(&table)?;
    }
    Ok(LogReport { table, failed })
}

/// The keywords to look for: all names that are used before something else is defined under them.
fn wanted(specs: &[ColumnSpec], filter: Option<&Expression>, sort: &[SortKey]) -> Vec<String> {
    let mut wanted: Vec<String> = Vec::new();
    let mut defined = vec!["file".to_owned()];
    let mut want = |name: &str, defined: &[String]| {
        let known = |names: &[String]| names.iter().any(|other| other.eq_ignore_ascii_case(name));
        if !known(defined) && !known(&wanted) {
            wanted.push(name.to_owned());
        }
    };
    for spec in specs {
        match &spec.expression {
            None => want(&spec.name, &defined),
            Some(expression) => {
                expression.names().iter().for_each(|name| want(name, &defined));
                defined.push(spec.name.clone());
            }
        }
    }
    let filtered = filter.map(Expression::names).unwrap_or_default();
    filtered
        .iter()
        .chain(sort.iter().map(|key| &key.name))
        .for_each(|name| want(name, &defined));
    wanted
}

/// Leaves out columns in which every row is null.
fn without_empty(table: &Table) -> Result<Table> {
    let filled = |column: &&Column| (0..table.rows()).any(|row| !column.is_null(row));
    let names: Vec<&str> = table.columns().iter().filter(filled).map(Column::name).collect();
    Ok(table.select(&names)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_keywords_that_are_used_are_wanted_once() {
        let specs = ColumnSpec::parse_list("rootname,t=(a+B)/2,exptime=exptime*2,u=t+b,file").unwrap();
        let filter = Expression::parse("T > 3 and detector == 'SBC'").unwrap();
        let sort = SortKey::parse_list("-t,date-obs,File");
        assert_eq!(
            wanted(&specs, Some(&filter), &sort),
            ["rootname", "a", "B", "exptime", "detector", "date-obs"]
        );
    }
}
