//! Regions of an image, as DS9 writes them to files.
//!
//! Circles, annuli, ellipses, boxes and polygons in pixels or on the sky, to be included or excluded. A pixel is in a
//! region where its centre is.

mod parse;

use crate::sky::Local;
use crate::{Error, Result};
use firstlight_wcs::Wcs;
use std::f64::consts::FRAC_PI_2;

/// The regions of a file, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Regions {
    list: Vec<Region>,
}

/// What the positions of a region are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// Pixels of the image, counted from 1.
    Image,
    /// Pixels of the detector, counted from 1.
    Physical,
    /// Right ascension and declination, degrees.
    Sky,
}

#[derive(Debug, Clone, PartialEq)]
struct Region {
    line: usize,
    include: bool,
    frame: Frame,
    /// The centre, or the corners of a polygon.
    points: Vec<[f64; 2]>,
    outline: Outline,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Length {
    /// In the pixels of the frame; of the sky, in arcsec.
    OfFrame(f64),
    Arcsec(f64),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Outline {
    /// From one radius to another.
    Ring(Length, Length),
    /// Semi-axes, and where the first points, degrees counter-clockwise from the x axis.
    Ellipse([Length; 2], f64),
    /// Sides, and where the first points.
    Box([Length; 2], f64),
    Polygon,
}

/// How pixels of the detector become pixels of an image: `image = physical · step + offset` (LTM and LTV).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Physical {
    /// LTV1 and LTV2.
    pub offset: [f64; 2],
    /// LTM1_1 and LTM2_2.
    pub step: [f64; 2],
}

impl Default for Physical {
    fn default() -> Self {
        Self {
            offset: [0.0; 2],
            step: [1.0; 2],
        }
    }
}

impl Regions {
    /// Reads the text of a file of regions.
    ///
    /// # Errors
    /// [`Error::BadRegion`] with the line, for what is no region and for kinds that are not supported.
    pub fn parse(text: &str) -> Result<Self> {
        Ok(Self {
            list: parse::regions(text)?,
        })
    }

