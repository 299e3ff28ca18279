//! PHOTCORR: keywords by which counts of an image become fluxes.

use crate::acs::tables::imphttab::{OUTSIDE, Photometry, photometry};
use crate::record::{Outcome, history, put_single, record_switch, record_table};
use crate::stis::Setup;
use crate::stis::tables::tdstab::TemperatureDependence;
use crate::{Reference, Result};
use firstlight_frame::fits::Header;

/// PHOTCORR of an image: what IMPHTTAB says of its PHOTMODE. As the samples are counts, PHOTFLAM is for them,
/// erg/cm²/Å/DN: the table's, which is for electrons, times `gain_e_per_dn`. With TDSTAB it is divided by the change of the
/// sensitivity with the temperature of the CCD's housing (°C), at the pivot wavelength; that with time IMPHTTAB has
/// (STIS Data Handbook, section 3.4.15).
///
/// # Errors
/// Those of [`photometry`]; [`crate::Error::ReferenceTable`] and [`crate::Error::ReferenceValue`] where TDSTAB cannot be
/// used.
pub fn photcorr(
    setup: &Setup,
    photmode: &str,
    (imphttab, tdstab): (&Reference, Option<&Reference>),
    gain_e_per_dn: f32,
    celsius: Option<f64>,
) -> Result<Photometry> {
    // The table knows nothing of the gain.
    let words = photmode
        .split_whitespace()
        .filter(|word| !word.starts_with("A2D"));
    let mut found = photometry(imphttab, &words.collect::<Vec<_>>().join(" "))?;
    if found.photflam == OUTSIDE {
        return Ok(found);
    }
    found.photflam *= f64::from(gain_e_per_dn);
    let sensitivity = match tdstab {
        Some(tdstab) => TemperatureDependence::of(&setup.opt_elem, tdstab)?,
        None => None,
    };
    if let (Some(sensitivity), Some(celsius)) = (sensitivity, celsius.filter(|&celsius| celsius >= 0.0)) {
        found.photflam /= sensitivity.factor(found.photplam, celsius);
    }
    Ok(found)
}

/// Records what was found in the primary header; None where IMPHTTAB is a dummy.
///
/// # Errors
/// [`crate::Error::Frame`] where a card cannot be written.
pub(super) fn record_photcorr(
    primary: &mut Header,
    found: Option<&Photometry>,
    (imphttab, tdstab): (&Reference, Option<&Reference>),
) -> Result<Outcome> {
    let outcome = match found {
        None => Outcome::Dummy,
        Some(found) if found.outside.is_some() => Outcome::NotPerformed,
        Some(_) => Outcome::Complete,
    };
    if let Some(found) = found {
        let mut single = |keyword, value: f64, comment| put_single(primary, keyword, value as f32, comment);
        single("PHOTFLAM", found.photflam, "inverse sensitivity")?;
        single("PHOTZPT", found.photzpt, "zero point")?;
        single("PHOTPLAM", found.photplam, "pivot wavelength")?;
        single("PHOTBW", found.photbw, "RMS bandwidth")?;
    }
    record_switch(primary, "PHOTCORR", outcome)?;
    record_table(primary, imphttab, "")?;
    if let Some(outside) = found.and_then(|found| found.outside.as_ref()) {
        history(primary, &format!("  IMPHTTAB: {outside}"))?;
    }
    match tdstab {
        Some(tdstab) => record_table(primary, tdstab, "")?,
        None => history(
            primary,
            "  Without TDSTAB: the temperature of the CCD was left out.",
        )?,
    }
    Ok(outcome)
}
