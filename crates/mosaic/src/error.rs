//! Why exposures cannot be combined.

use crate::Bytes;
use std::path::PathBuf;

/// An error with the file, HDU, keyword or option it is about.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file, or a request made of one.
    #[error(transparent)]
    Fits(#[from] firstlight_fits::Error),
    /// An exposure or association.
    #[error(transparent)]
    Frame(#[from] firstlight_frame::Error),
    /// Drizzling itself.
    #[error(transparent)]
    Drizzle(#[from] firstlight_drizzle::Error),
    /// The coordinate system of an image.
    #[error(transparent)]
    Wcs(#[from] firstlight_wcs::Error),
    /// The grid of the output.
    #[error("the output grid cannot be laid out: {source}")]
    Grid {
        /// What is wrong.
        source: firstlight_wcs::Error,
    },
    /// An option has a value that cannot be.
    #[error("{option} = {value}: {reason}")]
    BadOption {
        /// The option.
        option: &'static str,
        /// Its value.
        value: String,
        /// What is wrong.
        reason: String,
    },
    /// Asked for rightly, but not there.
    #[error("not supported: {what}")]
    Unsupported {
        /// What is not supported.
        what: String,
    },
    /// Every input was left out, or there was none.
    #[error("there is nothing to combine: {reasons}")]
    NothingToCombine {
        /// Which input was left out and why.
        reasons: String,
    },
    /// The output would be larger than it may.
    #[error(
        "an output of {nx} x {ny} pixels at {scale_arcsec:.4} arcsec needs {needed}, but {limit} is the limit; \
         set it with max_memory, or look at final_scale, final_outnx and final_outny"
    )]
    TooLarge {
        /// Columns.
        nx: usize,
        /// Rows.
        ny: usize,
        /// Size of a pixel.
        scale_arcsec: f64,
        /// Memory that it would take.
        needed: Bytes,
        /// Memory that it may take.
        limit: Bytes,
    },
    /// Weights cannot be made from what the input has.
    #[error("{} [SCI,{version}]: final_wht_type={kind} is not possible: {reason}", path.display())]
    NoWeights {
        /// The file.
        path: PathBuf,
        /// EXTVER.
        version: i64,
        /// EXP, ERR or IVM.
        kind: crate::WeightType,
        /// What is missing.
        reason: String,
    },
}

impl Error {
    pub(crate) fn bad_option(option: &'static str, value: impl ToString, reason: &str) -> Self {
        Error::BadOption {
            option,
            value: value.to_string(),
            reason: reason.to_owned(),
        }
    }
}
