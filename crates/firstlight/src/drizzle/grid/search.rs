//! Stars to look at, where none are given.

use super::{GridOptions, Spot, stars};
use crate::drizzle::{DrizzleOptions, Kernel};
use crate::{Progress, Result};
use firstlight_mosaic::{Mosaic, Rows, Way};
use std::sync::{Mutex, PoisonError};

/// Bright, isolated stars of a combination with whole pixels, which has the fewest holes. It is no finer than the
/// detector, which shows stars well enough to choose from. Another grid than the given one may be laid out after.
///
/// # Errors
/// As [`Mosaic::combine`].
pub(super) fn stars(
    mosaic: &mut Mosaic,
    layout: &DrizzleOptions,
    options: &GridOptions,
    progress: &dyn Progress,
) -> Result<Vec<Spot>> {
    if options.find_stars == 0 {
        return Ok(Vec::new());
    }
    let (wanted, wanted_arcsec) = (mosaic.wcs.clone(), mosaic.grid().scale_arcsec);
    let detector_arcsec = mosaic.detector_scale_arcsec();
    if detector_arcsec > wanted_arcsec && !in_pixels(layout) {
        mosaic.lay_out(&DrizzleOptions {
            final_scale: Some(detector_arcsec),
            ..layout.clone()
        })?;
    }
    let grid = mosaic.grid();
    let half = (options.stamp_half as f64 * wanted_arcsec / grid.scale_arcsec).ceil();
    progress.start("Finding stars", Some(grid.ny as u64));
    let (sci, wht) = image(mosaic, progress)?;
    progress.finish();
    let found = stars::find(
        &sci,
        &wht,
        (grid.ny, grid.nx),
        (detector_arcsec, grid.scale_arcsec),
        (options.find_stars, (half as usize).max(stars::LEAST_HALF)),
    )?;
    let on_sky = |(x, y)| {
        let (ra_deg, dec_deg) = mosaic.wcs.pixel_to_sky(x, y);
        Spot::Sky(ra_deg, dec_deg)
    };
    let spots = found.into_iter().map(on_sky);
    Ok(spots
        .filter(|spot| spot.stamp(&wanted, options.stamp_half).is_ok())
        .collect())
}

/// Whether a grid is described in pixels, which would lie elsewhere with another scale.
fn in_pixels(layout: &DrizzleOptions) -> bool {
    let numbers = [layout.final_outnx, layout.final_outny];
    layout.final_refimage.is_some()
        || numbers.iter().any(Option::is_some)
        || layout.final_crpix1.is_some()
        || layout.final_crpix2.is_some()
}

/// Image and weight.
fn image(mosaic: &Mosaic, progress: &dyn Progress) -> Result<(Vec<f32>, Vec<f32>)> {
    let nx = mosaic.grid().nx;
    let plane = || vec![0.0_f32; nx * mosaic.grid().ny];
    let all = Mutex::new((plane(), plane()));
    let way = Way {
        kernel: Kernel::Turbo,
        pixfrac: 1.0,
    };
    let take = |rows: &Rows| -> Result<()> {
        let samples = rows.first * nx..rows.first * nx + rows.sci.len();
        let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
        let (sci, wht) = &mut *all;
        for (plane, rows) in [(sci, &rows.sci), (wht, &rows.wht)] {
            if let Some(plane) = plane.get_mut(samples.clone()) {
                plane.copy_from_slice(rows);
            }
        }
        Ok(())
    };
    mosaic.combine_way(way, &take, &|rows| progress.advance(rows))?;
    Ok(all.into_inner().unwrap_or_else(PoisonError::into_inner))
}
