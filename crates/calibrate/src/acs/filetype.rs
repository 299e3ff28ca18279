//! What kind of reference file each keyword asks for.

use crate::{Error, Reference, Result};

/// FILETYPE of the files of each keyword, as the archive's have it, the usual one first.
const FILETYPES: [(&str, &[&str]); 20] = [
    ("ATODTAB", &["ANALOG-TO-DIGITAL"]),
    ("BIASFILE", &["BIAS"]),
    ("BPIXTAB", &["BAD PIXELS"]),
    ("CCDTAB", &["CCD PARAMETERS"]),
    ("CFLTFILE", &["SPOT FLAT"]),
    ("CRREJTAB", &["COSMIC RAY REJECTION"]),
    ("DARKFILE", &["DARK"]),
    ("DFLTFILE", &["DELTA FLAT"]),
    ("DRKCFILE", &["CTEDARK"]),
    ("FLSHFILE", &["POST FLASH"]),
    ("IMPHTTAB", &["IMAGE PHOTOMETRY TABLE"]),
    ("LFLTFILE", &["LARGE SCALE FLAT"]),
    ("MLINTAB", &["LINEARITY"]),
    ("OSCNTAB", &["OVERSCAN"]),
    ("PCTETAB", &["PIXCTE"]),
    ("PFLTFILE", &["PIXEL-TO-PIXEL FLAT"]),
    ("SATUFILE", &["FULL-WELL SATURATION LEVEL MAP", "SATURATION"]),
    ("SHADFILE", &["SHUTTER SHADING"]),
    ("SNKCFILE", &["SINK PIXELS"]),
    ("SPOTTAB", &["SPOT POSITION TABLE"]),
];

/// That of exposures and their tables.
const OF_EXPOSURES: [&str; 2] = ["SCI", "ASN_TABLE"];

impl Reference {
    /// Checks that it is neither what another keyword asks for nor an exposure, as far as its FILETYPE says, in either
    /// case. One that does not say fits, and so does one that says something else: the official program does not look, and
    /// users' own files have words of their own.
    ///
    /// # Errors
    /// [`Error::ReferenceKind`] where it is of another kind.
    pub fn check_filetype(&self) -> Result<()> {
        let found = self.primary().text("FILETYPE").unwrap_or_default();
        let found = found.split_whitespace().collect::<Vec<_>>().join(" ");
        let says = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(&found));
        let own = FILETYPES.iter().find(|(keyword, _)| *keyword == self.keyword);
        let Some((_, expected)) = own.filter(|(_, expected)| !says(expected)) else {
            return Ok(());
        };
        let is_other = says(&OF_EXPOSURES) || FILETYPES.iter().any(|(_, names)| says(names));
        match is_other {
            false => Ok(()),
            true => Err(Error::ReferenceKind {
                keyword: self.keyword.clone(),
                path: self.path(),
                found,
                expected: expected.first().copied().unwrap_or_default(),
            }),
        }
    }
}
