//! Every combination made, and looked at while its rows go by.

use super::gather::{self, Gatherer, Places, Seen};
use super::missing::Missing;
use super::reached::Reached;
use super::{GridOptions, PixelBox, Spot, Star, Trial};
use crate::{Error, Progress, Result};
use firstlight_mosaic::{Kernel, Mosaic, OutputGrid, Rows, Way, Window};
use firstlight_wcs::Wcs;

/// What is found on the grids one after the other.
#[derive(Default)]
pub(super) struct Found {
    spots: Vec<Spot>,
    pub(super) trials: Vec<Trial>,
    pub(super) seen: Vec<Seen>,
    pub(super) grids: Vec<OutputGrid>,
    pub(super) boxes: Vec<PixelBox>,
    pub(super) stars: Vec<Star>,
    pub(super) notes: Vec<String>,
}

impl Found {
    /// Nothing as yet; stars are looked at here.
    pub(super) fn new(spots: Vec<Spot>) -> Self {
        let mut notes = Vec::new();
        if spots.is_empty() {
            let none = "no bright, isolated star was found: the third test, of their shapes, is left out";
            notes.push(none.to_owned());
        }
        Self {
            spots,
            notes,
            ..Self::default()
        }
    }

    /// Tries all kernels and values on the grid that is laid out.
    pub(super) fn look(
        &mut self,
        mosaic: &Mosaic,
        first: &Wcs,
        options: &GridOptions,
        progress: &dyn Progress,
    ) -> Result<()> {
        // Pixels count on the first grid, which is recognised as itself.
        let grid = if self.grids.is_empty() { first } else { &mosaic.wcs };
        let places = self.places(mosaic, (grid, first), options)?;
        let (index, of) = (self.grids.len(), mosaic.grid());
        let kernels = options.kernels();
        let values = options.pixfrac.numbers();
        let tried = kernels.len() * values.len();
        progress.start("Trials", Some((of.ny * tried) as u64));
        let footprint = places.coverage.common_pixels();
        for kernel in kernels {
            let reached = match kernel {
                Kernel::Square => Some(Reached::of(mosaic, values, &places.coverage)?),
                _ => None,
            };
            // What smaller drops have missed.
            let mut missed = None;
            for (k, pixfrac) in values.iter().enumerate() {
                let way = Way {
                    kernel,
                    pixfrac: *pixfrac,
                };
                let known = reached.as_ref().and_then(|reached| reached.missing(k));
                let whole = known.is_none();
                let (seen, missing) = look_at(mosaic, way, &places, known.or(missed.take()), progress)?;
                missed = (whole && nested(kernel)).then_some(missing);
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
        }
        progress.finish();
        if self.grids.is_empty() {
            self.boxes = places.boxes;
        }
        self.grids.push(of);
        Ok(())
    }

    /// Where to look on a grid, given with the first one.
    fn places(
        &mut self,
        mosaic: &Mosaic,
        (grid, first): (&Wcs, &Wcs),
        options: &GridOptions,
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
        let mut stamps = Vec::new();
        for spot in &self.spots {
            let (x, y) = spot.on(grid, first)?;
            stamps.push(Spot::Pixel(x, y).stamp(grid, options.stamp_half)?);
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
        Ok(Places {
            shape: grid.shape().unwrap_or((0, 0)),
            coverage,
            boxes,
            stamps,
        })
    }
}

/// Whether larger drops reach all that smaller ones do.
fn nested(kernel: Kernel) -> bool {
    match kernel {
        Kernel::Square | Kernel::Turbo | Kernel::Point | Kernel::Gaussian => true,
        // Their weights are negative in places, and add up to nothing here and there.
        Kernel::Lanczos2 | Kernel::Lanczos3 => false,
    }
}

/// Makes one combination. Where it is known which pixels may be missing, only what is about these is made, and what is looked
/// at closely.
fn look_at(
    mosaic: &Mosaic,
    way: Way,
    places: &Places,
    missing: Option<Missing>,
    progress: &dyn Progress,
) -> Result<(Seen, Missing)> {
    let (ny, nx) = places.shape;
    let windows = missing.as_ref().and_then(Missing::windows);
    let missing = missing.unwrap_or_else(|| Missing::of(&places.coverage, places.shape));
    let gatherer = Gatherer::new(places, missing);
    match windows {
        None => {
            let take = |rows: &Rows| -> Result<()> {
                gatherer.take(&(0..nx), rows);
                Ok(())
            };
            mosaic.combine_way(way, &take, &|rows| progress.advance(rows))?;
        }
        Some(mut windows) => {
            let closely = places.boxes.iter().chain(&places.stamps);
            windows.extend(closely.map(|place| Window {
                columns: place.x.clone(),
                rows: place.y.clone(),
            }));
            mosaic.combine_windows(way, &windows, &|window, rows: &Rows| -> Result<()> {
                gatherer.take(&window.columns, rows);
                Ok(())
            })?;
            progress.advance(ny as u64);
        }
    }
    Ok(gatherer.finish())
}
