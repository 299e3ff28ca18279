//! Choosing pixfrac: exposures cleaned once, combined with many values, and the values judged.

mod figures;
mod gather;
mod judge;
mod look;
mod missing;
mod options;
mod page;
mod places;
mod reached;
mod search;
mod stars;
mod values;

pub use judge::{BoxWeight, Several, Trial};
pub use options::GridOptions;
pub use places::{Area, PixelBox, Spot};
pub use stars::StarShape;
pub use values::Values;

use super::{DrizzleOptions, Products, inputs, intermediates, products};
use crate::output::refuse_existing;
use crate::{Progress, Result};
use firstlight_mosaic::{Mosaic, OutputGrid, StepStatus};
use gather::Seen;
use look::Found;
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;

/// What was tried, how it fared, and what is recommended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GridReport {
    /// All combinations, scale by scale and kernel by kernel, with pixfrac ascending.
    pub trials: Vec<Trial>,
    /// Which of them is recommended.
    pub best: Option<usize>,
    /// Whether it passes all tests.
    pub passes: bool,
    /// Why, in words: the faults of the others, and last what is recommended.
    pub reasons: Vec<String>,
    /// What is tried besides pixfrac.
    pub several: Several,
    /// The output grids.
    pub grids: Vec<OutputGrid>,
    /// The boxes on the first of them.
    pub boxes: Vec<PixelBox>,
    /// The stars.
    pub stars: Vec<Star>,
    /// Exposures that took part.
    pub exposures: usize,
    /// The steps before the combinations.
    pub steps: Vec<StepStatus>,
    /// Time that all combinations took.
    pub seconds: f64,
    /// The page with all figures.
    pub page: PathBuf,
    /// The figures: the weight, the shapes, and the pictures of stars where there are any.
    pub figures: Vec<PathBuf>,
    /// The products of each trial, with `keep`.
    pub products: Vec<Products>,
    /// What may not be meant.
    pub notes: Vec<String>,
}

impl GridReport {
    /// The combination that is recommended.
    pub fn recommended(&self) -> Option<&Trial> {
        self.best.and_then(|best| self.trials.get(best))
    }
}

/// A star that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Star {
    /// Column on the first output grid, 0-based.
    pub x: f64,
    /// Row.
    pub y: f64,
    /// Right ascension, degrees.
    pub ra_deg: f64,
    /// Declination, degrees.
    pub dec_deg: f64,
}

/// Combines exposures with many values of `final_pixfrac`, and recommends one of them.
///
/// The steps before the combination run once; then each value's weight and stars are measured while its rows go by,
/// and nothing of it is written unless `options.keep` asks for it. A value is recommended by three tests: no pixel of
/// the common footprint is missing that larger drops reach; the weight is even, its standard deviation over its median
/// in the boxes within [`GridOptions::max_rms`]; and the stars are as round as with other values. The smallest value
/// that passes all is the best. Beside the report a page and figures are written, ROOT_grid.html and so on.
///
/// # Errors
/// As [`super::drizzle`]; [`Error::Usage`] for values out of range, and for boxes and stars that are not on the output.
pub fn drizzle_grid(
    inputs: &[PathBuf],
    options: &GridOptions,
    progress: &dyn Progress,
) -> Result<GridReport> {
    options.check()?;
    let named = inputs::files(inputs)?;
    let tabulated = super::mdriztab::applied(&named.files, &options.drizzle)?;
    let options = &GridOptions {
        drizzle: tabulated.unwrap_or_else(|| options.drizzle.clone()),
        ..options.clone()
    };
    options.check()?;
    let resolved = inputs::resolve(&named, &options.drizzle)?;
    let files = Files::new(&resolved, options)?;
    let layouts = options.grids();
    let first = layouts.first().unwrap_or(&options.drizzle);
    let mut mosaic = Mosaic::plan(&resolved.members, first)?;
    // What is not on any of the outputs is told of before the work.
    for layout in &layouts {
        mosaic.lay_out(layout)?;
    }
    mosaic.lay_out(first)?;
    let first_grid = mosaic.wcs.clone();
    for area in &options.boxes {
        area.on(&first_grid, &first_grid)?;
    }
    for spot in &options.stars {
        spot.stamp(&first_grid, options.stamp_half)?;
    }
    let keeper = intermediates::Keeper::new(&resolved, &options.drizzle, progress);
    let steps = mosaic.astrodrizzle(&keeper)?;
    progress.finish();
    keeper.finish()?;
    let clock = Instant::now();
    let spots = match options.stars.is_empty() {
        true => search::stars(&mut mosaic, first, options, progress)?,
        false => options.stars.clone(),
    };
    let mut found = Found::new(spots);
    for layout in &layouts {
        mosaic.lay_out(layout)?;
        found.look(&mosaic, &first_grid, options, progress)?;
    }
    judge::test(&mut found.trials, options);
    let best = judge::best(&found.trials);
    let several = Several {
        kernels: options.kernels().len() > 1,
        scales: layouts.len() > 1,
    };
    let mut notes = [
        inputs::notes(&resolved.members, &options.drizzle),
        resolved.notes.clone(),
    ]
    .concat();
    notes.append(&mut found.notes);
    if mosaic.exposures() < 2 {
        notes.push(
            "there is one exposure alone: without dithers only drops of whole pixels fill the output"
                .to_owned(),
        );
    }
    let mut report = GridReport {
        reasons: judge::reasons(&found.trials, best, several, options),
        passes: best
            .and_then(|best| found.trials.get(best))
            .is_some_and(Trial::passes),
        best,
        several,
        trials: found.trials,
        grids: found.grids,
        boxes: found.boxes,
        stars: found.stars,
        exposures: mosaic.exposures(),
        steps,
        seconds: clock.elapsed().as_secs_f64(),
        page: files.page.clone(),
        figures: Vec::new(),
        products: Vec::new(),
        notes,
    };
    draw(&mut report, &found.seen, &files, options)?;
    if options.keep {
        for (trial, kept) in files.kept.iter().enumerate() {
            mosaic.lay_out(&kept.options)?;
            progress.start(&format!("Product {}", trial + 1), Some(mosaic.grid().ny as u64));
            products::write(&mosaic, &kept.options, &kept.files, progress)?;
            progress.finish();
            report.products.push(kept.files.products.clone());
        }
    }
    Ok(report)
}

