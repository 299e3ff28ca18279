//! Headers of raw exposures, truth images and associations.

mod association;
mod cards;
mod planes;

pub use association::association;
pub use planes::{raw_imset, truth_imset};

use super::camera::{Detector, Era};
use super::sky::{TARGET, TARGET_DEG};
use super::{AcsVisit, Plan, Set, references, stem};
use crate::Result;
use crate::calendar::date_and_time;
use crate::cards::Cards;
use cards::{Line, PRIMARY};
use firstlight_fits::{Header, Value};
use std::collections::BTreeMap;

/// What of the plan's values the exposure has otherwise.
type Own = BTreeMap<&'static str, Value>;

/// The primary header of a raw exposure.
pub fn primary(visit: &AcsVisit, plan: &Plan) -> Result<Header> {
    let mut own = exposure_cards(visit, plan);
    camera_cards(visit, &mut own);
    switch_cards(visit, &mut own);
    association_cards(visit, plan, &mut own);
    for (keyword, name) in references::named(visit) {
        own.insert(keyword, format!("jref${name}").into());
    }
    let mama = visit.options.detector == Detector::Sbc;
    let mut cards = Cards(Header::new());
    for line in PRIMARY {
        let (keyword, set, comment) = match *line {
            Line::Title(title) => {
                cards.section(title)?;
                continue;
            }
            Line::Ccd(..) if mama => continue,
            Line::Mama(..) if !mama => continue,
            Line::All(keyword, set, comment)
            | Line::Ccd(keyword, set, comment)
            | Line::Mama(keyword, set, comment) => (keyword, set, comment),
        };
        let value = own.remove(keyword).unwrap_or_else(|| match set {
            cards::Set::T(text) => text.into(),
            cards::Set::I(number) => number.into(),
            cards::Set::R(number) => number.into(),
            cards::Set::L(logical) => logical.into(),
        });
        cards.card(keyword, value, comment)?;
        if keyword == "CCDOFSTD" && visit.options.era == Era::AfterSm4 {
            cards.card("JWROTYPE", "DS_int", "CCD readout type")?;
        }
    }
    cards.history("Simulated by firstlight; no photon of this file came from a telescope.")?;
    cards.history(&format!("Simulation seed {}.", visit.options.seed))?;
    Ok(cards.0)
}

fn exposure_cards(visit: &AcsVisit, plan: &Plan) -> Own {
    let options = &visit.options;
    let (date, time) = date_and_time(plan.start_mjd);
    let bias = options.set == Set::Bias;
    let scale = options.detector.scale_arcsec();
    let image_type = if bias { "BIAS" } else { "EXT" };
    let target = if bias { "BIAS" } else { TARGET };
    let end = plan.start_mjd + options.exptime / 86_400.0;
    Own::from([
        ("NEXTEND", (3 * visit.sections.len() as i64).into()),
        ("DATE", date.clone().into()),
        ("FILENAME", format!("{}_raw.fits", plan.rootname).into()),
        ("ROOTNAME", plan.rootname.clone().into()),
        ("IMAGETYP", image_type.into()),
        ("TARGNAME", target.into()),
        ("RA_TARG", TARGET_DEG.0.into()),
        ("DEC_TARG", TARGET_DEG.1.into()),
        ("LINENUM", format!("01.{:03}", plan.number + 1).into()),
        ("DATE-OBS", date.into()),
        ("TIME-OBS", time.into()),
        ("EXPSTART", plan.start_mjd.into()),
        ("EXPEND", end.into()),
        ("EXPTIME", options.exptime.into()),
        ("DARKTIME", options.exptime.into()),
        ("PA_V3", options.era.pa_v3_deg().into()),
        ("POSTARG1", (-plan.dither.0 * scale).into()),
        ("POSTARG2", (-plan.dither.1 * scale).into()),
    ])
}

