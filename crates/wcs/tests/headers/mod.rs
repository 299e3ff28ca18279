//! Headers by their cards.
#![allow(dead_code, reason = "each test file uses what it needs")]

use firstlight_fits::Header;

pub type Cards<'a> = &'a [(&'a str, f64)];

/// A header with these CTYPEs, the common reference, and `cards` instead of or besides.
pub fn header(ctype: [&str; 2], cards: Cards) -> Header {
    let mut header = Header::new();
    header.set("NAXIS1", 1024i64, None).unwrap();
    header.set("NAXIS2", 1000i64, None).unwrap();
    header.set("CTYPE1", ctype[0], None).unwrap();
    header.set("CTYPE2", ctype[1], None).unwrap();
    let reference = [
        ("CRPIX1", 512.5),
        ("CRPIX2", 500.25),
        ("CRVAL1", 5.63),
        ("CRVAL2", -72.07),
    ];
    for &(keyword, value) in reference.iter().chain(cards) {
        header.set(keyword, value, None).unwrap();
    }
    header
}

pub const SIP: Cards = &[
    ("CD1_1", -4.0e-6),
    ("CD1_2", 5.5e-6),
    ("CD2_1", 5.2e-6),
    ("CD2_2", 4.1e-6),
    ("A_ORDER", 4.0),
    ("B_ORDER", 3.0),
    ("A_2_0", 8.1e-6),
    ("A_0_2", 2.2e-6),
    ("A_1_1", -5.2e-6),
    ("A_3_1", -2.5e-14),
    ("A_0_4", 1.1e-13),
    ("B_2_0", -3.0e-6),
    ("B_1_1", 6.2e-6),
    ("B_0_2", -7.2e-6),
    ("B_2_1", -6e-11),
];

pub const TAN: [&str; 2] = ["RA---TAN", "DEC--TAN"];
pub const TAN_SIP: [&str; 2] = ["RA---TAN-SIP", "DEC--TAN-SIP"];
