//! What the headers of the product say.

use super::OcrrejectReport;
use super::members::Totals;
use crate::record::{put, put_single, set};
use crate::{Observation, Result};

/// Records times, sky, parameters and CRCORR in the primary header; times, temperature and NCOMBINE in that of SCI.
pub(super) fn record(product: &mut Observation, report: &OcrrejectReport, totals: &Totals) -> Result<()> {
    let (start, end) = totals.interval_mjd;
    let parameters = &report.parameters;
    let primary = &mut product.primary;
    put_single(primary, "TEXPTIME", totals.exptime_s, "")?;
    put_single(primary, "SKYSUM", report.skysum_dn, "Total sky level (DN)")?;
    if totals.exptime_s > 0.0 {
        let comment = "Cosmic ray impact rate (pixels/sec)";
        put_single(primary, "REJ_RATE", report.rej_rate, comment)?;
    }
    set(primary, "TEXPSTRT", start)?;
    set(primary, "TEXPEND", end)?;
    set(primary, "INITGUES", parameters.initgues.name())?;
    set(primary, "SKYSUB", parameters.skysub.name())?;
    set(primary, "CRSIGMAS", parameters.crsigmas.as_str())?;
    put_single(primary, "MEANEXP", parameters.meanexp_s, "")?;
    put_single(primary, "CRRADIUS", parameters.crradius, "")?;
    put_single(primary, "CRTHRESH", parameters.crthresh, "")?;
    put_single(primary, "SCALENSE", parameters.scalense, "")?;
    set(primary, "BADINPDQ", i64::from(parameters.badinpdq))?;
    set(primary, "CRMASK", parameters.crmask)?;
    set(primary, "NEXTEND", 3i64)?;
    set(primary, "CRCORR", "COMPLETE")?;
    if let Some(chip) = product.chips.first_mut() {
        put_single(&mut chip.sci, "EXPTIME", totals.exptime_s, "")?;
        if let Some(celsius) = totals.temperature_c {
            put_single(&mut chip.sci, "OCCDHTAV", celsius, "")?;
        }
        set(&mut chip.sci, "EXPSTART", start)?;
        set(&mut chip.sci, "EXPEND", end)?;
        put(&mut chip.sci, "NCOMBINE", totals.imsets as i64, "")?;
    }
    Ok(())
}
