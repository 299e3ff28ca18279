//! Outlines of chips on the sphere.

use firstlight_wcs::Wcs;

type Vector = [f64; 3];

/// Points so near to an edge count as on it: far less than a thousandth of any pixel.
const NEAR_RAD: f64 = 1e-13;

/// A convex polygon of great circles, its corners anticlockwise as seen from outside of the sphere. That is what the
/// outline of a chip is by its four corners; `stsci.skypac` takes no more of them either.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Footprint {
    corners: Vec<Vector>,
}

impl Footprint {
    /// The outer corners of an image of `(ny, nx)` pixels; `None` where they are not on the sky, or enclose nothing.
    pub(super) fn of(wcs: &Wcs, (ny, nx): (usize, usize)) -> Option<Self> {
        let (right, top) = (nx as f64 - 0.5, ny as f64 - 0.5);
        let outer = [(-0.5, -0.5), (right, -0.5), (right, top), (-0.5, top)];
        let sky = outer.map(|(x, y)| wcs.pixel_to_sky(x, y));
        if !sky.iter().all(|(ra, dec)| ra.is_finite() && dec.is_finite()) {
            return None;
        }
        Self::new(sky.map(|(ra, dec)| direction(ra, dec)).to_vec())
    }

    fn new(mut corners: Vec<Vector>) -> Option<Self> {
        let area = twice_area(&corners);
        if area < 0.0 {
            corners.reverse();
        }
        (corners.len() > 2 && area.abs() > NEAR_RAD * NEAR_RAD).then_some(Self { corners })
    }

    /// What both enclose; `None` where that has no area.
    pub(super) fn intersection(&self, other: &Self) -> Option<Self> {
        let mut corners = self.corners.clone();
        for (from, to) in edges(&other.corners) {
            let normal = unit(cross(from, to))?;
            corners = on_the_left(&corners, normal);
            if corners.len() < 3 {
                return None;
            }
        }
        Self::new(corners)
    }

    /// The corners, degrees.
    pub(super) fn sky(&self) -> impl Iterator<Item = (f64, f64)> {
        self.corners.iter().map(|[x, y, z]| {
            let ra = y.atan2(*x).to_degrees().rem_euclid(360.0);
            (ra, z.atan2(x.hypot(*y)).to_degrees())
        })
    }
}

/// What of a convex polygon lies on the side of a great circle that its normal points to.
fn on_the_left(corners: &[Vector], normal: Vector) -> Vec<Vector> {
    let mut kept = Vec::with_capacity(corners.len() + 1);
    for (from, to) in edges(corners) {
        let (here, there) = (dot(normal, from), dot(normal, to));
        if here >= -NEAR_RAD {
            kept.push(from);
        }
        if (here > NEAR_RAD && there < -NEAR_RAD) || (here < -NEAR_RAD && there > NEAR_RAD) {
            let part = here / (here - there);
            let between = [0, 1, 2].map(|axis| from[axis] + part * (to[axis] - from[axis]));
            kept.extend(unit(between));
        }
    }
    kept
}

fn edges(corners: &[Vector]) -> impl Iterator<Item = (Vector, Vector)> {
    let next = corners.iter().cycle().skip(1);
    corners.iter().copied().zip(next.copied())
}

/// Twice the area of a polygon that is small on the sphere, positive where its corners are anticlockwise, steradian.
fn twice_area(corners: &[Vector]) -> f64 {
    let Some(first) = corners.first() else {
        return 0.0;
    };
    let from_first = |corner: Vector| [0, 1, 2].map(|axis| corner[axis] - first[axis]);
    let triangles = edges(corners).map(|(a, b)| dot(*first, cross(from_first(a), from_first(b))));
    triangles.sum()
}

fn direction(ra_deg: f64, dec_deg: f64) -> Vector {
    let ((sin_ra, cos_ra), (sin_dec, cos_dec)) =
        (ra_deg.to_radians().sin_cos(), dec_deg.to_radians().sin_cos());
    [cos_dec * cos_ra, cos_dec * sin_ra, sin_dec]
}

fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: Vector, b: Vector) -> Vector {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

fn unit(v: Vector) -> Option<Vector> {
    let length = dot(v, v).sqrt();
    (length > 0.0 && length.is_finite()).then(|| v.map(|c| c / length))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A square of so many degrees about a place.
    fn square(ra: f64, dec: f64, side: f64) -> Footprint {
        let (h, w) = (side / 2.0, side / 2.0 / dec.to_radians().cos());
        let corners = [
            (ra - w, dec - h),
            (ra - w, dec + h),
            (ra + w, dec + h),
            (ra + w, dec - h),
        ];
        Footprint::new(corners.map(|(ra, dec)| direction(ra, dec)).to_vec()).unwrap()
    }

    fn area_sqdeg(footprint: &Footprint) -> f64 {
        0.5 * twice_area(&footprint.corners) * 1f64.to_degrees().powi(2)
    }

    #[test]
    fn squares_overlap_by_what_they_have_in_common() {
        for (ra, dec) in [(0.0, 0.0), (359.999, 40.0), (120.0, -72.0)] {
            let a = square(ra, dec, 0.05);
            let b = square(ra, dec + 0.03, 0.05);
            let both = a.intersection(&b).unwrap();
            let part = area_sqdeg(&both) / area_sqdeg(&a);
            assert!((part - 0.4).abs() < 1e-3, "{part}");
            assert_eq!(both.corners.len(), 4);
            let there_and_back = area_sqdeg(&b.intersection(&a).unwrap());
            assert!((there_and_back / area_sqdeg(&both) - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn a_footprint_with_itself_is_itself_and_with_one_apart_nothing() {
        let a = square(200.0, 30.0, 0.05);
        assert_eq!(a.intersection(&a).unwrap(), a);
        assert_eq!(a.intersection(&square(200.0, 30.2, 0.05)), None);
        assert_eq!(a.intersection(&square(20.0, -30.0, 0.05)), None);
        // Beside one another.
        assert_eq!(a.intersection(&square(200.0, 30.05, 0.05)), None);
        let inner = square(200.0, 30.0, 0.01);
        assert!((area_sqdeg(&a.intersection(&inner).unwrap()) / area_sqdeg(&inner) - 1.0).abs() < 1e-6);
    }
}
