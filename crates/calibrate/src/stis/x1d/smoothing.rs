//! The background along the spectrum, made smooth.

use super::options::{BackgroundSmoothing, X1dOptions};
use super::spectrum::Spectrum;
use nalgebra::{DMatrix, DVector};

/// The running median looks this far back and ahead.
const BEHIND: usize = 5;
const AHEAD: usize = 4;
/// Columns at both ends that the polynomial leaves as they are.
const ENDS: usize = 10;

/// Takes the running median of BACKGROUND over ten columns and a polynomial through it (between the outermost ten), and
/// sets NET to what is left of GROSS. Where there are too few columns for the polynomial, or some are not finite, the
/// median stays.
pub fn smooth(spectrum: &mut Spectrum, options: &X1dOptions) {
    if options.bksmode == BackgroundSmoothing::Off {
        return;
    }
    let mut smooth = running_median(&spectrum.background);
    through_middle(&mut smooth, options.bksorder);
    spectrum.background = smooth;
    for ((net, gross), background) in spectrum
        .net
        .iter_mut()
        .zip(&spectrum.gross)
        .zip(&spectrum.background)
    {
        *net = gross - background;
    }
}

fn running_median(values: &[f32]) -> Vec<f32> {
    let median = |x: usize| {
        let end = (x + AHEAD + 1).min(values.len());
        let mut window = values[x.saturating_sub(BEHIND)..end].to_vec();
        window.sort_by(f32::total_cmp);
        let middle = window.len() / 2;
        match window.len() % 2 {
            0 => (window[middle - 1] + window[middle]) / 2.0,
            _ => window[middle],
        }
    };
    (0..values.len()).map(median).collect()
}

/// Replaces all but the ends with the polynomial that fits them best.
fn through_middle(values: &mut [f32], order: usize) {
    let end = (values.len() + 1).saturating_sub(ENDS).min(values.len());
    if end < ENDS + order + 1 {
        return;
    }
    let middle = &mut values[ENDS..end];
    if let Some(fitted) = polynomial(middle, order) {
        middle.copy_from_slice(&fitted);
    }
}

fn polynomial(values: &[f32], order: usize) -> Option<Vec<f32>> {
    let count = values.len() as f64;
    let half = (count - 1.0) / 2.0;
    let scale = half.max(1.0);
    let mean = values.iter().map(|&value| f64::from(value)).sum::<f64>() / count;
    // Powers of numbers within ±1, for a system that stays well conditioned.
    let power = |x: usize, degree: usize| ((x as f64 - half) / scale).powi(degree as i32);
    let terms = order + 1;
    let mut matrix = DMatrix::<f64>::zeros(terms, terms);
    let mut right = DVector::<f64>::zeros(terms);
    for (x, &value) in values.iter().enumerate() {
        let basis: Vec<f64> = (0..terms).map(|degree| power(x, degree)).collect();
        for i in 0..terms {
            for j in 0..terms {
                matrix[(i, j)] += basis[i] * basis[j];
            }
            right[i] += basis[i] * (f64::from(value) - mean);
        }
    }
    let solution = matrix
        .lu()
        .solve(&right)
        .filter(|found| found.iter().all(|c| c.is_finite()))?;
    let at = |x: usize| {
        (0..terms)
            .map(|degree| solution[degree] * power(x, degree))
            .sum::<f64>()
    };
    Some((0..values.len()).map(|x| (at(x) + mean) as f32).collect())
}
