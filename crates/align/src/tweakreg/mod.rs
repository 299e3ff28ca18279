//! TweakReg's logic: which image is aligned to what, in which order, and what comes of it.

mod reference;
mod register;
mod sources;

pub use sources::{ChipSources, ImageSources};

use crate::catalogue::SkyCatalogue;
use crate::fit::LinearFit;
use crate::histogram::Guess;
use crate::overlap::{convex_hull, shared_area};
use crate::{Error, Point, Result, TweakRegOptions};
use firstlight_wcs::Wcs;
use firstlight_wcs::output::{OutputGrid, common_grid};
use rayon::prelude::*;
use reference::ReferenceSources;
use register::Registration;
use serde::Serialize;
use sources::Prepared;
use std::collections::VecDeque;

/// What images are aligned to.
#[derive(Debug, Clone, Copy)]
pub enum Reference<'a> {
    /// One of them: the first; with `expand_refcat` and without `enforce_user_order`, one of the two that
    /// share most of the sky.
    Inputs,
    /// The sources of another image, whose first chip also gives the plane.
    Image(&'a ImageSources),
    /// A catalogue; the plane is that of an image, or suits all images.
    Catalogue {
        /// The catalogue.
        catalogue: &'a SkyCatalogue,
        /// The image's first chip, where there is one.
        plane: Option<&'a Wcs>,
    },
}

/// What became of an image.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "status")]
pub enum Status {
    /// It is what the others are aligned to.
    Reference,
    /// It is aligned.
    Aligned,
    /// It has fewer sources than `minobj`.
    TooFewSources {
        /// How many it has.
        found: usize,
        /// `minobj`.
        needed: usize,
    },
    /// No offset and roll brings enough of its sources to those of the reference.
    NoMatch {
        /// The most that were matched.
        matched: usize,
        /// How many had to be: `minobj`, or more where so many fall together by chance.
        needed: usize,
    },
    /// It is nowhere near the reference.
    Outside,
    /// What was matched does not determine the fit.
    NoFit {
        /// How many were matched.
        matched: usize,
    },
}

impl Status {
    /// In words, as reports have it.
    pub fn text(&self) -> String {
        match self {
            Self::Reference => "reference".to_owned(),
            Self::Aligned => "aligned".to_owned(),
            Self::TooFewSources { found, needed } => {
                format!(
                    "not aligned: {found} sources were found, and minobj asks for {needed}; a lower threshold finds more"
                )
            }
            Self::NoMatch { matched, needed } => {
                format!(
                    "not aligned: {matched} sources match the reference, and {needed} are needed; look further with \
                     searchrad and searchroll, or leave cosmic rays out with a higher threshold"
                )
            }
            Self::Outside => {
                "not aligned: it does not overlap the reference; with expand_refcat other images may join \
                              the two"
                    .to_owned()
            }
            Self::NoFit { matched } => {
                format!(
                    "not aligned: {matched} matches do not determine the fit; fitgeometry shift needs the fewest"
                )
            }
        }
    }
}

/// A source of an image that is one of the reference's. Positions in the plane are 0-based.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MatchedStar {
    /// Index in the reference's list.
    pub reference_index: usize,
    /// Index in the image's list, all chips after one another.
    pub image_index: usize,
    /// The image's chip, counted from 0.
    pub chip: usize,
    /// The reference, in the plane.
    pub reference: Point,
    /// The image's source, in the plane.
    pub image: Point,
    /// The image's source with the fit undone, in the plane.
    pub fitted: Point,
    /// The image's source less where the fit puts the reference, pixels.
    pub residual: Point,
    /// Where the reference comes from: its position on the chip of that image.
    pub reference_chip: Option<Point>,
    /// The image or catalogue that it comes from.
    pub reference_name: String,
    /// The image's source on its chip.
    pub image_chip: Point,
    /// `(ra, dec)` of the image's source with the fit undone, degrees.
    pub sky: (f64, f64),
    /// Whether the fit is of this one too, or it was clipped.
    pub used: bool,
}

