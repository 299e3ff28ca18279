//! Rules and reference files that are made to be here, whole and the right ones.
//!
//! Rules check themselves: each carries the SHA-1 of its text, and all are checked whenever they are read.
//! Reference files are checked for their size, and for FITS whose HDUs are all whole; their SHA-1 is computed
//! when they have just come, when `verify` asks for it, and once for files that are in the cache already: what
//! was found is kept beside the configuration, and counts as long as size and time of the file stay.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::names::{bare, is_mapping};
use super::verified::Verified;
use super::{Cache, FileInfo, Server, ServerInfo};
use crate::client::download::check_file;
use crate::client::{Checksum, Content, Download, FetchStatus, Fetched, Transfers};
use crate::{Error, Result};

/// How caches are brought up to date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncOptions {
    /// Compute the SHA-1 of every file, also of those that were checked before.
    pub verify: bool,
    /// Files that are fetched at a time.
    pub parallel: usize,
}

impl Default for SyncOptions {
    fn default() -> Self {
        Self {
            verify: false,
            parallel: 4,
        }
    }
}

/// What became of each file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SyncReport {
    /// The files, by name.
    pub files: Vec<SyncedFile>,
}

/// A file of the cache.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SyncedFile {
    /// Its name.
    pub name: String,
    /// Where it is, or should be.
    pub path: PathBuf,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was there, and is what it should be.
    Present,
    /// It was fetched.
    Fetched {
        /// Its size.
        bytes: u64,
    },
    /// Another one was there, and was replaced.
    Replaced {
        /// What was wrong with it.
        was: String,
        /// The size of the new one.
        bytes: u64,
    },
    /// It is not there, or not what it should be, and could not be got.
    Failed {
        /// Why.
        reason: String,
    },
}

impl SyncReport {
    /// The files that are not there, with the reason.
    pub fn failed(&self) -> impl Iterator<Item = (&SyncedFile, &str)> {
        self.files.iter().filter_map(|file| match &file.outcome {
            Outcome::Failed { reason } => Some((file, reason.as_str())),
            _ => None,
        })
    }

    /// Bytes that were fetched.
    pub fn bytes(&self) -> u64 {
        self.files
            .iter()
            .map(|file| match file.outcome {
                Outcome::Fetched { bytes } | Outcome::Replaced { bytes, .. } => bytes,
                _ => 0,
            })
            .sum()
    }
}

/// A file that is not there, or is the wrong one.
struct Wanted {
    name: String,
    path: PathBuf,
    /// What is wrong with the one that is there.
    was: Option<String>,
}

/// Makes all rules of a context (`hst_0713.pmap`, or an imap or rmap) be in the cache. The network is used only
/// where one of them is not there, or is not what its own checksum says.
///
/// # Errors
/// [`Error::MissingFromCache`] where rules are missing and the network may not be used, or the cache not
/// written; the server's errors; the first error of a rule that could not be got.
pub fn mappings(
    cache: &Cache,
    server: &Server,
    context: &str,
    options: &SyncOptions,
    transfers: &dyn Transfers,
) -> Result<SyncReport> {
    let mut report: BTreeMap<String, SyncedFile> = BTreeMap::new();
    let mut whole_context = true;
    loop {
        let (there, wanted) = closure(cache, context)?;
        for (name, path) in there {
            report.entry(name.clone()).or_insert(SyncedFile {
                name,
                path,
                outcome: Outcome::Present,
            });
        }
        if wanted.is_empty() {
            return Ok(SyncReport {
                files: report.into_values().collect(),
            });
        }
        may_fetch(cache, server, &wanted)?;
        let info = current(cache, server)?;
        let mut wanted = wanted;
        if std::mem::take(&mut whole_context) && wanted.iter().any(|file| file.name == context) {
            add_others(cache, server, context, &mut wanted)?;
        }
        for (file, _, fetched) in fetch(cache, server, &info, wanted, options, transfers)? {
            let outcome = outcome(&file, fetched?);
            report.insert(
                file.name.clone(),
                SyncedFile {
                    name: file.name,
                    path: file.path,
                    outcome,
                },
            );
        }
    }
}

