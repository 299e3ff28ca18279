//! One image against the reference.

use super::reference::ReferenceSources;
use super::sources::{ImageSources, Prepared};
use super::{Alignment, MatchedStar, Status};
use crate::correct::corrected;
use crate::fit::{ClippedFit, Linear, LinearFit, fit_clipped, residual};
use crate::histogram::{Guess, SURE, Stars, guess_offset, guess_roll};
use crate::matching::{Pair, match_positions};
use crate::overlap::near;
use crate::{Error, FitGeometry, Point, Result, TweakRegOptions};
use firstlight_wcs::Wcs;

/// As often is matched and fitted anew at most.
const MOST_ROUNDS: usize = 20;
/// The first match is at least so wide, pixels: a guess is good to about one.
const FIRST_TOLERANCE_PX: f64 = 1.5;
/// So many standard deviations above chance have matches to be.
const ABOVE_CHANCE: f64 = 5.0;

/// What registering an image found.
#[derive(Debug, Clone)]
pub(super) struct Registration {
    pub guess: Option<Guess>,
    pub pairs: Vec<Pair>,
    pub fit: LinearFit,
    pub stars: Vec<MatchedStar>,
}

/// What one guess led to.
struct Attempt {
    pairs: Vec<Pair>,
    needed: usize,
    fit: Option<ClippedFit>,
}

impl Attempt {
    fn succeeds(&self) -> bool {
        self.fit.is_some() && self.pairs.len() >= self.needed
    }
}

/// An image and the reference in the plane.
struct Search<'a> {
    image: &'a Prepared,
    reference: &'a [Point],
    options: &'a TweakRegOptions,
    centre: Point,
}

/// Finds how the image is off; the inner error says why it cannot be found.
pub(super) fn register(
    image: &Prepared,
    against: &ReferenceSources,
    plane: &Wcs,
    options: &TweakRegOptions,
) -> Result<Result<Registration, Status>> {
    let positions = against.positions_at(image.epoch, plane)?;
    let radius = options.radius_px(plane.pixel_scale_arcsec());
    let margin = radius + options.tolerance + options.xoffset.abs().max(options.yoffset.abs());
    if !near(&image.positions, &positions, margin) {
        return Ok(Err(Status::Outside));
    }
    let (x, y) = plane.reference_pixel();
    let search = Search {
        image,
        reference: &positions,
        options,
        centre: [x, y],
    };
    let stars = Stars {
        positions: &image.positions,
        brightness: &image.brightness,
    };
    let reference = Stars {
        positions: &positions,
        brightness: against.brightness(),
    };
    let guess = options
        .use2dhist
        .then(|| guess_offset(stars, reference, radius))
        .flatten();
    let offset = guess.map_or([options.xoffset, options.yoffset], |guess| [guess.dx, guess.dy]);
    let mut attempt = search.attempt(Linear::rotation(0.0, offset, search.centre))?;
    let mut guess = guess;
    let sure = attempt.succeeds() && guess.is_none_or(|guess| guess.significance >= SURE);
    let may_roll = options.searchroll > 0.0 && options.use2dhist && options.fitgeometry != FitGeometry::Shift;
    if !sure
        && may_roll
        && let Some((rolled, middle)) = guess_roll(stars, reference, radius, options.searchroll)
    {
        let other = search.attempt(rolled.linear(middle))?;
        if other.succeeds() && (!attempt.succeeds() || other.pairs.len() > attempt.pairs.len()) {
            (attempt, guess) = (other, Some(rolled));
        }
    }
    let (matched, needed) = (attempt.pairs.len(), attempt.needed);
    if matched < needed {
        return Ok(Err(Status::NoMatch { matched, needed }));
    }
    Ok(match attempt.fit {
        None => Err(Status::NoFit { matched }),
        Some(fit) => Ok(Registration {
            guess,
            stars: search.stars(&attempt.pairs, &fit, against, plane),
            pairs: attempt.pairs,
            fit: fit.fit,
        }),
    })
}

