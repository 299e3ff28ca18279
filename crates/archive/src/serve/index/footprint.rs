//! Where on the sky an image lies, and how far from it a position is.

use firstlight_fits::{FitsFile, Hdu, Header};

/// The corners of all science images of a file, as `POLYGON ICRS ra dec …` for each; `None` without coordinates.
///
/// The linear terms alone are used: distortion moves a corner by a few arcseconds at most.
pub fn of(file: &FitsFile) -> Option<String> {
    let planes: Vec<&Hdu> = file.hdus().iter().filter(|hdu| hdu.name() == "SCI").collect();
    let planes = if planes.is_empty() {
        file.hdus().iter().collect()
    } else {
        planes
    };
    let polygons: Vec<String> = planes
        .into_iter()
        .filter_map(corners)
        .map(|c| polygon(&c))
        .collect();
    (!polygons.is_empty()).then(|| polygons.join(" "))
}

fn polygon(corners: &[(f64, f64); 4]) -> String {
    let mut text = "POLYGON ICRS".to_owned();
    for (ra, dec) in corners.iter().chain(corners.first()) {
        text.push_str(&format!(" {ra:.8} {dec:.8}"));
    }
    text
}

/// The four corners of an image through CRVAL, CRPIX and CD, in a gnomonic projection (Calabretta & Greisen
/// 2002, A&A 395, 1077).
fn corners(hdu: &Hdu) -> Option<[(f64, f64); 4]> {
    let [.., ny, nx] = hdu.dimensions() else {
        return None;
    };
    let (nx, ny) = (*nx as f64, *ny as f64);
    let header = hdu.header();
    let celestial = header
        .text("CTYPE1")
        .is_some_and(|axis| axis.starts_with("RA---TAN"));
    if !celestial || nx < 1.0 || ny < 1.0 {
        return None;
    }
    let value = |keyword: &str| header.real(keyword).filter(|number| number.is_finite());
    let cd = [value("CD1_1")?, value("CD1_2")?, value("CD2_1")?, value("CD2_2")?];
    let (crpix1, crpix2) = (value("CRPIX1")?, value("CRPIX2")?);
    let centre = centre(header)?;
    Some(
        [(0.5, 0.5), (nx + 0.5, 0.5), (nx + 0.5, ny + 0.5), (0.5, ny + 0.5)].map(|(x, y)| {
            let (u, v) = (x - crpix1, y - crpix2);
            from_plane(centre, (cd[0] * u + cd[1] * v, cd[2] * u + cd[3] * v))
        }),
    )
}

fn centre(header: &Header) -> Option<(f64, f64)> {
    let (ra, dec) = (header.real("CRVAL1")?, header.real("CRVAL2")?);
    (ra.is_finite() && dec.abs() <= 90.0).then_some((ra, dec))
}

/// From degrees in the tangent plane at `centre` to the sky.
fn from_plane(centre: (f64, f64), (xi, eta): (f64, f64)) -> (f64, f64) {
    let (xi, eta) = (xi.to_radians(), eta.to_radians());
    let (sin, cos) = centre.1.to_radians().sin_cos();
    let along = cos - eta * sin;
    let ra = centre.0 + xi.atan2(along).to_degrees();
    let dec = (sin + eta * cos).atan2(xi.hypot(along)).to_degrees();
    (ra.rem_euclid(360.0), dec)
}

/// Degrees from the tangent point at `centre`; `None` on the other side of the sky.
fn to_plane(centre: (f64, f64), (ra, dec): (f64, f64)) -> Option<(f64, f64)> {
    let (sin0, cos0) = centre.1.to_radians().sin_cos();
    let (sin, cos) = dec.to_radians().sin_cos();
    let (sin_ra, cos_ra) = (ra - centre.0).to_radians().sin_cos();
    let depth = sin0 * sin + cos0 * cos * cos_ra;
    (depth > 0.05).then(|| {
        let xi = cos * sin_ra / depth;
        let eta = (cos0 * sin - sin0 * cos * cos_ra) / depth;
        (xi.to_degrees(), eta.to_degrees())
    })
}

