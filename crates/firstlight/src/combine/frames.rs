//! The frames that go into a combination, and whether they belong together.

use crate::ccd::binning::difference;
use crate::ccd::{CcdFile, CcdOpenOptions};
use crate::input::Failure;
use crate::{Error, Result};
use rayon::prelude::*;
use std::path::PathBuf;

/// A frame, and which of the files given it is.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) file: CcdFile,
    pub(super) position: usize,
}

/// Opens all, and compares them with the first that can be used.
pub(super) fn open(
    inputs: &[PathBuf],
    how: &CcdOpenOptions,
    (skip_bad, needs_err): (bool, bool),
) -> Result<(Vec<Frame>, Vec<Failure>)> {
    let opened: Vec<Result<CcdFile>> = inputs.par_iter().map(|path| CcdFile::open(path, how)).collect();
    let mut frames: Vec<Frame> = Vec::with_capacity(inputs.len());
    let mut failed = Vec::new();
    let mut first_error = None;
    for (position, (path, file)) in inputs.iter().zip(opened).enumerate() {
        let fits = file.and_then(|file| {
            if let Some(first) = frames.first() {
                agree(&first.file, &file)?;
            }
            match needs_err && !file.has_err() {
                true => Err(refused(
                    &file,
                    "it has no uncertainty (UNCERT), so that none can be propagated; give it one first, or take that of the \
                     scatter (--uncertainty scatter)"
                        .to_owned(),
                )),
                false => Ok(file),
            }
        });
        match fits {
            Ok(file) => frames.push(Frame { file, position }),
            Err(error) if skip_bad => {
                failed.push(Failure::new(path, &error));
                first_error = first_error.or(Some(error));
            }
            Err(error) => return Err(error),
        }
    }
    match (frames.is_empty(), first_error) {
        (true, Some(error)) => Err(error),
        (true, None) => Err(Error::Usage("there is no frame to combine".to_owned())),
        _ => Ok((frames, failed)),
    }
}

fn refused(file: &CcdFile, reason: String) -> Error {
    Error::Contradiction {
        path: file.path().to_owned(),
        reason,
    }
}

/// Refuses a frame of another shape, unit or binning.
fn agree(first: &CcdFile, other: &CcdFile) -> Result<()> {
    let of_first = first.path().display();
    if first.shape() != other.shape() {
        let ((ny, nx), (oy, ox)) = (first.shape(), other.shape());
        return Err(refused(
            other,
            format!(
                "it has {ox} columns and {oy} rows, but {of_first} {nx} and {ny}; combine frames of one size and binning alone"
            ),
        ));
    }
    if first.unit() != other.unit() {
        return Err(refused(
            other,
            format!(
                "its unit is '{}', but that of {of_first} '{}'; combine frames of one unit, or say which it is (--unit)",
                other.unit(),
                first.unit()
            ),
        ));
    }
    if let Some((keyword, [ours, theirs])) = difference(first.header(), other.header()) {
        return Err(refused(
            other,
            format!(
                "its {keyword} is {theirs}, but that of {of_first} {ours}; combine frames of one binning alone"
            ),
        ));
    }
    Ok(())
}
