//! Reference files.

use std::collections::BTreeSet;
use std::path::Path;

use super::fetching::{content_of, current, fetch, may_fetch, outcome, reason_of};
use super::{Outcome, SyncOptions, SyncReport, SyncedFile, Wanted};
use crate::client::download::check_file;
use crate::client::{Checksum, Transfers};
use crate::crds::names::bare;
use crate::crds::verified::Verified;
use crate::crds::{Cache, FileInfo, Server, ServerInfo};
use crate::{Error, Result};

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
    for arrived in fetch(cache, server, &info, wanted, options, transfers)? {
        let file = arrived.file;
        let outcome = match arrived.fetched {
            Ok(fetched) => {
                cache.link_folder(&file.path);
                if let Some(Checksum::Sha1(sum)) = &arrived.checksum {
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
