//! Finding, opening and checking all the reference files of all exposures, before any work.

use super::wanted::{Need, Stages, Wanted, wanted};
use crate::references::{Located, References as Places};
use crate::{Error, Result};
use firstlight_calibrate::acs::{Channel, Reference, References};
use firstlight_fits::{FitsFile, Header, Verdict};
use firstlight_frame::{Detector, Exposure};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

/// A reference file that is not there, or that no header names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingReference {
    /// The exposures that need it.
    pub exposures: Vec<PathBuf>,
    /// The switch that asks for it.
    pub switch: String,
    /// The keyword that should name it.
    pub keyword: String,
    /// How the headers name it; None where they do not.
    pub named: Option<String>,
    /// Where it was looked for.
    pub places: Vec<PathBuf>,
}

/// As in `DARKCORR needs DARKFILE jref$abc_drk.fits (looked for /ref/abc_drk.fits) of x_raw.fits and 2 more`.
impl fmt::Display for MissingReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} needs {}", self.switch, self.keyword)?;
        match &self.named {
            Some(named) => {
                let places: Vec<String> = self
                    .places
                    .iter()
                    .map(|place| place.display().to_string())
                    .collect();
                write!(f, " {named} (looked for {})", places.join(", "))?;
            }
            None => f.write_str(", which names no file")?,
        }
        if let Some((first, more)) = self.exposures.split_first() {
            write!(f, ", for {}", first.display())?;
            if !more.is_empty() {
                write!(f, " and {} more", more.len())?;
            }
        }
        Ok(())
    }
}

/// An exposure that wants reference files: its path, its primary header with the user's switches, its stages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asking<'a> {
    pub(super) path: &'a Path,
    pub(super) primary: &'a Header,
    pub(super) stages: Stages,
    /// A table that the user gives in place of the header's CRREJTAB.
    pub(super) crrejtab: Option<&'a Path>,
}

/// The reference files of each exposure, opened and checked.
///
/// # Errors
/// [`Error::MissingReferences`] with all that are missing, of all exposures; [`Error::BadReference`] for one whose
/// checksum is wrong; those of [`Reference::open`] and [`Reference::check_serves`].
pub(super) fn open(exposures: &[Asking<'_>], places: &Places) -> Result<Vec<References>> {
    let mut missing = Vec::new();
    let found = exposures
        .iter()
        .map(|exposure| find(exposure, places, &mut missing))
        .collect::<Result<Vec<_>>>()?;
    if !missing.is_empty() {
        return Err(Error::MissingReferences { missing });
    }
    verify_all(found.iter().flatten().map(|file| &file.path).collect())?;
    exposures
        .iter()
        .zip(&found)
        .map(|(exposure, files)| open_of(exposure, files))
        .collect()
}

#[derive(Debug)]
struct Found {
    keyword: &'static str,
    named: String,
    path: PathBuf,
}

fn find(exposure: &Asking<'_>, places: &Places, missing: &mut Vec<MissingReference>) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    let list = wanted(exposure.primary, exposure.stages);
    let (mut asks_for_flats, mut names_a_flat) = (false, false);
    for Wanted { by, keyword, need } in &list {
        if let Some(given) = exposure.crrejtab.filter(|_| *keyword == "CRREJTAB") {
            found.push(Found {
                keyword,
                named: given.display().to_string(),
                path: given.to_owned(),
            });
            continue;
        }
        let named = exposure
            .primary
            .text(keyword)
            .unwrap_or_default()
            .trim()
            .to_owned();
        let located = places.locate(&named, exposure.path)?;
        if *need == Need::OneOfFlats {
            asks_for_flats = true;
            names_a_flat |= located != Located::Unnamed;
        }
        match located {
            Located::At(path) => found.push(Found { keyword, named, path }),
            Located::Nowhere(places) => miss(missing, exposure.path, by, keyword, Some(named), places),
            Located::Unnamed if *need == Need::Always => {
                miss(missing, exposure.path, by, keyword, None, Vec::new());
            }
            Located::Unnamed => {}
        }
    }
    if asks_for_flats && !names_a_flat {
        miss(
            missing,
            exposure.path,
            "FLATCORR",
            "PFLTFILE, DFLTFILE or LFLTFILE",
            None,
            Vec::new(),
        );
    }
    Ok(found)
}

/// Adds what is missing, or the exposure to what is missing already.
pub(crate) fn miss(
    missing: &mut Vec<MissingReference>,
    exposure: &Path,
    switch: &str,
    keyword: &str,
    named: Option<String>,
    places: Vec<PathBuf>,
) {
    let same = |other: &&mut MissingReference| other.keyword == keyword && other.named == named;
    match missing.iter_mut().find(same) {
        Some(other) => other.exposures.push(exposure.to_owned()),
        None => missing.push(MissingReference {
            exposures: vec![exposure.to_owned()],
            switch: switch.to_owned(),
            keyword: keyword.to_owned(),
            named,
            places,
        }),
    }
}

/// Compares all checksums of files that have any.
///
/// # Errors
/// [`Error::BadReference`] where one is wrong.
pub(crate) fn verify_all(paths: BTreeSet<&PathBuf>) -> Result<()> {
    let paths: Vec<_> = paths.into_iter().collect();
    paths.into_par_iter().try_for_each(|path| verify(path))
}

fn verify(path: &Path) -> Result<()> {
    let file = FitsFile::open(path)?;
    file.check_whole()?;
    for hdu in file.hdus() {
        let sums = file.checksums(hdu.index())?;
        let wrong = match (sums.hdu, sums.data) {
            (_, Verdict::Wrong) => "DATASUM",
            (Verdict::Wrong, _) => "CHECKSUM",
            _ => continue,
        };
        let label = hdu.label();
        return Err(Error::BadReference {
            path: path.to_owned(),
            reason: format!(
                "HDU {label} does not agree with its {wrong}: the file has changed since it was made; fetch it anew"
            ),
        });
    }
    Ok(())
}

/// Compares the data of an exposure with their sums, in the HDUs that have any. What else of a header has changed since,
/// as switches have that a user sets, does not count.
///
/// # Errors
/// [`Error::WrongDataSum`] for the first whose sum is wrong.
pub(crate) fn verify_data(exposure: &Exposure) -> Result<()> {
    let file = exposure.file();
    for hdu in file.hdus() {
        let has_sum = hdu.header().contains("DATASUM") && !hdu.is_truncated();
        if has_sum && file.checksums(hdu.index())?.data == Verdict::Wrong {
            return Err(Error::WrongDataSum {
                path: file.path().to_owned(),
                hdu: hdu.label(),
            });
        }
    }
    Ok(())
}

fn open_of(exposure: &Asking<'_>, files: &[Found]) -> Result<References> {
    let mut references = References::new();
    let channel = Channel::of(&Detector::from_header(exposure.primary));
    for Found { keyword, named, path } in files {
        let reference = Reference::open(keyword, named, path)?;
        if let Some(channel) = channel {
            let checked = reference.check_serves(channel);
            checked.map_err(|error| Error::from(error).in_file(exposure.path))?;
        }
        if *keyword == "CCDTAB" && reference.is_dummy() {
            return Err(Error::BadReference {
                path: path.clone(),
                reason: "its PEDIGREE is DUMMY, and no exposure can do without CCDTAB".to_owned(),
            });
        }
        references.add(reference);
    }
    Ok(references)
}
