//! Headers as the archive's: the cards that programs and people look for, under their section titles.

use super::optics::{self, Pointing};
use super::scene::Band;
use crate::calendar::date_and_time;
use crate::{Error, Result};
use firstlight_fits::{Card, Header, Value};

/// What is particular to one exposure.
#[derive(Debug, Clone)]
pub struct ExposureCards {
    /// Nine characters, lower case.
    pub rootname: String,
    /// `raw` or `flt`.
    pub suffix: &'static str,
    /// `EXT` for science, `DARK`.
    pub image_type: &'static str,
    /// `TARGNAME`.
    pub target: &'static str,
    /// `RA_TARG`, `DEC_TARG`, degrees.
    pub target_deg: (f64, f64),
    /// `PROPOSID`.
    pub proposal: i64,
    /// `FILTER1`.
    pub filter: String,
    /// Start, Modified Julian Date.
    pub expstart: f64,
    /// Position angle of the telescope's V3 axis, degrees.
    pub pa_v3_deg: f64,
    /// Seconds.
    pub exptime_s: f64,
    /// The association's identifier, upper case.
    pub association: String,
    /// `ASN_MTYP`.
    pub member_type: &'static str,
    /// `MDECODT1`, `MDECODT2`, °C.
    pub temperatures_c: (f64, f64),
    /// Side of the detector, pixels.
    pub size: usize,
    /// The simulation's seed, for the record.
    pub seed: u64,
}

/// Collects cards, each line of code one card.
struct Cards(Header);

impl Cards {
    fn card(&mut self, keyword: &str, value: impl Into<Value>, comment: &str) -> Result<&mut Self> {
        let card = Card::new(keyword, value, Some(comment)).map_err(Error::Header)?;
        self.0.push(card);
        Ok(self)
    }

    fn section(&mut self, title: &str) -> Result<&mut Self> {
        for text in ["", &format!("      / {title}"), ""] {
            for card in Card::commentary("", text).map_err(Error::Header)? {
                self.0.push(card);
            }
        }
        Ok(self)
    }

    fn history(&mut self, text: &str) -> Result<&mut Self> {
        self.0.push_commentary("HISTORY", text).map_err(Error::Header)?;
        Ok(self)
    }
}

/// The primary header of an exposure.
pub fn primary(of: &ExposureCards) -> Result<Header> {
    let mut cards = Cards(Header::new());
    let (date, time) = date_and_time(of.expstart);
    let expend = of.expstart + of.exptime_s / 86400.0;
    let calibrated = of.suffix == "flt";
    let done = if calibrated { "COMPLETE" } else { "PERFORM " };
    cards.card("NEXTEND", 3, "Number of standard extensions")?;
    cards.card("DATE", date.as_str(), "date this file was written (yyyy-mm-dd)")?;
    cards.card(
        "FILENAME",
        format!("{}_{}.fits", of.rootname, of.suffix),
        "name of file",
    )?;
    cards.card("FILETYPE", "SCI", "type of data found in data file")?;
    cards.card("TELESCOP", "HST", "telescope used to acquire data")?;
    cards.card(
        "INSTRUME",
        "ACS",
        "identifier for instrument used to acquire data",
    )?;
    cards.card("EQUINOX", 2000.0, "equinox of celestial coord. system")?;
    cards.section("DATA DESCRIPTION KEYWORDS")?;
    cards.card(
        "ROOTNAME",
        of.rootname.as_str(),
        "rootname of the observation set",
    )?;
    cards.card("IMAGETYP", of.image_type, "type of exposure identifier")?;
    cards.card("PRIMESI", "ACS", "instrument designated as prime")?;
    cards.section("TARGET INFORMATION")?;
    cards.card("TARGNAME", of.target, "proposer's target name")?;
    cards.card(
        "RA_TARG",
        of.target_deg.0,
        "right ascension of the target (deg) (J2000)",
    )?;
    cards.card(
        "DEC_TARG",
        of.target_deg.1,
        "declination of the target (deg) (J2000)",
    )?;
    cards.section("PROPOSAL INFORMATION")?;
    cards.card("PROPOSID", of.proposal, "PEP proposal identifier")?;
    cards.section("EXPOSURE INFORMATION")?;
    cards.card(
        "DATE-OBS",
        date.as_str(),
        "UT date of start of observation (yyyy-mm-dd)",
    )?;
    cards.card(
        "TIME-OBS",
        time.as_str(),
        "UT time of start of observation (hh:mm:ss)",
    )?;
    cards.card(
        "EXPSTART",
        of.expstart,
        "exposure start time (Modified Julian Date)",
    )?;
    cards.card("EXPEND", expend, "exposure end time (Modified Julian Date)")?;
    cards.card("EXPTIME", of.exptime_s, "exposure duration (seconds)--calculated")?;
    cards.card("EXPFLAG", "NORMAL", "Exposure interruption indicator")?;
    cards.section("POINTING INFORMATION")?;
    cards.card("PA_V3", of.pa_v3_deg, "position angle of V3-axis of HST (deg)")?;
    cards.section("SCIENCE INSTRUMENT CONFIGURATION")?;
    let observation = if of.image_type == "DARK" {
        "INTERNAL"
    } else {
        "IMAGING"
    };
    cards.card(
        "OBSTYPE",
        observation,
        "observation type - imaging or spectroscopic",
    )?;
    cards.card("OBSMODE", "ACCUM", "operating mode")?;
    cards.card("SUBARRAY", false, "data from a subarray (T) or full frame (F)")?;
    cards.card("DETECTOR", "SBC", "detector in use: WFC, HRC, or SBC")?;
    cards.card(
        "FILTER1",
        of.filter.as_str(),
        "element selected from filter wheel 1",
    )?;
    cards.card("FILTER2", "N/A", "element selected from filter wheel 2")?;
    cards.card("APERTURE", "SBC", "aperture name")?;
    cards.section("CALIBRATION SWITCHES: PERFORM, OMIT, COMPLETE")?;
    let of_science = if of.image_type == "DARK" { "OMIT" } else { done };
    cards.card("DQICORR", done, "data quality initialization")?;
    cards.card("GLINCORR", done, "correct for global detector non-linearities")?;
    cards.card(
        "LFLGCORR",
        done,
        "flag pixels for local and global nonlinearities",
    )?;
    cards.card("DARKCORR", "OMIT", "Subtract dark image")?;
    cards.card("FLATCORR", of_science, "flat field data")?;
    cards.card("PHOTCORR", of_science, "populate photometric header keywords")?;
    cards.card("DRIZCORR", "PERFORM", "drizzle processing")?;
    cards.section("CALIBRATION REFERENCE FILES")?;
    for keyword in [
        "BPIXTAB", "DARKFILE", "PFLTFILE", "IDCTAB", "DGEOFILE", "MDRIZTAB", "D2IMFILE", "NPOLFILE",
    ] {
        cards.card(keyword, "N/A", "simulated")?;
    }
    cards.section("ASSOCIATION KEYWORDS")?;
    cards.card(
        "ASN_ID",
        of.association.as_str(),
        "unique identifier assigned to association",
    )?;
    let table = format!("{}_asn.fits", of.association.to_lowercase());
    cards.card("ASN_TAB", table, "name of the association table")?;
    cards.card(
        "ASN_MTYP",
        of.member_type,
        "Role of the Member in the Association",
    )?;
    cards.history("Simulated by firstlight; no photon of this file came from a telescope.")?;
    cards.history(&format!("Simulation seed {}.", of.seed))?;
    Ok(cards.0)
}

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

