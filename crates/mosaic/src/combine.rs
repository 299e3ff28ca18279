//! Step 7: all inputs drizzled onto one grid.

use crate::blocks::BLOCK_ROWS;
use crate::mosaic::Rows;
use crate::source::{Drizzling, Source};
use crate::ways::rows_in;
use crate::weight::Weighing;
use crate::{Error, InputStatus, Mosaic, Outcome, Result};
use firstlight_drizzle::Accumulator;
use std::ops::Range;

/// Rows of the output that one thread makes at a time, the best first: as high as leaves work for all threads and
/// little to be mapped twice, less where memory is short.
pub(crate) fn band_rows() -> impl Iterator<Item = usize> {
    [512, 256, 128, 64, 32, 16, 8, 4, 2, 1].into_iter()
}

/// Rows that are finished and given away at a time: so few that the memory for them is used again and again.
pub(crate) const ROWS_WRITTEN: usize = 16;

/// Lower bands would be mapped twice for the most part.
const LEAST_BAND: usize = 32;

/// The bands of an output of `ny` rows, lower ones at the end: no thread is to wait long for the last.
pub(crate) fn bands(ny: usize, height: usize, threads: usize) -> Vec<Range<usize>> {
    let (mut start, mut bands) = (0, Vec::new());
    while start < ny {
        let left = ny - start;
        let fair = left.div_ceil(2 * threads).max(LEAST_BAND);
        let end = start + height.min(fair).min(left);
        bands.push(start..end);
        start = end;
    }
    bands
}

impl Mosaic<'_> {
    /// Combines the exposures, band by band on all threads, and gives each band's rows to `sink` when they are done,
    /// in any order and from several threads at once. Gives what became of each input.
    ///
    /// Samples that are not finite are left out, as are samples whose weight is not. Inputs are read piece by piece
    /// and not changed. `advance` is told of rows of the output as they are done.
    ///
    /// # Errors
    /// Whatever reading meets, or `sink` returns; [`Error::NothingToCombine`] where no input has a good pixel on the
    /// grid, after all rows are made.
    pub fn combine<E: From<Error> + Send>(
        &self,
        sink: &(dyn Fn(&Rows) -> Result<(), E> + Sync),
        advance: &(dyn Fn(u64) + Sync),
    ) -> Result<Vec<InputStatus>, E> {
        let sources = self.sources(&self.drizzling()?)?;
        self.make(&sources, self.planes, None, &|_, rows| {
            advance(rows_in(rows, self.shape.1));
            sink(rows)
        })?;
        Ok(self.outcome(&sources)?)
    }

    /// How the inputs are drizzled into the product.
    pub(crate) fn drizzling(&self) -> Result<Drizzling<'_>> {
        let options = &self.options;
        Ok(Drizzling {
            wcs: &self.wcs,
            stepsize: options.stepsize,
            kernel: options.final_kernel,
            pixfrac: options.final_pixfrac,
            wt_scl: options.final_wt_scl,
            weighing: Weighing {
                kind: options.final_wht_type,
                good: options.final_bits.selection("final_bits")?,
                reset: options.resetbits.mask("resetbits")?,
                variance: options.error,
                cosmic_rays: true,
            },
        })
    }

    /// What became of each input, now that its pixels have been seen.
    pub(crate) fn outcome(&self, sources: &[Source]) -> Result<Vec<InputStatus>> {
        let mut inputs = self.inputs.clone();
        for input in &mut inputs {
            let of_input = sources.iter().filter(|source| source.path() == input.path);
            let (mut reached, mut good) = (false, false);
            for source in of_input {
                reached |= source.has_reached();
                good |= source.has_good();
            }
            let reason = match (reached, good) {
                (true, true) => continue,
                (true, false) => "it has no finite pixel with weight on the output grid",
                (false, _) => "it lies off the output grid",
            };
            if matches!(input.outcome, Outcome::Combined { .. }) {
                let reason = reason.to_owned();
                input.outcome = Outcome::Empty { reason };
            }
        }
        if inputs
            .iter()
            .any(|input| matches!(input.outcome, Outcome::Combined { .. }))
        {
            return Ok(inputs);
        }
        Err(Error::nothing_to_combine(&inputs))
    }

    /// Bytes in memory while so many threads make bands of so many rows.
    pub(crate) fn working_bytes(&self, rows: usize, threads: usize) -> u64 {
        let nx = self.shape.1;
        let band = Accumulator::bytes(rows, nx, self.planes, self.chips.len()).unwrap_or(u64::MAX);
        // Image, weight, context, error, and the bytes of one of them on their way to the file.
        let product = (ROWS_WRITTEN.min(rows) as u64 * nx as u64)
            .saturating_mul(4 * (4 + self.context_planes() as u64));
        // Science, weight, error and quality of one row of blocks, its map, and what is read of the file.
        let widest = self.chips.iter().map(|chip| chip.nx).max().unwrap_or(0);
        let block = widest as u64 * BLOCK_ROWS as u64 * 40;
        (threads as u64).saturating_mul(band.saturating_add(product).saturating_add(block))
    }
}

#[cfg(test)]
mod tests {
    use super::bands;

    #[test]
    fn bands_make_up_the_output() {
        for (ny, height, threads) in [(4254, 256, 2), (10, 256, 64), (1000, 1, 3), (0, 256, 2)] {
            let bands = bands(ny, height, threads);
            let mut end = 0;
            for band in &bands {
                assert!(band.start == end && band.len() <= height && !band.is_empty());
                end = band.end;
            }
            assert_eq!(end, ny);
        }
        let bands = bands(4254, 256, 2);
        assert!(bands.last().is_some_and(|last| last.len() <= 32), "{bands:?}");
        assert!(bands.len() < 30, "{bands:?}");
    }
}
