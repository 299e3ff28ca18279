//! basic2d: raw frames of the CCD in DN to calibrated images in DN.

mod aperture;
mod biascorr;
mod blevcorr;
mod darkcorr;
mod dqicorr;
mod flatcorr;
mod noise;
mod photcorr;
mod photmode;
mod plan;
mod report;
mod run;
mod temperature;
mod usable;

pub use aperture::beyond_aperture;
pub use biascorr::biascorr;
pub(crate) use blevcorr::Level;
pub use blevcorr::{BiasLevel, Overscan, blevcorr};
pub use darkcorr::{GROWTH_PER_C, REFERENCE_TEMPERATURE_C, darkcorr, temperature_factor};
pub use dqicorr::dqicorr;
pub(crate) use dqicorr::{SATURATED, flags};
pub use flatcorr::flat_field;
pub use noise::ccd_noise;
pub use photcorr::photcorr;
pub use photmode::photmode;
pub use report::{Basic2dReport, ImsetReport};
pub use temperature::HousingTemperatures;

use super::Setup;
use crate::{Observation, References, Result};
use plan::Plan;
use run::Run;

/// Calibrates all imsets of an exposure of the CCD, in place. Steps whose switch in the primary header is `PERFORM` are
/// done, in the published order (STIS Data Handbook, section 3.4); those that are done already (`COMPLETE`) are not done
/// again; a dummy reference file skips its step. Samples are DN throughout. Switches, keywords and HISTORY are set as
/// steps are done.
///
/// An imset with an EXPTIME of 0 s, of anything but a bias, or whose samples are all equal is left as it is, and marked
/// by IMSET_OK = F.
///
/// `engineering` are temperatures of the CCD's housing, one file for each imset that has one; without them OCCDHTAV
/// stays that of the header.
///
/// # Errors
/// Where the exposure is none of the CCD ([`crate::Error::NotStisCcd`]), where no imset can be used, where a reference
/// file is missing, does not cover the exposure, or has no row for it. After an error the exposure is not to be used.
pub fn basic2d(
    observation: &mut Observation,
    references: &References,
    engineering: &HousingTemperatures,
) -> Result<Basic2dReport> {
    let setup = Setup::of(observation)?;
    usable::mark_unusable(observation, &setup)?;
    let plan = Plan::of(observation, &setup, references)?;
    plan.record_ccdtab(observation)?;
    let mut run = Run::new(observation, &setup, &plan);
    run.velocity()?;
    run.temperatures(engineering)?;
    run.dqicorr()?;
    run.blevcorr()?;
    run.noise()?;
    run.biascorr()?;
    run.darkcorr()?;
    run.flatcorr()?;
    run.photometry()?;
    run.statistics()?;
    Ok(run.into_report())
}
