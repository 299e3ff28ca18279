//! A headerlet made of the coordinates of an exposure.

use super::Headerlet;
use crate::keywords::real;
use crate::update::ScienceFile;
use crate::update::alternate::{description, letters};
use crate::update::names::DistortionNames;
use crate::update::science::{Content, ScienceHdu, extension_name, extension_version, put, text};
use crate::{Error, Result};
use firstlight_fits::{Array, Header, Value};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Look-up tables of a file, by the position of their extension.
pub type Tables = HashMap<usize, Array<f32>>;

/// What a headerlet is made of, and what is said of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct CreateOptions {
    /// Name of the headerlet (HDRNAME) [default: that of the description].
    #[cfg_attr(feature = "clap", arg(long))]
    pub hdrname: Option<String>,
    /// Letter of the description [default: the one that counts].
    #[cfg_attr(feature = "clap", arg(long))]
    pub wcskey: Option<char>,
    /// Name of the description (WCSNAME), in place of its letter.
    #[cfg_attr(feature = "clap", arg(long))]
    pub wcsname: Option<String>,
    /// Who made the solution.
    #[cfg_attr(feature = "clap", arg(long))]
    pub author: Option<String>,
    /// The solution in a few words.
    #[cfg_attr(feature = "clap", arg(long))]
    pub descrip: Option<String>,
    /// The catalogue that it was fitted to.
    #[cfg_attr(feature = "clap", arg(long))]
    pub catalog: Option<String>,
    /// The solution at length.
    #[cfg_attr(feature = "clap", arg(long))]
    pub history: Option<String>,
}

/// Makes a headerlet of one description of all images. `tables` holds the samples of WCSDVARR and D2IMARR, `date` is
/// that of today.
///
/// # Errors
/// [`Error::Headerlet`] where there is no such description; it cannot be that of the pipeline (`O`), which every file
/// has.
pub fn create(file: &ScienceFile, tables: &Tables, options: &CreateOptions, date: &str) -> Result<Headerlet> {
    let images = file.named("SCI");
    let first = images
        .first()
        .map(|&at| &file.hdus[at].header)
        .ok_or_else(|| Error::NoExtension {
            name: "SCI".to_owned(),
        })?;
    let letter = letter(first, options)?;
    let name = text(first, &format!("WCSNAME{letter}"));
    let named = |name: &Option<String>, otherwise: &str| name.clone().unwrap_or_else(|| otherwise.to_owned());
    let hdrname = match options.hdrname.clone() {
        Some(given) => given,
        None => match text(first, &format!("HDRNAME{letter}")) {
            old if !old.is_empty() => old,
            _ => name.clone(),
        },
    };
    if hdrname.is_empty() {
        let reason = "the description has no name; give the headerlet one (hdrname)".to_owned();
        return Err(Error::Headerlet { name, reason });
    }
    let mut headerlet = Headerlet {
        hdus: vec![ScienceHdu {
            header: primary(file, &hdrname, &named(&options.wcsname, &name), date, options)?,
            content: Content::Kept(0),
        }],
    };
    for &at in &images {
        let image = &file.hdus[at].header;
        headerlet.hdus.push(ScienceHdu {
            header: of_image(image, &letter)?,
            content: Content::Kept(0),
        });
        for (record, extension) in [("DP", "WCSDVARR"), ("D2IM", "D2IMARR")] {
            for axis in 1..=2 {
                headerlet
                    .hdus
                    .extend(table(file, tables, image, &format!("{record}{axis}"), extension)?);
            }
        }
    }
    Ok(headerlet)
}

fn letter(image: &Header, options: &CreateOptions) -> Result<String> {
    let known = letters(image);
    let none = |what: String| Error::Headerlet {
        name: options.hdrname.clone().unwrap_or_default(),
        reason: format!(
            "there is no description {what}; there are {}",
            names(image, &known)
        ),
    };
    let letter = match (&options.wcskey, &options.wcsname) {
        (Some(' '), _) | (None, None) => String::new(),
        (Some(key), _) => {
            let key = key.to_ascii_uppercase().to_string();
            if !known.contains(&key) {
                return Err(none(key));
            }
            key
        }
        (None, Some(name)) => std::iter::once(String::new())
            .chain(known.clone())
            .find(|letter| text(image, &format!("WCSNAME{letter}")).eq_ignore_ascii_case(name.trim()))
            .ok_or_else(|| none(name.clone()))?,
    };
    if letter == "O" {
        let reason =
            "description O is the pipeline's, which every file has; headerlets are made of others".to_owned();
        return Err(Error::Headerlet {
            name: "OPUS".to_owned(),
            reason,
        });
    }
    Ok(letter)
}

fn names(image: &Header, letters: &[String]) -> String {
    let name = |letter: &str| format!("{letter} ({})", text(image, &format!("WCSNAME{letter}")));
    let mut all = vec![name("").trim().to_owned()];
    all.extend(letters.iter().map(|letter| name(letter)));
    all.join(", ")
}

