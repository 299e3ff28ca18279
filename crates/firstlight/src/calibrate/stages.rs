//! The stages as the pipeline calls them: each decided by the switches of the header.

use super::kept::Kept;
use super::options::CalibrateOptions;
use super::tally::Tally;
use super::watched::Watched;
use crate::progress::flow;
use crate::{Progress, Result};
use firstlight_calibrate::acs::acsccd::{self, AcsccdOptions};
use firstlight_calibrate::acs::acscte::{self, AcscteOptions, AcscteReport};
use firstlight_calibrate::acs::acsrej::{self, Member, Rejection};
use firstlight_calibrate::acs::{Observation, References, acs2d, acssum};

/// acsccd, where any of its switches asks for it.
pub(super) fn ccd(observation: &mut Observation, references: &References) -> Result<()> {
    if acsccd::is_asked_for(observation) {
        acsccd::acsccd(observation, references, &AcsccdOptions::default())?;
    }
    Ok(())
}

/// acscte, which tells of [`super::tally::CTE`] units as columns are done.
pub(super) fn cte(
    observation: &mut Observation,
    references: &References,
    options: &AcscteOptions,
    progress: &dyn Progress,
) -> Result<AcscteReport> {
    let tally = Tally::new(progress, acscte::columns(observation));
    let report = acscte::acscte(observation, references, options, &|columns| {
        tally.advance(columns);
        flow(progress)
    })?;
    tally.finish();
    Ok(report)
}

/// acs2d, where any of its switches asks for it.
pub(super) fn flat(
    observation: &mut Observation,
    references: &References,
    options: &CalibrateOptions,
) -> Result<Vec<String>> {
    Ok(acs2d::acs2d(observation, references, &options.acs2d)?.warnings)
}

/// acsrej.
pub(super) fn reject(
    members: &[Kept],
    references: &References,
    options: &CalibrateOptions,
    progress: &dyn Progress,
) -> Result<Rejection> {
    let watched: Vec<_> = members.iter().map(|kept| Watched::new(kept, progress)).collect();
    let members: Vec<&dyn Member> = watched.iter().map(|kept| kept as &dyn Member).collect();
    Ok(acsrej::acsrej(&members, references, &options.acsrej)?)
}

/// acssum.
pub(super) fn sum(members: &[Kept], progress: &dyn Progress) -> Result<Observation> {
    let watched: Vec<_> = members.iter().map(|kept| Watched::new(kept, progress)).collect();
    let members: Vec<&dyn Member> = watched.iter().map(|kept| kept as &dyn Member).collect();
    Ok(acssum::acssum(&members)?.product)
}
