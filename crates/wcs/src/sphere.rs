//! Angles and directions on the sky.

use crate::arctangent::{LANES, atan2};

/// A 3×3 matrix, rows first.
pub(crate) type Matrix3 = [[f64; 3]; 3];

/// Sine and cosine of an angle in degrees, exact at multiples of 90°, where poles and axes lie.
pub(crate) fn sin_cos_degrees(angle_deg: f64) -> (f64, f64) {
    let turn = angle_deg % 360.0;
    match turn {
        0.0 => (0.0, 1.0),
        90.0 | -270.0 => (1.0, 0.0),
        180.0 | -180.0 => (0.0, -1.0),
        270.0 | -90.0 => (-1.0, 0.0),
        _ => turn.to_radians().sin_cos(),
    }
}

/// The direction of a position: a unit vector.
pub(crate) fn direction(ra_deg: f64, dec_deg: f64) -> [f64; 3] {
    let (sin_ra, cos_ra) = sin_cos_degrees(ra_deg);
    let (sin_dec, cos_dec) = sin_cos_degrees(dec_deg);
    [cos_dec * cos_ra, cos_dec * sin_ra, sin_dec]
}

/// The positions, in degrees with `0 <= ra < 360`, of vectors of any length.
pub(crate) fn positions(v: [[f64; LANES]; 3]) -> ([f64; LANES], [f64; LANES]) {
    let mut across = [0.0; LANES];
    for k in 0..LANES {
        across[k] = (v[0][k] * v[0][k] + v[1][k] * v[1][k]).sqrt();
    }
    let (mut ra, mut dec) = (atan2(v[1], v[0]), atan2(v[2], across));
    for k in 0..LANES {
        let degrees = ra[k].to_degrees();
        let positive = if degrees < 0.0 { degrees + 360.0 } else { degrees };
        // -1e-20 + 360 is 360.
        ra[k] = if positive >= 360.0 { 0.0 } else { positive };
        dec[k] = dec[k].to_degrees();
    }
    (ra, dec)
}

/// The rotation from native to celestial directions of a projection whose reference point is its
/// native pole (Calabretta & Greisen 2002, section 2.4; `θ₀ = 90°`, where LATPOLE has no effect).
///
/// Columns are the celestial directions of the plane's first axis, of its second, and of the
/// reference point.
pub(crate) fn native_to_celestial(ra_deg: f64, dec_deg: f64, lonpole_deg: f64) -> Matrix3 {
    let (sin_ra, cos_ra) = sin_cos_degrees(ra_deg);
    let (sin_dec, cos_dec) = sin_cos_degrees(dec_deg);
    let (sin_pole, cos_pole) = sin_cos_degrees(lonpole_deg);
    let east = [-sin_ra, cos_ra, 0.0];
    let north = [-sin_dec * cos_ra, -sin_dec * sin_ra, cos_dec];
    let centre = [cos_dec * cos_ra, cos_dec * sin_ra, sin_dec];
    // In the plane, north lies along (sin φp, -cos φp) and east along (-cos φp, -sin φp).
    std::array::from_fn(|i| {
        [
            -cos_pole * east[i] + sin_pole * north[i],
            -sin_pole * east[i] - cos_pole * north[i],
            centre[i],
        ]
    })
}

/// `matrix` times a vector.
pub(crate) fn rotate(matrix: &Matrix3, v: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|i| matrix[i][0] * v[0] + matrix[i][1] * v[1] + matrix[i][2] * v[2])
}

/// The transpose, which is the inverse of a rotation.
pub(crate) fn transposed(m: &Matrix3) -> Matrix3 {
    std::array::from_fn(|i| std::array::from_fn(|j| m[j][i]))
}

/// The product `a b`.
pub(crate) fn product(a: &Matrix3, b: &Matrix3) -> Matrix3 {
    std::array::from_fn(|i| std::array::from_fn(|j| (0..3).map(|k| a[i][k] * b[k][j]).sum()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_angles_are_exact() {
        assert_eq!(sin_cos_degrees(-90.0), (-1.0, 0.0));
        assert_eq!(sin_cos_degrees(540.0), (0.0, -1.0));
        let (sin, cos) = sin_cos_degrees(30.0);
        assert!((sin - 0.5).abs() < 1e-15 && (cos - 0.75f64.sqrt()).abs() < 1e-15);
    }

    #[test]
    fn the_native_frame_is_a_rotation() {
        for (ra, dec, pole) in [(10.0, 20.0, 180.0), (359.9, -89.0, 30.0), (0.0, 90.0, 0.0)] {
            let m = native_to_celestial(ra, dec, pole);
            let identity = product(&m, &transposed(&m));
            for (i, row) in identity.iter().enumerate() {
                for (j, &value) in row.iter().enumerate() {
                    assert!((value - f64::from(u8::from(i == j))).abs() < 1e-15);
                }
            }
        }
    }

    #[test]
    fn right_ascension_stays_below_360() {
        let (ra, _) = positions([[1.0; LANES], [-1e-30; LANES], [0.0; LANES]]);
        assert_eq!(ra[0], 0.0);
    }
}