/// The angle between two positions, degrees (Vincenty's form, exact at all separations).
pub fn separation((ra1, dec1): (f64, f64), (ra2, dec2): (f64, f64)) -> f64 {
    let (sin1, cos1) = dec1.to_radians().sin_cos();
    let (sin2, cos2) = dec2.to_radians().sin_cos();
    let (sin_ra, cos_ra) = (ra2 - ra1).to_radians().sin_cos();
    let across = (cos2 * sin_ra).hypot(cos1 * sin2 - sin1 * cos2 * cos_ra);
    across.atan2(sin1 * sin2 + cos1 * cos2 * cos_ra).to_degrees()
}

/// How far a position is from a region, degrees: 0 inside. `None` where the region has no polygon.
pub fn distance(position: (f64, f64), region: &str) -> Option<f64> {
    polygons(region)
        .iter()
        .map(|corners| distance_to_polygon(position, corners))
        .reduce(f64::min)
}

fn polygons(region: &str) -> Vec<Vec<(f64, f64)>> {
    let parts = region.split("POLYGON").skip(1);
    let of_part = |part: &str| -> Vec<(f64, f64)> {
        let numbers: Vec<f64> = part
            .split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect();
        numbers.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
    };
    parts.map(of_part).filter(|corners| corners.len() >= 3).collect()
}

fn distance_to_polygon(position: (f64, f64), corners: &[(f64, f64)]) -> f64 {
    let flat: Option<Vec<(f64, f64)>> = corners.iter().map(|&corner| to_plane(position, corner)).collect();
    let Some(flat) = flat else {
        let angles = corners.iter().map(|&corner| separation(position, corner));
        return angles.fold(f64::INFINITY, f64::min);
    };
    let edges = || flat.iter().zip(flat.iter().cycle().skip(1));
    // A ray along x from the origin crosses the edges of a polygon around it an odd number of times.
    let crossings = edges()
        .filter(|&(&(x1, y1), &(x2, y2))| (y1 > 0.0) != (y2 > 0.0) && x1 - y1 * (x2 - x1) / (y2 - y1) > 0.0);
    if crossings.count() % 2 == 1 {
        return 0.0;
    }
    let nearest = edges()
        .map(|(&a, &b)| distance_to_segment(a, b))
        .fold(f64::INFINITY, f64::min);
    nearest.to_radians().atan().to_degrees()
}

/// How far the origin is from a segment.
fn distance_to_segment((x1, y1): (f64, f64), (x2, y2): (f64, f64)) -> f64 {
    let (dx, dy) = (x2 - x1, y2 - y1);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 {
        (-(x1 * dx + y1 * dy) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (x1 + along * dx).hypot(y1 + along * dy)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const SQUARE: &str = "POLYGON ICRS 10.0 20.0 10.2 20.0 10.2 20.2 10.0 20.2 10.0 20.0";

    #[test]
    fn inside_is_no_distance_and_outside_is_the_nearest_edge() {
        assert_eq!(distance((10.1, 20.1), SQUARE), Some(0.0));
        let north = distance((10.1, 20.5), SQUARE).unwrap();
        assert!((north - 0.3).abs() < 1e-4, "{north}");
        let corner = distance((10.0, 19.0), SQUARE).unwrap();
        assert!((corner - 1.0).abs() < 1e-3, "{corner}");
        assert_eq!(distance((0.0, 0.0), ""), None);
        // The other side of the sky is far away, not near.
        assert!(distance((190.1, -20.1), SQUARE).unwrap() > 170.0);
    }

    #[test]
    fn plane_and_sky_are_inverses() {
        for centre in [(0.01, 80.0), (359.99, -33.0), (180.0, 0.0)] {
            let sky = from_plane(centre, (0.05, -0.02));
            let (xi, eta) = to_plane(centre, sky).unwrap();
            assert!(
                (xi - 0.05).abs() < 1e-10 && (eta + 0.02).abs() < 1e-10,
                "{xi} {eta}"
            );
        }
        assert!((separation((0.0, 89.0), (180.0, 89.0)) - 2.0).abs() < 1e-12);
    }
}
