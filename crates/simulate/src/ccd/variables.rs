//! Stars whose light changes.

use super::Filter;
use super::cluster::Star;
use super::{CcdOptions, plan};
use serde::Serialize;

/// How a star's light changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Variability {
    /// As of RR Lyrae: a quick rise, a slow decline.
    Pulsation,
    /// A sine.
    Sine,
    /// A planet before its star: a trapezium.
    Transit,
}

impl Variability {
    /// As in truth tables.
    pub fn name(self) -> &'static str {
        match self {
            Variability::Pulsation => "pulsation",
            Variability::Sine => "sine",
            Variability::Transit => "transit",
        }
    }
}

/// A variable star.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Variable {
    /// Number of the star, from 1.
    pub star: usize,
    /// What it does.
    pub kind: Variability,
    /// Days.
    pub period: f64,
    /// Of greatest light, or of the transit's middle; Modified Julian Date, UTC.
    pub epoch_mjd: f64,
    /// From least to greatest light in V, magnitudes; of a transit its depth.
    pub amplitude: f64,
    /// Of a transit from first to last contact, days; else 0.
    pub duration: f64,
}

impl Variable {
    /// What is to be added to the mean magnitude (of a transit: the magnitude outside it) at a moment.
    pub fn change(&self, mjd: f64, filter: Filter) -> f64 {
        let phase = ((mjd - self.epoch_mjd) / self.period).rem_euclid(1.0);
        match self.kind {
            Variability::Pulsation => {
                let faintness = if phase < 0.8 {
                    0.5 - 0.5 * (std::f64::consts::PI * phase / 0.8).cos()
                } else {
                    0.5 + 0.5 * (std::f64::consts::PI * (phase - 0.8) / 0.2).cos()
                };
                self.amplitude * strength(filter) * (faintness - 0.5)
            }
            Variability::Sine => -0.5 * self.amplitude * (std::f64::consts::TAU * phase).cos(),
            Variability::Transit => {
                let from_middle = phase.min(1.0 - phase) * self.period / (0.5 * self.duration);
                // The outer quarters are ingress and egress.
                self.amplitude * ((1.0 - from_middle) / 0.5).clamp(0.0, 1.0)
            }
        }
    }
}

/// Amplitude of pulsation relative to that in V.
fn strength(filter: Filter) -> f64 {
    [1.28, 1.0, 0.82, 0.63][filter as usize]
}

/// One star of each kind, each as far from others of its brightness as there are.
pub fn choose(options: &CcdOptions, stars: &[Star]) -> Vec<Variable> {
    let run = options.run_s() / 86_400.0;
    let middle = plan::science_start(options, 0) + 0.5 * run;
    let mut variables: Vec<Variable> = Vec::new();
    for (kind, range, period, amplitude) in [
        (Variability::Pulsation, (14.4, 15.2), 0.5672, 0.5),
        (Variability::Sine, (14.8, 16.0), 0.2871, 0.3),
        (Variability::Transit, (13.0, 14.4), 2.8437, 0.03),
    ] {
        let taken: Vec<usize> = variables.iter().map(|variable| variable.star).collect();
        let Some(index) = loneliest(options, stars, range, &taken) else {
            continue;
        };
        let transit = kind == Variability::Transit;
        variables.push(Variable {
            star: index + 1,
            kind,
            period,
            epoch_mjd: if transit { middle } else { middle - 0.31 * period },
            amplitude,
            duration: if transit { 0.45 * run } else { 0.0 },
        });
    }
    variables
}

/// The star of a range of V, well within the reference frame, that has its nearest neighbour, of at most three magnitudes
/// less, farthest away.
fn loneliest(options: &CcdOptions, stars: &[Star], range: (f64, f64), taken: &[usize]) -> Option<usize> {
    let (width, height) = (options.width as f64, options.height as f64);
    let inside = |star: &Star| {
        (0.15 * width..0.85 * width).contains(&star.x) && (0.15 * height..0.85 * height).contains(&star.y)
    };
    let v = |star: &Star| star.magnitude(Filter::V);
    let room = |index: usize| {
        let own = &stars[index];
        let near = stars
            .iter()
            .enumerate()
            .filter(|&(other, star)| other != index && v(star) < v(own) + 3.0);
        let distances = near.map(|(_, star)| (star.x - own.x).hypot(star.y - own.y));
        distances.fold(f64::INFINITY, f64::min)
    };
    (0..stars.len())
        .filter(|&index| {
            let star = &stars[index];
            (range.0..range.1).contains(&v(star)) && inside(star) && !taken.contains(&(index + 1))
        })
        .max_by(|&a, &b| room(a).total_cmp(&room(b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_changes_by_the_amplitude_and_comes_back() {
        for (kind, least, most) in [
            (Variability::Pulsation, -0.25, 0.25),
            (Variability::Sine, -0.25, 0.25),
            (Variability::Transit, 0.0, 0.5),
        ] {
            let variable = Variable {
                star: 1,
                kind,
                period: 0.5,
                epoch_mjd: 58_000.0,
                amplitude: 0.5,
                duration: 0.1,
            };
            let changes: Vec<f64> = (0..1000)
                .map(|n| variable.change(58_000.0 + 5.0e-4 * f64::from(n), Filter::V))
                .collect();
            let low = changes.iter().copied().fold(f64::MAX, f64::min);
            let high = changes.iter().copied().fold(f64::MIN, f64::max);
            assert!(
                (low - least).abs() < 1e-3 && (high - most).abs() < 1e-3,
                "{kind:?} {low} {high}"
            );
            let later = variable.change(58_000.0 + 3.5 + 0.0123, Filter::V);
            let now = variable.change(58_000.0 + 0.0123, Filter::V);
            assert!((later - now).abs() < 1e-6);
        }
    }
}
