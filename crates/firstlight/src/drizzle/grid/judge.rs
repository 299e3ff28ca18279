//! The three tests that the handbook of DrizzlePac names, and what they recommend.

use super::stars::StarShape;
use super::{GridOptions, gather::Seen};
use crate::drizzle::Kernel;
use serde::Serialize;

/// The weight in one box.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BoxWeight {
    /// Standard deviation over median; `None` where the median is 0.
    pub rms_over_median: Option<f64>,
    /// Median.
    pub median: f64,
    /// Pixels without weight.
    pub missing: usize,
    /// All its pixels.
    pub pixels: usize,
}

/// One combination and how it fares.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trial {
    /// Which of the output grids it is on.
    pub grid: usize,
    /// Size of its pixels, arcsec.
    pub scale_arcsec: f64,
    /// The kernel.
    pub kernel: Kernel,
    /// The side of a drop in input pixels.
    pub pixfrac: f64,
    /// Pixels of the common footprint.
    pub footprint: usize,
    /// Pixels without weight in the common footprint.
    pub missing: usize,
    /// Those of them that have weight with the largest pixfrac on the same grid: it is the drops that are too small
    /// for them, not the data that are bad.
    pub missing_by_pixfrac: usize,
    /// Pixels without weight where at least one exposure is.
    pub missing_anywhere: usize,
    /// Standard deviation over median of the weight in all boxes together; `None` where the median is 0.
    pub rms_over_median: Option<f64>,
    /// The weight in each box.
    pub boxes: Vec<BoxWeight>,
    /// The shape of each star, `None` where it could not be measured.
    pub stars: Vec<Option<StarShape>>,
    /// Stars whose core lacks pixels that it has with the largest pixfrac on the same grid.
    pub stars_with_holes: usize,
    /// Median width of the stars, arcsec.
    pub fwhm_arcsec: Option<f64>,
    /// Median width of the stars, pixels of the output.
    pub fwhm_px: Option<f64>,
    /// Median ellipticity of the stars.
    pub ellipticity: Option<f64>,
    /// The first test: no pixel is missing.
    pub complete: bool,
    /// The second: the weight is even.
    pub even: bool,
    /// The third: stars are round and without holes, of which one star in three or more may have some: where a bad pixel
    /// falls on its core, that tells of the data. `None` where there is no star.
    pub round: Option<bool>,
}

impl Trial {
    /// Measures what was seen of a combination; the tests are still to be made.
    pub(super) fn of(
        (grid, scale_arcsec): (usize, f64),
        (kernel, pixfrac): (Kernel, f64),
        footprint: usize,
        seen: &Seen,
        stamp_half: usize,
    ) -> Self {
        let measured = |stamp| super::stars::measure(stamp, stamp_half, scale_arcsec);
        let stars: Vec<Option<StarShape>> = seen.stamps.iter().map(measured).collect();
        let middle = |of: &dyn Fn(&StarShape) -> f64| median(stars.iter().flatten().map(of).collect());
        let (fwhm_arcsec, fwhm_px) = (middle(&|star| star.fwhm_arcsec), middle(&|star| star.fwhm_px));
        Self {
            grid,
            scale_arcsec,
            kernel,
            pixfrac,
            footprint,
            missing: seen.missing,
            missing_by_pixfrac: 0,
            missing_anywhere: seen.missing_anywhere,
            rms_over_median: weight_of(&seen.boxes.concat()).rms_over_median,
            boxes: seen.boxes.iter().map(|weights| weight_of(weights)).collect(),
            fwhm_arcsec,
            fwhm_px,
            ellipticity: middle(&|star| star.ellipticity),
            stars,
            stars_with_holes: 0,
            complete: false,
            even: false,
            round: None,
        }
    }

    fn series(&self) -> (usize, Kernel) {
        (self.grid, self.kernel)
    }

    /// The least ellipticity among the trials of the same grid and kernel.
    fn roundest(&self, trials: &[Trial]) -> Option<f64> {
        let series = trials.iter().filter(|other| other.series() == self.series());
        series
            .filter_map(|other| other.ellipticity)
            .min_by(f64::total_cmp)
    }

    fn box_missing(&self) -> usize {
        self.boxes.iter().map(|of| of.missing).sum()
    }

