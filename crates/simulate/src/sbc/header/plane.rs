//! The headers of SCI, ERR and DQ.

use super::ExposureCards;
use crate::Result;
use crate::cards::Cards;
use crate::sbc::optics::{self, Pointing};
use crate::sbc::scene::Band;
use firstlight_fits::{Header, Value};

/// What kind of plane an extension is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plane {
    /// Counts.
    Sci,
    /// Their errors.
    Err,
    /// Flags.
    Dq,
}

impl Plane {
    fn name_and_unit(self) -> (&'static str, &'static str) {
        match self {
            Plane::Sci => ("SCI", "COUNTS"),
            Plane::Err => ("ERR", "COUNTS"),
            Plane::Dq => ("DQ", "UNITLESS"),
        }
    }
}

/// The cards that all three planes have: names, unit and a WCS, with distortion where `distorted`.
pub fn plane(of: &ExposureCards, plane: Plane, pointing: &Pointing, distorted: bool) -> Result<Header> {
    let mut cards = Cards(Header::new());
    let (name, unit) = plane.name_and_unit();
    cards.card("INHERIT", true, "inherit the primary header")?;
    cards.card("EXTNAME", name, "extension name")?;
    cards.card("EXTVER", 1, "extension version number")?;
    cards.card(
        "ROOTNAME",
        of.rootname.as_str(),
        "rootname of the observation set",
    )?;
    cards.card("EXPNAME", of.rootname.as_str(), "exposure identifier")?;
    cards.card("BUNIT", unit, "brightness units")?;
    cards.section("World Coordinate System and Related Parameters")?;
    let [[cd11, cd12], [cd21, cd22]] = pointing.cd();
    let sip = if distorted { "-SIP" } else { "" };
    cards.card("WCSAXES", 2, "number of World Coordinate System axes")?;
    cards.card(
        "CRPIX1",
        pointing.reference_pixel,
        "x-coordinate of reference pixel",
    )?;
    cards.card(
        "CRPIX2",
        pointing.reference_pixel,
        "y-coordinate of reference pixel",
    )?;
    cards.card("CRVAL1", pointing.ra_deg, "first axis value at reference pixel")?;
    cards.card("CRVAL2", pointing.dec_deg, "second axis value at reference pixel")?;
    cards.card(
        "CTYPE1",
        format!("RA---TAN{sip}"),
        "the coordinate type for the first axis",
    )?;
    cards.card(
        "CTYPE2",
        format!("DEC--TAN{sip}"),
        "the coordinate type for the second axis",
    )?;
    cards.card("CD1_1", cd11, "partial of first axis coordinate w.r.t. x")?;
    cards.card("CD1_2", cd12, "partial of first axis coordinate w.r.t. y")?;
    cards.card("CD2_1", cd21, "partial of second axis coordinate w.r.t. x")?;
    cards.card("CD2_2", cd22, "partial of second axis coordinate w.r.t. y")?;
    for (keyword, value) in [("LTV1", 0.0), ("LTV2", 0.0), ("LTM1_1", 1.0), ("LTM2_2", 1.0)] {
        cards.card(keyword, value, "subsection")?;
    }
    cards.card(
        "ORIENTAT",
        pointing.orientation_deg,
        "position angle of image y axis (deg. e of n)",
    )?;
    cards.card("RA_APER", pointing.ra_deg, "RA of aperture reference position")?;
    cards.card(
        "DEC_APER",
        pointing.dec_deg,
        "Declination of aperture reference position",
    )?;
    cards.card(
        "PA_APER",
        pointing.orientation_deg,
        "Position Angle of reference aperture center (de",
    )?;
    cards.card(
        "VAFACTOR",
        pointing.vafactor,
        "velocity aberration plate scale factor",
    )?;
    if distorted {
        distortion(&mut cards, pointing)?;
    }
    Ok(cards.0)
}

