//! The rules of a context.

use std::collections::{BTreeMap, BTreeSet};

use super::fetching::{current, fetch, may_fetch, outcome};
use super::{Outcome, SyncOptions, SyncReport, SyncedFile, Wanted};
use crate::client::Transfers;
use crate::crds::names::is_mapping;
use crate::crds::{Cache, Server};
use crate::{Error, Result};

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
    let mut fetched: BTreeSet<String> = BTreeSet::new();
    loop {
        let (there, wanted) = closure(cache, context)?;
        for file in there {
            report.entry(file.name.clone()).or_insert(file);
        }
        if wanted.is_empty() {
            return Ok(SyncReport {
                files: report.into_values().collect(),
            });
        }
        if let Some(again) = wanted.iter().find(|file| fetched.contains(&file.name)) {
            return Err(Error::BadFile {
                path: again.path.clone(),
                reason: format!(
                    "the server has it so, but {}",
                    again.was.as_deref().unwrap_or("it is gone again")
                ),
            });
        }
        may_fetch(cache, server, &wanted)?;
        let info = current(cache, server)?;
        let mut wanted = wanted;
        if std::mem::take(&mut whole_context) && wanted.iter().any(|file| file.name == context) {
            add_others(cache, server, context, &mut wanted)?;
        }
        for arrived in fetch(cache, server, &info, wanted, options, transfers)? {
            let file = arrived.file;
            let outcome = outcome(&file, arrived.fetched?);
            fetched.insert(file.name.clone());
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
fn closure(cache: &Cache, context: &str) -> Result<(Vec<SyncedFile>, Vec<Wanted>)> {
    let (mut there, mut wanted) = (Vec::new(), Vec::new());
    let mut open = vec![context.to_owned()];
    let mut seen: BTreeSet<String> = open.iter().cloned().collect();
    while let Some(name) = open.pop() {
        let path = cache.mapping_path(&name)?;
        match cache.mapping_text(&name) {
            Ok(text) => {
                let below = below(&name, &text).filter(|name| seen.insert(name.clone()));
                open.extend(below.collect::<Vec<_>>());
                there.push(SyncedFile {
                    name,
                    path,
                    outcome: Outcome::Present,
                });
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
