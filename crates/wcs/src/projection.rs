//! Zenithal projections: between directions seen from the reference point and the plane of projection.

use crate::arctangent::LANES;

/// A zenithal projection without parameters (Calabretta & Greisen 2002, section 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Projection {
    /// Gnomonic: what a camera sees.
    Tan,
    /// Orthographic.
    Sin,
    /// Stereographic.
    Stg,
    /// Zenithal equidistant.
    Arc,
    /// Zenithal equal area.
    Zea,
}

impl Projection {
    /// The projection of a three-letter code.
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        Some(match code {
            "TAN" => Self::Tan,
            "SIN" => Self::Sin,
            "STG" => Self::Stg,
            "ARC" => Self::Arc,
            "ZEA" => Self::Zea,
            _ => return None,
        })
    }

    /// The three letters in CTYPE.
    pub fn code(self) -> &'static str {
        match self {
            Self::Tan => "TAN",
            Self::Sin => "SIN",
            Self::Stg => "STG",
            Self::Arc => "ARC",
            Self::Zea => "ZEA",
        }
    }

    /// Directions (of any length) of points in the plane, whose coordinates are in radians; NaN
    /// outside the projection's disc.
    pub(crate) fn unproject(self, x: [f64; LANES], y: [f64; LANES]) -> [[f64; LANES]; 3] {
        let mut v = [x, y, [1.0; LANES]];
        if self == Self::Tan {
            return v;
        }
        for k in 0..LANES {
            let r2 = x[k] * x[k] + y[k] * y[k];
            let (across, along) = self.components(r2);
            v[0][k] *= across;
            v[1][k] *= across;
            v[2][k] = along;
        }
        v
    }

    /// `cos θ / r` and `sin θ` at the squared radius `r2`.
    fn components(self, r2: f64) -> (f64, f64) {
        let inside = |limit: f64| if r2 <= limit { r2 } else { f64::NAN };
        match self {
            Self::Tan => (1.0, 1.0),
            Self::Sin => (1.0, (1.0 - inside(1.0)).sqrt()),
            Self::Stg => (4.0 / (4.0 + r2), (4.0 - r2) / (4.0 + r2)),
            Self::Zea => ((1.0 - inside(4.0) / 4.0).sqrt(), 1.0 - r2 / 2.0),
            Self::Arc => {
                let r = inside(std::f64::consts::PI * std::f64::consts::PI).sqrt();
                (if r == 0.0 { 1.0 } else { r.sin() / r }, r.cos())
            }
        }
    }

    /// The point in the plane, in radians, of a unit direction; NaN where the projection does not
    /// reach it (for TAN and SIN, the far half of the sky).
    pub(crate) fn project(self, v: [f64; 3]) -> (f64, f64) {
        let z = v[2];
        let scale = match self {
            Self::Tan if z > 0.0 => 1.0 / z,
            Self::Sin if z >= 0.0 => 1.0,
            Self::Stg if z > -1.0 => 2.0 / (1.0 + z),
            Self::Zea if z > -1.0 => (2.0 / (1.0 + z)).sqrt(),
            Self::Arc => {
                let across = v[0].hypot(v[1]);
                if across == 0.0 && z > 0.0 {
                    1.0
                } else {
                    across.atan2(z) / across
                }
            }
            _ => f64::NAN,
        };
        (v[0] * scale, v[1] * scale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    const ALL: [Projection; 5] = [
        Projection::Tan,
        Projection::Sin,
        Projection::Stg,
        Projection::Arc,
        Projection::Zea,
    ];

    #[test]
    fn there_and_back() {
        for projection in ALL {
            for (x, y) in [(0.0, 0.0), (0.01, -0.3), (-0.4, 0.2), (1e-9, 0.0)] {
                let v = projection.unproject([x; LANES], [y; LANES]).map(|c| c[0]);
                let length = (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]).sqrt();
                let back = projection.project(v.map(|c| c / length));
                assert!(
                    (back.0 - x).abs() < 1e-15 && (back.1 - y).abs() < 1e-15,
                    "{projection:?} {x} {y}"
                );
            }
        }
    }

    #[test]
    fn outside_the_disc_is_nan() {
        assert!(Projection::Sin.unproject([1.1; LANES], [0.0; LANES])[2][0].is_nan());
        assert!(Projection::Zea.unproject([2.1; LANES], [0.0; LANES])[0][0].is_nan());
        assert!(Projection::Tan.project([0.6, 0.0, -0.8]).0.is_nan());
        assert!(Projection::Sin.project([0.6, 0.0, -0.8]).0.is_nan());
        assert!(Projection::Stg.project([0.0, 0.0, -1.0]).0.is_nan());
    }

    #[test]
    fn codes_are_read_as_written() {
        for projection in ALL {
            assert_eq!(Projection::from_code(projection.code()), Some(projection));
        }
        assert_eq!(Projection::from_code("AIT"), None);
    }
}
