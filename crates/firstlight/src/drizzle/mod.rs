//! AstroDrizzle: exposures cleaned of cosmic rays and combined on one grid.

pub mod grid;
mod inputs;
mod intermediates;
mod log;
mod mdriztab;
mod originals;
mod products;
mod sky_masks;
mod write_back;

use crate::output::{folder_of, refuse_beyond_disk};
use crate::updatewcs::renew;
use crate::{Progress, Result};
use firstlight_mosaic::{Mosaic, OutputGrid};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Instant;

pub use firstlight_mosaic::{
    Bits, Bytes, ChipFindings, DrizzleOptions, FinalUnits, InputStatus, Kernel, Outcome, Step, StepOutcome,
    StepStatus, WeightScale, WeightType,
};

/// What was made, and of what.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DrizzleReport {
    /// The files that were written.
    pub products: Products,
    /// The output grid.
    pub grid: OutputGrid,
    /// Total exposure time.
    pub exptime_s: f64,
    /// BUNIT of the image.
    pub unit: String,
    /// What became of each input.
    pub inputs: Vec<InputStatus>,
    /// What became of each step, and how long it took.
    pub steps: Vec<StepStatus>,
    /// What the steps found of each image.
    pub images: Vec<ChipFindings>,
    /// Files of what lies between the steps, where they were asked for.
    pub intermediates: Vec<PathBuf>,
    /// What may not be meant: exposures of several detectors or filters in one product.
    pub notes: Vec<String>,
}

/// The files of one combination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Products {
    /// The image; with `build` the one product with all extensions. `None` where the combination was switched off.
    pub sci: Option<PathBuf>,
    /// The weight, where it is a file of its own.
    pub wht: Option<PathBuf>,
    /// The context, where it was asked for and is a file of its own.
    pub ctx: Option<PathBuf>,
    /// The error, where it was asked for and is a file of its own.
    pub err: Option<PathBuf>,
}

impl Products {
    /// The image's path; empty where there is none.
    pub fn image(&self) -> &Path {
        self.sci.as_deref().unwrap_or(Path::new(""))
    }

    /// All files.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let all = [&self.sci, &self.wht, &self.ctx, &self.err];
        all.into_iter().filter_map(|path| path.as_deref())
    }
}

/// Combines exposures as AstroDrizzle does, with all its steps, and writes the products.
///
/// `inputs` are calibrated exposures (`_flt`, `_flc`, `_crj`), association tables, whose members are looked for
/// beside them, and lists of these, `@list`, whose second column may name maps of inverse variance. Inputs are not
/// changed unless `options.write_dq` or `options.updatewcs` say so. Products stand where `options.output` says, else in the current folder; each is complete or not there.
///
/// # Errors
/// [`crate::Error::OutputExists`] before any work where a product is there and `overwrite` is not set, and
/// [`crate::Error::DiskTooSmall`] where the products do not fit on their disk; a missing member, which is named with those that are there; everything that [`Mosaic::plan`], [`Mosaic::astrodrizzle`] and
/// [`Mosaic::combine`] refuse.
pub fn drizzle(
    inputs: &[PathBuf],
    options: &DrizzleOptions,
    progress: &dyn Progress,
) -> Result<DrizzleReport> {
    options.check()?;
    let named = inputs::files(inputs)?;
    let tabulated = mdriztab::applied(&named.files, options)?;
    let options = tabulated.as_ref().unwrap_or(options);
    options.check()?;
    let clock = Instant::now();
    let mut resolved = inputs::resolve(&named, options)?;
    before_any_work(&resolved, options)?;
    let restored = originals::manage(&named.files, options)?;
    if options.updatewcs {
        renew(&named.files, options.ref_dir.clone(), progress)?;
    }
    if restored || options.updatewcs {
        // Other files than were opened.
        resolved = inputs::resolve(&named, options)?;
    }
    let files = products::Files::new(&resolved, options);
    let mut mosaic = Mosaic::plan(&resolved.members, options)?;
    if let Some(sci) = &files.products.sci {
        refuse_beyond_disk(folder_of(sci), mosaic.product_bytes())?;
    }
    let mut log = log::Log::begin(&resolved, options, clock)?;
    let keeper = intermediates::Keeper::new(&resolved, options, progress);
    let mut steps = mosaic.astrodrizzle(&keeper)?;
    progress.finish();
    let intermediates = keeper.finish()?;
    let clock = Instant::now();
    let (unit, inputs) = combine(&mosaic, options, &files, progress)?;
    steps.push(StepStatus {
        step: Step::Combine,
        outcome: if options.driz_combine {
            StepOutcome::Done
        } else {
            StepOutcome::Off
        },
        seconds: clock.elapsed().as_secs_f64(),
    });
    if options.write_dq {
        write_back::write_back(&mosaic, &resolved.members, options)?;
    }
    let report = DrizzleReport {
        grid: mosaic.grid(),
        exptime_s: mosaic.exptime_s,
        images: mosaic.findings(),
        products: files.products,
        unit,
        inputs,
        steps,
        intermediates,
        notes: [inputs::notes(&resolved.members, options), resolved.notes].concat(),
    };
    log.finish(&report)?;
    Ok(report)
}

fn before_any_work(resolved: &inputs::Resolved, options: &DrizzleOptions) -> Result<()> {
    products::Files::new(resolved, options).check(options)?;
    write_back::check(&resolved.members, options)
}

/// Step 7 and its products, unless it is switched off.
fn combine(
    mosaic: &Mosaic,
    options: &DrizzleOptions,
    files: &products::Files,
    progress: &dyn Progress,
) -> Result<(String, Vec<InputStatus>)> {
    if !options.driz_combine {
        return Ok((String::new(), mosaic.inputs.clone()));
    }
    progress.start("Final Drizzle", Some(mosaic.grid().ny as u64));
    let written = products::write(mosaic, options, files, progress);
    progress.finish();
    written
}
