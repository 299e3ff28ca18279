//! What stands on the command line as files: paths, patterns, folders; and what became of each.

use crate::{Error, ErrorClass, Result};
use serde::Serialize;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// The name of a file without its folder; empty where the path has none.
pub fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// What files are called beside one another: their names, with as many folders before them as it takes to tell files of
/// the same name apart. A file that is there twice is called the same both times.
pub(crate) fn labels(paths: &[&Path]) -> Vec<String> {
    let parts = |path: &Path| -> Vec<String> {
        let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let parts = whole.components().map(|part| part.as_os_str().to_string_lossy());
        parts.map(|part| part.into_owned()).collect()
    };
    let paths: Vec<Vec<String>> = paths.iter().map(|path| parts(path)).collect();
    let end = |parts: &[String], length: usize| parts[parts.len().saturating_sub(length)..].to_vec();
    let label = |parts: &Vec<String>| {
        let is_alone = |length: &usize| {
            let mut others = paths.iter().filter(|other| *other != parts);
            others.all(|other| end(other, *length) != end(parts, *length))
        };
        let length = (1..parts.len()).find(is_alone).unwrap_or(parts.len());
        end(parts, length).join("/")
    };
    paths.iter().map(label).collect()
}

/// The same with '?' in place of letters that headers may not have.
pub(crate) fn name_in_header(path: &Path) -> String {
    let plain = |c: char| if (' '..='~').contains(&c) { c } else { '?' };
    file_name(path).chars().map(plain).collect()
}

/// The text of a file that an option or a list names.
pub(crate) fn text_of(path: &Path) -> Result<String> {
    Ok(std::fs::read_to_string(path).map_err(firstlight_fits::Error::io("read", path))?)
}

/// An input that could not be used, beside others that could.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The file.
    pub file: PathBuf,
    /// Why not.
    pub error: String,
    /// What can be done about it.
    pub class: ErrorClass,
}

impl Failure {
    /// Keeps what is told of an error.
    pub fn new(file: &Path, error: &Error) -> Self {
        Self {
            file: file.to_owned(),
            error: error.to_string(),
            class: error.class(),
        }
    }
}

/// Sorts the results of many inputs into those that were had and those that failed. If there was but one
/// input and it failed, that is the error.
pub(crate) fn sort_out<T>(results: Vec<(PathBuf, Result<T>)>) -> Result<(Vec<T>, Vec<Failure>)> {
    let only = results.len() == 1;
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for (file, result) in results {
        match result {
            Ok(value) => done.push(value),
            Err(error) if only => return Err(error),
            Err(error) => failed.push(Failure::new(&file, &error)),
        }
    }
    Ok((done, failed))
}

/// Names of FITS files, as far as folders are searched for them.
const FITS_ENDINGS: [&str; 9] = [
    ".fits", ".fits.gz", ".fits.fz", ".fit", ".fit.gz", ".fit.fz", ".fts", ".fts.gz", ".fts.fz",
];

/// The files that patterns name, each once, in the order of the patterns: a path as it is, whether or not
/// it is there; a pattern with `*`, `?` or `[…]` by what matches, sorted, `**` standing for folders in folders;
/// a folder by its FITS files, sorted.
///
/// # Errors
/// [`Error::NoMatch`] where a pattern or a folder yields nothing, or is no pattern.
pub fn expand<S: AsRef<str>>(patterns: &[S]) -> Result<Vec<PathBuf>> {
    let mut seen = HashSet::new();
    let mut files = Vec::new();
    for pattern in patterns {
        let pattern = pattern.as_ref();
        files.extend(one(pattern)?.into_iter().filter(|file| seen.insert(file.clone())));
    }
    Ok(files)
}

fn one(pattern: &str) -> Result<Vec<PathBuf>> {
    let none = |reason: &str| Error::NoMatch {
        pattern: pattern.to_owned(),
        reason: reason.to_owned(),
    };
    let path = Path::new(pattern);
    let files: Vec<PathBuf> = if path.is_dir() {
        let mut files = entries(path)?;
        files.retain(|file| is_fits(file));
        files
    } else if path.exists() || !pattern.contains(['*', '?', '[']) {
        return Ok(vec![path.to_owned()]);
    } else {
        glob::glob(pattern).map_err(|e| none(e.msg))?.flatten().collect()
    };
    if files.is_empty() {
        return Err(none(if path.is_dir() {
            "the folder holds no FITS files"
        } else {
            "nothing matches it"
        }));
    }
    Ok(files)
}

/// What is in a folder, sorted.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(|error| Error::NoMatch {
        pattern: folder.display().to_string(),
        reason: error.to_string(),
    })?;
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    found.sort();
    Ok(found)
}

fn is_fits(file: &Path) -> bool {
    let name = file.to_string_lossy().to_ascii_lowercase();
    FITS_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// The FITS files in a folder and in the folders in it, sorted; hidden folders, and links to folders, are left out.
pub(crate) fn fits_files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in entries(folder)? {
        let hidden = file_name(&entry).starts_with('.');
        if entry.is_dir() {
            if !hidden && !entry.is_symlink() {
                files.extend(fits_files_below(&entry)?);
            }
        } else if is_fits(&entry) && !hidden {
            files.push(entry);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_same_name_are_called_by_their_folders() {
        let of = |paths: &[&str]| labels(&paths.iter().map(Path::new).collect::<Vec<_>>());
        assert_eq!(of(&["d/a.fits", "r/b.fits"]), ["a.fits", "b.fits"]);
        assert_eq!(
            of(&["d/a.fits", "r/a.fits", "r/b.fits"]),
            ["d/a.fits", "r/a.fits", "b.fits"]
        );
        assert_eq!(of(&["/1/d/a.fits", "/2/d/a.fits"]), ["1/d/a.fits", "2/d/a.fits"]);
        // The current folder has a name too, and one file given twice is one file.
        let here = std::env::current_dir().unwrap();
        let here = format!("{}/a.fits", file_name(&here));
        assert_eq!(of(&["a.fits", "./r/a.fits"]), [here.as_str(), "r/a.fits"]);
        assert_eq!(of(&["a.fits", "./a.fits"]), ["a.fits", "a.fits"]);
    }

    #[test]
    fn patterns_are_sorted_and_files_named_once() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.fits", "a.fits", "c.txt", "d.fits.gz", "E.FIT"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        let names = |patterns: &[String]| -> Vec<String> {
            let files = expand(patterns).unwrap();
            files
                .iter()
                .map(|f| f.file_name().unwrap().to_string_lossy().into_owned())
                .collect()
        };
        assert_eq!(names(&[at("*.fits")]), ["a.fits", "b.fits"]);
        assert_eq!(names(&[at("b.fits"), at("?.fits")]), ["b.fits", "a.fits"]);
        assert_eq!(
            names(&[folder.path().to_string_lossy().into_owned()]),
            ["E.FIT", "a.fits", "b.fits", "d.fits.gz"]
        );
        // That a single file is not there shows when it is opened, with the reason.
        assert_eq!(names(&[at("absent.fits")]), ["absent.fits"]);
        assert!(matches!(expand(&[at("*.png")]), Err(Error::NoMatch { .. })));
        assert!(matches!(expand(&[at("[")]), Ok(_) | Err(Error::NoMatch { .. })));
    }
}
