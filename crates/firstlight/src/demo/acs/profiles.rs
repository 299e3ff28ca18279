//! Profiles: of trails up the columns, and of the bias along rows and columns.

use super::Comparison;
use super::fluxes::median;
use super::products::Plane;
use super::stamp::Stamp;
use crate::Result;
use crate::simulate::AcsReport;
use firstlight_frame::{Exposure, Image};
use firstlight_simulate::acs::{Section, StarTruth};
use std::ops::Range;

/// How far before and behind a star its column is followed, pixels away from the amplifier.
const REACH: (isize, isize) = (-8, 45);
/// Stars of these electrons are averaged.
pub const TRAIL_E: (f64, f64) = (800.0, 10_000.0);
/// Stars beyond this part of the way to the amplifier.
pub const FAR: f64 = 0.7;

/// The mean column through many stars.
pub struct Trail {
    /// Pixels from the star, away from the amplifier.
    pub distance: Vec<f64>,
    /// Mean of flt, flc and the truth, percent of the stars' light.
    pub flt: Vec<f64>,
    /// See `flt`.
    pub flc: Vec<f64>,
    /// See `flt`.
    pub truth: Vec<f64>,
    /// Standard error of flt at each distance, percent.
    pub error: Vec<f64>,
    /// Number of stars.
    pub stars: usize,
}

impl Trail {
    /// What a profile has more than the truth 3 to 25 pixels behind the star, percent of the light.
    pub fn share(&self, profile: &[f64]) -> f64 {
        let behind = self.distance.iter().zip(profile).zip(&self.truth);
        behind
            .filter(|((distance, _), _)| (3.0..=25.0).contains(*distance))
            .map(|((_, value), truth)| value - truth)
            .sum()
    }
}

/// Weighted sums at one distance.
#[derive(Clone, Copy, Default)]
struct Sum {
    weight: f64,
    flt: f64,
    flc: f64,
    truth: f64,
    variance: f64,
}

pub fn trail(comparison: &Comparison) -> Trail {
    let mut sums = vec![Sum::default(); (REACH.1 - REACH.0 + 1) as usize];
    let mut stars = 0;
    let exptime_s = comparison.exptime_s();
    for exposure in &comparison.products.exposures {
        for (flt, flc) in exposure.flt.iter().zip(&exposure.flc) {
            let Some(section) = comparison.section(flt.version) else {
                continue;
            };
            let away: isize = if section.is_read_from_the_top() { -1 } else { 1 };
            let far = FAR * section.shape.0 as f64;
            let here = |star: &&StarTruth| star.rootname == exposure.rootname && star.version == flt.version;
            let all: Vec<&StarTruth> = comparison.stars.iter().filter(here).collect();
            for star in &all {
                let total_e = star.rate * exptime_s;
                let chosen = star.transfers > far && (TRAIL_E.0..TRAIL_E.1).contains(&total_e);
                if chosen
                    && is_free(star, &all, away as f64)
                    && add(&mut sums, star, total_e, [flt, flc], away)
                {
                    stars += 1;
                }
            }
        }
    }
    let of = |value: fn(&Sum) -> f64| sums.iter().map(|sum| 100.0 * value(sum) / sum.weight).collect();
    Trail {
        distance: (REACH.0..=REACH.1).map(|distance| distance as f64).collect(),
        flt: of(|sum| sum.flt),
        flc: of(|sum| sum.flc),
        truth: of(|sum| sum.truth),
        error: of(|sum| sum.variance.sqrt()),
        stars,
    }
}

/// Whether no other star of any account stands about the column behind the star.
pub(super) fn is_free(star: &StarTruth, stars: &[&StarTruth], away: f64) -> bool {
    let disturbs = |other: &&&StarTruth| {
        let across = (other.x - star.x).abs();
        let along = away * (other.y - star.y);
        let near = across < 12.0 && (-20.0..60.0).contains(&along) && other.rate > 0.02 * star.rate;
        let wide = across < 40.0 && (-60.0..90.0).contains(&along) && other.rate > 10.0 * star.rate;
        other.star != star.star && (near || wide)
    };
    !stars.iter().any(|other| disturbs(&other))
}

/// Adds one star's column, in electrons and weighted so that the sum is a share of the light of all; false where the
/// sky cannot be told.
fn add(sums: &mut [Sum], star: &StarTruth, total_e: f64, planes: [&Plane; 2], away: isize) -> bool {
    let stamp = Stamp::of(star, total_e);
    let (x, y) = (stamp.x, stamp.y);
    let expected = |dx: isize, step: isize| stamp.at(dx, away * step);
    // The sky at the sides of the column, as free of other stars as the column itself.
    let sky = |plane: &Plane| {
        let places = (REACH.0..=REACH.1).flat_map(|step| [-8, -7, -6, 6, 7, 8].map(|dx| (dx, step)));
        let mut values: Vec<f64> = places
            .filter_map(|(dx, step)| Some(plane.good(x + dx, y + away * step)? - expected(dx, step)))
            .collect();
        (values.len() > 150).then(|| median(&mut values))
    };
    let (Some(of_flt), Some(of_flc)) = (sky(planes[0]), sky(planes[1])) else {
        return false;
    };
    for (sum, step) in sums.iter_mut().zip(REACH.0..=REACH.1) {
        let (column, row) = (x, y + away * step);
        let (Some(flt), Some(flc)) = (planes[0].good(column, row), planes[1].good(column, row)) else {
            continue;
        };
        let truth = expected(0, step);
        let (flt, flc) = (flt - of_flt, flc - of_flc);
        let sigma = (of_flt.max(0.0) + truth + 25.0).sqrt();
        // Hot pixels that the dark does not take away, and cosmic rays that were not found.
        if (flt - truth).abs() > 6.0 * sigma + 0.1 * total_e {
            continue;
        }
        sum.weight += total_e;
        sum.flt += flt;
        sum.flc += flc;
        sum.truth += truth;
        sum.variance += sigma * sigma;
    }
    true
}

