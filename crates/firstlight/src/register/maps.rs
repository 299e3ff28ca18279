//! The maps of many frames: registered now, from a table, or none needed.

use super::{RegisterOptions, Registered, Status, read_registrations, to_reference};
use crate::ccd::CcdFile;
use crate::input::Failure;
use crate::progress::go_on;
use crate::{Error, ErrorClass, Progress, Result};
use firstlight_align::register::Projective;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// Where the maps of frames are from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum MapsFrom<'a> {
    /// The frames are registered.
    Stars,
    /// A table that 'register' wrote.
    Table(&'a Path),
    /// The frames are on the reference's pixels already.
    SamePixels,
}

/// The maps of all frames, and the opened reference.
pub(crate) fn maps(
    files: &[PathBuf],
    from: MapsFrom<'_>,
    how: &RegisterOptions,
    progress: &dyn Progress,
) -> Result<(CcdFile, Vec<Registered>)> {
    match from {
        MapsFrom::Stars => to_reference(files, how, progress),
        MapsFrom::Table(path) => of_table(files, path, how),
        MapsFrom::SamePixels => same_pixels(files, how),
    }
}

/// Does the same to each frame whose map is known, on all threads; what was had, in the order of the frames, and what failed,
/// here or before.
///
/// # Errors
/// What the first frame failed by where none is left; what ends the work.
pub(crate) fn each_registered<T: Send>(
    registered: &[Registered],
    (what, progress): (&str, &dyn Progress),
    one: impl Fn(&Registered, &Projective) -> Result<T> + Sync,
) -> Result<(Vec<T>, Vec<Failure>)> {
    progress.start(what, Some(registered.len() as u64));
    let results: Vec<Option<Result<T>>> = registered
        .par_iter()
        .map(|frame| {
            let map = frame.map?;
            let done = go_on(progress)
                .map_err(Error::from)
                .and_then(|()| one(frame, &map));
            progress.advance(1);
            Some(done.map_err(|error| error.in_file(&frame.file)))
        })
        .collect();
    progress.finish();
    go_on(progress)?;
    let (mut done, mut failed, mut first) = (Vec::new(), Vec::new(), None);
    for (frame, result) in registered.iter().zip(results) {
        match result {
            Some(Ok(value)) => done.push(value),
            Some(Err(error)) => {
                failed.push(Failure::new(&frame.file, &error));
                first = first.or(Some(error));
            }
            None => failed.extend(frame.failure()),
        }
    }
    if done.is_empty() {
        return Err(first.unwrap_or_else(|| {
            let why = failed
                .first()
                .map_or(String::new(), |failure| format!(": {}", failure.error));
            Error::Usage(format!("none of the frames could be registered{why}"))
        }));
    }
    Ok((done, failed))
}

fn of_table(files: &[PathBuf], path: &Path, how: &RegisterOptions) -> Result<(CcdFile, Vec<Registered>)> {
    let rows = read_registrations(path)?;
    let reference = match &how.reference {
        Some(reference) => reference.clone(),
        None => rows
            .iter()
            .find(|row| row.status == Status::Reference)
            .map(|row| row.file.clone())
            .ok_or_else(|| {
                Error::Usage(format!(
                    "{}: no frame of the table is the reference; name it (--reference)",
                    path.display()
                ))
            })?,
    };
    let reference = CcdFile::open(&reference, &how.open)?;
    let shape = reference.shape();
    let of = |file: &PathBuf| -> Registered {
        let row = rows.iter().find(|row| row.file == *file);
        let row = row.or_else(|| rows.iter().find(|row| row.file.file_name() == file.file_name()));
        let map = row.and_then(|row| row.map);
        let missing = match row {
            None => Some(format!("{} has no row in {}", file.display(), path.display())),
            Some(_) if map.is_none() => Some(format!("{} has no map in {}", file.display(), path.display())),
            Some(_) => None,
        };
        Registered {
            described: map.map(|map| map.described(shape)),
            map,
            class: missing.is_some().then_some(ErrorClass::Missing),
            why: missing,
            ..Registered::blank(file, row.map_or(Status::Failed, |row| row.status))
        }
    };
    Ok((reference, files.iter().map(of).collect()))
}

/// Frames of the reference's shape; one of another shape, or that cannot be opened, fails.
fn same_pixels(files: &[PathBuf], how: &RegisterOptions) -> Result<(CcdFile, Vec<Registered>)> {
    let first = how.reference.as_ref().or(files.first());
    let first = first.ok_or_else(|| Error::Usage("no frame is given".to_owned()))?;
    let reference = CcdFile::open(first, &how.open)?;
    let one = |file: &PathBuf| -> Result<Registered> {
        let shape = CcdFile::open(file, &how.open)?.shape();
        if shape != reference.shape() {
            let ((ny, nx), (of_y, of_x)) = (shape, reference.shape());
            return Err(Error::Contradiction {
                path: file.clone(),
                reason: format!(
                    "it has {nx} columns and {ny} rows, but the reference {of_x} and {of_y}, so that it is not on its pixels; \
                     leave --registered out, or name another reference"
                ),
            });
        }
        let status = if file == first {
            Status::Reference
        } else {
            Status::Registered
        };
        Ok(Registered {
            map: Some(Projective::IDENTITY),
            described: Some(Projective::IDENTITY.described(shape)),
            ..Registered::blank(file, status)
        })
    };
    let all = files
        .par_iter()
        .map(|file| one(file).unwrap_or_else(|error| super::failed(file, &error)))
        .collect();
    Ok((reference, all))
}
