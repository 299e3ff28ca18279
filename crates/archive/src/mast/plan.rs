//! Where files go, where they come from, and what became of them.

use super::column_matching::suggestion;
use super::products::column;
use crate::client::{address_without_secrets, safe_name};
use crate::{Error, Result};
use firstlight_frame::table::{Column, ColumnData, Table, cell_text};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// How files lie below the destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// `mastDownload/HST/<obs_id>/<file>`, as astroquery puts them.
    #[default]
    Mast,
    /// All in the destination itself.
    Flat,
}

impl FromStr for Layout {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.to_ascii_lowercase().as_str() {
            "mast" => Ok(Layout::Mast),
            "flat" => Ok(Layout::Flat),
            _ => Err(Error::NoSuchChoice {
                what: "layout",
                given: text.to_owned(),
                suggestion: suggestion(text, &["mast", "flat"]),
            }),
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Layout::Mast => "mast",
            Layout::Flat => "flat",
        })
    }
}

/// A product that is to be fetched.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// Its file's name.
    pub name: String,
    /// Its name in the archive.
    pub uri: String,
    /// Its address.
    pub url: String,
    /// Where it goes.
    pub target: PathBuf,
    /// Its length in bytes, where the list tells one.
    pub size: Option<u64>,
    /// Why it cannot be fetched, if so.
    pub refusal: Option<String>,
}

/// What the archive's names may keep in an address, as astroquery has them.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b':')
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A `dataURI` as it stands in an address.
pub(super) fn quoted(uri: &str) -> String {
    utf8_percent_encode(uri, KEPT).to_string()
}

/// Where each product comes from and goes to. Names that would lead out of `folder` are refused one by one.
///
/// # Errors
/// [`Error::NotProducts`] where the table has no `dataURI`.
pub fn plan(server: &str, products: &Table, folder: &Path, layout: Layout) -> Result<Vec<Planned>> {
    let uris = column(products, "dataURI", "it tells which file is meant")?;
    let text = |name: &str, row: usize| match products.find(name) {
        Some(column) if !column.is_null(row) => cell_text(column, row).trim().to_owned(),
        _ => String::new(),
    };
    let mut planned = Vec::with_capacity(products.rows());
    for row in 0..products.rows() {
        let uri = if uris.is_null(row) {
            String::new()
        } else {
            cell_text(uris, row)
        };
        let named = text("productFilename", row);
        let name = base(if named.is_empty() { &uri } else { &named }).to_owned();
        let mut parts = Vec::new();
        if layout == Layout::Mast {
            let collection = match text("obs_collection", row) {
                none if none.is_empty() => collection_of(&uri),
                collection => collection,
            };
            let obs_id = match text("obs_id", row) {
                none if none.is_empty() => name
                    .rsplit_once('_')
                    .map_or(name.clone(), |(root, _)| root.to_owned()),
                obs_id => obs_id,
            };
            parts = vec!["mastDownload".to_owned(), collection, obs_id];
        }
        parts.push(name.clone());
        let mut target = folder.to_owned();
        let mut refusal = None;
        if uri.is_empty() {
            refusal = Some("the list does not tell its dataURI".to_owned());
        }
        match parts.iter().find(|part| safe_name(part).is_err()) {
            Some(part) => {
                refusal = Some(format!(
                    "'{part}' is no name of a file or folder; it is not written"
                ))
            }
            None => target.extend(&parts),
        }
        planned.push(Planned {
            url: format!("{server}/api/v0.1/Download/file?uri={}", quoted(&uri)),
            size: size(products.find("size"), row),
            name,
            uri,
            target,
            refusal,
        });
    }
    Ok(planned)
}

/// Refuses products that would lie on one of those before them.
pub fn part_targets(planned: &mut [Planned]) {
    let mut taken: HashSet<PathBuf> = HashSet::new();
    for file in planned.iter_mut().filter(|file| file.refusal.is_none()) {
        if !taken.insert(file.target.clone()) {
            file.refusal = Some("another product goes to the same file; use the layout 'mast'".to_owned());
        }
    }
}

/// The last part of a name with folders.
fn base(name: &str) -> &str {
    name.trim().rsplit('/').next().unwrap_or_default()
}

/// `HST` of `mast:HST/product/…`.
fn collection_of(uri: &str) -> String {
    let path = uri.split_once(':').map_or(uri, |(_, path)| path);
    path.split('/').next().unwrap_or_default().to_owned()
}

/// A length; none where it is null, zero or below, or no number.
fn size(column: Option<&Column>, row: usize) -> Option<u64> {
    let column = column.filter(|column| !column.is_null(row))?;
    let size = match column.data() {
        ColumnData::Text(texts) => texts.get(row)?.trim().parse().ok()?,
        data => data.integer(row)?,
    };
    u64::try_from(size).ok().filter(|size| *size > 0)
}

/// How many bytes planned files have together, and how many of them do not tell.
pub fn total_size(planned: &[Planned]) -> (u64, usize) {
    let known = planned.iter().filter_map(|planned| planned.size);
    let total = known.fold(0u64, u64::saturating_add);
    (
        total,
        planned.iter().filter(|planned| planned.size.is_none()).count(),
    )
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// It is here and whole.
    Complete,
    /// It was not asked for, as there is no copy where it may come from.
    Skipped,
    /// It is not here.
    Error,
}

impl Status {
    /// Its name in manifests.
    pub fn name(self) -> &'static str {
        match self {
            Status::Complete => "COMPLETE",
            Status::Skipped => "SKIPPED",
            Status::Error => "ERROR",
        }
    }
}

/// What became of files, one a row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Manifest(pub Vec<(PathBuf, Status, String, String)>);

impl Manifest {
    /// How many files have a status.
    pub fn count(&self, status: Status) -> usize {
        self.0.iter().filter(|row| row.1 == status).count()
    }

    /// As a table, with astroquery's headings: Local Path, Status, Message, URL.
    ///
    /// # Errors
    /// None that can happen with columns of one length.
    pub fn table(&self) -> Result<Table> {
        let rows = &self.0;
        let empty = |text: &String| text.is_empty();
        let messages = rows.iter().map(|row| empty(&row.2)).collect();
        Ok(Table::new()
            .with(Column::text(
                "Local Path",
                rows.iter().map(|row| row.0.to_string_lossy().into_owned()),
            ))?
            .with(Column::text("Status", rows.iter().map(|row| row.1.name())))?
            .with(Column::text("Message", rows.iter().map(|row| row.2.clone())).nulls(messages))?
            .with(Column::text(
                "URL",
                rows.iter().map(|row| address_without_secrets(&row.3)),
            ))?)
    }
}
