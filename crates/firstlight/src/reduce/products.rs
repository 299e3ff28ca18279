//! Frames of the sky, reduced.

use super::calibrating::{Calibrated, Calibrating, Task, used};
use super::plan::Masters;
use super::record::Record;
use super::statistics::{Statistics, figure, samples};
use super::{ReducedFrame, figure_path};
use crate::Result;
use crate::input::Failure;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What is found out about a frame when it is reduced.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Found {
    unit: String,
    steps: Vec<String>,
    dark_factor: Option<f64>,
    fringe_scale: Option<f64>,
    fringe_scale_error: Option<f64>,
    cosmic_rays: Option<u64>,
    masked: u64,
    before: Statistics,
    after: Statistics,
}

/// Reduces all frames whose products are not as they would be made.
pub(super) fn reduce(
    tasks: &[Task],
    masters: &Masters,
    calibrating: &Calibrating<'_>,
    (folder, record): (&Path, &mut Record),
    failed: &mut Vec<Failure>,
) -> Result<Vec<ReducedFrame>> {
    let products = folder.join("reduced");
    let path = |task: &Task| products.join(calibrating.place(task.frame));
    let still: Vec<Option<Found>> = tasks
        .iter()
        .map(|task| {
            record.still(
                &path(task),
                &calibrating.sources(task, masters),
                &calibrating.how(task),
            )
        })
        .collect();
    let anew: Vec<Task> = tasks
        .iter()
        .zip(&still)
        .filter(|(_, still)| still.is_none())
        .map(|(task, _)| task.clone())
        .collect();
    let (done, not) = calibrating.run(&anew, masters, &products)?;
    failed.extend(not);
    let looked = look(&done, calibrating, folder)?;
    let mut reduced = Vec::new();
    for (task, still) in tasks.iter().zip(still) {
        let up_to_date = still.is_some();
        let made = || {
            looked
                .iter()
                .find(|(frame, _)| *frame == task.frame)
                .map(|(_, found)| found.clone())
        };
        let Some(found) = still.or_else(made) else {
            continue;
        };
        if !up_to_date {
            record.note(
                &path(task),
                &calibrating.sources(task, masters),
                &calibrating.how(task),
                &found,
            );
        }
        reduced.push(told(task, path(task), (found, up_to_date), masters, calibrating));
    }
    record.save()?;
    Ok(reduced)
}

/// Compares products with what they were made of, and draws both.
fn look(done: &[Calibrated], calibrating: &Calibrating<'_>, folder: &Path) -> Result<Vec<(usize, Found)>> {
    let progress = calibrating.progress;
    progress.start("looking at frames", Some(done.len() as u64));
    let found: Vec<Result<(usize, Found)>> = done
        .par_iter()
        .map(|(frame, product)| {
            crate::progress::go_on(progress)?;
            let (raw, reduced) = (samples(&product.input)?, samples(&product.path)?);
            if !calibrating.options.no_page {
                let picture = figure(&[("raw", &raw), ("reduced", &reduced)])?;
                firstlight_look::write(&figure_path(folder, &product.path), &picture)?;
            }
            progress.advance(1);
            let report = &product.report;
            let fringe = report.fringe.as_ref();
            let found = Found {
                unit: product.unit.clone(),
                steps: product.steps.clone(),
                dark_factor: product.dark_factor,
                fringe_scale: fringe.map(|fringe| fringe.scale),
                fringe_scale_error: fringe.and_then(|fringe| fringe.scale_error),
                cosmic_rays: report.cosmic_rays.as_ref().map(|rays| rays.pixels as u64),
                masked: report.masked as u64,
                before: Statistics::of(&raw),
                after: Statistics::of(&reduced),
            };
            Ok((*frame, found))
        })
        .collect();
    progress.finish();
    found.into_iter().collect()
}

fn told(
    task: &Task,
    path: PathBuf,
    (found, up_to_date): (Found, bool),
    masters: &Masters,
    calibrating: &Calibrating<'_>,
) -> ReducedFrame {
    let frame = &calibrating.frames[task.frame];
    let [bias, dark, flat, fringe] =
        used(task.matched, masters).map(|master| master.map(|master| master.path.clone()));
    ReducedFrame {
        input: frame.path.clone(),
        path,
        night: frame.night,
        object: frame.object.clone(),
        filter: frame.filter.clone(),
        exptime_s: frame.exptime_s,
        temperature_c: frame.temperature_c,
        bias,
        dark,
        dark_factor: found.dark_factor,
        flat,
        fringe,
        fringe_scale: found.fringe_scale,
        fringe_scale_error: found.fringe_scale_error,
        cosmic_rays: found.cosmic_rays,
        unit: found.unit,
        steps: found.steps,
        masked: found.masked,
        before: found.before,
        after: found.after,
        up_to_date,
    }
}
