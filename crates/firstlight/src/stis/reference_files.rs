//! The reference files of STIS exposures: found and opened before any work.

use crate::calibrate::{MissingReference, miss};
use crate::references::{Located, References as Places};
use crate::{Error, Result};
use firstlight_calibrate::{Reference, References};
use firstlight_fits::Header;
use firstlight_frame::Exposure;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// A file that a step wants.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// The switch that asks for it.
    pub switch: &'static str,
    /// The keyword that names it.
    pub keyword: &'static str,
    /// The user's own, in place of the header's.
    pub given: Option<&'a Path>,
    /// Whether the step does without one that is not named.
    pub optional: bool,
}

impl<'a> Wanted<'a> {
    /// One that cannot be done without.
    pub fn new(switch: &'static str, keyword: &'static str, given: Option<&'a Path>) -> Self {
        Self {
            switch,
            keyword,
            given,
            optional: false,
        }
    }

    /// One that a header need not name.
    pub fn optional(switch: &'static str, keyword: &'static str) -> Self {
        Self {
            optional: true,
            ..Self::new(switch, keyword, None)
        }
    }
}

/// Opens files of one exposure, each that is wanted more than once but once; those that are not there are added to
/// `missing`.
///
/// # Errors
/// Those of [`Reference::open`], and where a keyword names what is no file's name; [`Error::Contradiction`] for a file of the
/// user's own that says it is of another kind.
pub(crate) fn open(
    (path, primary): (&Path, &Header),
    wanted: &[Wanted<'_>],
    places: &Places,
    missing: &mut Vec<MissingReference>,
) -> Result<References> {
    let mut references = References::new();
    let mut seen = HashSet::new();
    for Wanted {
        switch,
        keyword,
        given,
        optional,
    } in wanted.iter().filter(|wanted| seen.insert(wanted.keyword))
    {
        let named = match given {
            Some(given) => given.display().to_string(),
            None => primary.text(keyword).unwrap_or_default().trim().to_owned(),
        };
        let located = match given {
            Some(given) => Located::At((*given).to_owned()),
            None => places.locate(&named, path)?,
        };
        match located {
            Located::At(found) => {
                let reference = Reference::open(keyword, &named, &found)?;
                if given.is_some() {
                    check_kind(&found, reference.primary(), keyword)?;
                }
                references.add(reference);
            }
            Located::Unnamed if *optional => {}
            Located::Unnamed => miss(missing, path, switch, keyword, None, Vec::new()),
            Located::Nowhere(places) => miss(missing, path, switch, keyword, Some(named), places),
        }
    }
    Ok(references)
}

/// Opens files of one exposure, and refuses to go on without any of them.
///
/// # Errors
/// Those of [`open`]; [`Error::MissingReferences`] with all that are missing.
pub(crate) fn open_all(
    exposure: (&Path, &Header),
    wanted: &[Wanted<'_>],
    ref_dir: Option<PathBuf>,
) -> Result<References> {
    let places = Places::of_process().with_folder(ref_dir);
    let mut missing = Vec::new();
    let references = open(exposure, wanted, &places, &mut missing)?;
    refuse(missing)?;
    Ok(references)
}

/// Opens files of frames that are combined: CRREJTAB of the first, where it is wanted, and of each what `of_frame` says.
///
/// # Errors
/// As [`open_all`], with all that are missing of all frames.
pub(crate) fn open_of_frames<'a>(
    exposures: &[Exposure],
    crrejtab: Option<Wanted<'a>>,
    of_frame: impl Fn(&Header) -> Vec<Wanted<'a>>,
    ref_dir: Option<PathBuf>,
) -> Result<Vec<References>> {
    let places = Places::of_process().with_folder(ref_dir);
    let mut missing = Vec::new();
    let mut all = Vec::with_capacity(exposures.len());
    for (at, exposure) in exposures.iter().enumerate() {
        let primary = exposure.primary();
        let mut wanted: Vec<Wanted<'_>> = crrejtab.filter(|_| at == 0).into_iter().collect();
        wanted.extend(of_frame(primary));
        let opened = open((exposure.path(), primary), &wanted, &places, &mut missing);
        // The error of a file tells which one, not which of the frames asked for it.
        all.push(opened.map_err(|error| Error::InFile {
            path: exposure.path().to_owned(),
            source: Box::new(error),
        })?);
    }
    refuse(missing)?;
    Ok(all)
}

/// Refuses an image whose FILETYPE says that it is no dark or bias image, where `keyword` means one. Those that do not say
/// are taken.
///
/// # Errors
/// [`Error::Contradiction`].
pub(crate) fn check_kind(path: &Path, primary: &Header, keyword: &str) -> Result<()> {
    let (kind, other, what) = match keyword {
        "DARKFILE" => ("DARK", "BIAS", "dark image"),
        "BIASFILE" => ("BIAS", "DARK", "bias image"),
        _ => return Ok(()),
    };
    let filetype = primary.text("FILETYPE").unwrap_or_default().trim().to_owned();
    match filetype.is_empty() || is_of(primary, kind, other) {
        true => Ok(()),
        false => Err(Error::Contradiction {
            path: path.to_owned(),
            reason: format!("it is no {what} ({keyword}): its FILETYPE is '{filetype}'"),
        }),
    }
}

/// Whether FILETYPE has one word and not the other, in either case.
pub(crate) fn is_of(primary: &Header, kind: &str, other: &str) -> bool {
    let filetype = primary.text("FILETYPE").unwrap_or_default().to_ascii_uppercase();
    filetype.contains(kind) && !filetype.contains(other)
}

/// Whether a keyword names a file.
pub(crate) fn is_named(header: &Header, keyword: &str) -> bool {
    let name = header.text(keyword).unwrap_or_default();
    !matches!(name.trim(), "" | "N/A")
}

/// Refuses to go on without files.
///
/// # Errors
/// [`Error::MissingReferences`] with all that are missing.
pub(crate) fn refuse(missing: Vec<MissingReference>) -> Result<()> {
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Error::MissingReferences { missing }),
    }
}
