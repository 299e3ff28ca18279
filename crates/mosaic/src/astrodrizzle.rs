//! The seven steps of AstroDrizzle in their order, and which of them run.

use crate::sky::SkyValue;
use crate::static_mask::StaticReport;
use crate::watch::{Kept, Watch};
use crate::{Mosaic, Result};
use serde::Serialize;
use std::fmt;
use std::time::Instant;

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// 1: pixels that are bad in all exposures of a detector.
    StaticMask,
    /// 2: the sky of each exposure.
    Sky,
    /// 3: each exposure drizzled by itself.
    Separate,
    /// 4: their median.
    Median,
    /// 5: the median brought back to the pixels of each chip.
    Blot,
    /// 6: cosmic rays.
    CosmicRays,
    /// 7: the combination of all exposures.
    Combine,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Step::StaticMask => "Static Mask",
            Step::Sky => "Subtract Sky",
            Step::Separate => "Separate Drizzle",
            Step::Median => "Create Median",
            Step::Blot => "Blot",
            Step::CosmicRays => "Driz_CR",
            Step::Combine => "Final Drizzle",
        })
    }
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", content = "reason", rename_all = "lowercase")]
pub enum StepOutcome {
    /// It ran.
    Done,
    /// It ran although it was switched off: a later one needs it.
    Needed(String),
    /// It was switched off.
    Off,
    /// It was switched on, but could not run.
    Skipped(String),
}

/// A line of the table of steps.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepStatus {
    /// The step.
    pub step: Step,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: StepOutcome,
    /// Elapsed time.
    pub seconds: f64,
}

/// What the steps found of each image, in the order of the inputs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChipFindings {
    /// The file.
    pub path: std::path::PathBuf,
    /// EXTVER of its SCI image.
    pub version: i64,
    /// What it gave to the static mask.
    pub static_mask: Option<StaticReport>,
    /// Its sky.
    pub sky: Option<SkyValue>,
    /// Pixels that are cosmic rays.
    pub cosmic_rays: Option<usize>,
}

impl Mosaic<'_> {
    /// The steps before the combination: what they find is kept here and counts in [`Mosaic::combine`], which is the
    /// seventh. Nothing is written, and inputs are not changed.
    ///
    /// A step that a later one needs runs though it is switched off; with one exposure the median and what follows
    /// are left out. Images without overlap have no cosmic rays found in them. The same bits come out for any number
    /// of threads and any limit of memory.
    ///
    /// # Errors
    /// Those of the steps, and whatever reading meets.
    pub fn astrodrizzle(&mut self, watch: &dyn Watch) -> Result<Vec<StepStatus>> {
        let wanted = Wanted::of(self, watch.keeps());
        let mut table = Table::default();
        table.run(Step::StaticMask, &wanted.static_mask, || {
            self.find_static_masks(watch)
        })?;
        table.run(Step::Sky, &wanted.sky, || self.measure_sky(watch))?;
        if !runs(&wanted.sky) {
            self.recorded_sky()?;
        }
        let grid = self.single_grid()?;
        let singles = table.run(Step::Separate, &wanted.separate, || {
            self.make_singles(&grid, watch)
        })?;
        let median = match singles {
            Some(singles) => table.run(Step::Median, &wanted.median, || {
                self.make_median(&grid, singles, watch)
            })?,
            None => table.run(Step::Median, &wanted.median, || Ok(None))?,
        };
        match median.flatten() {
            Some(median) => {
                let find = runs(&wanted.cosmic_rays);
                let times = self.find_cosmic_rays(&grid, &median, find, watch)?;
                table.add(Step::Blot, &wanted.blot, times.blot_s);
                table.add(Step::CosmicRays, &wanted.cosmic_rays, times.cosmic_rays_s);
            }
            None => {
                let reason = "no two exposures have good pixels in common";
                let unless = |wanted: &StepOutcome| match wanted {
                    StepOutcome::Done | StepOutcome::Needed(_) => StepOutcome::Skipped(reason.to_owned()),
                    other => other.clone(),
                };
                table.add(Step::Blot, &unless(&wanted.blot), 0.0);
                table.add(Step::CosmicRays, &unless(&wanted.cosmic_rays), 0.0);
            }
        }
        Ok(table.lines)
    }

    /// What the steps found of each image.
    pub fn findings(&self) -> Vec<ChipFindings> {
        let of_chip = |chip: &crate::chip::Chip| ChipFindings {
            path: chip.file().path().to_owned(),
            version: chip.imset.version,
            static_mask: chip.static_report.clone(),
            sky: chip.sky_value,
            cosmic_rays: chip.cosmic_rays.as_ref().map(crate::BitMask::count),
        };
        self.chips.iter().map(of_chip).collect()
    }

    /// How many exposures take part.
    pub fn exposures(&self) -> usize {
        self.chips.iter().map(|chip| chip.exposure + 1).max().unwrap_or(0)
    }

    /// Gives the masks of cosmic rays away one by one, in the order of the images, as [`Kept::CosmicRays`].
    ///
    /// # Errors
    /// What `keep` returns.
    pub fn each_cosmic_rays(&self, keep: &mut dyn FnMut(Kept<'_>) -> Result<()>) -> Result<()> {
        for chip in &self.chips {
            if let Some(mask) = &chip.cosmic_rays {
                keep(Kept::CosmicRays {
                    path: chip.file().path(),
                    imset: chip.imset,
                    mask,
                })?;
            }
        }
        Ok(())
    }
}

