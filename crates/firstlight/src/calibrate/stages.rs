//! The stages as the pipeline calls them: each decided by the switches of the header.

use super::kept::Kept;
use super::options::CalibrateOptions;
use super::product::Growing;
use super::reference_files::verify_data;
use super::switches::{self, SwitchSetting};
use super::tally::Tally;
use super::watched::Watched;
use crate::progress::{self, go_on};
use crate::{Progress, Result};
use firstlight_calibrate::acs::acs2d::{self, Acs2dOptions, Acs2dReport};
use firstlight_calibrate::acs::acsccd::{self, AcsccdOptions, AcsccdReport};
use firstlight_calibrate::acs::acscte::{self, AcscteOptions, AcscteReport};
use firstlight_calibrate::acs::acsrej::{self, Member, Rejection};
use firstlight_calibrate::acs::{Flowing, Observation, References, WithReferences, acssum};
use firstlight_fits::Overwrite;
use firstlight_frame::Exposure;
use std::path::{Path, PathBuf};

/// Switches of the stages after acsccd, which need frames without overscan.
const LATER: [&str; 6] = [
    "PCTECORR", "DARKCORR", "FLSHCORR", "FLATCORR", "SHADCORR", "PHOTCORR",
];

/// An exposure whose data agree with their sums, with its switches set.
pub(super) fn load(path: &Path, switch: &[SwitchSetting]) -> Result<Observation> {
    let exposure = Exposure::open(path)?;
    verify_data(&exposure)?;
    let mut observation = Observation::load(&exposure)?;
    switches::apply(&mut observation.primary, switch, path)?;
    Ok(observation)
}

/// acsccd; errors name the exposure.
pub(super) fn acsccd(
    observation: &mut Observation,
    references: &References,
    options: &AcsccdOptions,
) -> Result<AcsccdReport> {
    let done = acsccd::acsccd(observation, references, options);
    Ok(done.map_err(|error| error.in_exposure(&observation.name))?)
}

/// acs2d; errors name the exposure.
pub(super) fn acs2d(
    observation: &mut Observation,
    references: &References,
    options: &Acs2dOptions,
) -> Result<Acs2dReport> {
    let done = acs2d::acs2d(observation, references, options);
    Ok(done.map_err(|error| error.in_exposure(&observation.name))?)
}

/// acsccd, where any of its switches asks for it, and what to say of it. An exposure that goes on from there has to be
/// without its overscan.
pub(super) fn ccd(observation: &mut Observation, references: &References) -> Result<Vec<String>> {
    if !acsccd::is_asked_for(observation) {
        return Ok(Vec::new());
    }
    let report = acsccd(observation, references, &AcsccdOptions::default())?;
    let goes_on = LATER.iter().any(|switch| observation.switch(switch).is_perform());
    if goes_on {
        let trimmed = acsccd::check_trimmed(observation, references);
        trimmed.map_err(|error| error.in_exposure(&observation.name))?;
    }
    Ok(report.warnings)
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
    });
    let report = report.map_err(|error| error.in_exposure(&observation.name))?;
    tally.finish();
    Ok(report)
}

/// acs2d, where any of its switches asks for it.
pub(super) fn flat(
    observation: &mut Observation,
    references: &References,
    options: &CalibrateOptions,
) -> Result<Vec<String>> {
    Ok(acs2d(observation, references, &options.acs2d)?.warnings)
}

/// What came of the product and the exposures in one go.
pub(super) struct Flown {
    pub(super) rejection: Rejection,
    pub(super) warnings: Vec<String>,
    /// The headers of each exposure's product, and what to say of it; None of one that is still to be made.
    pub(super) exposures: Vec<Option<(Observation, Vec<String>)>>,
}

/// acsrej and acs2d of the product, and acs2d of its exposures, in one go, row by row into the files `paths`: of the
/// product first. None where that cannot be.
pub(super) fn flow(
    members: &[(&Kept, &References)],
    options: &CalibrateOptions,
    names: (&str, &str),
    (paths, overwrite): (&[PathBuf], Overwrite),
    progress: &dyn Progress,
) -> Result<Option<Flown>> {
    let watched: Vec<_> = members
        .iter()
        .map(|&(kept, references)| (Watched::new(kept, progress), references))
        .collect();
    let members: Vec<WithReferences<'_>> = watched
        .iter()
        .map(|(kept, references)| (kept as &dyn Member, *references))
        .collect();
    let how = (&options.acsrej, &options.acs2d);
    let Some(flowing) = Flowing::begin(&members, how, names)? else {
        return Ok(None);
    };
    let (expected, shapes) = (flowing.expected()?, flowing.shapes());
    let growing = expected.iter().zip(paths);
    let growing = growing.map(|(expected, path)| Growing::create(expected, &shapes, path, overwrite));
    let growing = growing.collect::<Result<Vec<_>>>()?;
    let Some(flowed) = flowing.run(&growing)? else {
        return Ok(None);
    };
    go_on(progress)?;
    let mut growing = growing.into_iter();
    let product = growing
        .next()
        .map(|product| product.finish(&flowed.rejection.product));
    if !product.transpose()?.unwrap_or(false) {
        return Ok(None);
    }
    let mut exposures = Vec::with_capacity(members.len());
    for (growing, (observation, report)) in growing.zip(flowed.exposures) {
        let made = growing.finish(&observation)?;
        exposures.push(made.then_some((observation, report.warnings)));
    }
    exposures.resize_with(members.len(), || None);
    Ok(Some(Flown {
        rejection: flowed.rejection,
        warnings: flowed.report.warnings,
        exposures,
    }))
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