fn primary(
    file: &ScienceFile,
    hdrname: &str,
    wcsname: &str,
    date: &str,
    options: &CreateOptions,
) -> Result<Header> {
    let science = file.primary()?;
    let models = DistortionNames::of(file)?;
    let distname = match text(science, "DISTNAME") {
        empty if empty.is_empty() => models.together(),
        known => known,
    };
    let given = |value: &Option<String>| value.clone().unwrap_or_default();
    let of_science = |keyword: &str| match text(science, keyword) {
        empty if empty.is_empty() => "N/A".to_owned(),
        named => named,
    };
    let rows = [
        ("DESTIM", text(science, "ROOTNAME"), "exposure that this is for"),
        ("HDRNAME", hdrname.to_owned(), "name of the headerlet"),
        ("DATE", date.to_owned(), "when it was made"),
        ("WCSNAME", wcsname.to_owned(), "name of the coordinate system"),
        ("DISTNAME", distname, "names of the distortion models"),
        ("SIPNAME", models.sip, "name of the polynomial distortion model"),
        (
            "NPOLFILE",
            of_science("NPOLFILE"),
            "reference file of look-up tables",
        ),
        (
            "D2IMFILE",
            of_science("D2IMFILE"),
            "reference file from detector to image",
        ),
        (
            "IDCTAB",
            of_science("IDCTAB"),
            "reference file of the polynomials",
        ),
        ("AUTHOR", given(&options.author), "who made the solution"),
        ("DESCRIP", given(&options.descrip), "the solution in a few words"),
        (
            "CATALOG",
            given(&options.catalog),
            "catalogue that it was fitted to",
        ),
        (
            "UPWCSVER",
            text(science, "UPWCSVER"),
            "software that made the coordinates",
        ),
        (
            "PYWCSVER",
            text(science, "PYWCSVER"),
            "software that made the coordinates",
        ),
    ];
    let mut header = Header::new();
    for (keyword, value, comment) in rows {
        put(&mut header, keyword, value, comment)?;
    }
    let first = file.named("SCI").first().map(|&at| &file.hdus[at].header);
    for keyword in ["RMS_RA", "RMS_DEC", "NMATCH"] {
        let value = first
            .and_then(|image| image.get(keyword))
            .unwrap_or(Value::Integer(0));
        put(&mut header, keyword, value, "of the fit")?;
    }
    for line in options.history.iter().flat_map(|history| history.lines()) {
        header.push_commentary("HISTORY", line)?;
    }
    Ok(header)
}

/// The description of one image with all its distortion keywords.
fn of_image(image: &Header, letter: &str) -> Result<Header> {
    let mut header = Header::new();
    put(&mut header, "EXTNAME", "SIPWCS", "coordinates of one image")?;
    put(
        &mut header,
        "EXTVER",
        extension_version(image),
        "number of the image",
    )?;
    for (stem, value, comment) in description(image, letter)? {
        put(&mut header, stem, value, comment)?;
    }
    put(
        &mut header,
        "WCSNAME",
        text(image, &format!("WCSNAME{letter}")),
        "name of the coordinate system",
    )?;
    let is_distortion = |keyword: &str| {
        let stem = keyword.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
        keyword == "A_ORDER"
            || keyword == "B_ORDER"
            || ["A", "B", "AP", "BP"].contains(&stem) && keyword.contains('_')
            || ["D2IMDIS", "D2IM", "D2IMERR", "CPDIS", "DP", "CPERR"].contains(&stem)
                && stem.len() < keyword.len()
            || ["D2IMEXT", "NPOLEXT", "OCX10", "OCX11", "OCY10", "OCY11"].contains(&keyword)
            || keyword.starts_with("IDC") && keyword != "IDCTAB"
    };
    header_extend(&mut header, image, is_distortion);
    let cd = crate::update::alternate::matrix(image, letter)?;
    let orientation = cd[0][1].atan2(cd[1][1]).to_degrees();
    put(
        &mut header,
        "ORIENTAT",
        orientation,
        "position angle of the y axis, deg east of north",
    )?;
    if let Some(factor) = real(image, "VAFACTOR")? {
        put(&mut header, "VAFACTOR", factor, "velocity aberration")?;
    }
    put(
        &mut header,
        "TG_ENAME",
        extension_name(image),
        "EXTNAME of the image",
    )?;
    put(
        &mut header,
        "TG_EVER",
        extension_version(image),
        "EXTVER of the image",
    )?;
    Ok(header)
}

fn header_extend(header: &mut Header, from: &Header, wanted: impl Fn(&str) -> bool) {
    let cards = from
        .cards()
        .iter()
        .filter(|card| !card.is_commentary() && wanted(card.keyword()));
    header.extend(cards.cloned().collect::<Vec<_>>());
}

/// The table that a record of an image refers to, if it does.
fn table(
    file: &ScienceFile,
    tables: &Tables,
    image: &Header,
    record: &str,
    extension: &str,
) -> Result<Option<ScienceHdu>> {
    let Some(version) = image.record(record, "EXTVER") else {
        return Ok(None);
    };
    let missing = || Error::BadTable {
        keyword: record.to_owned(),
        extension: format!("{extension},{version}"),
        reason: "is not in the file".to_owned(),
    };
    let at = file.find(extension, version as i64).ok_or_else(missing)?;
    let hdu = &file.hdus[at];
    let samples = match &hdu.content {
        Content::Image(samples) => samples.clone(),
        _ => tables.get(&at).cloned().ok_or_else(missing)?,
    };
    Ok(Some(ScienceHdu {
        header: hdu.header.clone(),
        content: Content::Image(samples),
    }))
}
