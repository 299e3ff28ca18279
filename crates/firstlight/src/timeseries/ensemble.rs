//! Comparison stars: which are taken, what each weighs, and what they say of every frame.
//!
//! The artificial comparison star of Broeg, Fernández and Neuhäuser (2005, Astronomische Nachrichten 326, 134): the mean of
//! the comparison stars, each over its own median, with weights of the inverse variance that each has against the others.

use firstlight_stats::median_of_finite;

/// The weights are found anew so many times at most, and until none changes by this share.
const ROUNDS: usize = 30;
const AT_REST: f64 = 1e-6;
/// Variance below which no star is taken to be steadier.
const LEAST_VARIANCE: f64 = 1e-12;
/// A comparison star is good in this share of the frames.
const GOOD_SHARE: f64 = 0.9;
/// A star that scatters so many times more than its error lets expect, and so many times more than others do, varies.
const VARIABLE: f64 = 2.0;
/// Fewer stars than this are not thinned out.
const FEWEST: usize = 3;

/// The fluxes of a star in all frames.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fluxes {
    pub(super) flux: Vec<f64>,
    pub(super) error: Vec<f64>,
    /// Those that nothing is to be said against.
    pub(super) good: Vec<bool>,
}

/// Values with their errors, one a frame.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Relative {
    pub(super) value: Vec<f64>,
    pub(super) error: Vec<f64>,
}

impl Fluxes {
    /// The median of good fluxes; of all where none is good.
    fn level(&self) -> Option<f64> {
        let of = |all: bool| {
            let kept = self.flux.iter().zip(&self.good);
            let kept = kept.filter(|(flux, good)| flux.is_finite() && (all || **good));
            median_of_finite(&mut kept.map(|(flux, _)| *flux).collect::<Vec<f64>>())
        };
        of(false).or_else(|| of(true))
    }

    /// Fluxes over their level.
    fn normalised(&self) -> Option<Self> {
        let level = self.level().filter(|level| *level != 0.0)?;
        let over = |values: &[f64]| values.iter().map(|value| value / level).collect();
        Some(Self {
            flux: over(&self.flux),
            error: over(&self.error),
            good: self.good.clone(),
        })
    }
}

/// The comparison stars in use.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ensemble {
    /// Each over its level.
    stars: Vec<Option<Fluxes>>,
    /// One for each; 0 of a star that is not taken. Their sum is 1 unless all are 0.
    pub(super) weights: Vec<f64>,
}

impl Ensemble {
    /// All of the comparison stars.
    pub(super) fn of_all(stars: &[&Fluxes]) -> Self {
        Self::weighed(stars, &vec![true; stars.len()])
    }

    /// Those of the candidates that are good in nearly all frames and do not vary, at most `most` of them, the ones that
    /// scatter least.
    pub(super) fn of_steady(stars: &[&Fluxes], most: usize) -> Self {
        let there = |star: &Fluxes| {
            let good = star.good.iter().filter(|good| **good).count();
            good > 0 && good as f64 >= GOOD_SHARE * star.good.len() as f64
        };
        let mut taken: Vec<bool> = stars.iter().map(|star| there(star)).collect();
        let mut made = Self::weighed(stars, &taken);
        while taken.iter().filter(|taken| **taken).count() > FEWEST {
            let excess: Vec<(usize, f64)> = (0..stars.len())
                .filter(|&star| taken[star])
                .filter_map(|star| Some((star, made.excess(star)?)))
                .collect();
            let usual = median_of_finite(&mut excess.iter().map(|(_, excess)| *excess).collect::<Vec<_>>());
            let worst = excess.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
            match (worst, usual) {
                (Some((star, excess)), Some(usual)) if excess > VARIABLE * usual.max(1.0) => {
                    taken[star] = false;
                    made = Self::weighed(stars, &taken);
                }
                _ => break,
            }
        }
        let mut order: Vec<usize> = (0..stars.len()).filter(|&star| taken[star]).collect();
        order.sort_by(|&a, &b| made.weights[b].total_cmp(&made.weights[a]).then(a.cmp(&b)));
        for &star in order.iter().skip(most) {
            taken[star] = false;
        }
        Self::weighed(stars, &taken)
    }

