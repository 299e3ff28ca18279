//! Where on the detector: boxes in numpy's order, ellipses.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// A box of pixels, written and read as numpy slices it: `y0:y1,x0:x1`, the ends not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PixelBox {
    /// First row.
    pub y0: usize,
    /// The row after the last.
    pub y1: usize,
    /// First column.
    pub x0: usize,
    /// The column after the last.
    pub x1: usize,
}

impl PixelBox {
    /// Rows `650:850`, columns `580:780`: where the SBC's glow is strong and an SBC target is not.
    pub const SBC_GLOW: PixelBox = PixelBox {
        y0: 650,
        y1: 850,
        x0: 580,
        x1: 780,
    };

    /// The rows.
    pub fn rows(&self) -> Range<usize> {
        self.y0..self.y1
    }

    /// The columns.
    pub fn columns(&self) -> Range<usize> {
        self.x0..self.x1
    }

    /// Number of pixels.
    pub fn len(&self) -> usize {
        (self.y1 - self.y0).saturating_mul(self.x1 - self.x0)
    }

    /// Never: a box has pixels.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Checks that the box lies within an image of this shape, `(ny, nx)`. Unlike numpy's slices, which
    /// are cut at the edges without a word, a box that reaches outside is an error.
    ///
    /// # Errors
    /// [`Error::BoxOutside`].
    pub fn check(&self, shape: (usize, usize)) -> Result<()> {
        if self.y1 <= shape.0 && self.x1 <= shape.1 {
            Ok(())
        } else {
            Err(Error::BoxOutside { found: *self, shape })
        }
    }
}

impl fmt::Display for PixelBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{},{}:{}", self.y0, self.y1, self.x0, self.x1)
    }
}

impl From<PixelBox> for String {
    fn from(of: PixelBox) -> Self {
        of.to_string()
    }
}

impl TryFrom<String> for PixelBox {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl FromStr for PixelBox {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let bad = || Error::Unreadable {
            expected: "a box y0:y1,x0:x1 with y0 < y1 and x0 < x1, such as 650:850,580:780",
            found: text.to_owned(),
        };
        let slice = |part: &str| -> Option<(usize, usize)> {
            let (from, to) = part.split_once(':')?;
            let (from, to) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
            (from < to).then_some((from, to))
        };
        let inner = text.trim().trim_start_matches('[').trim_end_matches(']');
        let (rows, columns) = inner.split_once(',').ok_or_else(bad)?;
        let (y0, y1) = slice(rows).ok_or_else(bad)?;
        let (x0, x1) = slice(columns).ok_or_else(bad)?;
        Ok(Self { y0, y1, x0, x1 })
    }
}

/// An ellipse on the detector, in 0-based pixels; `theta` is in degrees, from the x axis towards y.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DetectorEllipse {
    /// Centre.
    pub x: f64,
    /// Centre.
    pub y: f64,
    /// Semi-axis along `theta`, pixels.
    pub a: f64,
    /// Semi-axis across, pixels.
    pub b: f64,
    /// Degrees from the x axis towards y.
    pub theta: f64,
}

impl DetectorEllipse {
    /// Whether the centre of pixel `(x, y)` lies in the ellipse.
    pub fn contains(&self, x: usize, y: usize) -> bool {
        let (dx, dy) = (x as f64 - self.x, y as f64 - self.y);
        let (sin, cos) = self.theta.to_radians().sin_cos();
        let along = (dx * cos + dy * sin) / self.a;
        let across = (dy * cos - dx * sin) / self.b;
        along * along + across * across <= 1.0
    }
}

impl fmt::Display for DetectorEllipse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{},{},{},{}", self.x, self.y, self.a, self.b, self.theta)
    }
}

impl From<DetectorEllipse> for String {
    fn from(of: DetectorEllipse) -> Self {
        of.to_string()
    }
}

impl TryFrom<String> for DetectorEllipse {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl FromStr for DetectorEllipse {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let bad = || Error::Unreadable {
            expected: "an ellipse x,y,a,b or x,y,a,b,theta (pixels, degrees) with positive a and b",
            found: text.to_owned(),
        };
        let numbers: Option<Vec<f64>> = text
            .split(',')
            .map(|t| t.trim().parse().ok().filter(|n: &f64| n.is_finite()))
            .collect();
        match *numbers.ok_or_else(bad)?.as_slice() {
            [x, y, a, b] if a > 0.0 && b > 0.0 => Ok(Self {
                x,
                y,
                a,
                b,
                theta: 0.0,
            }),
            [x, y, a, b, theta] if a > 0.0 && b > 0.0 => Ok(Self { x, y, a, b, theta }),
            _ => Err(bad()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_read_as_numpy_writes_them() {
        let sbc: PixelBox = "650:850,580:780".parse().unwrap();
        assert_eq!(sbc, PixelBox::SBC_GLOW);
        assert_eq!(" [650:850, 580:780] ".parse::<PixelBox>().unwrap(), sbc);
        assert_eq!(sbc.to_string(), "650:850,580:780");
        assert_eq!(sbc.len(), 40_000);
        for bad in [
            "",
            "650:850",
            "850:650,1:2",
            "1:1,2:3",
            "a:b,c:d",
            "-3:4,1:2",
            "1:2,3:4,5:6",
        ] {
            assert!(bad.parse::<PixelBox>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_box_partly_outside_names_shape_and_box() {
        assert!(PixelBox::SBC_GLOW.check((1024, 1024)).is_ok());
        let error = PixelBox::SBC_GLOW.check((800, 1024)).unwrap_err().to_string();
        assert!(
            error.contains("650:850,580:780") && error.contains("(800, 1024)"),
            "{error}"
        );
    }

    #[test]
    fn ellipses_turn_with_theta() {
        let ellipse: DetectorEllipse = "50,60,20,5,90".parse().unwrap();
        assert!(ellipse.contains(50, 79) && !ellipse.contains(69, 60));
        assert!("1,2,3".parse::<DetectorEllipse>().is_err());
        assert!("1,2,0,3".parse::<DetectorEllipse>().is_err());
        assert!("1,2,nan,3".parse::<DetectorEllipse>().is_err());
    }
}
