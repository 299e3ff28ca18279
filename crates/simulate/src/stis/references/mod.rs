//! The reference files: what the simulated spectrograph is like, in the forms in which its calibration asks for it.

mod images;
mod spectral;
mod tables;

use super::StisPeriod;
use crate::cards::Cards;
use crate::{Error, Extension, Result, SimulatedFile};
use firstlight_fits::{Card, Column, ColumnData, Header, Table, Value};

/// A reference file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kind {
    keyword: &'static str,
    suffix: &'static str,
    filetype: &'static str,
}

const fn kind(keyword: &'static str, suffix: &'static str, filetype: &'static str) -> Kind {
    Kind {
        keyword,
        suffix,
        filetype,
    }
}

/// In the order of [`named`].
const KINDS: [Kind; 20] = [
    kind("BPIXTAB", "bpx", "BAD PIXELS"),
    kind("CCDTAB", "ccd", "CCD PARAMETERS"),
    kind("BIASFILE", "bia", "CCD BIAS IMAGE"),
    kind("DARKFILE", "drk", "DARK IMAGE"),
    kind("PFLTFILE", "pfl", "PIXEL-TO-PIXEL FLAT"),
    kind("LFLTFILE", "lfl", "LOW-ORDER FLAT"),
    kind("CRREJTAB", "crr", "COSMIC RAY REJECTION"),
    kind("LAMPTAB", "lmp", "TEMPLATE CAL LAMP"),
    kind("WCPTAB", "wcp", "WAVECAL PARAMETERS"),
    kind("APDESTAB", "apd", "APERTURE DESCRIPTION"),
    kind("SPTRCTAB", "1dt", "1-D SPECTRUM TRACE"),
    kind("DISPTAB", "dsp", "DISPERSION COEFFICIENTS"),
    kind("INANGTAB", "iac", "INCIDENCE ANGLE CORR"),
    kind("SDCTAB", "sdc", "2-D SPECTRUM DISTORTION"),
    kind("XTRACTAB", "1dx", "1-D EXTRACTION"),
    kind("PCTAB", "pct", "PHOTOMETRIC CORRECTION"),
    kind("PHOTTAB", "pht", "PHOTOMETRIC SENSITIVITY"),
    kind("APERTAB", "apt", "APERTURE THROUGHPUT"),
    kind("TDSTAB", "tds", "TIME-DEP SENSITIVITY"),
    kind("GACTAB", "gac", "GRATING-APERTURE CORR"),
];

const PEDIGREE: &str = "MODEL";

/// Names as the archive's: nine characters of which the last tells the instrument, and a suffix.
fn name(kind: Kind) -> String {
    format!("fls00001o_{}.fits", kind.suffix)
}

/// Keywords and names.
pub fn named() -> impl Iterator<Item = (&'static str, String)> {
    KINDS.into_iter().map(|kind| (kind.keyword, name(kind)))
}

/// The `index`-th file.
pub fn file(period: &StisPeriod, index: usize) -> Option<Result<SimulatedFile>> {
    KINDS.get(index).map(|&kind| make(period, kind))
}

/// Cards that a file has beside those of every reference file.
type Own = Vec<(&'static str, Value, &'static str)>;

fn make(period: &StisPeriod, kind: Kind) -> Result<SimulatedFile> {
    let (extensions, own) = match kind.keyword {
        "BPIXTAB" => tables::bad_pixels(period)?,
        "CCDTAB" => tables::ccd(period)?,
        "CRREJTAB" => tables::rejection()?,
        "WCPTAB" => tables::wavecal()?,
        "APDESTAB" => tables::apertures()?,
        "BIASFILE" | "DARKFILE" | "PFLTFILE" | "LFLTFILE" => images::imset(period, kind.keyword)?,
        _ => spectral::table(period, kind.keyword)?,
    };
    Ok(SimulatedFile {
        name: name(kind),
        primary: primary(kind, extensions.len(), &own)?,
        extensions,
    })
}

fn descrip(kind: Kind) -> String {
    format!(
        "{:-<67}",
        format!("{} of a simulated spectrograph", kind.filetype)
    )
}

fn primary(kind: Kind, extensions: usize, own: &Own) -> Result<Header> {
    let mut cards = Cards(Header::new());
    cards.opening(
        "STIS",
        extensions as i64,
        "2016-12-01",
        (&name(kind), kind.filetype),
    )?;
    cards.card("DETECTOR", "CCD", "detector in use: NUV-MAMA, FUV-MAMA, or CCD")?;
    cards.card(
        "USEAFTER",
        "Mar 01 2015 00:00:00",
        "date after which this file is used",
    )?;
    cards.card("PEDIGREE", PEDIGREE, "type of source of the data")?;
    cards.card("DESCRIP", descrip(kind), "")?;
    for (keyword, value, comment) in own {
        cards.card(keyword, value.clone(), comment)?;
    }
    cards.history("Simulated by firstlight: it describes a spectrograph that there is not.")?;
    Ok(cards.0)
}

/// The table extension of a kind of file, whose rows say what they are; with cards of its own.
fn table(keyword: &str, columns: Vec<Column>, own: Own) -> Result<(Vec<Extension>, Own)> {
    let mut table = Table::new();
    for column in columns {
        table.push(column).map_err(Error::Header)?;
    }
    let rows = table.rows();
    let same = |name: &str, text: &str| Column::text(name, (0..rows).map(|_| text.to_owned())).width(67);
    let description = KINDS
        .into_iter()
        .find(|kind| kind.keyword == keyword)
        .map_or(String::new(), descrip);
    for column in [same("PEDIGREE", PEDIGREE), same("DESCRIP", &description)] {
        table.push(column).map_err(Error::Header)?;
    }
    let mut header = Header::new();
    for (keyword, value, comment) in &own {
        header.push(Card::new(keyword, value.clone(), Some(comment)).map_err(Error::Header)?);
    }
    Ok((vec![Extension::Table(header, table)], own))
}

fn text<S: Into<String>>(name: &str, width: usize, values: impl IntoIterator<Item = S>) -> Column {
    Column::text(name, values).width(width)
}

/// Arrays of single precision, all of one length.
fn real_arrays(name: &str, rows: impl IntoIterator<Item = Vec<f64>>) -> Result<Column> {
    let rows: Vec<Vec<f64>> = rows.into_iter().collect();
    let each = rows.first().map_or(0, Vec::len);
    let all = rows.into_iter().flatten().map(|v| v as f32).collect();
    Column::array(name, vec![each], ColumnData::F32(all)).map_err(Error::Header)
}

/// Arrays of double precision, all of one length.
fn double_arrays(name: &str, rows: impl IntoIterator<Item = Vec<f64>>) -> Result<Column> {
    let rows: Vec<Vec<f64>> = rows.into_iter().collect();
    let each = rows.first().map_or(0, Vec::len);
    let all = rows.into_iter().flatten().collect();
    Column::array(name, vec![each], ColumnData::F64(all)).map_err(Error::Header)
}
