//! One error for all tasks, classed by what the caller can do about it.

mod class;

pub use class::ErrorClass;

use firstlight_mosaic::Bytes;
use std::path::PathBuf;

/// What went wrong, with file, HDU and keyword where there are any.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A FITS file, or a request made of one.
    #[error(transparent)]
    Fits(#[from] firstlight_fits::Error),
    /// The archive, its rules, or the way to it.
    #[error(transparent)]
    Archive(#[from] firstlight_archive::Error),
    /// An exposure or association.
    #[error(transparent)]
    Frame(#[from] firstlight_frame::Error),
    /// Drizzling arrays.
    #[error(transparent)]
    Drizzle(#[from] firstlight_drizzle::Error),
    /// Combining exposures.
    #[error(transparent)]
    Mosaic(#[from] firstlight_mosaic::Error),
    /// A step of the calibration, or the arithmetic of darks.
    #[error(transparent)]
    Calibrate(#[from] firstlight_calibrate::Error),
    /// What was asked for does not fit one file.
    #[error("{}: {source}", path.display())]
    InFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<Error>,
    },
    /// A dark, and a science exposure that another detector took.
    #[error(
        "{} is of {dark_detector}, but {} is of {science_detector}: a dark stands for exposures of its own detector \
         alone; give darks of {science_detector}, or correct INSTRUME and DETECTOR with 'firstlight header set' where \
         a header is wrong", dark.display(), science.display()
    )]
    OtherDetector {
        /// The dark.
        dark: PathBuf,
        /// Its `INSTRUME/DETECTOR`.
        dark_detector: String,
        /// The science exposure.
        science: PathBuf,
        /// That one's `INSTRUME/DETECTOR`.
        science_detector: String,
    },
    /// A simulation that was asked for.
    #[error(transparent)]
    Simulate(#[from] firstlight_simulate::Error),
    /// A product is there already.
    #[error("{} is there already; overwrite (--overwrite) replaces it, or give the output another name", path.display())]
    OutputExists {
        /// The product.
        path: PathBuf,
    },
    /// A keyword that is in none of the headers that were looked at.
    #[error("{}: keyword {keyword} is missing", path.display())]
    MissingKeyword {
        /// The file.
        path: PathBuf,
        /// The keyword.
        keyword: String,
    },
    /// A reference file that a header names, and that is in none of the places for it.
    #[error(
        "{}: {keyword} names {named}, which is not there (looked for {}); name its folder (--ref-dir, or jref or oref \
         in the environment), or fetch it with 'firstlight bestrefs --sync'", path.display(), listed(places)
    )]
    MissingReference {
        /// The file whose header it is.
        path: PathBuf,
        /// The keyword.
        keyword: String,
        /// Its value.
        named: String,
        /// Where it would have been taken.
        places: Vec<PathBuf>,
    },
    /// Reference files that headers name and that are nowhere, or that switches ask for and headers do not name.
    #[error(
        "{} missing:\n  {}\n{}",
        match missing.len() { 1 => "a reference file is".to_owned(), n => format!("{n} reference files are") },
        missing.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n  "),
        way_to(missing)
    )]
    MissingReferences {
        /// All that are missing, of all exposures.
        missing: Vec<crate::calibrate::MissingReference>,
    },
    /// A reference file that cannot be used.
    #[error("reference file {} cannot be used: {reason}", path.display())]
    BadReference {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// An exposure whose pixels are not those that its header tells the sum of.
    #[error(
        "{}: the data of HDU {hdu} do not agree with their DATASUM: the file is damaged; fetch it anew. Where its pixels were \
         changed on purpose, take the old sums out: firstlight header set -e {hdu} --delete DATASUM,CHECKSUM {}",
        path.display(), path.display()
    )]
    WrongDataSum {
        /// The file.
        path: PathBuf,
        /// The HDU, as in `SCI,1`.
        hdu: String,
    },
    /// An exposure whose steps are done already.
    #[error(
        "{} is calibrated already: {} COMPLETE; give the raw exposure, or use the verb of the stage that is to go on \
         from it (acscte, acsrej, acs2d)", path.display(), with_verb(complete)
    )]
    AlreadyCalibrated {
        /// The file.
        path: PathBuf,
        /// The switches that say so.
        complete: Vec<String>,
    },
    /// Switches or members that do not go together.
    #[error("{}: {reason}", path.display())]
    Contradiction {
        /// The exposure or association.
        path: PathBuf,
        /// What contradicts what, and the way out.
        reason: String,
    },
    /// A member of an association whose raw exposure is not there.
    #[error(
        "{} lists {member}, but {member}_raw.fits is not in {}{}", association.display(), folder.display(),
        calibrated.as_ref().map_or_else(
            || "; fetch it, or mark it as absent (MEMPRSNT) in the table".to_owned(),
            |path| format!("; {} is calibrated already, and stages begin with the raw exposure", path.display()))
    )]
    MissingRaw {
        /// The association's table.
        association: PathBuf,
        /// The member.
        member: String,
        /// Where it was looked for.
        folder: PathBuf,
        /// A calibrated exposure of the member, where one is there.
        calibrated: Option<PathBuf>,
    },
    /// A pattern or a folder that names no file.
    #[error("no file to read in '{pattern}': {reason}")]
    NoMatch {
        /// What was asked for.
        pattern: String,
        /// Why it yields nothing.
        reason: String,
    },
    /// An expression that cannot be read, or does not fit the columns there are.
    #[error(transparent)]
    Expression(#[from] crate::expression::ExpressionError),
    /// A table file, or a table that is to become one.
    #[error(transparent)]
    Table(firstlight_frame::table::TableError),
    /// A figure that cannot be drawn or written.
    #[error(transparent)]
    Look(#[from] firstlight_look::Error),
    /// A coordinate system, or a position in one.
    #[error(transparent)]
    Wcs(#[from] firstlight_wcs::Error),
    /// Apertures, and what is measured in them.
    #[error(transparent)]
    Measure(#[from] firstlight_measure::Error),
    /// Aligning lists of sources.
    #[error(transparent)]
    Align(#[from] firstlight_align::Error),
    /// Products that do not fit on the disk.
    #[error(
        "the products take {needed}, but on the disk of {} {free} are free; make room, write elsewhere (--output), or \
         ask for fewer pixels (final_scale, final_outnx, final_outny)", folder.display()
    )]
    DiskTooSmall {
        /// Where they were to be written.
        folder: PathBuf,
        /// What they take.
        needed: Bytes,
        /// What there is.
        free: Bytes,
    },
    /// Options that do not go together, or a value outside its range.
    #[error("{0}")]
    Usage(String),
    /// Correct, but not supported.
    #[error("{0}")]
    Unsupported(String),
}

impl From<firstlight_frame::table::TableError> for Error {
    /// A table that is there already is a product like any other.
    fn from(error: firstlight_frame::table::TableError) -> Self {
        match error {
            firstlight_frame::table::TableError::Exists { path } => Error::OutputExists { path },
            other => Error::Table(other),
        }
    }
}

impl Error {
    /// Tells which file an error is about, where its own text does not.
    pub fn in_file(self, path: &std::path::Path) -> Self {
        match self {
            Error::Align(_)
            | Error::Calibrate(_)
            | Error::Measure(_)
            | Error::Wcs(_)
            | Error::Look(firstlight_look::Error::Section { .. }) => Error::InFile {
                path: path.to_owned(),
                source: Box::new(self),
            },
            other => other,
        }
    }
}

/// `DQICORR is`, or `DQICORR, BIASCORR are`.
fn with_verb(names: &[String]) -> String {
    format!(
        "{} {}",
        names.join(", "),
        if names.len() == 1 { "is" } else { "are" }
    )
}

/// What to do where reference files are missing.
fn way_to(missing: &[crate::calibrate::MissingReference]) -> &'static str {
    // A folder does not help where there is no name to look for in it.
    match missing.iter().all(|file| file.named.is_none()) {
        true => {
            "have the headers name them ('firstlight bestrefs --update' or 'firstlight setval'), or set the switches that need \
             them to OMIT (--switch)"
        }
        false => {
            "name the folder of the files (--ref-dir, or jref or oref in the environment), fetch them with 'firstlight \
             bestrefs --sync', or set the switches to OMIT (--switch)"
        }
    }
}

fn listed(places: &[PathBuf]) -> String {
    let places: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
    places.join(", ")
}
