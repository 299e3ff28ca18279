//! Looking keywords up in many files at once.

use super::Keyword;
use crate::fits::{FitsFile, Hdu, HduSelector, Value};
use crate::frame::table::{Column, ColumnData};
use crate::input::{Failure, sort_out};
use crate::{Progress, Result};
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// The keywords of all files that could be read.
pub(crate) struct Scan {
    /// The files, in the order given.
    pub files: Vec<PathBuf>,
    /// One column a keyword, one row a file.
    pub columns: Vec<Column>,
    /// The files that could not be read.
    pub failed: Vec<Failure>,
}

type Found = Option<(Value, Option<String>)>;

/// Looks keywords up in files, in parallel. Of each file only headers are read, and only up to the one
/// where the last of the keywords is found.
pub(crate) fn scan(
    files: &[PathBuf],
    keywords: &[Keyword],
    among: &[HduSelector],
    progress: &dyn Progress,
) -> Result<Scan> {
    progress.start("reading headers", Some(files.len() as u64));
    let results = files
        .par_iter()
        .map(|path| {
            let found = look_up(path, keywords, among).map(|found| (path.clone(), found));
            progress.advance(1);
            (path.clone(), found)
        })
        .collect();
    progress.finish();
    let (done, failed) = sort_out(results)?;
    let (files, rows): (Vec<PathBuf>, Vec<Vec<Found>>) = done.into_iter().unzip();
    let columns = (0..keywords.len())
        .map(|n| column(&keywords[n].name, rows.iter().map(|row| &row[n])))
        .collect();
    Ok(Scan {
        files,
        columns,
        failed,
    })
}

fn look_up(path: &Path, keywords: &[Keyword], among: &[HduSelector]) -> Result<Vec<Found>> {
    let mut found: Vec<Found> = vec![None; keywords.len()];
    let mut settled = vec![false; keywords.len()];
    FitsFile::open_while(path, |hdu: &Hdu| {
        for (n, keyword) in keywords.iter().enumerate() {
            if !settled[n] && keyword.is_sought_in(hdu, among) {
                found[n] = keyword.found_in(hdu.header());
                // Of an HDU that was named there is only one, whether it has the keyword or not.
                settled[n] = found[n].is_some() || keyword.hdu.is_some();
            }
        }
        settled.contains(&false)
    })?;
    Ok(found)
}

/// A column of the kind that holds all values: logical, integer, real, or else text.
fn column<'a>(name: &str, values: impl Iterator<Item = &'a Found> + Clone) -> Column {
    let present = || {
        values
            .clone()
            .flatten()
            .map(|(value, _)| value)
            .filter(|value| **value != Value::Undefined)
    };
    let nulls = values
        .clone()
        .map(|value| matches!(value, None | Some((Value::Undefined, _))))
        .collect();
    let of = |found: &'a Found| found.as_ref().map(|(value, _)| value);
    let all = |fits: fn(&Value) -> bool| present().next().is_some() && present().all(fits);
    let data = if all(|v| matches!(v, Value::Logical(_))) {
        ColumnData::Logical(
            values
                .clone()
                .map(|v| matches!(of(v), Some(Value::Logical(true))))
                .collect(),
        )
    } else if all(|v| matches!(v, Value::Integer(_))) {
        ColumnData::I64(
            values
                .clone()
                .map(|v| of(v).and_then(Value::as_integer).unwrap_or(0))
                .collect(),
        )
    } else if all(|v| matches!(v, Value::Integer(_) | Value::Real(_))) {
        ColumnData::F64(
            values
                .clone()
                .map(|v| of(v).and_then(Value::as_real).unwrap_or(f64::NAN))
                .collect(),
        )
    } else {
        ColumnData::Text(
            values
                .clone()
                .map(|v| of(v).map(Value::to_string).unwrap_or_default())
                .collect(),
        )
    };
    let unit = values
        .flatten()
        .find_map(|(_, unit)| unit.clone())
        .unwrap_or_default();
    Column::scalar(name, data).nulls(nulls).unit(unit)
}
