//! Headers of raw frames.

use super::detector::SIDE;
use super::plan::{Frame, Kind, Plan};
use super::readout::{FIRST_PIXEL, RAW_SHAPE};
use super::references;
use super::spectrograph::{LAMP_SLIT, PLATE_SCALE, STAR_SLIT, Spectrograph};
use super::{StisPeriod, TARGET_DEG};
use crate::calendar::date_and_time;
use crate::cards::Cards;
use crate::{Extension, Result, SimulatedFile};
use firstlight_fits::{Header, Value};

/// Switches in the order of the pipeline, with those that each kind of frame asks for: dark, bias, spectrum, lamp.
const SWITCHES: [(&str, [bool; 4]); 26] = [
    ("DQICORR", [true, true, true, true]),
    ("ATODCORR", [false; 4]),
    ("BLEVCORR", [true, true, true, true]),
    ("BIASCORR", [true, false, true, true]),
    ("CRCORR", [false, false, true, false]),
    ("RPTCORR", [false; 4]),
    ("EXPSCORR", [false, false, true, false]),
    ("DARKCORR", [false, false, true, true]),
    ("FLATCORR", [false, false, true, true]),
    ("SHADCORR", [false; 4]),
    ("PHOTCORR", [false; 4]),
    ("WAVECORR", [false, false, true, false]),
    ("X1DCORR", [false, false, true, false]),
    ("X2DCORR", [false, false, true, true]),
    ("BACKCORR", [false, false, true, false]),
    ("DISPCORR", [false, false, true, true]),
    ("HELCORR", [false, false, true, false]),
    ("FLUXCORR", [false, false, true, false]),
    ("CTECORR", [false, false, true, false]),
    ("SGEOCORR", [false; 4]),
    ("GEOCORR", [false; 4]),
    ("DOPPCORR", [false; 4]),
    ("LORSCORR", [false; 4]),
    ("GLINCORR", [false; 4]),
    ("LFLGCORR", [false; 4]),
    ("SC2DCORR", [false; 4]),
];

/// A raw file: an imset for each of the frames of a plan.
pub fn raw(period: &StisPeriod, plan: &Plan, pixels: Vec<Vec<u16>>) -> Result<SimulatedFile> {
    let mut extensions = Vec::new();
    for ((index, frame), pixels) in plan.frames.iter().enumerate().zip(pixels) {
        let version = index as i64 + 1;
        extensions.extend([
            Extension::Unsigned(science(period, plan, frame, version)?, RAW_SHAPE, pixels),
            Extension::Constant(constant(period, plan, "ERR", version)?),
            Extension::Constant(constant(period, plan, "DQ", version)?),
        ]);
    }
    Ok(SimulatedFile {
        name: plan.file_name(),
        primary: primary(period, plan)?,
        extensions,
    })
}

