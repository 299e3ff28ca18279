//! One error for all tasks, classed by what the caller can do about it.

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
        "{}: {keyword} names {named}, which is not there (looked for {}); fetch it with 'firstlight bestrefs --sync', \
         or name its folder in the environment", path.display(), listed(places)
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
        "{} missing:\n  {}\nname the folder of the files (--ref-dir, or jref in the environment), fetch them with \
         'firstlight bestrefs --sync', or set the switches to OMIT (--switch)",
        match missing.len() { 1 => "a reference file is".to_owned(), n => format!("{n} reference files are") },
        missing.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n  ")
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
    /// Options that do not go together, or a value outside its range.
    #[error("{0}")]
    Usage(String),
    /// Correct, but not supported.
    #[error("{0}")]
    Unsupported(String),
}

/// What a caller can do about an error; the command's exit code and Python's exception follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ErrorClass {
    /// The request is wrong: options, ranges, names. Exit code 2.
    Usage,
    /// A file's content cannot be used: damaged, blank, of the wrong kind. Exit code 3.
    Input,
    /// Something that is needed is not there: a file, an association member, a reference. Exit code 4.
    Missing,
    /// The machine says no: permission, full disk, memory limit. Exit code 5.
    Environment,
    /// Correct, but not supported. Exit code 6.
    Unsupported,
}

