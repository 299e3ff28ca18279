//! Combining exposures on one grid.

mod inputs;
mod products;

use crate::{Progress, Result};
use firstlight_mosaic::{Mosaic, OutputGrid};
use serde::Serialize;
use std::path::{Path, PathBuf};

pub use firstlight_mosaic::{
    Bits, Bytes, DrizzleOptions, FinalUnits, InputStatus, Kernel, Outcome, WeightScale, WeightType,
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
    /// What may not be meant: exposures of several detectors or filters in one product.
    pub notes: Vec<String>,
}

/// The files of one combination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Products {
    /// The image; with `build` the one product with all extensions.
    pub sci: PathBuf,
    /// The weight, where it is a file of its own.
    pub wht: Option<PathBuf>,
    /// The context, where it was asked for and is a file of its own.
    pub ctx: Option<PathBuf>,
    /// The error, where it was asked for and is a file of its own.
    pub err: Option<PathBuf>,
}

impl Products {
    /// All files.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let others = [&self.wht, &self.ctx, &self.err];
        std::iter::once(self.sci.as_path()).chain(others.into_iter().filter_map(|path| path.as_deref()))
    }
}

/// Combines exposures as AstroDrizzle's last step does, and writes the products.
///
/// `inputs` are calibrated exposures (`_flt`, `_flc`, `_crj`) and association tables, whose members are looked
/// for beside them. Inputs are not changed. Products stand where `options.output` says, else in the current
/// folder; each is complete or not there.
///
/// # Errors
/// [`crate::Error::OutputExists`] before any work where a product is there and `overwrite` is not set; a missing
/// member, which is named with those that are there; everything that [`Mosaic::plan`] and [`Mosaic::combine`] refuse.
pub fn drizzle(
    inputs: &[PathBuf],
    options: &DrizzleOptions,
    progress: &dyn Progress,
) -> Result<DrizzleReport> {
    options.check()?;
    let resolved = inputs::resolve(inputs, options)?;
    let files = products::Files::new(&resolved, options);
    files.check(options.overwrite)?;
    let mosaic = Mosaic::plan(&resolved.members, options)?;
    let grid = mosaic.grid();
    progress.start("drizzling", Some(grid.ny as u64));
    let written = products::write(&mosaic, options, &files, progress);
    progress.finish();
    let (unit, inputs) = written?;
    Ok(DrizzleReport {
        products: files.products,
        grid,
        exptime_s: mosaic.exptime_s,
        unit,
        inputs,
        notes: inputs::mixture(&resolved.members),
    })
}
