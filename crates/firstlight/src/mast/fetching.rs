//! Files from wherever they are, one answer for each.

use super::download::DownloadOptions;
use super::{Planned, Status};
use crate::{Error, Result};
use firstlight_archive::client::{Content, Download, FetchStatus, Fetched, Transfers};
use firstlight_archive::mast::Mast;
use std::path::Path;

/// The addresses of each file, or why it is skipped.
pub(super) fn sources(
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
pub(super) struct Outcome {
    pub status: Status,
    pub message: String,
    pub url: String,
    pub already_there: bool,
}

impl Outcome {
    /// A file that nothing is known of.
    pub fn lost() -> Self {
        Self::of(Status::Error, "it was not fetched", "")
    }

    fn of(status: Status, message: impl Into<String>, url: &str) -> Self {
        Self {
            status,
            message: message.into(),
            url: url.to_owned(),
            already_there: false,
        }
    }
}

/// Fetches files; the answers are in their order.
pub(super) fn fetch(
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
    outcomes
        .into_iter()
        .map(|outcome| outcome.unwrap_or_else(Outcome::lost))
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
        Err(firstlight_archive::Error::Offline { .. }) => Outcome::of(
            Status::Error,
            "it is not here, and the network may not be used",
            url,
        ),
        Err(error) => Outcome::of(Status::Error, Error::from(error).to_string(), url),
    }
}
