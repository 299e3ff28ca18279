//! The first guess: triangles of stars, about places where the frame may be.

use super::{OnSky, PlateOptions, Pointing};
use crate::register::{Projective, Star, register_stars};
use crate::{Error, Point, Result};
use firstlight_wcs::Wcs;

/// Places that are tried are so much of the frame's diagonal apart.
const STEP: f64 = 0.35;
/// Stars of the catalogue are taken from so much of the frame's diagonal about a place.
const REACH: f64 = 0.6;
/// Places that are tried at most.
const MOST_PLACES: usize = 400;

/// A frame that was found.
pub(super) struct FirstGuess {
    /// Where the plane touches the sky.
    pub(super) tangent: Point,
    /// From the plane, in degrees towards east and north, to pixels.
    pub(super) map: Projective,
}

/// The plane that touches the sky at a place: its coordinates are degrees towards east and north.
pub(super) fn plane([ra, dec]: Point) -> Result<Wcs> {
    Ok(Wcs::tangent(
        (ra, dec),
        (0.0, 0.0),
        [[1.0, 0.0], [0.0, 1.0]],
        None,
    )?)
}

/// Tries places from the one expected outwards.
pub(super) fn search(
    stars: &[Star],
    catalogue: &OnSky<'_>,
    (ny, nx): (usize, usize),
    expected: &Pointing,
    options: &PlateOptions,
) -> Result<FirstGuess> {
    let scale = expected.scale_arcsec / 3600.0;
    let diagonal = scale * (nx as f64).hypot(ny as f64);
    let about = plane([expected.ra, expected.dec])?;
    let mut first_error = None;
    for offset in places(diagonal, options.search_radius.unwrap_or(0.5 * diagonal)) {
        let (ra, dec) = about.pixel_to_sky(offset[0], offset[1]);
        let tangent = [ra, dec];
        // In pixels of the expected scale, so that tolerances are those of the frame.
        let on_plane = near(catalogue, tangent, REACH * diagonal)?;
        let reference: Vec<Star> = on_plane
            .iter()
            .map(|&(_, [east, north], brightness)| Star {
                position: [east / scale, north / scale],
                brightness,
                sigma: 0.0,
                exact: true,
            })
            .collect();
        match register_stars(stars, &reference, &options.matching()) {
            Ok(found) => {
                let to_pixels = Projective {
                    matrix: [[1.0 / scale, 0.0, 0.0], [0.0, 1.0 / scale, 0.0], [0.0, 0.0, 1.0]],
                };
                return Ok(FirstGuess {
                    tangent,
                    map: found.map.after(&to_pixels),
                });
            }
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    Err(first_error.unwrap_or(Error::NotRegistered {
        why: "no place to look at".to_owned(),
    }))
}

/// Stars of the catalogue within a distance of a place: their indices, places in the plane, and brightness.
pub(super) fn near(catalogue: &OnSky<'_>, tangent: Point, within: f64) -> Result<Vec<(usize, Point, f64)>> {
    let plane = plane(tangent)?;
    let (east, north, _) = plane.sky_to_pixels_where_possible(catalogue.ra, catalogue.dec)?;
    let all = east.iter().zip(&north).enumerate();
    let inside = all.filter(|(_, (east, north))| east.hypot(**north) <= within);
    Ok(inside
        .map(|(n, (east, north))| (n, [*east, *north], catalogue.brightness[n]))
        .collect())
}

/// Offsets from the expected place, the nearest first, in degrees.
fn places(diagonal: f64, radius: f64) -> Vec<Point> {
    let step = STEP * diagonal;
    let rings = (radius / step).ceil().min(40.0) as i32;
    let mut found: Vec<Point> = (-rings..=rings)
        .flat_map(|y| (-rings..=rings).map(move |x| [f64::from(x) * step, f64::from(y) * step]))
        .filter(|[x, y]| x.hypot(*y) <= radius.max(0.5 * step))
        .collect();
    found.sort_by(|a, b| a[0].hypot(a[1]).total_cmp(&b[0].hypot(b[1])));
    found.truncate(MOST_PLACES);
    found
}

#[cfg(test)]
mod tests {
    use super::places;

    #[test]
    fn the_expected_place_comes_first_and_rings_reach_out() {
        let found = places(1.0, 1.0);
        assert_eq!(found[0], [0.0, 0.0]);
        assert!(found.len() > 20 && found.iter().all(|[x, y]| x.hypot(*y) <= 1.0));
        assert_eq!(places(1.0, 0.0), [[0.0, 0.0]]);
    }
}
