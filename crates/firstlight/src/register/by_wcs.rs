//! Registration by the world coordinates of both headers.

use crate::ccd::CcdFile;
use crate::{Error, Result};
use firstlight_align::Point;
use firstlight_align::register::{Geometry, Projective, fit_projective};
use firstlight_wcs::Wcs;

/// Points along each axis that the map is fitted to.
const POINTS: usize = 20;

/// The map, how many points it was fitted to, and the root of the mean square of their distances from it, pixels.
pub(super) fn map(
    reference: &CcdFile,
    image: &CcdFile,
    geometry: Geometry,
) -> Result<(Projective, usize, f64)> {
    let (from, to) = (of(reference)?, of(image)?);
    let (ny, nx) = reference.shape();
    let along = |index: usize, size: usize| (size as f64 - 1.0) * index as f64 / (POINTS as f64 - 1.0);
    let grid: Vec<Point> = (0..POINTS * POINTS)
        .map(|index| [along(index % POINTS, nx), along(index / POINTS, ny)])
        .collect();
    let (x, y): (Vec<f64>, Vec<f64>) = grid.iter().map(|[x, y]| (*x, *y)).unzip();
    let (ra, dec) = from.pixels_to_sky(&x, &y)?;
    let (u, v, _) = to.sky_to_pixels_where_possible(&ra, &dec)?;
    let seen = |index: &usize| u[*index].is_finite() && v[*index].is_finite();
    let (places, grid): (Vec<Point>, Vec<Point>) = (0..grid.len())
        .filter(seen)
        .map(|index| ([u[index], v[index]], grid[index]))
        .unzip();
    let map =
        fit_projective(&places, &grid, geometry).map_err(|error| Error::from(error).in_file(image.path()))?;
    let squares = places.iter().zip(&grid).map(|(place, point)| {
        let put = map.to_image(*point);
        (place[0] - put[0]).powi(2) + (place[1] - put[1]).powi(2)
    });
    Ok((
        map,
        places.len(),
        (squares.sum::<f64>() / places.len() as f64).sqrt(),
    ))
}

fn of(file: &CcdFile) -> Result<Wcs> {
    Wcs::from_header(file.header(), None).map_err(|error| Error::from(error).in_file(file.path()))
}
