//! What the headers say of an extracted spectrum.

use super::doubts::of_location;
use super::{Extracted, X1dReport};
use crate::References;
use crate::Result;
use crate::record::{history, put, record_table, set};
use firstlight_frame::fits::Header;

/// Keywords of an image that a table does not have.
const OF_IMAGES: [&str; 23] = [
    "XTENSION", "BITPIX", "NAXIS", "NAXIS1", "NAXIS2", "PCOUNT", "GCOUNT", "ORIGIN", "DATE", "BUNIT",
    "CTYPE1", "CTYPE2", "CRPIX1", "CRPIX2", "CRVAL1", "CRVAL2", "CD1_1", "CD1_2", "CD2_1", "CD2_2", "CUNIT1",
    "CUNIT2", "BSCALE",
];

/// The header of the table: that of the SCI without what tells of images and their coordinates, with where the spectrum
/// was found (CRSCROFF) and V_HELIO.
///
/// # Errors
/// [`crate::Error::Frame`] where a card cannot be written.
pub fn table_header(sci: &Header, extracted: &Extracted) -> Result<Header> {
    let mut header = sci.clone();
    header.retain(|card| !OF_IMAGES.contains(&card.keyword()));
    let offset = extracted.report.location.offset;
    put(
        &mut header,
        "CRSCROFF",
        offset,
        "offset from 1-D extraction cross-corr.",
    )?;
    if let Some(velocity) = extracted.report.v_helio_km_s {
        put(
            &mut header,
            "V_HELIO",
            velocity,
            "heliocentric radial velocity (km/s)",
        )?;
        header
            .set_comment("V_HELIO", "heliocentric radial velocity (km/s)")
            .map_err(firstlight_frame::Error::from)?;
    }
    Ok(header)
}

/// Records in the primary header of the table what was done: switches, XTRACALG, NEXTEND, and HISTORY with the reference
/// files.
///
/// # Errors
/// [`crate::Error::Frame`] where a card cannot be written.
pub fn record(primary: &mut Header, report: &X1dReport, references: &References) -> Result<()> {
    let done = &report.done;
    step(
        primary,
        "X1DCORR performed ...",
        &["SPTRCTAB", "XTRACTAB"],
        references,
    )?;
    set(primary, "X1DCORR", "COMPLETE")?;
    if done.backcorr {
        step(primary, "BACKCORR performed ...", &["XTRACTAB"], references)?;
        set(primary, "BACKCORR", "COMPLETE")?;
    }
    if done.dispcorr {
        let tables = ["DISPTAB", "INANGTAB", "APDESTAB"];
        step(primary, "DISPCORR performed ...", &tables, references)?;
        set(primary, "DISPCORR", "COMPLETE")?;
    }
    if report.v_helio_km_s.is_some() {
        history(primary, "HELCORR performed (no reference file needed)")?;
        set(primary, "HELCORR", "COMPLETE")?;
    }
    if let Some(flux) = &report.flux {
        let used = [
            (true, "PHOTTAB"),
            // One without a row is told of instead.
            (
                !flux.left_out.iter().any(|why| why.starts_with("PCTAB ")),
                "PCTAB",
            ),
            (true, "APERTAB"),
            (flux.gaccorr, "GACTAB"),
            (flux.ctecorr, "CCDTAB"),
            (flux.tdscorr, "TDSTAB"),
        ];
        let tables: Vec<&str> = used
            .iter()
            .filter(|(used, _)| *used)
            .map(|(_, table)| *table)
            .collect();
        step(primary, "FLUXCORR performed ...", &tables, references)?;
        for why in &flux.left_out {
            history(primary, &format!("  Note: {why}"))?;
        }
        set(primary, "FLUXCORR", "COMPLETE")?;
        if flux.ctecorr {
            set(primary, "CTECORR", "COMPLETE")?;
        }
    }
    if let Some(velocity) = report.v_helio_km_s {
        let velocity = six_digits(velocity);
        history(primary, &format!("Heliocentric correction = {velocity} km/s"))?;
    }
    if let Some(doubt) = of_location(&report.location) {
        history(primary, &format!("Note: {doubt}"))?;
    }
    set(primary, "XTRACALG", "UNWEIGHTED")?;
    set(primary, "NEXTEND", 1i64)
}

fn step(primary: &mut Header, words: &str, tables: &[&str], references: &References) -> Result<()> {
    history(primary, words)?;
    for reference in tables.iter().filter_map(|table| references.get(table)) {
        record_table(primary, reference, "")?;
    }
    Ok(())
}

/// A number with six digits that count, without zeros at its end.
fn six_digits(number: f64) -> String {
    if number == 0.0 || !number.is_finite() {
        return number.to_string();
    }
    let decimals = (5 - number.abs().log10().floor() as i32).clamp(0, 12) as usize;
    let text = format!("{number:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}
