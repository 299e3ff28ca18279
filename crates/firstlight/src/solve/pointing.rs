//! Where a frame is expected, by its header or by what was given.

use super::SolveOptions;
use crate::align::catalogue::angle;
use crate::ccd::{CcdFile, number};
use crate::{Error, Result};
use firstlight_align::plate::Pointing;
use firstlight_fits::{Header, Value};
use firstlight_wcs::Wcs;

const SCALES: [&str; 4] = ["SCALE", "PIXSCALE", "SECPIX", "IM_SCALE"];
/// Right ascensions and declinations, as common cameras and observatories name them.
const NAMES: [(&str, &str); 3] = [("OBJCTRA", "OBJCTDEC"), ("RA", "DEC"), ("TELRA", "TELDEC")];
/// Arcsec of one micron seen from a millimetre.
const ARCSEC: f64 = 206.264_806_247_096_36;

/// Where the middle of a frame is expected.
pub(super) fn of(file: &CcdFile, options: &SolveOptions) -> Result<Pointing> {
    let header = file.header();
    let (ny, nx) = file.shape();
    // A header may have a coordinate system already, which need not be good.
    let system = Wcs::from_header(header, None).ok();
    let middle = system
        .as_ref()
        .map(|wcs| wcs.pixel_to_sky(0.5 * (nx as f64 - 1.0), 0.5 * (ny as f64 - 1.0)))
        .filter(|(ra, dec)| ra.is_finite() && dec.is_finite());
    let missing = |what: &str, way_out: &str| Error::Contradiction {
        path: file.path().to_owned(),
        reason: format!("its header does not tell {what}; give {way_out}"),
    };
    let given = |text: &Option<String>, hours: f64, name: &str| {
        let angle = text.as_deref().map(|text| {
            angle(text, hours).ok_or_else(|| {
                Error::Usage(format!("{name} '{text}' is no angle, as in 154.4 or 10:17:36.8"))
            })
        });
        angle.transpose()
    };
    let (ra, dec) = (
        given(&options.ra, 15.0, "--ra")?,
        given(&options.dec, 1.0, "--dec")?,
    );
    let told = middle.or_else(|| {
        NAMES
            .iter()
            .find_map(|(ra, dec)| Some((of_keyword(header, ra, 15.0)?, of_keyword(header, dec, 1.0)?)))
    });
    let (ra, dec) = match (ra, dec, told) {
        (Some(ra), Some(dec), _) => (ra, dec),
        (ra, dec, Some(told)) => (ra.unwrap_or(told.0), dec.unwrap_or(told.1)),
        _ => return Err(missing("where it looks", "its centre (--ra, --dec)")),
    };
    let scale = options
        .scale
        .or_else(|| system.as_ref().map(Wcs::pixel_scale_arcsec))
        .or_else(|| SCALES.iter().find_map(|keyword| number(header, keyword)))
        .or_else(|| {
            Some(ARCSEC * number(header, "XPIXSZ")? / number(header, "FOCALLEN").filter(|f| *f > 0.0)?)
        });
    Ok(Pointing {
        ra,
        dec,
        scale_arcsec: scale.ok_or_else(|| missing("its scale", "it (--scale ARCSEC)"))?,
    })
}

/// An angle in degrees: numbers are degrees, texts as `10 17 36.8` are of the unit's parts.
fn of_keyword(header: &Header, keyword: &str, unit: f64) -> Option<f64> {
    match header.get(keyword)? {
        Value::Text(text) => {
            let parted: Vec<&str> = text.split([' ', ':']).filter(|part| !part.is_empty()).collect();
            match parted.as_slice() {
                [] => None,
                [one] => one.parse().ok(),
                parts => angle(&parts.join(":"), unit),
            }
        }
        value => value.as_real(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angles_of_headers() {
        let mut header = Header::new();
        header.set("OBJCTRA", "10 17 36.0", None).unwrap();
        header.set("OBJCTDEC", "-46 24 36", None).unwrap();
        header.set("RA", 31.5, None).unwrap();
        header.set("DEC", "'+46.75'", None).unwrap();
        header.set("TELDEC", "-0:30:00", None).unwrap();
        assert!((of_keyword(&header, "OBJCTRA", 15.0).unwrap() - 154.4).abs() < 1e-9);
        assert!((of_keyword(&header, "OBJCTDEC", 1.0).unwrap() + 46.41).abs() < 1e-9);
        assert_eq!(of_keyword(&header, "RA", 15.0), Some(31.5));
        assert_eq!(of_keyword(&header, "DEC", 1.0), None);
        assert_eq!(of_keyword(&header, "TELDEC", 1.0), Some(-0.5));
    }
}
