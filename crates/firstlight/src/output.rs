//! What is checked and made before anything is written.

use crate::{Error, Result};
use firstlight_mosaic::Bytes;
use std::path::{Path, PathBuf};

/// Refuses to replace files that are there, unless that is allowed.
pub(crate) fn refuse_existing<'a>(
    mut paths: impl Iterator<Item = &'a PathBuf>,
    overwrite: bool,
) -> Result<()> {
    match paths.find(|path| !overwrite && path.exists()) {
        Some(path) => Err(Error::OutputExists { path: path.clone() }),
        None => Ok(()),
    }
}

/// Refuses to change a file whose permissions say that it is not to be written; a new file could take its place all the
/// same. `what` would change it, as "updatehdr".
///
/// # Errors
/// [`Error::Usage`].
pub fn refuse_read_only(path: &Path, what: &str) -> Result<()> {
    match std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().readonly()) {
        false => Ok(()),
        true => Err(Error::Usage(format!(
            "{} is read-only, and {what} would change it; make it writable, or take a copy",
            path.display()
        ))),
    }
}

/// Whether two paths lead to one file that is there.
pub(crate) fn is_same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// Refuses a product that is there already, or that is one of the inputs.
///
/// # Errors
/// [`Error::OutputExists`], [`Error::Usage`].
pub(crate) fn check_output(inputs: &[PathBuf], output: &Path, overwrite: bool) -> Result<()> {
    refuse_existing(std::iter::once(&output.to_owned()), overwrite)?;
    match inputs.iter().any(|input| is_same_file(input, output)) {
        true => Err(Error::Usage(format!(
            "{} is one of the frames that go in: choose another name for the product",
            output.display()
        ))),
        false => Ok(()),
    }
}

/// Refuses what does not fit on the disk of a folder, where the system says how much is free there.
pub(crate) fn refuse_beyond_disk(folder: &Path, needed: u64) -> Result<()> {
    match free_bytes(folder) {
        Some(free) if needed > free => Err(Error::DiskTooSmall {
            folder: folder.to_owned(),
            needed: Bytes(needed),
            free: Bytes(free),
        }),
        _ => Ok(()),
    }
}

/// Bytes that may still be written to the disk of a folder.
#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

/// Not told of on this system.
#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}

/// Makes a folder where it is not there; the empty path is the current folder.
pub(crate) fn make_folder(folder: &Path) -> Result<()> {
    if folder.as_os_str().is_empty() {
        return Ok(());
    }
    Ok(std::fs::create_dir_all(folder).map_err(firstlight_fits::Error::io("create", folder))?)
}

/// Folders that were made for products, and are taken away again where nothing came into them.
#[derive(Debug, Default)]
#[must_use]
pub(crate) struct NewFolders(Vec<PathBuf>);

impl NewFolders {
    /// Makes a folder, with those above it, where it is not there; the empty path is the current folder.
    pub(crate) fn make(folder: &Path) -> Result<Self> {
        let missing = folder
            .ancestors()
            .take_while(|path| !path.as_os_str().is_empty() && !path.exists());
        let made = Self(missing.map(Path::to_owned).collect());
        make_folder(folder)?;
        Ok(made)
    }
}

/// Those that are empty go, the innermost first.
impl Drop for NewFolders {
    fn drop(&mut self) {
        for folder in &self.0 {
            // One that has anything in it stays: this fails then.
            if std::fs::remove_dir(folder).is_err() {
                break;
            }
        }
    }
}

/// The folder that a file is in; `.` where its path names none.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_folders_go_where_nothing_came_into_them() {
        let folder = tempfile::tempdir().unwrap();
        let (outer, inner) = (folder.path().join("a"), folder.path().join("a/b"));
        let made = NewFolders::make(&inner).unwrap();
        assert!(inner.is_dir());
        drop(made);
        assert!(!outer.exists() && folder.path().is_dir());
        let made = NewFolders::make(&inner).unwrap();
        std::fs::write(outer.join("product"), "").unwrap();
        drop(made);
        assert!(!inner.exists() && outer.is_dir());
        // What was there before stays.
        drop(NewFolders::make(&outer).unwrap());
        std::fs::remove_file(outer.join("product")).unwrap();
        drop(NewFolders::make(&outer).unwrap());
        assert!(outer.is_dir());
    }

    #[test]
    #[cfg(unix)]
    fn what_no_disk_holds_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(refuse_beyond_disk(folder.path(), 1).is_ok());
        let error = refuse_beyond_disk(folder.path(), 1 << 62).unwrap_err();
        assert!(matches!(&error, Error::DiskTooSmall { needed, .. } if needed.0 == 1 << 62));
        assert_eq!(error.class(), crate::ErrorClass::Environment);
        assert!(error.to_string().contains("--output"), "{error}");
    }

    #[test]
    fn a_folder_that_cannot_be_looked_at_is_told_of_elsewhere() {
        assert!(refuse_beyond_disk(Path::new("/no/such/folder"), 1 << 62).is_ok());
    }
}
