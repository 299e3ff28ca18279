//! The mean image of stars far from the amplifier.

use super::Comparison;
use super::fluxes::median;
use super::products::Plane;
use super::profiles::{FAR, TRAIL_E, is_free};
use super::stamp::Stamp;
use firstlight_frame::Image;
use firstlight_simulate::acs::StarTruth;

/// Columns to either side of the star.
const ASIDE: isize = 14;
/// Rows before the star and behind it, away from the amplifier.
const ALONG: (isize, isize) = (-12, 40);

/// Means over many stars, percent of their light; rows ascend away from the amplifier.
pub struct MeanStar {
    /// Without the correction for charge transfer.
    pub flt: Image<f32>,
    /// With it.
    pub flc: Image<f32>,
    /// As the stars were put in.
    pub truth: Image<f32>,
    /// How many stars there are.
    pub stars: usize,
}

/// Sums of one pixel, electrons, and the light of the stars in them.
#[derive(Clone, Copy, Default)]
struct Sum {
    light: f64,
    planes: [f64; 3],
}

impl MeanStar {
    /// Of the stars that the profile of the trail is made of.
    pub fn of(comparison: &Comparison) -> Self {
        let (nx, ny) = ((2 * ASIDE + 1) as usize, (ALONG.1 - ALONG.0 + 1) as usize);
        let mut sums = vec![Sum::default(); nx * ny];
        let mut stars = 0;
        for exposure in &comparison.products.exposures {
            for planes in exposure.flt.iter().zip(&exposure.flc) {
                let Some(section) = comparison.section(planes.0.version) else {
                    continue;
                };
                let away: isize = if section.is_read_from_the_top() { -1 } else { 1 };
                let far = FAR * section.shape.0 as f64;
                let all: Vec<&StarTruth> = comparison
                    .stars
                    .iter()
                    .filter(|star| star.rootname == exposure.rootname && star.version == planes.0.version)
                    .collect();
                for star in all.iter().filter(|star| star.transfers > far) {
                    let total_e = star.rate * comparison.exptime_s();
                    if (TRAIL_E.0..TRAIL_E.1).contains(&total_e) && is_free(star, &all, away as f64) {
                        add(&mut sums, &Stamp::of(star, total_e), total_e, planes, away);
                        stars += 1;
                    }
                }
            }
        }
        let image = |plane: usize| {
            Image::from_fn(ny, nx, |x, y| {
                let sum = sums[y * nx + x];
                (100.0 * sum.planes[plane] / sum.light) as f32
            })
        };
        Self {
            flt: image(0),
            flc: image(1),
            truth: image(2),
            stars,
        }
    }
}

/// Adds one star less the sky about it; pixels of cosmic rays and other stars are left out.
fn add(sums: &mut [Sum], stamp: &Stamp, total_e: f64, (flt, flc): (&Plane, &Plane), away: isize) {
    let places: Vec<(isize, isize)> = (ALONG.0..=ALONG.1)
        .flat_map(|step| (-ASIDE..=ASIDE).map(move |dx| (dx, step)))
        .collect();
    let at = |plane: &Plane, (dx, step): (isize, isize)| plane.good(stamp.x + dx, stamp.y + away * step);
    let truth = |(dx, step): (isize, isize)| stamp.at(dx, away * step);
    // Beside the trail.
    let sky = |plane: &Plane| {
        let beside = places.iter().filter(|place| place.0.abs() > 5);
        let mut values: Vec<f64> = beside
            .filter_map(|&place| Some(at(plane, place)? - truth(place)))
            .collect();
        (!values.is_empty()).then(|| median(&mut values))
    };
    let (Some(of_flt), Some(of_flc)) = (sky(flt), sky(flc)) else {
        return;
    };
    for (sum, &place) in sums.iter_mut().zip(&places) {
        let (Some(flt), Some(flc)) = (at(flt, place), at(flc, place)) else {
            continue;
        };
        let (flt, flc, truth) = (flt - of_flt, flc - of_flc, truth(place));
        let sigma = (of_flt.max(0.0) + truth + 25.0).sqrt();
        if (flt - truth).abs() > 4.0 * sigma + 0.1 * truth {
            continue;
        }
        sum.light += total_e;
        for (sum, value) in sum.planes.iter_mut().zip([flt, flc, truth]) {
            *sum += value;
        }
    }
}
