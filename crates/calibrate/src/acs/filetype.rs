//! What kind of reference file each keyword asks for.

use crate::{Error, Reference, Result};

/// FILETYPE of the files of a keyword, as the archive's have it, the usual one first; None of keywords that are not known.
fn filetypes(keyword: &str) -> Option<&'static [&'static str]> {
    Some(match keyword {
        "ATODTAB" => &["ANALOG-TO-DIGITAL"],
        "BIASFILE" => &["BIAS"],
        "BPIXTAB" => &["BAD PIXELS"],
        "CCDTAB" => &["CCD PARAMETERS"],
        "CFLTFILE" => &["SPOT FLAT"],
        "CRREJTAB" => &["COSMIC RAY REJECTION"],
        "DARKFILE" => &["DARK"],
        "DFLTFILE" => &["DELTA FLAT"],
        "DRKCFILE" => &["CTEDARK"],
        "FLSHFILE" => &["POST FLASH"],
        "IMPHTTAB" => &["IMAGE PHOTOMETRY TABLE"],
        "LFLTFILE" => &["LARGE SCALE FLAT"],
        "MLINTAB" => &["LINEARITY"],
        "OSCNTAB" => &["OVERSCAN"],
        "PCTETAB" => &["PIXCTE"],
        "PFLTFILE" => &["PIXEL-TO-PIXEL FLAT"],
        "SATUFILE" => &["FULL-WELL SATURATION LEVEL MAP", "SATURATION"],
        "SHADFILE" => &["SHUTTER SHADING"],
        "SNKCFILE" => &["SINK PIXELS"],
        "SPOTTAB" => &["SPOT POSITION TABLE"],
        _ => return None,
    })
}

impl Reference {
    /// Checks that it is what its keyword asks for, as far as its FILETYPE says, in either case; one that does not say fits.
    ///
    /// # Errors
    /// [`Error::ReferenceKind`] where it is of another kind.
    pub fn check_filetype(&self) -> Result<()> {
        let found = self.primary().text("FILETYPE").unwrap_or_default();
        let found = found.split_whitespace().collect::<Vec<_>>().join(" ");
        let Some(expected) = filetypes(&self.keyword) else {
            return Ok(());
        };
        let fits = |expected: &&str| expected.eq_ignore_ascii_case(&found);
        match found.is_empty() || expected.iter().any(fits) {
            true => Ok(()),
            false => Err(Error::ReferenceKind {
                keyword: self.keyword.clone(),
                path: self.path(),
                found,
                expected: expected.first().copied().unwrap_or_default(),
            }),
        }
    }
}
