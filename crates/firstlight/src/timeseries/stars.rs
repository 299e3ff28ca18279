//! The stars that are followed: where they are on the reference.

use super::TimeseriesOptions;
use crate::ccd::CcdFile;
use crate::register::{FieldOptions, field};
use crate::{Error, Result};
use firstlight_measure::find::FieldStars;
use std::path::Path;

/// So many times more stars are looked at than are to be chosen.
const CANDIDATES_EACH: usize = 3;

/// What a star is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Its light curve is wanted.
    Target,
    /// It is compared with.
    Comparison,
    /// It was looked at as a comparison star, and not taken.
    Rejected,
}

/// A star of the reference.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Followed {
    /// Its name: T1, …, C1, ….
    pub(super) name: String,
    /// Where it is on the reference, 0-based.
    pub(super) place: [f64; 2],
    pub(super) role: Role,
}

/// The stars, and what the reference shows.
pub(super) struct Chosen {
    pub(super) stars: Vec<Followed>,
    /// Width of the reference's stars, pixels.
    pub(super) fwhm: f64,
    /// Level of saturation, where one is told or seen.
    pub(super) saturation: Option<f64>,
    /// Whether comparison stars were given.
    pub(super) given: bool,
}

/// The stars that are named, and without comparison stars the bright ones of the reference.
pub(super) fn choose(
    reference: &CcdFile,
    options: &TimeseriesOptions,
    field_options: &FieldOptions,
) -> Result<Chosen> {
    let field = field(reference, field_options)?;
    let mut stars = named(&options.targets, 'T', Role::Target)?;
    let given = !options.comparisons.is_empty();
    if given {
        stars.extend(named(&options.comparisons, 'C', Role::Comparison)?);
    } else {
        let places = candidates(&field, reference.shape(), &stars, options);
        stars.extend(places.into_iter().enumerate().map(|(n, place)| Followed {
            name: format!("C{}", n + 1),
            place,
            role: Role::Comparison,
        }));
    }
    let (ny, nx) = reference.shape();
    for star in &stars {
        let [x, y] = star.place;
        if !(x > -0.5 && y > -0.5 && x < nx as f64 - 0.5 && y < ny as f64 - 0.5) {
            return Err(Error::Usage(format!(
                "{} at {x}, {y} is not on {}, which has {nx} columns and {ny} rows, counted from 0",
                star.name,
                reference.path().display()
            )));
        }
    }
    Ok(Chosen {
        stars,
        fwhm: field.fwhm,
        saturation: field.saturation,
        given,
    })
}

/// The brightest stars that are not saturated, away from the edge, the targets and one another.
fn candidates(
    field: &FieldStars,
    (ny, nx): (usize, usize),
    targets: &[Followed],
    options: &TimeseriesOptions,
) -> Vec<[f64; 2]> {
    let radius = options.radius.unwrap_or(options.radius_fwhm * field.fwhm);
    let margin = options.sky_outer.unwrap_or(radius + 6.0 * field.fwhm);
    let apart = 2.0 * radius + field.fwhm;
    let inside = |[x, y]: [f64; 2]| {
        x >= margin && y >= margin && x <= nx as f64 - 1.0 - margin && y <= ny as f64 - 1.0 - margin
    };
    let far = |[x, y]: [f64; 2], [a, b]: [f64; 2]| (x - a).hypot(y - b) > apart;
    let places: Vec<([f64; 2], bool)> = field
        .stars
        .iter()
        .map(|star| ([star.x, star.y], star.saturated))
        .collect();
    let alone = |n: usize| {
        let near = |other: usize| other != n && !far(places[n].0, places[other].0);
        // A fainter neighbour spoils less than seeing does; one of half the brightness or more does not.
        !(0..places.len()).any(|other| near(other) && field.stars[other].flux > 0.2 * field.stars[n].flux)
    };
    (0..places.len())
        .filter(|&n| !places[n].1 && inside(places[n].0) && alone(n))
        .filter(|&n| targets.iter().all(|target| far(places[n].0, target.place)))
        .map(|n| places[n].0)
        .take(CANDIDATES_EACH * options.max_comparisons)
        .collect()
}

/// Stars by their places, or from tables.
fn named(texts: &[String], letter: char, role: Role) -> Result<Vec<Followed>> {
    let mut places = Vec::new();
    for text in texts {
        match pair(text) {
            Some(place) => places.push(place),
            None => places.extend(
                crate::photometry::pixel_positions(Path::new(text))?
                    .into_iter()
                    .map(|(x, y)| [x, y]),
            ),
        }
    }
    if let Some([x, y]) = places.iter().find(|place| !place.iter().all(|c| c.is_finite())) {
        return Err(Error::Usage(format!("a star cannot be at {x}, {y}")));
    }
    let star = |(n, place)| Followed {
        name: format!("{letter}{}", n + 1),
        place,
        role,
    };
    Ok(places.into_iter().enumerate().map(star).collect())
}

/// `424,286`
fn pair(text: &str) -> Option<[f64; 2]> {
    let (x, y) = text.split_once(',')?;
    Some([x.trim().parse().ok()?, y.trim().parse().ok()?])
}
