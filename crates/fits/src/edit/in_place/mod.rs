//! Writing into the file itself, where all that stays is where it was: a few blocks instead of a copy of everything.
//!
//! A file that is written into is, for a moment, neither the old nor the new one. So the bytes that are to be
//! overwritten go to a journal beside the file first, and are on the disk before the first of them is touched. The
//! changes are written at once, put on the disk, and only then is the journal removed. Where writing fails — a full
//! disk, under a file system that never overwrites — the old bytes are put back at once. Where the program or the
//! machine stops in between, the journal is still there when the file is next opened, and the old bytes are put back
//! then ([`recover`]).
//!
//! A file with several hard links, one that cannot be written to, and a small one, whose copy costs less than waiting
//! for the disk does, are written beside and renamed instead.

mod journal;
mod recover;

pub(crate) use recover::recover;

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use super::layout::{Bytes, Layout};
use crate::{BLOCK, Error, FitsFile, Result};
use journal::Journal;

/// Copying fewer bytes than this takes less time than waiting for the disk.
const LEAST_KEPT: u64 = 8 << 20;
/// So many times the bytes that change have to stay: each of them is written four times.
const LEAST_RATIO: u64 = 8;
/// Changes with no more blocks than this between them are one.
const GAP: usize = 4;

/// A range of the file that becomes another. Beyond the end of the shorter file one of the two is shorter.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Change {
    at: u64,
    old: Vec<u8>,
    new: Vec<u8>,
}

/// All changes of a file, and its lengths before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Changes {
    old_length: u64,
    new_length: u64,
    ranges: Vec<Change>,
}

/// Writes the changes into the file; false where that cannot be or does not pay, and nothing was done.
pub(super) fn write(layout: &Layout, file: &FitsFile) -> Result<bool> {
    if !pays(layout, file.length()) {
        return Ok(false);
    }
    let path = file.path();
    // Not the link: the journal is beside the file itself.
    let Ok(target) = std::fs::canonicalize(path) else {
        return Ok(false);
    };
    let Some(mut opened) = open(&target) else {
        return Ok(false);
    };
    let changes = Changes::of(layout, file)?;
    if changes.ranges.is_empty() {
        return Ok(true);
    }
    let Some(journal) = Journal::begin(&target, &changes)? else {
        return Ok(false);
    };
    // Another program may have changed it while the journal was written.
    if let Err(changed) = file.reader() {
        journal.remove().map_err(Error::io("write", path))?;
        return Err(changed);
    }
    let written = changes.make(&mut opened).and_then(|()| settle(&target, &changes));
    if let Err(failed) = written {
        // Where this fails as well the journal stays, for the next time.
        changes.undo(&mut opened).map_err(Error::io("restore", path))?;
        journal.remove().map_err(Error::io("write", path))?;
        return Err(Error::io("write", path)(failed));
    }
    journal.remove().map_err(Error::io("write", path))?;
    Ok(true)
}

/// Whether all that stays does so in its place, and is so much that copying it would take longer.
fn pays(layout: &Layout, old_length: u64) -> bool {
    let (mut kept, mut new) = (0, old_length.saturating_sub(layout.length));
    for piece in &layout.pieces {
        match &piece.bytes {
            Bytes::Kept { from, length } if *from == piece.at => kept += length,
            Bytes::Kept { .. } => return false,
            Bytes::New(bytes) => new += bytes.len() as u64,
        }
    }
    kept >= LEAST_KEPT && kept / LEAST_RATIO >= new
}

/// The file for writing, unless its bytes are another file's, too, or it is not to be written to.
fn open(path: &Path) -> Option<File> {
    let file = OpenOptions::new().read(true).write(true).open(path).ok()?;
    let metadata = file.metadata().ok()?;
    #[cfg(unix)]
    let linked = std::os::unix::fs::MetadataExt::nlink(&metadata) > 1;
    #[cfg(not(unix))]
    let linked = false;
    (metadata.is_file() && !linked).then_some(file)
}

/// Sees to it that the changes are on the disk.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "macos"))]
fn settle(path: &Path, changes: &Changes) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    // The same bytes again, each range waited for: the rest of the file, which may be new, too, is left to the system.
    let flags = rustix::fs::OFlags::DSYNC.bits();
    let mut synced = OpenOptions::new()
        .write(true)
        .custom_flags(flags as i32)
        .open(path)?;
    changes.make(&mut synced)
}

/// Sees to it that the changes are on the disk.
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos")))]
fn settle(path: &Path, _changes: &Changes) -> io::Result<()> {
    OpenOptions::new().write(true).open(path)?.sync_data()
}

/// What changes are made in: a file, or in tests something that fails.
trait Target: Write + Seek {
    fn set_length(&mut self, length: u64) -> io::Result<()>;
}

impl Target for File {
    fn set_length(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }
}

impl Changes {
    /// The blocks of a layout that are not what stands there.
    fn of(layout: &Layout, file: &FitsFile) -> Result<Self> {
        let (old_length, new_length) = (file.length(), layout.length);
        let reader = file.reader()?;
        let mut ranges = Vec::new();
        for piece in &layout.pieces {
            let Bytes::New(new) = &piece.bytes else { continue };
            let there = old_length.saturating_sub(piece.at).min(new.len() as u64);
            let old = reader.to_vec(piece.at.min(old_length), there)?;
            compare(piece.at, &old, new, &mut ranges);
        }
        if new_length < old_length {
            ranges.push(Change {
                at: new_length,
                old: reader.to_vec(new_length, old_length - new_length)?,
                new: Vec::new(),
            });
        }
        Ok(Self {
            old_length,
            new_length,
            ranges,
        })
    }

    /// Makes them. What is beyond the old end comes first: there the disk can be full.
    fn make(&self, target: &mut impl Target) -> io::Result<()> {
        for change in self.ranges.iter().rev() {
            put(target, change.at, &change.new)?;
        }
        if self.new_length < self.old_length {
            target.set_length(self.new_length)?;
        }
        Ok(())
    }

    /// Takes them back, however far they came.
    fn undo(&self, target: &mut impl Target) -> io::Result<()> {
        for change in &self.ranges {
            put(target, change.at, &change.old)?;
        }
        target.set_length(self.old_length)
    }
}

fn put(target: &mut impl Target, at: u64, bytes: &[u8]) -> io::Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    target.seek(SeekFrom::Start(at))?;
    target.write_all(bytes)
}

/// Adds the blocks of `new` that differ from `old`, which may be shorter.
fn compare(at: u64, old: &[u8], new: &[u8], ranges: &mut Vec<Change>) {
    let differing = new
        .chunks(BLOCK)
        .enumerate()
        .filter(|(block, bytes)| old.get(block * BLOCK..block * BLOCK + bytes.len()) != Some(bytes))
        .map(|(block, _)| block);
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    for block in differing {
        match runs.last_mut() {
            Some(run) if block <= run.end + GAP => run.end = block + 1,
            _ => runs.push(block..block + 1),
        }
    }
    for run in runs {
        let (from, to) = (run.start * BLOCK, (run.end * BLOCK).min(new.len()));
        ranges.push(Change {
            at: at + from as u64,
            old: old[from.min(old.len())..to.min(old.len())].to_vec(),
            new: new[from..to].to_vec(),
        });
    }
}

#[cfg(test)]
mod tests;
