//! The index: an SQLite table of what the files' headers say, kept in step with the files, and the catalogue of
//! observations and products that is made from it.

mod catalogue;
mod facts;
mod footprint;
mod product;
mod store;
mod walk;

pub use footprint::{distance, separation};
pub use store::{Area, Stored};
pub use walk::changed;

use super::ServeOptions;
use crate::client::download::sum_of;
use crate::{Error, Result};
use rayon::prelude::*;
use rusqlite::Connection;
use serde::Serialize;
use sha1::Sha1;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use walk::Found;

/// A file that is not served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub reason: String,
}

/// What is served.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Contents {
    /// Observations: associations, and exposures that belong to none.
    pub observations: usize,
    /// Files of those.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Rules of the CRDS cache: pmap, imap and rmap files.
    pub mappings: usize,
    /// Its reference files.
    pub references: usize,
    /// Files that were read for this; the others were in the index as they are.
    pub read: usize,
    /// Files that are not served.
    pub left_out: Vec<LeftOut>,
}

/// Opens the index and brings it up to date with the folder and the cache.
///
/// # Errors  Where the folder, the cache or the index cannot be read at all; a single bad file is in
/// [`Contents::left_out`] instead.
pub fn build(folder: &Path, cache: Option<&Path>, options: &ServeOptions) -> Result<(Connection, Contents)> {
    let mut connection = store::open(options.index.as_deref())?;
    let mut contents = Contents::default();
    let mut found: Vec<(Area, Found)> = Vec::new();
    let mut take = |area: Area, root: &Path, except: Option<&Path>| -> Result<()> {
        let wanted = |name: &str| area.wants(name);
        let walked = walk::below(root, except, &wanted).map_err(|source| Error::Io {
            path: root.to_owned(),
            source,
        })?;
        let left_out = walked.left_out.into_iter();
        contents
            .left_out
            .extend(left_out.map(|(path, reason)| LeftOut { path, reason }));
        found.extend(walked.files.into_iter().map(|file| (area, file)));
        Ok(())
    };
    take(Area::Data, folder, cache)?;
    for area in [Area::Config, Area::Mappings, Area::References] {
        if let Some(root) = cache
            .map(|cache| cache.join(area.folder()))
            .filter(|root| root.is_dir())
        {
            take(area, &root, None)?;
        }
    }
    update(&mut connection, found, &mut contents)?;
    Ok((connection, contents))
}

fn update(connection: &mut Connection, found: Vec<(Area, Found)>, contents: &mut Contents) -> Result<()> {
    let known: HashMap<String, Stored> = store::all(connection)?
        .into_iter()
        .map(|stored| (stored.path.clone(), stored))
        .collect();
    let is_known = |area: Area, file: &Found| {
        known
            .get(&*file.path.to_string_lossy())
            .is_some_and(|s| s.area == area && s.size == file.size && s.changed == file.changed)
    };
    let (old, new): (Vec<_>, Vec<_>) = found.into_iter().partition(|(area, file)| is_known(*area, file));
    contents.read = new.len();
    let read: Vec<Stored> = new
        .into_par_iter()
        .map(|(area, file)| inspect(area, &file))
        .collect();
    let kept: HashSet<String> = old
        .iter()
        .map(|(_, f)| f.path.to_string_lossy().into_owned())
        .collect();
    let mut files: Vec<Stored> = known.into_values().filter(|s| kept.contains(&s.path)).collect();
    files.extend(read);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    name_problems(&mut files, contents);
    let transaction = connection.transaction()?;
    store::replace(&transaction, &files)?;
    catalogue::rebuild(&transaction, &files, contents)?;
    transaction.commit()?;
    Ok(())
}

/// Reads one file; what is wrong with it becomes part of the record.
fn inspect(area: Area, file: &Found) -> Stored {
    let mut stored = Stored::new(area, file);
    match area {
        Area::Data => match facts::read(&file.path) {
            Ok(facts) => stored.facts = Some(facts),
            Err(error) => stored.problem = Some(error.to_string()),
        },
        Area::Config => {}
        Area::Mappings | Area::References => match sum_of::<Sha1>(&file.path) {
            Ok(sha1) => stored.sha1 = Some(sha1),
            Err(error) => stored.problem = Some(error.to_string()),
        },
    }
    stored
}

/// Lists bad files, and files whose name another one has already: a name stands for one file.
fn name_problems(files: &mut [Stored], contents: &mut Contents) {
    let mut names: HashMap<(Area, String), String> = HashMap::new();
    for file in files.iter() {
        let path = PathBuf::from(&file.path);
        let reason = match &file.problem {
            Some(problem) => Some(without_path(problem, &file.path)),
            None => {
                let first = names
                    .entry((file.area, file.name.clone()))
                    .or_insert_with(|| file.path.clone());
                // A cache may hold a reference file in both of its layouts.
                let twice = *first != file.path && file.area == Area::Data;
                twice.then(|| format!("{first} has the same name"))
            }
        };
        if let Some(reason) = reason {
            contents.left_out.push(LeftOut { path, reason });
        }
    }
    files.sort_by(|a, b| (a.area, &a.path).cmp(&(b.area, &b.path)));
}

/// What is wrong with a file, without its path at the beginning.
fn without_path(problem: &str, path: &str) -> String {
    let Some(rest) = problem.strip_prefix(path) else {
        return problem.to_owned();
    };
    match rest.strip_prefix(": ") {
        Some(reason) => reason.to_owned(),
        None => format!("it{rest}"),
    }
}
