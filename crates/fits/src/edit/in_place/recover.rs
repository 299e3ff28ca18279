//! What an interrupted change left behind, taken back.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use super::journal::{path_of, read, sync_folder};
use super::{Change, Changes};
use crate::writer::folder_of;
use crate::{Error, Result};

/// Puts the old bytes back where a change of the file was interrupted, as its journal tells. A change that another
/// thread or program is making is waited for with `wait`, and else left to it.
///
/// A file that came to its place afterwards has other bytes than the journal knows of; it is left as it is, and the
/// journal removed.
///
/// # Errors
/// [`Error::Io`] where there is a journal, and it or the file cannot be written to.
pub(crate) fn recover(target: &Path, wait: bool) -> Result<()> {
    let Some(path) = path_of(target) else {
        return Ok(());
    };
    // Another's journal may make way for a further one while it is waited for.
    loop {
        // To write as well: some network file systems lock only what is open for that.
        let mut journal = match OpenOptions::new().read(true).write(true).open(&path) {
            Ok(journal) => journal,
            // What a file holds that has one is not sure without it.
            Err(error) if error.kind() != ErrorKind::NotFound && path.exists() => {
                return Err(Error::io("open", &path)(error));
            }
            Err(_) => return Ok(()),
        };
        match journal.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) if wait => journal.lock().map_err(Error::io("lock", &path))?,
            Err(TryLockError::WouldBlock) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(Error::io("lock", &path)(error)),
        }
        if !is_still(&journal, &path) {
            continue;
        }
        let mut bytes = Vec::new();
        journal
            .read_to_end(&mut bytes)
            .map_err(Error::io("read", &path))?;
        if let Some(changes) = read(&bytes) {
            take_back(target, &changes).map_err(Error::io("restore", target))?;
        }
        std::fs::remove_file(&path)
            .and_then(|()| sync_folder(folder_of(target)))
            .map_err(Error::io("remove", &path))?;
    }
}

/// Whether the name still stands for the open file.
fn is_still(journal: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        match (journal.metadata(), std::fs::metadata(path)) {
            (Ok(open), Ok(named)) => (open.dev(), open.ino()) == (named.dev(), named.ino()),
            _ => false,
        }
    }
    #[cfg(not(unix))]
    {
        let _ = journal;
        path.exists()
    }
}

fn take_back(target: &Path, changes: &Changes) -> io::Result<()> {
    let mut file = match OpenOptions::new().read(true).open(target) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    if !is_between(&mut file, changes)? {
        return Ok(());
    }
    let mut file = OpenOptions::new().read(true).write(true).open(target)?;
    changes.undo(&mut file)?;
    file.sync_all()
}

/// Whether the file is on the way from the old to the new one: of each byte that changes, it has either. One that is
/// the new one already stays so.
fn is_between(file: &mut File, changes: &Changes) -> io::Result<bool> {
    let length = file.metadata()?.len();
    let Changes {
        old_length,
        new_length,
        ranges,
    } = changes;
    if length < *old_length.min(new_length) || length > *old_length.max(new_length) {
        return Ok(false);
    }
    let mut is_new = length == *new_length;
    for Change { at, old, new } in ranges {
        file.seek(SeekFrom::Start(*at))?;
        let mut now = Vec::new();
        file.by_ref()
            .take(old.len().max(new.len()) as u64)
            .read_to_end(&mut now)?;
        let known =
            |(place, byte): (usize, &u8)| old.get(place) == Some(byte) || new.get(place) == Some(byte);
        // What lies beyond the old end is nobody else's: there may be zeros that were not filled yet.
        if !now.iter().enumerate().take(old.len()).all(known) {
            return Ok(false);
        }
        is_new &= now == *new;
    }
    Ok(!is_new)
}
