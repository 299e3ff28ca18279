//! Choosing pixfrac: exposures cleaned once, combined with many values, and the values judged.

mod figures;
mod gather;
mod judge;
mod options;
mod page;
mod places;
mod stars;
mod values;

pub use judge::{BoxWeight, Several, Trial};
pub use options::GridOptions;
pub use places::{Area, PixelBox, Spot};
pub use stars::StarShape;
pub use values::Values;

use super::{DrizzleOptions, Products, inputs, intermediates, products};
use crate::output::refuse_existing;
use crate::{Error, Progress, Result};
use firstlight_mosaic::{Mosaic, OutputGrid, Rows, StepStatus, Way};
use firstlight_wcs::Wcs;
use gather::{Gatherer, Places, Seen};
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
    let (boxes, spots) = (&options.boxes, &options.stars);
    boxes
        .iter()
        .try_for_each(|area| area.on(&first_grid, &first_grid).map(drop))?;
    for spot in spots {
        on_grid(*spot, &first_grid, options.stamp_half)?;
    }
    let keeper = intermediates::Keeper::new(&resolved, &options.drizzle, progress);
    let steps = mosaic.astrodrizzle(&keeper)?;
    progress.finish();
    keeper.finish()?;
    let clock = Instant::now();
    let mut found = Found::default();
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
    let mut notes = inputs::notes(&resolved.members, &options.drizzle);
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

/// What is found on the grids one after the other.
#[derive(Default)]
struct Found {
    trials: Vec<Trial>,
    seen: Vec<Seen>,
    grids: Vec<OutputGrid>,
    boxes: Vec<PixelBox>,
    stars: Vec<Star>,
    notes: Vec<String>,
}

impl Found {
    /// Tries all kernels and values on the grid that is laid out.
    fn look(
        &mut self,
        mosaic: &Mosaic,
        first: &Wcs,
        options: &GridOptions,
        progress: &dyn Progress,
    ) -> Result<()> {
        // Pixels count on the first grid, which is recognised as itself.
        let grid = if self.grids.is_empty() { first } else { &mosaic.wcs };
        let ways: Vec<Way> = options
            .kernels()
            .into_iter()
            .flat_map(|kernel| {
                options
                    .pixfrac
                    .numbers()
                    .iter()
                    .map(move |pixfrac| (kernel, *pixfrac))
            })
            .map(|(kernel, pixfrac)| Way { kernel, pixfrac })
            .collect();
        let places = self.places(mosaic, (grid, first), &ways, options, progress)?;
        let gatherer = Gatherer::new(&places, ways.len());
        let (index, of) = (self.grids.len(), mosaic.grid());
        progress.start("Trials", Some((of.ny * ways.len()) as u64));
        mosaic.combine_each(
            &ways,
            &|way, rows: Rows| -> Result<()> {
                gatherer.take(way, &rows);
                Ok(())
            },
            &|rows| progress.advance(rows),
        )?;
        progress.finish();
        let footprint = places.coverage.common_pixels();
        for (way, seen) in ways.iter().zip(gatherer.finish()) {
            let trial = Trial::of(
                (index, of.scale_arcsec),
                (way.kernel, way.pixfrac),
                footprint,
                &seen,
                options.stamp_half,
            );
            self.trials.push(trial);
            self.seen.push(seen);
        }
        if self.grids.is_empty() {
            self.boxes = places.boxes;
        }
        self.grids.push(of);
        Ok(())
    }

