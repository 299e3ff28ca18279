//! Where the field falls on the CCD, and the way back to the sky.

use crate::acs::Pointing;
use serde::Serialize;

/// A map of the plane: `x' = xx x + xy y + x0`, `y' = yx x + yy y + y0`; 0-based pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Affine {
    /// Of x in x'.
    pub xx: f64,
    /// Of y in x'.
    pub xy: f64,
    /// x' of the origin, pixels.
    pub x0: f64,
    /// Of x in y'.
    pub yx: f64,
    /// Of y in y'.
    pub yy: f64,
    /// y' of the origin, pixels.
    pub y0: f64,
}

impl Affine {
    /// Leaves all where it is.
    pub const IDENTITY: Affine = Affine {
        xx: 1.0,
        xy: 0.0,
        x0: 0.0,
        yx: 0.0,
        yy: 1.0,
        y0: 0.0,
    };

    /// Turns about a centre, anticlockwise where y is up, and then shifts.
    pub fn turn(angle_deg: f64, centre: (f64, f64), shift: (f64, f64)) -> Self {
        let (sin, cos) = angle_deg.to_radians().sin_cos();
        Self {
            xx: cos,
            xy: -sin,
            x0: centre.0 - cos * centre.0 + sin * centre.1 + shift.0,
            yx: sin,
            yy: cos,
            y0: centre.1 - sin * centre.0 - cos * centre.1 + shift.1,
        }
    }

    /// The map of a place.
    pub fn apply(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (
            self.xx * x + self.xy * y + self.x0,
            self.yx * x + self.yy * y + self.y0,
        )
    }
}

/// A tangential projection as headers have it: pixels from 1, degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Projection {
    /// `CRVAL1` and `CRVAL2`, degrees.
    pub crval: (f64, f64),
    /// `CRPIX1` and `CRPIX2`, pixels from 1.
    pub crpix: (f64, f64),
    /// `CD1_1`, `CD1_2`, `CD2_1`, `CD2_2`, degrees/pixel.
    pub cd: [f64; 4],
}

impl Projection {
    /// Of a frame, where the pointing's centre falls on `centre` of the reference frame, which the map brings to the frame.
    pub fn of(pointing: &Pointing, centre: (f64, f64), map: &Affine) -> Self {
        let (x, y) = map.apply(centre);
        let [[a, b], [c, d]] = pointing.cd();
        let determinant = map.xx * map.yy - map.xy * map.yx;
        // CD of the reference frame times the inverse of the map.
        let inverse = [map.yy, -map.xy, -map.yx, map.xx].map(|value| value / determinant);
        Self {
            crval: pointing.centre_deg,
            crpix: (x + 1.0, y + 1.0),
            cd: [
                a * inverse[0] + b * inverse[2],
                a * inverse[1] + b * inverse[3],
                c * inverse[0] + d * inverse[2],
                c * inverse[1] + d * inverse[3],
            ],
        }
    }
}
