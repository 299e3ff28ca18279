//! Which stars are looked at, and what they look like.

use super::places::PixelBox;
use crate::Result;
use firstlight_measure::find::{FindOptions, Source, find_sources, shape};
use firstlight_measure::{Plane, Planes};
use serde::Serialize;

/// Sources this many sigma of the sky high are stars to choose from.
const THRESHOLD: f64 = 30.0;
/// Width of a star in detector pixels that is looked for.
const WIDTH_PX: f64 = 2.0;
/// As many of the brightest are looked at closely.
const CANDIDATES: usize = 400;
/// Least half of a side of the picture of a star, pixels.
pub(super) const LEAST_HALF: usize = 4;
/// A neighbour this much fainter than the star does not matter.
const FAINT: f64 = 0.05;
/// Widths of good stars differ by less from their median: saturated stars and pairs are wider.
const SPREAD: f64 = 0.2;

/// What a star looks like in one combination.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StarShape {
    /// Full width at half maximum of the Gaussian that fits best, pixels of the output.
    pub fwhm_px: f64,
    /// The same in arcsec.
    pub fwhm_arcsec: f64,
    /// One less the ratio of the axes.
    pub ellipticity: f64,
    /// Angle of the long axis from the x axis, degrees counter-clockwise.
    pub theta_deg: f64,
    /// Highest pixel above the sky, in the unit of the image.
    pub peak: f64,
    /// Pixels without weight within the fit.
    pub missing: usize,
}

/// Measures a star on its stamp, whose side is odd. `None` where no Gaussian fits.
pub(super) fn measure([sci, wht]: &[Vec<f32>; 2], half: usize, scale_arcsec: f64) -> Option<StarShape> {
    let side = 2 * half + 1;
    let sky = border_median(sci, side)?;
    // The fit is to the core: neighbours of a crowded field are left outside.
    let core = (half / 2).max(3);
    let (low, high) = (half - core, half + core + 1);
    let mut samples = Vec::with_capacity((high - low) * (high - low));
    let mut missing = 0;
    for y in low..high {
        for at in y * side + low..y * side + high {
            let (value, weight) = (*sci.get(at)?, *wht.get(at)?);
            let there = weight != 0.0;
            missing += usize::from(!there);
            samples.push(if there { value - sky } else { f32::NAN });
        }
    }
    let width = high - low;
    let found = shape(Plane::new((width, width), &samples).ok()?)?;
    let finite = samples.iter().copied().filter(|value| value.is_finite());
    Some(StarShape {
        fwhm_px: found.fwhm,
        fwhm_arcsec: found.fwhm * scale_arcsec,
        ellipticity: found.ellipticity,
        theta_deg: found.theta,
        peak: f64::from(finite.fold(f32::NEG_INFINITY, f32::max)),
        missing,
    })
}

/// The sky about a star: the median of the stamp's outermost pixels.
fn border_median(sci: &[f32], side: usize) -> Option<f32> {
    let on_border = |at: usize| {
        let (x, y) = (at % side, at / side);
        x == 0 || y == 0 || x + 1 == side || y + 1 == side
    };
    let border = sci
        .iter()
        .enumerate()
        .filter(|(at, value)| on_border(*at) && value.is_finite());
    median(border.map(|(_, value)| *value).collect())
}

/// The middle one, or the upper of the two in the middle.
fn median(mut values: Vec<f32>) -> Option<f32> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f32::total_cmp).1)
}

/// The brightest stars of an image that stand alone, are not saturated and have weight all around; brightest first.
pub(super) fn find(
    sci: &[f32],
    wht: &[f32],
    shape: (usize, usize),
    width: (f64, f64),
    (wanted, half): (usize, usize),
) -> Result<Vec<(f64, f64)>> {
    let (detector_arcsec, scale_arcsec) = width;
    let clean: Vec<f32> = sci
        .iter()
        .zip(wht)
        .map(|(value, weight)| if *weight == 0.0 { f32::NAN } else { *value })
        .collect();
    let Some(sigma) = sky_sigma(&clean) else {
        return Ok(Vec::new());
    };
    let options = FindOptions {
        computesig: false,
        conv_width: WIDTH_PX * detector_arcsec / scale_arcsec,
        threshold: THRESHOLD,
        ..FindOptions::default()
    };
    let plane = Plane::new(shape, &clean)?;
    let mut sources = find_sources(&Planes::new(plane), sigma, &options)?;
    sources.sort_by(|a, b| b.peak.total_cmp(&a.peak).then(a.y.total_cmp(&b.y)));
    let good = chosen(&sources, &clean, shape, (half, scale_arcsec));
    Ok(good.into_iter().take(wanted).collect())
}