/// What the alignment of an image found.
#[derive(Debug, Clone, Serialize)]
pub struct Alignment {
    /// The image.
    pub name: String,
    /// What became of it.
    #[serde(flatten)]
    pub status: Status,
    /// Sources in it.
    pub sources: usize,
    /// The first guess, where there was a search.
    pub guess: Option<Guess>,
    /// The fit, of an aligned image.
    pub fit: Option<LinearFit>,
    /// The standard deviations of the residuals as differences of right ascension and declination at the
    /// plane's reference point, degrees (CRDER1, CRDER2).
    pub rms_sky_deg: Option<Point>,
    /// Matched sources.
    #[serde(skip)]
    pub stars: Vec<MatchedStar>,
    /// The corrected coordinate systems of its chips; those it came with where it is not aligned.
    #[serde(skip)]
    pub chips: Vec<Wcs>,
}

/// What an alignment did.
#[derive(Debug, Clone, Serialize)]
pub struct TweakReport {
    /// The plane in which positions were compared.
    #[serde(skip)]
    pub plane: Wcs,
    /// Size of its pixels, arcsec.
    pub pixel_arcsec: f64,
    /// The image or catalogue that was the reference.
    pub reference: String,
    /// Its sources, with those that images added.
    pub reference_sources: usize,
    /// One for each image, in order.
    pub images: Vec<Alignment>,
}

/// Aligns images to one another, to an image or to a catalogue.
///
/// An image that cannot be aligned keeps its coordinate system and has a [`Status`] that says why; it is
/// no error, and the others are aligned. Matching differs from TweakReg in three ways: it is repeated with
/// the fit until it does not change; where no offset stands out, rolls up to `searchroll` are tried; and
/// matches that may well be chance are none.
///
/// # Errors
/// [`Error::NoImage`]; options out of range; columns of different lengths; a plane that cannot be laid out.
pub fn tweakreg(
    images: &[ImageSources],
    reference: Reference<'_>,
    options: &TweakRegOptions,
) -> Result<TweakReport> {
    options.check()?;
    if images.is_empty() {
        return Err(Error::NoImage);
    }
    images.iter().try_for_each(ImageSources::check)?;
    let plane = plane(images, reference)?;
    let prepared: Vec<Prepared> = images
        .iter()
        .map(|image| Prepared::of(image, &plane))
        .collect::<Result<_>>()?;
    let mut run = Run {
        options,
        plane: &plane,
        images: &prepared,
        outcomes: vec![None; images.len()],
    };
    let mut waiting = run.with_enough_sources();
    let mut against = match reference {
        Reference::Inputs => match run.choose(&mut waiting) {
            Some(first) => ReferenceSources::of_image(&prepared[first]),
            None => ReferenceSources::none(),
        },
        Reference::Image(image) => {
            image.check()?;
            for (index, input) in images.iter().enumerate() {
                if input.name == image.name {
                    run.outcomes[index] = Some(Err(Status::Reference));
                }
            }
            waiting.retain(|&index| run.outcomes[index].is_none());
            ReferenceSources::of_image(&Prepared::of(image, &plane)?)
        }
        Reference::Catalogue { catalogue, .. } => {
            catalogue.check()?;
            ReferenceSources::of_catalogue(catalogue, &plane)?
        }
    };
    if options.expand_refcat {
        run.chained(waiting, &mut against)?;
    } else {
        run.apart(&waiting, &against)?;
    }
    let outcomes = std::mem::take(&mut run.outcomes);
    let alignments = images.iter().zip(&prepared).zip(outcomes);
    Ok(TweakReport {
        pixel_arcsec: plane.pixel_scale_arcsec(),
        reference: against.name().to_owned(),
        reference_sources: against.len(),
        images: alignments
            .map(|((image, prepared), outcome)| register::alignment(image, prepared, outcome, &plane))
            .collect::<Result<_>>()?,
        plane,
    })
}

