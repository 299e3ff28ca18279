//! Files of observations, fetched.

use super::selection::Selected;
use super::{Layout, Manifest, Planned, ProductOptions, Selection, ServiceOptions, Status};
use crate::frame::table::{Column, Table};
use crate::{Error, Progress, Result};
use firstlight_archive::client::{Content, Download, FetchStatus, Fetched, Transfers};
use firstlight_archive::mast::{self, Mast, total_size};
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
/// [`Error::Archive`] for what cannot be asked for, and where the service cannot be reached or fails before the
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
            let path = if outcome.status == Status::Skipped {
                PathBuf::new()
            } else {
                file.target.clone()
            };
            (path, outcome.status, outcome.message, outcome.url)
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
        .with(Column::text("URL", planned.iter().map(|file| file.url.clone())))?)
}

/// Whether a file is here, as far as its size tells.
fn is_here(file: &Planned) -> bool {
    let length = std::fs::metadata(&file.target)
        .ok()
        .filter(|there| there.is_file())
        .map(|there| there.len());
    length.is_some_and(|length| file.size.is_none_or(|size| size == length))
}

/// The addresses of each file, or why it is skipped.
fn sources(
    mast: &Mast,
    planned: &[Planned],
    options: &DownloadOptions,
    notes: &mut Vec<String>,
) -> Result<Vec<Result<Vec<String>, &'static str>>> {
    let own = || planned.iter().map(|file| Ok(vec![file.url.clone()])).collect();
    if !(options.cloud || options.cloud_only) || mast.client().options().offline {
        return Ok(own());
    }
    let uris: Vec<String> = planned.iter().map(|file| file.uri.clone()).collect();
    let paths = match mast.public_paths(&uris) {
        Ok(paths) => paths,
        Err(error) if options.cloud_only => return Err(error.into()),
        Err(error) => {
            notes.push(format!(
                "where the public copies are cannot be told; MAST's own are taken: {error}"
            ));
            return Ok(own());
        }
    };
    let base = options.cloud_url.trim_end_matches('/');
    let source = |(file, path): (&Planned, Option<String>)| match path {
        Some(path) if options.cloud_only => Ok(vec![format!("{base}/{path}")]),
        Some(path) => Ok(vec![format!("{base}/{path}"), file.url.clone()]),
        None if options.cloud_only => Err("there is no public copy"),
        None => Ok(vec![file.url.clone()]),
    };
    Ok(planned.iter().zip(paths).map(source).collect())
}

/// What became of one file.
struct Outcome {
    status: Status,
    message: String,
    url: String,
    already_there: bool,
}

impl Outcome {
    fn of(status: Status, message: impl Into<String>, url: &str) -> Self {
        Self {
            status,
            message: message.into(),
            url: url.to_owned(),
            already_there: false,
        }
    }
}

fn fetch(
    mast: &Mast,
    planned: &[Planned],
    sources: &[Result<Vec<String>, &'static str>],
    options: &DownloadOptions,
    transfers: &dyn Transfers,
) -> Vec<Outcome> {
    let mut outcomes: Vec<Option<Outcome>> = Vec::with_capacity(planned.len());
    let (mut downloads, mut rows) = (Vec::new(), Vec::new());
    for (row, (file, source)) in planned.iter().zip(sources).enumerate() {
        outcomes.push(match (&file.refusal, source) {
            (Some(reason), _) => Some(Outcome::of(Status::Error, reason.clone(), &file.url)),
            (None, Err(reason)) => Some(Outcome::of(Status::Skipped, *reason, &file.url)),
            (None, Ok(urls)) => {
                downloads.push(wanted(file, urls, options.again));
                rows.push(row);
                None
            }
        });
    }
    let fetched = mast
        .client()
        .download_all(&downloads, options.parallel.max(1), transfers);
    for ((download, row), fetched) in downloads.iter().zip(rows).zip(fetched) {
        let fetched = or_of_other_size(mast, download, fetched, transfers);
        let moved = fetched.and_then(|(fetched, note)| {
            into_place(&download.target, &planned[row].target)?;
            Ok((fetched, note))
        });
        outcomes[row] = Some(told(moved, download, options));
    }
    let lost = || Outcome::of(Status::Error, "it was not fetched", "");
    outcomes
        .into_iter()
        .map(|outcome| outcome.unwrap_or_else(lost))
        .collect()
}

fn wanted(file: &Planned, urls: &[String], again: bool) -> Download {
    let name = file.name.to_ascii_lowercase();
    let fits = [".fits", ".fit", ".fits.gz"]
        .iter()
        .any(|end| name.ends_with(end));
    let target = if again {
        // What is here stays until the new one is whole.
        let target = file.target.with_file_name(format!(".again.{}", file.name));
        let _ = std::fs::remove_file(&target);
        target
    } else {
        file.target.clone()
    };
    Download {
        name: file.name.clone(),
        urls: urls.to_vec(),
        target,
        size: file.size,
        checksum: None,
        content: if fits { Content::Fits } else { Content::Any },
    }
}

type Had = Result<(Fetched, String), firstlight_archive::Error>;

/// Sizes in lists are those of the day a file was filed: where the service has a whole FITS file of another size,
/// that is the file.
fn or_of_other_size(
    mast: &Mast,
    download: &Download,
    fetched: Result<Fetched, firstlight_archive::Error>,
    transfers: &dyn Transfers,
) -> Had {
    match (fetched, download.size) {
        (Err(firstlight_archive::Error::Damaged { .. }), Some(size)) if download.content == Content::Fits => {
            let any_size = Download {
                size: None,
                ..download.clone()
            };
            // What is here is not of the listed size: it is not to count as the file.
            let fetched = match std::fs::metadata(&download.target) {
                Ok(_) => {
                    let beside = download
                        .target
                        .with_file_name(format!(".other.{}", download.name));
                    let _ = std::fs::remove_file(&beside);
                    let fetched = mast.client().download(
                        &Download {
                            target: beside.clone(),
                            ..any_size
                        },
                        transfers,
                    )?;
                    into_place(&beside, &download.target)?;
                    fetched
                }
                Err(_) => mast.client().download(&any_size, transfers)?,
            };
            let note = format!(
                "it has {} bytes, the list says {size}; it is whole",
                fetched.bytes
            );
            Ok((fetched, note))
        }
        (fetched, _) => fetched.map(|fetched| (fetched, String::new())),
    }
}

fn into_place(from: &Path, to: &Path) -> Result<(), firstlight_archive::Error> {
    if from == to {
        return Ok(());
    }
    std::fs::rename(from, to).map_err(|source| firstlight_archive::Error::Io {
        path: to.to_owned(),
        source,
    })
}

fn told(fetched: Had, download: &Download, options: &DownloadOptions) -> Outcome {
    let url = download.urls.first().map(String::as_str).unwrap_or_default();
    match fetched {
        Ok((fetched, note)) => {
            let already_there = fetched.status == FetchStatus::AlreadyThere;
            let message = match fetched.status {
                _ if !note.is_empty() => note,
                FetchStatus::AlreadyThere => "it was here".to_owned(),
                FetchStatus::Resumed { from } => format!("the first {from} bytes were here"),
                FetchStatus::Complete => String::new(),
            };
            Outcome {
                already_there,
                ..Outcome::of(Status::Complete, message, &fetched.url)
            }
        }
        Err(firstlight_archive::Error::Status {
            status: 403 | 404, ..
        }) if options.cloud_only => Outcome::of(Status::Skipped, "there is no public copy", url),
        Err(error) => Outcome::of(Status::Error, Error::from(error).to_string(), url),
    }
}
