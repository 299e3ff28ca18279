//! The shift along the slit: where the shadows of its bars are.

use super::bars::{self, BarShift};
use super::{Lit, Shift, median, section};
use crate::stis::spline::NaturalSpline;

/// Sections of the slit whose medians make it smooth, at first, and when the bars have been left out.
const SECTIONS: [usize; 2] = [8, 12];
/// Rows farther from the smooth slit, in median absolute deviations, are those of bars.
const FAR: f64 = 6.0;
/// Slits shorter than this have no bars, arcsec.
const LONG_ARCSEC: f64 = 7.0;

/// The shift in pixels of the image, and what each bar says of it.
pub fn shift(lit: &Lit, aperture: &str) -> (Shift, Vec<BarShift>) {
    let undefined = |reason: String| (Shift::Undefined(reason), Vec::new());
    if length(aperture) < LONG_ARCSEC {
        return undefined(format!(
            "aperture {aperture} is no long slit, which would have bars to measure by"
        ));
    }
    if lit.aperture.bars.is_empty() {
        return undefined(format!(
            "aperture {aperture} has no bars (APDESTAB) to measure by"
        ));
    }
    let (light, good) = along_slit(lit);
    let Some(shadow) = shadow(&light, &good) else {
        return undefined("too few rows of the wavecal are good, or the lamp was off".to_owned());
    };
    let bars = bars::measure(lit, &shadow);
    (bars::mean(&bars), bars)
}

/// The number that an aperture's name begins with, arcsec.
fn length(aperture: &str) -> f64 {
    let digits = |c: char| c.is_ascii_digit() || c == '.';
    let end = aperture.find(|c| !digits(c)).unwrap_or(aperture.len());
    aperture[..end].parse().unwrap_or(0.0)
}

/// The light of each row: the mean of its good pixels, weighted with the spectrum of the lamp, and which rows have one.
fn along_slit(lit: &Lit) -> (Vec<f64>, Vec<bool>) {
    let (ny, nx) = lit.sci.shape();
    let columns = section(lit.parameters.sp_trim1, lit.imset.ltm.0, nx);
    let rows = section(lit.parameters.sp_trim2, lit.imset.ltm.1, ny);
    let (weights, _) = lit.spectrum(columns);
    let mut light = vec![0.0; ny];
    let mut good = vec![false; ny];
    for y in rows.0..=rows.1 {
        let (mut sum, mut weight) = (0.0, 0.0);
        let pixels = lit.sci.row(y).iter().zip(lit.dq.row(y)).zip(&weights);
        for ((&value, &bits), &share) in pixels.take(columns.1 + 1).skip(columns.0) {
            if bits & lit.bad == 0 {
                sum += f64::from(value) * share;
                weight += share;
            }
        }
        light[y] = sum;
        if weight > 0.0 {
            light[y] /= weight;
            good[y] = true;
        }
    }
    (light, good)
}

/// How much of the light that a smooth slit would have is missing in each row; 0 in bad ones. None where too few rows are
/// good.
fn shadow(light: &[f64], good: &[bool]) -> Option<Vec<f64>> {
    let first = good.iter().position(|good| *good)?;
    let last = good.iter().rposition(|good| *good)?;
    let (x, medians) = sections(light, good, (first, last), SECTIONS[0]);
    let rough = NaturalSpline::through(x, medians)?;
    let deviations: Vec<f64> = light
        .iter()
        .enumerate()
        .map(|(y, light)| (light - rough.at(y as f64)).abs())
        .collect();
    let mad = median_of(&deviations, good)?;
    let even: Vec<bool> = good
        .iter()
        .zip(&deviations)
        .map(|(good, far)| *good && *far <= FAR * mad)
        .collect();
    let (x, medians) = sections(light, &even, (first, last), SECTIONS[1]);
    let level = median_of(light, &even)?;
    let smooth = NaturalSpline::through(x, positive(&medians, level))?;
    let missing = |(y, light): (usize, &f64)| {
        let expected = smooth.at(y as f64);
        if good[y] && expected > 0.0 {
            (expected - light) / expected
        } else {
            0.0
        }
    };
    Some(light.iter().enumerate().map(missing).collect())
}

/// Medians of the good rows of equal sections, and the middles of the sections.
fn sections(
    light: &[f64],
    good: &[bool],
    (first, last): (usize, usize),
    parts: usize,
) -> (Vec<f64>, Vec<f64>) {
    let rows = (last - first + 1).div_ceil(parts);
    let (mut x, mut medians) = (Vec::new(), Vec::new());
    let mut start = first;
    while start < last {
        let end = (start + rows).min(last + 1);
        if let Some(found) = median_of(&light[start..end], &good[start..end]) {
            x.push(start as f64 + (end - start - 1) as f64 / 2.0);
            medians.push(found);
        }
        start = end;
    }
    (x, medians)
}

fn median_of(values: &[f64], good: &[bool]) -> Option<f64> {
    let found: Vec<f64> = values
        .iter()
        .zip(good)
        .filter(|(_, good)| **good)
        .map(|(value, _)| *value)
        .collect();
    (!found.is_empty()).then(|| median(&found))
}

/// Medians that are not positive become that of their neighbour towards the middle; in the middle, that of all.
fn positive(medians: &[f64], level: f64) -> Vec<f64> {
    let mut positive = medians.to_vec();
    let middle = medians.len() / 2;
    let mut previous = level;
    for value in &mut positive[middle..] {
        if *value <= 0.0 {
            *value = previous;
        }
        previous = *value;
    }
    previous = level;
    for value in positive[..middle].iter_mut().rev() {
        if *value <= 0.0 {
            *value = previous;
        }
        previous = *value;
    }
    positive
}
