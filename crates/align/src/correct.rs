//! Coordinate systems corrected by a fit.

use crate::fit::Linear;
use crate::{Point, Result};
use firstlight_wcs::Wcs;

/// As often as the CD matrix is made better at most.
const MOST_STEPS: usize = 100;

/// Moves and turns a chip by a fit that was made in the plane of another coordinate system.
///
/// `linear` maps where sources are (the reference) to where the chip's coordinate system puts them, in
/// pixels of `plane`; the distortion of neither takes part. The reference point of the result is where the
/// fit says that the chip's reference pixel is, and its CD matrix makes the neighbourhood of that pixel
/// what the fit makes of it, to first order. Distortions stay as they are, so that all chips of an exposure
/// that are corrected by the same fit stay together. This is what TweakReg writes to the headers.
///
/// # Errors
/// Those of the coordinate systems, where the chip cannot be seen in the plane or the fit is singular.
pub fn corrected(chip: &Wcs, plane: &Wcs, linear: &Linear) -> Result<Wcs> {
    let (from, plane) = (chip.linear(), plane.linear());
    let middle = from.reference_pixel();
    let moved = |sky: (f64, f64)| -> Result<(f64, f64)> {
        let (x, y) = plane.sky_to_pixel(sky.0, sky.1)?;
        let [x, y] = linear.to_reference([x, y]);
        Ok(plane.pixel_to_sky(x, y))
    };
    let target = moved(from.reference_sky())?;
    let steps = steps(chip);
    let wanted = |x: f64, y: f64| moved(from.pixel_to_sky(x, y));
    let (mut best, mut least) = (from.cd(), f64::INFINITY);
    // One step is exact but for the differences taken as slopes; the next ones see to these.
    for _ in 0..MOST_STEPS {
        let slopes = slopes(middle, steps, wanted, &from.with_pointing(target, best)?)?;
        let off = distance_from_unity(slopes);
        if off.is_nan() || off >= least {
            break;
        }
        least = off;
        best = multiplied(best, slopes);
    }
    Ok(chip.with_pointing(target, best)?)
}

/// Pixels over which slopes are measured: a hundredth of the way to the nearest edge, from 1 to 20.
fn steps(chip: &Wcs) -> Point {
    let (x, y) = chip.reference_pixel();
    let Some((ny, nx)) = chip.shape() else {
        return [1.0, 1.0];
    };
    let step = |at: f64, size: usize| {
        let nearest = at.min(size as f64 - 1.0 - at);
        (nearest / 100.0).clamp(1.0, 20.0)
    };
    [step(x, nx), step(y, ny)]
}

/// Slopes, at a pixel, of the map from pixels through `to_sky` to the pixels of `wcs`: four points along each
/// axis, exact for polynomials of the fourth degree.
fn slopes(
    at: (f64, f64),
    steps: Point,
    to_sky: impl Fn(f64, f64) -> Result<(f64, f64)>,
    wcs: &Wcs,
) -> Result<[[f64; 2]; 2]> {
    let position = |dx: f64, dy: f64| -> Result<Point> {
        let sky = to_sky(at.0 + dx, at.1 + dy)?;
        let (x, y) = wcs.sky_to_pixel(sky.0, sky.1)?;
        // Relative to the pixel, so that the differences keep their digits.
        Ok([x - at.0, y - at.1])
    };
    let mut slopes = [[0.0; 2]; 2];
    for (axis, step) in steps.into_iter().enumerate() {
        let along = |share: f64| {
            let (dx, dy) = if axis == 0 {
                (share * step, 0.0)
            } else {
                (0.0, share * step)
            };
            position(dx, dy)
        };
        let (far, near) = ((along(-1.0)?, along(1.0)?), (along(-0.5)?, along(0.5)?));
        for (row, slopes) in slopes.iter_mut().enumerate() {
            let difference = far.0[row] - far.1[row] + 8.0 * (near.1[row] - near.0[row]);
            slopes[axis] = difference / (6.0 * step);
        }
    }
    Ok(slopes)
}

fn multiplied(a: [[f64; 2]; 2], b: [[f64; 2]; 2]) -> [[f64; 2]; 2] {
    a.map(|row| [0, 1].map(|column| row[0] * b[0][column] + row[1] * b[1][column]))
}

fn distance_from_unity(m: [[f64; 2]; 2]) -> f64 {
    let off = [m[0][0] - 1.0, m[0][1], m[1][0], m[1][1] - 1.0];
    off.into_iter()
        .fold(0.0, |most, c| if c.abs() <= most { most } else { c.abs() })
}
