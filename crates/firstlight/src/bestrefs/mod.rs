//! Best references: which reference files exposures should be calibrated with.
//!
//! What `crds bestrefs` does: the rules of a context are asked with each exposure's header, and the answers are
//! compared with what the header has, written into it, and fetched.

mod compare;
mod source;
mod write;

pub use compare::{FileReferences, Reference, State};
pub use firstlight_archive::crds::DatasetHeader;
pub use firstlight_archive::crds::rules::{Outcome, Reason, Rules};
pub use source::RulesSource;

use crate::fits::FitsFile;
use crate::frame::Association;
use crate::input::{Failure, sort_out};
use crate::output::refuse_read_only;
use crate::{Error, Progress, Result};
use firstlight_archive::client::Transfers;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Which rules to ask, for what, and what to do with the answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct BestrefsOptions {
    /// Write the best references into the primary headers, in place. Files that have them already are not touched.
    #[cfg_attr(feature = "clap", arg(long, short))]
    pub update: bool,
    /// Fetch reference files that are not in the cache, and replace those there that are damaged.
    #[cfg_attr(feature = "clap", arg(long, short))]
    pub sync: bool,
    /// Rules to use, such as hst_1200.pmap [default: CRDS_CONTEXT, else the ones in operation].
    #[cfg_attr(feature = "clap", arg(long, short = 'n', value_name = "PMAP"))]
    pub context: Option<String>,
    /// Reference types to look at alone, such as darkfile,biasfile [default: all of the instrument].
    #[cfg_attr(
        feature = "clap",
        arg(long, short, value_name = "TYPE", value_delimiter = ',')
    )]
    pub types: Vec<String>,
    /// Reference types to leave out.
    #[cfg_attr(
        feature = "clap",
        arg(long, short = 'k', value_name = "TYPE", value_delimiter = ',')
    )]
    pub skip_types: Vec<String>,
    /// Show and write only what differs from the file: a keyword that is not there counts as N/A.
    #[cfg_attr(feature = "clap", arg(long, short))]
    pub compare_source: bool,
    /// Do without the network: rules and files that are not in the cache are named.
    #[cfg_attr(feature = "clap", arg(long))]
    pub offline: bool,
    /// Folder of the cache [default: CRDS_PATH, else one of this user].
    #[cfg_attr(feature = "clap", arg(long, value_name = "DIR"))]
    pub cache: Option<PathBuf>,
    /// Server of the rules and files [default: CRDS_SERVER_URL, else STScI's].
    #[cfg_attr(feature = "clap", arg(long, value_name = "URL"))]
    pub server: Option<String>,
}

/// What the rules say of all files.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BestrefsReport {
    /// The rules that were asked.
    pub context: String,
    /// Why those.
    pub context_origin: String,
    /// Which cache was used, and why.
    pub cache: String,
    /// Files for which there are answers, in the order given.
    pub files: Vec<FileReferences>,
    /// Files for which there are none.
    pub failed: Vec<Failure>,
    /// Reference files that were to be in the cache, where that was asked for.
    pub fetched: Vec<Fetched>,
}

/// A reference file that was to be in the cache.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fetched {
    /// Its name.
    pub name: String,
    /// Where it is, where it is there and whole.
    pub path: Option<PathBuf>,
    /// What was done: `there`, `fetched`, `replaced`, or `failed`.
    pub status: &'static str,
    /// Why it failed.
    pub error: Option<String>,
}

impl BestrefsReport {
    /// Whether all files have answers, all types that need a file have one, and all files that were to be
    /// fetched are there.
    pub fn is_complete(&self) -> bool {
        let found = |file: &FileReferences| {
            file.references
                .iter()
                .all(|reference| reference.state != State::NotFound)
        };
        self.failed.is_empty()
            && self.files.iter().all(found)
            && self.fetched.iter().all(|file| file.error.is_none())
    }
}

/// The best references of exposures; of an association, those of its members. Each file stands for itself: one that
/// cannot be read is reported and does not stop the others.
///
/// # Errors
/// What is wrong with the file, where there is but one; rules that cannot be had or read; reference types that
/// none of the files' instruments has.
pub fn bestrefs(
    files: &[PathBuf],
    options: &BestrefsOptions,
    progress: &dyn Progress,
    transfers: &dyn Transfers,
) -> Result<BestrefsReport> {
    let source = RulesSource::open(options)?;
    let mut results: Vec<(PathBuf, Result<FileReferences>)> = Vec::new();
    let mut exposures = Vec::new();
    for file in files {
        match members(file) {
            Ok(members) => exposures.extend(members),
            Err(error) => results.push((file.clone(), Err(error))),
        }
    }
    let instruments: BTreeSet<String> = exposures.par_iter().filter_map(|path| instrument(path)).collect();
    let instruments: Vec<String> = instruments.into_iter().collect();
    let rules = source.rules(Some(&instruments), transfers)?;
    refuse_unknown_types(&rules, options)?;
    progress.start("best references", Some(exposures.len() as u64));
    let found: Vec<_> = exposures
        .into_par_iter()
        .map(|path| {
            let found = of_file(&path, &rules, options).map_err(|error| located(error, &path));
            progress.advance(1);
            (path, found)
        })
        .collect();
    progress.finish();
    results.extend(found);
    let (files, failed) = sort_out(results)?;
    let wanted: BTreeSet<&str> = files
        .iter()
        .flat_map(|file| &file.references)
        .flat_map(|reference| reference.files())
        .collect();
    let wanted: Vec<&str> = wanted.into_iter().collect();
    let fetched = if options.sync {
        source.fetch(&wanted, transfers)?
    } else {
        Vec::new()
    };
    Ok(BestrefsReport {
        context: source.context().to_owned(),
        context_origin: source.context_origin().to_owned(),
        cache: source.cache_origin().to_owned(),
        files,
        failed,
        fetched,
    })
}

