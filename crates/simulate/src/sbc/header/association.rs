//! The headers of an association.

use crate::Result;
use crate::calendar::date_and_time;
use crate::cards::Cards;
use firstlight_fits::Header;

/// The headers of an association: primary and table.
pub fn association(identifier: &str, target: &str, target_deg: (f64, f64), mjd: f64) -> Result<[Header; 2]> {
    let mut cards = Cards(Header::new());
    let lower = identifier.to_lowercase();
    let name = format!("{lower}_asn.fits");
    cards.opening("ACS", 1, &date_and_time(mjd).0, (&name, "ASN_TABLE"))?;
    cards.card("ROOTNAME", lower.as_str(), "rootname of the observation set")?;
    cards.card("TARGNAME", target, "proposer's target name")?;
    cards.card(
        "RA_TARG",
        target_deg.0,
        "right ascension of the target (deg) (J2000)",
    )?;
    cards.card(
        "DEC_TARG",
        target_deg.1,
        "declination of the target (deg) (J2000)",
    )?;
    cards.card("DETECTOR", "SBC", "detector in use: WFC, HRC, or SBC")?;
    cards.card(
        "ASN_ID",
        lower.as_str(),
        "unique identifier assigned to association",
    )?;
    cards.card(
        "ASN_TAB",
        format!("{lower}_asn.fits"),
        "name of the association table",
    )?;
    cards.card(
        "ASN_STAT",
        "COMPLETE",
        "status of association (COMPLETE/INCOMPLETE)",
    )?;
    cards.card("ASN_PROD", true, "product created (T/F)")?;
    cards.history("Simulated by firstlight; no photon of this file came from a telescope.")?;
    let mut table = Cards(Header::new());
    table.card("INHERIT", true, "inherit the primary header")?;
    table.card("EXTNAME", "ASN", "extension name")?;
    table.card("EXTVER", 1, "extension version number")?;
    table.card("ROOTNAME", lower.as_str(), "rootname of the observation set")?;
    Ok([cards.0, table.0])
}
