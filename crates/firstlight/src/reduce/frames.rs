//! The frames of a night: what their headers say of them.

use super::kind::{self, FrameKind};
use super::options::ReduceOptions;
use super::sections::{self, Sections};
use crate::ccd::binning::{BINNING, told};
use crate::ccd::time::start_mjd;
use crate::ccd::{CcdFile, CcdOpenOptions, number};
use crate::input::{Failure, file_name, fits_files_below};
use crate::{Error, Progress, Result};
use firstlight_fits::Header;
use glob::{MatchOptions, Pattern};
use rayon::prelude::*;
use serde::Serialize;
use std::path::{Path, PathBuf};

const FILTERS: [&str; 5] = ["FILTER", "FILTNAM", "FILTERID", "FILTER1", "INSFILTE"];
const EXPOSURES: [&str; 3] = ["EXPTIME", "EXPOSURE", "EXP_TIME"];
const TEMPERATURES: [&str; 5] = ["CCD-TEMP", "CCDTEMP", "DET-TEMP", "TEMPDET", "CAMTEMP"];

/// What pixels of frames have to share for one to be subtracted from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Setup {
    /// Rows and columns, after trimming.
    pub shape: (usize, usize),
    /// How pixels are binned, as the header says: '2 2'; empty where it does not.
    pub binning: String,
}

impl Setup {
    /// Whether frames of one can be subtracted from those of the other. A header that does not tell of binning agrees with
    /// all.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        let untold = self.binning.is_empty() || other.binning.is_empty();
        self.shape == other.shape && (untold || self.binning == other.binning)
    }
}

impl std::fmt::Display for Setup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (ny, nx) = self.shape;
        write!(f, "{nx} x {ny} pixels")?;
        match self.binning.is_empty() {
            true => Ok(()),
            false => write!(f, ", binning {}", self.binning),
        }
    }
}

/// A frame of the night.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NightFrame {
    /// The file.
    pub path: PathBuf,
    /// Its place within the night.
    pub place: PathBuf,
    /// What it is of.
    pub kind: FrameKind,
    /// What says so.
    pub because: String,
    /// Position of its night among all nights.
    pub night: usize,
    /// The filter's name.
    pub filter: Option<String>,
    /// Exposure time, s.
    pub exptime_s: Option<f64>,
    /// Keyword of the exposure time.
    pub exposure_key: Option<String>,
    /// Temperature of the CCD, °C.
    pub temperature_c: Option<f64>,
    /// When the exposure began, MJD (UTC).
    pub mjd: Option<f64>,
    /// What is observed.
    pub object: Option<String>,
    /// What other frames have to share with it.
    #[serde(flatten)]
    pub setup: Setup,
    /// What is taken as overscan, and what is kept.
    pub sections: Sections,
}

/// Files of the night with their places in it: of folders all FITS files in them and their folders, those in `except` left
/// out; others as they are named.
pub(super) fn files(inputs: &[String], except: &Path) -> Result<Vec<(PathBuf, PathBuf)>> {
    let mut found: Vec<(PathBuf, PathBuf)> = Vec::new();
    let except = except.canonicalize().ok();
    let is_ours = |path: &Path| match (&except, path.canonicalize()) {
        (Some(except), Ok(path)) => path.starts_with(except),
        _ => false,
    };
    for input in inputs {
        let folder = Path::new(input);
        if !folder.is_dir() {
            let named = crate::input::expand(std::slice::from_ref(input))?;
            found.extend(named.into_iter().map(|path| {
                let place = PathBuf::from(file_name(&path));
                (path, place)
            }));
            continue;
        }
        let below: Vec<PathBuf> = fits_files_below(folder)?
            .into_iter()
            .filter(|path| !is_ours(path))
            .collect();
        if below.is_empty() {
            return Err(Error::NoMatch {
                pattern: input.clone(),
                reason: "neither the folder nor those in it hold FITS files".to_owned(),
            });
        }
        // Of several folders, files of the same name are kept apart.
        let base = match (inputs.len(), folder.file_name()) {
            (2.., Some(name)) => PathBuf::from(name),
            _ => PathBuf::new(),
        };
        found.extend(below.into_iter().map(|path| {
            let place = base.join(path.strip_prefix(folder).unwrap_or(&path));
            (path, place)
        }));
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|(path, _)| seen.insert(path.clone()));
    Ok(found)
}

/// Reads the headers of all; those that cannot be used come second.
pub(super) fn read(
    files: &[(PathBuf, PathBuf)],
    options: &ReduceOptions,
    progress: &dyn Progress,
) -> Result<(Vec<NightFrame>, Vec<Failure>)> {
    let named = Named::new(options)?;
    progress.start("reading headers", Some(files.len() as u64));
    let results: Vec<_> = files
        .par_iter()
        .map(|(path, place)| {
            let found = one(path, place, &named, options);
            progress.advance(1);
            found.map_err(|error| Failure::new(path, &error.in_file(path)))
        })
        .collect();
    progress.finish();
    let (mut frames, mut failed) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(frame) => frames.extend(frame),
            Err(failure) => failed.push(failure),
        }
    }
    if let (true, Some(first)) = (frames.is_empty(), failed.first()) {
        return Err(Error::Usage(format!(
            "no frame can be used; the first: {}",
            first.error
        )));
    }
    Ok((frames, failed))
}

