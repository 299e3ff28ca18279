//! What is said of STIS exposures alone.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What is said of STIS exposures alone.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct StisOptions {
    /// STIS: the raw wavecal [default: the one that WAVECAL of the header names, beside the exposure].
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE"))]
    pub wavecal: Option<PathBuf>,
    /// STIS: dark image, in place of the one that the header names.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE"))]
    pub darkfile: Option<PathBuf>,
    /// STIS: what the names of the products begin with, or their folder where it ends with a slash.
    #[cfg_attr(feature = "clap", arg(long, value_name = "ROOT|DIR/"))]
    pub outroot: Option<String>,
}
