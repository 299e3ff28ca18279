//! Names of distortion models, made of those of the reference files.

use super::ScienceFile;
use super::lookup_tables::bare;
use super::science::{put, text};
use crate::Result;
use firstlight_fits::Header;

/// The root of a reference file's name, as `0461802ej` of `jref$0461802ej_idc.fits`; None where there is none.
pub(super) fn root(named: &str, suffix: &str) -> Option<String> {
    let named = named.trim();
    if ["", "N/A", "NONE", "INDEF"].contains(&named) {
        return None;
    }
    let name = bare(named);
    let name = name.strip_suffix(".fits").unwrap_or(name);
    Some(name.strip_suffix(suffix).unwrap_or(name).trim().to_owned())
}

/// WCSNAME of the description that an IDCTAB makes: `IDC_0461802ej`.
pub(super) fn wcsname(primary: &Header) -> Option<String> {
    let idctab = text(primary, "IDCTAB");
    let is_table = idctab.contains("idc.fits");
    root(&idctab, "_idc")
        .filter(|_| is_table)
        .map(|root| format!("IDC_{root}"))
}

/// Names of the distortion models of a file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DistortionNames {
    pub sip: String,
    pub npol: String,
    pub d2im: String,
}

impl DistortionNames {
    pub(super) fn of(file: &ScienceFile) -> Result<Self> {
        let primary = file.primary()?;
        let of_tables =
            |keyword: &str, suffix: &str, extension: &str| match root(&text(primary, keyword), suffix) {
                Some(root) => root,
                None if !primary.contains(keyword) && !file.named(extension).is_empty() => {
                    "UNKNOWN".to_owned()
                }
                None => "NOMODEL".to_owned(),
            };
        Ok(Self {
            sip: sipname(file)?,
            npol: of_tables("NPOLFILE", "_npl", "WCSDVARR"),
            d2im: of_tables("D2IMFILE", "_d2i", "D2IMARR"),
        })
    }

    /// All three in one, as DISTNAME has them.
    pub(super) fn together(&self) -> String {
        [&self.sip, &self.npol, &self.d2im].map(String::as_str).join("-")
    }
}

/// The rootname and the IDCTAB's; an old one is kept if it is of this table.
fn sipname(file: &ScienceFile) -> Result<String> {
    let primary = file.primary()?;
    let Some(table) = root(&text(primary, "IDCTAB"), "_idc") else {
        let has_sip = file
            .named("SCI")
            .iter()
            .any(|&at| file.hdus[at].header.contains("A_ORDER"));
        return Ok(if has_sip { "UNKNOWN" } else { "NOMODEL" }.to_owned());
    };
    let old = text(primary, "SIPNAME");
    if old.contains(&table) {
        return Ok(old);
    }
    let root = match text(primary, "ROOTNAME") {
        empty if empty.is_empty() => text(primary, "FILENAME").trim_end_matches(".fits").to_owned(),
        root => root,
    };
    Ok(format!("{root}_{table}"))
}

/// DISTNAME and SIPNAME, which tell headerlets whether they fit.
pub(super) fn record(file: &mut ScienceFile) -> Result<()> {
    let names = DistortionNames::of(file)?;
    let primary = file.primary_mut()?;
    put(
        primary,
        "DISTNAME",
        names.together(),
        "names of the distortion models",
    )?;
    put(
        primary,
        "SIPNAME",
        names.sip,
        "name of the polynomial distortion model",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_of_names() {
        let of = |name: &str| root(name, "_idc");
        assert_eq!(of("jref$0461802ej_idc.fits").as_deref(), Some("0461802ej"));
        assert_eq!(of(" /ref/a_idc.fits ").as_deref(), Some("a"));
        assert_eq!([of("N/A"), of(" "), of("NONE")], [None, None, None]);
    }
}