/// A frame, unless it is to be left alone.
fn one(path: &Path, place: &Path, named: &Named, options: &ReduceOptions) -> Result<Option<NightFrame>> {
    let given = named.kind(place);
    if given == Some(None) {
        return Ok(None);
    }
    let file = CcdFile::open(path, &CcdOpenOptions::default())?;
    let header = file.header();
    let exposure_key = first_of(&options.exposure_key, &EXPOSURES, |keyword| {
        number(header, keyword).is_some()
    });
    let exptime_s = exposure_key
        .as_deref()
        .and_then(|keyword| number(header, keyword));
    if let (Some(keyword), Some(time)) = (&exposure_key, exptime_s)
        && time < 0.0
    {
        return Err(Error::Contradiction {
            path: path.to_owned(),
            reason: format!("its {keyword} is {time} s; correct it with 'firstlight header set'"),
        });
    }
    let (kind, because) = match given.flatten() {
        Some(kind) => (kind, "as given".to_owned()),
        None => kind::of(header, (place, file.is_of_integers()), exptime_s),
    };
    let sections = sections::of(&file, options)?;
    Ok(Some(NightFrame {
        kind,
        because,
        night: 0,
        filter: filter_of(header, options),
        exptime_s,
        exposure_key,
        temperature_c: temperature_of(header, options),
        mjd: start_mjd(header),
        object: header
            .text("OBJECT")
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty()),
        setup: Setup {
            shape: sections.shape(file.shape())?,
            binning: binning_of(header),
        },
        sections,
        path: path.to_owned(),
        place: place.to_owned(),
    }))
}

/// The filter that a header names.
pub(super) fn filter_of(header: &Header, options: &ReduceOptions) -> Option<String> {
    let value = |keyword: &str| {
        let text = header.get(keyword)?.to_string().trim().to_owned();
        (!text.is_empty()).then_some(text)
    };
    let keyword = first_of(&options.filter_key, &FILTERS, |keyword| value(keyword).is_some())?;
    value(&keyword)
}

/// The exposure time that a header names, s.
pub(super) fn exposure_of(header: &Header, options: &ReduceOptions) -> Option<f64> {
    let keyword = first_of(&options.exposure_key, &EXPOSURES, |keyword| {
        number(header, keyword).is_some()
    })?;
    number(header, &keyword)
}

/// The temperature of the CCD that a header names.
pub(super) fn temperature_of(header: &Header, options: &ReduceOptions) -> Option<f64> {
    let keyword = first_of(&options.temperature_key, &TEMPERATURES, |keyword| {
        number(header, keyword).is_some()
    })?;
    number(header, &keyword)
}

/// How pixels are binned.
pub(super) fn binning_of(header: &Header) -> String {
    let values: Vec<String> = BINNING
        .iter()
        .filter_map(|keyword| told(header, keyword))
        .collect();
    values.join(" ")
}

/// The keyword that was given, or the first of the usual ones that is there.
fn first_of(given: &Option<String>, usual: &[&str], is_there: impl Fn(&str) -> bool) -> Option<String> {
    match given {
        Some(keyword) => is_there(keyword).then(|| keyword.clone()),
        None => usual
            .iter()
            .find(|keyword| is_there(keyword))
            .map(|&keyword| keyword.to_owned()),
    }
}

/// Patterns for names of files.
struct Named(Vec<(Pattern, Option<FrameKind>)>);

impl Named {
    fn new(options: &ReduceOptions) -> Result<Self> {
        let lists = [
            (&options.ignore_files, None),
            (&options.bias_files, Some(FrameKind::Bias)),
            (&options.dark_files, Some(FrameKind::Dark)),
            (&options.flat_files, Some(FrameKind::Flat)),
            (&options.science_files, Some(FrameKind::Science)),
        ];
        let mut patterns = Vec::new();
        for (texts, kind) in lists {
            for text in texts {
                let pattern = Pattern::new(text)
                    .map_err(|error| Error::Usage(format!("'{text}' is no pattern: {}", error.msg)))?;
                patterns.push((pattern, kind));
            }
        }
        Ok(Self(patterns))
    }

    /// What was given for a file: a kind, that it is to be left alone (`Some(None)`), or nothing.
    fn kind(&self, place: &Path) -> Option<Option<FrameKind>> {
        let how = MatchOptions {
            case_sensitive: true,
            require_literal_separator: false,
            require_literal_leading_dot: false,
        };
        let fits = |pattern: &Pattern| {
            pattern.matches_path_with(place, how) || pattern.matches_with(&file_name(place), how)
        };
        let found = self.0.iter().find(|(pattern, _)| fits(pattern));
        found.map(|(_, kind)| *kind)
    }
}
