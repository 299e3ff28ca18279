//! What a file has against what the rules say.

use crate::{Error, Result};
use firstlight_archive::crds::DatasetHeader;
use firstlight_archive::crds::rules::{Outcome, Reason};
use serde::Serialize;
use std::path::PathBuf;

/// The references of one file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileReferences {
    /// The file.
    pub file: PathBuf,
    /// Its instrument, in upper case.
    pub instrument: String,
    /// By type, in alphabetical order or as they were asked for.
    pub references: Vec<Reference>,
    /// Whether the file was changed.
    pub updated: bool,
}

/// One reference of a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reference {
    /// The header keyword, which is the type in upper case.
    pub keyword: String,
    /// What the file has.
    pub old: Option<String>,
    /// What it should have: `jref$….fits`, `N/A`; nothing where there is no answer.
    pub new: Option<String>,
    /// How the two stand.
    pub state: State,
    /// Why there is no file, where the rules have none though the type may need one.
    pub reason: Option<String>,
    #[serde(skip)]
    files: Vec<String>,
}

/// How what a file has stands to what is best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It has what is best.
    Same,
    /// It has another.
    Changed,
    /// It has no such keyword.
    Added,
    /// The rules have no answer. The keyword is left as it is.
    NotFound,
}

impl State {
    /// As a table has it.
    pub fn name(self) -> &'static str {
        match self {
            State::Same => "same",
            State::Changed => "changed",
            State::Added => "added",
            State::NotFound => "NOT FOUND",
        }
    }
}

impl Reference {
    /// The reference files, without prefix.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str)
    }

    /// Whether the best reference is another than the file has, a keyword that is not there counting as `N/A`.
    pub fn differs(&self) -> bool {
        match (&self.new, self.state) {
            (_, State::NotFound) => true,
            (Some(new), _) => bare(self.old.as_deref()) != bare(Some(new)),
            (None, _) => false,
        }
    }
}

/// Prefixes by which headers name the folders of references.
const PREFIXES: [(&str, &str); 6] = [
    ("acs", "jref$"),
    ("stis", "oref$"),
    ("wfc3", "iref$"),
    ("cos", "lref$"),
    ("wfpc2", "uref$"),
    ("nicmos", "nref$"),
];

/// Compares answers with a header.
pub(super) fn references(
    header: &DatasetHeader,
    instrument: &str,
    found: Vec<(String, Outcome)>,
) -> Result<Vec<Reference>> {
    let prefix = PREFIXES.iter().find(|(name, _)| *name == instrument).map(|(_, prefix)| *prefix).ok_or_else(|| {
        Error::Unsupported(format!(
            "headers of {} name no folder of references: best references are for ACS, STIS, WFC3, COS, WFPC2 and NICMOS",
            instrument.to_uppercase()
        ))
    })?;
    Ok(found
        .into_iter()
        .map(|(kind, outcome)| reference(header, prefix, &kind, outcome))
        .collect())
}

fn reference(header: &DatasetHeader, prefix: &str, kind: &str, outcome: Outcome) -> Reference {
    let keyword = kind.to_uppercase();
    let old = header.get(&keyword).map(|old| old.trim_end().to_owned());
    let reason = match &outcome {
        Outcome::NotFound(reason) => Some(reason.to_string()),
        Outcome::Files(names) => Some(format!(
            "the rules name {} files: {}",
            names.len(),
            names.join(", ")
        )),
        _ => None,
    };
    let new = match &outcome {
        Outcome::File(name) => Some(format!("{prefix}{name}").to_lowercase()),
        // What matches no rule counts as not needed, as for the official client.
        Outcome::NotApplicable | Outcome::NotFound(Reason::NoMatch) => Some("N/A".to_owned()),
        _ => None,
    };
    let state = match (&old, &new) {
        (_, None) => State::NotFound,
        (None, Some(_)) => State::Added,
        (Some(_), Some(new)) if bare(old.as_deref()) == bare(Some(new)) => State::Same,
        _ => State::Changed,
    };
    let files = match outcome {
        Outcome::File(name) => vec![name.to_lowercase()],
        Outcome::Files(names) => names.iter().map(|name| name.to_lowercase()).collect(),
        _ => Vec::new(),
    };
    Reference {
        keyword,
        old,
        new,
        state,
        reason,
        files,
    }
}

/// A reference without its folder, in upper case; whatever says "none" as `N/A`.
fn bare(value: Option<&str>) -> String {
    let value = value.unwrap_or("N/A");
    let value = match value.rsplit_once('$') {
        Some((folder, name)) if folder.ends_with("ref") => name,
        _ => value.strip_prefix("crds://").unwrap_or(value),
    };
    let value = value.trim().to_uppercase();
    match value.as_str() {
        "" | "*" | "UNDEFINED" | "NONE" | "NOT FOUND NO MATCH FOUND." => "N/A".to_owned(),
        other if other.starts_with("NOT FOUND N/A") => "N/A".to_owned(),
        _ => value,
    }
}
