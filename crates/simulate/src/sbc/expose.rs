//! From what arrives at the detector to files: Poisson counts, flat field, errors, flags.

use super::detector::Detector;
use super::header::{self, Plane};
use super::scene::{Band, Galaxy};
use super::{Frame, TARGET, TARGET_DEG, VISIT_START_MJD, Visit, schedule};
use crate::{Extension, Member, Random, Result, SimulatedFile};

/// Points per pixel and axis at which the galaxy's light is sampled.
const SAMPLES: usize = 3;

/// A calibrated science exposure: SCI (counts, flat-fielded), ERR, DQ.
///
/// ERR is the root of the counts, at least that of one count, divided by the flat field.
pub(super) fn flt(frame: &Frame, detector: Detector, galaxy: &Galaxy, seed: u64) -> Result<SimulatedFile> {
    let flat = detector.flat_field();
    let counts = science_counts(frame, detector, galaxy, seed);
    let sci: Vec<f32> = counts
        .iter()
        .zip(&flat)
        .map(|(counts, flat)| counts / flat)
        .collect();
    let err: Vec<f32> = counts
        .iter()
        .zip(&flat)
        .map(|(counts, flat)| counts.max(1.0).sqrt() / flat)
        .collect();
    let (cards, pointing) = (&frame.cards, &frame.pointing);
    let shape = detector.shape();
    let dq = detector.data_quality();
    let good = |data: &[f32]| -> Vec<f64> {
        let unflagged = data.iter().zip(&dq).filter(|(_, flags)| **flags == 0);
        unflagged.map(|(&sample, _)| f64::from(sample)).collect()
    };
    let of_sci = header::science(cards, pointing, true, frame.band.as_ref())?;
    let of_sci = header::statistics(of_sci, good(&sci).into_iter())?;
    let of_err = header::plane(cards, Plane::Err, pointing, true)?;
    let of_err = header::statistics(of_err, good(&err).into_iter())?;
    Ok(SimulatedFile {
        name: format!("{}_flt.fits", cards.rootname),
        primary: header::primary(cards)?,
        extensions: vec![
            Extension::Real(of_sci, shape, sci),
            Extension::Real(of_err, shape, err),
            Extension::Integer(header::plane(cards, Plane::Dq, pointing, true)?, shape, dq),
        ],
    })
}

/// The same exposure as it was read out: 16-bit counts, before the flat field is divided out.
pub(super) fn science_raw(
    frame: &Frame,
    detector: Detector,
    galaxy: &Galaxy,
    seed: u64,
) -> Result<SimulatedFile> {
    let counts = science_counts(frame, detector, galaxy, seed);
    let sci = counts
        .iter()
        .map(|counts| (*counts as i64).clamp(0, i64::from(i16::MAX)) as i16);
    let mut cards = frame.cards.clone();
    cards.suffix = "raw";
    read_out(&cards, frame, detector, sci.collect())
}

/// Counts of each pixel: light through the flat field, and dark counts.
fn science_counts(frame: &Frame, detector: Detector, galaxy: &Galaxy, seed: u64) -> Vec<f32> {
    let flat = detector.flat_field();
    let mut light = vec![frame.band.map_or(0.0, |band| band.sky_rate); detector.pixels()];
    if let Some(band) = &frame.band {
        add_galaxy(&mut light, frame, detector, galaxy, band);
    }
    let mut random = Random::new(seed, frame.stream);
    let mut counts = Vec::with_capacity(detector.pixels());
    for y in 0..detector.size {
        for x in 0..detector.size {
            let pixel = y * detector.size + x;
            let dark = detector.dark_rate(&frame.dark, x, y);
            // A dead pixel sees neither dark counts nor light.
            let lit = if dark > 0.0 {
                light[pixel] * f64::from(flat[pixel])
            } else {
                0.0
            };
            counts.push(random.poisson((lit + dark) * frame.cards.exptime_s) as f32);
        }
    }
    counts
}

