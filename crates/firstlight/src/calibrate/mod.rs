//! Calibrating exposures of ACS and of the CCD of STIS.
//!
//! ACS: raw frames and associations in, `_flt`, `_flc`, `_crj`, `_crc` and `_sfl` out. Of STIS see [`stis`].

mod alike;
mod association;
mod destriping;
mod instruments;
mod kept;
mod options;
mod outputs;
mod plan;
pub(crate) mod product;
mod reference_files;
mod report;
mod run;
mod said;
mod stage;
mod stages;
mod stis;
mod switches;
mod tally;
mod wanted;
mod watched;

use crate::destripe::{DestripedExposure, Destriping};
use crate::input::sort_out;
use crate::output::NewFolders;
use crate::progress::go_on;
use crate::references::References as Places;
use crate::{Error, Progress, Result};
use destriping::Between;
use firstlight_calibrate::acs::References;
use firstlight_fits::{AtomicFile, Header};
use outputs::Outputs;
use plan::{Group, Plan};
use rayon::prelude::*;
use run::Run;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

pub use firstlight_calibrate::acs::acs2d::{Acs2dOptions, Acs2dReport};
pub use firstlight_calibrate::acs::acsccd::{AcsccdOptions, AcsccdReport};
pub use firstlight_calibrate::acs::acscte::{AcscteOptions, AcscteReport};
pub use firstlight_calibrate::acs::acsrej::{AcsrejOptions, AcsrejReport, InitialGuess, SkySubtraction};
pub use firstlight_calibrate::acs::acssum::AcssumReport;
pub use options::CalibrateOptions;
pub(crate) use plan::root_of;
pub use reference_files::MissingReference;
pub(crate) use reference_files::{miss, verify_data};
pub use report::{CalibrateReport, CalibratedProduct};
pub use stage::{
    CombineOptions, StageOptions, StageProduct, StageReport, acs2d, acsccd, acscte, acsrej, acssum,
};
pub(crate) use stage::{check_crthresh, flag};
pub(crate) use stis::measure;
pub use stis::{StisMeasured, StisOptions};
pub use switches::{CCD_SWITCHES, SBC_SWITCHES, STIS_SWITCHES, Setting, SwitchSetting};

/// Calibrates raw exposures, and associations of ACS exposures, as the archive's pipelines do, by the switches of their
/// headers.
///
/// `inputs` are raw exposures (`_raw.fits`) of ACS or of the CCD of STIS, and association tables (`_asn.fits`) of ACS, whose
/// members are looked for beside them; so is the wavecal of a STIS exposure. Inputs are not changed, but for the
/// association's table where the user asks for it. Products stand in `options.output_dir`; each is complete or not there.
/// Where one of several inputs fails, the others go on. Of a mixed list, ACS comes first.
///
/// # Errors
/// Before any work: [`Error::OutputExists`]; [`Error::MissingReferences`] with all that are missing;
/// [`Error::BadReference`], [`Error::AlreadyCalibrated`], [`Error::Contradiction`], [`Error::MissingRaw`]; for a single
/// input everything that a stage refuses.
pub fn calibrate(
    inputs: &[PathBuf],
    options: &CalibrateOptions,
    progress: &dyn Progress,
) -> Result<CalibrateReport> {
    let begin = Instant::now();
    let (of_stis, of_acs) = instruments::by_instrument(inputs, options)?;
    // All that can be refused is, before any work.
    let mut acs = match of_acs.is_empty() && !of_stis.is_empty() {
        true => None,
        false => Some(Prepared::of(plan::plan(&of_acs, options)?, options)?),
    };
    let mut stis = match of_stis.is_empty() {
        true => None,
        false => Some(stis::Prepared::of(&of_stis, options)?),
    };
    // Kept until the log is written, which may go there too.
    let _folders = (
        acs.as_mut().map(|acs| std::mem::take(&mut acs.folders)),
        stis.as_mut().map(|stis| std::mem::take(&mut stis.folders)),
    );
    let units = acs.as_ref().map_or(0, Prepared::units) + stis.as_ref().map_or(0, stis::Prepared::units);
    progress.start("calibrating", Some(units));
    let made = both(acs, stis, options, progress);
    progress.finish();
    let report = CalibrateReport {
        seconds: begin.elapsed().as_secs_f64(),
        ..made?
    };
    write_log(&report, options)?;
    Ok(report)
}