fn primary(period: &StisPeriod, plan: &Plan) -> Result<Header> {
    let (date, time) = date_and_time(plan.start());
    let mut cards = Cards(Header::new());
    cards.opening(
        "STIS",
        3 * plan.frames.len() as i64,
        &date,
        (&plan.file_name(), "SCI"),
    )?;
    cards.section("DATA DESCRIPTION KEYWORDS")?;
    cards.card(
        "ROOTNAME",
        plan.rootname.as_str(),
        "rootname of the observation set",
    )?;
    cards.card("PRIMESI", "STIS", "instrument designated as prime")?;
    cards.section("TARGET INFORMATION")?;
    cards.card("TARGNAME", plan.kind.target(), "proposer's target name")?;
    let (ra, dec) = plan.kind.pointing_deg();
    cards.card("RA_TARG", ra, "right ascension of the target (deg) (J2000)")?;
    cards.card("DEC_TARG", dec, "declination of the target (deg) (J2000)")?;
    cards.card("POSTARG1", 0.0, "POSTARG in axis 1 direction")?;
    cards.card("POSTARG2", 0.0, "POSTARG in axis 2 direction")?;
    cards.section("PROPOSAL INFORMATION")?;
    cards.card("PROPOSID", 99_006, "PEP proposal identifier")?;
    cards.card(
        "PROPTTL1",
        "A simulated anneal period of the CCD",
        "title of the proposal",
    )?;
    cards.card("LINENUM", "01.001", "proposal logsheet line number")?;
    cards.section("SUMMARY EXPOSURE INFORMATION")?;
    cards.card("TDATEOBS", date, "UT date of start of first exposure in file")?;
    cards.card("TTIMEOBS", time, "UT start time of first exposure in file")?;
    cards.card(
        "TEXPSTRT",
        plan.start(),
        "start time (MJD) of 1st exposure in file",
    )?;
    cards.card(
        "TEXPEND",
        plan.end(),
        "end time (MJD) of last exposure in the file",
    )?;
    let total: f64 = plan.frames.iter().map(|frame| frame.exptime_s).sum();
    cards.card("TEXPTIME", total, "total exposure time (seconds)")?;
    cards.section("SCIENCE INSTRUMENT CONFIGURATION")?;
    instrument(&mut cards, period, plan)?;
    cards.section("CALIBRATION SWITCHES: PERFORM, OMIT, COMPLETE")?;
    cards.card("STATFLAG", true, "Calculate statistics?")?;
    for (keyword, asked) in SWITCHES {
        let value = if asked[plan.kind.column()] {
            "PERFORM"
        } else {
            "OMIT"
        };
        cards.card(keyword, value, "calibration step")?;
    }
    cards.section("CALIBRATION REFERENCE FILES")?;
    for (keyword, name) in references::named() {
        cards.card(keyword, format!("oref${name}"), "reference file")?;
    }
    for keyword in [
        "DFLTFILE", "SHADFILE", "ATODTAB", "SDSTFILE", "IMPHTTAB", "IDCTAB",
    ] {
        cards.card(keyword, "N/A", "reference file")?;
    }
    cards.section("COSMIC RAY REJECTION AND EXTRACTION PARAMETERS")?;
    let rejection: [(&str, Value); 12] = [
        ("MEANEXP", 0.0.into()),
        ("SCALENSE", 0.0.into()),
        ("INITGUES", "".into()),
        ("SKYSUB", "".into()),
        ("SKYSUM", 0.0.into()),
        ("CRSIGMAS", "".into()),
        ("CRRADIUS", 0.0.into()),
        ("CRTHRESH", 0.0.into()),
        ("BADINPDQ", 0_i64.into()),
        ("REJ_RATE", 0.0.into()),
        ("CRMASK", false.into()),
        ("XTRACALG", "UNWEIGHTED".into()),
    ];
    for (keyword, value) in rejection {
        cards.card(keyword, value, "set by the calibration")?;
    }
    cards.card("CAL_VER", "", "version of the calibration software")?;
    cards.history("Simulated by firstlight: no telescope has seen this.")?;
    Ok(cards.0)
}

fn instrument(cards: &mut Cards, period: &StisPeriod, plan: &Plan) -> Result<()> {
    let optics = period.optics();
    let spectral = plan.kind.is_spectral();
    let aperture = plan.kind.aperture();
    let field_of_view = match plan.kind {
        Kind::Spectrum => "52x0.2",
        Kind::Lamp => "52x0.1",
        _ => "50x50",
    };
    let wavecal = match plan.kind {
        Kind::Spectrum => format!("{}_wav.fits", plan.rootname),
        _ => "N/A".to_owned(),
    };
    let element = if spectral { optics.grating.name() } else { "MIRVIS" };
    let central = if spectral { optics.central as i64 } else { 0 };
    let lamp = plan.kind == Kind::Lamp;
    let values: [(&str, Value, &str); 24] = [
        (
            "OBSTYPE",
            if spectral { "SPECTROSCOPIC" } else { "IMAGING" }.into(),
            "observation type - imaging or spectroscopic",
        ),
        ("OBSMODE", "ACCUM".into(), "operating mode"),
        ("PHOTMODE", "".into(), "observation con"),
        (
            "DETECTOR",
            "CCD".into(),
            "detector in use: NUV-MAMA, FUV-MAMA, or CCD",
        ),
        ("OPT_ELEM", element.into(), "optical element in use"),
        ("FILTER", "Clear".into(), "filter in use"),
        ("APERTURE", aperture.into(), "aperture name"),
        ("PROPAPER", aperture.into(), "proposed aperture name"),
        ("APER_FOV", field_of_view.into(), "aperture field of view"),
        ("CENWAVE", central.into(), "central wavelength of spectrum"),
        (
            "SCLAMP",
            if lamp { "HITM1" } else { "NONE" }.into(),
            "lamp status",
        ),
        (
            "LAMPSET",
            if lamp { "10 mA" } else { "0.0" }.into(),
            "spectral cal lamp current value",
        ),
        ("WAVECAL", wavecal.into(), "wavecal image file name"),
        (
            "SUBARRAY",
            false.into(),
            "data from a subarray (T) or full frame (F)",
        ),
        ("CCDAMP", "D".into(), "CCD amplifier read out (A,B,C,D)"),
        ("CCDGAIN", 1_i64.into(), "commanded gain of CCD"),
        ("CCDOFFST", 3_i64.into(), "commanded CCD bias offset"),
        (
            "BINAXIS1",
            1_i64.into(),
            "axis1 data bin size in unbinned detector pixels",
        ),
        (
            "BINAXIS2",
            1_i64.into(),
            "axis2 data bin size in unbinned detector pixels",
        ),
        ("ATODGAIN", 0.0.into(), "calibrated gain"),
        ("READNSE", 0.0.into(), "calibrated CCD read noise"),
        (
            "CRSPLIT",
            (plan.frames.len() as i64).into(),
            "number of cosmic ray split exposures",
        ),
        ("NRPTEXP", 1_i64.into(), "number of repeat exposures in set"),
        ("PLATESC", PLATE_SCALE.into(), "plate scale (arcsec/pixel)"),
    ];
    for (keyword, value, comment) in values {
        cards.card(keyword, value, comment)?;
    }
    Ok(())
}

