//! A file that takes the place of another when it is complete, and not before.

use std::fs::Permissions;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::Overwrite;
use crate::{Error, Result};

/// A temporary file beside its target. Dropped without [`AtomicFile::commit`], it is removed.
#[derive(Debug)]
pub(crate) struct AtomicFile {
    path: PathBuf,
    file: NamedTempFile,
    permissions: Option<Permissions>,
    overwrite: Overwrite,
}

impl AtomicFile {
    pub(crate) fn create(path: &Path, overwrite: Overwrite) -> Result<Self> {
        // A link's target is what is replaced, not the link.
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let permissions = match std::fs::metadata(&path) {
            Ok(_) if overwrite == Overwrite::Refuse => return Err(Error::Exists { path }),
            Ok(there) => Some(there.permissions()),
            Err(_) => None,
        };
        let folder = path
            .parent()
            .filter(|p| !p.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".firstlight-").suffix(".part");
        // As readable as the user's mask lets new files be.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(folder).map_err(Error::io("create", &path))?;
        Ok(Self {
            path,
            file,
            permissions,
            overwrite,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Renames the file over its target, whose permissions it takes on.
    pub(crate) fn commit(self) -> Result<()> {
        let io = |source| Error::Io {
            action: "write",
            path: self.path.clone(),
            source,
        };
        if let Some(permissions) = self.permissions {
            self.file.as_file().set_permissions(permissions).map_err(io)?;
        }
        match self.overwrite {
            Overwrite::Replace => self.file.persist(&self.path).map_err(|e| io(e.error))?,
            // Another program may have made the target in the meantime.
            Overwrite::Refuse => {
                self.file
                    .persist_noclobber(&self.path)
                    .map_err(|e| match e.error.kind() {
                        std::io::ErrorKind::AlreadyExists => Error::Exists {
                            path: self.path.clone(),
                        },
                        _ => io(e.error),
                    })?
            }
        };
        Ok(())
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

impl Seek for AtomicFile {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.file.seek(to)
    }
}
