//! Masters made of the frames of a night.

use super::calibrating::{Calibrating, Task, list};
use super::options::MasterKind;
use super::plan::{Master, Masters};
use super::record::Record;
use super::statistics::{Statistics, figure, samples};
use super::{MasterReport, figure_path};
use crate::Result;
use crate::ccd::CcdOpenOptions;
use crate::combine::{CombineOptions, UncertaintyName, combine};
use crate::input::{Failure, file_name};
use firstlight_stats::{median, min_max};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// A frame that a master was made without.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The file.
    pub file: PathBuf,
    /// Why.
    pub why: String,
}

/// What is found out about a master when it is made.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Found {
    frames: Vec<PathBuf>,
    left_out: Vec<LeftOut>,
    statistics: Statistics,
}

/// Makes the masters of a kind, as far as they are not as they would be made. Frames that cannot be read or lack a master
/// are added to `failed`; a master none of whose frames is left is marked as failed.
pub(super) fn make(
    kind: MasterKind,
    masters: &mut Masters,
    calibrating: &Calibrating<'_>,
    (folder, record): (&Path, &mut Record),
    failed: &mut Vec<Failure>,
) -> Result<Vec<MasterReport>> {
    let mut reports = Vec::new();
    for n in 0..list(masters, kind).len() {
        crate::progress::go_on(calibrating.progress)?;
        let master = list(masters, kind)[n].clone();
        let mut report = MasterReport::of(&master);
        if report.given {
            report.statistics = Some(Statistics::of(&samples(&master.path)?));
            reports.push(report);
            continue;
        }
        let (tasks, lacking) = calibrating.tasks(master.members.iter().copied(), masters);
        failed.extend(lacking);
        let making = Making {
            master: &master,
            masters,
            calibrating,
            tasks: &tasks,
        };
        match making.found((folder, &mut *record), failed)? {
            Ok((found, up_to_date)) => {
                report.up_to_date = up_to_date;
                report.frames = found.frames;
                report.left_out = found.left_out;
                report.statistics = Some(found.statistics);
            }
            Err((why, left_out)) => {
                report.left_out = left_out;
                report.failed = Some(why.clone());
                list(masters, kind)[n].failed = Some(why);
            }
        }
        reports.push(report);
    }
    Ok(reports)
}

/// A frame, and the file that goes into the master: itself, or what it became.
type Ready = (PathBuf, PathBuf);

struct Making<'a> {
    master: &'a Master,
    masters: &'a Masters,
    calibrating: &'a Calibrating<'a>,
    tasks: &'a [Task],
}

/// What was found, and whether nothing had to be made; or why there is no master, and which frames were left out.
type Outcome = Result<(Found, bool), (String, Vec<LeftOut>)>;