/// What the three extensions of an imset have in common.
fn plane(period: &StisPeriod, plan: &Plan, name: &str, version: i64) -> Result<Cards> {
    let mut cards = Cards(Header::new());
    cards.card("INHERIT", true, "inherit the primary header")?;
    cards.card("EXTNAME", name, "extension name")?;
    cards.card("EXTVER", version, "extension version number")?;
    cards.card(
        "ROOTNAME",
        plan.rootname.as_str(),
        "rootname of the observation set",
    )?;
    cards.card("EXPNAME", plan.rootname.as_str(), "exposure identifier")?;
    let member = match plan.kind {
        Kind::Spectrum => "CRSPLIT",
        Kind::Lamp => "AUTO-WAVECAL",
        _ => "NOT_ASSIGNED",
    };
    cards.card("ASN_MTYP", member, "Role of the Exposure in the Association")?;
    let unit = if name == "DQ" { "UNITLESS" } else { "COUNTS" };
    cards.card("BUNIT", unit, "brightness units")?;
    cards.section("World Coordinate System and Related Parameters")?;
    world(&mut cards, plan.kind, period.optics())?;
    let (x, y) = FIRST_PIXEL;
    cards.card("LTV1", x as f64, "offset in X to subsection start")?;
    cards.card("LTV2", y as f64, "offset in Y to subsection start")?;
    cards.card("LTM1_1", 1.0, "reciprocal of sampling rate in X")?;
    cards.card("LTM2_2", 1.0, "reciprocal of sampling rate in Y")?;
    cards.card("SHIFTA1", 0.0, "Spectrum shift in AXIS1 calculated from WAVECAL")?;
    cards.card("SHIFTA2", 0.0, "Spectrum shift in AXIS2 calculated from WAVECAL")?;
    Ok(cards)
}

fn world(cards: &mut Cards, kind: Kind, optics: &Spectrograph) -> Result<()> {
    let (x, y) = FIRST_PIXEL;
    let degrees = PLATE_SCALE / 3600.0;
    let middle = |first: usize| (first + SIDE / 2 + 1) as f64;
    cards.card("CRPIX1", middle(x), "x-coordinate of reference pixel")?;
    cards.card("CRPIX2", middle(y), "y-coordinate of reference pixel")?;
    let (values, types, first) = match kind.is_spectral() {
        true => ((optics.central, 0.0), ["LAMBDA", "ANGLE"], optics.dispersion),
        false => (TARGET_DEG, ["RA---TAN", "DEC--TAN"], -degrees),
    };
    cards.card("CRVAL1", values.0, "first axis value at reference pixel")?;
    cards.card("CRVAL2", values.1, "second axis value at reference pixel")?;
    cards.card("CTYPE1", types[0], "the coordinate type for the first axis")?;
    cards.card("CTYPE2", types[1], "the coordinate type for the second axis")?;
    let unit = if kind.is_spectral() { "angstrom" } else { "deg" };
    cards.card("CUNIT1", unit, "units of first coordinate value")?;
    cards.card("CUNIT2", "deg", "units of second coordinate value")?;
    cards.card("CD1_1", first, "partial of first axis coordinate w.r.t. x")?;
    cards.card("CD1_2", 0.0, "partial of first axis coordinate w.r.t. y")?;
    cards.card("CD2_1", 0.0, "partial of second axis coordinate w.r.t. x")?;
    cards.card("CD2_2", degrees, "partial of second axis coordinate w.r.t. y")?;
    Ok(())
}

