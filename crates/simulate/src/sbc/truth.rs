//! What a simulated visit contains, to compare measurements with.

use super::detector::Detector;
use super::optics::IDCSCALE;
use super::scene::{Band, Galaxy};
use super::{Frame, ORIENTATION_DEG, Visit};
use serde::{Deserialize, Serialize};

/// An ellipse on the sky.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SkyEllipse {
    /// Centre, degrees.
    pub ra_deg: f64,
    /// See `ra_deg`.
    pub dec_deg: f64,
    /// Semi-major axis, arcsec.
    pub a_arcsec: f64,
    /// Semi-minor axis, arcsec.
    pub b_arcsec: f64,
    /// Position angle of the major axis, degrees east of north.
    pub position_angle_deg: f64,
}

/// The galaxy in one filter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FilterTruth {
    /// `FILTER1`.
    pub filter: String,
    /// Summed exposure time, s.
    pub exptime_s: f64,
    /// Whole flux, counts/s in a product at 0.025 arcsec per pixel.
    pub flux_total: f64,
    /// Flux in the aperture, counts/s.
    pub flux_aperture: f64,
    /// Sky, counts/s per 0.025 arcsec squared.
    pub sky_rate: f64,
    /// Dark counts/s that fall into the aperture in the product, time-weighted over the exposures.
    pub dark_aperture: f64,
}

/// The detector in one exposure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrameTruth {
    /// `ROOTNAME`.
    pub rootname: String,
    /// `FILTER1`.
    pub filter: String,
    /// Seconds.
    pub exptime_s: f64,
    /// Mean temperature, °C.
    pub temperature_c: f64,
    /// Factor on the uniform dark rate.
    pub base: f64,
    /// Peak of the glow, counts/s/pixel.
    pub glow_peak: f64,
    /// Expected dark counts/s in the [`Truth::glow_box`].
    pub box_dark_rate: f64,
}

/// The whole truth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// The seed it was simulated with.
    pub seed: u64,
    /// The aperture that fluxes are given for: semi-axes of 70 and 40 pixels of 0.025 arcsec, the major
    /// one along the product's y axis, about the galaxy.
    pub aperture: SkyEllipse,
    /// Where the glow is strong: `[y0, y1, x0, x1]` on the detector, the ends not included.
    pub glow_box: [usize; 4],
    /// One row a filter, in the order of the associations.
    pub filters: Vec<FilterTruth>,
    /// One row an exposure, science first, then darks.
    pub frames: Vec<FrameTruth>,
}

/// Collects the truth of a visit.
pub(super) fn of(visit: &Visit) -> Truth {
    let aperture = SkyEllipse {
        ra_deg: visit.galaxy.ra_deg,
        dec_deg: visit.galaxy.dec_deg,
        a_arcsec: 70.0 * IDCSCALE,
        b_arcsec: 40.0 * IDCSCALE,
        position_angle_deg: ORIENTATION_DEG,
    };
    let filters = super::schedule::ASSOCIATIONS.iter().filter_map(|&(_, filter)| {
        let band = visit.bands.iter().find(|band| band.filter == filter)?;
        let frames: Vec<&Frame> = visit
            .science
            .iter()
            .filter(|frame| frame.cards.filter == filter)
            .collect();
        Some(filter_truth(visit, band, &aperture, &frames))
    });
    Truth {
        seed: visit.options.seed,
        glow_box: visit.detector.glow_box(),
        filters: filters.collect(),
        frames: visit
            .science
            .iter()
            .chain(&visit.darks)
            .map(|frame| frame_truth(frame, visit.detector))
            .collect(),
        aperture,
    }
}

fn filter_truth(visit: &Visit, band: &Band, aperture: &SkyEllipse, frames: &[&Frame]) -> FilterTruth {
    let exptime_s: f64 = frames.iter().map(|frame| frame.cards.exptime_s).sum();
    let dark: f64 = frames
        .iter()
        .map(|frame| frame.cards.exptime_s * dark_in_aperture(frame, visit.detector, aperture))
        .sum();
    FilterTruth {
        filter: band.filter.to_owned(),
        exptime_s,
        flux_total: band.galaxy_rate,
        flux_aperture: flux_in_aperture(band, &visit.galaxy, aperture),
        sky_rate: band.sky_rate,
        dark_aperture: dark / exptime_s,
    }
}

/// Integrates the galaxy over an aperture that is centred on it: midpoints in elliptical radius and
/// angle.
fn flux_in_aperture(band: &Band, galaxy: &Galaxy, aperture: &SkyEllipse) -> f64 {
    const RADII: usize = 2000;
    const ANGLES: usize = 180;
    let (sin, cos) = aperture.position_angle_deg.to_radians().sin_cos();
    let mut sum = 0.0;
    for i in 0..RADII {
        let radius = (i as f64 + 0.5) / RADII as f64;
        for j in 0..ANGLES {
            let (y, x) = (std::f64::consts::TAU * (j as f64 + 0.5) / ANGLES as f64).sin_cos();
            let (along, across) = (radius * x * aperture.a_arcsec, radius * y * aperture.b_arcsec);
            let (east, north) = (along * sin + across * cos, along * cos - across * sin);
            sum += radius * galaxy.surface_brightness(band, east, north);
        }
    }
    let cell = std::f64::consts::TAU / (RADII * ANGLES) as f64;
    sum * cell * aperture.a_arcsec * aperture.b_arcsec
}

/// Dark counts/s in the aperture as they come out of a product at 0.025 arcsec: a pixel's value spreads
/// over its area on the sky, so that the sum is the mean rate times the aperture's area.
fn dark_in_aperture(frame: &Frame, detector: Detector, aperture: &SkyEllipse) -> f64 {
    let (xi, eta) = frame.pointing.sky_to_plane(aperture.ra_deg, aperture.dec_deg);
    let (sin, cos) = aperture.position_angle_deg.to_radians().sin_cos();
    let (mut sum, mut pixels) = (0.0, 0.0);
    for y in 0..detector.size {
        for x in 0..detector.size {
            let (east, north) = frame.pointing.detector_to_plane(x as f64, y as f64);
            let (east, north) = (east - xi, north - eta);
            let along = (east * sin + north * cos) / aperture.a_arcsec;
            let across = (east * cos - north * sin) / aperture.b_arcsec;
            if along * along + across * across <= 1.0 {
                sum += detector.dark_rate(&frame.dark, x, y);
                pixels += 1.0;
            }
        }
    }
    let area = std::f64::consts::PI * aperture.a_arcsec * aperture.b_arcsec / (IDCSCALE * IDCSCALE);
    if pixels > 0.0 { sum / pixels * area } else { 0.0 }
}

fn frame_truth(frame: &Frame, detector: Detector) -> FrameTruth {
    let [y0, y1, x0, x1] = detector.glow_box();
    let in_box = (y0..y1).flat_map(|y| (x0..x1).map(move |x| (x, y)));
    let (start, end) = frame.cards.temperatures_c;
    FrameTruth {
        rootname: frame.cards.rootname.clone(),
        filter: frame.cards.filter.clone(),
        exptime_s: frame.cards.exptime_s,
        temperature_c: 0.5 * (start + end),
        base: frame.dark.base,
        glow_peak: frame.dark.glow_peak,
        box_dark_rate: in_box.map(|(x, y)| detector.dark_rate(&frame.dark, x, y)).sum(),
    }
}