impl Making<'_> {
    fn found(&self, (folder, record): (&Path, &mut Record), failed: &mut Vec<Failure>) -> Result<Outcome> {
        let (path, how) = (&self.master.path, self.how());
        let mut sources: Vec<PathBuf> = self
            .tasks
            .iter()
            .flat_map(|task| self.calibrating.sources(task, self.masters))
            .collect();
        sources.sort();
        sources.dedup();
        if let Some(found) = record.still::<Found>(path, &sources, &how) {
            return Ok(Ok((found, true)));
        }
        let (lit, left_out) = self.lit()?;
        if lit.is_empty() {
            let why = match left_out.first() {
                Some(first) => format!(
                    "none of its frames can be used: {}: {}",
                    file_name(&first.file),
                    first.why
                ),
                None => "none of its frames can be used".to_owned(),
            };
            return Ok(Err((why, left_out)));
        }
        let (inputs, work) = self.calibrated(&lit, folder, failed)?;
        if inputs.is_empty() {
            return Ok(Err(("none of its frames can be used".to_owned(), left_out)));
        }
        let how_to_open = CcdOpenOptions::default();
        let files: Vec<PathBuf> = inputs.iter().map(|(_, file)| file.clone()).collect();
        let combined = combine(
            &files,
            path,
            (&self.combination(), &how_to_open),
            self.calibrating.progress,
        );
        drop(work);
        if let Err(error) = combined {
            crate::progress::go_on(self.calibrating.progress)?;
            failed.push(Failure::new(path, &error));
            return Ok(Err((error.to_string(), left_out)));
        }
        let image = samples(path)?;
        if !self.calibrating.options.no_page {
            let picture = figure(&[(&file_name(path), &image)])?;
            firstlight_look::write(&figure_path(folder, path), &picture)?;
        }
        let found = Found {
            frames: inputs.into_iter().map(|(frame, _)| frame).collect(),
            left_out,
            statistics: Statistics::of(&image),
        };
        record.note(path, &sources, &how, &found);
        record.save()?;
        Ok(Ok((found, false)))
    }

    /// What, beside the files, the master depends on.
    fn how(&self) -> Value {
        let options = self.calibrating.options;
        let frames: Vec<Value> = self.tasks.iter().map(|task| self.calibrating.how(task)).collect();
        json!({
            "method": options.method,
            "clip": options.clip,
            "clip_sigma": options.clip_sigma,
            "frames": frames,
        })
    }

    fn combination(&self) -> CombineOptions {
        let options = self.calibrating.options;
        CombineOptions {
            method: options.method,
            clip: options.clip.clone(),
            sigma_low: options.clip_sigma,
            sigma_high: options.clip_sigma,
            scale: (self.master.kind == MasterKind::Flat).then(|| "median".to_owned()),
            // Without the noise of single frames an error of the master would stand for that of all.
            uncertainty: match options.readnoise {
                Some(_) => UncertaintyName::Propagated,
                None => UncertaintyName::None,
            },
            max_memory: options.max_memory,
            overwrite: true,
            ..CombineOptions::default()
        }
    }

    /// The frames as files, calibrated as far as the kind asks for it, and the folder that holds those for the time being.
    fn calibrated(
        &self,
        tasks: &[Task],
        folder: &Path,
        failed: &mut Vec<Failure>,
    ) -> Result<(Vec<Ready>, Option<firstlight_fits::Scratch>)> {
        let path_of = |task: &Task| self.calibrating.frames[task.frame].path.clone();
        if tasks.iter().all(|task| self.calibrating.is_idle(task)) {
            return Ok((
                tasks.iter().map(|task| (path_of(task), path_of(task))).collect(),
                None,
            ));
        }
        let work = firstlight_fits::Scratch::beside(&folder.join("frames"))?;
        let (done, not) = self.calibrating.run(tasks, self.masters, work.path())?;
        failed.extend(not);
        let files = done
            .into_iter()
            .map(|(_, product)| (product.input, product.path))
            .collect();
        Ok((files, Some(work)))
    }

    /// Of flats those that are neither saturated nor dark; of other frames all.
    fn lit(&self) -> Result<(Vec<Task>, Vec<LeftOut>)> {
        if self.master.kind != MasterKind::Flat {
            return Ok((self.tasks.to_vec(), Vec::new()));
        }
        let limit = self.calibrating.options.saturation;
        let bias = |task: &Task| task.matched.bias.and_then(|n| self.masters.biases.get(n));
        let level_of_bias = self
            .tasks
            .first()
            .and_then(bias)
            .map(|bias| level(&bias.path))
            .transpose()?;
        let why: Vec<Result<Option<String>>> = self
            .tasks
            .par_iter()
            .map(|task| without_light(&self.calibrating.frames[task.frame].path, limit, level_of_bias))
            .collect();
        let (mut lit, mut left_out) = (Vec::new(), Vec::new());
        for (task, why) in self.tasks.iter().zip(why) {
            match why? {
                None => lit.push(task.clone()),
                Some(why) => left_out.push(LeftOut {
                    file: self.calibrating.frames[task.frame].path.clone(),
                    why,
                }),
            }
        }
        Ok((lit, left_out))
    }
}

fn level(path: &Path) -> Result<f64> {
    Ok(median(samples(path)?.as_slice()).unwrap_or(f64::NAN))
}

/// Why a flat is none: saturated, blank, or no brighter than the bias.
fn without_light(path: &Path, saturation: Option<f64>, bias: Option<f64>) -> Result<Option<String>> {
    let image = samples(path)?;
    let (Ok(level), Ok((_, most))) = (median(image.as_slice()), min_max(image.as_slice())) else {
        return Ok(Some("none of its samples is a number".to_owned()));
    };
    if level >= most {
        return Ok(Some(format!(
            "most of its samples are {most}, its largest: it is saturated, or blank"
        )));
    }
    if let Some(limit) = saturation.filter(|limit| level >= *limit) {
        return Ok(Some(format!(
            "its median is {level}: most of it is saturated ({limit} or more)"
        )));
    }
    if let Some(bias) = bias.filter(|bias| level <= *bias) {
        return Ok(Some(format!(
            "its median, {level}, is not above that of the bias, {bias}: it has no light"
        )));
    }
    Ok(None)
}