fn science(period: &StisPeriod, plan: &Plan, frame: &Frame, version: i64) -> Result<Header> {
    let mut cards = plane(period, plan, "SCI", version)?;
    let (date, time) = date_and_time(frame.start_mjd);
    cards.section("EXPOSURE INFORMATION")?;
    cards.card("DATE-OBS", date, "UT date of start of observation (yyyy-mm-dd)")?;
    cards.card("TIME-OBS", time, "UT time of start of observation (hh:mm:ss)")?;
    cards.card(
        "EXPTIME",
        frame.exptime_s,
        "exposure duration (seconds)--calculated",
    )?;
    cards.card(
        "EXPSTART",
        frame.start_mjd,
        "exposure start time (Modified Julian Date)",
    )?;
    cards.card(
        "EXPEND",
        frame.end_mjd(),
        "exposure end time (Modified Julian Date)",
    )?;
    cards.card("EXPFLAG", "NORMAL", "Exposure interruption indicator")?;
    cards.section("READOUT DEFINITION PARAMETERS")?;
    let (ny, nx) = RAW_SHAPE;
    let numbers = [
        ("CENTERA1", nx as i64 / 2 + 1),
        ("CENTERA2", ny as i64 / 2 + 1),
        ("SIZAXIS1", nx as i64),
        ("SIZAXIS2", ny as i64),
    ];
    for (keyword, value) in numbers {
        cards.card(keyword, value, "in unbinned detector pixels")?;
    }
    cards.card("DISPAXIS", i64::from(plan.kind.is_spectral()), "dispersion axis")?;
    cards.card("SPORDER", 1, "Spectral order")?;
    cards.card("NCOMBINE", 1, "number of image sets combined during CR rejecti")?;
    cards.section("TEMPERATURES, deg C")?;
    let average = frame.temperature_c;
    cards.card("OCCDHTAV", average, "average CCD housing temperature")?;
    cards.card("OCCDHTMN", average - 0.3, "minimum CCD housing temperature")?;
    cards.card("OCCDHTMX", average + 0.3, "maximum CCD housing temperature")?;
    cards.section("IMAGE STATISTICS AND DATA QUALITY FLAGS")?;
    cards.card("SDQFLAGS", 31_743, "serious data quality flags")?;
    cards.card("NGOODPIX", 0, "number of good pixels")?;
    cards.card("SOFTERRS", 0, "number of soft error pixels (DQF=1)")?;
    let later = [
        "GOODMIN", "GOODMAX", "GOODMEAN", "SNRMIN", "SNRMAX", "SNRMEAN", "MEANDARK", "MEANBLEV", "DIFF2PT",
        "CONT2EML", "SCALE_A1", "OMEGAPIX", "V_HELIO",
    ];
    for keyword in later {
        cards.card(keyword, 0.0, "set by the calibration")?;
    }
    Ok(cards.0)
}

/// An extension whose pixels are all nought.
fn constant(period: &StisPeriod, plan: &Plan, name: &str, version: i64) -> Result<Header> {
    let mut cards = plane(period, plan, name, version)?;
    cards.card("NPIX1", RAW_SHAPE.1 as i64, "length of constant array axis 1")?;
    cards.card("NPIX2", RAW_SHAPE.0 as i64, "length of constant array axis 2")?;
    let value = if name == "DQ" {
        Value::from(0_i64)
    } else {
        Value::from(0.0)
    };
    cards.card("PIXVALUE", value, "values of pixels in constant array")?;
    Ok(cards.0)
}

impl Kind {
    fn target(self) -> &'static str {
        match self {
            Kind::Dark | Kind::ShortDark => "DARK",
            Kind::Bias => "BIAS",
            Kind::Spectrum => "SIMULATED-STAR",
            Kind::Lamp => "WAVEHITM",
        }
    }

    fn pointing_deg(self) -> (f64, f64) {
        match self.is_spectral() {
            true => TARGET_DEG,
            false => (0.0, 0.0),
        }
    }

    fn aperture(self) -> &'static str {
        match self {
            Kind::Spectrum => STAR_SLIT.name,
            Kind::Lamp => LAMP_SLIT.name,
            _ => "50CCD",
        }
    }

    /// Place in the table of switches.
    fn column(self) -> usize {
        match self {
            Kind::Dark | Kind::ShortDark => 0,
            Kind::Bias => 1,
            Kind::Spectrum => 2,
            Kind::Lamp => 3,
        }
    }

    fn is_spectral(self) -> bool {
        matches!(self, Kind::Spectrum | Kind::Lamp)
    }
}
