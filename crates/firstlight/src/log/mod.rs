//! Observing logs: keywords of many files as a table, headers only.

mod groups;
mod keyword;
mod scan;
mod wheres;

pub use keyword::Keyword;
pub(crate) use keyword::selectors;
pub(crate) use scan::{Scan, scan};

use crate::expression::{ColumnSpec, Expression};
use crate::frame::table::{Column, Table};
use crate::input::Failure;
use crate::table::{SortKey, TableOptions, transform};
use crate::{Progress, Result};
pub use groups::Group;
use groups::grouped;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use wheres::Where;

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
    /// Keep files whose keyword has this value, as `PICTTYPE=1` or `filter=V`; the case of letters does not matter.
    /// `KEY=*` is any value, `KEY=` stands for a keyword that is missing, and `KEY~PATTERN` for values in which the
    /// regular expression is found. All that are given have to hold.
    #[cfg_attr(feature = "clap", arg(long = "where", short = 'w', value_name = "KEY=VALUE"))]
    #[serde(rename = "where")]
    pub wheres: Vec<String>,
    /// Make a table of groups instead: files with the same values of these keywords, how many, and which.
    #[cfg_attr(feature = "clap", arg(long, short, value_name = "LIST"))]
    pub group_by: Option<String>,
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
    /// Files with the same values of keywords, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<Group>>,
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
    let usual = match &options.group_by {
        Some(keywords) => format!("file,{keywords}"),
        None => USUAL.to_owned(),
    };
    let columns = options.columns.as_deref().unwrap_or(&usual);
    let wheres = options
        .wheres
        .iter()
        .map(|text| Where::parse(text))
        .collect::<Result<Vec<_>>>()?;
    let specs = ColumnSpec::parse_list(columns)?;
    let filter = options.filter.as_deref().map(Expression::parse).transpose()?;
    let sort = options
        .sort
        .as_deref()
        .map(SortKey::parse_list)
        .unwrap_or_default();
    let mut names = wanted(&specs, filter.as_ref(), &sort);
    let keys = options.group_by.as_deref().map(groups::keys).unwrap_or_default();
    for name in wheres.iter().map(|one| &one.keyword).chain(&keys) {
        if !name.eq_ignore_ascii_case("file") && !names.iter().any(|other| other.eq_ignore_ascii_case(name)) {
            names.push(name.clone());
        }
    }
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
    let table = wheres::kept(&table, &wheres);
    let choice = TableOptions {
        columns: Some(columns.to_owned()),
        filter: options.filter.clone(),
        sort: options.sort.clone(),
        rows: None,
    };
    if !keys.is_empty() {
        let every = TableOptions {
            columns: None,
            ..choice
        };
        let (table, groups) = grouped(&transform(&table, &every)?, &keys)?;
        return Ok(LogReport {
            table,
            groups: Some(groups),
            failed,
        });
    }
    let mut table = transform(&table, &choice)?;
    if options.columns.is_none() {
        table = without_empty(&table)?;
    }
    Ok(LogReport {
        table,
        groups: None,
        failed,
    })
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