    /// Whether more stars have holes than bad pixels may be to blame for.
    pub fn has_holes(&self) -> bool {
        let measured = self.stars.iter().flatten().count();
        self.stars_with_holes > usize::from(measured >= 3)
    }

    /// What is wrong by the third test, in a few words; `None` where nothing is.
    pub fn star_fault(&self) -> Option<&'static str> {
        (self.round == Some(false)).then(|| match self.has_holes() {
            true => "stars with holes",
            false => "stars not round",
        })
    }

    /// Whether it passes all tests that could be made.
    pub fn passes(&self) -> bool {
        self.complete && self.even && self.round != Some(false)
    }

    /// `pixfrac 0.7`, with kernel and scale where these are tried too.
    pub fn name(&self, several: Several) -> String {
        let mut name = format!("pixfrac {}", self.pixfrac);
        if several.kernels {
            name += &format!(", {}", self.kernel.name());
        }
        if several.scales {
            name += &format!(", {} arcsec", short(self.scale_arcsec));
        }
        name
    }
}

/// What is tried besides pixfrac.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Several {
    /// More than one kernel.
    pub kernels: bool,
    /// More than one scale.
    pub scales: bool,
}

pub(super) fn short(number: f64) -> String {
    format!("{}", (number * 1e5).round() / 1e5)
}

