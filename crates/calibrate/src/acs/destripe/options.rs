//! How rows are measured.

use crate::{Error, Result};
use firstlight_frame::dq::BitSelection;
use serde::{Deserialize, Serialize};

/// How the level of a row is found from the pixels that clipping leaves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Statistic {
    /// 2.5 median − 1.5 mean: the mode where the distribution is skewed a little.
    #[default]
    Pmode1,
    /// 3 median − 2 mean, after Pearson.
    Pmode2,
    /// The mean.
    Mean,
    /// The peak of the histogram, by a parabola.
    Mode,
    /// The median.
    Median,
    /// The median as the histogram has it.
    Midpt,
}

/// Parameters of the destriping, with the names of `acs_destripe`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct DestripeOptions {
    /// How the level of a row is found from the pixels that clipping leaves.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "STATISTIC", default_value = "pmode1")
    )]
    pub stat: Statistic,
    /// At most so many rounds of clipping per row; 0 for none.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = 15))]
    pub maxiter: usize,
    /// Pixels further than this from the mean are clipped, standard deviations.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SIGMA", default_value_t = 2.0))]
    pub sigrej: f64,
    /// Pixels below this do not count, electrons.
    #[cfg_attr(feature = "clap", arg(long, value_name = "E", allow_negative_numbers = true))]
    pub lower: Option<f64>,
    /// Pixels above this do not count, electrons.
    #[cfg_attr(feature = "clap", arg(long, value_name = "E", allow_negative_numbers = true))]
    pub upper: Option<f64>,
    /// Width of the histogram's bins for `mode` and `midpt`, standard deviations.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SIGMA", default_value_t = 0.1))]
    pub binwidth: f64,
    /// DQ bits that a pixel may have and still count, as in 64,128; ~4,8 names those that it must not have; 0 takes
    /// pixels without any bit; all count where this is not given.
    #[cfg_attr(feature = "clap", arg(long, value_name = "BITS"))]
    pub dqbits: Option<String>,
    /// Clean so many times more, or until `atol` is met.
    #[cfg_attr(
        feature = "clap",
        arg(
            long = "rpt-clean",
            alias = "rpt_clean",
            value_name = "N",
            default_value_t = 0
        )
    )]
    pub rpt_clean: usize,
    /// Repeated cleaning ends where no row changes by more, electrons; 0 goes on to the last time.
    #[cfg_attr(feature = "clap", arg(long, value_name = "E", default_value_t = 0.01))]
    pub atol: f64,
}

impl Default for DestripeOptions {
    fn default() -> Self {
        Self {
            stat: Statistic::Pmode1,
            maxiter: 15,
            sigrej: 2.0,
            lower: None,
            upper: None,
            binwidth: 0.1,
            dqbits: None,
            rpt_clean: 0,
            atol: 0.01,
        }
    }
}

impl DestripeOptions {
    /// Which pixels count by their DQ.
    ///
    /// # Errors
    /// [`Error::Unreadable`] where `dqbits` selects no bits.
    pub fn accepted(&self) -> Result<BitSelection> {
        let Some(text) = &self.dqbits else {
            return Ok(BitSelection::ALL);
        };
        BitSelection::parse(text).map_err(|_| Error::Unreadable {
            expected: "a selection of DQ bits such as 64,128 or 192, ~4096 or None",
            found: text.clone(),
        })
    }

    /// Refuses values that mean nothing.
    pub(super) fn check(&self) -> Result<()> {
        let refuse = |parameter: &'static str, expected: &'static str, found: f64| {
            Err(Error::Parameter {
                parameter,
                expected,
                found: found.to_string(),
            })
        };
        if self.sigrej.is_nan() || self.sigrej <= 0.0 {
            return refuse("sigrej", "a positive number", self.sigrej);
        }
        if self.binwidth.is_nan() || self.binwidth <= 0.0 {
            return refuse("binwidth", "a positive number", self.binwidth);
        }
        if self.atol.is_nan() || self.atol < 0.0 {
            return refuse("atol", "0 or a positive number", self.atol);
        }
        match (self.lower, self.upper) {
            (Some(lower), _) if lower.is_nan() => refuse("lower", "a number", lower),
            (_, Some(upper)) if upper.is_nan() => refuse("upper", "a number", upper),
            (Some(lower), Some(upper)) if lower >= upper => refuse("lower", "less than upper", lower),
            _ => Ok(()),
        }
    }
}