fn distortion(cards: &mut Cards, pointing: &Pointing) -> Result<()> {
    cards.card("WCSNAME", "IDC_simulated", "Coordinate system title")?;
    for (axis, select) in [("A", 0), ("B", 1)] {
        cards.card(&format!("{axis}_ORDER"), 3, "SIP polynomial order")?;
        for (p, q, a, b) in optics::SIP {
            cards.card(
                &format!("{axis}_{p}_{q}"),
                [a, b][select],
                "SIP distortion coefficient",
            )?;
        }
    }
    let linear = [
        ("OCX10", optics::OCX10),
        ("OCX11", optics::OCX11),
        ("OCY10", optics::OCY10),
        ("OCY11", optics::OCY11),
    ];
    for (keyword, value) in linear {
        cards.card(keyword, value, "linear distortion, arcsec/pixel")?;
    }
    cards.card(
        "IDCSCALE",
        optics::IDCSCALE,
        "pixel scale of the distortion model, arcsec",
    )?;
    cards.card(
        "IDCTHETA",
        0.0,
        "orientation of the detector's y axis in the model",
    )?;
    cards.card(
        "IDCXREF",
        pointing.reference_pixel,
        "reference pixel of the distortion model in x",
    )?;
    cards.card(
        "IDCYREF",
        pointing.reference_pixel,
        "reference pixel of the distortion model in y",
    )?;
    cards.card("IDCV2REF", 205.0, "reference V2 of the distortion model, arcsec")?;
    cards.card("IDCV3REF", 467.0, "reference V3 of the distortion model, arcsec")?;
    Ok(())
}

/// What a science plane has beyond [`plane`]: read-out, photometry, temperatures, statistics.
pub fn science(
    of: &ExposureCards,
    pointing: &Pointing,
    distorted: bool,
    band: Option<&Band>,
) -> Result<Header> {
    let mut cards = Cards(plane(of, Plane::Sci, pointing, distorted)?);
    cards.section("READOUT DEFINITION PARAMETERS")?;
    let (size, centre) = (of.size as i64, of.size as i64 / 2 + 1);
    for (keyword, value) in [
        ("CENTERA1", centre),
        ("CENTERA2", centre),
        ("SIZAXIS1", size),
        ("SIZAXIS2", size),
        ("BINAXIS1", 1),
        ("BINAXIS2", 1),
    ] {
        cards.card(keyword, value, "in unbinned detector pixels")?;
    }
    cards.section("PHOTOMETRY KEYWORDS")?;
    let (photflam, pivot, width) = band.map_or((0.0, 0.0, 0.0), |b| (b.photflam, b.pivot_a, b.bandwidth_a));
    let mode = band.map_or(String::new(), |b| format!("ACS SBC {}", b.filter));
    cards.card("PHOTMODE", mode, "observation con")?;
    cards.card("PHOTFLAM", photflam, "inverse sensitivity, ergs/cm2/Ang/electron")?;
    cards.card(
        "PHOTZPT",
        if band.is_some() { -21.1 } else { 0.0 },
        "ST magnitude zero point",
    )?;
    cards.card("PHOTPLAM", pivot, "Pivot wavelength (Angstroms)")?;
    cards.card("PHOTBW", width, "RMS bandwidth of filter plus detector")?;
    cards.section("ENGINEERING PARAMETERS")?;
    cards.card(
        "MDECODT1",
        of.temperatures_c.0,
        "MAMA jMDECODT pwb temp from eng snap 1 (deg. C)",
    )?;
    cards.card(
        "MDECODT2",
        of.temperatures_c.1,
        "MAMA JMDECODT pwb temp from eng snap 2 (deg. C)",
    )?;
    cards.card("MEANDARK", 0.0, "average of the dark values subtracted")?;
    Ok(cards.0)
}

/// Adds the statistics of a plane's unflagged pixels.
pub fn statistics(header: Header, pixels: impl Iterator<Item = f64>) -> Result<Header> {
    let (mut n, mut sum, mut least, mut most) = (0_i64, 0.0, f64::INFINITY, f64::NEG_INFINITY);
    for pixel in pixels {
        n += 1;
        sum += pixel;
        least = least.min(pixel);
        most = most.max(pixel);
    }
    let mut cards = Cards(header);
    cards.section("IMAGE STATISTICS AND DATA QUALITY FLAGS")?;
    cards.card("NGOODPIX", n, "number of good pixels")?;
    cards.card("SDQFLAGS", 31743, "serious data quality flags")?;
    if n > 0 {
        cards.card("GOODMIN", least, "minimum value of good pixels")?;
        cards.card("GOODMAX", most, "maximum value of good pixels")?;
        cards.card("GOODMEAN", sum / n as f64, "mean value of good pixels")?;
    }
    Ok(cards.0)
}

/// Makes a plane's header that of a constant array.
pub fn constant(header: Header, size: usize, value: impl Into<Value>) -> Result<Header> {
    let mut cards = Cards(header);
    cards.card("NPIX1", size as i64, "length of constant array axis 1")?;
    cards.card("NPIX2", size as i64, "length of constant array axis 2")?;
    cards.card("PIXVALUE", value, "values of pixels in constant array")?;
    Ok(cards.0)
}
