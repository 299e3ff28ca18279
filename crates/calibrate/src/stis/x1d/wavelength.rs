//! Which wavelength each column has.

use super::options::X1dOptions;
use crate::References;
use crate::stis::tables::apdestab::Aperture;
use crate::stis::tables::disptab::{Dispersion, Dispersions};
use crate::stis::tables::inangtab::IncidenceAngle;
use crate::stis::{SpectralImset, SpectralMode, heliocentric_velocity};
use crate::{Error, Result};

/// The dispersion relation of a spectrum.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    dispersion: Dispersion,
}

impl Solution {
    /// The relation at a line of the detector, corrected for the aperture and for SHIFTA1.
    ///
    /// # Errors
    /// [`Error::NoReference`], [`Error::NoRow`], [`Error::ReferenceTable`] and [`Error::ReferenceValue`] of DISPTAB,
    /// INANGTAB and APDESTAB.
    pub fn of(
        mode: &SpectralMode,
        imset: &SpectralImset,
        aperture: &Aperture,
        line: f64,
        references: &References,
        options: &X1dOptions,
    ) -> Result<Self> {
        let table = |keyword| references.require("DISPCORR", keyword);
        let dispersions = Dispersions::of(mode, table("DISPTAB")?)?;
        let angle = IncidenceAngle::of(mode, table("INANGTAB")?)?;
        let measured_with = Aperture::of(&dispersions.ref_aper, table("APDESTAB")?)?;
        // The offset of the aperture is read in single precision, that of the reference's is not.
        let offset = f64::from(aperture.offset_arcsec.0 as f32) - measured_with.offset_arcsec.0;
        let mut dispersion = dispersions.at(line);
        angle.apply(&mut dispersion, offset, imset.shift.0 + options.xoffset);
        Ok(Self { dispersion })
    }

    /// The wavelengths of the columns of an image, Å, times a factor.
    ///
    /// # Errors
    /// [`Error::NotSupported`] where a column has none by the relation.
    pub fn wavelengths(
        &self,
        mode: &SpectralMode,
        imset: &SpectralImset,
        columns: usize,
        factor: f64,
    ) -> Result<Vec<f64>> {
        let mut guess = mode.cenwave as f64;
        let mut wavelengths = Vec::with_capacity(columns);
        for x in 0..columns {
            let column = imset.detector_x(x as f64);
            guess = self.dispersion.wavelength(column, guess).ok_or_else(|| Error::NotSupported {
                name: mode.name.clone(),
                what: format!("a dispersion relation without a wavelength at column {}", x + 1),
                way_out: "name a DISPTAB whose relation increases all over the detector, or set DISPCORR=OMIT",
            })?;
            wavelengths.push(guess * factor);
        }
        Ok(wavelengths)
    }
}

/// V_HELIO: the velocity in the middle of the exposure, km/s.
pub fn velocity(mode: &SpectralMode, imset: &SpectralImset) -> f64 {
    heliocentric_velocity(mode.ra_targ, mode.dec_targ, (imset.expstart + imset.expend) / 2.0)
}
