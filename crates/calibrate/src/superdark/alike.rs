//! Whether frames belong together.

use super::DarkSource;
use crate::{Error, Result};
use firstlight_frame::fits::Header;

/// Refuses a frame whose keywords differ from those of the first.
///
/// # Errors
/// [`Error::MembersDiffer`], which names the first that does.
pub(super) fn check(first: &DarkSource<'_>, other: &DarkSource<'_>, keywords: &[&str]) -> Result<()> {
    check_headers(
        (&first.name(), first.exposure.primary()),
        (&other.name(), other.exposure.primary()),
        keywords,
    )
}

/// As [`check`], of names and headers.
pub(super) fn check_headers(first: (&str, &Header), other: (&str, &Header), keywords: &[&str]) -> Result<()> {
    for keyword in keywords {
        let said = |of: &Header| {
            let value = of.get(keyword);
            value.map_or_else(String::new, |value| value.to_string().trim().to_owned())
        };
        let (expected, found) = (said(first.1), said(other.1));
        if expected != found {
            return Err(differ(first.0, other.0, keyword, (expected, found)));
        }
    }
    Ok(())
}

/// What to say of frames that differ.
pub(super) fn differ(first: &str, other: &str, what: &str, (expected, found): (String, String)) -> Error {
    Error::MembersDiffer {
        first: first.to_owned(),
        name: other.to_owned(),
        what: what.to_owned(),
        expected,
        found,
    }
}
