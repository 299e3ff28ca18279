//! What a file's headers say, in the terms of the archive's catalogue.

use super::footprint;
use crate::Result;
use firstlight_fits::{FitsFile, Header, Value};
use firstlight_frame::Association;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What the catalogue needs to know of one file. Times are Modified Julian Dates, angles degrees.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// `ROOTNAME`, lower case; the file name up to its last underscore where there is none.
    pub root: String,
    /// What follows the last underscore of the file name, upper case: `FLT`.
    pub suffix: String,
    /// `HST`, or what `TELESCOP` says.
    pub collection: String,
    /// `INSTRUME/DETECTOR`.
    pub instrument: Option<String>,
    /// Elements in the light's way, separated by semicolons.
    pub filters: Option<String>,
    /// `TARGNAME`.
    pub target: Option<String>,
    /// `PROPOSID`.
    pub proposal: Option<String>,
    /// Last name of the principal investigator.
    pub investigator: Option<String>,
    /// Title of the programme.
    pub title: Option<String>,
    /// Whether light of the sky was meant to arrive.
    pub science: bool,
    /// Whether `OBSTYPE` is spectroscopic.
    pub spectrum: bool,
    /// Start.
    pub start: Option<f64>,
    /// End.
    pub end: Option<f64>,
    /// Exposure time, seconds.
    pub exptime: Option<f64>,
    /// Target.
    pub ra: Option<f64>,
    /// See `ra`.
    pub dec: Option<f64>,
    /// Footprint on the sky.
    pub region: Option<String>,
    /// Wavelengths from and to, nm.
    pub wavelengths: Option<(f64, f64)>,
    /// `CAL_VER`.
    pub version: Option<String>,
    /// Of an association: the root names of its exposures.
    pub members: Option<Vec<String>>,
}

/// Reads all headers of a file.
///
/// # Errors  Where it is no FITS file, ends too early, or is an association without members' table.
pub fn read(path: &Path) -> Result<Facts> {
    let file = FitsFile::open(path)?;
    file.check_whole()?;
    let headers = Headers(&file);
    let (stem, suffix) = parts(path);
    let mut facts = Facts {
        root: headers.word("ROOTNAME").map_or(stem, |root| root.to_lowercase()),
        suffix: suffix.to_uppercase(),
        collection: collection(&headers),
        instrument: instrument(&headers),
        filters: filters(&headers),
        target: headers.word("TARGNAME"),
        proposal: headers.number_or_word("PROPOSID"),
        investigator: headers.word("PR_INV_L"),
        title: headers.word("PROPTTL1").or_else(|| headers.word("TITLE")),
        start: headers.real(&["EXPSTART", "TEXPSTRT"]),
        end: headers.real(&["EXPEND", "TEXPEND"]),
        exptime: headers.real(&["TEXPTIME", "EXPTIME"]),
        ra: headers.real(&["RA_TARG", "RA_APER"]).filter(|ra| ra.is_finite()),
        dec: headers
            .real(&["DEC_TARG", "DEC_APER"])
            .filter(|dec| dec.abs() <= 90.0),
        wavelengths: wavelengths(&headers),
        version: headers.word("CAL_VER"),
        ..Facts::default()
    };
    facts.science = is_science(&headers, facts.target.as_deref());
    facts.spectrum = headers
        .word("OBSTYPE")
        .is_some_and(|kind| kind.starts_with("SPECTRO"));
    if facts.science {
        facts.region = footprint::of(&file);
    }
    if Association::is_association_name(path) {
        let association = association(path)?;
        facts.root = association.id.clone();
        facts.members = Some(
            association
                .exposures()
                .map(|member| member.name.clone())
                .collect(),
        );
    }
    Ok(facts)
}

