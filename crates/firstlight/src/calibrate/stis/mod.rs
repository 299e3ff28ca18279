//! Calibrating exposures of the CCD of STIS: raw frames in, `_flt`, `_crj`, `_x2d` or `_sx2` and `_x1d` or `_sx1` out.

mod lamp;
mod measured;
mod options;
mod plan;
mod run;

use super::kept::PIXEL_BYTES;
use super::outputs::check_files;
use super::reference_files::verify_all;
use super::report::CalibratedProduct;
use super::{CalibrateOptions, MissingReference};
use crate::input::{Failure, sort_out};
use crate::output::{NewFolders, folder_of};
use crate::progress::go_on;
use crate::references::References as Places;
use crate::stis::reference_files::{self, Wanted};
use crate::stis::wanted;
use crate::{Progress, Result};
use firstlight_calibrate::References;
use firstlight_calibrate::stis::SpectralSwitches;
use plan::Planned;
use rayon::prelude::*;
use run::{Done, Run};
use std::path::{Path, PathBuf};

pub use measured::StisMeasured;
pub use options::StisOptions;
pub(crate) use run::measure;

/// Frames that an exposure takes in memory while it is in work, for each of its own.
const FRAMES: u64 = 4;

/// Exposures that can be calibrated: everything that can be known before any work is.
pub(super) struct Prepared {
    plan: Vec<Planned>,
    files: Vec<Files>,
    /// Taken away where nothing comes into it.
    pub(super) folders: NewFolders,
}

/// The reference files of an exposure and of its wavecal.
#[derive(Default)]
pub(super) struct Files {
    science: References,
    lamp: References,
}

/// What became of all exposures.
#[derive(Default)]
pub(super) struct Made {
    pub(super) products: Vec<CalibratedProduct>,
    pub(super) notes: Vec<String>,
    pub(super) failed: Vec<Failure>,
}

impl Prepared {
    /// Plans, opens the reference files, and checks the outputs.
    pub(super) fn of(inputs: &[PathBuf], options: &CalibrateOptions) -> Result<Self> {
        let plan = plan::plan(inputs, options)?;
        let files = open(&plan, options)?;
        let outputs: Vec<PathBuf> = plan
            .iter()
            .flat_map(|planned| planned.files(options.keep_intermediates))
            .collect();
        let lamps = plan.iter().filter_map(|planned| planned.lamp.as_ref());
        let mut inputs: Vec<&Path> = lamps.map(|lamp| lamp.path.as_path()).collect();
        inputs.extend(plan.iter().map(|planned| planned.path.as_path()));
        let folder = plan
            .first()
            .map_or(Path::new("."), |first| folder_of(&first.root));
        let folders = check_files(&outputs, &inputs, folder, options)?;
        Ok(Self { plan, files, folders })
    }

    /// Units of progress.
    pub(super) fn units(&self) -> u64 {
        self.plan.iter().map(run::units).sum()
    }

    /// Calibrates as many exposures at once as fit into memory.
    pub(super) fn run(self, options: &CalibrateOptions, progress: &dyn Progress) -> Result<Made> {
        let run = Run { options, progress };
        let largest = self.plan.iter().map(|planned| planned.pixels).max().unwrap_or(1);
        let bytes = largest.saturating_mul(PIXEL_BYTES * FRAMES).max(1);
        let fit = usize::try_from(options.memory() / bytes).unwrap_or(usize::MAX);
        let width = fit.clamp(1, rayon::current_num_threads());
        let mut results: Vec<(PathBuf, Result<Done>)> = Vec::with_capacity(self.plan.len());
        for (plan, files) in self.plan.chunks(width).zip(self.files.chunks(width)) {
            let done = plan.par_iter().zip(files).map(|(planned, files)| {
                let made = run.exposure(planned, files);
                (planned.path.clone(), made)
            });
            results.extend(done.collect::<Vec<_>>());
        }
        go_on(progress)?;
        let (done, failed) = sort_out(results)?;
        let mut made = Made {
            notes: self.plan.into_iter().flat_map(|planned| planned.notes).collect(),
            failed,
            ..Made::default()
        };
        for done in done {
            made.products.extend(done.products);
            made.notes.extend(done.notes);
            made.failed.extend(done.failed);
        }
        Ok(made)
    }
}

/// Opens the reference files of all exposures and wavecals; all that are missing are told of at once.
fn open(plan: &[Planned], options: &CalibrateOptions) -> Result<Vec<Files>> {
    let places = Places::of_process().with_folder(options.ref_dir.clone());
    let mut missing: Vec<MissingReference> = Vec::new();
    let mut all = Vec::with_capacity(plan.len());
    for planned in plan {
        let science = (planned.path.as_path(), &planned.primary);
        let mut files = Files {
            science: reference_files::open(science, &by_science(planned, options), &places, &mut missing)?,
            ..Files::default()
        };
        if let Some(lamp) = &planned.lamp {
            let mut wanted = wanted::by_wavecal();
            if lamp.is_raw() {
                wanted.extend(wanted::by_basic2d(
                    &lamp.primary,
                    options.stis.darkfile.as_deref(),
                ));
            }
            let lamp = (lamp.path.as_path(), &lamp.primary);
            files.lamp = reference_files::open(lamp, &wanted, &places, &mut missing)?;
        }
        all.push(files);
    }
    reference_files::refuse(missing)?;
    let paths: Vec<PathBuf> = all
        .iter()
        .flat_map(|files| files.science.paths().chain(files.lamp.paths()))
        .collect();
    verify_all(paths.iter().collect())?;
    Ok(all)
}

fn by_science<'a>(planned: &Planned, options: &'a CalibrateOptions) -> Vec<Wanted<'a>> {
    let does = &planned.does;
    let switches = SpectralSwitches::of(&planned.primary);
    let mut wanted = wanted::by_basic2d(&planned.primary, options.stis.darkfile.as_deref());
    if does.rejects && !options.acsrej.is_complete() {
        wanted.push(Wanted::new(
            "CRCORR",
            "CRREJTAB",
            options.acsrej.crrejtab.as_deref(),
        ));
    }
    if does.x2d {
        wanted.extend(wanted::by_x2d(&switches));
    }
    if does.x1d {
        wanted.extend(wanted::by_x1d(&switches));
    }
    wanted
}
