//! Bias reference images of the STIS CCD from many bias frames, by the rules of refstis.
//!
//! [`refbias`] is the mean of all frames; [`basebias`] that of an anneal period, without its hot columns and pixels;
//! [`weekbias`] brings the hot columns of a basebias up to those of a week. All take off the bias level, reject cosmic
//! rays by [`ocrreject`](crate::stis::ocrreject)'s rules and divide by the number of frames. Frames are read in tiles of
//! rows; none is changed.

mod basebias;
mod header;
mod refbias;
mod smooth;
mod weekbias;

pub use crate::superdark::{Baseline, DarkSource as BiasSource};
pub use basebias::basebias;
pub use refbias::refbias;
pub use weekbias::weekbias;

use crate::stis::ocrreject::RejectionParameters;
use crate::superdark::DarkFrames;
use crate::superdark::stis::{Content, open};
use crate::{Observation, Result};
use serde::Serialize;

/// Bias frames that belong together.
#[derive(Debug)]
pub struct BiasFrames(DarkFrames);

impl BiasFrames {
    /// Opens bias frames: raw ones, or calibrated ones whose bias level was taken off (BLEVCORR `COMPLETE`) and nothing
    /// else. Raw ones need CCDTAB, and take BPIXTAB where there is one; CRREJTAB is the first one's. Imsets with
    /// IMSET_OK = F are left out.
    ///
    /// # Errors
    /// [`crate::Error::NoDarks`] for none; [`crate::Error::TooFewExposures`] for one imset alone;
    /// [`crate::Error::MembersDiffer`] for another target, amplifier, gain, binning or shape; [`crate::Error::Keyword`]
    /// where TARGNAME is not BIAS, or more than the bias level was taken off; [`crate::Error::NoReference`] for a raw
    /// frame without its reference files.
    pub fn open(sources: &[BiasSource<'_>]) -> Result<Self> {
        let frames = open(sources, Content::Bias)?;
        if frames.origin.primary.text("TARGNAME").unwrap_or_default().trim() != "BIAS" {
            let name = frames.names().into_iter().next().unwrap_or_default();
            let first = Observation::without_pixels(name, frames.origin.primary.clone());
            return Err(first.keyword("TARGNAME", "BIAS: superbiases are made of bias frames"));
        }
        Ok(Self(frames))
    }
}

/// A bias reference image in DN, and what was measured on the way.
#[derive(Debug, Clone)]
pub struct Superbias {
    /// Headers and pixels, as BIASFILE has them.
    pub image: Observation,
    /// What was measured.
    pub report: SuperbiasReport,
}

/// What was measured of a superbias.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SuperbiasReport {
    /// The frames, in order; of several imsets the file once for each.
    pub inputs: Vec<String>,
    /// How cosmic rays were rejected; of several groups of frames that of the first.
    pub parameters: RejectionParameters,
    /// Pixels that were rejected in each frame.
    pub rejected: Vec<usize>,
    /// Pixels that were rejected in all of them.
    pub without_data: usize,
    /// Columns that are hot: of a weekbias the week's, which are in it; of a basebias those that were replaced.
    pub hot_columns: usize,
    /// Pixels that are hot: of a refbias and a weekbias those flagged 16, of a basebias those that were replaced, columns
    /// not counted.
    pub hot_pixels: usize,
}
