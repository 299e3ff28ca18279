//! What the headers say of a rectified imset.

use super::X2dReport;
use crate::References;
use crate::Result;
use crate::record::{history, put, put_single, record_table, set};
use crate::stis::SpectralMode;
use crate::stis::tables::record_mode;
use firstlight_frame::fits::Header;

/// The unit of surface brightness.
const SURFACE_BRIGHTNESS: &str = "erg /s /cm**2 /angstrom /arcsec**2";

/// Records coordinates, units, V_HELIO and statistics in the headers of SCI, ERR and DQ.
///
/// # Errors
/// [`crate::Error::Frame`] where a card cannot be written.
pub fn record_imset(report: &X2dReport, sci: &mut Header, err: &mut Header, dq: &mut Header) -> Result<()> {
    if let Some(velocity) = report.v_helio_km_s {
        put(sci, "V_HELIO", velocity, "heliocentric radial velocity (km/s)")?;
    }
    put(sci, "SPORDER", 1i64, "spectral order number")?;
    for header in [&mut *sci, &mut *err, dq] {
        coordinates(report, header)?;
    }
    if let Some(flux) = &report.flux {
        for header in [&mut *sci, &mut *err] {
            put(
                header,
                "BUNIT",
                SURFACE_BRIGHTNESS,
                "units for flux-calibrated data",
            )?;
        }
        put_single(
            sci,
            "DIFF2PT",
            flux.diff2pt,
            "diffuse to point source conversion factor",
        )?;
        let emission = "continuum to emission line conversion factor";
        put_single(sci, "CONT2EML", flux.cont2eml, emission)?;
        put_single(
            sci,
            "SCALE_A1",
            flux.scale_a1,
            "arcsec / pixel in dispersion direction",
        )?;
        put(sci, "OMEGAPIX", flux.omegapix, "pixel area, arcsec^2")?;
    }
    match &report.statistics {
        Some(statistics) => statistics.record(sci, err),
        None => Ok(()),
    }
}

fn coordinates(report: &X2dReport, header: &mut Header) -> Result<()> {
    let grid = &report.grid;
    let values = [
        ("LTV1", 0.0),
        ("LTV2", 0.0),
        ("CRPIX1", grid.crpix.0 + 1.0),
        ("CRPIX2", grid.crpix.1 + 1.0),
        ("CRVAL1", grid.crval.0),
        ("CRVAL2", grid.crval.1),
        ("CD1_1", grid.cdelt.0),
        ("CD1_2", 0.0),
        ("CD2_1", 0.0),
        ("CD2_2", grid.cdelt.1 / 3600.0),
    ];
    for (keyword, value) in values {
        set(header, keyword, value)?;
    }
    put(header, "CUNIT1", "angstrom", "units for first axis coordinates")
}

/// Records in the primary header what was done: switches, and HISTORY with the reference files and their rows.
///
/// # Errors
/// As [`record_imset`]; [`crate::Error::Keyword`] and [`crate::Error::ReferenceTable`] where header or tables are not those
/// that the imset was rectified with.
pub fn record(primary: &mut Header, report: &X2dReport, references: &References) -> Result<()> {
    set(primary, "X2DCORR", "COMPLETE")?;
    set(primary, "DISPCORR", "COMPLETE")?;
    history(primary, "X2DCORR complete ...")?;
    let tables = ["SDCTAB", "APDESTAB", "DISPTAB", "INANGTAB", "SPTRCTAB"];
    name(primary, &tables, references)?;
    if report.v_helio_km_s.is_some() {
        set(primary, "HELCORR", "COMPLETE")?;
        history(primary, "HELCORR complete")?;
    }
    if let Some(flux) = &report.flux {
        set(primary, "FLUXCORR", "COMPLETE")?;
        history(primary, "FLUXCORR complete ...")?;
        name(primary, &["PHOTTAB", "APERTAB"], references)?;
        match flux.pctcorr {
            true => name(primary, &["PCTAB"], references)?,
            false => history(primary, "  Note:  PCTAB correction was not included in DIFF2PT")?,
        }
        match flux.tdscorr {
            true => {
                if let Some(tdstab) = references.get("TDSTAB") {
                    record_table(primary, tdstab, "")?;
                }
            }
            false => history(primary, "  Note:  TDSTAB correction was not included in fluxcorr")?,
        }
        for why in &flux.left_out {
            history(primary, &format!("  Note:  {why}"))?;
        }
    }
    match report.statistics {
        Some(_) => history(primary, "Statistics computed"),
        None => Ok(()),
    }
}

fn name(primary: &mut Header, tables: &[&str], references: &References) -> Result<()> {
    let mode = SpectralMode::of(primary)?;
    for reference in tables.iter().filter_map(|table| references.get(table)) {
        record_mode(primary, &mode, reference)?;
    }
    Ok(())
}