/// The best references of a header that is in no file, by type in lower case.
///
/// # Errors
/// Rules that cannot be had or read, an instrument that they do not know.
pub fn best_references(
    header: &DatasetHeader,
    options: &BestrefsOptions,
    transfers: &dyn Transfers,
) -> Result<Vec<(String, Outcome)>> {
    let source = RulesSource::open(options)?;
    let instrument = header.instrument()?;
    let rules = source.rules(Some(&[instrument]), transfers)?;
    ask(header, &rules, options)
}

fn ask(header: &DatasetHeader, rules: &Rules, options: &BestrefsOptions) -> Result<Vec<(String, Outcome)>> {
    let types: Vec<&str> = options.types.iter().map(String::as_str).collect();
    let mut found = rules.best_references(header, Some(&types))?;
    found.retain(|(kind, _)| {
        !options
            .skip_types
            .iter()
            .any(|skipped| skipped.eq_ignore_ascii_case(kind))
    });
    Ok(found)
}

/// Types that no instrument has that the rules were loaded for are misspelt.
fn refuse_unknown_types(rules: &Rules, options: &BestrefsOptions) -> Result<()> {
    let known: BTreeSet<&str> = rules
        .instruments()
        .flat_map(|instrument| rules.types(instrument))
        .collect();
    let asked = options.types.iter().chain(&options.skip_types);
    let unknown: Vec<&str> = asked
        .map(String::as_str)
        .filter(|kind| !known.contains(kind.trim().to_lowercase().as_str()))
        .collect();
    if unknown.is_empty() || known.is_empty() {
        return Ok(());
    }
    let known: Vec<&str> = known.into_iter().collect();
    Err(Error::Usage(format!(
        "no reference type is called {}; by {} there are {}",
        unknown.join(", "),
        rules.context(),
        known.join(", ")
    )))
}

/// Endings of the files of an association's members, the best first: those that calibration begins with.
const MEMBERS: [&str; 8] = [
    "raw", "rawtag_a", "rawtag", "rawtag_b", "d0m", "flc", "flt", "ima",
];

/// The exposures that a name stands for.
fn members(path: &Path) -> Result<Vec<PathBuf>> {
    if !Association::is_association_name(path) {
        return Ok(vec![path.to_owned()]);
    }
    Ok(Association::open(path)?.member_files(&MEMBERS)?)
}

/// The instrument, where the primary header tells it; what is wrong with a file shows when it is asked for.
fn instrument(path: &Path) -> Option<String> {
    let file = FitsFile::open_while(path, |_| false).ok()?;
    let header = DatasetHeader::from_file_with(&file, |keyword| keyword.starts_with("INSTRUME"));
    match header.instrument() {
        Ok(instrument) => Some(instrument),
        Err(_) => DatasetHeader::from_file(&FitsFile::open(path).ok()?)
            .instrument()
            .ok(),
    }
}

fn of_file(path: &Path, rules: &Rules, options: &BestrefsOptions) -> Result<FileReferences> {
    let file = FitsFile::open(path)?;
    if options.update {
        refuse_read_only(path, "bestrefs --update")?;
    }
    let header = DatasetHeader::from_file(&file);
    let instrument = rules.instrument_of(&header)?.to_owned();
    let found = ask(&header, rules, options)?;
    let mut references = compare::references(&header, &instrument, found)?;
    if options.compare_source {
        references.retain(Reference::differs);
    }
    drop(file);
    let updated =
        options.update && write::update(path, rules.context(), &references, options.compare_source)?;
    Ok(FileReferences {
        file: path.to_owned(),
        instrument: instrument.to_uppercase(),
        references,
        updated,
    })
}

/// Tells which file an error of the rules is about.
fn located(error: Error, path: &Path) -> Error {
    use firstlight_archive::Error as Archive;
    match error {
        Error::Archive(Archive::UnknownInstrument { .. }) => Error::InFile {
            path: path.to_owned(),
            source: Box::new(error),
        },
        other => other,
    }
}
