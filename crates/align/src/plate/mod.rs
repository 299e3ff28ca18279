//! Where a frame is on the sky: its stars found again in a catalogue, and a coordinate system fitted to them.

mod fit;
mod search;

#[cfg(test)]
mod tests;

pub use fit::{Distortion, Polynomial};

use crate::matching::Pair;
use crate::register::{RegisterOptions, Star};
use crate::{Error, Point, Result};
use fit::refine;
use search::search;
use serde::{Deserialize, Serialize};

/// Highest order of a distortion.
const HIGHEST_ORDER: usize = 5;

/// How a frame is found on the sky.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct PlateOptions {
    /// Order of the distortion's polynomials (SIP), up to 5; 1 is none. Where there are fewer than three stars for each
    /// coefficient, the order is lowered, which is told of.
    #[cfg_attr(feature = "clap", arg(long, alias = "sip_order", value_name = "ORDER", default_value_t = PlateOptions::default().sip_order))]
    pub sip_order: usize,
    /// How far the frame's centre may be from where it is expected, degrees [default: half the frame's diagonal].
    #[cfg_attr(feature = "clap", arg(long, value_name = "DEGREES"))]
    pub search_radius: Option<f64>,
    /// By what factor the scale may differ from the one expected, either way.
    #[cfg_attr(feature = "clap", arg(long, alias = "scale_factor", value_name = "FACTOR", default_value_t = PlateOptions::default().scale_factor))]
    pub scale_factor: f64,
    /// How far a star may be from its place, pixels.
    #[cfg_attr(feature = "clap", arg(long, value_name = "PIXELS", default_value_t = PlateOptions::default().tolerance))]
    pub tolerance: f64,
    /// How many of the brightest stars of frame and catalogue are made into triangles.
    #[cfg_attr(feature = "clap", arg(long, alias = "control_stars", value_name = "STARS", default_value_t = PlateOptions::default().control_stars))]
    pub control_stars: usize,
    /// How many stars have to agree at least.
    #[cfg_attr(feature = "clap", arg(long, alias = "min_matches", value_name = "STARS", default_value_t = PlateOptions::default().min_matches))]
    pub min_matches: usize,
}

impl Default for PlateOptions {
    fn default() -> Self {
        Self {
            sip_order: 2,
            search_radius: None,
            scale_factor: 1.2,
            tolerance: 3.0,
            control_stars: 50,
            min_matches: 6,
        }
    }
}

impl PlateOptions {
    /// Says what is out of range.
    ///
    /// # Errors
    /// [`Error::BadOption`].
    pub fn check(&self) -> Result<()> {
        let bad = |parameter, expected, found| {
            Err(Error::BadOption {
                parameter,
                expected,
                found,
            })
        };
        if !(1..=HIGHEST_ORDER).contains(&self.sip_order) {
            return bad("sip_order", "from 1 to 5", self.sip_order as f64);
        }
        if let Some(radius) = self.search_radius.filter(|radius| !(0.0..=90.0).contains(radius)) {
            return bad("search_radius", "from 0 to 90 degrees", radius);
        }
        self.matching().check()
    }

    fn matching(&self) -> RegisterOptions {
        RegisterOptions {
            tolerance: self.tolerance,
            control_stars: self.control_stars,
            min_matches: self.min_matches,
            max_scale: self.scale_factor,
            ..RegisterOptions::default()
        }
    }
}

/// Where a frame is expected.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Pointing {
    /// Right ascension of its centre, degrees.
    pub ra: f64,
    /// Declination of its centre, degrees.
    pub dec: f64,
    /// Scale, arcsec a pixel.
    pub scale_arcsec: f64,
}

/// Stars of a catalogue.
#[derive(Debug, Clone, Copy)]
pub struct OnSky<'a> {
    /// Right ascension, degrees.
    pub ra: &'a [f64],
    /// Declination, degrees.
    pub dec: &'a [f64],
    /// Brightness, greater for brighter stars.
    pub brightness: &'a [f64],
}

/// The coordinate system of a frame: a gnomonic projection, with a distortion (SIP) where one was fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct Plate {
    /// Right ascension and declination of the reference pixel, degrees.
    pub crval: Point,
    /// The reference pixel, which is the frame's middle, 0-based.
    pub crpix: Point,
    /// Degrees a pixel; rows: towards east, towards north.
    pub cd: [[f64; 2]; 2],
    /// What pixels are off before the matrix takes them to the sky.
    pub distortion: Option<Distortion>,
    /// Order that was fitted.
    pub order: usize,
    /// Stars that were fitted, as indices of the frame's and the catalogue's.
    pub pairs: Vec<Pair>,
    /// Root of the mean square of the distances between stars and their places, arcsec.
    pub rms_arcsec: f64,
    /// The same, pixels.
    pub rms_pixels: f64,
}

impl Plate {
    /// Scale, arcsec a pixel: the root of the area of a pixel.
    pub fn scale_arcsec(&self) -> f64 {
        let [[a, b], [c, d]] = self.cd;
        3600.0 * (a * d - b * c).abs().sqrt()
    }

    /// Position angle of the frame's +y, degrees from north through east.
    pub fn rotation_deg(&self) -> f64 {
        self.cd[0][1].atan2(self.cd[1][1]).to_degrees()
    }

    /// Whether the frame is a mirror image of the sky as it is seen: east is to the right of north.
    pub fn flipped(&self) -> bool {
        let [[a, b], [c, d]] = self.cd;
        a * d - b * c > 0.0
    }
}

/// Finds the stars of a frame in a catalogue by triangles, near where the frame is expected, and fits its coordinate system
/// to all that agree: a gnomonic projection about the frame's middle, and polynomials for the distortion (Shupe et al. 2005,
/// ADASS XIV, 491).
///
/// # Errors
/// [`Error::BadOption`]; [`Error::NotRegistered`] where there are too few stars, or what agrees may be chance.
pub fn plate(
    stars: &[Star],
    catalogue: &OnSky<'_>,
    shape: (usize, usize),
    expected: &Pointing,
    options: &PlateOptions,
) -> Result<Plate> {
    options.check()?;
    for (parameter, value, limit) in [("ra", expected.ra, 360.0), ("dec", expected.dec, 90.0)] {
        if value.is_nan() || value.abs() > limit {
            return Err(Error::BadOption {
                parameter,
                expected: "a position on the sky, degrees",
                found: value,
            });
        }
    }
    if !(expected.scale_arcsec > 0.0 && expected.scale_arcsec.is_finite()) {
        return Err(Error::BadOption {
            parameter: "scale",
            expected: "a positive number of arcsec a pixel",
            found: expected.scale_arcsec,
        });
    }
    let found = search(stars, catalogue, shape, expected, options)?;
    refine(stars, catalogue, shape, found, options)
}
