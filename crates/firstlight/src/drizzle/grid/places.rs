//! Stars and boxes, in pixels of the output or on the sky.

use crate::{Error, Result};
use firstlight_wcs::Wcs;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::str::FromStr;

/// A position: `x,y` in pixels of the output, 0-based, or `RAd,DECd` in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "String")]
pub enum Spot {
    /// Column and row of the first output grid, 0-based.
    Pixel(f64, f64),
    /// Right ascension and declination, degrees.
    Sky(f64, f64),
}

/// A box: `x0,x1,y0,y1` in pixels of the output, 0-based and without the last, or `RAd,DECd,WIDTH,HEIGHT`: its middle
/// in degrees, its sides along the axes of the output in arcsec.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "String")]
pub enum Area {
    /// Columns `x0..x1` and rows `y0..y1` of the first output grid.
    Pixels([usize; 4]),
    /// Middle, degrees, and sides, arcsec.
    Sky([f64; 4]),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Numbers(Vec<f64>),
}

impl Written {
    fn text(self) -> String {
        match self {
            Written::Text(text) => text,
            Written::Numbers(numbers) => {
                let words: Vec<String> = numbers.iter().map(f64::to_string).collect();
                words.join(",")
            }
        }
    }
}

/// Numbers with commas, and whether the first two are followed by `d`.
fn numbers(text: &str) -> Option<(Vec<f64>, bool)> {
    let words: Vec<&str> = text.split(',').map(str::trim).collect();
    let on_sky = words.iter().take(2).all(|word| word.ends_with('d'));
    let number = |(at, word): (usize, &&str)| {
        let word = if on_sky && at < 2 {
            word.trim_end_matches('d')
        } else {
            word
        };
        word.parse::<f64>().ok().filter(|number| number.is_finite())
    };
    let numbers: Option<Vec<f64>> = words.iter().enumerate().map(number).collect();
    Some((numbers?, on_sky))
}

impl FromStr for Spot {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match numbers(text) {
            Some((n, false)) if n.len() == 2 => Ok(Spot::Pixel(n[0], n[1])),
            Some((n, true)) if n.len() == 2 && n[1].abs() <= 90.0 => Ok(Spot::Sky(n[0], n[1])),
            _ => Err(format!(
                "{text:?} is no position: x,y in pixels, or RAd,DECd in degrees as in 5.655d,-72.067d"
            )),
        }
    }
}

impl FromStr for Area {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let bad = |why: &str| {
            format!(
                "{text:?} is no box{why}: x0,x1,y0,y1 in pixels, or RAd,DECd,WIDTH,HEIGHT in degrees and arcsec"
            )
        };
        let Some((n, on_sky)) = numbers(text).filter(|(n, _)| n.len() == 4) else {
            return Err(bad(""));
        };
        if on_sky {
            let plausible = n[1].abs() <= 90.0 && n[2] > 0.0 && n[3] > 0.0;
            return match plausible {
                true => Ok(Area::Sky([n[0], n[1], n[2], n[3]])),
                false => Err(bad(" with sides over 0")),
            };
        }
        let whole = n
            .iter()
            .all(|number| *number >= 0.0 && number.fract() == 0.0 && *number < 1e9);
        if !whole || n[0] >= n[1] || n[2] >= n[3] {
            return Err(bad(" of whole pixels that has any"));
        }
        Ok(Area::Pixels([
            n[0] as usize,
            n[1] as usize,
            n[2] as usize,
            n[3] as usize,
        ]))
    }
}

impl TryFrom<Written> for Spot {
    type Error = String;
    fn try_from(written: Written) -> Result<Self, String> {
        written.text().parse()
    }
}

impl TryFrom<Written> for Area {
    type Error = String;
    fn try_from(written: Written) -> Result<Self, String> {
        written.text().parse()
    }
}

impl From<Spot> for String {
    fn from(spot: Spot) -> Self {
        match spot {
            Spot::Pixel(x, y) => format!("{x},{y}"),
            Spot::Sky(ra, dec) => format!("{ra}d,{dec}d"),
        }
    }
}

impl From<Area> for String {
    fn from(area: Area) -> Self {
        match area {
            Area::Pixels([x0, x1, y0, y1]) => format!("{x0},{x1},{y0},{y1}"),
            Area::Sky([ra, dec, width, height]) => format!("{ra}d,{dec}d,{width},{height}"),
        }
    }
}

/// Columns and rows of an output grid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PixelBox {
    /// First column, and the one after the last.
    pub x: Range<usize>,
    /// First row, and the one after the last.
    pub y: Range<usize>,
}

impl PixelBox {
    /// Number of pixels.
    pub fn pixels(&self) -> usize {
        self.x.len() * self.y.len()
    }

    /// So many pixels to each side of a position; `None` where that is not wholly on the grid.
    pub(super) fn around((x, y): (f64, f64), half: usize, (ny, nx): (usize, usize)) -> Option<Self> {
        let side = |at: f64, n: usize| {
            let at = at.round();
            let within = at >= half as f64 && at + (half as f64) < n as f64;
            within.then(|| at as usize - half..at as usize + half + 1)
        };
        Some(Self {
            x: side(x, nx)?,
            y: side(y, ny)?,
        })
    }
}

