//! The stages as the pipeline calls them: each decided by the switches of the header.

use super::options::CalibrateOptions;
use super::tally::Tally;
use crate::{Error, Result};
use firstlight_calibrate::acs::{Observation, References};
use firstlight_fits::Header;
use firstlight_frame::{Detector, Switch};

/// Whether a primary header asks for anything that acsccd does.
pub(super) fn asks_for_ccd(primary: &Header) -> bool {
    Detector::from_header(primary) != Detector::AcsSbc
        && ["DQICORR", "ATODCORR", "BIASCORR", "BLEVCORR"]
            .iter()
            .any(|switch| on(primary, switch))
}

/// Whether a primary header asks for anything that acs2d does.
pub(super) fn asks_for_2d(primary: &Header) -> bool {
    let both = ["DARKCORR", "FLATCORR", "PHOTCORR"];
    let only: &[&str] = match Detector::from_header(primary) {
        Detector::AcsSbc => &["DQICORR", "GLINCORR", "LFLGCORR"],
        _ => &["FLSHCORR", "SHADCORR"],
    };
    both.iter().chain(only).any(|switch| on(primary, switch))
}

fn on(primary: &Header, switch: &str) -> bool {
    Switch::of(primary, switch).is_perform()
}

/// acsccd, where any of its switches asks for it.
pub(super) fn ccd(
    observation: &mut Observation,
    references: &References,
    options: &CalibrateOptions,
) -> Result<()> {
    let _ = (observation, references, options);
    Err(not_there("acsccd"))
}

/// acscte.
pub(super) fn cte(
    observation: &mut Observation,
    references: &References,
    options: &CalibrateOptions,
    progress: &dyn crate::Progress,
) -> Result<()> {
    let _ = (
        observation,
        references,
        options,
        Tally::new(progress, 1).advance(1),
    );
    Err(not_there("acscte"))
}

/// acs2d, where any of its switches asks for it.
pub(super) fn flat(
    observation: &mut Observation,
    references: &References,
    options: &CalibrateOptions,
) -> Result<()> {
    let _ = (observation, references, options);
    Err(not_there("acs2d"))
}

/// Pixels that were rejected.
pub(super) struct Hits;

impl Hits {
    pub(super) fn mark(&self, index: usize, observation: &mut Observation) {
        let _ = (index, observation);
    }
}

/// acsrej.
pub(super) fn reject(
    members: &[super::kept::Kept],
    references: &References,
    options: &CalibrateOptions,
) -> Result<(Observation, Hits)> {
    let _ = (members, references, options);
    Err(not_there("acsrej"))
}

/// acssum.
pub(super) fn sum(members: &[Observation]) -> Result<Observation> {
    let _ = members;
    Err(not_there("acssum"))
}

fn not_there(stage: &str) -> Error {
    Error::Unsupported(format!("{stage} is not part of this build"))
}
