//! Registration of an image to another by their stars alone, without coordinate systems.
//!
//! Triangles of bright stars that have the same form in both lists (Valdes et al. 1995, PASP 107, 1119; the
//! neighbourhoods of Beroiz, Cabral & Sanchez 2020, A&C 32, 100384) each tell a shift, a rotation, a scale and a
//! reflection. The map for which most stars agree is taken if chance does not explain it, and fitted anew to all stars
//! that it brings together, the bright ones weighing more. Positions are pixels, 0-based; those that are not finite are passed over.

mod consensus;
mod near;
mod projective;
mod refine;
mod triangles;

pub(crate) use near::Near;
pub use projective::{Described, Geometry, Projective, fit_projective};

use crate::matching::Pair;
use crate::{Error, Point, Result};
use consensus::{consensus, judged};
pub(crate) use refine::exact;
use refine::{CLIP_SIGMA, refine};
use serde::{Deserialize, Serialize};
use triangles::{alike, triangles};

/// Sides of a triangle are at least so many times the tolerance.
const SHORTEST_SIDE: f64 = 5.0;
/// As far may the forms of two triangles be apart that are compared.
const FORM_RADIUS: f64 = 0.02;
/// As many pairs of triangles are tried at most.
const MOST_TRIED: usize = 50_000;
/// Maps expected by chance above which the best one is not believed.
const MOST_BY_CHANCE: f64 = 1e-3;
/// No closer than this, pixels, are stars taken to be to their places when chance is judged.
const CLOSEST: f64 = 0.25;
/// How an image is registered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct RegisterOptions {
    /// What kind of map is fitted.
    #[cfg_attr(feature = "clap", arg(long, value_enum, default_value_t = RegisterOptions::default().geometry))]
    pub geometry: Geometry,
    /// How far a star may be from its place, pixels.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = RegisterOptions::default().tolerance))]
    pub tolerance: f64,
    /// How many of the brightest stars are made into triangles.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = RegisterOptions::default().control_stars))]
    pub control_stars: usize,
    /// With how many of its nearest neighbours each of these makes triangles.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = RegisterOptions::default().neighbours))]
    pub neighbours: usize,
    /// How many stars have to agree at least.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = RegisterOptions::default().min_matches))]
    pub min_matches: usize,
    /// The greatest ratio between the scales of image and reference, either way.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = RegisterOptions::default().max_scale))]
    pub max_scale: f64,
}

impl Default for RegisterOptions {
    fn default() -> Self {
        Self {
            geometry: Geometry::Similarity,
            tolerance: 2.0,
            control_stars: 50,
            neighbours: 5,
            min_matches: 4,
            max_scale: 10.0,
        }
    }
}

impl RegisterOptions {
    /// Says what is out of range.
    ///
    /// # Errors
    /// [`Error::BadOption`].
    pub fn check(&self) -> Result<()> {
        let require = |holds: bool, parameter, expected, found| {
            if holds {
                Ok(())
            } else {
                Err(Error::BadOption {
                    parameter,
                    expected,
                    found,
                })
            }
        };
        let positive = self.tolerance > 0.0 && self.tolerance.is_finite();
        require(
            positive,
            "tolerance",
            "a positive number of pixels",
            self.tolerance,
        )?;
        let scaled = self.max_scale >= 1.0 && self.max_scale.is_finite();
        require(scaled, "max_scale", "a number from 1 up", self.max_scale)?;
        let counts = [
            ("control_stars", "at least 3", self.control_stars, 3),
            ("neighbours", "at least 2", self.neighbours, 2),
            ("min_matches", "at least 3", self.min_matches, 3),
        ];
        for (parameter, expected, found, least) in counts {
            require(found >= least, parameter, expected, found as f64)?;
        }
        Ok(())
    }
}

/// A star of an image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Star {
    /// Where it is.
    pub position: Point,
    /// How bright it is, in any unit.
    pub brightness: f64,
    /// Standard deviation of either coordinate that is expected of its brightness, pixels; zero where nothing is known. It
    /// only matters how large it is beside those of the others and the scatter.
    pub sigma: f64,
    /// Whether its position can be trusted; not that of a saturated star. The others only help to find the map.
    pub exact: bool,
}

/// The map from a reference to an image, and what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Registration {
    /// From the reference's pixels to the image's.
    pub map: Projective,
    /// Stars that were fitted, as indices of both lists.
    pub pairs: Vec<Pair>,
    /// Root of the mean square of distances between stars of the image and where the map puts them, pixels.
    pub rms: f64,
}

/// Finds the map from the reference to the image.
///
/// # Errors
/// [`Error::BadOption`]; [`Error::NotRegistered`] where there are too few stars, or none of the maps tried is better
/// than chance.
pub fn register_stars(image: &[Star], reference: &[Star], options: &RegisterOptions) -> Result<Registration> {
    options.check()?;
    let lists = [by_brightness(image), by_brightness(reference)];
    for (order, what) in lists.iter().zip(["the image", "the reference"]) {
        let least = options.min_matches.max(options.geometry.least_matches());
        if order.len() < least {
            let why = format!(
                "{what} has {} stars, {least} are needed; method 'phase' needs none",
                order.len()
            );
            return Err(Error::NotRegistered { why });
        }
    }
    let places = |stars: &[Star], order: &[usize], most: usize| -> Vec<Point> {
        order
            .iter()
            .take(most)
            .map(|&index| stars[index].position)
            .collect()
    };
    let controls = [(image, &lists[0]), (reference, &lists[1])]
        .map(|(stars, order)| places(stars, order, options.control_stars));
    let [of_image, of_reference] = [&controls[0], &controls[1]]
        .map(|stars| triangles(stars, options.neighbours, SHORTEST_SIDE * options.tolerance));
    let alike = alike(&of_image, &of_reference, FORM_RADIUS, MOST_TRIED);
    let found = consensus(
        (&controls[0], &controls[1]),
        &alike,
        (options.geometry, options.tolerance),
        (1.0 / options.max_scale, options.max_scale),
    );
    let Some(found) = found else {
        let why = format!(
            "none of {} pairs of triangles alike, of {} and {} bright stars, brings three stars together",
            alike.len(),
            controls[0].len(),
            controls[1].len()
        );
        return Err(Error::NotRegistered { why });
    };
    let may_be_chance = Error::NotRegistered {
        why: format!(
            "the best map brings {} of {} bright stars together, which may be chance",
            found.agree, found.inside
        ),
    };
    if found.agree < options.min_matches {
        return Err(may_be_chance);
    }
    let registration = refine((image, &lists[0]), (reference, &lists[1]), found.map, options)?;
    // Few stars say more the closer they are to their places.
    let close = (CLIP_SIGMA * registration.rms).clamp(CLOSEST.min(options.tolerance), options.tolerance);
    let refined = judged(
        (&controls[0], &controls[1]),
        registration.map,
        (close, options.tolerance),
        alike.len(),
    );
    if found.by_chance.min(refined.by_chance) > MOST_BY_CHANCE {
        return Err(may_be_chance);
    }
    Ok(registration)
}

/// Indices of the finite stars, brightest first.
fn by_brightness(stars: &[Star]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..stars.len())
        .filter(|&index| {
            stars[index].position.iter().all(|c| c.is_finite()) && !stars[index].brightness.is_nan()
        })
        .collect();
    order.sort_by(|&a, &b| {
        stars[b]
            .brightness
            .total_cmp(&stars[a].brightness)
            .then(a.cmp(&b))
    });
    order
}

#[cfg(test)]
mod tests;
