//! Where the shadow of each bar is.

use super::dispersion::highest;
use super::{Lit, Shift, median};
use crate::stis::interpolation::nearest;
use serde::Serialize;

/// The correlation of a shadow with its bar is the bar's width, within these factors.
const CREDIBLE: (f64, f64) = (0.5, 1.5);
/// The middle of a correlation's peak is looked for above this part of its height.
const UPPER_PART: f64 = 0.5;
/// Middles at different heights farther from their median do not count, pixels.
const OUTLIER: f64 = 0.3;
/// Bars that differ by more than the first leave out the weakest; by more than the second, say nothing. Pixels.
const APART: (f64, f64) = (5.0, 10.0);

/// What a bar says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BarShift {
    /// Pixels of the image; None where the bar was not found.
    pub shift: Option<f64>,
    /// Height of the correlation's peak over the bar's width.
    pub weight: f64,
    /// Why it was not found.
    pub reason: Option<String>,
}

/// Looks for each bar in how much of the light is missing in each row.
pub fn measure(lit: &Lit, shadow: &[f64]) -> Vec<BarShift> {
    let scale = lit.imset.cd2_2 * 3600.0;
    let middle = lit.imset.crpix.1 - 1.0;
    let bars = lit.aperture.bars.iter();
    bars.map(|bar| {
        let width = bar.width_arcsec / scale;
        if width <= 0.0 {
            return lost(0.0, "the bar has no width".to_owned());
        }
        let template = template(middle + bar.location_arcsec / scale, width, shadow.len());
        let correlation = correlate(shadow, &template, lit.parameters.sp_range);
        find(&correlation, width)
    })
    .collect()
}

fn lost(weight: f64, reason: String) -> BarShift {
    BarShift {
        shift: None,
        weight,
        reason: Some(reason),
    }
}

/// 1 behind the bar, at its ends the part of a pixel that it hides.
fn template(middle: f64, width: f64, rows: usize) -> Vec<f64> {
    let (lower, upper) = (middle - width / 2.0, middle + width / 2.0);
    let (first, last) = (nearest(lower), nearest(upper));
    let mut template = vec![0.0; rows];
    for (y, hidden) in template.iter_mut().enumerate() {
        let y = y as i64;
        if y > first && y < last {
            *hidden = 1.0;
        }
        if y == first {
            *hidden = 0.5 - lower + first as f64;
        }
        if y == last {
            *hidden = upper + 0.5 - last as f64;
        }
    }
    template
}

fn correlate(shadow: &[f64], template: &[f64], range: usize) -> Vec<f64> {
    let half = (range.saturating_sub(1) / 2).min(shadow.len().saturating_sub(1));
    let fits = |down: usize, up: usize| {
        shadow[up..]
            .iter()
            .zip(&template[down..])
            .map(|(s, t)| s * t)
            .sum::<f64>()
    };
    let below = (1..=half).rev().map(|j| fits(j, 0));
    below.chain((0..=half).map(|j| fits(0, j))).collect()
}

/// The middle of the peak: the mean of the middles of its flanks at heights one apart.
fn find(correlation: &[f64], width: f64) -> BarShift {
    let peak = highest(correlation);
    let top = correlation[peak];
    let weight = top / width;
    if !(CREDIBLE.0..=CREDIBLE.1).contains(&weight) {
        let reason = format!(
            "its shadow is {weight:.3} of what it should be ({} to {})",
            CREDIBLE.0, CREDIBLE.1
        );
        return lost(0.0, reason);
    }
    if peak == 0 || peak + 1 == correlation.len() {
        return lost(
            0.0,
            "its shadow fits best at the end of the search (SP_RANGE)".to_owned(),
        );
    }
    let middles = middles(correlation, peak);
    let centre = match middles[..] {
        [] => return lost(0.0, "its shadow has no flanks".to_owned()),
        [only] => only,
        _ => {
            let usual = median(&middles);
            let near: Vec<f64> = middles
                .iter()
                .copied()
                .filter(|at| (at - usual).abs() <= OUTLIER)
                .collect();
            if near.is_empty() {
                return lost(0.0, "its shadow is not symmetric".to_owned());
            }
            near.iter().sum::<f64>() / near.len() as f64
        }
    };
    BarShift {
        shift: Some(centre - (correlation.len() / 2) as f64),
        weight,
        reason: None,
    }
}

fn middles(correlation: &[f64], peak: usize) -> Vec<f64> {
    let top = correlation[peak];
    let mut middles = Vec::new();
    let mut level = top - 1.0;
    while level > top * UPPER_PART {
        let rises = |&i: &usize| correlation[i] <= level && correlation[i + 1] > level;
        let falls = |&i: &usize| correlation[i] >= level && correlation[i + 1] < level;
        let left = (1..=peak).rev().find(rises);
        let right = (peak..correlation.len() - 1).find(falls);
        let (Some(l), Some(r)) = (left, right) else { break };
        let from = l as f64 + (level - correlation[l]) / (correlation[l + 1] - correlation[l]);
        let to = r as f64 + (correlation[r] - level) / (correlation[r] - correlation[r + 1]);
        middles.push((from + to) / 2.0);
        level -= 1.0;
    }
    middles
}

/// The weighted mean of the bars that were found.
pub fn mean(bars: &[BarShift]) -> Shift {
    let mut found: Vec<(f64, f64)> = bars
        .iter()
        .filter_map(|bar| Some((bar.shift?, bar.weight)))
        .filter(|(_, weight)| *weight > CREDIBLE.0)
        .collect();
    if found.is_empty() {
        let reasons = bars.iter().enumerate().filter_map(|(i, bar)| {
            let reason = bar.reason.as_ref()?;
            Some(format!("bar {}: {reason}", i + 1))
        });
        let reasons: Vec<String> = reasons.collect();
        return Shift::Undefined(format!("no bar was found ({})", reasons.join("; ")));
    }
    let least = found
        .iter()
        .map(|(shift, _)| *shift)
        .fold(f64::INFINITY, f64::min);
    let most = found
        .iter()
        .map(|(shift, _)| *shift)
        .fold(f64::NEG_INFINITY, f64::max);
    if most - least > APART.1 {
        return Shift::Undefined(format!("the bars' shifts differ by {:.2} pixels", most - least));
    }
    if most - least > APART.0 {
        let weights = found.iter().map(|(_, weight)| *weight);
        let weakest = weights
            .enumerate()
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(at, _)| at);
        if let Some(weakest) = weakest {
            found.remove(weakest);
        }
    }
    let weights: f64 = found.iter().map(|(_, weight)| weight).sum();
    Shift::Found(found.iter().map(|(shift, weight)| shift * weight).sum::<f64>() / weights)
}
