//! What can be wrong with a simulation that is asked for.

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An option outside its range.
    #[error("{option} is {found}, but must be {expected}")]
    Option {
        /// The option's name.
        option: &'static str,
        /// What it may be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// A subarray that was used in the other era.
    #[error(
        "subarray {subarray} was not used in the era {found}: give --era {expected} with it (era=\"{expected}\")"
    )]
    OtherEra {
        /// Its aperture.
        subarray: String,
        /// The era in which it was used.
        expected: &'static str,
        /// The era that was asked for.
        found: &'static str,
    },
    /// A header card could not be made.
    #[error(transparent)]
    Header(firstlight_fits::Error),
}
