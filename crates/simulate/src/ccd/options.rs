//! What to simulate.

use super::Filter;
use super::plan::OVERHEAD_S;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// Longest run of science frames in a night, s.
const LONGEST_RUN_S: f64 = 6.0 * 3600.0;

/// What nights at a small telescope to simulate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct CcdOptions {
    /// Number of nights, 1 to 9.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = CcdOptions::default().nights))]
    pub nights: usize,
    /// Columns of the imaging area, 128 to 4096 pixels.
    #[cfg_attr(feature = "clap", arg(long, value_name = "PIXELS", default_value_t = CcdOptions::default().width))]
    pub width: usize,
    /// Rows, 128 to 4096 pixels.
    #[cfg_attr(feature = "clap", arg(long, value_name = "PIXELS", default_value_t = CcdOptions::default().height))]
    pub height: usize,
    /// Filters, in the order in which they are used.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_enum, value_delimiter = ',', ignore_case = true, default_values_t = CcdOptions::default().filters)
    )]
    pub filters: Vec<Filter>,
    /// Science frames of full length of each filter and night, 1 to 500.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = CcdOptions::default().science))]
    pub science: usize,
    /// Science frames of a sixth of that time, of each filter and night, at most 500.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = CcdOptions::default().short_science))]
    pub short_science: usize,
    /// Exposure time of science frames, s; that of darks is ten times as long.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SECONDS", default_value_t = CcdOptions::default().exptime))]
    pub exptime: f64,
    /// Bias frames of each night, at most 200.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = CcdOptions::default().biases))]
    pub biases: usize,
    /// Darks of each night, at most 200.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = CcdOptions::default().darks))]
    pub darks: usize,
    /// Flats of each filter and night, at most 200; every fourth is faint.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = CcdOptions::default().flats))]
    pub flats: usize,
    /// Stars in the field, at most 50000.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = CcdOptions::default().stars))]
    pub stars: usize,
    /// Gain, electrons per ADU.
    #[cfg_attr(feature = "clap", arg(long, value_name = "E/ADU", default_value_t = CcdOptions::default().gain))]
    pub gain: f64,
    /// Read noise, electrons.
    #[cfg_attr(feature = "clap", arg(long, value_name = "ELECTRONS", default_value_t = CcdOptions::default().readnoise))]
    pub readnoise: f64,
    /// Share of the signal that is lost at full well; less in proportion below it.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SHARE", default_value_t = CcdOptions::default().nonlinearity))]
    pub nonlinearity: f64,
    /// Overscan columns to the right of the imaging area, at most 256 pixels.
    #[cfg_attr(feature = "clap", arg(long, value_name = "PIXELS", default_value_t = CcdOptions::default().overscan))]
    pub overscan: usize,
    /// A night, from 1, whose CCD is 2 °C too warm.
    #[cfg_attr(feature = "clap", arg(long, value_name = "NIGHT"))]
    pub warm_night: Option<usize>,
    /// Without the half turn of the field in the third night, on the other side of the meridian.
    #[cfg_attr(feature = "clap", arg(long))]
    pub no_flip: bool,
    /// Leave out cosmic rays.
    #[cfg_attr(feature = "clap", arg(long))]
    pub no_cosmic_rays: bool,
    /// Seed of all random numbers: the same seed gives the same files, byte for byte.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = CcdOptions::default().seed))]
    pub seed: u64,
}

impl Default for CcdOptions {
    fn default() -> Self {
        Self {
            nights: 3,
            width: 600,
            height: 500,
            filters: Filter::ALL.to_vec(),
            science: 3,
            short_science: 2,
            exptime: 60.0,
            biases: 6,
            darks: 4,
            flats: 4,
            stars: 800,
            gain: 1.4,
            readnoise: 8.5,
            nonlinearity: 0.0,
            overscan: 0,
            warm_night: None,
            no_flip: false,
            no_cosmic_rays: false,
            seed: 1,
        }
    }
}

impl CcdOptions {
    /// # Errors
    /// [`Error::Option`] for options outside their range or that contradict each other.
    pub(super) fn check(&self) -> Result<()> {
        let bad = |option, expected, found: String| {
            Err(Error::Option {
                option,
                expected,
                found,
            })
        };
        let whole = |value: usize| value as f64;
        let within = [
            ("nights", "between 1 and 9", whole(self.nights), 1.0, 9.0),
            ("width", "between 128 and 4096", whole(self.width), 128.0, 4096.0),
            (
                "height",
                "between 128 and 4096",
                whole(self.height),
                128.0,
                4096.0,
            ),
            ("science", "between 1 and 500", whole(self.science), 1.0, 500.0),
            (
                "short_science",
                "at most 500",
                whole(self.short_science),
                0.0,
                500.0,
            ),
            ("exptime", "between 1 and 3600 s", self.exptime, 1.0, 3600.0),
            ("biases", "at most 200", whole(self.biases), 0.0, 200.0),
            ("darks", "at most 200", whole(self.darks), 0.0, 200.0),
            ("flats", "at most 200", whole(self.flats), 0.0, 200.0),
            ("stars", "at most 50000", whole(self.stars), 0.0, 5.0e4),
            (
                "gain",
                "between 0.5 and 10 electrons per ADU",
                self.gain,
                0.5,
                10.0,
            ),
            (
                "readnoise",
                "between 0 and 100 electrons",
                self.readnoise,
                0.0,
                100.0,
            ),
            ("nonlinearity", "between 0 and 0.2", self.nonlinearity, 0.0, 0.2),
            ("overscan", "at most 256", whole(self.overscan), 0.0, 256.0),
        ];
        let outside = |&&(_, _, value, low, high): &&(_, _, f64, f64, f64)| !(low..=high).contains(&value);
        if let Some((option, expected, found, _, _)) = within.iter().find(outside) {
            return bad(option, expected, found.to_string());
        }
        let names: String = self.filters.iter().map(|filter| filter.name()).collect();
        let twice = (0..self.filters.len()).any(|n| self.filters[..n].contains(&self.filters[n]));
        if names.is_empty() || twice {
            return bad("filters", "of B, V, R and I, each once", format!("{names:?}"));
        }
        match self.warm_night {
            Some(night) if !(1..=self.nights).contains(&night) => {
                return bad("warm_night", "one of the nights", night.to_string());
            }
            _ => {}
        }
        if self.run_s() > LONGEST_RUN_S {
            let expected = "so few that a night's frames, 15 s apart, take at most 6 hours";
            let found = format!("{}, with {:.1} hours", self.science, self.run_s() / 3600.0);
            return bad("science", expected, found);
        }
        Ok(())
    }

    /// Exposure time of short science frames, s.
    pub(super) fn short_exptime(&self) -> f64 {
        self.exptime / 6.0
    }

    /// How long the science frames of a night take, s.
    pub(super) fn run_s(&self) -> f64 {
        let long = self.science as f64 * (self.exptime + OVERHEAD_S);
        let short = self.short_science as f64 * (self.short_exptime() + OVERHEAD_S);
        (long + short) * self.filters.len() as f64
    }
}
