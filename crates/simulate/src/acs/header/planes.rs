//! Extensions of one imset.

use crate::acs::camera::Detector;
use crate::acs::geometry::Section;
use crate::acs::{AcsVisit, Plan, reference_point};
use crate::cards::Cards;
use crate::{Extension, Result};
use firstlight_fits::Header;

/// SCI with its pixels, and ERR and DQ without.
pub fn raw_imset(
    visit: &AcsVisit,
    plan: &Plan,
    section: &Section,
    pixels: Vec<u16>,
) -> Result<Vec<Extension>> {
    let shape = section.raw_shape();
    let sci = science(visit, plan, section, &pixels)?;
    let mut err = plane(visit, plan, section, "ERR", "COUNTS")?;
    constant(&mut err, shape)?;
    err.card("PIXVALUE", 0.0, "values of pixels in constant array")?;
    statistics(&mut err, &[0])?;
    let mut dq = plane(visit, plan, section, "DQ", "UNITLESS")?;
    constant(&mut dq, shape)?;
    dq.card("PIXVALUE", 0_i64, "values of pixels in constant array")?;
    Ok(vec![
        Extension::Unsigned(sci, shape, pixels),
        Extension::Constant(err.0),
        Extension::Constant(dq.0),
    ])
}

/// `ELECTRONS` and `CRMASK` of an imset, of its imaging area.
pub fn truth_imset(
    visit: &AcsVisit,
    plan: &Plan,
    section: &Section,
    electrons: Vec<f32>,
    hit: Vec<u8>,
) -> Result<Vec<Extension>> {
    let header = |name: &str, unit: &str| -> Result<Header> {
        let mut cards = Cards(Header::new());
        names(&mut cards, plan, section, name, unit)?;
        let (x0, y0) = section.origin;
        world(&mut cards, visit, plan, section, (-(x0 as f64), -(y0 as f64)))?;
        Ok(cards.0)
    };
    let shape = section.shape;
    Ok(vec![
        Extension::Real(header("ELECTRONS", "ELECTRONS")?, shape, electrons),
        Extension::Bytes(header("CRMASK", "UNITLESS")?, shape, hit),
    ])
}

fn names(cards: &mut Cards, plan: &Plan, section: &Section, name: &str, unit: &str) -> Result<()> {
    cards.card("INHERIT", true, "inherit the primary header")?;
    cards.card("EXTNAME", name, "extension name")?;
    cards.card("EXTVER", section.version, "extension version number")?;
    let rootname = plan.rootname.as_str();
    cards.card("ROOTNAME", rootname, "rootname of the observation set")?;
    cards.card("EXPNAME", rootname, "exposure identifier")?;
    cards.card("BUNIT", unit, "brightness units")?;
    if let Some(chip) = section.chip {
        cards.card("CCDCHIP", chip, "CCD chip (1 or 2)")?;
    }
    Ok(())
}

/// The WCS, without distortion, of an image whose pixels lie `ltv` from those of the chip's imaging area.
fn world(cards: &mut Cards, visit: &AcsVisit, plan: &Plan, section: &Section, ltv: (f64, f64)) -> Result<()> {
    let pointing = &plan.pointing;
    let (rx, ry) = reference_point(visit.options.detector, section.chip_number());
    let (ra, dec) = plan.claimed_deg();
    let [[cd11, cd12], [cd21, cd22]] = pointing.cd();
    cards.section("World Coordinate System and Related Parameters")?;
    cards.card("WCSAXES", 2, "number of World Coordinate System axes")?;
    cards.card("CRPIX1", rx + 1.0 + ltv.0, "x-coordinate of reference pixel")?;
    cards.card("CRPIX2", ry + 1.0 + ltv.1, "y-coordinate of reference pixel")?;
    cards.card("CRVAL1", ra, "first axis value at reference pixel")?;
    cards.card("CRVAL2", dec, "second axis value at reference pixel")?;
    cards.card("CTYPE1", "RA---TAN", "the coordinate type for the first axis")?;
    cards.card("CTYPE2", "DEC--TAN", "the coordinate type for the second axis")?;
    cards.card("CD1_1", cd11, "partial of first axis coordinate w.r.t. x")?;
    cards.card("CD1_2", cd12, "partial of first axis coordinate w.r.t. y")?;
    cards.card("CD2_1", cd21, "partial of second axis coordinate w.r.t. x")?;
    cards.card("CD2_2", cd22, "partial of second axis coordinate w.r.t. y")?;
    cards.card("LTV1", ltv.0, "offset in X to subsection start")?;
    cards.card("LTV2", ltv.1, "offset in Y to subsection start")?;
    cards.card("LTM1_1", 1.0, "reciprocal of sampling rate in X")?;
    cards.card("LTM2_2", 1.0, "reciprocal of sampling rate in Y")?;
    let angle = pointing.orientation_deg;
    cards.card("ORIENTAT", angle, "position angle of image y axis (deg. e of n)")?;
    cards.card("RA_APER", ra, "RA of aperture reference position")?;
    cards.card("DEC_APER", dec, "Declination of aperture reference position")?;
    let of_aperture = "Position Angle of reference aperture center (de";
    cards.card("PA_APER", angle, of_aperture)?;
    cards.card("VAFACTOR", 1.0, "velocity aberration plate scale factor")?;
    Ok(())
}

