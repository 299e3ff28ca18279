//! A file that takes the place of another when it is complete, and not before.

use std::fs::Permissions;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::Overwrite;
use super::temporary::Temporary;

use crate::{Error, Result};

/// A temporary file in the folder of its target. Dropped without [`AtomicFile::commit`], or when the process ends, it
/// is gone, and the target is as it was.
///
/// On Linux it has no name until then, so that this holds for a process that is killed too. On other systems, and on
/// file systems that cannot have files without names, a process that is killed leaves it as `.firstlight-*.part`.
///
/// Errors of writing are the operating system's own: of the temporary file, whose name means nothing to
/// anybody, they say nothing.
#[derive(Debug)]
pub struct AtomicFile {
    /// As the caller named it.
    path: PathBuf,
    /// What is replaced: a link's target, not the link.
    target: PathBuf,
    file: Temporary,
    permissions: Option<Permissions>,
    overwrite: Overwrite,
}

impl AtomicFile {
    /// Begins a file.
    ///
    /// # Errors
    /// [`Error::Exists`] where the target is there and `overwrite` refuses to replace it; [`Error::Io`],
    /// also where the target's folder is not there.
    pub fn create(path: &Path, overwrite: Overwrite) -> Result<Self> {
        let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let permissions = match std::fs::metadata(&target) {
            Ok(_) if overwrite == Overwrite::Refuse => {
                return Err(Error::Exists {
                    path: path.to_owned(),
                });
            }
            Ok(there) if there.is_dir() => {
                let source = std::io::Error::new(std::io::ErrorKind::IsADirectory, "it is a folder");
                return Err(Error::io("write", path)(source));
            }
            Ok(there) => Some(there.permissions()),
            Err(_) => None,
        };
        let folder = folder_of(&target);
        if !folder.exists() {
            let reason = format!("there is no folder {}", folder.display());
            let source = std::io::Error::new(std::io::ErrorKind::NotFound, reason);
            return Err(Error::io("create", path)(source));
        }
        // As readable as the user's mask lets new files be.
        let file = Temporary::create(folder, 0o666)
            .map_err(|error| Error::io("create", path)(without_temporary_name(error)))?;
        Ok(Self {
            path: path.to_owned(),
            target,
            file,
            permissions,
            overwrite,
        })
    }

    /// The file that will be there after [`AtomicFile::commit`], as the caller named it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the file as long as this; what is new in it is zeros.
    pub(crate) fn set_length(&self, length: u64) -> std::io::Result<()> {
        self.file.file().set_len(length)
    }

    /// As [`AtomicFile::write_at`], in a part of the file that is zeros as yet: of long runs of zeros nothing is written, so
    /// that they take neither time nor room on the disk.
    pub(crate) fn write_over_zeros(&self, bytes: &[u8], offset: u64) -> std::io::Result<()> {
        let ahead = (HOLE - offset % HOLE) as usize % HOLE as usize;
        let (mut begun, mut at) = (0, ahead.min(bytes.len()));
        while at < bytes.len() {
            let end = (at + HOLE as usize).min(bytes.len());
            if end - at == HOLE as usize && is_zeros(&bytes[at..end]) {
                self.write_at(&bytes[begun..at], offset + begun as u64)?;
                begun = end;
            }
            at = end;
        }
        self.write_at(&bytes[begun..], offset + begun as u64)
    }

    /// Writes bytes at an offset, and leaves the place of sequential writing alone.
    #[cfg(unix)]
    pub(crate) fn write_at(&self, bytes: &[u8], offset: u64) -> std::io::Result<()> {
        std::os::unix::fs::FileExt::write_all_at(self.file.file(), bytes, offset)
    }

