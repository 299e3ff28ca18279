//! Copies of the inputs as they were, in a folder beside them that AstroDrizzle looks into as well.

use super::DrizzleOptions;
use crate::output::make_folder;
use crate::{Error, Result};
use firstlight_fits::{AtomicFile, Overwrite};
use std::path::{Path, PathBuf};

const FOLDER: &str = "OrIg_files";

/// Brings originals back and puts them by, as the options say. Says whether any was brought back.
pub(super) fn manage(files: &[PathBuf], options: &DrizzleOptions) -> Result<bool> {
    let mut restored = false;
    for file in files {
        let folder = file.parent().unwrap_or(Path::new("")).join(FOLDER);
        let Some(name) = file.file_name() else { continue };
        let original = folder.join(name);
        if options.restore && original.exists() {
            copy(&original, file)?;
            make_writable(file)?;
            restored = true;
        }
        if options.preserve && !original.exists() {
            make_folder(&folder)?;
            copy(file, &original)?;
            let mut permissions = metadata(&original)?.permissions();
            permissions.set_readonly(true);
            set(&original, permissions)?;
        }
    }
    Ok(restored)
}

/// A copy is whole or not there.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let failed = |error: firstlight_fits::Error| {
        Error::Usage(format!(
            "{} cannot be copied to {}: {error}",
            from.display(),
            to.display()
        ))
    };
    AtomicFile::copy(from, to, Overwrite::Replace).map_err(failed)
}

fn make_writable(path: &Path) -> Result<()> {
    let mut permissions = metadata(path)?.permissions();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        permissions.set_mode(permissions.mode() | 0o200);
    }
    #[cfg(not(unix))]
    permissions.set_readonly(false);
    set(path, permissions)
}

fn metadata(path: &Path) -> Result<std::fs::Metadata> {
    std::fs::metadata(path).map_err(|error| Error::Usage(format!("{}: {error}", path.display())))
}

fn set(path: &Path, permissions: std::fs::Permissions) -> Result<()> {
    std::fs::set_permissions(path, permissions)
        .map_err(|error| Error::Usage(format!("{}: {error}", path.display())))
}