fn association(path: &Path) -> Result<Association> {
    Association::open(path).map_err(|error| crate::Error::Unserveable {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}

/// The file name without ending, and what follows its last underscore.
fn parts(path: &Path) -> (String, String) {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let stem = name.strip_suffix(".fits").unwrap_or(name);
    match stem.rsplit_once('_') {
        Some((root, suffix)) => (root.to_owned(), suffix.to_owned()),
        None => (stem.to_owned(), String::new()),
    }
}

/// The headers of a file as one: the primary one first.
struct Headers<'a>(&'a FitsFile);

impl Headers<'_> {
    fn all(&self) -> impl Iterator<Item = &Header> {
        self.0.hdus().iter().take(8).map(|hdu| hdu.header())
    }

    /// A text that says something.
    fn word(&self, keyword: &str) -> Option<String> {
        let texts = self.all().filter_map(|header| header.text(keyword));
        texts
            .map(|text| text.trim().to_owned())
            .find(|text| !text.is_empty())
    }

    fn number_or_word(&self, keyword: &str) -> Option<String> {
        let value = self.all().find_map(|header| header.get(keyword))?;
        match value {
            Value::Undefined => None,
            Value::Text(text) if text.trim().is_empty() => None,
            other => Some(other.to_string().trim().to_owned()),
        }
    }

    /// The first of these keywords that any header has as a number.
    fn real(&self, keywords: &[&str]) -> Option<f64> {
        keywords
            .iter()
            .find_map(|keyword| self.all().find_map(|header| header.real(keyword)))
            .filter(|number| number.is_finite())
    }
}

fn collection(headers: &Headers) -> String {
    match headers.word("TELESCOP") {
        Some(telescope) if telescope.to_uppercase().starts_with("HST") => "HST".to_owned(),
        Some(telescope) => telescope
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect(),
        None => "LOCAL".to_owned(),
    }
}

fn instrument(headers: &Headers) -> Option<String> {
    let instrument = headers.word("INSTRUME")?.to_uppercase();
    let detector = match instrument.as_str() {
        "NICMOS" => headers
            .number_or_word("CAMERA")
            .map(|camera| format!("NIC{camera}")),
        _ => headers.word("DETECTOR"),
    };
    Some(match detector {
        Some(detector) => format!("{instrument}/{detector}"),
        None => instrument,
    })
}

/// Filters and gratings, without those that let everything through.
fn filters(headers: &Headers) -> Option<String> {
    let open = |name: &str| {
        let name = name.to_uppercase();
        name.starts_with("CLEAR") || name.starts_with("N/A") || name == "NONE"
    };
    let names = ["FILTER", "FILTER1", "FILTER2", "FILTNAM1", "FILTNAM2", "OPT_ELEM"];
    let mut found: Vec<String> = Vec::new();
    for name in names.iter().filter_map(|keyword| headers.word(keyword)) {
        if !open(&name) && !found.contains(&name) {
            found.push(name);
        }
    }
    (!found.is_empty()).then(|| found.join(";"))
}

/// Darks, biases, lamps and the like are calibration.
fn is_science(headers: &Headers, target: Option<&str>) -> bool {
    const CALIBRATION: [&str; 10] = [
        "DARK",
        "BIAS",
        "FLAT",
        "INTFLAT",
        "TUNGSTEN",
        "DEUTERIUM",
        "WAVE",
        "CCDFLAT",
        "EARTH-CALIB",
        "NONE",
    ];
    let kind = headers.word("IMAGETYP").or_else(|| headers.word("EXPTYPE"));
    let calibrating = |word: Option<&str>| word.is_some_and(|word| CALIBRATION.contains(&word));
    let internal = headers.word("OBSTYPE").is_some_and(|kind| kind == "INTERNAL");
    !(internal || calibrating(kind.as_deref()) || calibrating(target))
}

/// From the pivot wavelength and width of the photometry, in nm.
fn wavelengths(headers: &Headers) -> Option<(f64, f64)> {
    let pivot = headers.real(&["PHOTPLAM"]).filter(|angstrom| *angstrom > 0.0)?;
    let width = headers.real(&["PHOTBW"]).unwrap_or(0.0).abs();
    Some(((pivot - width) / 10.0, (pivot + width) / 10.0))
}
