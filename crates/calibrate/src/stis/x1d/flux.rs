//! Counts become fluxes.

use super::cti::CtiCorrection;
use super::noise::yield_factor;
use super::spectrum::Spectrum;
use crate::References;
use crate::Result;
use crate::stis::tables::curve::Curve;
use crate::stis::tables::pctab::BoxHeights;
use crate::stis::tables::tdstab::TimeDependence;
use crate::stis::{SpectralImset, SpectralMode, SpectralSwitches};
use serde::Serialize;

/// Collecting area of the telescope, with what is obscured, cm².
pub(crate) const HST_AREA_CM2: f64 = 45238.93416;
/// Planck's constant, erg s.
pub(crate) const PLANCK_ERG_S: f64 = 6.6260755e-27;
/// Speed of light, cm/s.
pub(crate) const LIGHT_CM_S: f64 = 2.997_924_580_0e10;
/// cm per Å.
pub(crate) const CM_PER_ANGSTROM: f64 = 1e-8;

/// A column whose flux is undefined.
const NO_CALIBRATION: u16 = 512;
/// A column without light has no correction for lost charge.
const NOT_CTI_CORRECTED: u16 = 16384;

/// What a flux is corrected for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FluxReport {
    /// PCTAB: the light beyond the box.
    pub pctcorr: bool,
    /// GACTAB: grating and aperture together.
    pub gaccorr: bool,
    /// TDSTAB: the change of sensitivity.
    pub tdscorr: bool,
    /// CCDTAB: lost charge.
    pub ctecorr: bool,
    /// Tables that have no row for the mode, and what is not corrected therefore.
    pub left_out: Vec<String>,
}

/// All that turns counts into flux.
#[derive(Debug)]
pub struct Calibration<'a> {
    /// None where PHOTTAB's row is a dummy: fluxes are 0.
    sensitivity: Option<Curve>,
    /// None where APERTAB's row is a dummy: no fluxes are made.
    throughput: Option<Curve>,
    heights: Option<BoxHeights<'a>>,
    /// Light in the box of all light, and in the one that was used, at the nodes of the sensitivity.
    boxes: Option<[Curve; 2]>,
    grating_and_aperture: Option<Curve>,
    time: Option<Curve>,
    cti: Option<CtiCorrection>,
    left_out: Vec<String>,
}

impl<'a> Calibration<'a> {
    /// Reads the tables. PHOTTAB and APERTAB are needed, and CCDTAB with CTECORR; the header may name no PCTAB, GACTAB or
    /// TDSTAB.
    ///
    /// # Errors
    /// [`crate::Error::NoReference`], [`crate::Error::NoRow`], [`crate::Error::ReferenceTable`] and
    /// [`crate::Error::ReferenceValue`] of the tables.
    pub fn of(
        mode: &SpectralMode,
        imset: &SpectralImset,
        extrsize: f64,
        switches: &SpectralSwitches,
        references: &'a References,
    ) -> Result<Self> {
        let sensitivity = Curve::sensitivity(mode, references.require("FLUXCORR", "PHOTTAB")?)?;
        let throughput = Curve::throughput(mode, references.require("FLUXCORR", "APERTAB")?)?;
        let mut left_out = Vec::new();
        let heights = match references.get("PCTAB").filter(|pctab| !pctab.is_dummy()) {
            Some(pctab) => BoxHeights::of(mode, pctab, &mut left_out)?,
            None => None,
        };
        let boxes = match (&heights, &sensitivity) {
            (Some(heights), Some(sensitivity)) => light_in_boxes(heights, sensitivity, extrsize)?,
            _ => None,
        };
        let gactab = references.get("GACTAB").filter(|gactab| !gactab.is_dummy());
        let tdstab = references.get("TDSTAB").filter(|tdstab| !tdstab.is_dummy());
        let time = match tdstab {
            Some(tdstab) => TimeDependence::of(mode, tdstab, &mut left_out)?,
            None => None,
        };
        Ok(Self {
            sensitivity,
            throughput,
            heights,
            boxes,
            grating_and_aperture: match gactab {
                Some(gactab) => Curve::grating_and_aperture(mode, gactab)?,
                None => None,
            },
            time: time.map(|time| time.on(imset.expstart, imset.temperature_c)),
            cti: match switches.ctecorr {
                true => CtiCorrection::of(mode, references.require("CTECORR", "CCDTAB")?)?,
                false => None,
            },
            left_out,
        })
    }