/// What SCI, ERR and DQ have in common.
fn plane(visit: &AcsVisit, plan: &Plan, section: &Section, name: &str, unit: &str) -> Result<Cards> {
    let mut cards = Cards(Header::new());
    names(&mut cards, plan, section, name, unit)?;
    world(&mut cards, visit, plan, section, section.raw_ltv())?;
    Ok(cards)
}

fn science(visit: &AcsVisit, plan: &Plan, section: &Section, pixels: &[u16]) -> Result<Header> {
    let mut cards = plane(visit, plan, section, "SCI", "COUNTS")?;
    let mama = visit.options.detector == Detector::Sbc;
    cards.section("READOUT DEFINITION PARAMETERS")?;
    let (ny, nx) = section.raw_shape();
    let (ltv1, ltv2) = section.raw_ltv();
    // Of the whole chip, its overscan included.
    let whole = visit.options.detector == Detector::Wfc && visit.options.subarray.is_some();
    let first = |ltv: f64, prescan: f64| if whole { prescan - ltv } else { 0.0 };
    let centre = |first: f64, n: usize| (first + 0.5 * n as f64 + 1.0) as i64;
    let overscan = if section.chip == Some(1) { 20.0 } else { 0.0 };
    let numbers = [
        ("CENTERA1", centre(first(ltv1, 24.0), nx)),
        ("CENTERA2", centre(first(ltv2, overscan), ny)),
        ("SIZAXIS1", nx as i64),
        ("SIZAXIS2", ny as i64),
        ("BINAXIS1", 1),
        ("BINAXIS2", 1),
    ];
    for (keyword, value) in numbers {
        cards.card(keyword, value, "in unbinned detector pixels")?;
    }
    cards.section("PHOTOMETRY KEYWORDS")?;
    cards.card("PHOTMODE", "", "observation con")?;
    let unit = if mama { "count" } else { "electron" };
    let sensitivity = format!("inverse sensitivity, ergs/cm2/Ang/{unit}");
    cards.card("PHOTFLAM", 0.0, &sensitivity)?;
    cards.card("PHOTZPT", 0.0, "ST magnitude zero point")?;
    cards.card("PHOTPLAM", 0.0, "Pivot wavelength (Angstroms)")?;
    cards.card("PHOTBW", 0.0, "RMS bandwidth of filter plus detector")?;
    cards.section("REPEATED EXPOSURES INFO")?;
    let combined = "number of image sets combined during CR rejecti";
    cards.card("NCOMBINE", 1, combined)?;
    cards.section("DATA PACKET INFORMATION")?;
    cards.card("FILLCNT", 0, "number of segments containing fill")?;
    cards.card("ERRCNT", 0, "number of segments containing errors")?;
    cards.card("PODPSFF", false, "podps fill present (T/F)")?;
    cards.card("STDCFFF", false, "science telemetry fill data present (T=1/F=0)")?;
    cards.card("STDCFFP", "0x5569", "science telemetry fill pattern (hex)")?;
    if visit.options.detector == Detector::Wfc {
        cards.card("WFCMPRSD", false, "was WFC data compressed? (T/F)")?;
    }
    cards.section("IMAGE STATISTICS AND DATA QUALITY FLAGS")?;
    cards.card("NGOODPIX", pixels.len() as i64, "number of good pixels")?;
    cards.card("SDQFLAGS", 31_743, "serious data quality flags")?;
    statistics(&mut cards, pixels)?;
    cards.card("SOFTERRS", 0, "number of soft error pixels (DQF=1)")?;
    for keyword in ["SNRMIN", "SNRMAX", "SNRMEAN"] {
        cards.card(keyword, 0.0, "signal to noise of good pixels")?;
    }
    cards.card("MEANDARK", 0.0, "average of the dark values subtracted")?;
    if mama {
        let exptime = visit.options.exptime;
        let counts: f64 = pixels.iter().map(|&count| f64::from(count)).sum();
        let rate = if exptime > 0.0 { counts / exptime } else { 0.0 };
        cards.card("GLOBRATE", rate, "global count rate")?;
        cards.card("GLOBLIM", "NOT-EXCEEDED", "was global linearity level exceeded?")?;
    } else {
        cards.card("MEANBLEV", 0.0, "average of all bias levels subtracted")?;
        cards.card("MEANFLSH", 0.0, "Mean number of counts in post flash exposure")?;
    }
    Ok(cards.0)
}

fn statistics(cards: &mut Cards, pixels: &[u16]) -> Result<()> {
    let least = pixels.iter().min().copied().unwrap_or(0);
    let most = pixels.iter().max().copied().unwrap_or(0);
    let sum: f64 = pixels.iter().map(|&pixel| f64::from(pixel)).sum();
    let mean = sum / pixels.len().max(1) as f64;
    cards.card("GOODMIN", f64::from(least), "minimum value of good pixels")?;
    cards.card("GOODMAX", f64::from(most), "maximum value of good pixels")?;
    cards.card("GOODMEAN", mean, "mean value of good pixels")?;
    Ok(())
}

/// The size that an HDU without pixels stands for.
fn constant(cards: &mut Cards, (ny, nx): (usize, usize)) -> Result<()> {
    cards.card("NPIX1", nx as i64, "length of constant array axis 1")?;
    cards.card("NPIX2", ny as i64, "length of constant array axis 2")?;
    Ok(())
}
