//! Charge that was lost on the way to the amplifier (Goudfrooij & Bohlin 2006, STIS ISR 2006-03).

use super::spectrum::Spectrum;
use crate::Reference;
use crate::Result;
use crate::stis::tables::cte::CtiParameters;
use crate::stis::tables::pctab::BoxHeights;
use crate::stis::{SpectralImset, SpectralMode};

const DAYS_PER_YEAR: f64 = 365.25;
/// Lines of the detector.
const LINES: f64 = 1024.0;
/// The gratings in whose light the detector has a halo, and the height of the box that holds it.
const RED: [&str; 2] = ["G750L", "G750M"];
const HALO_HEIGHT: i64 = 200;

/// The correction of a spectrum.
#[derive(Debug, Clone, PartialEq)]
pub struct CtiCorrection {
    parameters: CtiParameters,
}

impl CtiCorrection {
    /// By CCDTAB. None where the table knows nothing of it.
    ///
    /// # Errors
    /// As [`CtiParameters::of`].
    pub fn of(mode: &SpectralMode, ccdtab: &Reference) -> Result<Option<Self>> {
        Ok(CtiParameters::of(mode, ccdtab)?.map(|parameters| Self { parameters }))
    }

    /// What the halo of red light adds to the background of each column, e.
    ///
    /// # Errors
    /// As [`BoxHeights::nearest`].
    pub fn halo(
        &self,
        spectrum: &Spectrum,
        mode: &SpectralMode,
        imset: &SpectralImset,
        boxes: Option<&BoxHeights>,
        factor: f64,
    ) -> Result<Vec<f64>> {
        let none = vec![0.0; spectrum.len()];
        if !RED.contains(&mode.opt_elem.as_str()) {
            return Ok(none);
        }
        let tall = match boxes {
            Some(boxes) => boxes.nearest(HALO_HEIGHT)?,
            None => None,
        };
        let to_electrons = mode.atodgain * imset.exptime_s / imset.ncombine;
        let columns = spectrum.wavelength.iter().zip(&spectrum.net);
        let of_column = |(wavelength, net): (&f64, &f32)| {
            let light = tall.as_ref().map_or(1.0, |tall| tall.at(wavelength / factor));
            let beyond = (light - 1.0) / 2.0 - self.parameters.halo_least_fraction;
            let charge = beyond * f64::from(*net) * to_electrons;
            if charge < 0.0 {
                0.0
            } else {
                charge * self.parameters.halo_factor
            }
        };
        Ok(columns.map(of_column).collect())
    }

    /// What the gross rate of a column is to be multiplied with; `gross` and `background` in DN/s, `halo` in e.
    pub fn factor(
        &self,
        spectrum: &Spectrum,
        x: usize,
        mode: &SpectralMode,
        imset: &SpectralImset,
        halo: f64,
    ) -> f32 {
        let p = &self.parameters;
        let (gross, background) = (f64::from(spectrum.gross[x]), f64::from(spectrum.background[x]));
        let width = f64::from(spectrum.extrsize);
        let to_electrons = mode.atodgain / imset.ncombine;
        let gross_e =
            (gross * imset.exptime_s + imset.meandark_dn * width) * to_electrons + p.spurious_e * width;
        let background_e =
            (background * imset.exptime_s / width + imset.meandark_dn) * to_electrons + p.spurious_e;
        let years = (imset.expstart - p.reference_mjd) / DAYS_PER_YEAR;
        let mut lost = p.norm * gross_e.powf(-p.gross_power) * (1.0 + p.per_year * years);
        if background_e > 0.0 {
            let filled = ((background_e + halo) / gross_e).powf(p.background_power);
            lost *= (p.background_factor * filled).exp();
        }
        let line = (f64::from(spectrum.extrlocy[x]) - imset.ltv.1) / imset.ltm.1;
        (1.0 / (1.0 - lost).powf(LINES - line)) as f32
    }
}