/// The plane that positions are compared in.
fn plane(images: &[ImageSources], reference: Reference<'_>) -> Result<Wcs> {
    let of = |chips: Vec<Wcs>| common_grid(&chips, &OutputGrid::default());
    let undistorted = |wcs: &Wcs| -> Result<Wcs> {
        if wcs.has_distortion() {
            return Ok(of(vec![wcs.clone()])?);
        }
        Ok(wcs.clone())
    };
    let chips = |images: &[ImageSources]| -> Vec<Wcs> {
        images
            .iter()
            .flat_map(|image| image.chips.iter().map(|chip| chip.wcs.clone()))
            .collect()
    };
    match reference {
        Reference::Image(image) => match image.chips.first() {
            Some(chip) => undistorted(&chip.wcs),
            None => Err(Error::NoImage),
        },
        Reference::Catalogue { plane: Some(wcs), .. } => undistorted(wcs),
        // Images too far apart for one plane are outside of that of the first.
        _ => Ok(of(chips(images)).or_else(|_| of(chips(&images[..1])))?),
    }
}

/// An alignment at work.
struct Run<'a> {
    options: &'a TweakRegOptions,
    plane: &'a Wcs,
    images: &'a [Prepared],
    outcomes: Vec<Option<Result<Registration, Status>>>,
}

impl Run<'_> {
    /// The images that have enough sources.
    fn with_enough_sources(&mut self) -> VecDeque<usize> {
        let needed = self.options.minobj.max(1);
        let mut enough = VecDeque::new();
        for (index, image) in self.images.iter().enumerate() {
            if image.len() >= needed {
                enough.push_back(index);
            } else {
                let found = image.len();
                self.outcomes[index] = Some(Err(Status::TooFewSources { found, needed }));
            }
        }
        enough
    }

    /// Takes the image that the others are aligned to from those that wait.
    fn choose(&mut self, waiting: &mut VecDeque<usize>) -> Option<usize> {
        let mut place = 0;
        if self.by_overlap() && waiting.len() > 2 {
            let shared = |a: usize, b: usize| self.images[a].shared_with(&self.images[b]);
            let total = |a: usize| {
                waiting
                    .iter()
                    .filter(|&&b| b != a)
                    .map(|&b| shared(a, b))
                    .sum::<f64>()
            };
            let mut most = f64::NEG_INFINITY;
            for first in 0..waiting.len() {
                for second in first + 1..waiting.len() {
                    let (a, b) = (waiting[first], waiting[second]);
                    if shared(a, b) > most {
                        most = shared(a, b);
                        place = if total(a) < total(b) { second } else { first };
                    }
                }
            }
        }
        let chosen = waiting.remove(place)?;
        self.outcomes[chosen] = Some(Err(Status::Reference));
        Some(chosen)
    }

    fn by_overlap(&self) -> bool {
        self.options.expand_refcat && !self.options.enforce_user_order
    }

    /// Each image by itself.
    fn apart(&mut self, waiting: &VecDeque<usize>, against: &ReferenceSources) -> Result<()> {
        let order: Vec<usize> = waiting.iter().copied().collect();
        let done: Vec<_> = order
            .par_iter()
            .map(|&index| register::register(&self.images[index], against, self.plane, self.options))
            .collect::<Result<_>>()?;
        for (index, outcome) in order.into_iter().zip(done) {
            self.outcomes[index] = Some(outcome);
        }
        Ok(())
    }

    /// One after the other, each against what those before have added. What does not match is tried again
    /// when there is more to match with.
    fn chained(&mut self, mut waiting: VecDeque<usize>, against: &mut ReferenceSources) -> Result<()> {
        let mut in_vain = 0;
        self.sort(&mut waiting, against);
        while let Some(index) = waiting.pop_front() {
            let image = &self.images[index];
            let outcome = register::register(image, against, self.plane, self.options)?;
            if let Ok(registration) = &outcome {
                against.add(image, registration);
                in_vain = 0;
                self.sort(&mut waiting, against);
            } else {
                waiting.push_back(index);
                in_vain += 1;
            }
            self.outcomes[index] = Some(outcome);
            if in_vain >= waiting.len() {
                break;
            }
        }
        Ok(())
    }

    fn sort(&self, waiting: &mut VecDeque<usize>, against: &ReferenceSources) {
        if !self.by_overlap() {
            return;
        }
        let hull = convex_hull(against.positions());
        let shared = |index: usize| -> f64 {
            let hulls = self.images[index].hulls.iter();
            hulls.map(|chip| shared_area(chip, &hull)).sum()
        };
        waiting
            .make_contiguous()
            .sort_by(|&a, &b| shared(b).total_cmp(&shared(a)));
    }
}
