//! Association tables.

use crate::acs::sky::{TARGET, TARGET_DEG};
use crate::acs::{AcsVisit, Set, stem};
use crate::calendar::date_and_time;
use crate::cards::Cards;
use crate::{Extension, Member, Result, SimulatedFile};
use firstlight_fits::Header;

/// Types of the members and of the product; `None` where there is no association.
pub fn kinds(visit: &AcsVisit) -> Option<(&'static str, &'static str)> {
    if visit.options.members < 2 {
        return None;
    }
    match visit.options.set {
        Set::CrSplit | Set::Bias => Some(("EXP-CRJ", "PROD-CRJ")),
        Set::Dither => Some(("EXP-DTH", "PROD-DTH")),
        Set::Repeat => Some(("EXP-RPT", "PROD-RPT")),
        Set::Single => None,
    }
}

/// The association's file.
pub fn association(visit: &AcsVisit) -> Result<Option<SimulatedFile>> {
    let Some((of_member, of_product)) = kinds(visit) else {
        return Ok(None);
    };
    let stem = stem(&visit.options);
    let identifier = format!("{stem}010");
    let name = format!("{identifier}_asn.fits");
    let mut cards = Cards(Header::new());
    let date = date_and_time(visit.options.era.start_mjd()).0;
    cards.opening("ACS", 1, &date, (&name, "ASN_TABLE"))?;
    let upper = identifier.to_uppercase();
    cards.card("ROOTNAME", upper.as_str(), "rootname of the observation set")?;
    let target = if visit.options.set == Set::Bias {
        "BIAS"
    } else {
        TARGET
    };
    cards.card("TARGNAME", target, "proposer's target name")?;
    cards.card(
        "RA_TARG",
        TARGET_DEG.0,
        "right ascension of the target (deg) (J2000)",
    )?;
    cards.card(
        "DEC_TARG",
        TARGET_DEG.1,
        "declination of the target (deg) (J2000)",
    )?;
    let detector = visit.options.detector.name();
    cards.card("DETECTOR", detector, "detector in use: WFC, HRC, or SBC")?;
    cards.card("PROPOSID", 99_004, "PEP proposal identifier")?;
    cards.card(
        "ASN_ID",
        upper.as_str(),
        "unique identifier assigned to association",
    )?;
    cards.card("ASN_TAB", name.as_str(), "name of the association table")?;
    cards.card("ASN_PROD", false, "product created (T/F)")?;
    let status = "status of association (COMPLETE/INCOMPLETE)";
    cards.card("ASN_STAT", "COMPLETE", status)?;
    cards.history("Simulated by firstlight; no photon of this file came from a telescope.")?;
    let mut table = Cards(Header::new());
    table.card("EXTNAME", "ASN", "extension name")?;
    table.card("EXTVER", 1, "extension version number")?;
    let member = |name: String, kind: &str, present| Member {
        name: name.to_uppercase(),
        kind: kind.to_owned(),
        present,
    };
    let mut members: Vec<Member> = visit
        .exposures
        .iter()
        .map(|plan| member(plan.rootname.clone(), of_member, true))
        .collect();
    let product = if visit.options.set == Set::Dither {
        identifier
    } else {
        format!("{stem}011")
    };
    members.push(member(product, of_product, false));
    Ok(Some(SimulatedFile {
        name,
        primary: cards.0,
        extensions: vec![Extension::Members(table.0, members)],
    }))
}
