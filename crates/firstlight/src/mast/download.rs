//! Files of observations, fetched.

use super::fetching::{Outcome, fetch, sources};
use super::selection::Selected;
use super::{Layout, Manifest, Planned, ProductOptions, Selection, ServiceOptions, Status};
use crate::frame::table::{Column, Table};
use crate::{Progress, Result};
use firstlight_archive::client::{Transfers, address_without_secrets};
use firstlight_archive::mast::{self, total_size};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// How files are fetched, and where they go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct DownloadOptions {
    /// Folder that the files go into; it is made.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "DIR", default_value_os_t = DownloadOptions::default().dest)
    )]
    pub dest: PathBuf,
    /// How they lie in it: mast (mastDownload/HST/<obs_id>/<file>) or flat (all in DIR itself).
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "LAYOUT", default_value_t = DownloadOptions::default().layout)
    )]
    pub layout: Layout,
    /// Files at a time.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "N", default_value_t = DownloadOptions::default().parallel)
    )]
    pub parallel: usize,
    /// Tell what would be fetched, and fetch nothing.
    #[cfg_attr(feature = "clap", arg(long))]
    pub dry_run: bool,
    /// Fetch files anew that are here and whole.
    #[cfg_attr(feature = "clap", arg(long))]
    pub again: bool,
    /// Take the public copies on Amazon's S3 where there are any, and MAST's own where not.
    #[cfg_attr(feature = "clap", arg(long))]
    pub cloud: bool,
    /// Take the public copies alone; files without one are skipped.
    #[cfg_attr(feature = "clap", arg(long))]
    pub cloud_only: bool,
    /// Address of the public copies.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "URL", default_value_t = DownloadOptions::default().cloud_url)
    )]
    pub cloud_url: String,
}

impl Default for DownloadOptions {
    fn default() -> Self {
        Self {
            dest: PathBuf::from("."),
            layout: Layout::Mast,
            parallel: 4,
            dry_run: false,
            again: false,
            cloud: false,
            cloud_only: false,
            cloud_url: mast::PUBLIC_COPIES.to_owned(),
        }
    }
}

/// What became of the files.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DownloadReport {
    /// One file a row: Local Path, Status (COMPLETE, SKIPPED, ERROR), Message, URL. Of a trial: Local Path, Size,
    /// Here, URL.
    #[serde(serialize_with = "crate::frame::table::serialize")]
    pub manifest: Table,
    /// Files that are wanted.
    pub files: usize,
    /// Files that are here, those that were here before among them.
    pub complete: usize,
    /// Files that were here before.
    pub already_there: usize,
    /// Files that were not asked for.
    pub skipped: usize,
    /// Files that are not here.
    pub failed: usize,
    /// Bytes of all files that tell their size.
    pub bytes: u64,
    /// Files that do not tell their size.
    pub unknown_sizes: usize,
    /// How many were listed more than once.
    pub duplicates: usize,
    /// What else is to be told.
    pub notes: Vec<String>,
}

