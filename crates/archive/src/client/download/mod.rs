//! Files that arrive whole, are what they should be, and only then get their name.
//!
//! What arrives is written to `<name>.part` beside the target, with a note (`<name>.part.json`) that says what
//! it is a part of: the address, the size, and the ETag or date that the server gave. The same download goes on
//! from there, in this process or in a later one, where the server still has the same file; else it starts
//! again. The note is locked while a process is at it: another one that wants the same file waits, and then
//! finds it there. A process that dies leaves no lock behind.

mod attempt;
mod part;
mod verify;

pub(crate) use part::write_whole;
pub use verify::{check_file, check_fits};
pub(crate) use verify::{hexadecimal, sum_of};

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};

use super::{Client, Transfers, address_without_secrets, names, safe_name};
use crate::{Error, Result};
use part::Part;

/// A file that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// The file as people are told of it.
    pub name: String,
    /// Where it is; tried in this order.
    pub urls: Vec<String>,
    /// What it is to be on disk. Its last part has to be a [`safe_name`].
    pub target: PathBuf,
    /// Its size in bytes, where that is known for sure.
    pub size: Option<u64>,
    /// Its checksum, where that is known.
    pub checksum: Option<Checksum>,
    /// What it holds.
    pub content: Content,
}

/// A checksum in hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Checksum {
    /// SHA-1, of 40 digits.
    Sha1(String),
    /// MD5, of 32 digits.
    Md5(String),
}

/// What a file has to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// FITS, gzipped or not: every HDU whole.
    Fits,
    /// Anything.
    Any,
}

/// A file that is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fetched {
    /// How it came to be here.
    pub status: FetchStatus,
    /// Its size in bytes.
    pub bytes: u64,
    /// Where it came from, or would have come from.
    pub url: String,
}

/// How a file came to be here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FetchStatus {
    /// It was here, and is what it should be.
    AlreadyThere,
    /// All of it was fetched.
    Complete,
    /// It was fetched from this byte on; what is before was here.
    Resumed {
        /// Bytes that were here.
        from: u64,
    },
}

impl Client {
    /// Fetches a file, unless it is there and is what it should be.
    ///
    /// A target that is something else is replaced once the new file is whole. Folders are made.
    ///
    /// # Errors
    /// [`Error::UnsafeName`]; [`Error::Offline`]; [`Error::Transport`], [`Error::Status`] and
    /// [`Error::Damaged`] of the last address, after as many attempts as the options allow;
    /// [`Error::DiskFull`], [`Error::Busy`], [`Error::Interrupted`] and [`Error::Io`]. What has arrived is
    /// kept beside the target and used the next time.
    pub fn download(&self, download: &Download, transfers: &dyn Transfers) -> Result<Fetched> {
        let fetched = self.file(download, transfers);
        transfers.ended(&download.name);
        fetched
    }

    /// Fetches files, `parallel` at a time (at least one, and no more of one host than the options allow); the
    /// answers are in the order of the files.
    ///
    /// # Errors
    /// Each file has its own: as for [`Client::download`].
    pub fn download_all(
        &self,
        downloads: &[Download],
        parallel: usize,
        transfers: &dyn Transfers,
    ) -> Vec<Result<Fetched>> {
        let sizes: Option<u64> = downloads.iter().map(|download| download.size).sum();
        transfers.planned(downloads.len(), sizes);
        let answers: Vec<Mutex<Option<Result<Fetched>>>> =
            downloads.iter().map(|_| Mutex::new(None)).collect();
        let next = AtomicUsize::new(0);
        let work = || {
            while let Some((download, answer)) = {
                let index = next.fetch_add(1, Ordering::Relaxed);
                downloads.get(index).zip(answers.get(index))
            } {
                let fetched = self.download(download, transfers);
                *answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(fetched);
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..parallel.min(downloads.len()) {
                // Where no more threads are to be had, those that are there do the work.
                if std::thread::Builder::new().spawn_scoped(scope, work).is_err() {
                    break;
                }
            }
            work();
        });
        let lost = |download: &Download| {
            Err(Error::Interrupted {
                name: download.name.clone(),
            })
        };
        answers
            .into_iter()
            .zip(downloads)
            .map(|(answer, download)| {
                let answer = answer.into_inner().unwrap_or_else(PoisonError::into_inner);
                answer.unwrap_or_else(|| lost(download))
            })
            .collect()
    }

    fn file(&self, download: &Download, transfers: &dyn Transfers) -> Result<Fetched> {
        safe_name(names::last(&download.target)?)?;
        if transfers.interrupted() {
            return Err(Error::Interrupted {
                name: download.name.clone(),
            });
        }
        let there = download.target.symlink_metadata().is_ok();
        if let Some(fetched) = download.present()? {
            return Ok(fetched);
        }
        let Some(first) = download.urls.first() else {
            return Err(Error::Damaged {
                name: download.name.clone(),
                url: "no address".to_owned(),
                reason: "nobody says where it is".to_owned(),
                attempts: 0,
            });
        };
        self.allowed(
            first,
            &format!(
                "leave --offline away to fetch it to {}",
                download.target.display()
            ),
        )?;
        make_folder(&download.target)?;
        let (mut part, waited) = Part::take(&download.target, self.options().timeout, transfers)?;
        // Somebody else may have finished in between.
        if (waited || !there)
            && let Some(fetched) = download.present()?
        {
            part.remove();
            return Ok(fetched);
        }
        let fetched = self.fetch_from_any(download, &mut part, transfers);
        part.leave();
        fetched
    }

    /// Tries the addresses, the one that a part is here of before the others.
    fn fetch_from_any(
        &self,
        download: &Download,
        part: &mut Part,
        transfers: &dyn Transfers,
    ) -> Result<Fetched> {
        let mut urls: Vec<&String> = download.urls.iter().collect();
        urls.sort_by_key(|url| **url != part.note.url);
        let mut failed: Option<Error> = None;
        for url in urls {
            match self.fetch_from(download, url, part, transfers) {
                Ok(fetched) => return Ok(fetched),
                Err(error) if !is_the_servers(&error) => return Err(error),
                // That a copy is not there says less than what is wrong with the other.
                Err(Error::Status { status: 404, .. }) if failed.is_some() => {}
                Err(error) => failed = Some(error),
            }
        }
        Err(failed.unwrap_or(Error::Interrupted {
            name: download.name.clone(),
        }))
    }
}

impl Download {
    /// The file where it is there and is what it should be.
    fn present(&self) -> Result<Option<Fetched>> {
        let bytes = match std::fs::metadata(&self.target) {
            Ok(metadata) if metadata.is_dir() => {
                return Err(Error::BadFile {
                    path: self.target.clone(),
                    reason: "a folder has the name that the file is to have".to_owned(),
                });
            }
            Ok(metadata) => metadata.len(),
            Err(_) => return Ok(None),
        };
        match check_file(&self.target, self.size, self.checksum.as_ref(), self.content) {
            Ok(()) => Ok(Some(Fetched {
                status: FetchStatus::AlreadyThere,
                bytes,
                url: self
                    .urls
                    .first()
                    .map(|url| address_without_secrets(url))
                    .unwrap_or_default(),
            })),
            Err(Error::BadFile { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Whether another address may do better.
fn is_the_servers(error: &Error) -> bool {
    matches!(
        error,
        Error::Transport { .. } | Error::Status { .. } | Error::Damaged { .. } | Error::BadAnswer { .. }
    )
}

fn make_folder(target: &Path) -> Result<()> {
    match target.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => std::fs::create_dir_all(folder).map_err(|error| part::written(folder, 0, error)),
        None => Ok(()),
    }
}
