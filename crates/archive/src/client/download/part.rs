//! The part of a file that is here, and the note that says what it is a part of.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::client::Transfers;
use crate::{Error, Result};

/// How often a lock that another process holds is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(40);

/// What a part is a part of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Note {
    pub url: String,
    /// The ETag with its quotes, where it is a strong one.
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    /// The whole's size, as the server announced it.
    pub size: Option<u64>,
}

impl Note {
    /// What `If-Range` may carry: the strong ETag, else the date.
    pub(super) fn validator(&self) -> Option<&str> {
        self.etag.as_deref().or(self.last_modified.as_deref())
    }
}

#[derive(Debug)]
pub(super) struct Part {
    target: PathBuf,
    path: PathBuf,
    note_path: PathBuf,
    note_file: File,
    file: File,
    pub note: Note,
    pub length: u64,
    ended: bool,
}

impl Part {
    /// Takes the part beside `target`, waiting for other processes that have it; and whether it had to wait.
    pub(super) fn take(target: &Path, patience: Duration, transfers: &dyn Transfers) -> Result<(Self, bool)> {
        let (mut path, mut note_path) = (beside(target, ".part"), beside(target, ".part.json"));
        let mut lock = Waiting {
            target,
            patience: patience.saturating_mul(5),
            since: Instant::now(),
            length: None,
            waited: false,
        };
        let note_file = loop {
            let file = open(&note_path)?;
            match file.try_lock() {
                Ok(()) if is_at(&file, &note_path) => break file,
                // It was removed between opening and locking.
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => lock.wait(transfers)?,
                Err(TryLockError::Error(_)) => {
                    // This file system has no locks: a name of one's own keeps processes apart.
                    drop(file);
                    let _ = std::fs::remove_file(&note_path);
                    let own = format!(".{}.part", std::process::id());
                    (path, note_path) = (beside(target, &own), beside(target, &format!("{own}.json")));
                    break open(&note_path)?;
                }
            }
        };
        let file = open(&path)?;
        let length = file.metadata().map_err(Error::io(&path))?.len();
        let mut part = Self {
            target: target.to_owned(),
            path,
            note_path,
            note_file,
            file,
            note: Note::default(),
            length,
            ended: false,
        };
        part.note = part.read_note();
        if part.note.url.is_empty() && part.length > 0 {
            part.restart(Note::default())?;
        }
        Ok((part, lock.waited))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn read_note(&mut self) -> Note {
        let mut text = String::new();
        // What cannot be read counts as no note.
        let _ = (&self.note_file).take(1 << 16).read_to_string(&mut text);
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Drops what is here; what comes is part of what `note` says.
    pub(super) fn restart(&mut self, note: Note) -> Result<()> {
        let failed = |error| written(&self.path, 0, error);
        self.file.set_len(0).map_err(failed)?;
        self.length = 0;
        let text = serde_json::to_vec(&note).unwrap_or_default();
        self.note = note;
        let mut file = &self.note_file;
        file.set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| file.write_all(&text))
            .map_err(|error| written(&self.note_path, 0, error))
    }

    /// Goes to the end of what is here.
    pub(super) fn at_end(&mut self) -> Result<()> {
        self.file
            .seek(SeekFrom::Start(self.length))
            .map(|_| ())
            .map_err(Error::io(&self.path))
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.file.write(rest) {
                Ok(0) => return Err(written(&self.target, self.length, ErrorKind::WriteZero.into())),
                Ok(n) => {
                    rest = &rest[n..];
                    self.length += n as u64;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(written(&self.target, self.length, error)),
            }
        }
        Ok(())
    }

    /// Gives the part its name: it is whole.
    pub(super) fn finish(&mut self) -> Result<()> {
        std::fs::rename(&self.path, &self.target)
            .map_err(|error| written(&self.target, self.length, error))?;
        self.ended = true;
        let _ = std::fs::remove_file(&self.note_path);
        Ok(())
    }

    /// Removes part and note: they are not needed.
    pub(super) fn remove(&mut self) {
        if !self.ended {
            // A part that stays behind is looked at the next time.
            let _ = std::fs::remove_file(&self.path);
            let _ = std::fs::remove_file(&self.note_path);
            self.ended = true;
        }
    }

    /// Leaves what has come for the next time; nothing, where nothing has.
    pub(super) fn leave(mut self) {
        if self.length == 0 {
            self.remove();
        }
    }
}

/// Waiting for a lock that another process, or thread, holds.
struct Waiting<'a> {
    target: &'a Path,
    patience: Duration,
    since: Instant,
    length: Option<u64>,
    waited: bool,
}

impl Waiting<'_> {
    /// Sleeps a little; fails where the file has not grown for long.
    fn wait(&mut self, transfers: &dyn Transfers) -> Result<()> {
        self.waited = true;
        if transfers.interrupted() {
            return Err(Error::Interrupted {
                name: self.target.display().to_string(),
            });
        }
        let length = std::fs::metadata(beside(self.target, ".part"))
            .ok()
            .map(|metadata| metadata.len());
        if length != self.length {
            (self.length, self.since) = (length, Instant::now());
        }
        if self.since.elapsed() > self.patience {
            return Err(Error::Busy {
                path: self.target.to_owned(),
            });
        }
        std::thread::sleep(LOOK_AGAIN);
        Ok(())
    }
}

/// `name.ext` with more behind it.
fn beside(target: &Path, more: &str) -> PathBuf {
    let mut path = target.as_os_str().to_owned();
    path.push(more);
    PathBuf::from(path)
}

fn open(path: &Path) -> Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(|error| written(path, 0, error))
}

/// Whether the open file is still the one of that name.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(open), Ok(named)) => identity(open) == identity(named),
        _ => false,
    }
}

/// Whether the open file is still the one of that name.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

/// The error of a write that failed.
pub(super) fn written(path: &Path, kept: u64, source: std::io::Error) -> Error {
    match source.kind() {
        ErrorKind::StorageFull
        | ErrorKind::QuotaExceeded
        | ErrorKind::FileTooLarge
        | ErrorKind::WriteZero => Error::DiskFull {
            path: path.to_owned(),
            kept,
            source,
        },
        _ => Error::Io {
            path: path.to_owned(),
            source,
        },
    }
}

/// Writes a small file as a whole: it is there with all of its content, or as it was before.
///
/// # Errors
/// [`Error::DiskFull`], [`Error::Io`].
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    static WRITES: AtomicU32 = AtomicU32::new(0);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| written(folder, 0, error))?;
    }
    let number = WRITES.fetch_add(1, Ordering::Relaxed);
    let beside = beside(path, &format!(".{}-{number}.tmp", std::process::id()));
    let result = std::fs::write(&beside, bytes).and_then(|()| std::fs::rename(&beside, path));
    result.map_err(|error| {
        let _ = std::fs::remove_file(&beside);
        written(path, 0, error)
    })
}
