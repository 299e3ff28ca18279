//! The header of a frame: that of its HDU, with what the primary header alone says.

use firstlight_fits::{Hdu, Header};

/// Keywords of an HDU's own place and shape, which mean nothing in another one.
const OF_PLACE: [&str; 18] = [
    "SIMPLE", "XTENSION", "BITPIX", "NAXIS", "EXTEND", "PCOUNT", "GCOUNT", "GROUPS", "BSCALE", "BZERO",
    "BLANK", "CHECKSUM", "DATASUM", "EXTNAME", "EXTVER", "EXTLEVEL", "INHERIT", "NEXTEND",
];

/// The cards of an image: without those of its place in the file; of an extension also those of the primary header that
/// it does not have itself, and all commentary of both.
pub(super) fn of_image(primary: &Hdu, image: &Hdu) -> Header {
    let mut header = image.header().clone();
    if image.index() != primary.index() {
        for card in primary.header().cards() {
            let keyword = card.keyword();
            if card.is_commentary() || !is_of_place(keyword) && !image.header().contains(keyword) {
                header.push(card.clone());
            }
        }
    }
    header.retain(|card| card.is_commentary() || !is_of_place(card.keyword()));
    header
}

fn is_of_place(keyword: &str) -> bool {
    let keyword = keyword.to_ascii_uppercase();
    let axis = keyword
        .strip_prefix("NAXIS")
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()));
    axis || OF_PLACE.contains(&keyword.as_str())
}

/// Sections of the frame that mean nothing in a part of it.
const SECTIONS: [&str; 5] = ["TRIMSEC", "BIASSEC", "DATASEC", "CCDSEC", "DETSEC"];

/// Brings a header to a part of its frame that begins at `(x0, y0)`: reference pixels of all coordinate systems, and
/// sections that no longer hold.
pub(super) fn trimmed(header: &mut Header, (x0, y0): (usize, usize)) -> crate::Result<()> {
    header.retain(|card| !SECTIONS.contains(&card.keyword()));
    let letters = (b'A'..=b'Z').map(|letter| char::from(letter).to_string());
    for letter in std::iter::once(String::new()).chain(letters) {
        for (axis, shift) in [(1, x0), (2, y0)] {
            let keyword = format!("CRPIX{axis}{letter}");
            if let Some(value) = header.real(&keyword).filter(|_| shift > 0) {
                header.set(&keyword, value - shift as f64, None)?;
            }
        }
    }
    for (axis, shift) in [(1, x0), (2, y0)] {
        let keyword = format!("LTV{axis}");
        if let Some(value) = header.real(&keyword).filter(|_| shift > 0) {
            header.set(&keyword, value - shift as f64, None)?;
        }
    }
    Ok(())
}
