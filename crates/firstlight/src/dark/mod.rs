//! Dark frames: their rate in a box, the one that matches a science exposure, and putting it in its
//! place.

mod combining;
mod exposure;
mod implant;
mod loaded;
mod matching;
mod rate;
mod tables;

pub use combining::CombinationReport;
pub use exposure::DarkExposure;
pub use implant::{ImplantOptions, ImplantReport, ImplantedFile, implant};
pub(crate) use loaded::{LoadedDark, load_darks};
pub use matching::{MatchOptions, MatchReport, MatchStatus, ScienceMatch, matching};
pub(crate) use matching::{excluded_by_all, match_science};
pub use rate::{RateOptions, RateReport, RateRow, rate, rate_of_samples};

pub use firstlight_calibrate::dark::{
    BoxRate, BoxSum, Combination, DetectorEllipse, Interpolation, Match, PixelBox, Ranking, Share, Within,
};

use serde::Serialize;
use std::path::PathBuf;

/// An input that could not be used, among others that could.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Failure {
    /// The file.
    pub file: PathBuf,
    /// What is wrong with it.
    pub error: String,
}

/// Separates what worked from what did not; where nothing worked, the first error is everybody's.
fn separate<T>(results: Vec<(PathBuf, crate::Result<T>)>) -> crate::Result<(Vec<T>, Vec<Failure>)> {
    let (mut done, mut failed, mut first) = (Vec::new(), Vec::new(), None);
    for (file, result) in results {
        match result {
            Ok(value) => done.push(value),
            Err(error) => {
                failed.push(Failure {
                    file,
                    error: error.to_string(),
                });
                first = first.or(Some(error));
            }
        }
    }
    match first {
        Some(error) if done.is_empty() => Err(error),
        _ => Ok((done, failed)),
    }
}