/// Draws the figures and writes the page.
fn draw(report: &mut GridReport, seen: &[Seen], files: &Files, options: &GridOptions) -> Result<()> {
    let drawn = page::Drawn {
        weights: figures::weights(report, options),
        shapes: figures::shapes(report),
    };
    let [weights, shapes, stars] = &files.figures;
    drawn.weights.png(weights)?;
    drawn.shapes.png(shapes)?;
    report.figures = vec![weights.clone(), shapes.clone()];
    if let Some(figure) = figures::stars(report, seen, options)? {
        figure.png(stars)?;
        report.figures.push(stars.clone());
    }
    page::make(report, &drawn, seen, options)?.write(&report.page)?;
    Ok(())
}

/// Where everything goes.
struct Files {
    page: PathBuf,
    figures: [PathBuf; 3],
    kept: Vec<Kept>,
}

/// The products of one combination.
struct Kept {
    options: DrizzleOptions,
    files: products::Files,
}

impl Files {
    /// Refuses to replace what is there before any work.
    fn new(resolved: &inputs::Resolved, options: &GridOptions) -> Result<Self> {
        let file = |end: &str| resolved.folder.join(format!("{}_grid{end}", resolved.root));
        let made = Self {
            page: file(".html"),
            figures: [file("_rms.png"), file("_shapes.png"), file("_stars.png")],
            kept: kept(resolved, options),
        };
        let all = made.figures.iter().chain([&made.page]);
        refuse_existing(all, options.drizzle.overwrite)?;
        for kept in &made.kept {
            kept.files.check(&kept.options)?;
        }
        Ok(made)
    }
}

/// Options and names of the products, in the order of the trials; none unless they are kept.
fn kept(resolved: &inputs::Resolved, options: &GridOptions) -> Vec<Kept> {
    if !options.keep {
        return Vec::new();
    }
    let (layouts, kernels) = (options.grids(), options.kernels());
    let mut all = Vec::new();
    for layout in &layouts {
        for kernel in &kernels {
            for pixfrac in options.pixfrac.numbers() {
                let mut root = resolved.root.clone();
                if let (Some(scale), true) = (layout.final_scale, layouts.len() > 1) {
                    root += &format!("_{}", judge::short(scale));
                }
                if kernels.len() > 1 {
                    root += &format!("_{}", kernel.name());
                }
                root += &format!("_{pixfrac}");
                let options = DrizzleOptions {
                    final_kernel: *kernel,
                    final_pixfrac: *pixfrac,
                    ..layout.clone()
                };
                let files = products::Files::named(resolved, &root, &options);
                all.push(Kept { options, files });
            }
        }
    }
    all
}