    /// Reads bytes at an offset, and leaves the place of sequential writing alone.
    #[cfg(unix)]
    pub(crate) fn read_at(&self, bytes: &mut [u8], offset: u64) -> std::io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(self.file.file(), bytes, offset)
    }

    /// As on Unix. The system moves the place of sequential writing, so it is put back; a lock keeps others out.
    #[cfg(windows)]
    pub(crate) fn write_at(&self, bytes: &[u8], offset: u64) -> std::io::Result<()> {
        self.elsewhere(offset, |file| file.write_all(bytes))
    }

    /// As on Unix.
    #[cfg(windows)]
    pub(crate) fn read_at(&self, bytes: &mut [u8], offset: u64) -> std::io::Result<()> {
        use std::io::Read;
        self.elsewhere(offset, |file| file.read_exact(bytes))
    }

    #[cfg(windows)]
    fn elsewhere(
        &self,
        offset: u64,
        work: impl FnOnce(&mut &std::fs::File) -> std::io::Result<()>,
    ) -> std::io::Result<()> {
        static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
        let _alone = ONE_AT_A_TIME
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut file = self.file.file();
        let place = file.stream_position()?;
        file.seek(SeekFrom::Start(offset))?;
        work(&mut file)?;
        file.seek(SeekFrom::Start(place)).map(|_| ())
    }

    /// Gives the file the name of its target, whose permissions it takes on.
    ///
    /// # Errors
    /// [`Error::Exists`] where another program has made the target in the meantime and it is not to be
    /// replaced; [`Error::Io`].
    pub fn commit(self) -> Result<()> {
        let io = |source| Error::Io {
            action: "write",
            path: self.path.clone(),
            source,
        };
        if let Some(permissions) = self.permissions {
            self.file.file().set_permissions(permissions).map_err(io)?;
        }
        match self.overwrite {
            Overwrite::Replace => self.file.replace(&self.target).map_err(io),
            // Another program may have made the target in the meantime.
            Overwrite::Refuse => match self.file.keep(&self.target) {
                Ok(_) => Ok(()),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(Error::Exists {
                    path: self.path.clone(),
                }),
                Err(error) => Err(io(error)),
            },
        }
    }

    /// Writes all of a small file at once: what is there afterwards is on the disk.
    ///
    /// # Errors
    /// Those of [`AtomicFile::create`] and [`AtomicFile::commit`].
    pub fn write_whole(path: &Path, bytes: &[u8], overwrite: Overwrite) -> Result<()> {
        let mut file = Self::create(path, overwrite)?;
        file.write_all(bytes)
            .and_then(|()| file.file.file().sync_all())
            .map_err(Error::io("write", path))?;
        file.commit()
    }

    /// Copies all of a file, and its permissions.
    ///
    /// # Errors
    /// [`Error::Io`] of the file to be copied; those of [`AtomicFile::create`] and [`AtomicFile::commit`].
    pub fn copy(from: &Path, to: &Path, overwrite: Overwrite) -> Result<()> {
        let mut source = std::fs::File::open(from).map_err(Error::io("read", from))?;
        let permissions = source.metadata().map_err(Error::io("read", from))?.permissions();
        let mut file = Self::create(to, overwrite)?;
        std::io::copy(&mut source, &mut file.file.file()).map_err(Error::io("write", to))?;
        file.permissions = Some(permissions);
        file.commit()
    }
}

/// The operating system's answer, out of an error whose text ends in the temporary file's name.
fn without_temporary_name(error: std::io::Error) -> std::io::Error {
    let text = error.to_string();
    match text.split_once(" at path \"") {
        Some((answer, _)) => std::io::Error::new(error.kind(), answer),
        None => error,
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.file().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.file().flush()
    }
}

impl Seek for AtomicFile {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.file.file().seek(to)
    }
}

/// Runs of zeros that are left out begin at multiples of this, and are as long: a page of memory, for one that is written is
/// memory that has to be found.
const HOLE: u64 = 4 << 10;

fn is_zeros(bytes: &[u8]) -> bool {
    // By lines of the cache: what is not zeros is so near its beginning as a rule.
    bytes
        .chunks_exact(64)
        .all(|line| line.iter().fold(0, |any, byte| any | byte) == 0)
}

