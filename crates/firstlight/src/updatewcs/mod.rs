//! World coordinates of Hubble's exposures computed anew, in place: from the pointing and the distortion reference
//! files that their headers name.

mod check;
mod load;
pub(crate) mod store;

pub use check::Fitness;
pub use firstlight_wcs::update::{Correction, LeftOut, UpdateOptions};

use crate::fits::{FitsFile, edit};
use crate::input::{Failure, sort_out};
use crate::output::refuse_read_only;
use crate::references::References as Places;
use crate::{Error, Progress, Result};
use firstlight_wcs::update::{self, ScienceFile, UpdateReport};
use load::Loaded;
use rayon::prelude::*;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The software that is named in UPWCSVER.
const SOFTWARE: &str = concat!("firstlight ", env!("CARGO_PKG_VERSION"));

/// What was done to all files.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UpdatewcsReport {
    /// The files in the order given, but for those that failed.
    pub files: Vec<UpdatedFile>,
    /// Files whose coordinates could not be computed; they are as they were.
    pub failed: Vec<Failure>,
}

/// What was done to one file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UpdatedFile {
    /// The file.
    pub file: PathBuf,
    /// Why it was left out, as it was; None where it has new coordinates.
    pub left_out: Option<Fitness>,
    /// The corrections made, and those left out.
    pub update: Option<UpdateReport>,
}

impl UpdatewcsReport {
    /// The files that have new coordinates.
    pub fn updated(&self) -> Vec<&Path> {
        let updated = self.files.iter().filter(|file| file.update.is_some());
        updated.map(|file| file.file.as_path()).collect()
    }
}

/// Computes the world coordinates of exposures anew, in place; see [`update::updatewcs`]. Each file stands for
/// itself: one that fails is as it was, is reported, and does not stop the others. `ref_dir` is a folder of reference
/// files that is looked into before the places that the environment gives.
///
/// A file is the old one or the new one when the run is killed; see [`edit`].
///
/// # Errors
/// [`Error::Unsupported`] for `use_db`; [`Error::Usage`] for a file that is read-only; what is wrong with the file, where there is but one.
pub fn updatewcs(
    files: &[PathBuf],
    options: &UpdateOptions,
    ref_dir: Option<PathBuf>,
    progress: &dyn Progress,
) -> Result<UpdatewcsReport> {
    refuse_database(options)?;
    let places = Places::of_process().with_folder(ref_dir);
    let loaded = Loaded::default();
    progress.start("world coordinates", Some(files.len() as u64));
    let results: Vec<_> = files
        .par_iter()
        .map(|path| {
            let result = one(path, options, &places, &loaded).map_err(|error| error.in_file(path));
            progress.advance(1);
            (path.clone(), result)
        })
        .collect();
    progress.finish();
    let (files, failed) = sort_out(results)?;
    Ok(UpdatewcsReport { files, failed })
}

/// Computes the world coordinates anew where another task needs them of all files; `ref_dir` is as for [`updatewcs`].
///
/// # Errors
/// As [`updatewcs`]; [`Error::Usage`] with what is wrong with the first file that cannot have them.
pub(crate) fn renew(files: &[PathBuf], ref_dir: Option<PathBuf>, progress: &dyn Progress) -> Result<()> {
    let report = updatewcs(files, &UpdateOptions::default(), ref_dir, progress)?;
    match report.failed.first() {
        None => Ok(()),
        Some(failure) => Err(Error::Usage(format!(
            "updatewcs: {}: {}",
            failure.file.display(),
            failure.error
        ))),
    }
}

fn refuse_database(options: &UpdateOptions) -> Result<()> {
    if options.use_db {
        let reason = "the astrometry database is not asked (use_db): its solutions can be fetched as headerlets from \
                      MAST, and applied with 'firstlight headerlet apply'";
        return Err(Error::Unsupported(reason.to_owned()));
    }
    Ok(())
}

fn one(path: &Path, options: &UpdateOptions, places: &Places, loaded: &Loaded) -> Result<UpdatedFile> {
    let file = FitsFile::open(path)?;
    refuse_read_only(path, "updatewcs")?;
    let mut science = ScienceFile::of(&file);
    if options.checkfiles
        && let Some(left_out) = check::check(&mut science, path)?
    {
        return Ok(UpdatedFile {
            file: path.to_owned(),
            left_out: Some(left_out),
            update: None,
        });
    }
    let references = load::references(science.primary()?, path, options, places, loaded)?;
    let report = update::updatewcs(&mut science, &references, options, SOFTWARE)?;
    edit(path, |edit| store::store(&science, edit))?;
    Ok(UpdatedFile {
        file: path.to_owned(),
        left_out: None,
        update: Some(report),
    })
}

/// The same for headers and tables in memory, whose file would be at `path`; reference files beside it are found.
///
/// # Errors
/// As [`updatewcs`], also for exposures that cannot be used.
pub fn updatewcs_in_memory(
    science: &mut ScienceFile,
    path: &Path,
    options: &UpdateOptions,
    ref_dir: Option<PathBuf>,
) -> Result<UpdateReport> {
    refuse_database(options)?;
    let places = Places::of_process().with_folder(ref_dir);
    let references = load::references(science.primary()?, path, options, &places, &Loaded::default())?;
    Ok(update::updatewcs(science, &references, options, SOFTWARE)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::fits::{FitsWriter, Header, Overwrite};
    use crate::header::{Change, change};
    use crate::progress::Silent;

    #[test]
    fn files_that_are_read_only_are_not_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a_flt.fits");
        let mut writer = FitsWriter::create(&path, Overwrite::Refuse).unwrap();
        writer
            .image(&Header::new(), ([1.0_f32; 4].as_slice(), (2, 2)))
            .unwrap();
        writer.finish().unwrap();
        let mut permissions = std::fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        std::fs::set_permissions(&path, permissions).unwrap();
        let before = std::fs::read(&path).unwrap();
        let files = [path.clone()];
        let set = [Change::parse("TARGNAME=M15", None, None).unwrap()];
        let refused = [
            updatewcs(&files, &UpdateOptions::default(), None, &Silent).map(|_| ()),
            change(&files, None, &set, false, &Silent).map(|_| ()),
        ];
        for refused in refused {
            let error = refused.unwrap_err();
            assert_eq!(error.class(), crate::ErrorClass::Usage);
            assert!(error.to_string().contains("a_flt.fits is read-only"), "{error}");
        }
        assert!(std::fs::read(&path).unwrap() == before);
    }
}
