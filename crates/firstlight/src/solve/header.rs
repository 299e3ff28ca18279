//! A coordinate system as cards.

use firstlight_align::plate::{Plate, Polynomial};
use firstlight_fits::{Header, Result};

/// Keywords of coordinate systems, by their beginnings before an axis.
const OF_AXES: [&str; 8] = [
    "CTYPE", "CUNIT", "CRVAL", "CRPIX", "CDELT", "CROTA", "CRDER", "CSYER",
];
const WHOLE: [&str; 8] = [
    "WCSAXES", "WCSNAME", "LONPOLE", "LATPOLE", "RADESYS", "RADECSYS", "EQUINOX", "EPOCH",
];

/// Puts a coordinate system in the place of the one that was there.
pub(super) fn put(header: &mut Header, plate: &Plate, catalogue: &str) -> Result<()> {
    header.retain(|card| !is_of_system(card.keyword()));
    let sip = if plate.distortion.is_some() { "-SIP" } else { "" };
    header.set("CTYPE1", format!("RA---TAN{sip}"), Some("gnomonic projection"))?;
    header.set("CTYPE2", format!("DEC--TAN{sip}"), Some("gnomonic projection"))?;
    for (axis, name) in [(0, "right ascension"), (1, "declination")] {
        let n = axis + 1;
        header.set(&format!("CUNIT{n}"), "deg", None)?;
        let comment = format!("[deg] {name} of the reference pixel");
        header.set(&format!("CRVAL{n}"), plate.crval[axis], Some(&comment))?;
        // Pixels of headers count from 1.
        header.set(
            &format!("CRPIX{n}"),
            plate.crpix[axis] + 1.0,
            Some("[pix] reference pixel"),
        )?;
    }
    for (row, elements) in plate.cd.iter().enumerate() {
        for (column, element) in elements.iter().enumerate() {
            header.set(
                &format!("CD{}_{}", row + 1, column + 1),
                *element,
                Some("[deg/pix]"),
            )?;
        }
    }
    header.set("RADESYS", "ICRS", None)?;
    header.set("EQUINOX", 2000.0, None)?;
    if let Some(distortion) = &plate.distortion {
        let names = [
            ("A", distortion.order, &distortion.a),
            ("B", distortion.order, &distortion.b),
            ("AP", distortion.inverse_order, &distortion.ap),
            ("BP", distortion.inverse_order, &distortion.bp),
        ];
        for (name, order, polynomial) in names {
            put_polynomial(header, (name, order), polynomial)?;
        }
    }
    header.push_commentary(
        "HISTORY",
        &format!(
            "firstlight solve: {} stars of {}, rms {:.3} arcsec",
            plate.pairs.len(),
            crate::input::name_in_header(std::path::Path::new(catalogue)),
            plate.rms_arcsec
        ),
    )
}

fn put_polynomial(header: &mut Header, (name, order): (&str, usize), polynomial: &Polynomial) -> Result<()> {
    header.set(
        &format!("{name}_ORDER"),
        order as i64,
        Some("order of the distortion"),
    )?;
    for (p, q, coefficient) in &polynomial.0 {
        header.set(&format!("{name}_{p}_{q}"), *coefficient, None)?;
    }
    Ok(())
}

/// Whether a keyword is of the primary coordinate system.
fn is_of_system(keyword: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let pair = |text: &str| text.split_once('_').is_some_and(|(a, b)| digits(a) && digits(b));
    let of_axis = |name: &&str| keyword.strip_prefix(*name).is_some_and(digits);
    let of_matrix = ["CD", "PC", "PV"]
        .iter()
        .any(|name| keyword.strip_prefix(name).is_some_and(pair));
    let of_sip = ["A_", "B_", "AP_", "BP_"].iter().any(|name| {
        let rest = keyword.strip_prefix(name);
        rest.is_some_and(|rest| pair(rest) || rest == "ORDER" || rest == "DMAX")
    });
    WHOLE.contains(&keyword) || OF_AXES.iter().any(of_axis) || of_matrix || of_sip
}

#[cfg(test)]
mod tests {
    use super::is_of_system;

    #[test]
    fn other_cards_stay() {
        for keyword in [
            "CTYPE1", "CD1_2", "PC2_1", "A_ORDER", "AP_0_3", "CROTA2", "RADECSYS", "B_DMAX",
        ] {
            assert!(is_of_system(keyword), "{keyword}");
        }
        for keyword in [
            "CTYPE1A", "CDELT1P", "A_LONG", "CCD-TEMP", "AIRMASS", "CRVAL1S", "BP", "CD",
        ] {
            assert!(!is_of_system(keyword), "{keyword}");
        }
    }
}
