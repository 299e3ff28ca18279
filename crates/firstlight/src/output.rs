//! What is checked and made before anything is written.

use crate::{Error, Result};
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

/// Makes a folder where it is not there; the empty path is the current folder.
pub(crate) fn make_folder(folder: &Path) -> Result<()> {
    if folder.as_os_str().is_empty() {
        return Ok(());
    }
    Ok(std::fs::create_dir_all(folder).map_err(firstlight_fits::Error::io("create", folder))?)
}

/// The folder that a file is in; `.` where its path names none.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
