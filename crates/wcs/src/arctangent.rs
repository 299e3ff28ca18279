//! The two-argument arctangent, several points at a time.

/// Points that are worked on together; the loops over them become vector instructions.
pub(crate) const LANES: usize = 4;

const TAN_PI_8: f64 = 0.414_213_562_373_095_05;
const PI: f64 = std::f64::consts::PI;

/// `atan(t) / t` as a polynomial in `t²` for `|t| <= tan(π/8)`: Chebyshev economised, error 1.3e-18.
const ARCTANGENT: [f64; 12] = [
    0.999_999_999_999_999_998_74,
    -0.333_333_333_333_331_2,
    0.199_999_999_999_408_93,
    -0.142_857_142_792_502_45,
    0.111_111_107_449_196_58,
    -0.090_908_968_090_640_27,
    0.076_920_453_309_022_25,
    -0.066_629_518_136_291_91,
    0.058_468_782_973_308_72,
    -0.050_351_024_566_015_52,
    0.037_965_257_453_865_93,
    -0.017_805_397_205_419_446,
];

/// `atan2(y, x)` in radians, within 2 units in the last place; NaN where either is NaN, 0 at the origin.
pub(crate) fn atan2(y: [f64; LANES], x: [f64; LANES]) -> [f64; LANES] {
    let mut angle = [0.0; LANES];
    for k in 0..LANES {
        let (ax, ay) = (x[k].abs(), y[k].abs());
        let (large, small) = if ax >= ay { (ax, ay) } else { (ay, ax) };
        // atan(s / l) = π/4 + atan((s - l) / (s + l)) brings the argument below tan(π/8).
        let far = small > TAN_PI_8 * large;
        let numerator = if far { small - large } else { small };
        let denominator = if far { small + large } else { large };
        // The origin has no direction: 0 / 1 rather than 0 / 0.
        let t = numerator / if denominator == 0.0 { 1.0 } else { denominator };
        let z = t * t;
        let mut sum = ARCTANGENT[11];
        for &coefficient in ARCTANGENT[..11].iter().rev() {
            sum = sum * z + coefficient;
        }
        let mut a = t * sum + if far { PI / 4.0 } else { 0.0 };
        a = if ax >= ay { a } else { PI / 2.0 - a };
        a = if x[k] < 0.0 { PI - a } else { a };
        angle[k] = if y[k] < 0.0 { -a } else { a };
    }
    angle
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_standard_library_in_every_direction() {
        for step in 0..=4000 {
            let direction = f64::from(step - 2000) * (PI / 2000.0);
            for scale in [1e-9, 0.3, 1.0, 7e8] {
                let (y, x) = (scale * direction.sin(), scale * direction.cos());
                let ours = atan2([y; LANES], [x; LANES])[LANES - 1];
                let theirs = y.atan2(x);
                assert!(
                    (ours - theirs).abs() <= 4e-16 * theirs.abs().max(0.5),
                    "{direction}: {ours} {theirs}"
                );
            }
        }
    }

    #[test]
    fn special_values() {
        let angles = atan2([0.0, 0.0, f64::NAN, 1.0], [0.0, -1.0, 1.0, f64::NAN]);
        assert_eq!(angles[..2], [0.0, PI]);
        assert!(angles[2].is_nan() && angles[3].is_nan());
    }

    #[test]
    fn small_angles_keep_their_relative_precision() {
        for exponent in 1..300 {
            let y = 10f64.powi(-exponent);
            let ours = atan2([y; LANES], [1.0; LANES])[0];
            assert!((ours / y.atan2(1.0) - 1.0).abs() < 4e-16, "1e-{exponent}");
        }
    }
}
