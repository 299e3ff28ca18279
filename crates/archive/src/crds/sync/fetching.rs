//! Fetching what is missing, and telling of what could not be fetched.

use std::collections::BTreeMap;

use super::{Outcome, SyncOptions, Wanted};
use crate::client::{Checksum, Content, Download, FetchStatus, Fetched, Transfers};
use crate::crds::names::is_mapping;
use crate::crds::{Cache, Server, ServerInfo};
use crate::{Error, Result};

/// A file that was fetched, or was to be.
pub(super) struct Arrived {
    pub file: Wanted,
    /// The checksum that it was held to.
    pub checksum: Option<Checksum>,
    pub fetched: Result<Fetched>,
}

/// Why a file is not there, with the places where it was looked for.
pub(super) fn reason_of(cache: &Cache, file: &Wanted, error: &Error) -> String {
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

pub(super) fn outcome(file: &Wanted, fetched: Fetched) -> Outcome {
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
pub(super) fn may_fetch(cache: &Cache, server: &Server, wanted: &[Wanted]) -> Result<()> {
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
pub(super) fn current(cache: &Cache, server: &Server) -> Result<ServerInfo> {
    let info = server.info()?;
    cache.keep_server_config(&info)?;
    Ok(info)
}

pub(super) fn fetch(
    cache: &Cache,
    server: &Server,
    info: &ServerInfo,
    wanted: Vec<Wanted>,
    options: &SyncOptions,
    transfers: &dyn Transfers,
) -> Result<Vec<Arrived>> {
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
    let arrived = wanted.into_iter().zip(downloads).zip(fetched);
    Ok(arrived
        .map(|((file, download), fetched)| Arrived {
            file,
            checksum: download.checksum,
            fetched,
        })
        .collect())
}

/// What a file has to hold.
pub(super) fn content_of(name: &str) -> Content {
    match name.ends_with(".fits") {
        true => Content::Fits,
        false => Content::Any,
    }
}
