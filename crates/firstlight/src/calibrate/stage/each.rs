//! Opening what a stage works on, and checking all before any work.

use super::{StageOptions, StageProduct, StageReport};
use crate::calibrate::kept::PIXEL_BYTES;
use crate::calibrate::plan::{detector_of, pixels_of};
use crate::calibrate::reference_files::Asking;
use crate::calibrate::wanted::Stages;
use crate::calibrate::{options as defaults, product, reference_files, stages, switches};
use crate::input::sort_out;
use crate::output::{NewFolders, refuse_existing};
use crate::progress::go_on;
use crate::references::References as Places;
use crate::{Error, Progress, Result};
use firstlight_calibrate::acs::{Observation, References};
use firstlight_fits::{AtomicFile, Header, Overwrite};
use firstlight_frame::Exposure;
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// An exposure that a stage is to work on.
pub(super) struct Input {
    pub(super) path: PathBuf,
    pub(super) primary: Header,
    pub(super) pixels: u64,
    pub(super) stages: Stages,
    pub(super) target: PathBuf,
}

/// A stage that makes one product of each input.
pub(super) struct Verb<'a> {
    /// What progress calls it.
    pub(super) name: &'a str,
    /// Units of progress that the work on an exposure tells of itself, beside one for the whole.
    pub(super) told: u64,
    /// What reference files a primary header asks for.
    pub(super) stages: &'a dyn Fn(&Header) -> Stages,
    /// The official name of the product of an input.
    pub(super) product: &'a dyn Fn(&Path, &Header) -> String,
}

/// Puts each input through a stage, as many at once as fit into memory.
pub(super) fn each<T: Send>(
    verb: &Verb<'_>,
    inputs: &[PathBuf],
    options: &StageOptions,
    progress: &dyn Progress,
    work: impl Fn(&mut Observation, &References) -> Result<T> + Sync,
) -> Result<StageReport<T>> {
    let begin = Instant::now();
    let opened = open_inputs(verb, inputs, options)?;
    let references = references_of(&opened, options)?;
    let _folders = check_outputs(
        opened.iter().map(|input| &input.target),
        inputs,
        options.overwrite,
    )?;
    let one = |input: &Input, references: &References| {
        go_on(progress)?;
        let begin = Instant::now();
        let mut observation = stages::load(&input.path, &options.switch)?;
        let report = work(&mut observation, references)?;
        go_on(progress)?;
        product::write(&observation, &input.target, options.overwrite.into())?;
        progress.advance(1);
        Ok(StageProduct {
            path: input.target.clone(),
            inputs: vec![input.path.clone()],
            report,
            seconds: begin.elapsed().as_secs_f64(),
        })
    };
    progress.start(verb.name, Some(opened.len() as u64 * (verb.told + 1)));
    let mut results = Vec::new();
    let width = width(&opened, options);
    for (some, references) in opened.chunks(width).zip(references.chunks(width)) {
        let some = some.par_iter().zip(references);
        results.extend(
            some.map(|(input, references)| (input.path.clone(), one(input, references)))
                .collect::<Vec<_>>(),
        );
    }
    progress.finish();
    go_on(progress)?;
    let (products, failed) = sort_out(results)?;
    Ok(StageReport {
        products,
        failed,
        seconds: begin.elapsed().as_secs_f64(),
    })
}

/// How many inputs are in work at once.
fn width(inputs: &[Input], options: &StageOptions) -> usize {
    let largest = inputs.iter().map(|input| input.pixels).max().unwrap_or(1).max(1);
    let memory = options.max_memory.map_or(defaults::MEMORY, |limit| limit.0);
    let fit = memory / largest.saturating_mul(2 * PIXEL_BYTES).max(1);
    usize::try_from(fit)
        .unwrap_or(usize::MAX)
        .clamp(1, rayon::current_num_threads())
}

fn open_inputs(verb: &Verb<'_>, inputs: &[PathBuf], options: &StageOptions) -> Result<Vec<Input>> {
    switches::check_settings(&options.switch)?;
    let open = |path: &PathBuf| {
        let exposure = Exposure::open(path)?;
        let mut primary = exposure.primary().clone();
        detector_of(&primary, path)?;
        switches::apply(&mut primary, &options.switch, path)?;
        switches::check_words(&primary, path)?;
        Ok(Input {
            pixels: pixels_of(&exposure)?,
            stages: (verb.stages)(&primary),
            target: options.target(&(verb.product)(path, &primary), inputs.len()),
            path: path.clone(),
            primary,
        })
    };
    inputs.iter().map(open).collect()
}

fn references_of(inputs: &[Input], options: &StageOptions) -> Result<Vec<References>> {
    let asking = inputs.iter().map(|input| Asking {
        path: &input.path,
        primary: &input.primary,
        stages: input.stages,
        crrejtab: None,
    });
    let places = Places::of_process().with_folder(options.ref_dir.clone());
    reference_files::open(&asking.collect::<Vec<_>>(), &places)
}

/// Refuses to replace what is there, two products of one name, inputs as products, and a folder that cannot be written
/// to. Makes the folder where it is not there: it stays where products come into it.
pub(super) fn check_outputs<'a>(
    targets: impl Iterator<Item = &'a PathBuf> + Clone,
    inputs: &[PathBuf],
    overwrite: bool,
) -> Result<NewFolders> {
    let mut seen = std::collections::HashSet::new();
    if let Some(twice) = targets.clone().find(|target| !seen.insert(*target)) {
        return Err(Error::Usage(format!(
            "two inputs would become {}; give them one by one, with an output (--output) each",
            twice.display()
        )));
    }
    let of_input: Vec<PathBuf> = inputs
        .iter()
        .filter_map(|path| path.canonicalize().ok())
        .collect();
    let is_input = |target: &&PathBuf| target.canonicalize().is_ok_and(|path| of_input.contains(&path));
    if let Some(input) = targets.clone().find(is_input) {
        return Err(Error::Usage(format!(
            "{} is an input and would be replaced by the product; give another output (--output)",
            input.display()
        )));
    }
    refuse_existing(targets.clone(), overwrite)?;
    let mut made = NewFolders::default();
    for target in targets.take(1) {
        made = NewFolders::make(target.parent().unwrap_or(Path::new("")))?;
        // Dropped at once, the temporary file is gone again.
        AtomicFile::create(target, Overwrite::Replace)?;
    }
    Ok(made)
}
