//! A file without a name until it is complete, so that nothing is left of a run that is interrupted or killed.

use std::fs::File;
use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

use crate::unfinished::Unfinished;

/// A file in a folder, which vanishes with the process or when it is dropped unless it is given its name.
///
/// On Linux it has no name meanwhile, and the system itself removes it however the process ends. Where the file system
/// cannot have such files, and on other systems, its name is `.firstlight-*.part` meanwhile, which
/// [`remove_unfinished`](crate::remove_unfinished) knows.
#[derive(Debug)]
pub(crate) struct Temporary(Kind);

#[derive(Debug)]
enum Kind {
    #[cfg(target_os = "linux")]
    Unnamed(File),
    Named {
        file: NamedTempFile,
        _unfinished: Unfinished,
    },
}

impl Temporary {
    /// `mode` are the permissions on Unix, of which the user's mask takes away.
    pub(crate) fn create(folder: &Path, mode: u32) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if let Some(file) = unnamed(folder, mode) {
            return Ok(Self(Kind::Unnamed(file)));
        }
        Self::named(folder, mode)
    }

    fn named(folder: &Path, mode: u32) -> io::Result<Self> {
        let mut builder = builder();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
        #[cfg(not(unix))]
        let _ = mode;
        let file = builder.tempfile_in(folder)?;
        let unfinished = Unfinished::new(file.path());
        Ok(Self(Kind::Named {
            file,
            _unfinished: unfinished,
        }))
    }

    pub(crate) fn file(&self) -> &File {
        match &self.0 {
            #[cfg(target_os = "linux")]
            Kind::Unnamed(file) => file,
            Kind::Named { file, .. } => file.as_file(),
        }
    }

    /// Gives the file its name, which another file may have had until now.
    pub(crate) fn replace(self, target: &Path) -> io::Result<()> {
        match self.0 {
            #[cfg(target_os = "linux")]
            Kind::Unnamed(file) => match link(&file, target) {
                // A name cannot be taken over without one of its own.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    let folder = super::folder_of(target);
                    let named = builder().make_in(folder, |path| link(&file, path))?;
                    named.persist(target).map(|_| ()).map_err(|e| e.error)
                }
                linked => linked,
            },
            Kind::Named { file, .. } => file.persist(target).map(|_| ()).map_err(|e| e.error),
        }
    }

    /// Gives the file its name, and gives the file back; `AlreadyExists` where another file has it.
    pub(crate) fn keep(self, target: &Path) -> io::Result<File> {
        match self.0 {
            #[cfg(target_os = "linux")]
            Kind::Unnamed(file) => link(&file, target).map(|()| file),
            Kind::Named { file, .. } => file.persist_noclobber(target).map_err(|e| e.error),
        }
    }
}

fn builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".firstlight-").suffix(".part");
    builder
}

/// None where the file system cannot have it, or it could not be given a name later.
#[cfg(target_os = "linux")]
fn unnamed(folder: &Path, mode: u32) -> Option<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(folder, flags, Mode::from_raw_mode(mode)).ok()?);
    std::fs::metadata(own(&file)).is_ok().then_some(file)
}

/// Where the system shows an open file of this process.
#[cfg(target_os = "linux")]
fn own(file: &File) -> String {
    use std::os::fd::AsRawFd;
    format!("/proc/self/fd/{}", file.as_raw_fd())
}

#[cfg(target_os = "linux")]
fn link(file: &File, target: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};
    Ok(linkat(CWD, own(file), CWD, target, AtFlags::SYMLINK_FOLLOW)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::io::Write;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    /// Both kinds do the same, and differ in what is seen meanwhile.
    fn kinds(folder: &Path) -> [Temporary; 2] {
        [
            Temporary::create(folder, 0o666).unwrap(),
            Temporary::named(folder, 0o666).unwrap(),
        ]
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn it_has_no_name_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let file = unnamed(folder.path(), 0o666);
        assert!(names(folder.path()).is_empty());
        let Some(mut file) = file else {
            eprintln!("skipped: no files without names in {}", folder.path().display());
            return;
        };
        file.write_all(b"all").unwrap();
        let target = folder.path().join("out");
        Temporary(Kind::Unnamed(file)).replace(&target).unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"all");
    }

    #[test]
    fn it_takes_over_a_name_or_leaves_it() {
        for at in 0..2 {
            let folder = tempfile::tempdir().unwrap();
            let target = folder.path().join("out");
            let next = |bytes: &[u8]| {
                let file = kinds(folder.path()).into_iter().nth(at).unwrap();
                file.file().write_all(bytes).unwrap();
                file
            };
            next(b"first").keep(&target).unwrap();
            let refused = next(b"second").keep(&target).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(std::fs::read(&target).unwrap(), b"first");
            next(b"third").replace(&target).unwrap();
            assert_eq!(std::fs::read(&target).unwrap(), b"third");
            std::fs::remove_file(&target).unwrap();
            next(b"fourth").replace(&target).unwrap();
            assert_eq!(std::fs::read(&target).unwrap(), b"fourth");
            let dropped = next(b"fifth");
            if at == 1 {
                let there = names(folder.path());
                let part = there.iter().find(|name| name.ends_with(".part")).unwrap();
                assert!(crate::unfinished::is_known(&folder.path().join(part)));
            }
            drop(dropped);
            assert_eq!(names(folder.path()), ["out"]);
        }
    }

    #[test]
    #[cfg(unix)]
    fn it_is_as_readable_as_the_users_mask_lets_new_files_be() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let usual = folder.path().join("usual");
        std::fs::write(&usual, "").unwrap();
        for (at, file) in kinds(folder.path()).into_iter().enumerate() {
            let target = folder.path().join(format!("out{at}"));
            file.keep(&target).unwrap();
            assert_eq!(mode(&target), mode(&usual));
        }
        let private = folder.path().join("private");
        Temporary::create(folder.path(), 0o600)
            .unwrap()
            .keep(&private)
            .unwrap();
        assert_eq!(mode(&private), 0o600);
    }
}
