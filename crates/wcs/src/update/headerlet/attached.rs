//! Headerlets that are attached to a science file, as extensions HDRLET with the whole file as data.

use super::Headerlet;
use crate::Result;
use crate::update::ScienceFile;
use crate::update::science::{Content, ScienceHdu, put, text};
use firstlight_fits::{Card, Header, Value};
use serde::Serialize;

/// A headerlet that is attached to a science file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Attached {
    /// Position of its extension.
    pub extension: usize,
    /// EXTVER of its extension.
    pub version: i64,
    /// HDRNAME.
    pub hdrname: String,
    /// WCSNAME of its description.
    pub wcsname: String,
    /// Names of its distortion models.
    pub distname: String,
    /// Name of its polynomial model.
    pub sipname: String,
    /// Its reference file of look-up tables.
    pub npolfile: String,
    /// Its reference file from detector to image.
    pub d2imfile: String,
    /// When it was made.
    pub date: String,
}

/// The headerlets attached to a file, in their order.
pub fn attached(file: &ScienceFile) -> Vec<Attached> {
    let found = file.named("HDRLET").into_iter();
    found
        .map(|extension| {
            let header = &file.hdus[extension].header;
            Attached {
                extension,
                version: header.integer("EXTVER").unwrap_or(1),
                hdrname: text(header, "HDRNAME"),
                wcsname: text(header, "WCSNAME"),
                distname: text(header, "DISTNAME"),
                sipname: text(header, "SIPNAME"),
                npolfile: text(header, "NPOLFILE"),
                d2imfile: text(header, "D2IMFILE"),
                date: text(header, "DATE"),
            }
        })
        .collect()
}

/// Attaches a headerlet; `bytes` is the whole of its file.
///
/// # Errors
/// [`Error::Headerlet`](crate::Error::Headerlet) where it is another exposure's, or one of its name is attached already.
pub fn attach(file: &mut ScienceFile, headerlet: &Headerlet, bytes: Vec<u8>) -> Result<()> {
    headerlet.check_destination(file)?;
    let others = attached(file);
    if others
        .iter()
        .any(|other| other.hdrname.eq_ignore_ascii_case(&headerlet.name()))
    {
        let reason = "one of this name is attached already; delete that, or give this another name (hdrname)";
        return Err(headerlet.bad(reason.to_owned()));
    }
    let version = others.iter().map(|other| other.version).max().unwrap_or(0) + 1;
    let header = header(headerlet, version, bytes.len())?;
    file.hdus.push(ScienceHdu {
        header,
        content: Content::Bytes(bytes),
    });
    file.count_extensions()
}

fn header(headerlet: &Headerlet, version: i64, bytes: usize) -> Result<Header> {
    let mut header = Header::new();
    let structure: [(&str, Value, &str); 7] = [
        ("XTENSION", "HDRLET".into(), "a headerlet, as a whole file"),
        ("BITPIX", 8.into(), "bits of a sample"),
        ("NAXIS", 1.into(), "number of axes"),
        ("NAXIS1", bytes.into(), "bytes of the file"),
        ("PCOUNT", 0.into(), "number of parameters"),
        ("GCOUNT", 1.into(), "number of groups"),
        ("COMPRESS", false.into(), "not compressed"),
    ];
    for (keyword, value, comment) in structure {
        header.push(Card::new(keyword, value, Some(comment))?);
    }
    let primary = headerlet.primary()?;
    for keyword in [
        "HDRNAME", "DATE", "SIPNAME", "WCSNAME", "DISTNAME", "NPOLFILE", "D2IMFILE",
    ] {
        put(&mut header, keyword, text(primary, keyword), "of the headerlet")?;
    }
    put(&mut header, "EXTNAME", "HDRLET", "a headerlet")?;
    put(&mut header, "EXTVER", version, "number of the headerlet")?;
    Ok(header)
}

/// Takes the headerlets of a name out; tells how many there were.
///
/// # Errors
/// Those of writing NEXTEND.
pub fn delete(file: &mut ScienceFile, hdrname: &str) -> Result<usize> {
    let gone: Vec<usize> = attached(file)
        .into_iter()
        .filter(|one| one.hdrname.eq_ignore_ascii_case(hdrname.trim()))
        .map(|one| one.extension)
        .collect();
    let mut at = 0;
    file.hdus.retain(|_| {
        at += 1;
        !gone.contains(&(at - 1))
    });
    if !gone.is_empty() {
        super::super::wcscorr::forget(file, hdrname)?;
        file.count_extensions()?;
    }
    Ok(gone.len())
}