impl Spot {
    /// Where it is on a grid; pixels count on the first.
    pub(super) fn on(self, grid: &Wcs, first: &Wcs) -> Result<(f64, f64)> {
        let (ra, dec) = match self {
            Spot::Pixel(x, y) if std::ptr::eq(grid, first) => return Ok((x, y)),
            Spot::Pixel(x, y) => first.pixel_to_sky(x, y),
            Spot::Sky(ra, dec) => (ra, dec),
        };
        Ok(grid.sky_to_pixel(ra, dec)?)
    }

    /// The stamp of a star here, which has to be wholly on the grid.
    pub(super) fn stamp(self, grid: &Wcs, half: usize) -> Result<PixelBox> {
        let (ny, nx) = grid.shape().unwrap_or((0, 0));
        let at = self.on(grid, grid)?;
        PixelBox::around(at, half, (ny, nx)).ok_or_else(|| {
            Error::Usage(format!(
                "star {} is at {:.1},{:.1}, where there is no room for a picture of {half} pixels to each side on an \
                 output of {nx} columns and {ny} rows",
                String::from(self),
                at.0,
                at.1
            ))
        })
    }
}

impl Area {
    /// What of a grid it is; pixels count on the first.
    pub(super) fn on(self, grid: &Wcs, first: &Wcs) -> Result<PixelBox> {
        let (ny, nx) = grid.shape().unwrap_or((0, 0));
        let found = match self {
            Area::Pixels([x0, x1, y0, y1]) if std::ptr::eq(grid, first) => {
                Some(PixelBox { x: x0..x1, y: y0..y1 })
            }
            Area::Pixels([x0, x1, y0, y1]) => {
                let middle = Spot::Pixel(0.5 * (x0 + x1) as f64 - 0.5, 0.5 * (y0 + y1) as f64 - 0.5);
                let scale = first.pixel_scale_arcsec() / grid.pixel_scale_arcsec();
                let sides = ((x1 - x0) as f64 * scale, (y1 - y0) as f64 * scale);
                about(middle.on(grid, first)?, sides)
            }
            Area::Sky([ra, dec, width, height]) => {
                let scale = grid.pixel_scale_arcsec();
                about(
                    Spot::Sky(ra, dec).on(grid, first)?,
                    (width / scale, height / scale),
                )
            }
        };
        let inside = found.filter(|found| found.x.end <= nx && found.y.end <= ny && found.pixels() > 0);
        inside.ok_or_else(|| {
            Error::Usage(format!(
                "box {} is not wholly on the output, which has {nx} columns and {ny} rows",
                String::from(self)
            ))
        })
    }
}

/// A box of such sides in pixels.
fn about((x, y): (f64, f64), (width, height): (f64, f64)) -> Option<PixelBox> {
    let side = |at: f64, length: f64| {
        let start = (at + 0.5 - 0.5 * length).round();
        let end = start + length.round().max(1.0);
        (start >= 0.0 && end < 1e9).then_some(start as usize..end as usize)
    };
    Some(PixelBox {
        x: side(x, width)?,
        y: side(y, height)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_and_written() {
        for text in ["10.5,20", "5.655d,-72.067d"] {
            let spot: Spot = text.parse().unwrap();
            assert_eq!(String::from(spot), text);
        }
        for text in ["1000,1500,2250,2750", "5.655d,-72.067d,15,12.5"] {
            let area: Area = text.parse().unwrap();
            assert_eq!(String::from(area), text);
        }
        assert_eq!(
            serde_json::from_str::<Spot>("[3, 4.5]").unwrap(),
            Spot::Pixel(3.0, 4.5)
        );
        assert_eq!(
            serde_json::from_str::<Area>("[0, 3, 4, 8]").unwrap(),
            Area::Pixels([0, 3, 4, 8])
        );
    }

    #[test]
    fn what_is_no_place() {
        for text in ["", "1", "1,2,3", "a,b", "5d,91d", "5d,3", "nan,1"] {
            assert!(text.parse::<Spot>().is_err(), "{text:?}");
        }
        for text in [
            "",
            "1,2",
            "5,5,0,9",
            "-1,5,0,9",
            "0.5,5,0,9",
            "5d,3d,0,2",
            "9,5,0,9",
        ] {
            assert!(text.parse::<Area>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn boxes_about_a_position() {
        assert_eq!(
            about((10.0, 20.0), (5.0, 3.0)).unwrap(),
            PixelBox { x: 8..13, y: 19..22 }
        );
        assert_eq!(about((1.0, 20.0), (5.0, 3.0)), None);
        assert_eq!(
            PixelBox::around((3.4, 9.0), 3, (20, 10)).unwrap(),
            PixelBox { x: 0..7, y: 6..13 }
        );
        assert_eq!(PixelBox::around((2.0, 9.0), 3, (20, 10)), None);
        assert_eq!(PixelBox::around((f64::NAN, 9.0), 3, (20, 10)), None);
    }
}
