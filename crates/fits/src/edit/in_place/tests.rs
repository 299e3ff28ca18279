#![allow(clippy::unwrap_used)]

use std::io::{self, Cursor, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::journal::{self, Journal, path_of};
use super::*;

const OLD: &[u8] = b"the old bytes of a file that is to change";

/// The second range goes beyond the end, the third is another's.
fn changes() -> Changes {
    let range = |at: usize, end: usize, new: &[u8]| Change {
        at: at as u64,
        old: OLD[at..end].to_vec(),
        new: new.to_vec(),
    };
    let end = OLD.len();
    Changes {
        old_length: end as u64,
        new_length: end as u64 + 9,
        ranges: vec![range(4, 7, b"NEW"), range(end - 6, end, b"has got longer.")],
    }
}

fn shortened() -> Changes {
    let old = OLD[20..].to_vec();
    let cut = Change {
        at: 20,
        old,
        new: Vec::new(),
    };
    let first = Change {
        at: 0,
        old: OLD[..3].to_vec(),
        new: b"THE".to_vec(),
    };
    Changes {
        old_length: OLD.len() as u64,
        new_length: 20,
        ranges: vec![first, cut],
    }
}

/// Writes so many bytes, and then fails.
struct Failing<T> {
    inner: T,
    left: usize,
}

impl<T: Write> Write for Failing<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let written = self.inner.write(&bytes[..bytes.len().min(self.left)])?;
        self.left -= written;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<T: Seek> Seek for Failing<T> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

impl<T: Target> Target for Failing<T> {
    fn set_length(&mut self, length: u64) -> io::Result<()> {
        self.inner.set_length(length)
    }
}

impl Target for Cursor<Vec<u8>> {
    fn set_length(&mut self, length: u64) -> io::Result<()> {
        self.get_mut().resize(length as usize, 0);
        Ok(())
    }
}

fn new_bytes(changes: &Changes) -> Vec<u8> {
    let mut file = Cursor::new(OLD.to_vec());
    changes.make(&mut file).unwrap();
    file.into_inner()
}

#[test]
fn a_change_that_fails_anywhere_is_taken_back() {
    assert_eq!(
        new_bytes(&changes()),
        b"the NEW bytes of a file that is to has got longer."
    );
    assert_eq!(new_bytes(&shortened()), b"THE old bytes of a f");
    for changes in [changes(), shortened()] {
        let all: usize = changes.ranges.iter().map(|change| change.new.len()).sum();
        for left in 0..all {
            let mut target = Failing {
                inner: Cursor::new(OLD.to_vec()),
                left,
            };
            assert!(changes.make(&mut target).is_err());
            changes.undo(&mut target.inner).unwrap();
            assert_eq!(target.inner.into_inner(), OLD, "after {left} bytes");
        }
    }
}

#[test]
fn a_journal_is_whole_or_counts_for_nothing() {
    let mut bytes = Vec::new();
    journal::write(&changes(), &mut bytes).unwrap();
    assert_eq!(journal::read(&bytes), Some(changes()));
    for end in 0..bytes.len() {
        assert_eq!(journal::read(&bytes[..end]), None, "{end} bytes");
    }
    bytes[60] ^= 1;
    assert_eq!(journal::read(&bytes), None);
}

/// A file with a journal that nobody holds, as a killed run leaves it, when `left` bytes had been written.
fn killed(folder: &Path, changes: &Changes, left: usize) -> PathBuf {
    let path = folder.join("file.fits");
    std::fs::write(&path, OLD).unwrap();
    drop(Journal::begin(&path, changes).unwrap().unwrap());
    let mut target = Failing {
        inner: open(&path).unwrap(),
        left,
    };
    let _ = changes.make(&mut target);
    path
}

#[test]
fn a_killed_change_is_taken_back_at_the_next_opening() {
    let folder = tempfile::tempdir().unwrap();
    for changes in [changes(), shortened()] {
        let new = new_bytes(&changes);
        for left in 0..40 {
            let path = killed(folder.path(), &changes, left);
            let done = std::fs::read(&path).unwrap() == new;
            recover(&path, left % 2 == 0).unwrap();
            // What was complete may have been reported as done.
            let expected = if done { new.as_slice() } else { OLD };
            assert_eq!(std::fs::read(&path).unwrap(), expected, "after {left} bytes");
            assert!(!path_of(&path).unwrap().exists());
        }
    }
}

#[test]
fn another_file_in_the_place_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = killed(folder.path(), &changes(), 10);
    let mut other = OLD.to_vec();
    other[5] = b'?';
    std::fs::write(&path, &other).unwrap();
    recover(&path, true).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), other);
    assert!(!path_of(&path).unwrap().exists());
}

#[test]
fn a_change_that_is_being_made_is_left_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.fits");
    std::fs::write(&path, OLD).unwrap();
    let journal = Journal::begin(&path, &changes()).unwrap().unwrap();
    let mut file = open(&path).unwrap();
    changes().make(&mut file).unwrap();
    recover(&path, false).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), new_bytes(&changes()));
    assert!(matches!(
        Journal::begin(&path, &changes()),
        Err(Error::Changed { .. })
    ));
    journal.remove().unwrap();
    recover(&path, true).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn only_blocks_that_differ_are_changed() {
    let old = vec![0u8; 20 * BLOCK];
    let mut new = old.clone();
    new[5] = 1;
    new[3 * BLOCK] = 1;
    new[19 * BLOCK + 1] = 1;
    new.extend([7; BLOCK]);
    let mut ranges = Vec::new();
    compare(BLOCK as u64, &old, &new, &mut ranges);
    let places: Vec<_> = ranges
        .iter()
        .map(|change| {
            (
                change.at as usize / BLOCK,
                change.old.len() / BLOCK,
                change.new.len() / BLOCK,
            )
        })
        .collect();
    assert_eq!(places, [(1, 4, 4), (20, 1, 2)]);
}

#[test]
fn a_journal_that_cannot_be_read_is_no_reason_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.fits");
    std::fs::write(&path, OLD).unwrap();
    let journal = path_of(&path).unwrap();
    std::fs::create_dir(&journal).unwrap();
    let error = recover(&path, false).unwrap_err().to_string();
    assert!(error.contains("firstlight-journal"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), OLD);
}
