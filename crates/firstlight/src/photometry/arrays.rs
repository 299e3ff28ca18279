//! Photometry of images in memory.

use super::{PhotometryOptions, settings};
use crate::{Error, Result};
use firstlight_frame::Table;
use firstlight_measure::{Photometry, Planes, Shapes, aperture_photometry, sky};
use firstlight_stats::Sample;
use firstlight_wcs::Wcs;

/// What to measure, and where.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// `(x, y)`, or `(ra, dec)` in degrees.
    pub positions: &'a [(f64, f64)],
    /// The apertures; on the sky, lengths are arcsec and angles position angles.
    pub shapes: Shapes,
    /// Whether positions and apertures are on the sky. Then `wcs` is needed.
    pub on_sky: bool,
    /// The image's world coordinates, for sky positions as input, or as columns of the table.
    pub wcs: Option<&'a Wcs>,
    /// Whether columns are called `aperture_sum_0`, … even where there is one aperture.
    pub numbered: bool,
}

/// Measures planes in memory. Of the options only those count that say how: `method`, `subpixels`, `areas`,
/// and how a background is found.
///
/// # Errors
/// Options outside their ranges; sky positions without world coordinates; as [`aperture_photometry`].
pub fn measure<T: Sample>(
    planes: &Planes<'_, T>,
    request: &Request<'_>,
    options: &PhotometryOptions,
) -> Result<Table> {
    let settings = settings(options)?;
    let first = match &request.shapes {
        Shapes::Same(set) => Some(set),
        Shapes::Each(sets) => sets.first(),
    };
    let apertures = first.map_or(0, |set| set.apertures.len());
    let background_taken = first.is_some_and(|set| set.background.is_some());
    let (positions, sky, measured) = if request.on_sky {
        let wcs = request.wcs.ok_or_else(|| {
            Error::Usage("apertures on the sky need the image's world coordinates".to_owned())
        })?;
        let sky::InPixels { positions, sets } = sky::to_pixels(wcs, request.positions, &request.shapes)?;
        let measured = aperture_photometry(planes, &positions, &Shapes::Each(sets), &settings)?;
        (positions, Some(request.positions.to_vec()), measured)
    } else {
        let measured = aperture_photometry(planes, request.positions, &request.shapes, &settings)?;
        let to_sky = |wcs: &Wcs| {
            request
                .positions
                .iter()
                .map(|&(x, y)| wcs.pixel_to_sky(x, y))
                .collect()
        };
        (request.positions.to_vec(), request.wcs.map(to_sky), measured)
    };
    let errors_known = planes.error().is_some();
    let photometry = Photometry {
        positions,
        sky,
        measured,
        apertures,
        background_taken,
        errors_known,
    };
    Ok(photometry.table(request.numbered, options.areas)?)
}