/// What is to become of each step.
struct Wanted {
    static_mask: StepOutcome,
    sky: StepOutcome,
    separate: StepOutcome,
    median: StepOutcome,
    blot: StepOutcome,
    cosmic_rays: StepOutcome,
}

impl Wanted {
    fn of(mosaic: &Mosaic, keeps: bool) -> Self {
        let options = &mosaic.options;
        let switched = |on: bool| if on { StepOutcome::Done } else { StepOutcome::Off };
        let alone = mosaic.exposures() < 2;
        let pair = |on: bool, needed_by: Option<&str>| match (on, needed_by) {
            (true, _) | (false, Some(_)) if alone => {
                if on {
                    StepOutcome::Skipped("it needs two exposures".to_owned())
                } else {
                    StepOutcome::Off
                }
            }
            (false, Some(step)) => StepOutcome::Needed(format!("{step} needs it")),
            (on, _) => switched(on),
        };
        // What nobody looks at is not made.
        let useful = |wanted: StepOutcome, followed: bool| match wanted {
            StepOutcome::Done if !followed && !keeps => {
                StepOutcome::Skipped("nothing follows that needs it".to_owned())
            }
            wanted => wanted,
        };
        let cosmic_rays = pair(options.driz_cr, None);
        let blot = pair(options.blot, runs(&cosmic_rays).then_some("driz_cr"));
        let blot = useful(blot, runs(&cosmic_rays));
        let median = useful(pair(options.median, runs(&blot).then_some("blot")), runs(&blot));
        let separate = match options.separate.driz_separate {
            false if runs(&median) => StepOutcome::Needed("median needs it".to_owned()),
            on => useful(switched(on), runs(&median)),
        };
        Self {
            static_mask: switched(options.static_mask.static_step),
            sky: switched(options.sky.skysub),
            separate,
            median,
            blot,
            cosmic_rays,
        }
    }
}

fn runs(outcome: &StepOutcome) -> bool {
    matches!(outcome, StepOutcome::Done | StepOutcome::Needed(_))
}

#[derive(Default)]
struct Table {
    lines: Vec<StepStatus>,
}

impl Table {
    /// Runs a step if it is wanted, and notes how long that took.
    fn run<T>(
        &mut self,
        step: Step,
        wanted: &StepOutcome,
        run: impl FnOnce() -> Result<T>,
    ) -> Result<Option<T>> {
        let start = Instant::now();
        let made = if runs(wanted) { Some(run()?) } else { None };
        self.add(step, wanted, start.elapsed().as_secs_f64());
        Ok(made)
    }

    fn add(&mut self, step: Step, wanted: &StepOutcome, seconds: f64) {
        self.lines.push(StepStatus {
            step,
            outcome: wanted.clone(),
            seconds: if runs(wanted) { seconds } else { 0.0 },
        });
    }
}
