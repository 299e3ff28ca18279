//! What the headers of a spectroscopic exposure of the CCD say: the mode, and where and when an imset was exposed.

use super::SIDE2_MJD;
use crate::{Error, Result};
use firstlight_frame::Detector;
use firstlight_frame::fits::Header;

/// Endings of PROPAPER that name a place along a slit that has table rows of its own.
const PLACES_ALONG_SLIT: [&str; 3] = ["E1", "E2", "D1"];

/// The mode of an exposure, by its primary header.
#[derive(Debug, Clone, PartialEq)]
pub struct SpectralMode {
    /// ROOTNAME.
    pub name: String,
    /// OPT_ELEM: the grating.
    pub opt_elem: String,
    /// CENWAVE: the central wavelength, Å.
    pub cenwave: i64,
    /// APERTURE, with the ending of PROPAPER (`E1`, `E2`, `D1`) where a target was placed there.
    pub aperture: String,
    /// CCDAMP.
    pub ccdamp: String,
    /// CCDGAIN, commanded.
    pub ccdgain: i64,
    /// CCDOFFST.
    pub ccdoffst: i64,
    /// BINAXIS1, BINAXIS2.
    pub binning: (i64, i64),
    /// ATODGAIN, e/DN.
    pub atodgain: f64,
    /// READNSE, e.
    pub readnoise_e: f64,
    /// RA_TARG, degrees.
    pub ra_targ: f64,
    /// DEC_TARG, degrees.
    pub dec_targ: f64,
    /// POSTARG2: how far the target was put along the slit, arcsec.
    pub postarg2_arcsec: f64,
    /// SCLAMP: the calibration lamp, or `NONE`.
    pub sclamp: String,
    /// LAMPSET: its current.
    pub lampset: String,
}

impl SpectralMode {
    /// Reads it.
    ///
    /// # Errors
    /// [`Error::NotSupported`] for the MAMAs, imaging and prism or echelle spectra; [`Error::Keyword`] where one that is
    /// needed is missing.
    pub fn of(primary: &Header) -> Result<Self> {
        let text = |keyword: &str, otherwise: &str| {
            let found = primary.text(keyword).map(|text| text.trim().to_owned());
            found
                .filter(|text| !text.is_empty())
                .unwrap_or(otherwise.to_owned())
        };
        let name = text("ROOTNAME", "the exposure");
        let needed = |keyword: &str| match text(keyword, "").as_str() {
            "" => Err(missing(&name, "PRIMARY", keyword, "there")),
            found => Ok(found.to_owned()),
        };
        let (instrument, detector) = (text("INSTRUME", "STIS"), needed("DETECTOR")?);
        if instrument != "STIS" || detector != "CCD" {
            return Err(Error::NotSupported {
                name,
                what: format!("spectra of {}", Detector::from_header(primary)),
                way_out: "only spectra of STIS's CCD are extracted and rectified here",
            });
        }
        if text("OBSTYPE", "SPECTROSCOPIC") != "SPECTROSCOPIC" {
            return Err(Error::NotSupported {
                name,
                what: "images, which have no spectrum".to_owned(),
                way_out: "leave out the steps of spectroscopy (X1DCORR=OMIT, X2DCORR=OMIT)",
            });
        }
        let opt_elem = needed("OPT_ELEM")?;
        if opt_elem == "PRISM" || opt_elem.starts_with('E') {
            return Err(Error::NotSupported {
                name,
                what: format!("spectra of {opt_elem}"),
                way_out: "only first-order gratings are extracted and rectified here",
            });
        }
        let integer = |keyword: &str, otherwise| primary.integer(keyword).unwrap_or(otherwise);
        let real = |keyword: &str, otherwise| primary.real(keyword).unwrap_or(otherwise);
        let sclamp = text("SCLAMP", "NONE");
        let mut aperture = needed("APERTURE")?;
        if sclamp == "NONE" {
            let proposed = text("PROPAPER", &aperture);
            let place = PLACES_ALONG_SLIT.iter().find(|place| proposed.ends_with(*place));
            if let Some(place) = place.filter(|place| !aperture.ends_with(*place)) {
                aperture.push_str(place);
            }
        }
        let cenwave = primary.integer("CENWAVE");
        let ccdgain = integer("CCDGAIN", 1);
        Ok(Self {
            cenwave: cenwave.ok_or_else(|| missing(&name, "PRIMARY", "CENWAVE", "a central wavelength"))?,
            opt_elem,
            aperture,
            ccdamp: text("CCDAMP", ""),
            ccdgain,
            ccdoffst: integer("CCDOFFST", 1),
            binning: (integer("BINAXIS1", 1), integer("BINAXIS2", 1)),
            atodgain: real("ATODGAIN", ccdgain as f64),
            readnoise_e: real("READNSE", 0.0),
            ra_targ: real("RA_TARG", 0.0),
            dec_targ: real("DEC_TARG", 0.0),
            postarg2_arcsec: real("POSTARG2", 0.0),
            sclamp,
            lampset: text("LAMPSET", ""),
            name,
        })
    }
}