/// Fetches the files of observations: those that are here and whole are not fetched again, others are replaced
/// once the new one is whole, and what has come before a transfer broke is used. A file that cannot be had is told
/// of in the manifest and does not stop the others.
///
/// # Errors
/// [`crate::Error::Archive`] for what cannot be asked for, and where the service cannot be reached or fails before the
/// first file.
pub fn download(
    selection: &Selection,
    wanted: &ProductOptions,
    options: &DownloadOptions,
    service: &ServiceOptions,
    progress: &dyn Progress,
    transfers: &dyn Transfers,
) -> Result<DownloadReport> {
    let filter = wanted.filter()?;
    let mast = service.service();
    let Selected {
        listed,
        named,
        mut notes,
    } = selection.select(service, progress)?;
    let mut planned = mast::plan(mast.server(), &named, &options.dest, options.layout)?;
    let mut duplicates = 0;
    if listed.rows() > 0 {
        let unique = super::unique(&listed)?;
        duplicates = unique.duplicates;
        let kept = filter.apply(&unique.products)?;
        planned.extend(mast::plan(mast.server(), &kept, &options.dest, options.layout)?);
    }
    let mut seen = HashSet::new();
    planned.retain(|file| file.uri.is_empty() || seen.insert(file.uri.clone()));
    mast::part_targets(&mut planned);
    let (bytes, unknown_sizes) = total_size(&planned);
    let mut report = DownloadReport {
        manifest: Table::new(),
        files: planned.len(),
        complete: 0,
        already_there: 0,
        skipped: 0,
        failed: 0,
        bytes,
        unknown_sizes,
        duplicates,
        notes: Vec::new(),
    };
    if options.dry_run {
        report.manifest = trial(&planned)?;
        report.already_there = planned.iter().filter(|file| is_here(file)).count();
    } else {
        let sources = sources(&mast, &planned, options, &mut notes)?;
        let fetched = fetch(&mast, &planned, &sources, options, transfers);
        report.already_there = fetched.iter().filter(|outcome| outcome.already_there).count();
        let row = |(file, outcome): (&Planned, Outcome)| {
            (file.target.clone(), outcome.status, outcome.message, outcome.url)
        };
        let manifest = Manifest(planned.iter().zip(fetched).map(row).collect());
        report.complete = manifest.count(Status::Complete);
        report.skipped = manifest.count(Status::Skipped);
        report.failed = manifest.count(Status::Error);
        report.manifest = manifest.table()?;
    }
    report.notes = notes;
    Ok(report)
}

/// What would be fetched.
fn trial(planned: &[Planned]) -> Result<Table> {
    let sizes = planned
        .iter()
        .map(|file| file.size.and_then(|size| i64::try_from(size).ok()));
    let sizes: Vec<Option<i64>> = sizes.collect();
    let unknown = sizes.iter().map(Option::is_none).collect();
    let sizes = sizes.into_iter().map(Option::unwrap_or_default).collect();
    Ok(Table::new()
        .with(Column::text(
            "Local Path",
            planned
                .iter()
                .map(|file| file.target.to_string_lossy().into_owned()),
        ))?
        .with(Column::i64("Size", sizes).nulls(unknown).unit("byte"))?
        .with(Column::logical("Here", planned.iter().map(is_here).collect()))?
        .with(Column::text(
            "URL",
            planned.iter().map(|file| address_without_secrets(&file.url)),
        ))?)
}

/// Whether a file is here, as far as its size tells.
fn is_here(file: &Planned) -> bool {
    let length = std::fs::metadata(&file.target)
        .ok()
        .filter(|there| there.is_file())
        .map(|there| there.len());
    length.is_some_and(|length| file.size.is_none_or(|size| size == length))
}

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileReport {
    /// Whether it is here.
    pub status: Status,
    /// Why not, or how it came to be here; mostly nothing.
    pub message: String,
    /// Where it came from.
    pub url: String,
}

/// Fetches one file by its `dataURI` (`mast:HST/product/…`) or its name to `target`, unless it is there and whole.
/// Of the options, those about folders count for nothing.
///
/// # Errors
/// As for [`download`]; what is wrong with the file itself is in the report.
pub fn download_file(
    uri: &str,
    target: &Path,
    options: &DownloadOptions,
    service: &ServiceOptions,
    transfers: &dyn Transfers,
) -> Result<FileReport> {
    let mast = service.service();
    let named = super::selection::named(&[uri.trim().to_owned()])?;
    let mut planned = mast::plan(mast.server(), &named, Path::new(""), Layout::Flat)?;
    for file in &mut planned {
        file.target = target.to_owned();
    }
    let sources = sources(&mast, &planned, options, &mut Vec::new())?;
    let outcome = fetch(&mast, &planned, &sources, options, transfers).pop();
    let outcome = outcome.unwrap_or_else(Outcome::lost);
    Ok(FileReport {
        status: outcome.status,
        message: outcome.message,
        url: address_without_secrets(&outcome.url),
    })
}
