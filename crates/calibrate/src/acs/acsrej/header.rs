//! What the header of a combined exposure says.

use super::agreement::Exposures;
use super::{AcsrejReport, RejectionParameters};
use crate::Result;
use crate::acs::{Observation, put, put_single, set};
use firstlight_frame::fits::Header;

/// Records times, sky, parameters and CRCORR in the primary header, and NCOMBINE in those of SCI.
pub(super) fn record(
    product: &mut Observation,
    exposures: &Exposures,
    parameters: &RejectionParameters,
    report: &AcsrejReport,
) -> Result<()> {
    let primary = &mut product.primary;
    put_single(primary, "TEXPTIME", exposures.exptime_s, "")?;
    put_single(primary, "EXPTIME", exposures.exptime_s, "")?;
    let (start, end) = (exposures.expstart_mjd, exposures.expend_mjd);
    put(
        primary,
        "EXPSTART",
        start,
        "computed exposure start time (Modified Julian Date)",
    )?;
    put(
        primary,
        "EXPEND",
        end,
        "computed exposure end time (Modified Julian Date)",
    )?;
    put_single(primary, "SKYSUM", report.skysum_e, "Total sky level (electrons)")?;
    record_rate(primary, report.rej_rate)?;
    summed(
        primary,
        "FLASHDUR",
        exposures.flashdur_s,
        "Cumulative exposure time in seconds",
    )?;
    summed(
        primary,
        "DARKTIME",
        exposures.darktime_s,
        "Cumulative dark time in seconds",
    )?;
    set(primary, "INITGUES", parameters.initgues.name())?;
    set(primary, "SKYSUB", parameters.skysub.name())?;
    set(primary, "CRSIGMAS", parameters.crsigmas.as_str())?;
    put_single(primary, "MEANEXP", parameters.meanexp_s, "")?;
    put_single(primary, "CRRADIUS", parameters.crradius, "")?;
    put_single(primary, "CRTHRESH", parameters.crthresh, "")?;
    put_single(primary, "SCALENSE", parameters.scalense, "")?;
    set(primary, "BADINPDQ", i64::from(parameters.badinpdq))?;
    set(primary, "CRMASK", parameters.crmask)?;
    set(primary, "NEXTEND", 3 * product.chips.len() as i64)?;
    set(primary, "CRCORR", "COMPLETE")?;
    for chip in &mut product.chips {
        set(&mut chip.sci, "NCOMBINE", report.inputs.len() as i64)?;
    }
    Ok(())
}

/// Records how many pixels a second were rejected.
pub(super) fn record_rate(primary: &mut Header, rej_rate: f32) -> Result<()> {
    put_single(
        primary,
        "REJ_RATE",
        rej_rate,
        "Cosmic ray impact rate (pixels/sec)",
    )
}

/// A time that was that of one exposure and is that of all: also the comment says so.
fn summed(primary: &mut Header, keyword: &str, seconds: f32, comment: &str) -> Result<()> {
    put_single(primary, keyword, seconds, comment)?;
    Ok(primary
        .set_comment(keyword, comment)
        .map_err(firstlight_frame::Error::from)?)
}

/// Names a combined exposure: ROOTNAME in capitals, EXPNAME of its extensions in small letters, and, where `role` is
/// given, ASN_MTYP, as in `PROD-CRJ`.
///
/// # Errors
/// [`crate::Error::Frame`] for names that FITS cannot hold.
pub fn name_product(product: &mut Observation, rootname: &str, role: Option<&str>) -> Result<()> {
    let primary = &mut product.primary;
    put(
        primary,
        "ROOTNAME",
        rootname.to_ascii_uppercase(),
        "Rootname of the observation set",
    )?;
    if let Some(role) = role {
        let comment = "Role of the Exposure in the Association";
        put(primary, "ASN_MTYP", role.to_ascii_uppercase(), comment)?;
    }
    for chip in &mut product.chips {
        for header in [&mut chip.sci, &mut chip.err, &mut chip.dq] {
            let comment = "9 character exposure identifier";
            put(header, "EXPNAME", rootname.to_ascii_lowercase(), comment)?;
        }
    }
    Ok(())
}
