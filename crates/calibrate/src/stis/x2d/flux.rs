//! Counts become surface brightness.

use super::grid::OutputGrid;
use crate::References;
use crate::Result;
use crate::stis::tables::apdestab::Aperture;
use crate::stis::tables::curve::Curve;
use crate::stis::tables::pctab::BoxHeights;
use crate::stis::tables::tdstab::TimeDependence;
use crate::stis::x1d::flux::{CM_PER_ANGSTROM, HST_AREA_CM2, LIGHT_CM_S, PLANCK_ERG_S};
use crate::stis::{SpectralImset, SpectralMode};
use firstlight_frame::Frame;
use rayon::prelude::*;
use serde::Serialize;

/// A column whose calibration is undefined.
const NO_CALIBRATION: u16 = 512;
/// DIFF2PT where it is undefined.
const UNDEFINED: f32 = -9999.0;

/// How the surface brightness (erg/s/cm²/Å/arcsec²) is turned into fluxes of sources.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SurfaceBrightness {
    /// DIFF2PT: times this, the sum of a column is the flux density of a point source.
    pub diff2pt: f32,
    /// CONT2EML: from a continuum's to that of an emission line.
    pub cont2eml: f32,
    /// SCALE_A1: arcsec/pixel along the dispersion.
    pub scale_a1: f32,
    /// OMEGAPIX: arcsec² of a pixel.
    pub omegapix: f64,
    /// PCTAB: whether DIFF2PT knows of the light beyond PHOTTAB's box.
    pub pctcorr: bool,
    /// TDSTAB: whether the change of sensitivity was corrected.
    pub tdscorr: bool,
    /// Tables that have no row for the mode, and what is not corrected therefore.
    pub left_out: Vec<String>,
}

/// What turns counts into surface brightness.
#[derive(Debug)]
pub struct Calibration {
    sensitivity: Curve,
    throughput: Curve,
    /// Light in the box of all light, at the nodes of the sensitivity.
    whole: Option<Curve>,
    time: Option<Curve>,
    atodgain: f64,
    left_out: Vec<String>,
}

impl Calibration {
    /// Reads the tables. None where the rows of PHOTTAB or APERTAB are dummies.
    ///
    /// # Errors
    /// [`crate::Error::NoReference`], [`crate::Error::NoRow`], [`crate::Error::ReferenceTable`] and
    /// [`crate::Error::ReferenceValue`] of PHOTTAB, APERTAB, PCTAB and TDSTAB, of which the last two may be missing.
    pub fn of(mode: &SpectralMode, imset: &SpectralImset, references: &References) -> Result<Option<Self>> {
        let sensitivity = Curve::sensitivity(mode, references.require("FLUXCORR", "PHOTTAB")?)?;
        let throughput = Curve::throughput(mode, references.require("FLUXCORR", "APERTAB")?)?;
        let (Some(sensitivity), Some(throughput)) = (sensitivity, throughput) else {
            return Ok(None);
        };
        let mut left_out = Vec::new();
        let time = match references.get("TDSTAB").filter(|tdstab| !tdstab.is_dummy()) {
            Some(tdstab) => TimeDependence::of(mode, tdstab, &mut left_out)?,
            None => None,
        };
        Ok(Some(Self {
            whole: light_in_all(mode, &sensitivity, references, &mut left_out)?,
            time: time.map(|time| time.on(imset.expstart, imset.temperature_c)),
            atodgain: mode.atodgain,
            sensitivity,
            throughput,
            left_out,
        }))
    }