/// Those of ACS, then those of STIS.
fn both(
    acs: Option<Prepared>,
    stis: Option<stis::Prepared>,
    options: &CalibrateOptions,
    progress: &dyn Progress,
) -> Result<CalibrateReport> {
    let mut report = match acs {
        Some(acs) => acs.run(None, options, progress)?,
        None => CalibrateReport::default(),
    };
    if let Some(stis) = stis {
        let made = stis.run(options, progress)?;
        report.products.extend(made.products);
        report.notes.extend(made.notes);
        report.failed.extend(made.failed);
    }
    Ok(report)
}

/// As [`calibrate`], with destriping between acsccd and acscte; and what was found of each exposure.
pub(crate) fn calibrate_destriped(
    inputs: &[PathBuf],
    destriping: &Destriping<'_>,
    options: &CalibrateOptions,
    progress: &dyn Progress,
) -> Result<(CalibrateReport, Vec<DestripedExposure>)> {
    destriping.options.accepted()?;
    let mut plan = plan::plan(inputs, options)?;
    let between = Between::prepare(&mut plan, destriping)?;
    let mut prepared = Prepared::of(plan, options)?;
    let _folders = std::mem::take(&mut prepared.folders);
    progress.start("calibrating", Some(prepared.units()));
    let report = prepared.run(Some(&between), options, progress);
    progress.finish();
    let report = report?;
    write_log(&report, options)?;
    Ok((report, between.found()))
}

/// The reference files that destriping measures with, of an exposure that is calibrated already in part.
pub(crate) fn destriping_references(
    path: &Path,
    primary: &Header,
    ref_dir: Option<PathBuf>,
) -> Result<References> {
    let stages = wanted::Stages {
        destripe: true,
        ..wanted::Stages::default()
    };
    references_of_one(path, primary, ref_dir, stages)
}

/// The reference files that the simulation of the readout needs.
pub(crate) fn forward_references(
    path: &Path,
    primary: &Header,
    ref_dir: Option<PathBuf>,
) -> Result<References> {
    let stages = wanted::Stages {
        cte_forward: true,
        ..wanted::Stages::default()
    };
    references_of_one(path, primary, ref_dir, stages)
}

fn references_of_one(
    path: &Path,
    primary: &Header,
    ref_dir: Option<PathBuf>,
    stages: wanted::Stages,
) -> Result<References> {
    let asking = reference_files::Asking {
        path,
        primary,
        stages,
        crrejtab: None,
    };
    let places = Places::of_process().with_folder(ref_dir);
    let mut references = reference_files::open(&[asking], &places)?;
    Ok(references.pop().unwrap_or_default())
}

/// ACS exposures that can be calibrated: everything that can be known before any work is.
struct Prepared {
    plan: Plan,
    references: Vec<Vec<References>>,
    outputs: Outputs,
    /// Taken away where nothing comes into it.
    folders: NewFolders,
}

impl Prepared {
    /// Opens the reference files, and checks the outputs.
    fn of(plan: Plan, options: &CalibrateOptions) -> Result<Self> {
        let places = Places::of_process().with_folder(options.ref_dir.clone());
        let references = references_of(&plan, &places, options)?;
        let outputs = Outputs::new(options);
        let folders = outputs.check(&plan, options)?;
        Ok(Self {
            plan,
            references,
            outputs,
            folders,
        })
    }

    /// Units of progress.
    fn units(&self) -> u64 {
        self.plan.groups.iter().map(run::units).sum()
    }

    fn run(
        self,
        between: Option<&Between<'_>>,
        options: &CalibrateOptions,
        progress: &dyn Progress,
    ) -> Result<CalibrateReport> {
        let begin = Instant::now();
        let work = Work {
            outputs: &self.outputs,
            between,
            options,
            progress,
        };
        let results = run_all(&self.plan, &self.references, &work);
        go_on(progress)?;
        let (made, failed) = sort_out(results)?;
        let associations = record_associations(&self.plan, &made, &self.outputs, options)?;
        let products: Vec<CalibratedProduct> = made.into_iter().flat_map(|(_, products)| products).collect();
        let mut notes = self.plan.notes;
        notes.extend(said::told_once(&products));
        Ok(CalibrateReport {
            products,
            associations,
            notes,
            failed,
            seconds: begin.elapsed().as_secs_f64(),
        })
    }
}

/// Writes the report to the file that the user names.
fn write_log(report: &CalibrateReport, options: &CalibrateOptions) -> Result<()> {
    if let Some(path) = &options.log {
        let text = serde_json::to_string_pretty(report).map_err(|error| Error::Usage(error.to_string()))?;
        AtomicFile::write_whole(path, text.as_bytes(), options.overwrite.into())?;
    }
    Ok(())
}