impl Search<'_> {
    /// Matches and fits from a guess until the matches stay the same.
    fn attempt(&self, guess: Linear) -> Result<Attempt> {
        let options = self.options;
        let first = if options.use2dhist {
            options.tolerance.max(FIRST_TOLERANCE_PX)
        } else {
            options.tolerance
        };
        let mut linear = guess;
        let mut attempt = Attempt {
            pairs: Vec::new(),
            needed: options.minobj.max(1),
            fit: None,
        };
        for round in 0..MOST_ROUNDS {
            let tolerance = if round == 0 { first } else { options.tolerance };
            let moved: Vec<Point> = self
                .image
                .positions
                .iter()
                .map(|&p| linear.to_reference(p))
                .collect();
            let pairs = match_positions(&moved, self.reference, tolerance, options.separation);
            if round > 0 && pairs == attempt.pairs {
                break;
            }
            attempt.needed = options
                .minobj
                .max(1)
                .max(self.more_than_chance(&moved, tolerance));
            attempt.pairs = pairs;
            attempt.fit = self.fit(&attempt.pairs)?;
            match &attempt.fit {
                Some(fit) => linear = fit.fit.linear,
                None => break,
            }
        }
        Ok(attempt)
    }

    fn fit(&self, pairs: &[Pair]) -> Result<Option<ClippedFit>> {
        let image: Vec<Point> = pairs
            .iter()
            .map(|pair| self.image.positions[pair.image])
            .collect();
        let reference: Vec<Point> = pairs.iter().map(|pair| self.reference[pair.reference]).collect();
        let options = self.options;
        let fitted = fit_clipped(
            &image,
            &reference,
            options.fitgeometry,
            self.centre,
            options.nclip,
            options.sigma,
        );
        match fitted {
            Ok(fit) => Ok(Some(fit)),
            Err(Error::Degenerate { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The least number of matches that are more than sources falling together by chance: both lists are
    /// taken as spread evenly over the box that they share.
    fn more_than_chance(&self, image: &[Point], tolerance: f64) -> usize {
        let bounds = |points: &[Point], axis: usize| {
            let finite = points.iter().map(|p| p[axis]).filter(|c| c.is_finite());
            finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), c| {
                (low.min(c), high.max(c))
            })
        };
        let shared = [0, 1].map(|axis| {
            let ((a, b), (c, d)) = (bounds(image, axis), bounds(self.reference, axis));
            (a.max(c), b.min(d))
        });
        let inside =
            |point: &&Point| (0..2).all(|axis| (shared[axis].0..=shared[axis].1).contains(&point[axis]));
        let area = (shared[0].1 - shared[0].0) * (shared[1].1 - shared[1].0);
        if area.is_nan() || area <= 0.0 {
            return 0;
        }
        let density = self.reference.iter().filter(inside).count() as f64 / area;
        let near_one = 1.0 - (-density * std::f64::consts::PI * tolerance * tolerance).exp();
        let chance = image.iter().filter(inside).count() as f64 * near_one;
        (chance + ABOVE_CHANCE * chance.sqrt()).ceil() as usize
    }

    fn stars(
        &self,
        pairs: &[Pair],
        fit: &ClippedFit,
        against: &ReferenceSources,
        plane: &Wcs,
    ) -> Vec<MatchedStar> {
        let mut used = vec![false; pairs.len()];
        for &index in &fit.kept {
            used[index] = true;
        }
        let linear = &fit.fit.linear;
        let star = |(pair, used): (&Pair, bool)| {
            let (image, reference) = (self.image.positions[pair.image], self.reference[pair.reference]);
            let fitted = linear.to_reference(image);
            let (reference_name, reference_chip) = against.origin(pair.reference);
            MatchedStar {
                reference_index: pair.reference,
                image_index: pair.image,
                chip: self.image.chips[pair.image],
                reference,
                image,
                fitted,
                residual: residual(linear, image, reference),
                reference_chip,
                reference_name: reference_name.to_owned(),
                image_chip: self.image.on_chip[pair.image],
                sky: plane.pixel_to_sky(fitted[0], fitted[1]),
                used,
            }
        };
        pairs.iter().zip(used).map(star).collect()
    }
}

/// The outcome as the report has it, with the corrected coordinate systems.
pub(super) fn alignment(
    image: &ImageSources,
    prepared: &Prepared,
    outcome: Option<Result<Registration, Status>>,
    plane: &Wcs,
) -> Result<Alignment> {
    let mut alignment = Alignment {
        name: image.name.clone(),
        status: Status::Outside,
        sources: prepared.len(),
        guess: None,
        fit: None,
        rms_sky_deg: None,
        stars: Vec::new(),
        chips: image.chips.iter().map(|chip| chip.wcs.clone()).collect(),
    };
    match outcome {
        Some(Ok(registration)) => {
            let linear = &registration.fit.linear;
            alignment.chips = alignment
                .chips
                .iter()
                .map(|chip| corrected(chip, plane, linear))
                .collect::<Result<_>>()?;
            alignment.status = Status::Aligned;
            alignment.guess = registration.guess;
            alignment.rms_sky_deg = Some(on_sky(registration.fit.rms, plane));
            alignment.fit = Some(registration.fit);
            alignment.stars = registration.stars;
        }
        Some(Err(status)) => alignment.status = status,
        None => {}
    }
    Ok(alignment)
}

/// A distance in pixels as differences of right ascension and declination at the plane's reference point.
fn on_sky(distance: Point, plane: &Wcs) -> Point {
    let (x, y) = plane.reference_pixel();
    let (ra, dec) = plane.reference_sky();
    let (there_ra, there_dec) = plane.pixel_to_sky(x + distance[0], y + distance[1]);
    let across = (there_ra - ra).abs();
    [across.min(360.0 - across), (there_dec - dec).abs()]
}
