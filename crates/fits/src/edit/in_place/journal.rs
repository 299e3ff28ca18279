//! The journal: what is overwritten, kept beside the file until the new bytes are on the disk.
//!
//! It gets its name when it is whole. Whoever writes to the file holds a lock on
//! it, so that a journal without one is of a run that did not come to its end.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use flate2::Crc;

use super::{Change, Changes};
use crate::writer::{Temporary, folder_of};
use crate::{Error, Result};

/// The first bytes, with the number of the format.
const MAGIC: &[u8; 16] = b"firstlight edit1";

/// The journal of the change that is being made.
pub(super) struct Journal {
    path: PathBuf,
    /// Holds the lock.
    _file: File,
}

/// The journal of a file; None for names that have none.
pub(super) fn path_of(target: &Path) -> Option<PathBuf> {
    let mut name = OsString::from(".");
    name.push(target.file_name()?);
    name.push(".firstlight-journal");
    Some(target.with_file_name(name))
}

impl Journal {
    /// Puts the old bytes by, on the disk; None where there cannot be a journal, so that the file is better written
    /// as a whole.
    ///
    /// # Errors
    /// [`Error::Changed`] where another program is writing to the file.
    pub(super) fn begin(target: &Path, changes: &Changes) -> Result<Option<Self>> {
        let Some(path) = path_of(target) else {
            return Ok(None);
        };
        let folder = folder_of(target);
        let begun = || -> io::Result<File> {
            let temporary = Temporary::create(folder, 0o600)?;
            let mut out = BufWriter::new(temporary.file());
            write(changes, &mut out)?;
            out.flush()?;
            drop(out);
            temporary.file().try_lock()?;
            let file = temporary.keep(&path)?;
            file.sync_all()?;
            sync_folder(folder)?;
            Ok(file)
        };
        match begun() {
            Ok(file) => Ok(Some(Self { path, _file: file })),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(Error::Changed {
                path: target.to_owned(),
            }),
            Err(_) => Ok(None),
        }
    }

    pub(super) fn remove(self) -> io::Result<()> {
        std::fs::remove_file(&self.path)
    }
}

/// Names in a folder are on the disk when the folder is.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// Passes bytes on and sums them up.
struct Summed<'a, W> {
    out: &'a mut W,
    sum: Crc,
}

impl<W: Write> Summed<'_, W> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sum.update(bytes);
        self.out.write_all(bytes)
    }

    fn number(&mut self, number: u64) -> io::Result<()> {
        self.put(&number.to_le_bytes())
    }
}

/// Lengths, then each range with its old and new bytes, then the sum of it all.
pub(super) fn write(changes: &Changes, out: &mut impl Write) -> io::Result<()> {
    let mut out = Summed { out, sum: Crc::new() };
    out.put(MAGIC)?;
    let count = changes.ranges.len() as u64;
    for number in [changes.old_length, changes.new_length, count] {
        out.number(number)?;
    }
    for Change { at, old, new } in &changes.ranges {
        for number in [*at, old.len() as u64, new.len() as u64] {
            out.number(number)?;
        }
        out.put(old)?;
        out.put(new)?;
    }
    let sum = out.sum.sum();
    out.out.write_all(&sum.to_le_bytes())
}

/// The changes that a journal tells of; None where it is not whole, so that none was made.
pub(super) fn read(bytes: &[u8]) -> Option<Changes> {
    let (body, sum) = bytes.split_last_chunk::<4>()?;
    let mut expected = Crc::new();
    expected.update(body);
    if expected.sum() != u32::from_le_bytes(*sum) {
        return None;
    }
    let mut left = body.strip_prefix(MAGIC)?;
    let (old_length, new_length, count) = (number(&mut left)?, number(&mut left)?, number(&mut left)?);
    let mut ranges = Vec::new();
    for _ in 0..count {
        let (at, old, new) = (number(&mut left)?, number(&mut left)?, number(&mut left)?);
        ranges.push(Change {
            at,
            old: take(&mut left, old)?,
            new: take(&mut left, new)?,
        });
    }
    left.is_empty().then_some(Changes {
        old_length,
        new_length,
        ranges,
    })
}

fn number(left: &mut &[u8]) -> Option<u64> {
    let (number, rest) = left.split_first_chunk::<8>()?;
    *left = rest;
    Some(u64::from_le_bytes(*number))
}

fn take(left: &mut &[u8], length: u64) -> Option<Vec<u8>> {
    let (bytes, rest) = left.split_at_checked(usize::try_from(length).ok()?)?;
    *left = rest;
    Some(bytes.to_vec())
}