/// Rules of a context that are there, and those that are not: what is behind those is not known yet.
#[allow(clippy::type_complexity)]
fn closure(cache: &Cache, context: &str) -> Result<(Vec<(String, PathBuf)>, Vec<Wanted>)> {
    let (mut there, mut wanted) = (Vec::new(), Vec::new());
    let mut open = vec![context.to_owned()];
    let mut seen: BTreeSet<String> = open.iter().cloned().collect();
    while let Some(name) = open.pop() {
        let path = cache.mapping_path(&name)?;
        match cache.mapping_text(&name) {
            Ok(text) => {
                let below = below(&name, &text).filter(|name| seen.insert(name.clone()));
                open.extend(below.collect::<Vec<_>>());
                there.push((name, path));
            }
            Err(Error::BadFile { reason, .. }) => wanted.push(Wanted {
                name,
                path,
                was: Some(reason),
            }),
            Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                wanted.push(Wanted {
                    name,
                    path,
                    was: None,
                })
            }
            Err(error) => return Err(error),
        }
    }
    Ok((there, wanted))
}

/// The rules that a rule file names: a pmap's imaps, an imap's rmaps.
fn below<'a>(name: &str, text: &'a str) -> impl Iterator<Item = String> + use<'a> {
    let end = match name.rsplit_once('.') {
        Some((_, "pmap")) => ".imap",
        Some((_, "imap")) => ".rmap",
        _ => "\0",
    };
    text.split(['\'', '"'])
        .filter(move |piece| piece.ends_with(end) && !piece.contains(char::is_whitespace))
        .map(str::to_owned)
}

/// Adds all of a context's rules, so that they are fetched together. A server that does not tell is no error:
/// then they are fetched as the ones above them name them.
fn add_others(cache: &Cache, server: &Server, context: &str, wanted: &mut Vec<Wanted>) -> Result<()> {
    let names = match server.mapping_names(context) {
        Ok(names) => names,
        Err(Error::Service { .. }) => return Ok(()),
        Err(error) => return Err(error),
    };
    let known: BTreeSet<String> = wanted.iter().map(|file| file.name.clone()).collect();
    for name in names
        .into_iter()
        .filter(|name| is_mapping(name) && !known.contains(name))
    {
        let was = match cache.mapping_text(&name) {
            Ok(_) => continue,
            Err(Error::BadFile { reason, .. }) => Some(reason),
            Err(Error::Io { .. }) => None,
            Err(error) => return Err(error),
        };
        let path = cache.mapping_path(&name)?;
        wanted.push(Wanted { name, path, was });
    }
    Ok(())
}

/// Makes reference files be in the cache: those that are missing, blank, cut or otherwise not what the server
/// has are fetched. `N/A` and `NOT FOUND …` are passed over, `jref$` and the like before names as well. The
/// network is used only where a file is missing, wrong, or not known from what the server said before.
///
/// Files that cannot be got are in the report.
///
/// # Errors
/// [`Error::UnsafeName`] and what else makes a name no path; [`Error::Interrupted`]; [`Error::DiskFull`].
pub fn references(
    cache: &Cache,
    server: &Server,
    names: &[String],
    options: &SyncOptions,
    transfers: &dyn Transfers,
) -> Result<SyncReport> {
    let mut known = Known::new(cache, server)?;
    let mut verified = Verified::read(cache);
    let (mut files, mut wanted) = (Vec::new(), Vec::new());
    for name in with_halves(names) {
        let path = cache.reference_path(&name)?;
        let Some(there) = cache.find_reference(&name) else {
            wanted.push(Wanted {
                name,
                path,
                was: None,
            });
            continue;
        };
        let info = known.of(&name);
        match wrong(&there, info.as_ref(), options, &mut verified)? {
            None => files.push(SyncedFile {
                name,
                path: there,
                outcome: Outcome::Present,
            }),
            Some(was) if there == path => wanted.push(Wanted {
                name,
                path,
                was: Some(was),
            }),
            Some(was) => wanted.push(Wanted {
                name,
                path,
                was: Some(format!("{was} ({})", there.display())),
            }),
        }
    }
    if !wanted.is_empty() {
        files.extend(fetched_or_failed(
            cache,
            server,
            wanted,
            options,
            &mut verified,
            transfers,
        )?);
    }
    verified.keep(cache);
    files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(SyncReport { files })
}