/// Standard deviation, about the mean, over median, as `numpy.std` and `numpy.median` have them.
fn weight_of(weights: &[f32]) -> BoxWeight {
    let values: Vec<f64> = weights.iter().map(|weight| f64::from(*weight)).collect();
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let rms = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
    let missing = values.iter().filter(|value| **value == 0.0).count();
    let median = median(values).unwrap_or(0.0);
    BoxWeight {
        rms_over_median: (median > 0.0).then(|| rms / median),
        median,
        missing,
        pixels: weights.len(),
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    let odd = values.len() % 2 == 1;
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    if odd {
        return Some(*upper);
    }
    let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Some(0.5 * (lower + *upper))
}

/// Makes the tests on all trials.
pub(super) fn test(trials: &mut [Trial], options: &GridOptions) {
    let all = trials.to_vec();
    for trial in trials {
        let of = trial.series();
        let series = || all.iter().filter(|other| other.series() == of);
        let largest = series().max_by(|a, b| a.pixfrac.total_cmp(&b.pixfrac));
        let (missing, in_boxes) = largest.map_or((0, 0), |of| (of.missing, of.box_missing()));
        trial.missing_by_pixfrac = trial.missing.saturating_sub(missing);
        let whole = |star: usize| largest.and_then(|of| of.stars.get(star)?.as_ref());
        let has_holes = |(star, shape): &(usize, &Option<StarShape>)| {
            let missing = shape.as_ref().map_or(0, |shape| shape.missing);
            missing > whole(*star).map_or(0, |shape| shape.missing)
        };
        trial.stars_with_holes = trial.stars.iter().enumerate().filter(has_holes).count();
        let share = |missing: usize, of: usize| missing as f64 / of.max(1) as f64;
        // Bad pixels of the data are missing at any value, and tell nothing of it.
        let of_boxes = trial.boxes.iter().map(|of| of.pixels).sum();
        trial.complete = share(trial.missing_by_pixfrac, trial.footprint) <= options.max_missing
            && share(trial.box_missing().saturating_sub(in_boxes), of_boxes) <= options.max_missing
            && trial.rms_over_median.is_some();
        trial.even = trial
            .rms_over_median
            .is_some_and(|ratio| ratio <= options.max_rms);
        trial.round = trial.roundest(&all).map(|roundest| {
            let lost = trial.stars.iter().filter(|star| star.is_none()).count();
            let least = series()
                .map(|other| other.stars.iter().filter(|star| star.is_none()).count())
                .min();
            let round = trial
                .ellipticity
                .is_some_and(|of| of <= roundest + options.max_ellipticity);
            round && !trial.has_holes() && Some(lost) <= least
        });
    }
}

/// The trial that is recommended: of those that pass, the smallest pixfrac of each kernel and scale, and of these the
/// one with the sharpest stars. Where none passes, that which comes closest.
pub(super) fn best(trials: &[Trial]) -> Option<usize> {
    let sharpness = |trial: &Trial| trial.fwhm_arcsec.unwrap_or(f64::INFINITY);
    let smallest = |k: &usize| {
        let trial = &trials[*k];
        let smaller = |other: &Trial| other.series() == trial.series() && other.pixfrac < trial.pixfrac;
        !trials.iter().any(|other| other.passes() && smaller(other))
    };
    let passing = (0..trials.len()).filter(|k| trials[*k].passes()).filter(smallest);
    let sharpest = passing.min_by(|a, b| {
        let (a, b) = (&trials[*a], &trials[*b]);
        sharpness(a)
            .total_cmp(&sharpness(b))
            .then(a.pixfrac.total_cmp(&b.pixfrac))
    });
    sharpest.or_else(|| {
        let unevenness = |trial: &Trial| trial.rms_over_median.unwrap_or(f64::INFINITY);
        (0..trials.len()).min_by(|a, b| {
            let (a, b) = (&trials[*a], &trials[*b]);
            let missing = a.missing_by_pixfrac.cmp(&b.missing_by_pixfrac);
            b.complete
                .cmp(&a.complete)
                .then(if a.complete {
                    std::cmp::Ordering::Equal
                } else {
                    missing
                })
                .then(unevenness(a).total_cmp(&unevenness(b)))
        })
    })
}

/// Why, in words.
pub(super) fn reasons(
    trials: &[Trial],
    best: Option<usize>,
    several: Several,
    options: &GridOptions,
) -> Vec<String> {
    let mut words = Vec::new();
    for trial in trials {
        let mut faults = Vec::new();
        if !trial.complete {
            faults.push(match trial.missing_by_pixfrac {
                0 => "there is no weight in the boxes".to_owned(),
                1 => "1 pixel is missing that larger drops reach".to_owned(),
                n => format!("{n} pixels are missing that larger drops reach"),
            });
        }
        if let (false, Some(ratio)) = (trial.even, trial.rms_over_median) {
            faults.push(format!(
                "RMS/median of the weight is {ratio:.3}, above {}",
                options.max_rms
            ));
        }
        if trial.round == Some(false) {
            let roundest = trial.roundest(trials);
            let beyond = |found: &f64| roundest.is_some_and(|of| *found > of + options.max_ellipticity);
            faults.push(match (trial.has_holes(), trial.ellipticity.filter(beyond)) {
                (true, _) => {
                    let (holes, all) = (trial.stars_with_holes, trial.stars.len());
                    format!("{holes} of {all} stars have holes that larger drops fill")
                }
                (false, Some(found)) => {
                    format!("the stars' ellipticity of {found:.3} is beyond that of the roundest")
                }
                (false, None) => "stars cannot be measured".to_owned(),
            });
        }
        if !faults.is_empty() {
            words.push(format!("{}: {}", trial.name(several), faults.join("; ")));
        }
    }
    let Some(trial) = best.and_then(|best| trials.get(best)) else {
        return words;
    };
    let mut about = Vec::new();
    if let Some(ratio) = trial.rms_over_median {
        about.push(format!("RMS/median {ratio:.3}"));
    }
    if let (Some(fwhm), Some(ellipticity)) = (trial.fwhm_arcsec, trial.ellipticity) {
        about.push(format!(
            "stars {fwhm:.4} arcsec wide, ellipticity {ellipticity:.3}"
        ));
    }
    words.push(match trial.passes() {
        true => format!(
            "{} is recommended: the smallest that passes all tests{} ({})",
            trial.name(several),
            match several.kernels || several.scales {
                true => ", and of these the one with the sharpest stars",
                false => "",
            },
            about.join(", ")
        ),
        false => format!(
            "no value passes all tests; {} comes closest ({}): more exposures, or larger pixels, would help",
            trial.name(several),
            about.join(", ")
        ),
    });
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(pixfrac: f64, missing: usize, rms: f64, fwhm: f64) -> Trial {
        let star = StarShape {
            fwhm_px: fwhm,
            fwhm_arcsec: fwhm,
            ellipticity: 0.05,
            theta_deg: 0.0,
            peak: 1.0,
            missing: 0,
        };
        Trial {
            grid: 0,
            scale_arcsec: 0.03,
            kernel: Kernel::Square,
            pixfrac,
            footprint: 1000,
            missing,
            missing_by_pixfrac: 0,
            missing_anywhere: missing,
            rms_over_median: Some(rms),
            boxes: Vec::new(),
            stars: vec![Some(star)],
            stars_with_holes: 0,
            fwhm_arcsec: Some(fwhm),
            fwhm_px: Some(fwhm),
            ellipticity: Some(0.05),
            complete: false,
            even: false,
            round: None,
        }
    }

    fn judged(mut trials: Vec<Trial>) -> (Vec<Trial>, Option<usize>, Vec<String>) {
        let options = GridOptions::default();
        test(&mut trials, &options);
        let best = best(&trials);
        let words = reasons(&trials, best, Several::default(), &options);
        (trials, best, words)
    }

    #[test]
    fn the_smallest_that_passes() {
        let (trials, best, words) = judged(vec![
            trial(0.2, 400, 0.9, 2.0),
            trial(0.5, 7, 0.25, 2.1),
            trial(0.6, 7, 0.19, 2.2),
            trial(1.0, 7, 0.1, 2.6),
        ]);
        assert_eq!(best, Some(2));
        assert_eq!(trials[0].missing_by_pixfrac, 393);
        assert!(trials[1].complete && !trials[1].even);
        assert_eq!(words.len(), 3, "{words:?}");
        assert!(words[0].contains("393 pixels") && words[0].contains("0.900"));
        assert!(words[2].starts_with("pixfrac 0.6 is recommended"), "{words:?}");
    }

    #[test]
    fn stars_decide_too() {
        let mut blocky = trial(0.5, 0, 0.1, 2.0);
        blocky.ellipticity = Some(0.3);
        let mut hole = trial(0.6, 0, 0.1, 2.0);
        if let Some(star) = hole.stars[0].as_mut() {
            star.missing = 1;
        }
        let (_, best, words) = judged(vec![
            blocky,
            hole,
            trial(0.7, 0, 0.1, 2.1),
            trial(1.0, 0, 0.1, 2.5),
        ]);
        assert_eq!(best, Some(2), "{words:?}");
    }

    #[test]
    fn bad_pixels_on_a_star_tell_nothing_of_pixfrac() {
        let with = |pixfrac: f64, missing: [usize; 4]| {
            let mut trial = trial(pixfrac, 0, 0.1, 1.0 + pixfrac);
            let star = trial.stars[0].clone().unwrap();
            let of = |missing| {
                Some(StarShape {
                    missing,
                    ..star.clone()
                })
            };
            trial.stars = missing.map(of).to_vec();
            trial
        };
        // One star has a hole at any value, and another one where a cosmic ray was.
        let (trials, best, words) = judged(vec![
            with(0.3, [2, 3, 1, 0]),
            with(0.5, [2, 1, 0, 0]),
            with(0.8, [2, 0, 0, 0]),
            with(1.0, [2, 0, 0, 0]),
        ]);
        assert_eq!(best, Some(1), "{words:?}");
        let holes: Vec<usize> = trials.iter().map(|trial| trial.stars_with_holes).collect();
        assert_eq!(holes, [2, 1, 0, 0]);
        assert_eq!(trials[0].star_fault(), Some("stars with holes"));
        let told = "2 of 4 stars have holes that larger drops fill";
        assert!(words[0].contains(told), "{words:?}");
        assert_eq!(trials[1].star_fault(), None);
    }

    #[test]
    fn nothing_passes_and_nothing_is_there() {
        let (_, best, words) = judged(vec![trial(0.5, 9, 0.9, 2.0), trial(1.0, 0, 0.5, 2.5)]);
        assert_eq!(best, Some(1));
        assert!(words.iter().any(|word| word.starts_with("no value passes")));
        assert_eq!(judged(Vec::new()).1, None);
    }

    #[test]
    fn statistics_are_numpys() {
        let of = weight_of(&[1.0, 2.0, 4.0, 5.0]);
        assert_eq!(of.median, 3.0);
        assert!((of.rms_over_median.unwrap() - 2.5_f64.sqrt() / 3.0).abs() < 1e-12);
        assert_eq!(weight_of(&[0.0, 0.0, 5.0]).rms_over_median, None);
        assert_eq!(weight_of(&[]).missing, 0);
    }
}