/// Those of the sources, the highest first, that are alone and as wide as most.
fn chosen(
    sources: &[Source],
    clean: &[f32],
    (ny, nx): (usize, usize),
    (half, scale_arcsec): (usize, f64),
) -> Vec<(f64, f64)> {
    let mut candidates = Vec::new();
    for source in sources {
        if candidates.len() >= CANDIDATES {
            break;
        }
        let Some(place) = PixelBox::around((source.x, source.y), half, (ny, nx)) else {
            continue;
        };
        let near = |other: &Source| {
            let (dx, dy) = ((other.x - source.x).abs(), (other.y - source.y).abs());
            dx.max(dy) <= half as f64 && dx.max(dy) > 0.0 && other.peak > FAINT * source.peak
        };
        if sources.iter().any(near) {
            continue;
        }
        let samples: Vec<f32> = place
            .y
            .clone()
            .flat_map(|y| clean[y * nx..][place.x.clone()].iter().copied())
            .collect();
        if samples.iter().any(|value| value.is_nan()) {
            continue;
        }
        let weight = vec![1.0; samples.len()];
        if let Some(found) = measure(&[samples, weight], half, scale_arcsec) {
            candidates.push(((source.x, source.y), found));
        }
    }
    let mut widths: Vec<f64> = candidates.iter().map(|(_, found)| found.fwhm_px).collect();
    widths.sort_by(f64::total_cmp);
    let Some(usual) = widths.get(widths.len() / 2).copied() else {
        return Vec::new();
    };
    let good = |found: &StarShape| (found.fwhm_px / usual - 1.0).abs() <= SPREAD && found.ellipticity <= 0.3;
    let good = candidates.iter().filter(|(_, found)| good(found));
    good.map(|(at, _)| *at).collect()
}

/// Scatter of the sky: 1.48 times the median distance from the median of pixels here and there.
fn sky_sigma(clean: &[f32]) -> Option<f64> {
    /// Pixels that are looked at.
    const SAMPLE: usize = 200_000;
    let step = (clean.len() / SAMPLE).max(1);
    let some: Vec<f32> = clean
        .iter()
        .step_by(step)
        .copied()
        .filter(|value| value.is_finite())
        .collect();
    let middle = median(some.clone())?;
    let distance = median(some.iter().map(|value| (value - middle).abs()).collect())?;
    let sigma = 1.4826 * f64::from(distance);
    (sigma > 0.0).then_some(sigma)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sky_with_stars(n: usize, stars: &[(f64, f64, f64, f64)]) -> Vec<f32> {
        (0..n * n)
            .map(|at| {
                let (x, y) = ((at % n) as f64, (at / n) as f64);
                let noise = (at * 7919 % 101) as f64 / 101.0 - 0.5;
                let light = stars.iter().map(|(sx, sy, height, sigma)| {
                    height * (-((x - sx).powi(2) + (y - sy).powi(2)) / (2.0 * sigma * sigma)).exp()
                });
                (noise + light.sum::<f64>()) as f32
            })
            .collect()
    }

    #[test]
    fn lonely_stars_of_the_usual_width_are_chosen() {
        let stars = [
            (20.3, 30.1, 900.0, 1.3),
            (60.0, 20.0, 700.0, 1.3),
            (66.0, 22.0, 500.0, 1.3), // a pair
            (70.2, 70.4, 500.0, 1.3),
            (25.0, 75.0, 800.0, 2.6), // too wide
            (40.0, 50.0, 400.0, 1.3),
            (96.0, 50.0, 990.0, 1.3), // at the edge
        ];
        let sci = sky_with_stars(100, &stars);
        let mut wht = vec![1.0; sci.len()];
        wht[50 * 100 + 41] = 0.0; // a hole in one
        let found = find(&sci, &wht, (100, 100), (0.05, 0.05), (9, 8)).unwrap();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            (found[0].0 - 20.3).abs() < 0.3 && (found[1].1 - 70.4).abs() < 0.3,
            "{found:?}"
        );
        let only = find(&sci, &wht, (100, 100), (0.05, 0.05), (1, 8)).unwrap();
        assert_eq!(only.len(), 1);
    }

    #[test]
    fn a_blank_image_has_no_stars() {
        let blank = vec![0.0; 2500];
        assert!(
            find(&blank, &vec![1.0; 2500], (50, 50), (0.05, 0.05), (9, 8))
                .unwrap()
                .is_empty()
        );
        assert!(
            find(&blank, &blank, (50, 50), (0.05, 0.05), (9, 8))
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn shapes_are_of_the_core() {
        let sci = sky_with_stars(25, &[(12.2, 11.9, 500.0, 1.4), (22.0, 21.0, 2000.0, 1.4)]);
        let mut wht = vec![2.0; 625];
        wht[12 * 25 + 15] = 0.0;
        let found = measure(&[sci, wht], 12, 0.03).unwrap();
        assert!((found.fwhm_px - 1.4 * 2.3548).abs() < 0.05, "{found:?}");
        assert!((found.fwhm_arcsec - 0.03 * found.fwhm_px).abs() < 1e-12);
        assert!(found.ellipticity < 0.02 && found.missing == 1);
        assert_eq!(measure(&[vec![0.0; 625], vec![0.0; 625]], 12, 0.03), None);
    }
}
