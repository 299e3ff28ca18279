//! X1DCORR: the spectrum of a point source, summed along the trace of its light.
//!
//! The order is that of [`x1d`]: [`location`] finds the spectrum, [`boxes`] sums it and [`background`] what lies beside it,
//! [`smoothing`] makes that smooth, [`wavelength`] says where each column is, [`flux`] turns counts into flux with
//! [`cti`], and [`noise`] widens the errors to what they were before cosmic rays were rejected.

pub mod background;
pub mod boxes;
pub mod cti;
mod doubts;
mod exposure;
pub mod flux;
pub mod location;
pub mod noise;
mod options;
mod record;
pub mod smoothing;
mod spectrum;
pub mod wavelength;

pub use background::BoxOffImage;
pub use doubts::doubts;
pub use exposure::{ExtractedExposure, x1d_exposure};
pub use location::Location;
pub use options::{BackgroundSmoothing, X1dOptions};
pub use record::{record, table_header};
pub use spectrum::Spectrum;

use super::tables::apdestab::Aperture;
use super::tables::sptrctab::Traces;
use super::tables::xtractab::Extraction;
use super::{SpectralImset, SpectralMode, SpectralSwitches};
use crate::References;
use crate::steps::check_shapes_of;
use crate::{Error, Result};
use firstlight_frame::Frame;
use firstlight_frame::fits::Header;
use serde::Serialize;

/// An extracted spectrum and how it was come by.
#[derive(Debug, Clone, PartialEq)]
pub struct Extracted {
    /// The spectrum.
    pub spectrum: Spectrum,
    /// What was done.
    pub report: X1dReport,
}

/// How a spectrum was extracted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct X1dReport {
    /// Where it was found.
    pub location: Location,
    /// V_HELIO, km/s; None where wavelengths are as observed.
    pub v_helio_km_s: Option<f64>,
    /// Boxes of the background that lie off the image: nothing is measured in them.
    pub background_off_image: Vec<BoxOffImage>,
    /// What was done; a step is left out where its reference is a dummy.
    pub done: SpectralSwitches,
    /// What the flux is corrected for; None where there is none.
    pub flux: Option<flux::FluxReport>,
}

/// Extracts the spectrum of the point source of an imset. The frame is in DN, not divided by the exposure time.
///
/// # Errors
/// [`Error::NotSupported`] for other detectors, gratings and algorithms; [`Error::SpectrumNotFound`] where there is no peak
/// within the range that is searched; [`Error::NoReference`], [`Error::NoRow`], [`Error::ReferenceTable`] and
/// [`Error::ReferenceValue`] of the tables; [`Error::Keyword`] of the headers; [`Error::Shape`] where the planes of the
/// frame differ in shape; [`Error::TooSmall`] for a frame of fewer than two rows or columns;
/// [`Error::Parameter`] for options that are out of range.
pub fn x1d(
    frame: &Frame,
    primary: &Header,
    sci: &Header,
    references: &References,
    switches: &SpectralSwitches,
    options: &X1dOptions,
) -> Result<Extracted> {
    let mode = SpectralMode::of(primary)?;
    let imset = SpectralImset::of(&mode.name, sci)?;
    switches.check(&mode.name)?;
    check_frame(frame)?;
    options.check(frame.sci.shape(), &imset)?;
    let table = |keyword| references.require("X1DCORR", keyword);
    let extraction = options.over(Extraction::of(&mode, table("XTRACTAB")?)?);
    check_algorithm(&mode, &extraction)?;
    let aperture = Aperture::of(&mode.aperture, table("APDESTAB")?)?;
    let traces = Traces::of(&mode, imset.expstart, table("SPTRCTAB")?)?;

    let sought = location::nominal(&imset, &traces, &aperture, options);
    let location = location::locate(frame, &mode, &imset, &traces, &sought, extraction.maxsrch)?;
    let trace = traces.at(location.line);
    let background_off_image = match switches.backcorr {
        true => background::off_image(&imset, frame.sci.ny(), trace.lines(location.line), &extraction),
        false => Vec::new(),
    };
    options.check_background(&background_off_image)?;
    let mut spectrum = boxes::extract(
        frame,
        &imset,
        &trace,
        location.line,
        &extraction,
        switches.backcorr,
    );
    spectrum.place(&location, &extraction, &imset);
    smoothing::smooth(&mut spectrum, options);
    let mut report = X1dReport {
        location,
        v_helio_km_s: None,
        background_off_image,
        done: *switches,
        flux: None,
    };
    if switches.dispcorr {
        let solution =
            wavelength::Solution::of(&mode, &imset, &aperture, location.line, references, options)?;
        report.v_helio_km_s = switches.helcorr.then(|| wavelength::velocity(&mode, &imset));
        let factor = report.v_helio_km_s.map_or(1.0, super::heliocentric_factor);
        spectrum.wavelength = solution.wavelengths(&mode, &imset, spectrum.len(), factor)?;
        if switches.fluxcorr {
            let calibration =
                flux::Calibration::of(&mode, &imset, extraction.extrsize, switches, references)?;
            report.flux = calibration.apply(&mut spectrum, &mode, &imset, factor)?;
            report.done.fluxcorr = report.flux.is_some();
        }
    }
    report.done.ctecorr = report.flux.as_ref().is_some_and(|flux| flux.ctecorr);
    Ok(Extracted { spectrum, report })
}

fn check_frame(frame: &Frame) -> Result<()> {
    check_shapes_of(frame)?;
    let (ny, nx) = frame.sci.shape();
    if ny < 2 || nx < 2 {
        return Err(Error::TooSmall {
            what: "the image",
            purpose: "the extraction of a spectrum",
            needed: (2, 2),
            found: (ny, nx),
        });
    }
    Ok(())
}

fn check_algorithm(mode: &SpectralMode, extraction: &Extraction) -> Result<()> {
    match extraction.algorithm.to_ascii_uppercase().as_str() {
        "" | "UNWEIGHTED" => Ok(()),
        other => Err(Error::NotSupported {
            name: mode.name.clone(),
            what: format!("the extraction algorithm {other} (XTRACALG)"),
            way_out: "spectra are extracted with XTRACALG UNWEIGHTED",
        }),
    }
}
