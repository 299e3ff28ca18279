//! Why the archive, its rules or the way to it give no answer.

use std::path::{Path, PathBuf};

/// An error with the address, file or keyword it is about.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file, or a request made of one.
    #[error(transparent)]
    Fits(#[from] firstlight_fits::Error),
    /// A file of the cache or of the destination.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The network may not be used.
    #[error("{url} is needed, and the network may not be used (--offline); {way_out}")]
    Offline {
        /// What would have been asked for.
        url: String,
        /// What to do about it.
        way_out: String,
    },
    /// The server cannot be reached, or the connection broke more often than it is tried again.
    #[error("{url}: {reason}{}", tried(*attempts))]
    Transport {
        /// What was asked for.
        url: String,
        /// What went wrong, the last time.
        reason: String,
        /// How often it was tried.
        attempts: u32,
    },
    /// The server answers with an error.
    #[error("{url}: the server answers {status}{}", if message.is_empty() { String::new() } else { format!(": {message}") })]
    Status {
        /// What was asked for.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What the server says about it.
        message: String,
    },
    /// The server's answer is not what the protocol promises.
    #[error("{url}: {reason}")]
    BadAnswer {
        /// What was asked for.
        url: String,
        /// What is wrong with the answer.
        reason: String,
    },
    /// The service answers that it cannot do what was asked for.
    #[error("{url}: the service{} answers with an error: {message}", if service.is_empty() { String::new() } else { format!(" {service}") })]
    Service {
        /// The server's address.
        url: String,
        /// The service.
        service: String,
        /// What it says.
        message: String,
    },
    /// The service is still at work on a request.
    #[error("{url}: the service is still at work after {seconds} s; ask for less, or later")]
    StillExecuting {
        /// The server's address.
        url: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// A column that the service does not have.
    #[error("there is no column '{name}'; {suggestion}")]
    NoSuchColumn {
        /// What was asked for.
        name: String,
        /// Names that are near, or all that there are.
        suggestion: String,
    },
    /// A value that cannot be asked for.
    #[error("{column}: '{value}' cannot be asked for: {reason}")]
    BadCriterion {
        /// The column.
        column: String,
        /// The value.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A position or a radius that cannot be read.
    #[error("'{text}': {reason}")]
    BadPosition {
        /// What was given.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A name that no resolver knows.
    #[error(
        "'{name}' is no object that {resolver} knows; give its position with coordinates (--coordinates)"
    )]
    NotResolved {
        /// The name.
        name: String,
        /// Who was asked.
        resolver: String,
    },
    /// A table that lists no products, or no observations.
    #[error("the table has no column '{column}': {reason}")]
    NotProducts {
        /// The column that is needed.
        column: &'static str,
        /// What it is needed for.
        reason: &'static str,
    },
    /// A request for everything there is.
    #[error("nothing is asked for: give a criterion, a position, or observations")]
    Nothing,
    /// A choice that there is not.
    #[error("'{given}' is no {what}; {suggestion}")]
    NoSuchChoice {
        /// What is chosen.
        what: &'static str,
        /// What was asked for.
        given: String,
        /// What there is.
        suggestion: String,
    },
    /// A folder, a cache or an index that cannot be served.
    #[error("{}: {reason}", path.display())]
    Unserveable {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// An address that cannot be listened on.
    #[error("{address} cannot be listened on: {reason}; --port 0 takes a free port")]
    CannotListen {
        /// Host and port.
        address: String,
        /// What the system says.
        reason: String,
    },
    /// The index of a local archive.
    #[error("the index: {0}")]
    Index(#[from] rusqlite::Error),
    /// What arrived under a file's name, as often as it was fetched, is not that file.
    #[error("{name} ({url}): {reason}{}", tried(*attempts))]
    Damaged {
        /// The file.
        name: String,
        /// Where it came from.
        url: String,
        /// What is wrong with it.
        reason: String,
        /// How often it was fetched.
        attempts: u32,
    },
    /// A file on disk is not what it should be.
    #[error("{}: {reason}", path.display())]
    BadFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A name that would leave its folder, or can be no file's.
    #[error("'{name}' cannot be the name of a file here: {reason}")]
    UnsafeName {
        /// The name, escaped.
        name: String,
        /// Why not.
        reason: String,
    },
    /// The disk is full, or no more may be written.
    #[error(
        "{}: {source}; the {kept} bytes that have come are kept: make room, and the same command goes on from there",
        path.display()
    )]
    DiskFull {
        /// What was being written.
        path: PathBuf,
        /// Bytes that are kept.
        kept: u64,
        /// What the system says.
        source: std::io::Error,
    },
    /// Another process has been fetching the file for long, without getting on.
    #[error("{}: another process is fetching it and does not get on; end that one, or wait for it", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// An environment variable that holds what cannot be.
    #[error("{variable}='{value}' should be {expected}")]
    BadVariable {
        /// The variable.
        variable: String,
        /// What it holds.
        value: String,
        /// What it may hold.
        expected: String,
    },
    /// What names no context.
    #[error("'{context}' is no context: {reason}")]
    BadContext {
        /// What was given.
        context: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Files that are not in the cache, and may not be fetched.
    #[error(
        "{} needed, and not in {}; {way_out} ({origin})", needed(names), folder.display()
    )]
    MissingFromCache {
        /// The files.
        names: Vec<String>,
        /// Where they were looked for.
        folder: PathBuf,
        /// What decided about the folder.
        origin: String,
        /// What to do about it.
        way_out: String,
    },
    /// A cache that may not be written.
    #[error("{} may not be written: CRDS_READONLY_CACHE says so", path.display())]
    ReadOnly {
        /// The cache.
        path: PathBuf,
    },
    /// It was asked to stop.
    #[error("{name}: stopped; what has come is kept, and the same command goes on from there")]
    Interrupted {
        /// The file.
        name: String,
    },
    /// A mapping that cannot be read.
    #[error("{mapping}, line {line}, column {column}: {reason}")]
    RulesSyntax {
        /// The mapping.
        mapping: String,
        /// The line, from 1.
        line: usize,
        /// The character on the line, from 1.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// A mapping whose content is not what its header states.
    #[error(
        "{mapping} is damaged: its header states the checksum {}, its content has {found}; remove it from the cache \
         and let it be fetched again", if stated.is_empty() { "none" } else { stated }
    )]
    RulesChecksum {
        /// The mapping.
        mapping: String,
        /// The SHA-1 sum in its header.
        stated: String,
        /// That of its content.
        found: String,
    },
    /// A mapping that lacks something, or holds what has no meaning.
    #[error("{mapping}: {reason}")]
    RulesContent {
        /// The mapping.
        mapping: String,
        /// What is wrong.
        reason: String,
    },
    /// A header that does not say which instrument it is of.
    #[error(
        "{}keyword INSTRUME is missing: best references are known for exposures of HST's instruments; is this one?",
        file.as_ref().map(|file| format!("{}: ", file.display())).unwrap_or_default()
    )]
    NoInstrument {
        /// The file, where the header is of one.
        file: Option<PathBuf>,
    },
    /// An instrument that the rules do not know.
    #[error("{context} has no rules for the instrument {instrument}; it has some for {known}")]
    UnknownInstrument {
        /// The instrument.
        instrument: String,
        /// The context.
        context: String,
        /// The instruments it knows.
        known: String,
    },
}

/// `a is`, `a, b and c are`, or `a and 7 more are`.
fn needed(names: &[String]) -> String {
    match names {
        [] => "nothing is".to_owned(),
        [one] => format!("{one} is"),
        [first @ .., last] if first.len() < 3 => format!("{} and {last} are", first.join(", ")),
        [first, others @ ..] => format!("{first} and {} more are", others.len()),
    }
}

impl Error {
    /// Makes errors about a file of what the system says.
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Error + '_ {
        move |source| Error::Io {
            path: path.to_owned(),
            source,
        }
    }

    /// Tells how often something was tried.
    pub(crate) fn tried(mut self, times: u32) -> Self {
        match &mut self {
            Error::Transport { attempts, .. } | Error::Damaged { attempts, .. } => *attempts = times,
            Error::Status { message, .. } if times > 1 => {
                message.push_str(&format!(
                    "{}(tried {times} times)",
                    if message.is_empty() { "" } else { " " }
                ));
            }
            _ => {}
        }
        self
    }
}

fn tried(attempts: u32) -> String {
    match attempts {
        0 | 1 => String::new(),
        attempts => format!(" (tried {attempts} times)"),
    }
}
