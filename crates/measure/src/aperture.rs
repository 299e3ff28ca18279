//! The shapes that light is summed in.

use crate::bounds::BoundingBox;
use crate::geometry::{Convex, Ellipse, Grid, Nested, Rectangle, Run};
use crate::overlap::Overlap;
use crate::{Error, Result};
use std::f64::consts::PI;
use std::ops::Range;

/// An aperture, without a position. Lengths are pixels; `theta` is in radians, counter-clockwise from the
/// x axis to `a` or `w`. Names and parameters are photutils'.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Aperture {
    /// A circle.
    CircularAperture {
        /// Radius.
        r: f64,
    },
    /// Between two circles.
    CircularAnnulus {
        /// Inner radius.
        r_in: f64,
        /// Outer radius.
        r_out: f64,
    },
    /// An ellipse.
    EllipticalAperture {
        /// Semi-axis along `theta`.
        a: f64,
        /// Semi-axis across.
        b: f64,
        /// Orientation.
        #[serde(default)]
        theta: f64,
    },
    /// Between two ellipses.
    EllipticalAnnulus {
        /// Inner semi-axis along `theta`.
        a_in: f64,
        /// Outer semi-axis along `theta`.
        a_out: f64,
        /// Outer semi-axis across.
        b_out: f64,
        /// Inner semi-axis across; `b_out * a_in / a_out` where it is not given.
        #[serde(default)]
        b_in: Option<f64>,
        /// Orientation.
        #[serde(default)]
        theta: f64,
    },
    /// A rectangle.
    RectangularAperture {
        /// Full width, along `theta`.
        w: f64,
        /// Full height, across.
        h: f64,
        /// Orientation.
        #[serde(default)]
        theta: f64,
    },
    /// Between two rectangles.
    RectangularAnnulus {
        /// Inner full width, along `theta`.
        w_in: f64,
        /// Outer full width, along `theta`.
        w_out: f64,
        /// Outer full height, across.
        h_out: f64,
        /// Inner full height, across; `w_in * h_out / w_out` where it is not given.
        #[serde(default)]
        h_in: Option<f64>,
        /// Orientation.
        #[serde(default)]
        theta: f64,
    },
}

use Aperture::{
    CircularAnnulus, CircularAperture, EllipticalAnnulus, EllipticalAperture, RectangularAnnulus,
    RectangularAperture,
};

impl Aperture {
    /// The name of its kind.
    pub fn name(&self) -> &'static str {
        match self {
            CircularAperture { .. } => "CircularAperture",
            CircularAnnulus { .. } => "CircularAnnulus",
            EllipticalAperture { .. } => "EllipticalAperture",
            EllipticalAnnulus { .. } => "EllipticalAnnulus",
            RectangularAperture { .. } => "RectangularAperture",
            RectangularAnnulus { .. } => "RectangularAnnulus",
        }
    }

    /// Its parameters by name, in order; an inner height or semi-axis that was not given is filled in.
    pub fn parameters(&self) -> Vec<(&'static str, f64)> {
        match *self {
            CircularAperture { r } => vec![("r", r)],
            CircularAnnulus { r_in, r_out } => vec![("r_in", r_in), ("r_out", r_out)],
            EllipticalAperture { a, b, theta } => vec![("a", a), ("b", b), ("theta", theta)],
            EllipticalAnnulus {
                a_in,
                a_out,
                b_out,
                b_in,
                theta,
            } => vec![
                ("a_in", a_in),
                ("a_out", a_out),
                ("b_in", b_in.unwrap_or(b_out * a_in / a_out)),
                ("b_out", b_out),
                ("theta", theta),
            ],
            RectangularAperture { w, h, theta } => vec![("w", w), ("h", h), ("theta", theta)],
            RectangularAnnulus {
                w_in,
                w_out,
                h_out,
                h_in,
                theta,
            } => vec![
                ("w_in", w_in),
                ("w_out", w_out),
                ("h_in", h_in.unwrap_or(w_in * h_out / w_out)),
                ("h_out", h_out),
                ("theta", theta),
            ],
        }
    }

    /// Checks the parameters.
    ///
    /// # Errors
    /// [`Error::BadAperture`] where a length is not positive and finite, `theta` is not finite, or an
    /// annulus is not wider outside than inside.
    pub fn check(&self) -> Result<()> {
        let bad = |parameter, expected, found| {
            Err(Error::BadAperture {
                aperture: self.name(),
                parameter,
                expected,
                found,
            })
        };
        let parameters = self.parameters();
        for &(parameter, found) in &parameters {
            if parameter == "theta" {
                if !found.is_finite() {
                    return bad(parameter, "finite", found);
                }
            } else if !(found > 0.0 && found.is_finite()) {
                return bad(parameter, "positive and finite", found);
            }
        }
        for pair in parameters.windows(2) {
            let [(inner, inside), (outer, outside)] = pair else {
                continue;
            };
            if inner.ends_with("_in") && outer.ends_with("_out") && inside >= outside {
                return bad(inner, "smaller than its outer counterpart", *inside);
            }
        }
        Ok(())
    }

    /// Whether it has a hole.
    pub fn is_annulus(&self) -> bool {
        matches!(
            self,
            CircularAnnulus { .. } | EllipticalAnnulus { .. } | RectangularAnnulus { .. }
        )
    }

    /// The geometric area, in pixels.
    pub fn area(&self) -> f64 {
        match *self {
            CircularAperture { r } => PI * r * r,
            CircularAnnulus { r_in, r_out } => PI * (r_out * r_out - r_in * r_in),
            EllipticalAperture { a, b, .. } => PI * a * b,
            EllipticalAnnulus {
                a_in,
                a_out,
                b_out,
                b_in,
                ..
            } => PI * (a_out * b_out - a_in * b_in.unwrap_or(b_out * a_in / a_out)),
            RectangularAperture { w, h, .. } => w * h,
            RectangularAnnulus {
                w_in,
                w_out,
                h_out,
                h_in,
                ..
            } => w_out * h_out - w_in * h_in.unwrap_or(w_in * h_out / w_out),
        }
    }

    pub(crate) fn footprint(&self) -> Footprint {
        match *self {
            CircularAperture { r } => Footprint::elliptical(Ellipse::circle(r), None),
            CircularAnnulus { r_in, r_out } => {
                Footprint::elliptical(Ellipse::circle(r_out), Some(Ellipse::circle(r_in)))
            }
            EllipticalAperture { a, b, theta } => Footprint::elliptical(Ellipse::new(a, b, theta), None),
            EllipticalAnnulus {
                a_in,
                a_out,
                b_out,
                b_in,
                theta,
            } => {
                let b_in = b_in.unwrap_or(b_out * a_in / a_out);
                let inner = Ellipse::new(a_in, b_in, theta);
                Footprint::elliptical(Ellipse::new(a_out, b_out, theta), Some(inner))
            }
            RectangularAperture { w, h, theta } => Footprint::rectangular(Rectangle::new(w, h, theta), None),
            RectangularAnnulus {
                w_in,
                w_out,
                h_out,
                h_in,
                theta,
            } => {
                let h_in = h_in.unwrap_or(w_in * h_out / w_out);
                let inner = Rectangle::new(w_in, h_in, theta);
                Footprint::rectangular(Rectangle::new(w_out, h_out, theta), Some(inner))
            }
        }
    }

    /// The smallest box of whole pixels around the aperture at a position.
    pub fn bounding_box(&self, position: (f64, f64)) -> BoundingBox {
        self.footprint().bounding_box(position)
    }
}

