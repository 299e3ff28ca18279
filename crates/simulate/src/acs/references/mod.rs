//! The reference files: what the simulated camera is like, in the forms in which calibration asks for it.
//!
//! They cover what is read: those of a subarray have its size, as the archive's own subarray biases have, but for full
//! wells and sink pixels. Errors that are the same everywhere, and flags where there are none, are constant arrays
//! without pixels.

mod distortion;
mod images;
mod photometry;
mod tables;
mod transfer;

use super::camera::{Detector, Era};
use super::{AcsVisit, Set, stem};
use crate::cards::Cards;
use crate::{Error, Extension, Result, SimulatedFile};
use firstlight_fits::{Column, Header, Table, Value};

/// Dead time of the MAMA, s.
pub const DEAD_TIME_S: f64 = 2.9e-7;
/// Time after the exposure during which dark current goes on, s, without post-flash and with it.
pub const UNFLASHED_OVERHEAD_S: f64 = 3.0;
/// See [`UNFLASHED_OVERHEAD_S`].
pub const FLASHED_OVERHEAD_S: f64 = 4.8;

/// A reference file that the simulated exposures name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kind {
    keyword: &'static str,
    suffix: &'static str,
    filetype: &'static str,
    descrip: &'static str,
}

const fn kind(
    keyword: &'static str,
    suffix: &'static str,
    filetype: &'static str,
    descrip: &'static str,
) -> Kind {
    Kind {
        keyword,
        suffix,
        filetype,
        descrip,
    }
}

const BPIXTAB: Kind = kind(
    "BPIXTAB",
    "bpx",
    "BAD PIXELS",
    "Bad columns and hot columns of the bias",
);
const CCDTAB: Kind = kind("CCDTAB", "ccd", "CCD PARAMETERS", "Gains, noises and levels");
const OSCNTAB: Kind = kind("OSCNTAB", "osc", "OVERSCAN", "Overscan regions");
const BIASFILE: Kind = kind("BIASFILE", "bia", "BIAS", "Superbias");
const SATUFILE: Kind = kind("SATUFILE", "sat", "SATURATION", "Full wells");
const CRREJTAB: Kind = kind("CRREJTAB", "crr", "COSMIC RAY REJECTION", "Rejection parameters");
const DARKFILE: Kind = kind("DARKFILE", "drk", "DARK", "Superdark");
const DRKCFILE: Kind = kind("DRKCFILE", "dkc", "CTEDARK", "Superdark without trails");
const PFLTFILE: Kind = kind("PFLTFILE", "pfl", "PIXEL-TO-PIXEL FLAT", "Flat field");
const IMPHTTAB: Kind = kind("IMPHTTAB", "imp", "IMAGE PHOTOMETRY TABLE", "Sensitivities");
const PCTETAB: Kind = kind("PCTETAB", "cte", "PIXCTE", "Traps of columns and registers");
const SNKCFILE: Kind = kind("SNKCFILE", "snk", "SINK PIXELS", "Sink pixels");
const FLSHFILE: Kind = kind("FLSHFILE", "fls", "POST FLASH", "Post-flash lamp");
const IDCTAB: Kind = kind("IDCTAB", "idc", "DISTORTION COEFFICIENTS", "Distortion");
const MLINTAB: Kind = kind("MLINTAB", "lin", "LINEARITY", "Dead time and limits");

/// The files that the calibration of a visit asks for, and its coordinate systems.
fn kinds(visit: &AcsVisit) -> Vec<Kind> {
    let mut kinds = kinds_of_calibration(visit);
    if visit.optics.is_some() {
        kinds.push(IDCTAB);
    }
    kinds
}

fn kinds_of_calibration(visit: &AcsVisit) -> Vec<Kind> {
    let options = &visit.options;
    if options.detector == Detector::Sbc {
        return vec![BPIXTAB, MLINTAB, DARKFILE, PFLTFILE, IMPHTTAB];
    }
    let mut kinds = vec![BPIXTAB, CCDTAB, OSCNTAB, BIASFILE, SATUFILE, CRREJTAB];
    if options.set == Set::Bias {
        return kinds;
    }
    kinds.extend([DARKFILE, PFLTFILE, IMPHTTAB]);
    if options.has_losses() {
        kinds.extend([PCTETAB, DRKCFILE]);
    }
    if options.detector == Detector::Wfc && options.era == Era::AfterSm4 {
        kinds.push(SNKCFILE);
    }
    if options.flash > 0.0 {
        kinds.push(FLSHFILE);
    }
    kinds
}