fn fetched_or_failed(
    cache: &Cache,
    server: &Server,
    wanted: Vec<Wanted>,
    options: &SyncOptions,
    verified: &mut Verified,
    transfers: &dyn Transfers,
) -> Result<Vec<SyncedFile>> {
    let all_failed = |wanted: Vec<Wanted>, error: &Error| {
        let failed = |file: Wanted| SyncedFile {
            outcome: Outcome::Failed {
                reason: reason_of(cache, &file, error),
            },
            name: file.name,
            path: file.path,
        };
        Ok(wanted.into_iter().map(failed).collect())
    };
    let info = match may_fetch(cache, server, &wanted).and_then(|()| current(cache, server)) {
        Ok(info) => info,
        Err(error) => return all_failed(wanted, &error),
    };
    let mut files = Vec::new();
    for (file, checksum, fetched) in fetch(cache, server, &info, wanted, options, transfers)? {
        let outcome = match fetched {
            Ok(fetched) => {
                cache.link_folder(&file.path);
                if let Some(Checksum::Sha1(sum)) = &checksum {
                    verified.note(&file.path, sum);
                }
                outcome(&file, fetched)
            }
            Err(error @ (Error::Interrupted { .. } | Error::DiskFull { .. })) => return Err(error),
            Err(error) => Outcome::Failed {
                reason: reason_of(cache, &file, &error),
            },
        };
        files.push(SyncedFile {
            name: file.name,
            path: file.path,
            outcome,
        });
    }
    Ok(files)
}

/// Why a file is not there, with the places where it was looked for.
fn reason_of(cache: &Cache, file: &Wanted, error: &Error) -> String {
    let places: Vec<String> = match is_mapping(&file.name) {
        true => vec![file.path.display().to_string()],
        false => cache
            .reference_places(&file.name)
            .iter()
            .map(|path| path.display().to_string())
            .collect(),
    };
    let here = match &file.was {
        Some(was) => format!("{} is there, but {was}", file.path.display()),
        None => format!("it is not at {}", places.join(", nor at ")),
    };
    let why = match error {
        Error::MissingFromCache { way_out, .. } => way_out.clone(),
        other => other.to_string(),
    };
    format!("{here}; {why}")
}

fn outcome(file: &Wanted, fetched: Fetched) -> Outcome {
    let bytes = fetched.bytes;
    match (fetched.status, &file.was) {
        // Another process was quicker.
        (FetchStatus::AlreadyThere, _) => Outcome::Present,
        (_, Some(was)) => Outcome::Replaced {
            was: was.clone(),
            bytes,
        },
        (_, None) => Outcome::Fetched { bytes },
    }
}

/// Whether anything may be fetched to the cache.
fn may_fetch(cache: &Cache, server: &Server, wanted: &[Wanted]) -> Result<()> {
    let way_out = if server.client().options().offline {
        "the network may not be used: leave --offline away to fetch it"
    } else if cache.is_read_only() {
        "the cache may not be written: CRDS_READONLY_CACHE says so"
    } else {
        return Ok(());
    };
    let folder = wanted
        .first()
        .and_then(|file| file.path.parent())
        .unwrap_or(cache.mappings());
    Err(Error::MissingFromCache {
        names: wanted.iter().map(|file| file.name.clone()).collect(),
        folder: folder.to_owned(),
        origin: cache.origin().to_owned(),
        way_out: way_out.to_owned(),
    })
}

/// What the server says now; kept for later.
fn current(cache: &Cache, server: &Server) -> Result<ServerInfo> {
    let info = server.info()?;
    cache.keep_server_config(&info)?;
    Ok(info)
}