/// One exposed imset, by the header of its SCI. Pixels of the detector are those of an unbinned full frame, 0-based; a
/// position x on it is at `x · ltm + ltv` of the image.
#[derive(Debug, Clone, PartialEq)]
pub struct SpectralImset {
    /// EXPTIME, s.
    pub exptime_s: f64,
    /// EXPSTART, MJD.
    pub expstart: f64,
    /// EXPEND, MJD.
    pub expend: f64,
    /// Whether ASN_MTYP names it a wavecal: it has no shifts.
    pub is_wavecal: bool,
    /// SHIFTA1, SHIFTA2: of the image on the detector, found by the wavecal, pixels of the detector; 0 in a wavecal.
    pub shift: (f64, f64),
    /// LTM1_1, LTM2_2.
    pub ltm: (f64, f64),
    /// LTV1, LTV2 for 0-based positions.
    pub ltv: (f64, f64),
    /// CRPIX1, CRPIX2, 1-based as in the header.
    pub crpix: (f64, f64),
    /// CRVAL1: Å.
    pub crval1: f64,
    /// CD1_1: Å per pixel.
    pub cd1_1: f64,
    /// CD2_2: degrees per pixel.
    pub cd2_2: f64,
    /// SDQFLAGS: the bits that make a pixel bad.
    pub sdqflags: u16,
    /// OCCDHTAV: temperature of the housing, °C; None for exposures of the first side, or where it is not told.
    pub temperature_c: Option<f64>,
    /// MEANDARK: what was subtracted as dark, DN; 0 where it is not there.
    pub meandark_dn: f64,
    /// NCOMBINE: exposures summed in it; 1 where it is not there.
    pub ncombine: f64,
}

impl SpectralImset {
    /// Reads it.
    ///
    /// # Errors
    /// [`Error::Keyword`] where EXPTIME, EXPSTART, EXPEND, CD1_1 or CD2_2 is missing or makes no sense, or LTM is 0;
    /// [`Error::NotSupported`] where DISPAXIS is not 1.
    pub fn of(name: &str, sci: &Header) -> Result<Self> {
        let real = |keyword: &str, otherwise| sci.real(keyword).unwrap_or(otherwise);
        let needed = |keyword: &str, expected, fits: fn(f64) -> bool| match sci.real(keyword) {
            Some(found) if fits(found) => Ok(found),
            _ => Err(Error::Keyword {
                name: name.to_owned(),
                hdu: "SCI".to_owned(),
                keyword: keyword.to_owned(),
                expected,
                found: sci.get(keyword).map(|found| found.to_string()),
            }),
        };
        if sci.integer("DISPAXIS").unwrap_or(1) != 1 {
            return Err(Error::NotSupported {
                name: name.to_owned(),
                what: "spectra that run along columns (DISPAXIS 2)".to_owned(),
                way_out: "the gratings of the CCD disperse along rows (DISPAXIS 1)",
            });
        }
        let ltm = (real("LTM1_1", 1.0), real("LTM2_2", 1.0));
        if !(ltm.0 > 0.0 && ltm.1 > 0.0) {
            let keyword = if ltm.0 > 0.0 { "LTM2_2" } else { "LTM1_1" };
            needed(keyword, "above 0", |ltm| ltm > 0.0)?;
        }
        let is_wavecal = sci.text("ASN_MTYP").is_some_and(|role| role.contains("WAVECAL"));
        let expstart = needed("EXPSTART", "a date (MJD)", f64::is_finite)?;
        let temperature = sci.real("OCCDHTAV").filter(|_| expstart >= SIDE2_MJD);
        let shift = match is_wavecal {
            true => (0.0, 0.0),
            false => (real("SHIFTA1", 0.0), real("SHIFTA2", 0.0)),
        };
        Ok(Self {
            exptime_s: needed("EXPTIME", "an exposure time (s)", |time| time >= 0.0)?,
            expstart,
            expend: needed("EXPEND", "a date (MJD)", f64::is_finite)?,
            is_wavecal,
            shift,
            ltm,
            // Offsets between images count from the corner of the first pixel, which scale with the pixels.
            ltv: (
                real("LTV1", 0.0) + (ltm.0 - 1.0),
                real("LTV2", 0.0) + (ltm.1 - 1.0),
            ),
            crpix: (real("CRPIX1", 0.0), real("CRPIX2", 0.0)),
            crval1: real("CRVAL1", 0.0),
            cd1_1: needed("CD1_1", "a dispersion (Å/pixel)", |cd| {
                cd.is_finite() && cd != 0.0
            })?,
            cd2_2: needed("CD2_2", "a scale (degrees/pixel)", |cd| {
                cd.is_finite() && cd != 0.0
            })?,
            sdqflags: sci.integer("SDQFLAGS").unwrap_or(32767) as u16,
            temperature_c: temperature.filter(|&found| found != -1.0),
            meandark_dn: real("MEANDARK", 0.0),
            ncombine: real("NCOMBINE", 1.0).max(1.0),
        })
    }

    /// The pixel of the detector that column `x` of the image begins with.
    pub fn detector_x(&self, x: f64) -> f64 {
        (x - self.ltv.0) / self.ltm.0
    }

    /// Where a line of the detector is in the image.
    pub fn image_y(&self, y: f64) -> f64 {
        y * self.ltm.1 + self.ltv.1
    }
}

fn missing(name: &str, hdu: &str, keyword: &str, expected: &'static str) -> Error {
    Error::Keyword {
        name: name.to_owned(),
        hdu: hdu.to_owned(),
        keyword: keyword.to_owned(),
        expected,
        found: None,
    }
}
