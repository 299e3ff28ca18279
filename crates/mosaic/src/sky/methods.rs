//! What is made of the skies of chips and overlaps.

use super::differences::{Pair, Relative, relative_skies};
use super::measure::Plane;
use super::overlap::{Overlap, overlaps};
use super::{Measured, SkyInput, SkyMethod, SkyOptions, SkyStatus, SkyValue};
use crate::{Error, Result};

/// Measures the sky of exposures as AstroDrizzle 3.11 does, in the order of `inputs`. Chips are read once each, one
/// after the other, whatever the method; one chip is in memory at a time.
///
/// An exposure without usable pixels, or without overlap where skies are matched, is no error: its status says so.
/// With a single exposure, "match" gives 0 and "globalmin+match" is "globalmin".
///
/// # Errors
/// Those of [`SkyOptions::check`]; [`Error::NoBrightness`]; whatever reading meets.
pub fn sky_values(inputs: &[SkyInput], options: &SkyOptions) -> Result<Vec<SkyValue>> {
    options.check()?;
    let per_unit = inputs.iter().enumerate().map(brightness_per_unit);
    let per_unit = per_unit.collect::<Result<Vec<f64>>>()?;
    let exposures = order_of_exposures(inputs);
    let overlaps = if options.skymethod.matches() {
        overlaps(inputs, &exposures)
    } else {
        Vec::new()
    };
    let (chips, pairs) = measure(inputs, &overlaps, options)?;
    let run = Run {
        method: options.skymethod,
        per_unit,
        exposures,
        chips,
    };
    let relative = run.relative(&overlaps, &pairs);
    let skies = run.skies(&relative);
    let usable = run.usable();
    let of_chip = |(chip, input): (usize, &SkyInput)| {
        let exposure = run.exposures[chip];
        let status = match (options.skymethod.matches(), relative[exposure], usable[exposure]) {
            (_, _, Some(false)) => SkyStatus::NoPixels,
            (false, ..) => SkyStatus::Measured,
            (true, Some(_), _) => SkyStatus::Matched,
            (true, None, _) => SkyStatus::NoOverlap,
        };
        let sky = skies[exposure] / run.per_unit[chip];
        SkyValue {
            measured: run.chips[chip],
            group: relative[exposure].map(|relative| relative.group),
            ..SkyValue::new(sky, input.electrons_per_unit, true, status)
        }
    };
    Ok(inputs.iter().enumerate().map(of_chip).collect())
}

/// What a sample is multiplied with to become a rate per square arcsecond.
fn brightness_per_unit((chip, input): (usize, &SkyInput)) -> Result<f64> {
    let checked = |what, value: f64| {
        let fine = value > 0.0 && value.is_finite();
        fine.then_some(value).ok_or(Error::NoBrightness {
            exposure: input.exposure,
            chip,
            what,
            value,
        })
    };
    let scale = checked("the pixel scale", input.pixel_scale_arcsec)?;
    let time = if input.in_counts {
        checked("the exposure time", input.exptime_s)?
    } else {
        1.0
    };
    Ok(1.0 / (scale * scale) / time)
}

/// Which exposure each chip is of, counted in the order in which they come up.
fn order_of_exposures(inputs: &[SkyInput]) -> Vec<usize> {
    let mut names = Vec::new();
    let place = |input: &SkyInput| {
        names
            .iter()
            .position(|name| *name == input.exposure)
            .unwrap_or_else(|| {
                names.push(input.exposure);
                names.len() - 1
            })
    };
    inputs.iter().map(place).collect()
}

/// The skies of both chips of each overlap.
type OfOverlaps = Vec<[Option<Measured>; 2]>;

/// The skies of chips, where the method needs them, and of overlaps.
fn measure(
    inputs: &[SkyInput],
    overlaps: &[Overlap],
    options: &SkyOptions,
) -> Result<(Vec<Option<Measured>>, OfOverlaps)> {
    let whole = options.skymethod != SkyMethod::Match;
    let mut plane = Plane::default();
    let mut chips = vec![None; inputs.len()];
    let mut pairs = vec![[None; 2]; overlaps.len()];
    for (chip, input) in inputs.iter().enumerate() {
        let sides = |overlap: &Overlap| overlap.chips.iter().position(|of| *of == chip);
        let mut here = overlaps
            .iter()
            .enumerate()
            .filter_map(|(at, overlap)| Some((at, sides(overlap)?)))
            .peekable();
        if !whole && here.peek().is_none() {
            continue;
        }
        plane.read(input)?;
        if whole {
            chips[chip] = plane.sky(options)?;
        }
        for (at, side) in here {
            let runs = overlaps[at].runs(side, input.shape);
            pairs[at][side] = plane.sky_in(&runs, options)?;
        }
    }
    Ok((chips, pairs))
}

