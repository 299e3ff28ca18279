//! World coordinates of a frame that has another's pixels.

use firstlight_fits::Header;

/// Beginnings of keywords of world coordinates that a number or an axis follows.
const NUMBERED: [&str; 9] = [
    "CTYPE", "CRPIX", "CRVAL", "CDELT", "CROTA", "CUNIT", "CRDER", "CSYER", "CNAME",
];
/// Beginnings of those that two numbers follow, as `CD1_2`.
const PAIRED: [&str; 9] = ["CD", "PC", "PV", "PS", "A_", "B_", "AP_", "BP_", "DP"];
/// Whole keywords, to which the letter of an alternate description may be added.
const PLAIN: [&str; 8] = [
    "WCSAXES", "WCSNAME", "LONPOLE", "LATPOLE", "RADESYS", "A_ORDER", "B_ORDER", "CPDIS",
];

/// The frame's cards with the reference's world coordinates; with none where the reference has none.
pub(super) fn replaced(frame: &Header, reference: &Header) -> Header {
    let mut header = frame.clone();
    header.retain(|card| card.is_commentary() || !is_of_wcs(card.keyword()));
    for card in reference.cards() {
        if !card.is_commentary() && is_of_wcs(card.keyword()) {
            header.push(card.clone());
        }
    }
    header
}

fn is_of_wcs(keyword: &str) -> bool {
    let keyword = keyword.to_ascii_uppercase();
    // The letter of an alternate description stands last.
    let without_letter = match keyword.as_bytes() {
        [.., digit, letter] if digit.is_ascii_digit() && letter.is_ascii_uppercase() => {
            &keyword[..keyword.len() - 1]
        }
        _ => keyword.as_str(),
    };
    let digits = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
    let pair = |rest: &str| rest.split_once('_').is_some_and(|(a, b)| digits(a) && digits(b));
    let numbered = NUMBERED
        .iter()
        .any(|name| without_letter.strip_prefix(name).is_some_and(digits));
    let paired = PAIRED
        .iter()
        .any(|name| without_letter.strip_prefix(name).is_some_and(pair));
    let plain = |name: &&str| {
        let rest = keyword.strip_prefix(*name);
        rest.is_some_and(|rest| {
            rest.is_empty() || rest.len() == 1 && rest.bytes().all(|byte| byte.is_ascii_uppercase())
        })
    };
    numbered || paired || PLAIN.iter().any(plain) || matches!(keyword.as_str(), "AP_ORDER" | "BP_ORDER")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_of_coordinates_are_known_from_others() {
        for keyword in [
            "CTYPE1", "CRVAL2A", "CD1_1", "PC2_1B", "A_2_1", "BP_0_3", "A_ORDER", "WCSNAMEO", "PV1_12",
            "RADESYS",
        ] {
            assert!(is_of_wcs(keyword), "{keyword}");
        }
        for keyword in [
            "EQUINOX",
            "CDATE",
            "PCOUNT",
            "CD",
            "PVALUE",
            "EXPTIME",
            "CCD-TEMP",
            "A",
            "WCSNAMES1",
            "PSCALE1_",
        ] {
            assert!(!is_of_wcs(keyword), "{keyword}");
        }
    }

    #[test]
    fn the_frame_keeps_the_rest_of_its_cards() {
        let (mut frame, mut reference) = (Header::new(), Header::new());
        frame.set("EXPTIME", 60.0, None).unwrap();
        frame.set("CRVAL1", 10.0, None).unwrap();
        frame.set("A_ORDER", 3, None).unwrap();
        reference.set("EXPTIME", 30.0, None).unwrap();
        reference.set("CRVAL1", 11.0, None).unwrap();
        let made = replaced(&frame, &reference);
        assert_eq!(
            (made.real("EXPTIME"), made.real("CRVAL1")),
            (Some(60.0), Some(11.0))
        );
        assert!(!made.contains("A_ORDER"));
        assert!(!replaced(&frame, &Header::new()).contains("CRVAL1"));
    }
}