/// The folder of a file.
pub(crate) fn folder_of(target: &Path) -> &Path {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_output_and_the_reason_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("no/such/out.fits");
        let error = AtomicFile::create(&path, Overwrite::Refuse).unwrap_err();
        let expected = format!(
            "cannot create {}: there is no folder {}",
            path.display(),
            folder.path().join("no/such").display()
        );
        assert_eq!(error.to_string(), expected);
        let error = AtomicFile::create(folder.path(), Overwrite::Replace).unwrap_err();
        assert!(error.to_string().ends_with("it is a folder"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn the_temporary_files_name_is_taken_out() {
        let folder = tempfile::tempdir().unwrap();
        let mut builder = tempfile::Builder::new();
        builder.prefix(".firstlight-");
        let error = builder.tempfile_in(folder.path().join("gone")).unwrap_err();
        assert!(error.to_string().contains(".firstlight-"), "{error}");
        let plain = without_temporary_name(error);
        assert_eq!(plain.kind(), std::io::ErrorKind::NotFound);
        assert!(!plain.to_string().contains("firstlight"), "{plain}");
        let other = without_temporary_name(std::io::Error::other("something else"));
        assert_eq!(other.to_string(), "something else");
    }

    #[test]
    fn copies_have_the_permissions_of_what_is_copied() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        std::fs::write(&from, "all").unwrap();
        let mut permissions = std::fs::metadata(&from).unwrap().permissions();
        permissions.set_readonly(true);
        std::fs::set_permissions(&from, permissions.clone()).unwrap();
        AtomicFile::copy(&from, &to, Overwrite::Refuse).unwrap();
        assert_eq!(std::fs::read(&to).unwrap(), b"all");
        assert_eq!(std::fs::metadata(&to).unwrap().permissions(), permissions);
        let refused = AtomicFile::copy(&from, &to, Overwrite::Refuse).unwrap_err();
        assert!(matches!(refused, Error::Exists { .. }), "{refused}");
        let missing = AtomicFile::copy(&folder.path().join("none"), &to, Overwrite::Replace).unwrap_err();
        assert!(missing.to_string().contains("none"), "{missing}");
    }

    #[test]
    fn zeros_are_left_out_and_all_else_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let hole = HOLE as usize;
        for (offset, length) in [
            (0, 4 * hole),
            (7, 5 * hole),
            (hole - 1, hole + 1),
            (3, 10),
            (1, 2 * hole),
        ] {
            for marks in [vec![], vec![0], vec![length - 1], vec![length / 2, length / 3]] {
                let path = folder.path().join("out");
                let mut expected = vec![0_u8; offset + length];
                marks.iter().for_each(|mark| expected[offset + mark] = 3);
                let file = AtomicFile::create(&path, Overwrite::Replace).unwrap();
                file.set_length(expected.len() as u64).unwrap();
                file.write_over_zeros(&expected[offset..], offset as u64).unwrap();
                file.commit().unwrap();
                assert!(
                    std::fs::read(&path).unwrap() == expected,
                    "{offset} {length} {marks:?}"
                );
            }
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn zeros_take_no_room() {
        use std::os::unix::fs::MetadataExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let file = AtomicFile::create(&path, Overwrite::Refuse).unwrap();
        file.set_length(1 << 20).unwrap();
        let mut bytes = vec![0_u8; 1 << 20];
        bytes[500_000] = 1;
        file.write_over_zeros(&bytes, 0).unwrap();
        file.commit().unwrap();
        assert!(std::fs::metadata(&path).unwrap().blocks() * 512 <= 64 << 10);
    }

    #[test]
    fn what_is_dropped_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.fits");
        AtomicFile::write_whole(&path, b"old", Overwrite::Refuse).unwrap();
        let mut file = AtomicFile::create(&path, Overwrite::Replace).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
