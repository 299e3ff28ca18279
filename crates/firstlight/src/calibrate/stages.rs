//! The stages as the pipeline calls them: each decided by the switches of the header.

use super::kept::Kept;
use super::options::CalibrateOptions;
use super::product::Growing;
use super::tally::Tally;
use super::watched::Watched;
use crate::progress::{self, go_on};
use crate::{Progress, Result};
use firstlight_calibrate::acs::acsccd::{self, AcsccdOptions};
use firstlight_calibrate::acs::acscte::{self, AcscteOptions, AcscteReport};
use firstlight_calibrate::acs::acsrej::{self, Member, Rejection};
use firstlight_calibrate::acs::{Flowing, Observation, References, acs2d, acssum};
use firstlight_fits::Overwrite;
use std::path::Path;

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
        progress::flow(progress)
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

/// acsrej and acs2d of the product in one go, row by row into its file; None where that cannot be.
pub(super) fn flow(
    members: &[Kept],
    references: &References,
    options: &CalibrateOptions,
    names: (&str, &str),
    (path, overwrite): (&Path, Overwrite),
    progress: &dyn Progress,
) -> Result<Option<(Rejection, Vec<String>)>> {
    let watched: Vec<_> = members.iter().map(|kept| Watched::new(kept, progress)).collect();
    let members: Vec<&dyn Member> = watched.iter().map(|kept| kept as &dyn Member).collect();
    let how = (&options.acsrej, &options.acs2d);
    let Some(flowing) = Flowing::begin(&members, references, how, names)? else {
        return Ok(None);
    };
    let growing = Growing::create(&flowing.expected()?, &flowing.shapes(), path, overwrite)?;
    let Some((rejection, report)) = flowing.run(&growing)? else {
        return Ok(None);
    };
    go_on(progress)?;
    let made = growing.finish(&rejection.product)?;
    Ok(made.then_some((rejection, report.warnings)))
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
