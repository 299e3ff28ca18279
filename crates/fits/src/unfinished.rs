//! What has a name while it is in the making, so that a process that is told to end can take it away first.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use tempfile::TempDir;

use crate::writer::folder_of;
use crate::{Error, Result};

static PATHS: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn paths() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    PATHS.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// A file or folder that is in the making for as long as this is there.
#[derive(Debug)]
pub(crate) struct Unfinished(PathBuf);

impl Unfinished {
    pub(crate) fn new(path: &Path) -> Self {
        paths().insert(path.to_owned());
        Self(path.to_owned())
    }
}

/// Whether a file or folder would be taken away.
#[cfg(test)]
pub(crate) fn is_known(path: &Path) -> bool {
    paths().contains(path)
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        paths().remove(&self.0);
    }
}

/// A folder for files on the way to an output. It goes, and all in it, when this is dropped.
#[derive(Debug)]
pub struct Scratch {
    folder: TempDir,
    _unfinished: Unfinished,
}

impl Scratch {
    /// Makes a folder beside an output, whose name begins with `.firstlight-`.
    ///
    /// # Errors
    /// [`Error::Io`], of the output's folder.
    pub fn beside(output: &Path) -> Result<Self> {
        let parent = folder_of(output);
        let mut builder = tempfile::Builder::new();
        let folder = builder
            .prefix(".firstlight-")
            .tempdir_in(parent)
            .map_err(Error::io("create a temporary folder in", parent))?;
        Ok(Self {
            _unfinished: Unfinished::new(folder.path()),
            folder,
        })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// While it is there, nothing can be begun that would have a name.
#[derive(Debug)]
pub struct Ended(#[allow(dead_code)] MutexGuard<'static, BTreeSet<PathBuf>>);

/// Takes away all files and folders that are in the making; for a process that is told to end, which should do so while
/// it holds what is given back. Outputs that are there stay as they are.
#[must_use]
pub fn remove_unfinished() -> Ended {
    /// Other threads may be writing into a folder.
    const ATTEMPTS: usize = 20;
    let paths = paths();
    for path in paths.iter() {
        let mut attempts = 0..ATTEMPTS;
        while attempts.next().is_some() && path.exists() {
            let _ = match path.is_dir() {
                true => std::fs::remove_dir_all(path),
                false => std::fs::remove_file(path),
            };
        }
    }
    Ended(paths)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn folders_go_with_all_in_them_and_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("out.fits");
        std::fs::write(&output, "here").unwrap();
        let there = || std::fs::read_dir(folder.path()).unwrap().count();
        let (first, second) = (
            Scratch::beside(&output).unwrap(),
            Scratch::beside(&output).unwrap(),
        );
        std::fs::create_dir(first.path().join("deeper")).unwrap();
        std::fs::write(first.path().join("deeper/part"), "half").unwrap();
        assert_eq!(there(), 3);
        drop(second);
        assert_eq!(there(), 2);
        let kept = first.path().to_owned();
        assert!(is_known(&kept));
        drop(first);
        assert_eq!(there(), 1);
        assert!(!is_known(&kept));
        let error = Scratch::beside(&folder.path().join("no/out")).unwrap_err();
        assert!(error.to_string().contains("no: "), "{error}");
    }
}