/// Names as the archive's: nine characters of which the last tells the instrument, and a suffix.
fn name(visit: &AcsVisit, kind: Kind) -> String {
    let camera = &stem(&visit.options)[3..4];
    format!(
        "fl{camera}0000{}j_{}.fits",
        visit.options.era.digit(),
        kind.suffix
    )
}

/// Keywords and names.
pub fn named(visit: &AcsVisit) -> Vec<(&'static str, String)> {
    let kinds = kinds(visit).into_iter();
    kinds.map(|kind| (kind.keyword, name(visit, kind))).collect()
}

/// Names in the order of [`file`].
pub fn names(visit: &AcsVisit) -> Vec<String> {
    kinds(visit).into_iter().map(|kind| name(visit, kind)).collect()
}

/// The `index`-th file.
pub fn file(visit: &AcsVisit, index: usize) -> Option<Result<SimulatedFile>> {
    kinds(visit).get(index).map(|&kind| make(visit, kind))
}

fn make(visit: &AcsVisit, kind: Kind) -> Result<SimulatedFile> {
    let extensions = match kind.keyword {
        "BPIXTAB" => tables::bad_pixels(visit)?,
        "CCDTAB" => tables::ccd(visit)?,
        "OSCNTAB" => tables::overscan(visit)?,
        "CRREJTAB" => tables::rejection()?,
        "MLINTAB" => tables::linearity()?,
        "IMPHTTAB" => photometry::tables(visit)?,
        "PCTETAB" => transfer::extensions(visit)?,
        "IDCTAB" => distortion::tables(visit)?,
        keyword => images::imsets(visit, keyword)?,
    };
    Ok(SimulatedFile {
        name: name(visit, kind),
        primary: primary(visit, kind, extensions.len())?,
        extensions,
    })
}

fn primary(visit: &AcsVisit, kind: Kind, extensions: usize) -> Result<Header> {
    let mut cards = Cards(Header::new());
    cards.opening(
        "ACS",
        extensions as i64,
        "2016-12-01",
        (&name(visit, kind), kind.filetype),
    )?;
    let detector = visit.options.detector.name();
    cards.card("DETECTOR", detector, "detector in use: WFC, HRC, or SBC")?;
    let useafter = match visit.options.era {
        Era::BeforeSm4 => "Mar 01 2002 00:00:00",
        Era::AfterSm4 => "May 12 2009 00:00:00",
    };
    cards.card("USEAFTER", useafter, "date after which this file is used")?;
    cards.card("PEDIGREE", "MODEL", "type of source of the data")?;
    let descrip = format!("{} of a simulated camera", kind.descrip);
    cards.card("DESCRIP", format!("{descrip:-<67}"), "")?;
    let (filter1, filter2) = visit.options.detector.filters();
    let own: Vec<(&str, Value, &str)> = match kind.keyword {
        "PFLTFILE" => vec![
            ("FILTER1", filter1.into(), "element selected from filter wheel 1"),
            ("FILTER2", filter2.into(), "element selected from filter wheel 2"),
            ("OBSTYPE", "IMAGING".into(), "observation type"),
        ],
        "FLSHFILE" => vec![("FLASHCUR", "LOW".into(), "post flash current")],
        "IMPHTTAB" => photometry::primary_cards(),
        "PCTETAB" => transfer::primary_cards(),
        "IDCTAB" => distortion::primary_cards(visit.options.detector),
        _ => Vec::new(),
    };
    for (keyword, value, comment) in own {
        cards.card(keyword, value, comment)?;
    }
    cards.history("Simulated by firstlight: it describes a camera that there is not.")?;
    Ok(cards.0)
}

/// A table extension.
fn table(name: &str, version: i64, columns: Vec<Column>) -> Result<Extension> {
    let mut cards = Cards(Header::new());
    cards.card("EXTNAME", name, "extension name")?;
    cards.card("EXTVER", version, "extension version number")?;
    let mut table = Table::new();
    for column in columns {
        table.push(column).map_err(Error::Header)?;
    }
    Ok(Extension::Table(cards.0, table))
}
