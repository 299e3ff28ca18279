//! acsccd: raw frames of the CCDs in DN to frames in electrons without bias and overscan.

pub mod atodcorr;
pub mod biascorr;
pub mod blevcorr;
pub mod darktime;
pub mod dqicorr;
pub mod full_well;
pub mod noise;
mod plan;
pub mod readout;
mod report;
pub mod sinkcorr;
pub mod to_electrons;
pub mod trim;

pub use plan::AcsccdOptions;
pub use report::AcsccdReport;

use super::{Observation, Outcome, References, Setup};
use crate::Result;
use firstlight_frame::Switch;
use plan::Plan;
use report::ReportBuilder;
use trim::Trim;

/// Makes of a raw exposure of WFC or HRC (DN) what acscte, acsrej and acs2d work on: SCI and ERR in electrons, without
/// bias and, where BLEVCORR was done, without overscan; DQ with what is known of the pixels. Steps whose switch in the
/// primary header is `PERFORM` are done, in the published order (ACS Data Handbook, section 3.4); a dummy reference file
/// skips its step. Switches, keywords and HISTORY are set as steps are done.
///
/// Reference images are in memory one chip at a time.
///
/// # Errors
/// Where the exposure is none of a CCD ([`crate::Error::NotCcd`]), is in electrons already
/// ([`crate::Error::AlreadyCalibrated`]) or asks for nothing ([`crate::Error::NothingToDo`]); where a reference file is
/// missing, of another detector, does not cover the exposure, or has no row for it: these are found before the exposure
/// is touched. After an error that reading a reference image brings, the exposure is not to be used.
pub fn acsccd(
    observation: &mut Observation,
    references: &References,
    options: &AcsccdOptions,
) -> Result<AcsccdReport> {
    let setup = Setup::of(observation)?;
    let plan = Plan::of(observation, &setup, references)?;
    let mut report = ReportBuilder::default();
    plan.record_ccdtab(observation)?;

    if plan.does("DQICORR") {
        for (chip, tables) in observation.chips.iter_mut().zip(&plan.chips) {
            let limit = tables.readout.parameters.atod_saturate_dn;
            report.dqi(dqicorr::dqicorr(chip, &tables.bad_pixels, Some(limit))?);
        }
        let outcome = dqicorr::record_dqicorr(&mut observation.primary, setup.channel, plan.bpixtab)?;
        report.outcome("DQICORR", outcome);
    }

    if let Some(atodtab) = plan.atodtab {
        if let Some(correction) = plan.atod.as_ref().filter(|correction| !correction.is_dummy()) {
            for chip in &mut observation.chips {
                report.full_well += atodcorr::atodcorr(chip, correction)?;
            }
        }
        let outcome = atodcorr::record_atodcorr(&mut observation.primary, atodtab, plan.atod.as_ref())?;
        report.outcome("ATODCORR", outcome);
    }

    let mut bias_outcome = None;
    if let Some(biasfile) = plan.biasfile {
        if !biasfile.is_dummy() {
            for chip in &mut observation.chips {
                let bias = biasfile.covering(&setup, chip)?;
                biascorr::biascorr(chip, &bias.frame)?;
            }
        }
        let outcome = biascorr::record_biascorr(&mut observation.primary, biasfile)?;
        bias_outcome = Some(report.outcome("BIASCORR", outcome));
    }

    for (chip, tables) in observation.chips.iter_mut().zip(&plan.chips) {
        to_electrons::to_electrons(chip, &tables.readout)?;
        to_electrons::record_electrons(chip)?;
    }

    let mut blev_outcome = None;
    if let Some(oscntab) = plan.oscntab {
        let outcome = if oscntab.is_dummy() {
            blevcorr::record_skipped(&mut observation.primary, oscntab)?
        } else {
            let (readouts, overscans) = plan.readouts_and_overscans();
            let of_level = blevcorr::blevcorr(&mut observation.chips, &setup, &readouts, &overscans)?;
            let Observation { primary, chips, .. } = observation;
            let outcome = blevcorr::record_blevcorr(primary, chips, &of_level, oscntab)?;
            report.blev(&of_level);
            outcome
        };
        blev_outcome = Some(report.outcome("BLEVCORR", outcome));
    }

    let darktime_s = darktime::darktime_s(&setup, &plan.chips[0].readout);
    darktime::record_darktime(&mut observation.primary, darktime_s)?;
    report.darktime_s = darktime_s;

    // The map is in electrons above the bias: without these steps nothing can be compared with it.
    let is_comparable = [bias_outcome, blev_outcome] == [Some(Outcome::Complete); 2];
    if let Some(satufile) = plan.satufile.filter(|file| is_comparable && !file.is_dummy()) {
        for (chip, tables) in observation.chips.iter_mut().zip(&plan.chips) {
            let map = satufile.covering(&setup, chip)?;
            report.full_well += full_well::full_well(chip, &map.frame.sci, &tables.trim())?;
        }
    }

    let is_bias = setup.targname.starts_with("BIAS");
    for (chip, tables) in observation.chips.iter_mut().zip(&plan.chips) {
        noise::noise(chip, &tables.readout, is_bias)?;
    }
    noise::record_noise(&mut observation.primary)?;

    if let Some(snkcfile) = plan.snkcfile {
        if !snkcfile.is_dummy() {
            for chip in &mut observation.chips {
                let map = snkcfile.covering(&setup, chip)?;
                let upwards = chip.number() != 1;
                report.sink += sinkcorr::sinkcorr(chip, &map.frame.sci, upwards)?;
            }
        }
        let outcome = sinkcorr::record_sinkcorr(&mut observation.primary, snkcfile)?;
        report.outcome("SINKCORR", outcome);
    }

    for (chip, tables) in observation.chips.iter_mut().zip(&plan.chips) {
        if blev_outcome == Some(Outcome::Complete) && !options.keep_overscan {
            let trim = tables.trim();
            trim::trim(chip, &trim)?;
            trim::record_trim(chip, &trim)?;
            report.trimmed.push(trim);
        } else {
            report.trimmed.push(Trim::default());
        }
    }
    Ok(report.build())
}

/// Whether an exposure asks acsccd to do anything.
pub fn is_asked_for(observation: &Observation) -> bool {
    plan::SWITCHES
        .iter()
        .any(|switch| observation.switch(switch) == Switch::Perform)
}