    /// Fills FLUX (erg/s/cm²/Å), and turns ERROR into its error. `factor` is the one that wavelengths were multiplied with
    /// to be heliocentric. Columns whose sensitivity, throughput or dispersion is not positive have flux and error 0 and DQ
    /// 512; those whose gross rate is not, no correction for lost charge and DQ 16384. Does nothing, and gives None,
    /// where APERTAB's row is a dummy.
    ///
    /// # Errors
    /// As [`BoxHeights::nearest`].
    pub fn apply(
        &self,
        spectrum: &mut Spectrum,
        mode: &SpectralMode,
        imset: &SpectralImset,
        factor: f64,
    ) -> Result<Option<FluxReport>> {
        let Some(throughput) = &self.throughput else {
            return Ok(None);
        };
        let halo = match &self.cti {
            Some(cti) => cti.halo(spectrum, mode, imset, self.heights.as_ref(), factor)?,
            None => vec![0.0; spectrum.len()],
        };
        for (x, &halo) in halo.iter().enumerate() {
            let Some(sensitivity) = &self.sensitivity else {
                (spectrum.flux[x], spectrum.error[x]) = (0.0, 0.0);
                continue;
            };
            let wavelength = spectrum.wavelength[x] / factor;
            let dispersion = dispersion(&spectrum.wavelength, x) / factor;
            let sensitivity = sensitivity.extrapolated(wavelength);
            let through = throughput.at(wavelength);
            let usable = through > 0.0 && dispersion > 0.0 && sensitivity > 0.0;
            let to_flux = self.to_flux(wavelength, sensitivity * through, dispersion, mode.atodgain);
            let Some(to_flux) = to_flux.filter(|_| usable) else {
                (spectrum.flux[x], spectrum.error[x]) = (0.0, 0.0);
                spectrum.dq[x] |= NO_CALIBRATION;
                continue;
            };
            let noise = yield_factor(spectrum, x, wavelength, mode, imset);
            let mut net = spectrum.net[x];
            if let Some(cti) = &self.cti {
                if spectrum.gross[x] > 0.0 {
                    let restored = spectrum.gross[x] * cti.factor(spectrum, x, mode, imset, halo);
                    net = restored - spectrum.background[x];
                } else {
                    spectrum.dq[x] |= NOT_CTI_CORRECTED;
                }
            }
            spectrum.flux[x] = net * to_flux;
            spectrum.error[x] *= to_flux * noise;
            spectrum.net_error[x] *= noise;
        }
        Ok(Some(FluxReport {
            pctcorr: self.boxes.is_some(),
            gaccorr: self.grating_and_aperture.is_some(),
            tdscorr: self.time.is_some(),
            ctecorr: self.cti.is_some(),
            left_out: self.left_out.clone(),
        }))
    }

    /// Flux of one DN/s, in single precision and rounded after each factor; None where it is not positive. `efficiency` is
    /// that of telescope and aperture.
    fn to_flux(&self, wavelength: f64, efficiency: f64, dispersion: f64, atodgain: f64) -> Option<f32> {
        let photon = PLANCK_ERG_S * LIGHT_CM_S / HST_AREA_CM2;
        let mut to_flux = (photon / (efficiency * wavelength * dispersion * CM_PER_ANGSTROM)) as f32;
        let times = |to_flux: f32, factor: f64| (f64::from(to_flux) * factor) as f32;
        to_flux = times(to_flux, atodgain);
        if let Some([whole, used]) = &self.boxes {
            to_flux = times(to_flux, whole.at(wavelength) / used.at(wavelength));
        }
        if let Some(both) = &self.grating_and_aperture {
            to_flux = (f64::from(to_flux) / both.at(wavelength)) as f32;
        }
        if let Some(time) = &self.time {
            to_flux = (f64::from(to_flux) / time.at(wavelength)) as f32;
        }
        Some(to_flux).filter(|&to_flux| to_flux > 0.0)
    }
}

/// Light in the box of all light and in the one of `extrsize`, at the nodes of the sensitivity.
fn light_in_boxes(heights: &BoxHeights, sensitivity: &Curve, extrsize: f64) -> Result<Option<[Curve; 2]>> {
    let height = extrsize as i64;
    let used = heights.nearest(if height > 0 { height } else { heights.highest })?;
    let whole = heights.nearest(heights.highest)?;
    let (Some(whole), Some(used)) = (whole, used) else {
        return Ok(None);
    };
    let curve = |of: &crate::stis::tables::pctab::BoxHeight| Curve {
        wavelengths: sensitivity.wavelengths.clone(),
        values: of.at_all(&sensitivity.wavelengths),
    };
    Ok(Some([curve(&whole), curve(&used)]))
}

/// Å per column: half the distance of the neighbours, or the distance to the only one.
fn dispersion(wavelengths: &[f64], x: usize) -> f64 {
    let last = wavelengths.len() - 1;
    match x {
        0 => wavelengths[1] - wavelengths[0],
        _ if x == last => wavelengths[last] - wavelengths[last - 1],
        _ => (wavelengths[x + 1] - wavelengths[x - 1]) / 2.0,
    }
}