/// Adds the galaxy's counts/s to each pixel near it.
fn add_galaxy(light: &mut [f64], frame: &Frame, detector: Detector, galaxy: &Galaxy, band: &Band) {
    let (xi, eta) = frame.pointing.sky_to_plane(galaxy.ra_deg, galaxy.dec_deg);
    let reach = Galaxy::extent_arcsec(band);
    let per_pixel = super::optics::IDCSCALE.powi(2) / (SAMPLES * SAMPLES) as f64;
    let step = |i: usize| (i as f64 + 0.5) / SAMPLES as f64 - 0.5;
    for y in 0..detector.size {
        for x in 0..detector.size {
            let (east, north) = frame.pointing.detector_to_plane(x as f64, y as f64);
            if (east - xi).hypot(north - eta) > reach {
                continue;
            }
            let mut sum = 0.0;
            for j in 0..SAMPLES {
                for i in 0..SAMPLES {
                    let (east, north) = frame
                        .pointing
                        .detector_to_plane(x as f64 + step(i), y as f64 + step(j));
                    sum += galaxy.surface_brightness(band, east - xi, north - eta);
                }
            }
            light[y * detector.size + x] += per_pixel * sum;
        }
    }
}

/// A raw dark.
pub(super) fn raw(frame: &Frame, detector: Detector, seed: u64) -> Result<SimulatedFile> {
    let mut random = Random::new(seed, frame.stream);
    let mut sci = Vec::with_capacity(detector.pixels());
    for y in 0..detector.size {
        for x in 0..detector.size {
            let counts = random.poisson(detector.dark_rate(&frame.dark, x, y) * frame.cards.exptime_s);
            sci.push(i16::try_from(counts).unwrap_or(i16::MAX));
        }
    }
    read_out(&frame.cards, frame, detector, sci)
}

/// A raw file: SCI of 16-bit counts, ERR and DQ without pixels.
fn read_out(
    cards: &header::ExposureCards,
    frame: &Frame,
    detector: Detector,
    sci: Vec<i16>,
) -> Result<SimulatedFile> {
    let pointing = &frame.pointing;
    let of_sci = header::science(cards, pointing, false, None)?;
    let of_sci = header::statistics(of_sci, sci.iter().map(|&counts| f64::from(counts)))?;
    let errors = header::constant(
        header::plane(cards, Plane::Err, pointing, false)?,
        detector.size,
        0.0,
    )?;
    let flags = header::constant(
        header::plane(cards, Plane::Dq, pointing, false)?,
        detector.size,
        0,
    )?;
    Ok(SimulatedFile {
        name: format!("{}_raw.fits", cards.rootname),
        primary: header::primary(cards)?,
        extensions: vec![
            Extension::Integer(of_sci, detector.shape(), sci),
            Extension::Constant(errors),
            Extension::Constant(flags),
        ],
    })
}

/// An association table as the archive's: the exposures of one filter in the order they were taken, and
/// their product.
pub(super) fn association(visit: &Visit, number: &str, filter: &str) -> Result<SimulatedFile> {
    let identifier = format!("JSIM11{number}");
    let member = |name: String, kind: &str| Member {
        name,
        kind: kind.to_owned(),
        present: true,
    };
    let exposures = visit.science.iter().filter(|frame| frame.cards.filter == filter);
    let mut members: Vec<Member> = exposures
        .map(|frame| member(frame.cards.rootname.to_uppercase(), "EXP-DTH"))
        .collect();
    members.push(member(identifier.clone(), "PROD-DTH"));
    let start = schedule::VISIT
        .iter()
        .find(|planned| planned.filter == filter)
        .map_or(0.0, |p| p.start_s);
    let [primary, table] =
        header::association(&identifier, TARGET, TARGET_DEG, VISIT_START_MJD + start / 86400.0)?;
    Ok(SimulatedFile {
        name: format!("{}_asn.fits", identifier.to_lowercase()),
        primary,
        extensions: vec![Extension::Members(table, members)],
    })
}