fn camera_cards(visit: &AcsVisit, own: &mut Own) {
    let options = &visit.options;
    let (filter1, filter2) = options.detector.filters();
    let filter1 = match (options.set, options.detector) {
        (Set::Bias, Detector::Wfc) => "CLEAR1L",
        (Set::Bias, _) => "CLEAR1S",
        _ => filter1,
    };
    let aperture = match options.subarray {
        Some(subarray) => subarray.aperture(),
        None => options.detector.name(),
    };
    own.extend([
        ("DETECTOR", options.detector.name().into()),
        ("SUBARRAY", options.subarray.is_some().into()),
        ("FILTER1", filter1.into()),
        ("FILTER2", filter2.into()),
        ("APERTURE", aperture.into()),
        ("PROPAPER", aperture.into()),
        ("CCDAMP", Value::from(amplifiers(visit))),
        ("CCDGAIN", f64::from(options.gain).into()),
    ]);
    if options.flash > 0.0 {
        own.extend([
            ("FLASHDUR", options.flash.into()),
            ("FLASHCUR", "LOW".into()),
            ("FLASHSTA", "SUCCESSFUL".into()),
        ]);
    }
}

/// As in `CCDAMP`.
pub fn amplifiers(visit: &AcsVisit) -> String {
    let regions = visit.sections.iter().flat_map(|section| &section.regions);
    let mut letters: Vec<char> = regions.map(|region| region.amplifier.letter()).collect();
    letters.sort_unstable();
    letters.into_iter().collect()
}

fn switch_cards(visit: &AcsVisit, own: &mut Own) {
    let options = &visit.options;
    let perform = |condition: bool| Value::from(if condition { "PERFORM" } else { "OMIT" });
    let wfc = options.detector == Detector::Wfc;
    let bias = options.set == Set::Bias;
    let several = options.members > 1;
    let after = options.era == Era::AfterSm4;
    for keyword in ["DARKCORR", "FLATCORR", "PHOTCORR"] {
        own.insert(keyword, perform(!bias));
    }
    let split = matches!(options.set, Set::CrSplit | Set::Bias) && several;
    own.extend([
        ("CRCORR", perform(split)),
        ("RPTCORR", perform(options.set == Set::Repeat && several)),
        ("FLSHCORR", perform(options.flash > 0.0 && !bias)),
        ("PCTECORR", perform(options.has_losses() && !bias)),
        ("SINKCORR", perform(wfc && after && !bias)),
        ("DRIZCORR", perform(false)),
    ]);
}

fn association_cards(visit: &AcsVisit, plan: &Plan, own: &mut Own) {
    let options = &visit.options;
    let Some((kind, _)) = association::kinds(visit) else {
        return;
    };
    let stem = stem(options);
    own.extend([
        ("ASN_ID", format!("{}010", stem.to_uppercase()).into()),
        ("ASN_TAB", format!("{stem}010_asn.fits").into()),
        ("ASN_MTYP", kind.into()),
    ]);
    let members = options.members as i64;
    match options.set {
        Set::CrSplit | Set::Bias => {
            own.insert("CRSPLIT", members.into());
        }
        Set::Repeat => {
            own.insert("NRPTEXP", members.into());
        }
        Set::Dither => own.extend([
            ("PATTERN1", Value::from("LINE")),
            ("P1_NPTS", members.into()),
            ("PATTSTEP", (plan.number as i64 + 1).into()),
        ]),
        Set::Single => {}
    }
}

/// The primary header of a truth image.
pub fn truth_primary(visit: &AcsVisit, plan: &Plan) -> Result<Header> {
    let mut cards = Cards(Header::new());
    let name = format!("{}_truth.fits", plan.rootname);
    let date = date_and_time(plan.start_mjd).0;
    cards.opening("ACS", 2 * visit.sections.len() as i64, &date, (&name, "TRUTH"))?;
    let rootname = "rootname of the observation set";
    cards.card("ROOTNAME", plan.rootname.as_str(), rootname)?;
    let detector = visit.options.detector.name();
    cards.card("DETECTOR", detector, "detector in use: WFC, HRC, or SBC")?;
    let exptime = "exposure duration (seconds)--calculated";
    cards.card("EXPTIME", visit.options.exptime, exptime)?;
    cards.history("What was there before charge was transferred and read: simulated by firstlight.")?;
    Ok(cards.0)
}
