//! A chip on its way to a grid.

use crate::blocks::{Blocks, Part};
use crate::chip::Chip;
use crate::map::Map;
use crate::weight::{self, Piece, Weigher, Weighing};
use crate::{Result, Way, WeightScale};
use firstlight_drizzle::{Accumulator, DropOptions, InUnits, Input, Kernel, Rules, drizzle_block};
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
    /// One for each of the ways in which it is drizzled.
    drops: Vec<DropOptions>,
    blocks: Blocks,
    /// Whether any of it falls on the output.
    reached: AtomicBool,
    /// Whether it has a finite sample with weight there.
    good: AtomicBool,
}

impl<'c> Source<'c> {
    /// The `image`-th of those that share an output.
    pub(crate) fn new(drizzling: &Drizzling, image: usize, chip: &'c Chip<'c>) -> Result<Self> {
        let way = Way {
            kernel: drizzling.kernel,
            pixfrac: drizzling.pixfrac,
        };
        Self::with_ways(drizzling, image, chip, &[way])
    }

    /// The same for several ways of drizzling it, in place of that which `drizzling` tells of.
    pub(crate) fn with_ways(
        drizzling: &Drizzling,
        image: usize,
        chip: &'c Chip<'c>,
        ways: &[Way],
    ) -> Result<Self> {
        let map = Map::new(&chip.wcs, drizzling.wcs, drizzling.stepsize)?;
        let ratio = drizzling.wcs.pixel_scale_arcsec() / chip.natural_scale_arcsec;
        let (kind, factor) = (drizzling.weighing.kind, drizzling.wt_scl.factor());
        let drop = |way: &Way| DropOptions {
            kernel: way.kernel,
            pixfrac: way.pixfrac,
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
        let drops: Vec<DropOptions> = ways.iter().map(drop).collect();
        let mut reach = 0.0_f64;
        for drop in &drops {
            reach = reach.max(drop.reach_px()?);
        }
        Ok(Self {
            image,
            weigher: Weigher::new(chip, drizzling.weighing)?,
            blocks: Blocks::new(&map, (chip.ny, chip.nx), reach),
            map,
            drops,
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

    /// Drizzles what of the chip falls on some rows of the output.
    pub(crate) fn add_to(&self, band: &mut Accumulator, rows: Range<usize>) -> Result<()> {
        for part in self.blocks.on(&rows, band.nx()) {
            let piece = self.piece(&part)?;
            self.add_piece(0, &part, &piece, band)?;
        }
        Ok(())
    }

    /// What of the chip falls on some rows of an output of `nx` columns.
    pub(crate) fn pieces(&self, nx: usize, rows: &Range<usize>) -> Result<Vec<(Part, Piece)>> {
        let parts = self.blocks.on(rows, nx);
        parts.map(|part| Ok((part.clone(), self.piece(&part)?))).collect()
    }

    /// Drizzles such pieces in the `way`-th way.
    pub(crate) fn add_pieces(
        &self,
        way: usize,
        pieces: &[(Part, Piece)],
        band: &mut Accumulator,
    ) -> Result<()> {
        for (part, piece) in pieces {
            self.add_piece(way, part, piece, band)?;
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

    fn add_piece(&self, way: usize, part: &Part, piece: &Piece, band: &mut Accumulator) -> Result<()> {
        let Some(drop) = self.drops.get(way) else {
            return Ok(());
        };
        let input = Input {
            image: self.image,
            first_row: part.rows.start,
            first_column: part.columns.start,
            nx: part.columns.len(),
            data: &piece.sci,
            weight: Some(&piece.weight),
            variance: piece.variance.as_deref().filter(|_| band.carries_variance()),
        };
        Ok(drizzle_block(&input, &self.map, drop, band)?)
    }
}
