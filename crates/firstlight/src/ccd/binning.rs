//! How the pixels of a camera are binned, as headers tell it.

use firstlight_fits::Header;

/// Keywords of binning in common cameras.
pub(crate) const BINNING: [&str; 6] = ["XBINNING", "YBINNING", "CCDXBIN", "CCDYBIN", "CCDSUM", "BINNING"];

/// What a header says of a keyword.
pub(crate) fn told(header: &Header, keyword: &str) -> Option<String> {
    Some(header.get(keyword)?.to_string().trim().to_owned())
}

/// The first keyword of binning of which two headers say different things, and what they say. A header that says nothing agrees
/// with any.
pub(crate) fn difference(one: &Header, other: &Header) -> Option<(&'static str, [String; 2])> {
    BINNING.into_iter().find_map(|keyword| {
        let said = [told(one, keyword)?, told(other, keyword)?];
        (said[0] != said[1]).then_some((keyword, said))
    })
}