/// A line, and what it is drawn against.
pub struct Line {
    /// Pixel number.
    pub at: Vec<f64>,
    /// Values.
    pub value: Vec<f64>,
}

impl Line {
    /// DN to electrons above their median.
    fn above_level(mut self, gain: f64) -> Self {
        let level = median(&mut self.value.clone());
        self.value
            .iter_mut()
            .for_each(|value| *value = (*value - level) * gain);
        self
    }

    /// Means of `width` neighbours each.
    pub fn binned(&self, width: usize) -> Line {
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
        Line {
            at: self.at.chunks(width).map(mean).collect(),
            value: self.value.chunks(width).map(mean).collect(),
        }
    }
}

/// The bias of the first imset's left amplifier before and after calibration.
pub struct BiasProfiles {
    /// Mean of the prescan next to the imaging area, by raw row, electrons above its level.
    pub raw_by_row: Line,
    /// Mean of the virtual rows, by raw column, electrons above its level.
    pub raw_by_column: Line,
    /// The superbias in the same rows, electrons above its level.
    pub superbias_by_column: Line,
    /// Median of the rows of flt less the sky that was put in, electrons.
    pub flt_by_row: Line,
    /// Median of the columns of flt less the sky that was put in, electrons.
    pub flt_by_column: Line,
}

pub fn bias(comparison: &Comparison, simulated: &AcsReport) -> Result<Option<BiasProfiles>> {
    let Some(section) = comparison.visit.sections().first() else {
        return Ok(None);
    };
    let Some(plane) = comparison.products.exposures.first().and_then(|e| e.flt.first()) else {
        return Ok(None);
    };
    let raw = comparison.products.raw.load_sci(section.version)?;
    let named = |path: &&std::path::PathBuf| path.to_string_lossy().ends_with("_bia.fits");
    let Some(superbias) = simulated.references.iter().find(named) else {
        return Ok(None);
    };
    let superbias = Exposure::open(superbias)?.load_sci(section.version)?;
    let gain = f64::from(comparison.visit.options().gain);
    let exposure = comparison.visit.truth().exposures;
    let sky_e = exposure.first().map_or(0.0, |e| e.sky_rate * e.exptime_s);
    let (ny, nx) = plane.sci.shape();
    let columns = section
        .regions
        .first()
        .map_or(nx, |region| region.imaging.min(nx));
    let good = |x: usize, y: usize| plane.good(x as isize, y as isize);
    let line = |n: usize, of: &dyn Fn(usize) -> Vec<f64>| Line {
        at: (0..n).map(|at| at as f64).collect(),
        value: (0..n).map(|at| median(&mut of(at)) - sky_e).collect(),
    };
    Ok(Some(BiasProfiles {
        raw_by_row: prescan(section, &raw).above_level(gain),
        raw_by_column: virtual_rows(section, &raw).above_level(gain),
        superbias_by_column: virtual_rows(section, &superbias).above_level(gain),
        flt_by_row: line(ny, &|y| (0..columns).filter_map(|x| good(x, y)).collect()),
        flt_by_column: line(columns, &|x| (0..ny).filter_map(|y| good(x, y)).collect()),
    }))
}

/// Mean of the six prescan columns next to the left region's imaging area.
fn prescan(section: &Section, raw: &Image<f32>) -> Line {
    let (ny, _) = section.raw_shape();
    let last = section.prescan.0;
    let of = |y: usize| {
        let columns = &raw.row(y)[last.saturating_sub(6)..last];
        columns.iter().map(|&v| f64::from(v)).sum::<f64>() / columns.len().max(1) as f64
    };
    Line {
        at: (0..ny).map(|y| y as f64).collect(),
        value: (0..ny).map(of).collect(),
    }
}

/// Mean of the virtual rows, but for the six next to the imaging area, into which charge trails, of the left region.
fn virtual_rows(section: &Section, image: &Image<f32>) -> Line {
    let (ny, nx) = section.raw_shape();
    let rows = if section.virtual_rows.0 > 0 {
        0..section.virtual_rows.0.saturating_sub(6)
    } else {
        (ny - section.virtual_rows.1 + 6).min(ny)..ny
    };
    let columns = section
        .regions
        .first()
        .map_or(nx, |region| region.columns.min(nx));
    let of = |x: usize| {
        let values = rows.clone().filter_map(|y| image.get(x, y));
        values.map(|&v| f64::from(v)).sum::<f64>() / rows.len().max(1) as f64
    };
    Line {
        at: (0..columns).map(|x| x as f64).collect(),
        value: (0..columns).map(of).collect(),
    }
}

/// The median of some columns of a frame.
pub fn level_of(image: &Image<f32>, columns: Range<usize>) -> f64 {
    let rows = (0..image.ny()).filter_map(|y| image.row(y).get(columns.clone()));
    // One of 101 pixels is enough.
    let mut values: Vec<f64> = rows.flatten().step_by(101).map(|&v| f64::from(v)).collect();
    median(&mut values)
}
