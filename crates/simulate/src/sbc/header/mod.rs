//! Headers as the archive's: the cards that programs and people look for, under their section titles.

mod association;
mod plane;

pub use association::association;
pub use plane::{Plane, constant, plane, science, statistics};

use crate::Result;
use crate::calendar::date_and_time;
use crate::cards::Cards;
use firstlight_fits::Header;

/// What is particular to one exposure.
#[derive(Debug, Clone)]
pub struct ExposureCards {
    /// Nine characters, lower case.
    pub rootname: String,
    /// `raw` or `flt`.
    pub suffix: &'static str,
    /// `EXT` for science, `DARK`.
    pub image_type: &'static str,
    /// `TARGNAME`.
    pub target: &'static str,
    /// `RA_TARG`, `DEC_TARG`, degrees.
    pub target_deg: (f64, f64),
    /// `PROPOSID`.
    pub proposal: i64,
    /// `FILTER1`.
    pub filter: String,
    /// Start, Modified Julian Date.
    pub expstart: f64,
    /// Position angle of the telescope's V3 axis, degrees.
    pub pa_v3_deg: f64,
    /// Seconds.
    pub exptime_s: f64,
    /// The association's identifier, upper case.
    pub association: String,
    /// `ASN_MTYP`.
    pub member_type: &'static str,
    /// `MDECODT1`, `MDECODT2`, °C.
    pub temperatures_c: (f64, f64),
    /// Side of the detector, pixels.
    pub size: usize,
    /// The simulation's seed, for the record.
    pub seed: u64,
}

/// The primary header of an exposure.
pub fn primary(of: &ExposureCards) -> Result<Header> {
    let mut cards = Cards(Header::new());
    let (date, time) = date_and_time(of.expstart);
    let expend = of.expstart + of.exptime_s / 86400.0;
    let calibrated = of.suffix == "flt";
    let done = if calibrated { "COMPLETE" } else { "PERFORM " };
    cards.opening(
        "ACS",
        3,
        &date,
        (&format!("{}_{}.fits", of.rootname, of.suffix), "SCI"),
    )?;
    cards.section("DATA DESCRIPTION KEYWORDS")?;
    cards.card(
        "ROOTNAME",
        of.rootname.as_str(),
        "rootname of the observation set",
    )?;
    cards.card("IMAGETYP", of.image_type, "type of exposure identifier")?;
    cards.card("PRIMESI", "ACS", "instrument designated as prime")?;
    cards.section("TARGET INFORMATION")?;
    cards.card("TARGNAME", of.target, "proposer's target name")?;
    cards.card(
        "RA_TARG",
        of.target_deg.0,
        "right ascension of the target (deg) (J2000)",
    )?;
    cards.card(
        "DEC_TARG",
        of.target_deg.1,
        "declination of the target (deg) (J2000)",
    )?;
    cards.section("PROPOSAL INFORMATION")?;
    cards.card("PROPOSID", of.proposal, "PEP proposal identifier")?;
    cards.section("EXPOSURE INFORMATION")?;
    cards.card(
        "DATE-OBS",
        date.as_str(),
        "UT date of start of observation (yyyy-mm-dd)",
    )?;
    cards.card(
        "TIME-OBS",
        time.as_str(),
        "UT time of start of observation (hh:mm:ss)",
    )?;
    cards.card(
        "EXPSTART",
        of.expstart,
        "exposure start time (Modified Julian Date)",
    )?;
    cards.card("EXPEND", expend, "exposure end time (Modified Julian Date)")?;
    cards.card("EXPTIME", of.exptime_s, "exposure duration (seconds)--calculated")?;
    cards.card("EXPFLAG", "NORMAL", "Exposure interruption indicator")?;
    cards.section("POINTING INFORMATION")?;
    cards.card("PA_V3", of.pa_v3_deg, "position angle of V3-axis of HST (deg)")?;
    cards.section("SCIENCE INSTRUMENT CONFIGURATION")?;
    let observation = if of.image_type == "DARK" {
        "INTERNAL"
    } else {
        "IMAGING"
    };
    cards.card(
        "OBSTYPE",
        observation,
        "observation type - imaging or spectroscopic",
    )?;
    cards.card("OBSMODE", "ACCUM", "operating mode")?;
    cards.card("SUBARRAY", false, "data from a subarray (T) or full frame (F)")?;
    cards.card("DETECTOR", "SBC", "detector in use: WFC, HRC, or SBC")?;
    cards.card(
        "FILTER1",
        of.filter.as_str(),
        "element selected from filter wheel 1",
    )?;
    cards.card("FILTER2", "N/A", "element selected from filter wheel 2")?;
    cards.card("APERTURE", "SBC", "aperture name")?;
    cards.section("CALIBRATION SWITCHES: PERFORM, OMIT, COMPLETE")?;
    let of_science = if of.image_type == "DARK" { "OMIT" } else { done };
    cards.card("DQICORR", done, "data quality initialization")?;
    cards.card("GLINCORR", done, "correct for global detector non-linearities")?;
    cards.card(
        "LFLGCORR",
        done,
        "flag pixels for local and global nonlinearities",
    )?;
    cards.card("DARKCORR", "OMIT", "Subtract dark image")?;
    cards.card("FLATCORR", of_science, "flat field data")?;
    cards.card("PHOTCORR", of_science, "populate photometric header keywords")?;
    cards.card("DRIZCORR", "PERFORM", "drizzle processing")?;
    cards.section("CALIBRATION REFERENCE FILES")?;
    for keyword in [
        "BPIXTAB", "DARKFILE", "PFLTFILE", "IDCTAB", "DGEOFILE", "MDRIZTAB", "D2IMFILE", "NPOLFILE",
        "MLINTAB", "IMPHTTAB",
    ] {
        cards.card(keyword, "N/A", "simulated")?;
    }
    cards.section("ASSOCIATION KEYWORDS")?;
    cards.card(
        "ASN_ID",
        of.association.as_str(),
        "unique identifier assigned to association",
    )?;
    let table = format!("{}_asn.fits", of.association.to_lowercase());
    cards.card("ASN_TAB", table, "name of the association table")?;
    cards.card(
        "ASN_MTYP",
        of.member_type,
        "Role of the Member in the Association",
    )?;
    cards.history("Simulated by firstlight; no photon of this file came from a telescope.")?;
    cards.history(&format!("Simulation seed {}.", of.seed))?;
    Ok(cards.0)
}