fn fetch(
    cache: &Cache,
    server: &Server,
    info: &ServerInfo,
    wanted: Vec<Wanted>,
    options: &SyncOptions,
    transfers: &dyn Transfers,
) -> Result<Vec<(Wanted, Option<Checksum>, Result<Fetched>)>> {
    cache.make_ready(wanted.iter().any(|file| !is_mapping(&file.name)))?;
    let unknown: Vec<String> = wanted
        .iter()
        .map(|file| file.name.clone())
        .filter(|name| info.file(name).is_none())
        .collect();
    let asked = match unknown.is_empty() {
        true => BTreeMap::new(),
        false => server.file_info(&unknown)?,
    };
    let download = |file: &Wanted| {
        let known = info.file(&file.name).or_else(|| asked.get(&file.name));
        let url = info.url_of(&file.name);
        Download {
            name: file.name.clone(),
            urls: vec![url.unwrap_or_else(|| server.own_url_of(&file.name))],
            target: file.path.clone(),
            size: known.map(|info| info.size),
            checksum: known.and_then(|info| info.sha1.clone()).map(Checksum::Sha1),
            content: content_of(&file.name),
        }
    };
    let downloads: Vec<Download> = wanted.iter().map(download).collect();
    let fetched = server
        .client()
        .download_all(&downloads, options.parallel, transfers);
    let checksums = downloads.into_iter().map(|download| download.checksum);
    Ok(wanted
        .into_iter()
        .zip(checksums)
        .zip(fetched)
        .map(|((file, checksum), fetched)| (file, checksum, fetched))
        .collect())
}

/// What is wrong with a reference file that is there.
fn wrong(
    path: &Path,
    info: Option<&FileInfo>,
    options: &SyncOptions,
    verified: &mut Verified,
) -> Result<Option<String>> {
    let sum = info.and_then(|info| info.sha1.as_deref());
    let remembered = sum.is_some_and(|sum| !options.verify && verified.has(path, sum));
    let checksum = sum
        .filter(|_| !remembered)
        .map(|sum| Checksum::Sha1(sum.to_owned()));
    match check_file(
        path,
        info.map(|info| info.size),
        checksum.as_ref(),
        content_of(&path.to_string_lossy()),
    ) {
        Ok(()) => {
            if let (Some(sum), Some(_)) = (sum, &checksum) {
                verified.note(path, sum);
            }
            Ok(None)
        }
        Err(Error::BadFile { reason, .. }) => Ok(Some(reason)),
        Err(error) => Err(error),
    }
}

fn content_of(name: &str) -> Content {
    match name.ends_with(".fits") {
        true => Content::Fits,
        false => Content::Any,
    }
}

/// Names once each, without those that name no file, and with both halves of the old GEIS format: rules name
/// the header (`.r0h`), whose data are in another file (`.r0d`).
fn with_halves(names: &[String]) -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    for name in names.iter().map(|name| bare(name.trim())) {
        let none =
            name.is_empty() || name.eq_ignore_ascii_case("n/a") || name.eq_ignore_ascii_case("undefined");
        if none || name.to_ascii_uppercase().starts_with("NOT FOUND") {
            continue;
        }
        if let [rest @ .., b'r', digit, b'h'] = name.as_bytes()
            && rest.ends_with(b".")
            && digit.is_ascii_digit()
        {
            files.insert(format!("{}d", &name[..name.len() - 1]));
        }
        files.insert(name.to_owned());
    }
    files
}

/// Sizes and checksums: from what the server said before, and where that knows nothing, from what it says now.
struct Known<'a> {
    server: &'a Server,
    kept: Option<ServerInfo>,
    asked: Option<Option<ServerInfo>>,
}

impl<'a> Known<'a> {
    fn new(cache: &Cache, server: &'a Server) -> Result<Self> {
        Ok(Self {
            server,
            kept: cache.server_config()?,
            asked: None,
        })
    }

    fn of(&mut self, name: &str) -> Option<FileInfo> {
        if let Some(info) = self.kept.as_ref().and_then(|info| info.file(name)) {
            return Some(info.clone());
        }
        if self.server.client().options().offline {
            return None;
        }
        let server = self.server;
        // A server that is not reached leaves the file to be checked by what it is.
        let info = self.asked.get_or_insert_with(|| server.info().ok()).as_ref()?;
        match info.file(name) {
            Some(info) => Some(info.clone()),
            None => server.file_info(&[name.to_owned()]).ok()?.remove(name),
        }
    }
}
