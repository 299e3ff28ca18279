//! Step 3: each exposure drizzled by itself onto the grid of the median.

use crate::source::{Drizzling, Source};
use crate::weight::Weighing;
use crate::{Error, Mosaic, Result, WeightType, Window};
use firstlight_drizzle::{Accumulator, Fill, Planes};
use firstlight_wcs::{Wcs, output};
use rayon::prelude::*;
use std::ops::Range;

/// Rows of a single image that a thread makes at a time, where memory allows.
pub(crate) const BAND_ROWS: usize = 256;

/// The exposures, ready to be drizzled each by itself.
pub(crate) struct Separate<'c> {
    /// The chips of each exposure.
    exposures: Vec<Vec<Source<'c>>>,
    /// `(ny, nx)` of the grid.
    pub(crate) shape: (usize, usize),
    fill: f32,
    indefinite: bool,
}

impl Mosaic<'_> {
    /// The grid of the separately drizzled images and their median.
    ///
    /// # Errors
    /// [`Error::Grid`].
    pub fn single_grid(&self) -> Result<Wcs> {
        let inputs: Vec<Wcs> = self.chips.iter().map(|chip| chip.wcs.clone()).collect();
        let grid = self.options.separate.grid();
        output::common_grid(&inputs, &grid).map_err(|source| Error::Grid { source })
    }

    /// Lays out the separate images on a grid.
    pub(crate) fn separate(&self, grid: &Wcs) -> Result<Separate<'_>> {
        let options = &self.options.separate;
        let drizzling = Drizzling {
            wcs: grid,
            stepsize: self.options.stepsize,
            kernel: options.driz_sep_kernel,
            pixfrac: options.driz_sep_pixfrac,
            wt_scl: options.driz_sep_wt_scl,
            weighing: Weighing {
                kind: WeightType::Exp,
                good: options.driz_sep_bits.selection("driz_sep_bits")?,
                reset: self.options.resetbits.mask("resetbits")?,
                variance: false,
                cosmic_rays: false,
            },
        };
        let sources = self.chips.par_iter();
        let sources: Vec<(usize, Source)> = sources
            .map(|chip| Ok((chip.exposure, Source::new(&drizzling, 0, chip)?)))
            .collect::<Result<_>>()?;
        let mut exposures: Vec<Vec<Source>> = Vec::new();
        for (exposure, source) in sources {
            exposures.resize_with(exposures.len().max(exposure + 1), Vec::new);
            if let Some(of) = exposures.get_mut(exposure) {
                of.push(source);
            }
        }
        Ok(Separate {
            exposures,
            shape: grid.shape().unwrap_or((0, 0)),
            fill: options.driz_sep_fillval.unwrap_or(0.0),
            indefinite: options.driz_sep_fillval.is_none(),
        })
    }
}

impl Separate<'_> {
    /// Room for so many rows.
    pub(crate) fn room(&self, rows: usize) -> Result<Accumulator> {
        let (ny, nx) = self.shape;
        Ok(Accumulator::part(0..rows.min(ny), nx, ny, Planes::default())?)
    }

    /// Bytes of such room.
    pub(crate) fn room_bytes(&self, rows: usize) -> u64 {
        Accumulator::bytes(rows, self.shape.1, Planes::default(), 1).unwrap_or(u64::MAX)
    }

    /// Makes some rows of the image and weight of an exposure, electrons per second and seconds. They have the same
    /// bits in whatever bands they are made.
    pub(crate) fn rows(
        &self,
        exposure: usize,
        rows: Range<usize>,
        band: &mut Accumulator,
        (sci, wht): (&mut [f32], &mut [f32]),
    ) -> Result<()> {
        let nx = self.shape.1;
        band.restart(rows.clone(), nx);
        for source in self.exposures.get(exposure).into_iter().flatten() {
            source.add_to(band, &Window::of_rows(rows.clone(), nx))?;
        }
        let fill = if self.indefinite {
            Fill::Indef
        } else {
            Fill::Value(self.fill)
        };
        // Few rows at a time: they stay in the cache.
        let nx = nx.max(1);
        let pieces = sci.chunks_mut(16 * nx).zip(wht.chunks_mut(16 * nx));
        for (k, (sci, wht)) in pieces.enumerate() {
            let part = 16 * k..16 * k + sci.len() / nx;
            band.image_rows(part.clone(), fill, sci);
            if self.indefinite {
                let missing = |value: f32| if value.is_nan() { self.fill } else { value };
                sci.iter_mut().for_each(|value| *value = missing(*value));
            }
            band.weight_rows(part, wht);
        }
        Ok(())
    }
}