    /// True where a pixel of an image of shape `(ny, nx)` is left out. Regions apply in their order, each to what
    /// those before have left. Where all exclude, the whole image is there at first, else nothing.
    ///
    /// # Errors
    /// [`Error::BadRegion`] where a size in arcsec cannot be brought to the image. What is nowhere near the image on
    /// the sky is in none of its pixels.
    pub fn left_out(&self, (ny, nx): (usize, usize), wcs: &Wcs, physical: Physical) -> Result<Vec<bool>> {
        let all_exclude = self.list.iter().all(|region| !region.include);
        let mut left_out = vec![!all_exclude; ny * nx];
        for region in &self.list {
            let Some(area) = region.on_pixels(wcs, physical)? else {
                continue;
            };
            let [columns, rows] = area.bounds();
            let clip = |(low, high): (f64, f64), size: usize| {
                let low = low.ceil().clamp(0.0, size as f64) as usize;
                low..((high.floor() + 1.0).clamp(0.0, size as f64) as usize).max(low)
            };
            for y in clip(rows, ny) {
                for x in clip(columns, nx) {
                    if area.contains(x as f64, y as f64) {
                        left_out[y * nx + x] = !region.include;
                    }
                }
            }
        }
        Ok(left_out)
    }
}

/// A region in pixels, counted from 0.
struct Area {
    points: Vec<[f64; 2]>,
    form: Form,
}

enum Form {
    Ring(f64, f64),
    Ellipse([f64; 2], f64),
    Box([f64; 2], f64),
    Polygon,
}

impl Region {
    /// The region in pixels; nothing where it is on the other side of the sky.
    fn on_pixels(&self, wcs: &Wcs, physical: Physical) -> Result<Option<Area>> {
        let bad = |reason: String| Error::BadRegion {
            line: self.line,
            reason,
        };
        // Far beyond the image its distortion means nothing, and the way back through it leads nowhere.
        let linear = wcs.linear();
        let (mut wcs, mut points) = (wcs, Vec::with_capacity(self.points.len()));
        for &[x, y] in &self.points {
            points.push(match self.frame {
                Frame::Image => [x - 1.0, y - 1.0],
                Frame::Physical => {
                    let of = |axis: usize, at: f64| at * physical.step[axis] + physical.offset[axis] - 1.0;
                    [of(0, x), of(1, y)]
                }
                Frame::Sky => match (wcs.sky_to_pixel(x, y), linear.sky_to_pixel(x, y)) {
                    (Ok((x, y)), _) => [x, y],
                    (Err(_), Ok((x, y))) => {
                        wcs = &linear;
                        [x, y]
                    }
                    (Err(_), Err(_)) => return Ok(None),
                },
            });
        }
        let centre = points.first().copied().unwrap_or_default();
        let local = Local::at(wcs, centre[0], centre[1]);
        let nowhere = local.is_none() || !points.iter().flatten().all(|at| at.is_finite());
        if self.frame == Frame::Sky && nowhere {
            return Ok(None);
        }
        let local = || {
            local
                .as_ref()
                .ok_or_else(|| bad("the image has no scale there".to_owned()))
        };
        let pixels = |length: Length| match (length, self.frame) {
            (Length::OfFrame(size), Frame::Image) => Ok(size),
            (Length::OfFrame(size), Frame::Physical) => Ok(size * physical.step[0].abs()),
            (Length::OfFrame(arcsec) | Length::Arcsec(arcsec), _) => Ok(arcsec * local()?.mean_scale()),
        };
        // On the sky, angles are from the direction that is a quarter turn before north.
        let angle = |degrees: f64| match self.frame {
            Frame::Sky => Ok::<_, Error>(degrees.to_radians() + local()?.north() - FRAC_PI_2),
            _ => Ok(degrees.to_radians()),
        };
        let form = match self.outline {
            Outline::Ring(inner, outer) => Form::Ring(pixels(inner)?, pixels(outer)?),
            Outline::Ellipse([a, b], turned) => Form::Ellipse([pixels(a)?, pixels(b)?], angle(turned)?),
            Outline::Box([a, b], turned) => Form::Box([pixels(a)?, pixels(b)?], angle(turned)?),
            Outline::Polygon => Form::Polygon,
        };
        Ok(Some(Area { points, form }))
    }
}

impl Area {
    /// Columns and rows that it may reach.
    fn bounds(&self) -> [(f64, f64); 2] {
        let reach = match self.form {
            Form::Ring(_, outer) => outer,
            Form::Ellipse([a, b], _) => a.max(b),
            Form::Box([a, b], _) => a.hypot(b) / 2.0,
            Form::Polygon => 0.0,
        };
        [0, 1].map(|axis| {
            let along = || self.points.iter().map(|point| point[axis]);
            let (low, high) = (
                along().fold(f64::INFINITY, f64::min),
                along().fold(f64::NEG_INFINITY, f64::max),
            );
            (low - reach, high + reach)
        })
    }

    fn contains(&self, x: f64, y: f64) -> bool {
        let [x0, y0] = self.points.first().copied().unwrap_or_default();
        let turned = |angle: f64| {
            let (sine, cosine) = angle.sin_cos();
            let (dx, dy) = (x - x0, y - y0);
            (dx * cosine + dy * sine, dy * cosine - dx * sine)
        };
        match self.form {
            Form::Ring(inner, outer) => {
                let distance = (x - x0).hypot(y - y0);
                distance <= outer && (inner == 0.0 || distance >= inner)
            }
            Form::Ellipse([a, b], angle) => {
                let (along, across) = turned(angle);
                (along / a).powi(2) + (across / b).powi(2) <= 1.0
            }
            Form::Box([width, height], angle) => {
                let (along, across) = turned(angle);
                along.abs() <= width / 2.0 && across.abs() <= height / 2.0
            }
            Form::Polygon => self.encloses(x, y),
        }
    }

    /// Whether a line from the point to the left crosses the sides an odd number of times.
    fn encloses(&self, x: f64, y: f64) -> bool {
        let last = self.points.last().copied().unwrap_or_default();
        let (mut inside, mut from) = (false, last);
        for &to in &self.points {
            let crosses = (from[1] > y) != (to[1] > y);
            if crosses && x < from[0] + (y - from[1]) / (to[1] - from[1]) * (to[0] - from[0]) {
                inside = !inside;
            }
            from = to;
        }
        inside
    }
}

#[cfg(test)]
mod tests;
