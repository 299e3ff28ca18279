//! What to simulate.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// Grating and its central wavelength.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Grating {
    /// Blue, 2900 to 5700 Å.
    #[default]
    G430L,
    /// Red, 5240 to 10270 Å, with a halo around red sources.
    G750L,
}

impl Grating {
    /// Both.
    pub const ALL: [Grating; 2] = [Grating::G430L, Grating::G750L];

    /// As in `OPT_ELEM`.
    pub fn name(self) -> &'static str {
        match self {
            Grating::G430L => "G430L",
            Grating::G750L => "G750L",
        }
    }
}

/// What anneal period of the STIS CCD to simulate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct StisOptions {
    /// Grating of the spectrum.
    #[cfg_attr(feature = "clap", arg(long, value_enum, default_value_t = StisOptions::default().grating))]
    pub grating: Grating,
    /// Number of darks of 1100 s, 1 to 56, spread over the 28 days of the period.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = StisOptions::default().darks))]
    pub darks: usize,
    /// Number of darks of 60 s, 0 to 28.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = StisOptions::default().short_darks))]
    pub short_darks: usize,
    /// Number of bias frames, 0 to 99.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = StisOptions::default().biases))]
    pub biases: usize,
    /// Exposure time of each of the two parts of the spectrum, s.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SECONDS", default_value_t = StisOptions::default().exptime))]
    pub exptime: f64,
    /// Brightness of the star; 1 gives 2.4e-14 erg/s/cm²/Å at 4500 Å.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = StisOptions::default().flux))]
    pub flux: f64,
    /// Gain, electrons per DN, of the commanded gain 1.
    #[cfg_attr(feature = "clap", arg(long, value_name = "E/DN", default_value_t = StisOptions::default().atodgain))]
    pub atodgain: f64,
    /// Leave out what charge transfer loses of the spectrum.
    #[cfg_attr(feature = "clap", arg(long))]
    pub no_cti: bool,
    /// Leave out cosmic rays.
    #[cfg_attr(feature = "clap", arg(long))]
    pub no_cosmic_rays: bool,
    /// Engineering temperatures (`_epc`) beside the spectrum.
    #[cfg_attr(feature = "clap", arg(long))]
    pub epc: bool,
    /// Seed of all random numbers: the same seed gives the same files, byte for byte.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = StisOptions::default().seed))]
    pub seed: u64,
}

impl Default for StisOptions {
    fn default() -> Self {
        Self {
            grating: Grating::G430L,
            darks: 12,
            short_darks: 2,
            biases: 4,
            exptime: 600.0,
            flux: 1.0,
            atodgain: 1.0,
            no_cti: false,
            no_cosmic_rays: false,
            epc: false,
            seed: 1,
        }
    }
}

impl StisOptions {
    /// # Errors
    /// [`Error::Option`] for options outside their range.
    pub(super) fn check(&self) -> Result<()> {
        let within = [
            ("darks", "between 1 and 56", self.darks as f64, 1.0, 56.0),
            ("short_darks", "at most 28", self.short_darks as f64, 0.0, 28.0),
            ("biases", "at most 99", self.biases as f64, 0.0, 99.0),
            ("exptime", "between 1 and 10000 s", self.exptime, 1.0, 1.0e4),
            ("flux", "between 0 and 1000", self.flux, 0.0, 1000.0),
            ("atodgain", "between 0.5 and 8", self.atodgain, 0.5, 8.0),
        ];
        match within
            .into_iter()
            .find(|(_, _, value, low, high)| !(*low..=*high).contains(value))
        {
            Some((option, expected, found, _, _)) => Err(Error::Option {
                option,
                expected,
                found: found.to_string(),
            }),
            None => Ok(()),
        }
    }
}
