//! What is done.

use serde::{Deserialize, Serialize};

/// Which corrections are made. All that an instrument has are, unless one is switched off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct UpdateOptions {
    /// Correct for velocity aberration (VAFACTOR).
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = UpdateOptions::default().vacorr, action = clap::ArgAction::Set))]
    pub vacorr: bool,
    /// Correct the distortion of ACS/WFC for how it changes with time.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = UpdateOptions::default().tddcorr, action = clap::ArgAction::Set))]
    pub tddcorr: bool,
    /// Put in the look-up tables of NPOLFILE.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = UpdateOptions::default().npolcorr, action = clap::ArgAction::Set))]
    pub npolcorr: bool,
    /// Put in the look-up tables of D2IMFILE.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = UpdateOptions::default().d2imcorr, action = clap::ArgAction::Set))]
    pub d2imcorr: bool,
    /// Leave exposures out that cannot be used: EXPTIME of 0, NGOODPIX of 0 in all chips, no PA_V3, STIS spectra.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = UpdateOptions::default().checkfiles, action = clap::ArgAction::Set))]
    pub checkfiles: bool,
    /// Add solutions of the astrometry database: not supported, and must stay off.
    #[cfg_attr(feature = "clap", arg(long, alias = "use_db", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = UpdateOptions::default().use_db, action = clap::ArgAction::Set))]
    pub use_db: bool,
}

impl Default for UpdateOptions {
    fn default() -> Self {
        Self {
            vacorr: true,
            tddcorr: true,
            npolcorr: true,
            d2imcorr: true,
            checkfiles: true,
            use_db: false,
        }
    }
}
