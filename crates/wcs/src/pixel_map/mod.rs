//! From the pixels of one image to those of another.
//!
//! The map is what drizzling asks for: all distortions of the input undone, then the sky, then the
//! undistorted grid of the output. Distortions of the output are not applied.

mod direct;
mod form;
mod piece;
mod rectangle;
mod stepped;
mod tile;
mod tiled;

use crate::{Error, Result, Wcs};
use direct::Direct;
use stepped::Stepped;
use tiled::Tiled;

/// Where the pixels of an input image fall on the grid of an output image; both 0-based.
///
/// Rows are computed when they are asked for, and the map itself stays small. The same point always
/// gives the same bits. A point that the output's projection does not reach is NaN.
#[derive(Debug, Clone)]
pub struct PixelMap {
    shape: (usize, usize),
    way: Way,
}

#[derive(Debug, Clone)]
enum Way {
    Direct(Box<Direct>),
    Tiled(Box<Tiled>),
    Stepped(Box<Stepped>),
}

impl PixelMap {
    /// A map that is nowhere in the image, or within a pixel of it, further than `tolerance_px` from
    /// [`PixelMap::exact`]'s, and faster.
    ///
    /// The smooth part (SIP, CD matrices, projections) is interpolated by bicubic tiles, halved until
    /// they are good enough; the look-up tables, which have kinks, are applied piece by piece between
    /// the kinks. Where no tiles serve, the map is exact.
    ///
    /// # Errors
    /// [`Error::NoShape`] where the input's size is not known; [`Error::BadValue`] for a tolerance that is
    /// negative or NaN. 0 asks for the exact map.
    pub fn between(input: &Wcs, output: &Wcs, tolerance_px: f64) -> Result<Self> {
        if tolerance_px.is_nan() || tolerance_px < 0.0 {
            return Err(Error::BadValue {
                keyword: "tolerance_px".to_owned(),
                found: tolerance_px.to_string(),
                reason: "a tolerance is 0 or more",
            });
        }
        let exact = Self::exact(input, output)?;
        let Way::Direct(direct) = &exact.way else {
            return Ok(exact);
        };
        match Tiled::new(direct, exact.shape, tolerance_px) {
            Some(tiled) => Ok(Self {
                way: Way::Tiled(Box::new(tiled)),
                ..exact
            }),
            None => Ok(exact),
        }
    }

    /// The map itself, every point computed on its own.
    ///
    /// # Errors
    /// [`Error::NoShape`] where the input's size is not known.
    pub fn exact(input: &Wcs, output: &Wcs) -> Result<Self> {
        let shape = input.shape().ok_or(Error::NoShape { keyword: "NAXIS" })?;
        Ok(Self {
            shape,
            way: Way::Direct(Box::new(Direct::new(input, output))),
        })
    }

    /// AstroDrizzle's own approximation: exact where the pixel's numbers, as FITS counts, are multiples
    /// of `step` (its default is 10), and bilinear between. Tables with finer structure than the step
    /// are smoothed by it. For comparison with AstroDrizzle; [`PixelMap::between`] is nearer the truth
    /// and faster.
    ///
    /// # Errors
    /// As [`PixelMap::exact`], and [`Error::BadValue`] for a step of 0.
    pub fn stepped(input: &Wcs, output: &Wcs, step: usize) -> Result<Self> {
        let shape = input.shape().ok_or(Error::NoShape { keyword: "NAXIS" })?;
        let stepped = Stepped::new(&Direct::new(input, output), shape, step)?;
        Ok(Self {
            shape,
            way: Way::Stepped(Box::new(stepped)),
        })
    }

    /// `(ny, nx)` of the input.
    pub fn shape(&self) -> (usize, usize) {
        self.shape
    }

    /// Output positions of row `y` of the input, from its first pixel on, into `xs` and `ys`; as many as
    /// the shorter of them holds.
    pub fn row(&self, y: usize, xs: &mut [f64], ys: &mut [f64]) {
        self.map_row(y as f64, 0.0, xs, ys);
    }

    /// Output positions of the input points `(x0 + i, y)`, which need not be pixel centres.
    pub fn map_row(&self, y: f64, x0: f64, xs: &mut [f64], ys: &mut [f64]) {
        let n = xs.len().min(ys.len());
        let (xs, ys) = (&mut xs[..n], &mut ys[..n]);
        match &self.way {
            Way::Direct(map) => map.row(y, x0, xs, ys),
            Way::Tiled(map) => map.row(y, x0, xs, ys),
            Way::Stepped(map) => map.row(y, x0, xs, ys),
        }
    }

    /// The output position of one input point.
    pub fn map(&self, x: f64, y: f64) -> (f64, f64) {
        let (mut xs, mut ys) = ([0.0], [0.0]);
        self.map_row(y, x, &mut xs, &mut ys);
        (xs[0], ys[0])
    }

    /// Whether every point is computed on its own.
    pub fn is_exact(&self) -> bool {
        matches!(self.way, Way::Direct(_))
    }
}
