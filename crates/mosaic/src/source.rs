//! A chip on its way to a grid.

use crate::blocks::{Blocks, Part, Reach};
use crate::chip::Chip;
use crate::map::Map;
use crate::weight::{self, Piece, Weigher, Weighing};
use crate::{Result, WeightScale, Window};
use firstlight_drizzle::{
    Accumulator, DropOptions, InUnits, Input, Kernel, LeastPixfrac, PixelMapping, Rules, drizzle_block,
};
use firstlight_wcs::Wcs;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// How chips are drizzled onto a grid.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Drizzling<'g> {
    /// The grid.
    pub(crate) wcs: &'g Wcs,
    /// As in [`crate::DrizzleOptions`].
    pub(crate) stepsize: u32,
    pub(crate) kernel: Kernel,
    pub(crate) pixfrac: f64,
    pub(crate) wt_scl: WeightScale,
    pub(crate) weighing: Weighing,
}

/// A chip with all that drizzling it takes.
pub(crate) struct Source<'c> {
    image: usize,
    weigher: Weigher<'c>,
    map: Map,
    drop: DropOptions,
    blocks: Blocks,
    /// Whether any of it falls on the output.
    reached: AtomicBool,
    /// Whether it has a finite sample with weight there.
    good: AtomicBool,
}

impl<'c> Source<'c> {
    /// The `image`-th of those that share an output.
    pub(crate) fn new(drizzling: &Drizzling, image: usize, chip: &'c Chip<'c>) -> Result<Self> {
        let map = Map::new(&chip.wcs, drizzling.wcs, drizzling.stepsize)?;
        let ratio = drizzling.wcs.pixel_scale_arcsec() / chip.natural_scale_arcsec;
        let (kind, factor) = (drizzling.weighing.kind, drizzling.wt_scl.factor());
        let drop = DropOptions {
            kernel: drizzling.kernel,
            pixfrac: drizzling.pixfrac,
            pixel_scale_ratio: Some(ratio),
            value_scale: ratio * ratio,
            weight_scale: weight::scale(kind, factor, chip.exptime_s, ratio),
            in_units: if chip.in_counts() {
                InUnits::Counts {
                    exptime_s: chip.exptime_s,
                }
            } else {
                InUnits::Cps
            },
            rules: Rules::AstroDrizzle,
        };
        Ok(Self {
            image,
            weigher: Weigher::new(chip, drizzling.weighing)?,
            blocks: Blocks::new(&map, (chip.ny, chip.nx), drop.reach_px()?),
            map,
            drop,
            reached: AtomicBool::new(false),
            good: AtomicBool::new(false),
        })
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        self.weigher.path()
    }

    /// Whether any of it has fallen on the output so far.
    pub(crate) fn has_reached(&self) -> bool {
        self.reached.load(Ordering::Relaxed)
    }

    /// Whether a finite sample with weight has.
    pub(crate) fn has_good(&self) -> bool {
        self.good.load(Ordering::Relaxed)
    }

    /// As [`Blocks::columns`].
    pub(crate) fn columns(&self, rows: &Range<usize>) -> Option<Reach> {
        self.blocks.columns(rows)
    }

    /// Drizzles what of the chip falls on a window of the output.
    pub(crate) fn add_to(&self, made: &mut Accumulator, window: &Window) -> Result<()> {
        let carries_variance = made.carries_variance();
        self.each(window, |mut input, map| {
            input.variance = input.variance.filter(|_| carries_variance);
            drizzle_block(&input, map, &self.drop, made)
        })
    }

    /// Finds how large drops have to be to reach the pixels of a window of the output.
    pub(crate) fn reach(&self, found: &mut LeastPixfrac, window: &Window) -> Result<()> {
        self.each(window, |input, map| found.add(&input, map, &self.drop))
    }

    /// Does the work on all that can fall on a window of the output, in the order of the detector.
    fn each(
        &self,
        window: &Window,
        mut work: impl FnMut(Input, &Shifted) -> Result<(), firstlight_drizzle::Error>,
    ) -> Result<()> {
        let map = Shifted {
            map: &self.map,
            left: window.columns.start as f64,
        };
        for part in self.blocks.on(window) {
            let piece = self.piece(&part)?;
            let input = Input {
                image: self.image,
                first_row: part.rows.start,
                first_column: part.columns.start,
                nx: part.columns.len(),
                data: &piece.sci,
                weight: Some(&piece.weight),
                variance: piece.variance.as_deref(),
            };
            work(input, &map)?;
        }
        Ok(())
    }

    fn piece(&self, part: &Part) -> Result<Piece> {
        self.reached.store(true, Ordering::Relaxed);
        let piece = self.weigher.piece(part.rows.clone(), part.columns.clone())?;
        if !self.has_good() && piece.any_good() {
            self.good.store(true, Ordering::Relaxed);
        }
        Ok(piece)
    }
}

/// A map to the columns of a window. What is near the window keeps its place to the last bit.
struct Shifted<'m> {
    map: &'m Map,
    left: f64,
}

impl PixelMapping for Shifted<'_> {
    fn map_row(&self, y: f64, x0: f64, out_x: &mut [f64], out_y: &mut [f64]) {
        self.map.map_row(y, x0, out_x, out_y);
        if self.left != 0.0 {
            out_x.iter_mut().for_each(|x| *x -= self.left);
        }
    }
}
