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
mod run;
pub mod sinkcorr;
pub mod to_electrons;
pub mod trim;
mod untrimmed;

pub use plan::AcsccdOptions;
pub use report::AcsccdReport;
pub use untrimmed::check_trimmed;
pub(in crate::acs) use untrimmed::has_overscan;

use super::{Observation, References, Setup};
use crate::Result;
use firstlight_frame::Switch;
use plan::Plan;
use run::Run;

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
    plan.record_ccdtab(observation)?;
    let mut run = Run {
        observation,
        setup: &setup,
        plan,
        report: AcsccdReport::default(),
    };
    run.lost_packets();
    run.left_out();
    run.doubt_sizes()?;
    run.dqicorr()?;
    run.atodcorr()?;
    run.biascorr_and_electrons()?;
    run.blevcorr()?;
    run.darktime()?;
    run.full_well()?;
    run.noise()?;
    run.sinkcorr()?;
    run.trim(options)?;
    Ok(run.report)
}

/// Whether an exposure asks acsccd to do anything.
pub fn is_asked_for(observation: &Observation) -> bool {
    plan::SWITCHES
        .iter()
        .any(|switch| observation.switch(switch) == Switch::Perform)
}
