//! Why exposures cannot be combined.

use crate::{Bytes, InputStatus};
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
    #[error(transparent)]
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
    /// An option that has a meaning only beside another.
    #[error("{given} is given without {missing}: give both, or neither")]
    MissingOption {
        /// The option that is there.
        given: &'static str,
        /// The one that is not.
        missing: &'static str,
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
        "an output of {nx} x {ny} pixels at {scale_arcsec:.4} arcsec takes {needed}, but {} \
         look at final_scale, final_outnx and final_outny{}", whose(*limit, *given), apart(*apart_deg)
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
        /// Whether that is the user's max_memory, and not what the system has.
        given: bool,
        /// The largest distance of an input from the first, between reference positions.
        apart_deg: f64,
    },
    /// Arrays that belong together differ in shape.
    #[error("the {what} is of shape {found:?}, but {expected:?} is needed")]
    Shape {
        /// Which array.
        what: &'static str,
        /// Rows and columns that are needed.
        expected: (usize, usize),
        /// Rows and columns that are there.
        found: (usize, usize),
    },
    /// Pixels cannot be stacked or measured.
    #[error(transparent)]
    Stats(#[from] firstlight_stats::Error),
    /// A sky that the user has measured is not there, or no number.
    #[error("{place}: {reason}")]
    UserSky {
        /// The file of skies, or the image whose header should have one.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// A chip whose sky cannot be brought to a surface brightness.
    #[error(
        "chip {chip} of exposure {exposure}: {what} is {value}, but has to be over 0 and finite to compare skies"
    )]
    NoBrightness {
        /// The exposure.
        exposure: usize,
        /// The chip, counted over all inputs.
        chip: usize,
        /// Exposure time or pixel scale.
        what: &'static str,
        /// Its value.
        value: f64,
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

/// A limit of memory, whose it is, and what can be done about it.
fn whose(limit: Bytes, given: bool) -> String {
    match given {
        true => format!("max_memory is {limit}; give more, or"),
        false => format!("{limit} is the memory there is;"),
    }
}

/// Says where the size comes from, if it is from there.
fn apart(degrees: f64) -> String {
    /// More than any camera's field.
    const FAR_DEG: f64 = 0.5;
    if degrees > FAR_DEG {
        format!("; the inputs lie up to {degrees:.3} degrees apart on the sky")
    } else {
        String::new()
    }
}

impl Error {
    /// None of the inputs gives anything; each says why.
    pub(crate) fn nothing_to_combine(inputs: &[InputStatus]) -> Self {
        let reasons: Vec<String> = inputs.iter().map(InputStatus::to_string).collect();
        let reasons = if reasons.is_empty() {
            "no input was given".to_owned()
        } else {
            reasons.join("; ")
        };
        Error::NothingToCombine { reasons }
    }

    pub(crate) fn bad_option(option: &'static str, value: impl ToString, reason: &str) -> Self {
        Error::BadOption {
            option,
            value: value.to_string(),
            reason: reason.to_owned(),
        }
    }
}
