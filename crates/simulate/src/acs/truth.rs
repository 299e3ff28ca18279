//! What was put in, for comparison with what comes out.

use super::expose::star_places;
use super::{AcsVisit, sky_rate};
use serde::Serialize;

/// The truth of a visit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Truth {
    /// One an exposure.
    pub exposures: Vec<ExposureTruth>,
    /// One a star and imset that it falls on, by exposure.
    pub stars: Vec<StarTruth>,
}

/// One exposure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExposureTruth {
    /// Rootname.
    pub rootname: String,
    /// Seconds.
    pub exptime_s: f64,
    /// Start, Modified Julian Date.
    pub expstart_mjd: f64,
    /// Sky, electrons/s (counts/s of the SBC) in a pixel of mean sensitivity.
    pub sky_rate: f64,
    /// Seconds of post-flash.
    pub flash_s: f64,
    /// Seconds during which dark current gathered.
    pub dark_time_s: f64,
    /// Offset of the field on the detector from the first exposure's, pixels.
    pub dither: (f64, f64),
    /// By how much the header's pointing is wrong, pixels along x and y of the focal plane.
    pub pointing_error: (f64, f64),
}

/// One star on one imset.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StarTruth {
    /// Rootname of the exposure.
    pub rootname: String,
    /// Number, from 1 for the brightest.
    pub star: usize,
    /// Right ascension, degrees.
    pub ra_deg: f64,
    /// Declination, degrees.
    pub dec_deg: f64,
    /// EXTVER.
    pub version: i64,
    /// Place on the calibrated image, 0-based pixels.
    pub x: f64,
    /// See `x`.
    pub y: f64,
    /// Electrons/s (counts/s of the SBC) in its whole image, where the sensitivity is the mean.
    pub rate: f64,
    /// Area of the pixel there, relative to the nominal one. Flat fields make the sky even, and so a calibrated image has
    /// `rate / area` of the star.
    pub area: f64,
    /// Parallel transfers to the amplifier; 0 for the SBC.
    pub transfers: f64,
}

pub fn truth(visit: &AcsVisit) -> Truth {
    let options = &visit.options;
    let exposures = visit.exposures.iter().map(|plan| ExposureTruth {
        rootname: plan.rootname.clone(),
        exptime_s: options.exptime,
        expstart_mjd: plan.start_mjd,
        sky_rate: sky_rate(options.detector),
        flash_s: options.flash,
        dark_time_s: visit.dark_time_s(),
        dither: plan.dither,
        pointing_error: plan.error,
    });
    let mut stars = Vec::new();
    for plan in &visit.exposures {
        for section in &visit.sections {
            let (ny, nx) = section.shape;
            let inside = |at: f64, n: usize| at >= -0.5 && at < n as f64 - 0.5;
            let places = star_places(visit, plan, section);
            for (index, (star, place)) in visit.stars.iter().zip(places).enumerate() {
                let Some((x, y)) = place.filter(|&(x, y)| inside(x, nx) && inside(y, ny)) else {
                    continue;
                };
                let transfers = match section.regions.is_empty() {
                    true => 0.0,
                    false if section.is_read_from_the_top() => ny as f64 - y,
                    false => y + 1.0,
                };
                stars.push(StarTruth {
                    rootname: plan.rootname.clone(),
                    star: index + 1,
                    ra_deg: star.ra_deg,
                    dec_deg: star.dec_deg,
                    version: section.version,
                    x,
                    y,
                    rate: star.rate,
                    area: visit.area(section, x, y),
                    transfers,
                });
            }
        }
    }
    Truth {
        exposures: exposures.collect(),
        stars,
    }
}
