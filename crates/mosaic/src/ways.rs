//! One set of exposures combined in several ways, for what the steps before have found is the same in all.

use crate::blocks::BLOCK_ROWS;
use crate::combine::{ROWS_WRITTEN, band_rows, bands};
use crate::mosaic::Rows;
use crate::plan::switched;
use crate::share::share;
use crate::source::Source;
use crate::{DrizzleOptions, Error, InputStatus, Mosaic, Result, grid};
use firstlight_drizzle::{Accumulator, Kernel, Planes};
use rayon::prelude::*;
use serde::Serialize;
use std::ops::Range;

/// How samples are spread over the output.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Way {
    /// The shape of a drop.
    pub kernel: Kernel,
    /// Its side, in input pixels.
    pub pixfrac: f64,
}

impl Mosaic<'_> {
    /// The same exposures, with what the steps have found of them, onto the grid and in the way that other options
    /// say: those of the combination (`final_…`) count, all others have had their effect.
    ///
    /// # Errors
    /// As [`Mosaic::plan`].
    pub fn lay_out(&mut self, options: &DrizzleOptions) -> Result<()> {
        options.check()?;
        self.wcs = grid::output_grid(&self.chips, options)?;
        self.shape = self.wcs.shape().unwrap_or((0, 0));
        self.options = switched(options);
        self.check_memory()
    }

    /// Size of an undistorted pixel of the first input, arcsec.
    pub fn detector_scale_arcsec(&self) -> f64 {
        self.chips.first().map_or(0.0, |chip| chip.natural_scale_arcsec)
    }

    /// [`Mosaic::combine`] in several ways at once: inputs are read, and their weights made, once for all of them.
    /// `sink` is told which of the ways rows are of, in any order and from several threads at once. Image and weight
    /// are those of [`Mosaic::combine`] bit for bit; there is neither context nor error.
    ///
    /// # Errors
    /// As [`Mosaic::combine`].
    pub fn combine_each<E: From<Error> + Send>(
        &self,
        ways: &[Way],
        sink: &(dyn Fn(usize, Rows) -> Result<(), E> + Sync),
        advance: &(dyn Fn(u64) + Sync),
    ) -> Result<Vec<InputStatus>, E> {
        let drizzling = self.drizzling()?;
        let chips = self.chips.par_iter().enumerate();
        let sources: Vec<Source> = chips
            .map(|(image, chip)| Source::with_ways(&drizzling, image, chip, ways))
            .collect::<Result<_>>()?;
        let (ny, nx) = self.shape;
        let threads = rayon::current_num_threads();
        let height = self.band_rows_for_ways(threads);
        let room = || Accumulator::part(0..height.min(ny), nx, ny, Planes::default()).map_err(Error::from);
        share(
            bands(ny, height, threads),
            room,
            |band, rows: Range<usize>| -> Result<(), E> {
                let pieces = sources.iter().map(|source| source.pieces(nx, &rows));
                let pieces = pieces.collect::<Result<Vec<_>>>()?;
                for way in 0..ways.len() {
                    band.restart(rows.clone());
                    for (source, pieces) in sources.iter().zip(&pieces) {
                        source.add_pieces(way, pieces, band)?;
                    }
                    for part in (0..rows.len()).step_by(ROWS_WRITTEN) {
                        let part = part..(part + ROWS_WRITTEN).min(rows.len());
                        sink(way, self.rows(band, part, rows.start))?;
                    }
                    advance(rows.len() as u64);
                }
                Ok(())
            },
        )?;
        Ok(self.outcome(&sources)?)
    }

    /// Rows of the output that each of so many threads makes at a time, while the pieces of all inputs that fall
    /// on them are held.
    fn band_rows_for_ways(&self, threads: usize) -> usize {
        let limit = self.memory_limit().unwrap_or(u64::MAX);
        let scale = self.wcs.pixel_scale_arcsec();
        let pieces = |rows: usize| -> u64 {
            let of_chip = |chip: &crate::chip::Chip| {
                let reached = (rows as f64 * scale / chip.natural_scale_arcsec) as usize;
                let rows = (reached + 4 * BLOCK_ROWS).min(chip.ny);
                8 * (rows as u64).saturating_mul(chip.nx as u64)
            };
            self.chips.iter().map(of_chip).fold(0, u64::saturating_add)
        };
        let fits = |rows: &usize| {
            let bytes = (threads as u64).saturating_mul(pieces(*rows));
            bytes.saturating_add(self.working_bytes(*rows, threads)) <= limit
        };
        band_rows().find(fits).unwrap_or(1)
    }
}
