//! What the name of a mapping or a reference file tells.

use crate::client::safe_name;
use crate::{Error, Result};

/// The only observatory here.
pub const OBSERVATORY: &str = "hst";

/// Instruments by the letter at the end of an old reference's first part, with the folder that headers name.
const INSTRUMENTS: [(char, &str, &str); 7] = [
    ('j', "acs", "jref"),
    ('o', "stis", "oref"),
    ('n', "nicmos", "nref"),
    ('u', "wfpc2", "uref"),
    ('i', "wfc3", "iref"),
    ('l', "cos", "lref"),
    ('m', "synphot", "ttab"),
];

/// Whether a name is a mapping's: a rule file's.
pub fn is_mapping(name: &str) -> bool {
    [".pmap", ".imap", ".rmap"].iter().any(|end| name.ends_with(end))
}

/// The instrument of a reference file, in lower case, by its name: `x1u1459il_pfl.fits` (a letter stands for
/// the instrument at the end of the first part) or `hst_acs_biasfile_0001.fits`.
pub fn instrument_of_reference(name: &str) -> Option<&'static str> {
    let known = |wanted: &str| {
        INSTRUMENTS
            .iter()
            .find(|(_, name, _)| *name == wanted)
            .map(|(_, name, _)| *name)
    };
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let parts: Vec<&str> = stem.split('_').collect();
    if let ["hst", instrument, _] | ["hst", instrument, _, _] = parts.as_slice() {
        return known(&instrument.to_ascii_lowercase());
    }
    let pieces: Vec<&str> = name.split(['_', '.']).collect();
    let synthetic = |piece: &&&str| ["syn", "th"].contains(&piece.to_ascii_lowercase().as_str());
    if pieces.iter().skip(1).rev().take(2).any(|piece| synthetic(&piece)) {
        return Some("synphot");
    }
    let letter = pieces.first()?.chars().last()?.to_ascii_lowercase();
    INSTRUMENTS
        .iter()
        .find(|(id, _, _)| *id == letter)
        .map(|(_, name, _)| *name)
}

/// The variable, and folder, that headers name an instrument's references with: `jref` of ACS.
pub fn reference_variable(instrument: &str) -> Option<&'static str> {
    INSTRUMENTS
        .iter()
        .find(|(_, name, _)| name.eq_ignore_ascii_case(instrument))
        .map(|(_, _, variable)| *variable)
}

/// A reference's name as it stands in a header or a rule, without `jref$` and the like.
pub fn bare(name: &str) -> &str {
    name.rsplit_once('$').map_or(name, |(_, name)| name)
}

/// Checks a mapping's name.
///
/// # Errors
/// [`Error::UnsafeName`], also where it ends otherwise than mappings do.
pub(super) fn checked_mapping(name: &str) -> Result<&str> {
    if !is_mapping(name) {
        return Err(Error::UnsafeName {
            name: name.escape_debug().to_string(),
            reason: "rules end with .pmap, .imap or .rmap".to_owned(),
        });
    }
    safe_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instruments_are_in_names() {
        for (name, instrument) in [
            ("x1u1459il_pfl.fits", Some("cos")),
            ("q2e1206ej_bia.fits", Some("acs")),
            ("hst_acs_biasfile_0001.fits", Some("acs")),
            ("hst_wfc3_darkfile.fits", Some("wfc3")),
            ("e1003319u.r0h", Some("wfpc2")),
            ("acs_f555w_005_syn.fits", Some("synphot")),
            ("wfc3_ir_th.fits", Some("synphot")),
            ("hst_jwst_x_0001.fits", None),
            ("x.fits", None),
            ("", None),
        ] {
            assert_eq!(instrument_of_reference(name), instrument, "{name}");
        }
        assert_eq!(reference_variable("ACS"), Some("jref"));
        assert_eq!(bare("jref$q2e1206ej_bia.fits"), "q2e1206ej_bia.fits");
    }
}