/// The geometry of an aperture, prepared once for all its positions.
#[derive(Debug, Clone)]
pub(crate) enum Footprint {
    Elliptical(Box<Nested<Ellipse>>),
    Rectangular(Box<Nested<Rectangle>>),
}

impl Footprint {
    fn elliptical(outer: Ellipse, inner: Option<Ellipse>) -> Self {
        Self::Elliptical(Box::new(Nested { outer, inner }))
    }

    fn rectangular(outer: Rectangle, inner: Option<Rectangle>) -> Self {
        Self::Rectangular(Box::new(Nested { outer, inner }))
    }

    pub fn bounding_box(&self, position: (f64, f64)) -> BoundingBox {
        let extents = match self {
            Self::Elliptical(nested) => nested.outer.extents(),
            Self::Rectangular(nested) => nested.outer.extents(),
        };
        BoundingBox::around(position, extents)
    }

    /// Gives all pixels in `region` with a weight above 0, row by row: the row and the run.
    pub fn visit(
        &self,
        position: (f64, f64),
        region: BoundingBox,
        overlap: Overlap,
        mut visit: impl FnMut(i64, Run),
    ) {
        let grid = Grid::new(position, self.bounding_box(position), overlap);
        let rows: Range<i64> = region.rows();
        match self {
            Self::Elliptical(nested) => {
                rows.for_each(|row| nested.row(&grid, row, region.columns(), &mut |run| visit(row, run)));
            }
            Self::Rectangular(nested) => {
                rows.for_each(|row| nested.row(&grid, row, region.columns(), &mut |run| visit(row, run)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_parameters_are_named() {
        let message = |aperture: Aperture| aperture.check().unwrap_err().to_string();
        assert!(message(CircularAperture { r: -1.0 }).contains("r has to be positive"));
        assert!(
            message(EllipticalAperture {
                a: 1.0,
                b: f64::NAN,
                theta: 0.0
            })
            .contains('b')
        );
        assert!(
            message(RectangularAperture {
                w: 1.0,
                h: 1.0,
                theta: f64::INFINITY
            })
            .contains("theta")
        );
        assert!(
            message(CircularAnnulus {
                r_in: 3.0,
                r_out: 3.0
            })
            .contains("r_in")
        );
        let twisted = EllipticalAnnulus {
            a_in: 1.0,
            a_out: 3.0,
            b_out: 2.0,
            b_in: Some(2.5),
            theta: 0.0,
        };
        assert!(message(twisted).contains("b_in"));
        let flat = RectangularAnnulus {
            w_in: 1.0,
            w_out: 2.0,
            h_out: 4.0,
            h_in: Some(4.0),
            theta: 0.0,
        };
        assert!(message(flat).contains("h_in"));
    }

    #[test]
    fn inner_axes_are_filled_in_to_scale() {
        let annulus = EllipticalAnnulus {
            a_in: 2.0,
            a_out: 4.0,
            b_out: 3.0,
            b_in: None,
            theta: 0.1,
        };
        assert!(annulus.check().is_ok());
        assert_eq!(annulus.parameters()[2], ("b_in", 1.5));
        assert!((annulus.area() - PI * 9.0).abs() < 1e-14);
        let frame = RectangularAnnulus {
            w_in: 2.0,
            w_out: 4.0,
            h_out: 3.0,
            h_in: None,
            theta: 0.0,
        };
        assert_eq!(frame.area(), 9.0);
    }
}