    /// Where to look on a grid, given with the first one; stars are found on the first.
    fn places(
        &mut self,
        mosaic: &Mosaic,
        (grid, first): (&Wcs, &Wcs),
        ways: &[Way],
        options: &GridOptions,
        progress: &dyn Progress,
    ) -> Result<Places> {
        let mut coverage = mosaic.coverage()?;
        if coverage.common_pixels() == 0 {
            coverage.all.clone_from(&coverage.any);
            self.notes.push(
                "no pixel is in all exposures: what any of them covers is taken as the common footprint"
                    .to_owned(),
            );
            self.notes.dedup();
        }
        let boxes = match options.boxes.is_empty() {
            true => gather::boxes_in(&coverage.all),
            false => {
                let on = options.boxes.iter().map(|area| area.on(grid, first));
                on.collect::<Result<_>>()?
            }
        };
        if boxes.is_empty() {
            return Err(Error::Usage(
                "the exposures have too little in common for boxes to be laid: give some with box (--box)"
                    .to_owned(),
            ));
        }
        let spots = match (options.stars.is_empty(), self.stars.is_empty()) {
            (true, true) if self.grids.is_empty() => find_stars(mosaic, ways, options, progress)?,
            (true, _) => self
                .stars
                .iter()
                .map(|star| Spot::Sky(star.ra_deg, star.dec_deg))
                .collect(),
            (false, _) => options.stars.clone(),
        };
        let mut stamps = Vec::new();
        for spot in &spots {
            let (x, y) = spot.on(grid, first)?;
            stamps.push(on_grid(Spot::Pixel(x, y), grid, options.stamp_half)?);
            if self.grids.is_empty() {
                let (ra_deg, dec_deg) = grid.pixel_to_sky(x, y);
                self.stars.push(Star {
                    x,
                    y,
                    ra_deg,
                    dec_deg,
                });
            }
        }
        if spots.is_empty() && self.grids.is_empty() {
            let none = "no bright, isolated star was found: the third test, of their shapes, is left out";
            self.notes.push(none.to_owned());
        }
        Ok(Places {
            shape: grid.shape().unwrap_or((0, 0)),
            coverage,
            boxes,
            stamps,
        })
    }
}

/// Finds stars on the combination with the largest pixfrac, which has the fewest holes.
fn find_stars(
    mosaic: &Mosaic,
    ways: &[Way],
    options: &GridOptions,
    progress: &dyn Progress,
) -> Result<Vec<Spot>> {
    let kernel = ways.first().map(|way| way.kernel);
    let of_kernel = ways.iter().filter(|way| Some(way.kernel) == kernel);
    let Some(largest) = of_kernel.max_by(|a, b| a.pixfrac.total_cmp(&b.pixfrac)) else {
        return Ok(Vec::new());
    };
    if options.find_stars == 0 {
        return Ok(Vec::new());
    }
    let grid = mosaic.grid();
    progress.start("Finding stars", Some(grid.ny as u64));
    let image = std::sync::Mutex::new([vec![0.0_f32; grid.nx * grid.ny], vec![0.0_f32; grid.nx * grid.ny]]);
    mosaic.combine_each(
        &[*largest],
        &|_, rows: Rows| -> Result<()> {
            let samples = rows.first * grid.nx..rows.first * grid.nx + rows.sci.len();
            let mut image = image.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            for (plane, rows) in image.iter_mut().zip([&rows.sci, &rows.wht]) {
                if let Some(plane) = plane.get_mut(samples.clone()) {
                    plane.copy_from_slice(rows);
                }
            }
            Ok(())
        },
        &|rows| progress.advance(rows),
    )?;
    progress.finish();
    let [sci, wht] = image
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let found = stars::find(
        &sci,
        &wht,
        (grid.ny, grid.nx),
        (mosaic.detector_scale_arcsec(), grid.scale_arcsec),
        (options.find_stars, options.stamp_half),
    )?;
    Ok(found.into_iter().map(|(x, y)| Spot::Pixel(x, y)).collect())
}

/// The stamp of a star, which has to be wholly on the grid.
fn on_grid(spot: Spot, grid: &Wcs, half: usize) -> Result<PixelBox> {
    let (ny, nx) = grid.shape().unwrap_or((0, 0));
    let at = spot.on(grid, grid)?;
    PixelBox::around(at, half, (ny, nx)).ok_or_else(|| {
        Error::Usage(format!(
            "star {} is at {:.1},{:.1}, where there is no room for a picture of {half} pixels to each side on an output of {nx} columns and {ny} rows",
            String::from(spot),
            at.0,
            at.1
        ))
    })
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