/// The reference files of the members of each group.
fn references_of(plan: &Plan, places: &Places, options: &CalibrateOptions) -> Result<Vec<Vec<References>>> {
    let asking = |group: &Group| {
        let of = |member: &plan::Planned| member.stages(group.combination.as_ref(), options);
        group.members.iter().map(of).collect::<Vec<_>>()
    };
    let stages: Vec<Vec<_>> = plan.groups.iter().map(asking).collect();
    let all = plan.groups.iter().zip(&stages).flat_map(|(group, stages)| {
        group
            .members
            .iter()
            .zip(stages)
            .map(|(member, stages)| reference_files::Asking {
                path: &member.path,
                primary: &member.primary,
                stages: *stages,
                crrejtab: options.acsrej.crrejtab.as_deref(),
            })
    });
    let mut opened = reference_files::open(&all.collect::<Vec<_>>(), places)?.into_iter();
    Ok(plan
        .groups
        .iter()
        .map(|group| opened.by_ref().take(group.members.len()).collect())
        .collect())
}

/// What all groups have in common.
struct Work<'a> {
    outputs: &'a Outputs,
    between: Option<&'a Between<'a>>,
    options: &'a CalibrateOptions,
    progress: &'a dyn Progress,
}

/// What became of a group: its position in the plan, and its products.
type Made = (usize, Vec<CalibratedProduct>);

/// All groups in the order of the inputs: exposures that belong to nothing as many at once as fit into memory, those that
/// make a product group after group.
fn run_all(plan: &Plan, references: &[Vec<References>], work: &Work<'_>) -> Vec<(PathBuf, Result<Made>)> {
    let Work {
        outputs,
        between,
        options,
        progress,
    } = *work;
    let members = plan.groups.iter().flat_map(|group| &group.members);
    let largest = members.map(run::bytes_in_work).max().unwrap_or(1).max(1);
    let fit = usize::try_from(options.memory() / largest).unwrap_or(usize::MAX);
    let width = fit.clamp(1, rayon::current_num_threads());
    let run = Run {
        options,
        outputs,
        // Beside what is kept there is always one exposure in work, or their product.
        shelf: kept::Shelf::new(options.memory().saturating_sub(largest), outputs.scratch()),
        width,
        largest,
        between,
        said: said::Said::default(),
        progress,
    };
    let name = |group: &Group| {
        group
            .members
            .first()
            .map(|member| member.path.clone())
            .unwrap_or_default()
    };
    let mut results: BTreeMap<usize, (PathBuf, Result<Made>)> = BTreeMap::new();
    let (together, alone): (Vec<usize>, Vec<usize>) =
        (0..plan.groups.len()).partition(|index| plan.groups[*index].combination.is_some());
    for some in alone.chunks(width) {
        let of_groups = some
            .iter()
            .filter_map(|&index| plan.groups[index].members.first());
        let _aside = run.leave_room(of_groups.collect::<Vec<_>>().into_iter());
        let some = some.par_iter().map(|&index| {
            let group = &plan.groups[index];
            let one = |(member, references)| run.single((member, references));
            let made = group
                .members
                .iter()
                .zip(&references[index])
                .map(one)
                .collect::<Result<Vec<_>>>();
            (
                index,
                (name(group), made.map(|products| (index, products.concat()))),
            )
        });
        results.extend(some.collect::<Vec<_>>());
    }
    for index in together {
        let group = &plan.groups[index];
        let Some(combination) = &group.combination else {
            continue;
        };
        let members: Vec<run::Member<'_>> = group.members.iter().zip(&references[index]).collect();
        let made = run
            .combined(&members, combination)
            .map(|products| (index, products));
        let path = plan
            .associations
            .get(combination.row.0)
            .map_or_else(|| name(group), |table| table.path.clone());
        results.insert(index, (path, made));
    }
    results.into_values().collect()
}

/// Records the products in the tables that list them.
fn record_associations(
    plan: &Plan,
    made: &[Made],
    outputs: &Outputs,
    options: &CalibrateOptions,
) -> Result<Vec<PathBuf>> {
    let mut written = Vec::new();
    for (index, association) in plan.associations.iter().enumerate() {
        let combinations = made
            .iter()
            .filter_map(|(group, _)| plan.groups[*group].combination.as_ref());
        let rows = combinations.filter(|combination| combination.row.0 == index);
        let rows: Vec<&str> = rows.map(|combination| combination.row.1.as_str()).collect();
        let Some(target) = outputs.table(&association.path, options.in_place_asn) else {
            continue;
        };
        association::record(&association.path, &rows, &target, outputs.overwrite)?;
        written.push(target);
    }
    Ok(written)
}