    /// Turns SCI and ERR into surface brightness; wavelengths of the grid are observed ones times `factor`. Columns without
    /// a sensitivity stay as they are.
    pub fn apply(
        &self,
        frame: &mut Frame,
        imset: &SpectralImset,
        aperture: &Aperture,
        grid: &OutputGrid,
        factor: f64,
    ) -> SurfaceBrightness {
        let width = aperture.width_arcsec.0;
        let photon = PLANCK_ERG_S * LIGHT_CM_S * self.atodgain
            / (HST_AREA_CM2 * imset.exptime_s * grid.cdelt.0 * grid.cdelt.1 * width);
        let wavelengths: Vec<f64> = (0..grid.npix.0).map(|x| grid.wavelength(x) / factor).collect();
        let columns: Vec<Conversion> = wavelengths
            .iter()
            .map(|&wavelength| conversion(wavelength, photon, &self.sensitivity, self.time.as_ref()))
            .collect();
        convert(frame, &columns);
        let through = wavelengths
            .iter()
            .filter(|wavelength| **wavelength > 0.0)
            .map(|&wavelength| {
                let light = self.whole.as_ref().map_or(1.0, |whole| whole.at(wavelength));
                self.throughput.at(wavelength) / light
            });
        let mean = through.sum::<f64>() / grid.npix.0 as f64;
        let diffuse = (grid.cdelt.1 * width) as f32;
        SurfaceBrightness {
            diff2pt: if mean > 0.0 {
                (f64::from(diffuse) / mean) as f32
            } else {
                UNDEFINED
            },
            cont2eml: (grid.cdelt.0 * width / grid.scale_arcsec.0) as f32,
            scale_a1: grid.scale_arcsec.0 as f32,
            omegapix: grid.scale_arcsec.0 * grid.scale_arcsec.1,
            pctcorr: self.whole.is_some(),
            tdscorr: self.time.is_some(),
            left_out: self.left_out.clone(),
        }
    }
}

/// Light in the box of all light, at the nodes of the sensitivity.
fn light_in_all(
    mode: &SpectralMode,
    sensitivity: &Curve,
    references: &References,
    left_out: &mut Vec<String>,
) -> Result<Option<Curve>> {
    let Some(pctab) = references.get("PCTAB").filter(|pctab| !pctab.is_dummy()) else {
        return Ok(None);
    };
    let whole = match BoxHeights::of(mode, pctab, left_out)? {
        Some(heights) => heights.whole()?,
        None => None,
    };
    Ok(whole.map(|whole| Curve {
        wavelengths: sensitivity.wavelengths.clone(),
        values: whole.at_all(&sensitivity.wavelengths),
    }))
}

/// What becomes of a column.
#[derive(Clone, Copy)]
enum Conversion {
    /// It is multiplied.
    Times(f32),
    /// It stays as it is: there is no sensitivity.
    None,
    /// It stays, and is flagged.
    Undefined,
}

fn conversion(wavelength: f64, photon: f64, sensitivity: &Curve, time: Option<&Curve>) -> Conversion {
    if wavelength <= 0.0 {
        return Conversion::Undefined;
    }
    let response = sensitivity.at(wavelength);
    if response <= 0.0 {
        return Conversion::None;
    }
    let mut times = (photon / (response * (wavelength * CM_PER_ANGSTROM))) as f32;
    if let Some(time) = time {
        times = (f64::from(times) / time.at(wavelength)) as f32;
    }
    if times > 0.0 {
        Conversion::Times(times)
    } else {
        Conversion::Undefined
    }
}

fn convert(frame: &mut Frame, columns: &[Conversion]) {
    let nx = columns.len().max(1);
    let sci = frame.sci.as_mut_slice().par_chunks_mut(nx);
    let err = frame.err.as_mut_slice().par_chunks_mut(nx);
    let dq = frame.dq.as_mut_slice().par_chunks_mut(nx);
    sci.zip(err).zip(dq).for_each(|((sci, err), dq)| {
        for (x, column) in columns.iter().enumerate() {
            match column {
                Conversion::Times(times) => (sci[x], err[x]) = (sci[x] * times, err[x] * times),
                Conversion::None => {}
                Conversion::Undefined => dq[x] |= NO_CALIBRATION,
            }
        }
    });
}
