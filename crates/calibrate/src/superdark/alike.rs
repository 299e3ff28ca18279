//! Whether frames belong together.

use super::DarkSource;
use crate::{Error, Result};
use firstlight_frame::fits::Header;

/// What can be done about darks and bias frames that differ.
pub(super) const LEAVE_OUT: &str = "leave it out, or combine those that have it alike";
/// The same of frames of STIS, which can be sorted.
pub(super) const SORT: &str =
    "leave it out, or combine those that have it alike (`superdark periods` says which do)";

/// Refuses a frame whose keywords differ from those of the first.
///
/// # Errors
/// [`Error::MembersDiffer`], which names the first that does.
pub(super) fn check(
    first: &DarkSource<'_>,
    other: &DarkSource<'_>,
    keywords: &[&str],
    way_out: &'static str,
) -> Result<()> {
    check_headers(
        (&first.name(), first.exposure.primary()),
        (&other.name(), other.exposure.primary()),
        keywords,
        way_out,
    )
}

/// As [`check`], of names and headers.
pub(super) fn check_headers(
    first: (&str, &Header),
    other: (&str, &Header),
    keywords: &[&str],
    way_out: &'static str,
) -> Result<()> {
    for keyword in keywords {
        let said = |of: &Header| {
            let value = of.get(keyword);
            value.map_or_else(
                || "missing".to_owned(),
                |value| value.to_string().trim().to_owned(),
            )
        };
        let (expected, found) = (said(first.1), said(other.1));
        if expected != found {
            return Err(differ((first.0, other.0), keyword, (expected, found), way_out));
        }
    }
    Ok(())
}

/// What to say of frames that differ.
pub(super) fn differ(
    (first, other): (&str, &str),
    what: &str,
    (expected, found): (String, String),
    way_out: &'static str,
) -> Error {
    Error::MembersDiffer {
        first: first.to_owned(),
        name: other.to_owned(),
        what: what.to_owned(),
        expected,
        found,
        way_out,
    }
}