    fn weighed(stars: &[&Fluxes], taken: &[bool]) -> Self {
        let stars: Vec<Option<Fluxes>> = stars
            .iter()
            .zip(taken)
            .map(|(star, taken)| star.normalised().filter(|_| *taken))
            .collect();
        // What is to be expected of their errors, until their scatter is known.
        let weights = stars.iter().map(|star| {
            let variance = star.as_ref().and_then(|star| {
                let good = star
                    .error
                    .iter()
                    .zip(&star.good)
                    .filter(|(e, good)| **good && e.is_finite());
                median_of_finite(&mut good.map(|(error, _)| error * error).collect::<Vec<_>>())
            });
            match (star, variance) {
                (None, _) => 0.0,
                (Some(_), variance) => 1.0 / variance.unwrap_or(1.0).max(LEAST_VARIANCE),
            }
        });
        let mut made = Self {
            weights: sum_of_one(weights.collect()),
            stars,
        };
        for _ in 0..ROUNDS {
            let variances: Vec<Option<f64>> = (0..made.stars.len()).map(|star| made.variance(star)).collect();
            if made.count() < 2 || variances.iter().flatten().count() < made.count() {
                break;
            }
            let weights = sum_of_one(variances.iter().map(|v| v.map_or(0.0, |v| 1.0 / v)).collect());
            let changed = weights
                .iter()
                .zip(&made.weights)
                .any(|(new, old)| (new - old).abs() > AT_REST);
            made.weights = weights;
            if !changed {
                break;
            }
        }
        made
    }

    /// How many stars are in use.
    pub(super) fn count(&self) -> usize {
        self.weights.iter().filter(|weight| **weight > 0.0).count()
    }

    /// The variance of a comparison star against the others; none where there are too few frames or no others.
    fn variance(&self, star: usize) -> Option<f64> {
        let (relative, good) = self.against_others(star)?;
        let values: Vec<f64> = kept(&relative.value, &good).collect();
        if values.len() < 3 {
            return None;
        }
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        Some((squares / (values.len() - 1) as f64).max(LEAST_VARIANCE))
    }

    /// By how much its scatter is larger than its errors let expect.
    fn excess(&self, star: usize) -> Option<f64> {
        let (relative, good) = self.against_others(star)?;
        let expected = median_of_finite(&mut kept(&relative.error, &good).collect::<Vec<_>>())?;
        let found = self.variance(star)?.sqrt();
        (expected > 0.0).then(|| found / expected)
    }

    fn against_others(&self, star: usize) -> Option<(Relative, Vec<bool>)> {
        let fluxes = self.stars[star].as_ref().filter(|_| self.weights[star] > 0.0)?;
        let relative = self.relative(fluxes, Some(star))?;
        let good = fluxes
            .good
            .iter()
            .zip(&relative.value)
            .map(|(good, value)| *good && value.is_finite())
            .collect();
        Some((relative, good))
    }

    /// A star over the ensemble, its median being 1; `without` leaves a comparison star out. NaN in frames without any
    /// comparison star. Without any at all, or where they say nothing of a frame with a good flux of none, the star over its
    /// own level.
    pub(super) fn relative(&self, star: &Fluxes, without: Option<usize>) -> Option<Relative> {
        let star = star.normalised()?;
        let in_use = |n: &usize| self.weights[*n] > 0.0 && Some(*n) != without;
        let members: Vec<usize> = (0..self.stars.len()).filter(in_use).collect();
        let (mut value, mut error) = (Vec::new(), Vec::new());
        for frame in 0..star.flux.len() {
            let (level, variance) = match members.is_empty() {
                true => (1.0, 0.0),
                false => self.level(&members, frame),
            };
            let relative = star.flux[frame] / level;
            value.push(relative);
            error.push(((star.error[frame] / level).powi(2) + relative * relative * variance).sqrt());
        }
        // The division by the ensemble may have moved the median.
        let over = Fluxes {
            good: star
                .good
                .iter()
                .zip(&value)
                .map(|(good, v)| *good && v.is_finite())
                .collect(),
            flux: value,
            error,
        };
        let Fluxes { flux, error, .. } = over.normalised()?;
        Some(Relative { value: flux, error })
    }