/// All that was measured.
struct Run {
    method: SkyMethod,
    /// What samples of each chip are multiplied with to become a surface brightness.
    per_unit: Vec<f64>,
    /// The exposure of each chip.
    exposures: Vec<usize>,
    /// The sky of each chip, in the unit of its image.
    chips: Vec<Option<Measured>>,
}

impl Run {
    fn number_of_exposures(&self) -> usize {
        self.exposures.iter().max().map_or(0, |last| last + 1)
    }

    /// The matched skies of exposures, surface brightness; the lowest is 0.
    fn relative(&self, overlaps: &[Overlap], measured: &OfOverlaps) -> Vec<Option<Relative>> {
        let pairs = self.pairs(overlaps, measured);
        let mut relative = relative_skies(self.number_of_exposures(), &pairs);
        let skies = relative.iter().flatten().map(|relative| relative.sky);
        let lowest = skies.fold(0.0, f64::min);
        for relative in relative.iter_mut().flatten() {
            relative.sky -= lowest;
        }
        relative
    }

    /// Pairs of exposures: over all overlaps of their chips, the mean sky of each, weighted by pixels.
    fn pairs(&self, overlaps: &[Overlap], measured: &OfOverlaps) -> Vec<Pair> {
        let mut order: Vec<usize> = (0..overlaps.len()).collect();
        order.sort_by_key(|at| overlaps[*at].exposures);
        let of_pair = |group: &[usize]| {
            let [first, second] = [0, 1].map(|side| {
                let mut sums = (0.0, 0.0);
                for at in group {
                    if let Some(sky) = measured[*at][side] {
                        let npix = sky.npix as f64;
                        sums.0 += sky.value * self.per_unit[overlaps[*at].chips[side]] * npix;
                        sums.1 += npix;
                    }
                }
                sums
            });
            let [i, j] = overlaps[*group.first()?].exposures;
            (first.1 > 0.0 && second.1 > 0.0).then(|| Pair {
                exposures: (i, j),
                skies: (first.0 / first.1, second.0 / second.1),
                npix: (first.1, second.1),
            })
        };
        let same = |a: &usize, b: &usize| overlaps[*a].exposures == overlaps[*b].exposures;
        order.chunk_by(same).filter_map(of_pair).collect()
    }

    /// The sky of each exposure, surface brightness.
    fn skies(&self, relative: &[Option<Relative>]) -> Vec<f64> {
        let exposures = 0..self.number_of_exposures();
        let matched = |exposure: usize| relative[exposure].map_or(0.0, |relative| relative.sky);
        let lowest_of_all = || self.lowest(|_| true, &matched).unwrap_or(0.0);
        match self.method {
            SkyMethod::LocalMin => exposures
                .map(|exposure| self.lowest(|of| of == exposure, &|_| 0.0).unwrap_or(0.0))
                .collect(),
            SkyMethod::GlobalMin => {
                let lowest = self.lowest(|_| true, &|_| 0.0).unwrap_or(0.0);
                exposures.map(|_| lowest).collect()
            }
            SkyMethod::Match => exposures.map(matched).collect(),
            SkyMethod::GlobalMinMatch => {
                let lowest = lowest_of_all();
                exposures.map(|exposure| matched(exposure) + lowest).collect()
            }
        }
    }

    /// The lowest sky of the chips of some exposures, after `less` is taken off, surface brightness.
    fn lowest(&self, wanted: impl Fn(usize) -> bool, less: &impl Fn(usize) -> f64) -> Option<f64> {
        let chips = self.chips.iter().zip(&self.per_unit).zip(&self.exposures);
        chips
            .filter(|(_, exposure)| wanted(**exposure))
            .filter_map(|((sky, per_unit), exposure)| Some(sky.as_ref()?.value * per_unit - less(*exposure)))
            .reduce(f64::min)
    }

    /// Whether exposures have usable pixels, where that is known.
    fn usable(&self) -> Vec<Option<bool>> {
        if self.method == SkyMethod::Match {
            return vec![None; self.number_of_exposures()];
        }
        let mut usable = vec![Some(false); self.number_of_exposures()];
        for (sky, exposure) in self.chips.iter().zip(&self.exposures) {
            if sky.is_some() {
                usable[*exposure] = Some(true);
            }
        }
        usable
    }
}
