//! One set of exposures combined in several ways, for what the steps before have found is the same in all.

use crate::combine::bands;
use crate::mosaic::Rows;
use crate::plan::switched;
use crate::share::share;
use crate::source::{Drizzling, Source};
use crate::{DrizzleOptions, Error, InputStatus, Mosaic, Result, Window, grid};
use firstlight_drizzle::{Bounds, Kernel, LeastPixfrac, Planes};
use rayon::prelude::*;
use serde::Serialize;

/// Who is told of the least pixfrac of some rows, of which the first has this number.
pub type ToldBounds<'s, E> = dyn Fn(usize, &[Bounds]) -> Result<(), E> + Sync + 's;

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

    /// [`Mosaic::combine`] in another way than the options say. Image and weight are those of [`Mosaic::combine`] bit
    /// for bit; there is neither context nor error.
    ///
    /// # Errors
    /// As [`Mosaic::combine`].
    pub fn combine_way<E: From<Error> + Send>(
        &self,
        way: Way,
        sink: &(dyn Fn(&Rows) -> Result<(), E> + Sync),
        advance: &(dyn Fn(u64) + Sync),
    ) -> Result<Vec<InputStatus>, E> {
        let sources = self.sources_of(way)?;
        self.make(&sources, Planes::default(), None, &|_, rows| {
            advance(rows_in(rows, self.shape.1));
            sink(rows)
        })?;
        Ok(self.outcome(&sources)?)
    }

    /// As [`Mosaic::combine_way`], of some windows of the output alone. `sink` is told which columns and rows the window
    /// has, or the part of it that rows are of.
    ///
    /// # Errors
    /// Whatever reading meets, or `sink` returns.
    pub fn combine_windows<E: From<Error> + Send>(
        &self,
        way: Way,
        windows: &[Window],
        sink: &(dyn Fn(&Window, &Rows) -> Result<(), E> + Sync),
    ) -> Result<(), E> {
        let sources = self.sources_of(way)?;
        self.make(&sources, Planes::default(), Some(windows), sink)
    }

    /// For each pixel of the output the least pixfrac, up to `largest`, for which the square kernel gives it something;
    /// `sink` is told of some rows at a time, in any order and from several threads at once, with the first row's
    /// number.
    ///
    /// # Errors
    /// Whatever reading meets, or `sink` returns.
    pub fn least_pixfrac<E: From<Error> + Send>(
        &self,
        largest: f64,
        sink: &ToldBounds<'_, E>,
    ) -> Result<(), E> {
        let sources = self.sources_of(Way {
            kernel: Kernel::Square,
            pixfrac: largest,
        })?;
        let (ny, nx) = self.shape;
        let threads = rayon::current_num_threads();
        let height = self.band_rows(threads).min(ny);
        let room = || LeastPixfrac::new(height * nx).map_err(Error::from);
        share(bands(ny, height, threads), room, |found, rows| -> Result<(), E> {
            found.restart(rows.clone(), nx);
            let window = Window::of_rows(rows, nx);
            for source in &sources {
                source.reach(found, &window)?;
            }
            sink(window.rows.start, found.bounds())
        })
    }

    fn sources_of(&self, way: Way) -> Result<Vec<Source<'_>>> {
        let drizzling = self.drizzling()?;
        self.sources(&Drizzling {
            kernel: way.kernel,
            pixfrac: way.pixfrac,
            ..drizzling
        })
    }

    /// The chips on their way to the output.
    pub(crate) fn sources(&self, drizzling: &Drizzling) -> Result<Vec<Source<'_>>> {
        let chips = self.chips.par_iter().enumerate();
        chips
            .map(|(image, chip)| Source::new(drizzling, image, chip))
            .collect()
    }
}

/// How many rows of `nx` pixels there are.
pub(crate) fn rows_in(rows: &Rows, nx: usize) -> u64 {
    rows.sci.len().checked_div(nx).unwrap_or(0) as u64
}
