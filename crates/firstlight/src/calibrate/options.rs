//! How exposures are calibrated.

use super::stis::StisOptions;
use super::switches::SwitchSetting;
use crate::drizzle::Bytes;
use firstlight_calibrate::acs::acs2d::Acs2dOptions;
use firstlight_calibrate::acs::acscte::AcscteOptions;
use firstlight_calibrate::acs::acsrej::AcsrejOptions;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How exposures are calibrated.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct CalibrateOptions {
    /// Set a calibration switch above the headers, as in PCTECORR=PERFORM, or of STIS STATFLAG=F (no statistics of the
    /// good pixels); may be given several times.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SWITCH=VALUE"))]
    pub switch: Vec<SwitchSetting>,
    /// Folder of reference files, looked into before jref (oref for STIS) of the environment, the CRDS cache and the
    /// folder of the exposure.
    #[cfg_attr(feature = "clap", arg(long, value_name = "DIR"))]
    pub ref_dir: Option<PathBuf>,
    /// Folder of the products; it is made where it is not there [default: the current one].
    #[cfg_attr(feature = "clap", arg(long, short, value_name = "DIR"))]
    pub output_dir: Option<PathBuf>,
    /// Replace products that are there already.
    #[cfg_attr(feature = "clap", arg(long))]
    pub overwrite: bool,
    /// Record the products (MEMPRSNT, ASN_PROD) in the association's own table. Without it, a table that records them
    /// is written beside the products where their folder is another one, and else none.
    #[cfg_attr(feature = "clap", arg(long))]
    pub in_place_asn: bool,
    /// Keep what lies between the stages: _blv_tmp, _blc_tmp, _crj_tmp, _crc_tmp, and of a wavecal _fwv_tmp and
    /// _w2d_tmp.
    #[cfg_attr(feature = "clap", arg(long))]
    pub keep_intermediates: bool,
    /// Memory for frames, as in "800M" or "12G": as many are calibrated at once as fit, one at least, and what must wait
    /// and does not fit waits in temporary files in the folder of the products [default: 400M].
    #[cfg_attr(feature = "clap", arg(long, alias = "max_memory", value_name = "SIZE"))]
    pub max_memory: Option<Bytes>,
    /// Also write the report, as --json prints it, to a file.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE"))]
    pub log: Option<PathBuf>,
    /// Of acscte.
    #[cfg_attr(feature = "clap", command(flatten))]
    pub acscte: AcscteOptions,
    /// Of acsrej, and of ocrreject.
    #[cfg_attr(feature = "clap", command(flatten))]
    pub acsrej: AcsrejOptions,
    /// Of acs2d.
    #[cfg_attr(feature = "clap", command(flatten))]
    pub acs2d: Acs2dOptions,
    /// Of STIS exposures.
    #[cfg_attr(feature = "clap", arg(skip))]
    pub stis: StisOptions,
}

/// Memory for frames where the user does not say: a frame of the WFC at a time.
pub(super) const MEMORY: u64 = 400 << 20;

impl CalibrateOptions {
    /// Memory for frames, bytes.
    pub(super) fn memory(&self) -> u64 {
        self.max_memory.map_or(MEMORY, |limit| limit.0)
    }
}
