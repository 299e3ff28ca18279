//! Observations and files, as people name them.

use super::{QueryOptions, ServiceOptions, Wanted};
use crate::frame::table::{self, Column, Table, cell_text};
use crate::{Error, Progress, Result};
use firstlight_archive::mast::Mast;
use std::path::Path;

/// Whose products are wanted: any of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Selection {
    /// Numbers are `obsid`s, `mast:…` is a `dataURI`, names with an extension are files, others are `obs_id`s.
    pub items: Vec<String>,
    /// Observations (with a column `obsid`) or products (with `dataURI`).
    pub table: Option<Table>,
    /// A query for observations.
    pub query: Option<QueryOptions>,
}

/// Products that were asked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Selected {
    /// Products, each as often as it was listed.
    pub listed: Table,
    /// Files that were named themselves.
    pub named: Table,
    /// What is to be told.
    pub notes: Vec<String>,
}

/// Observations that hold whole fields of view over and over: thousands of large files each.
const FULL_FRAMES: [&str; 2] = ["TESS FFI", "TICA FFI"];

impl Selection {
    /// Adds a table from a file.
    ///
    /// # Errors
    /// [`Error::Table`].
    pub fn from_file(mut self, path: &Path) -> Result<Self> {
        self.table = Some(table::read(path, None, None)?);
        Ok(self)
    }

    /// The products of all that is asked for.
    pub(super) fn select(&self, service: &ServiceOptions, progress: &dyn Progress) -> Result<Selected> {
        let mast = service.service();
        let mut selected = Selected::default();
        let mut obsids: Vec<String> = Vec::new();
        let mut names: Vec<String> = Vec::new();
        let mut files: Vec<String> = Vec::new();
        for item in self
            .items
            .iter()
            .map(|item| item.trim())
            .filter(|item| !item.is_empty())
        {
            if item.bytes().all(|byte| byte.is_ascii_digit()) {
                obsids.push(item.to_owned());
            } else if item.contains(':') || item.contains('.') {
                files.push(item.to_owned());
            } else {
                names.push(item.to_owned());
            }
        }
        if let Some(table) = &self.table {
            if table.find("dataURI").is_some() {
                selected.listed = table.clone();
            } else {
                obsids.extend(observations(table, &mut selected.notes)?);
            }
        }
        if let Some(options) = &self.query {
            let found = super::query(options, service)?.table;
            if found.rows() == 0 {
                selected.notes.push("no observation is like this".to_owned());
            } else {
                obsids.extend(observations(&found, &mut selected.notes)?);
            }
        }
        if !names.is_empty() {
            let found = super::query(&by_name(&names), service)?.table;
            refuse_unknown(&names, &found)?;
            obsids.extend(observations(&found, &mut selected.notes)?);
        }
        if !obsids.is_empty() {
            let listed = list(&mast, &obsids, progress)?;
            selected.listed = if selected.listed.columns().is_empty() {
                listed
            } else {
                joined(&selected.listed, &listed)?
            };
        }
        selected.named = named(&files)?;
        let nothing = self.items.is_empty() && self.table.is_none() && self.query.is_none();
        if nothing {
            return Err(firstlight_archive::Error::Nothing.into());
        }
        Ok(selected)
    }
}

/// Observations by their names or patterns of names.
fn by_name(names: &[String]) -> QueryOptions {
    QueryOptions {
        criteria: vec![super::Criterion {
            column: "obs_id".to_owned(),
            values: names.iter().cloned().map(Wanted::Text).collect(),
        }],
        ..QueryOptions::default()
    }
}

/// A name that the archive does not have is misspelt: what was asked for is not all there.
fn refuse_unknown(names: &[String], found: &Table) -> Result<()> {
    let ids: Vec<String> = match found.find("obs_id") {
        Some(column) => (0..found.rows())
            .map(|row| cell_text(column, row).trim().to_lowercase())
            .collect(),
        None => Vec::new(),
    };
    let known = |name: &&String| match name.contains(['*', '%']) {
        true => found.rows() > 0,
        false => ids.contains(&name.to_lowercase()),
    };
    match names.iter().find(|name| !known(name)) {
        None => Ok(()),
        Some(name) => Err(Error::NoMatch {
            pattern: name.clone(),
            reason: "the archive has no observation of this name ('firstlight mast query' finds them; a file is named \
                     with its extension)"
                .to_owned(),
        }),
    }
}

fn list(mast: &Mast, obsids: &[String], progress: &dyn Progress) -> Result<Table> {
    progress.start("asking for products", Some(obsids.len() as u64));
    let listed = mast.products(obsids, &|done| progress.advance(done));
    progress.finish();
    Ok(listed?)
}

/// The numbers of a table of observations, each once, without those of full frames.
fn observations(table: &Table, notes: &mut Vec<String>) -> Result<Vec<String>> {
    let obsids = table
        .find("obsid")
        .or_else(|| table.find("obsID"))
        .ok_or_else(|| {
            Error::Usage(format!(
                "the table lists neither observations (obsid) nor products (dataURI); it has {}",
                table.names().join(", ")
            ))
        })?;
    let targets = table.find("target_name");
    let mut left_out = 0;
    let mut kept = Vec::new();
    for row in 0..table.rows() {
        let target = targets.map(|column| cell_text(column, row)).unwrap_or_default();
        if FULL_FRAMES.contains(&target.as_str()) {
            left_out += 1;
        } else if !obsids.is_null(row) {
            kept.push(cell_text(obsids, row));
        }
    }
    if left_out > 0 {
        notes.push(format!(
            "{left_out} observations of full frames (TESS FFI, TICA FFI) are left out: their products are too many and \
             too large for this; see https://archive.stsci.edu/tess/"
        ));
    }
    Ok(kept)
}

/// Files that are named themselves, as products.
pub(super) fn named(files: &[String]) -> Result<Table> {
    let uris: Vec<String> = files
        .iter()
        .map(|file| {
            if file.contains(':') {
                file.clone()
            } else {
                format!("mast:HST/product/{file}")
            }
        })
        .collect();
    Ok(Table::new().with(Column::text("dataURI", uris))?)
}

/// Rows of two tables below one another, in the columns that both have.
fn joined(first: &Table, second: &Table) -> Result<Table> {
    let mut table = Table::new();
    for column in first.columns() {
        let Some(other) = second.find(column.name()) else {
            continue;
        };
        let mut column = column.clone();
        if column.append(other).is_err() {
            let cells = |column: &Column| {
                (0..column.rows())
                    .map(|row| cell_text(column, row))
                    .collect::<Vec<_>>()
            };
            let texts = cells(&column).into_iter().chain(cells(other));
            column = Column::text(column.name(), texts);
        }
        table.push(column)?;
    }
    Ok(table)
}
