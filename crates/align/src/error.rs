//! What can be wrong with an alignment.

/// An error with what was expected and what was found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter is out of range.
    #[error("{parameter} has to be {expected}, and is {found}")]
    BadOption {
        /// Its name, TweakReg's.
        parameter: &'static str,
        /// What it may be.
        expected: &'static str,
        /// What it is.
        found: f64,
    },
    /// Columns that belong together differ in length.
    #[error("{what}: {column} has {found} values, but {expected} are expected")]
    ColumnLength {
        /// The catalogue.
        what: String,
        /// The column.
        column: &'static str,
        /// How many values there have to be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Matches too few, or all in one place or line, for what is fitted.
    #[error(
        "{matches} matched sources do not determine a fit of {geometry}; fitgeometry 'shift' needs the fewest"
    )]
    Degenerate {
        /// How many there are.
        matches: usize,
        /// What is fitted.
        geometry: &'static str,
    },
    /// Stars from which the map to the reference cannot be told.
    #[error("not registered: {why}")]
    NotRegistered {
        /// What is missing.
        why: String,
    },
    /// There is nothing to align.
    #[error("no image is given")]
    NoImage,
    /// Coordinate systems: reading them, or laying out the common plane.
    #[error(transparent)]
    Wcs(#[from] firstlight_wcs::Error),
    /// Finding sources.
    #[error(transparent)]
    Measure(#[from] firstlight_measure::Error),
}

/// A result whose error is this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
