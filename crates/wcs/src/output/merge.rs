//! A grid changed by what the user asks for.

use super::{OutputGrid, refuse};
use crate::linear::Linear;
use crate::one_based::{from_fits, to_fits};
use crate::{Error, Result, Wcs};

/// The parameters of [`OutputGrid`] that change a grid, found to be sound.
pub(super) struct Parameters {
    rotation_deg: Option<f64>,
    scale_arcsec: Option<f64>,
    /// Width and height.
    size: Option<(usize, usize)>,
    /// Right ascension and declination.
    centre: Option<(f64, f64)>,
    /// As FITS counts.
    pixel: Option<(f64, f64)>,
}

impl Parameters {
    pub(super) fn check(grid: &OutputGrid) -> Result<Self> {
        let numbers = [
            ("final_rot", grid.final_rot),
            ("final_scale", grid.final_scale),
            ("final_ra", grid.final_ra),
            ("final_dec", grid.final_dec),
            ("final_crpix1", grid.final_crpix1),
            ("final_crpix2", grid.final_crpix2),
        ];
        for (name, value) in numbers {
            if value.is_some_and(|value| !value.is_finite()) {
                return refuse(format!("{name} is not a finite number"));
            }
        }
        if let Some(scale) = grid.final_scale
            && scale <= 0.0
        {
            return refuse(format!("final_scale = {scale} is not a size"));
        }
        if let Some(dec) = grid.final_dec
            && dec.abs() > 90.0
        {
            return refuse(format!("final_dec = {dec} lies beyond the pole"));
        }
        let size = both("final_outnx", grid.final_outnx, "final_outny", grid.final_outny)?;
        if let Some((nx, ny)) = size
            && (nx == 0 || ny == 0)
        {
            return refuse(format!(
                "final_outnx = {nx} and final_outny = {ny} leave no pixel"
            ));
        }
        Ok(Self {
            rotation_deg: grid.final_rot,
            scale_arcsec: grid.final_scale,
            size,
            centre: both("final_ra", grid.final_ra, "final_dec", grid.final_dec)?,
            pixel: both(
                "final_crpix1",
                grid.final_crpix1,
                "final_crpix2",
                grid.final_crpix2,
            )?,
        })
    }

    /// The changed grid. Scale and rotation keep the same sky in view, and with it the reference point's
    /// place in it, unless a size or a reference pixel is given; a given size alone puts the reference
    /// point in its middle.
    pub(super) fn apply(&self, start: Wcs) -> Result<Wcs> {
        let shape = start.shape().ok_or(Error::NoShape { keyword: "NAXIS" })?;
        let old_scale = start.pixel_scale_arcsec();
        let zoom = self
            .scale_arcsec
            .filter(|&s| !close(s, old_scale))
            .map(|s| old_scale / s);
        let turn = self
            .rotation_deg
            .map(|angle| start.orientation_deg() - angle)
            .filter(|&turn| turn != 0.0);
        let crpix = start.linear.origin.map(to_fits);
        let (size, pixel) = match (self.size, turn, zoom) {
            (Some((nx, ny)), _, _) => ((nx, ny), ((nx as f64 + 1.0) / 2.0, (ny as f64 + 1.0) / 2.0)),
            (None, None, None) => ((shape.1, shape.0), (crpix[0], crpix[1])),
            (None, None, Some(zoom)) => {
                let along = |n: usize| size_of(zoom * n as f64);
                let pixel = crpix.map(|p| 1.0 + zoom * (p - 1.0));
                ((along(shape.1)?, along(shape.0)?), (pixel[0], pixel[1]))
            }
            (None, Some(turn), zoom) => turned(shape, crpix, turn, zoom.unwrap_or(1.0))?,
        };
        let pixel = self.pixel.unwrap_or(pixel);
        let mut cd = start.linear.cd;
        if let Some(zoom) = zoom {
            cd = cd.map(|row| row.map(|element| element / zoom));
        }
        if let Some(turn) = turn {
            let (sin, cos) = turn.to_radians().sin_cos();
            cd = cd.map(|[a, b]| [a * cos - b * sin, a * sin + b * cos]);
        }
        let order = if start.linear.longitude == 0 {
            cd
        } else {
            [cd[1], cd[0]]
        };
        let origin = [from_fits(pixel.0), from_fits(pixel.1)];
        let reference = self.centre.map_or(start.reference, |(ra, dec)| [ra, dec]);
        Ok(Wcs {
            linear: Linear::new(origin, order, start.linear.longitude, "the output grid's CD")?,
            frame: crate::wcs::frame(reference, start.lonpole)?,
            reference,
            shape: Some((size.1, size.0)),
            ..start
        })
    }
}

/// Size (width, height) and reference pixel (as FITS counts) of a frame around the turned and zoomed one.
fn turned(
    (ny, nx): (usize, usize),
    crpix: [f64; 2],
    turn_deg: f64,
    zoom: f64,
) -> Result<((usize, usize), (f64, f64))> {
    let (sin, cos) = turn_deg.to_radians().sin_cos();
    let sides = |n: usize, p: f64| [zoom * (0.5 - p), zoom * (n as f64 + 0.5 - p)];
    let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    for y in sides(ny, crpix[1]) {
        for x in sides(nx, crpix[0]) {
            for (axis, value) in [x * cos - y * sin, x * sin + y * cos].into_iter().enumerate() {
                low[axis] = low[axis].min(value);
                high[axis] = high[axis].max(value);
            }
        }
    }
    let size = (size_of(high[0] - low[0])?, size_of(high[1] - low[1])?);
    Ok((size, (0.5 - low[0], 0.5 - low[1])))
}

/// Whole pixels that hold a length; at least one.
fn size_of(length: f64) -> Result<usize> {
    let pixels = length.ceil().max(1.0);
    if pixels > 4e9 {
        return refuse(format!("its width or height would be {pixels} pixels"));
    }
    Ok(pixels as usize)
}

/// Scales that differ by rounding alone.
fn close(scale: f64, other: f64) -> bool {
    (scale - other).abs() <= 100.0 * f64::MIN_POSITIVE + 10.0 * f64::EPSILON * other.abs()
}

fn both<T>(first: &str, a: Option<T>, second: &str, b: Option<T>) -> Result<Option<(T, T)>> {
    match (a, b) {
        (Some(a), Some(b)) => Ok(Some((a, b))),
        (None, None) => Ok(None),
        (Some(_), None) => refuse(format!(
            "{first} is given, but {second}, which goes with it, is not"
        )),
        (None, Some(_)) => refuse(format!(
            "{second} is given, but {first}, which goes with it, is not"
        )),
    }
}