impl ErrorClass {
    /// The command's exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            ErrorClass::Usage => 2,
            ErrorClass::Input => 3,
            ErrorClass::Missing => 4,
            ErrorClass::Environment => 5,
            ErrorClass::Unsupported => 6,
        }
    }
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
            Error::Calibrate(_) | Error::Wcs(_) | Error::Look(firstlight_look::Error::Section { .. }) => {
                Error::InFile {
                    path: path.to_owned(),
                    source: Box::new(self),
                }
            }
            other => other,
        }
    }

    /// The class of this error.
    pub fn class(&self) -> ErrorClass {
        match self {
            Error::Fits(error) => of_fits(error),
            Error::Archive(error) => of_archive(error),
            Error::Table(error) => of_table(error),
            Error::NoMatch { .. }
            | Error::MissingKeyword { .. }
            | Error::MissingReference { .. }
            | Error::MissingReferences { .. }
            | Error::MissingRaw { .. } => ErrorClass::Missing,
            Error::Frame(error) => of_frame(error),
            Error::Drizzle(error) => of_drizzle(error),
            Error::Mosaic(error) => of_mosaic(error),
            Error::Look(error) => of_look(error),
            Error::Unsupported(_) => ErrorClass::Unsupported,
            Error::Wcs(error) => of_wcs(error),
            Error::Measure(error) => of_measure(error),
            Error::Align(error) => of_align(error),
            Error::Calibrate(error) => of_calibrate(error),
            Error::InFile { source, .. } => source.class(),
            Error::OtherDetector { .. }
            | Error::BadReference { .. }
            | Error::AlreadyCalibrated { .. }
            | Error::Contradiction { .. } => ErrorClass::Input,
            Error::Simulate(_) => ErrorClass::Usage,
            Error::OutputExists { .. } | Error::Expression(_) | Error::Usage(_) => ErrorClass::Usage,
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

fn listed(places: &[PathBuf]) -> String {
    let places: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
    places.join(", ")
}

fn of_look(error: &firstlight_look::Error) -> ErrorClass {
    use firstlight_look::Error as Look;
    match error {
        Look::Write(error) => of_fits(error),
        Look::Typeface | Look::Png(_) => ErrorClass::Environment,
        Look::EmptyImage { .. } | Look::Shape { .. } => ErrorClass::Input,
        _ => ErrorClass::Usage,
    }
}

fn of_fits(error: &firstlight_fits::Error) -> ErrorClass {
    use firstlight_fits::Error as Fits;
    match error.situation() {
        Fits::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => ErrorClass::Missing,
        Fits::Io { .. } | Fits::TooLarge { .. } => ErrorClass::Environment,
        Fits::NoSuchHdu { .. } => ErrorClass::Missing,
        Fits::Unwritable { .. } | Fits::Exists { .. } | Fits::NoSuchColumn { .. } => ErrorClass::Usage,
        Fits::Unsupported { .. } => ErrorClass::Unsupported,
        _ => ErrorClass::Input,
    }
}

fn of_archive(error: &firstlight_archive::Error) -> ErrorClass {
    use firstlight_archive::Error as Archive;
    match error {
        Archive::Fits(error) => of_fits(error),
        Archive::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => ErrorClass::Missing,
        Archive::MissingFromCache { .. }
        | Archive::Offline { .. }
        | Archive::NotResolved { .. }
        | Archive::Status {
            status: 404 | 410, ..
        } => ErrorClass::Missing,
        Archive::NoSuchColumn { .. }
        | Archive::BadCriterion { .. }
        | Archive::BadPosition { .. }
        | Archive::NoSuchChoice { .. }
        | Archive::NotProducts { .. }
        | Archive::BadVariable { .. }
        | Archive::BadContext { .. }
        | Archive::Nothing => ErrorClass::Usage,
        Archive::BadAnswer { .. }
        | Archive::Unserveable { .. }
        | Archive::RulesSyntax { .. }
        | Archive::RulesChecksum { .. }
        | Archive::RulesContent { .. }
        | Archive::NoInstrument { .. }
        | Archive::UnknownInstrument { .. }
        | Archive::Damaged { .. }
        | Archive::BadFile { .. }
        | Archive::UnsafeName { .. } => ErrorClass::Input,
        _ => ErrorClass::Environment,
    }
}

fn of_table(error: &firstlight_frame::table::TableError) -> ErrorClass {
    use firstlight_frame::table::TableError as Table;
    match error {
        Table::Fits(error) => of_fits(error),
        Table::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => ErrorClass::Missing,
        Table::Io { .. } => ErrorClass::Environment,
        Table::Exists { .. } | Table::UnknownFormat { .. } => ErrorClass::Usage,
        _ => ErrorClass::Input,
    }
}

fn of_frame(error: &firstlight_frame::Error) -> ErrorClass {
    use firstlight_frame::Error as Frame;
    match error {
        Frame::Fits(error) => of_fits(error),
        Frame::NoImset { .. } => ErrorClass::Usage,
        Frame::MissingMember { .. } => ErrorClass::Missing,
        _ => ErrorClass::Input,
    }
}

fn of_calibrate(error: &firstlight_calibrate::Error) -> ErrorClass {
    use firstlight_calibrate::Error as Calibrate;
    match error {
        Calibrate::BoxOutside { .. }
        | Calibrate::Unreadable { .. }
        | Calibrate::NothingLeft { .. }
        | Calibrate::Parameter { .. }
        | Calibrate::OneMask { .. } => ErrorClass::Usage,
        Calibrate::NoDarks | Calibrate::NoRow { .. } => ErrorClass::Missing,
        Calibrate::Binned { .. }
        | Calibrate::BeforeStripes { .. }
        | Calibrate::NotCcd { .. }
        | Calibrate::OldCteTable { .. }
        | Calibrate::NoCteCorrection { .. }
        | Calibrate::NoCosmicRays { .. } => ErrorClass::Unsupported,
        Calibrate::Interrupted => ErrorClass::Environment,
        Calibrate::NothingToDo { .. } | Calibrate::TooFewExposures { .. } => ErrorClass::Usage,
        _ => ErrorClass::Input,
    }
}

fn of_drizzle(error: &firstlight_drizzle::Error) -> ErrorClass {
    use firstlight_drizzle::Error as Drizzle;
    match error {
        Drizzle::TooLarge { .. } => ErrorClass::Environment,
        Drizzle::NoScaleRatio => ErrorClass::Input,
        _ => ErrorClass::Usage,
    }
}

fn of_mosaic(error: &firstlight_mosaic::Error) -> ErrorClass {
    use firstlight_mosaic::Error as Mosaic;
    match error {
        Mosaic::Fits(error) => of_fits(error),
        Mosaic::Frame(error) => of_frame(error),
        Mosaic::Drizzle(error) => of_drizzle(error),
        Mosaic::Wcs(error) => of_wcs(error),
        Mosaic::Grid { source } => of_wcs(source),
        Mosaic::BadOption { .. } | Mosaic::MissingOption { .. } => ErrorClass::Usage,
        Mosaic::Unsupported { .. } => ErrorClass::Unsupported,
        Mosaic::TooLarge { .. } => ErrorClass::Environment,
        _ => ErrorClass::Input,
    }
}

fn of_wcs(error: &firstlight_wcs::Error) -> ErrorClass {
    use firstlight_wcs::Error as Wcs;
    match error.kind() {
        Wcs::Fits(error) => of_fits(error),
        Wcs::Unsupported { .. } | Wcs::UnsupportedInstrument { .. } => ErrorClass::Unsupported,
        Wcs::BadTable { .. } | Wcs::NoModel { .. } | Wcs::NoExtension { .. } => ErrorClass::Missing,
        Wcs::LengthMismatch { .. } | Wcs::OutputGrid { .. } | Wcs::Headerlet { .. } => ErrorClass::Usage,
        _ => ErrorClass::Input,
    }
}

fn of_align(error: &firstlight_align::Error) -> ErrorClass {
    use firstlight_align::Error as Align;
    match error {
        Align::Wcs(error) => of_wcs(error),
        Align::Measure(error) => of_measure(error),
        Align::ColumnLength { .. } | Align::Degenerate { .. } => ErrorClass::Input,
        _ => ErrorClass::Usage,
    }
}

fn of_measure(error: &firstlight_measure::Error) -> ErrorClass {
    use firstlight_measure::Error as Measure;
    match error {
        Measure::ShapeMismatch { .. } | Measure::SampleCount { .. } => ErrorClass::Input,
        Measure::TooLarge { .. } => ErrorClass::Environment,
        _ => ErrorClass::Usage,
    }
}
