//! What can be done about errors.

use super::Error;

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

impl Error {
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
            | Error::WrongDataSum { .. }
            | Error::AlreadyCalibrated { .. }
            | Error::Contradiction { .. } => ErrorClass::Input,
            Error::DiskTooSmall { .. } => ErrorClass::Environment,
            Error::Simulate(_) => ErrorClass::Usage,
            Error::OutputExists { .. } | Error::Expression(_) | Error::Usage(_) => ErrorClass::Usage,
        }
    }
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
        | Calibrate::SectionOutside { .. }
        | Calibrate::Unreadable { .. }
        | Calibrate::NothingLeft { .. }
        | Calibrate::Parameter { .. }
        | Calibrate::OneMask { .. } => ErrorClass::Usage,
        Calibrate::InExposure { source, .. } => of_calibrate(source),
        Calibrate::Frame(source) => of_frame(source),
        Calibrate::NoDarks | Calibrate::NoRow { .. } => ErrorClass::Missing,
        Calibrate::Binned { .. }
        | Calibrate::OtherBinning { .. }
        | Calibrate::BeforeStripes { .. }
        | Calibrate::NotCcd { .. }
        | Calibrate::OldCteTable { .. }
        | Calibrate::NoCteCorrection { .. }
        | Calibrate::NoCosmicRays { .. }
        | Calibrate::NotStisCcd { .. }
        | Calibrate::NotSupported { .. } => ErrorClass::Unsupported,
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
        Align::ColumnLength { .. } | Align::Degenerate { .. } | Align::NotRegistered { .. } => {
            ErrorClass::Input
        }
        _ => ErrorClass::Usage,
    }
}

fn of_measure(error: &firstlight_measure::Error) -> ErrorClass {
    use firstlight_measure::Error as Measure;
    match error {
        Measure::ShapeMismatch { .. } | Measure::SampleCount { .. } | Measure::NothingToMeasure { .. } => {
            ErrorClass::Input
        }
        Measure::TooLarge { .. } => ErrorClass::Environment,
        _ => ErrorClass::Usage,
    }
}