/// The headers of an association: primary and table.
pub fn association(identifier: &str, target: &str, target_deg: (f64, f64), mjd: f64) -> Result<[Header; 2]> {
    let mut cards = Cards(Header::new());
    let lower = identifier.to_lowercase();
    cards.card("NEXTEND", 1, "Number of standard extensions")?;
    cards.card(
        "DATE",
        date_and_time(mjd).0,
        "date this file was written (yyyy-mm-dd)",
    )?;
    cards.card("FILENAME", format!("{lower}_asn.fits"), "name of file")?;
    cards.card("FILETYPE", "ASN_TABLE", "type of data found in data file")?;
    cards.card("TELESCOP", "HST", "telescope used to acquire data")?;
    cards.card(
        "INSTRUME",
        "ACS",
        "identifier for instrument used to acquire data",
    )?;
    cards.card("EQUINOX", 2000.0, "equinox of celestial coord. system")?;
    cards.card("ROOTNAME", lower.as_str(), "rootname of the observation set")?;
    cards.card("TARGNAME", target, "proposer's target name")?;
    cards.card(
        "RA_TARG",
        target_deg.0,
        "right ascension of the target (deg) (J2000)",
    )?;
    cards.card(
        "DEC_TARG",
        target_deg.1,
        "declination of the target (deg) (J2000)",
    )?;
    cards.card("DETECTOR", "SBC", "detector in use: WFC, HRC, or SBC")?;
    cards.card(
        "ASN_ID",
        lower.as_str(),
        "unique identifier assigned to association",
    )?;
    cards.card(
        "ASN_TAB",
        format!("{lower}_asn.fits"),
        "name of the association table",
    )?;
    cards.card(
        "ASN_STAT",
        "COMPLETE",
        "status of association (COMPLETE/INCOMPLETE)",
    )?;
    cards.card("ASN_PROD", true, "product created (T/F)")?;
    cards.history("Simulated by firstlight; no photon of this file came from a telescope.")?;
    let mut table = Cards(Header::new());
    table.card("INHERIT", true, "inherit the primary header")?;
    table.card("EXTNAME", "ASN", "extension name")?;
    table.card("EXTVER", 1, "extension version number")?;
    table.card("ROOTNAME", lower.as_str(), "rootname of the observation set")?;
    Ok([cards.0, table.0])
}