    /// The weighted mean of the members in a frame, and its relative variance.
    fn level(&self, members: &[usize], frame: usize) -> (f64, f64) {
        let (mut sum, mut weights, mut variance) = (0.0, 0.0, 0.0);
        for &member in members {
            let Some(star) = self.stars[member].as_ref().filter(|star| star.good[frame]) else {
                continue;
            };
            let weight = self.weights[member];
            sum += weight * star.flux[frame];
            variance += (weight * star.error[frame]).powi(2);
            weights += weight;
        }
        if weights == 0.0 {
            return (f64::NAN, f64::NAN);
        }
        (sum / weights, variance / (sum * sum))
    }
}

fn kept<'a>(values: &'a [f64], good: &'a [bool]) -> impl Iterator<Item = f64> + 'a {
    let both = values.iter().zip(good);
    both.filter(|(value, good)| **good && value.is_finite())
        .map(|(value, _)| *value)
}

fn sum_of_one(weights: Vec<f64>) -> Vec<f64> {
    let sum: f64 = weights.iter().sum();
    match sum > 0.0 {
        true => weights.into_iter().map(|weight| weight / sum).collect(),
        false => weights,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fluxes about a level under clouds, with noise of the relative size `noise` that is told as the error.
    fn star(level: f64, noise: f64, seed: u64) -> Fluxes {
        let mut state = seed;
        let mut draw = || {
            let sum: f64 = (0..12)
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407);
                    (state >> 11) as f64 / (1_u64 << 53) as f64
                })
                .sum();
            sum - 6.0
        };
        let cloud = |frame: usize| 1.0 - 0.3 * (frame as f64 / 9.0).sin();
        let flux: Vec<f64> = (0..80)
            .map(|frame| level * cloud(frame) * (1.0 + noise * draw()))
            .collect();
        Fluxes {
            error: flux.iter().map(|flux| flux * noise).collect(),
            good: vec![true; 80],
            flux,
        }
    }

    #[test]
    fn clouds_cancel_and_steady_stars_weigh_more() {
        let stars = [
            star(1e4, 0.002, 1),
            star(3e3, 0.01, 2),
            star(2e3, 0.01, 3),
            star(5e3, 0.004, 4),
        ];
        let all: Vec<&Fluxes> = stars.iter().collect();
        let made = Ensemble::of_all(&all);
        assert!(
            made.weights[0] > made.weights[3] && made.weights[3] > made.weights[1],
            "{:?}",
            made.weights
        );
        let target = star(800.0, 0.003, 5);
        let relative = made.relative(&target, None).unwrap();
        let chi: f64 = relative
            .value
            .iter()
            .zip(&relative.error)
            .map(|(v, e)| ((v - 1.0) / e).powi(2))
            .sum();
        assert!((0.6..1.5).contains(&(chi / 79.0)), "{}", chi / 79.0);
    }

    #[test]
    fn a_variable_star_and_one_that_is_seldom_there_are_not_taken() {
        let mut stars: Vec<Fluxes> = (0..6)
            .map(|n| star(1e4 / (n + 1) as f64, 0.004, n + 10))
            .collect();
        for (frame, flux) in stars[0].flux.iter_mut().enumerate() {
            *flux *= 1.0 + 0.05 * (frame as f64 / 4.0).cos();
        }
        stars[3].good[..20].fill(false);
        let all: Vec<&Fluxes> = stars.iter().collect();
        let made = Ensemble::of_steady(&all, 10);
        assert_eq!(
            (made.weights[0], made.weights[3], made.count()),
            (0.0, 0.0, 4),
            "{:?}",
            made.weights
        );
        assert_eq!(Ensemble::of_steady(&all, 2).count(), 2);
    }

    #[test]
    fn without_comparison_stars_a_star_is_compared_with_itself() {
        let target = star(800.0, 0.003, 5);
        let relative = Ensemble::of_all(&[]).relative(&target, None).unwrap();
        let middle = median_of_finite(&mut relative.value.clone()).unwrap();
        assert!((middle - 1.0).abs() < 1e-12);
        let mut dark = target;
        dark.flux.fill(f64::NAN);
        assert!(Ensemble::of_all(&[]).relative(&dark, None).is_none());
    }
}
