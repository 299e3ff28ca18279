//! Which files a folder holds.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// A file that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its path, symbolic links resolved.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// When it was last changed, nanoseconds since 1970.
    pub changed: i64,
}

/// What is below a folder.
#[derive(Debug, Default)]
pub struct Walked {
    /// In the order of their paths.
    pub files: Vec<Found>,
    /// What is not served, and why.
    pub left_out: Vec<(PathBuf, String)>,
}

/// All files below `root` for which `wanted` says so of their name, except what is below `except`. Hidden files
/// are passed over. What a symbolic link has outside of `root` is left out: a folder that is served shows itself alone.
pub fn below(root: &Path, except: Option<&Path>, wanted: &dyn Fn(&str) -> bool) -> std::io::Result<Walked> {
    let root = root.canonicalize()?;
    let except = except.and_then(|path| path.canonicalize().ok());
    let mut walked = Walked::default();
    let mut seen = HashSet::from([root.clone()]);
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if folder == root => return Err(error),
            Err(error) => {
                walked.left_out.push((folder, error.to_string()));
                continue;
            }
        };
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                walked
                    .left_out
                    .push((entry.path(), "its name is not UTF-8".to_owned()));
                continue;
            };
            if name.starts_with('.') {
                continue;
            }
            match resolve(&entry.path(), &root) {
                Ok(Resolved::Folder(path)) => {
                    if Some(&path) != except.as_ref() && seen.insert(path.clone()) {
                        folders.push(path);
                    }
                }
                Ok(Resolved::File(file)) if wanted(name) => walked.files.push(file),
                Ok(Resolved::File(_)) => {}
                Err(reason) => walked.left_out.push((entry.path(), reason)),
            }
        }
    }
    walked.files.sort_by(|a, b| a.path.cmp(&b.path));
    walked.files.dedup_by(|a, b| a.path == b.path);
    walked.left_out.sort();
    Ok(walked)
}

enum Resolved {
    Folder(PathBuf),
    File(Found),
}

fn resolve(path: &Path, root: &Path) -> Result<Resolved, String> {
    let real = path.canonicalize().map_err(|error| error.to_string())?;
    if !real.starts_with(root) {
        return Err(format!("it leads out of the folder, to {}", real.display()));
    }
    let metadata = real.metadata().map_err(|error| error.to_string())?;
    if metadata.is_dir() {
        return Ok(Resolved::Folder(real));
    }
    if !metadata.is_file() {
        // Reading a pipe would wait for ever.
        return Err("it is neither a file nor a folder".to_owned());
    }
    Ok(Resolved::File(Found {
        path: real,
        size: metadata.len(),
        changed: changed(&metadata),
    }))
}

/// When a file was last changed, nanoseconds since 1970; 0 where the system does not tell.
pub fn changed(metadata: &std::fs::Metadata) -> i64 {
    let since = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since
        .and_then(|time| i64::try_from(time.as_nanos()).ok())
        .unwrap_or(0)
}
