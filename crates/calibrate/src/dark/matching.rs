//! The dark whose rate is nearest to that of a science exposure.

use super::BoxRate;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// When two rates count as the same: where they differ by no more than so many percent of the science
/// rate, or by no more than so many standard errors of their difference, whichever allows more.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Within {
    /// Percent of the science rate.
    pub percent: f64,
    /// Poisson standard errors of the difference.
    pub sigma: f64,
}

impl Default for Within {
    fn default() -> Self {
        Self {
            percent: 10.0,
            sigma: 2.0,
        }
    }
}

impl Within {
    /// The largest difference of rates that is allowed, counts/s.
    pub fn allowed(&self, science_rate: f64, difference_error: f64) -> f64 {
        (self.percent / 100.0 * science_rate.abs()).max(self.sigma * difference_error)
    }
}

impl fmt::Display for Within {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%,{}sigma", self.percent, self.sigma)
    }
}

impl From<Within> for String {
    fn from(of: Within) -> Self {
        of.to_string()
    }
}

impl TryFrom<String> for Within {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl FromStr for Within {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let bad = || Error::Unreadable {
            expected: "a tolerance: percent (10%), standard errors (3sigma) or both (10%,3sigma)",
            found: text.to_owned(),
        };
        let mut within = Self {
            percent: 0.0,
            sigma: 0.0,
        };
        for part in text.split(',').map(str::trim) {
            let sigma = part.strip_suffix("sigma").or_else(|| part.strip_suffix('σ'));
            let number = sigma.or_else(|| part.strip_suffix('%')).unwrap_or(part);
            let number: f64 = number.trim().parse().map_err(|_| bad())?;
            if !(number >= 0.0 && number.is_finite()) {
                return Err(bad());
            }
            if sigma.is_some() {
                within.sigma = number
            } else {
                within.percent = number
            }
        }
        Ok(within)
    }
}

/// A dark and its rate in the box.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// What it is called: a rootname or file name.
    pub name: String,
    /// Its rate in the same box as the science exposure's.
    pub rate: BoxRate,
}

/// One dark in the ranking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Match {
    /// Position of the dark among those given.
    pub index: usize,
    /// The dark.
    pub dark: Candidate,
    /// Dark less science, counts/s in the box.
    pub difference: f64,
    /// Poisson error of `difference`.
    pub difference_error: f64,
    /// `difference` in percent of the science rate.
    pub percent: f64,
    /// Largest |difference| that is allowed, counts/s.
    pub allowed: f64,
    /// Whether the dark is near enough.
    pub near: bool,
}

/// All darks, the nearest rate first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ranking {
    /// The darks, by |difference of rates|.
    pub matches: Vec<Match>,
    /// Position among `matches` of the dark whose *sum* in the box is nearest: the same dark unless
    /// exposure times differ.
    pub nearest_sum: usize,
    /// Whether the first is near enough.
    pub found: bool,
}

/// Ranks darks by how near their rates come to a science exposure's. Darks without a finite rate come
/// last and are never near.
///
/// # Errors
/// [`Error::NoDarks`] where there are none.
pub fn rank(science: &BoxRate, darks: &[Candidate], within: Within) -> Result<Ranking> {
    let compare = |(index, dark): (usize, &Candidate)| {
        let difference = dark.rate.rate - science.rate;
        let difference_error = dark.rate.rate_error.hypot(science.rate_error);
        let allowed = within.allowed(science.rate, difference_error);
        Match {
            index,
            dark: dark.clone(),
            difference,
            difference_error,
            percent: 100.0 * difference / science.rate,
            allowed,
            near: difference.abs() <= allowed,
        }
    };
    let mut matches: Vec<Match> = darks.iter().enumerate().map(compare).collect();
    let distance = |m: &Match| {
        if m.difference.is_nan() {
            f64::INFINITY
        } else {
            m.difference.abs()
        }
    };
    matches.sort_by(|a, b| {
        distance(a)
            .total_cmp(&distance(b))
            .then_with(|| a.dark.name.cmp(&b.dark.name))
    });
    let by_sum = |m: &Match| (m.dark.rate.sum.value() - science.sum.value()).abs();
    let nearest_sum = (0..matches.len()).min_by(|&a, &b| by_sum(&matches[a]).total_cmp(&by_sum(&matches[b])));
    let nearest_sum = nearest_sum.ok_or(Error::NoDarks)?;
    let found = matches.first().is_some_and(|m| m.near);
    Ok(Ranking {
        matches,
        nearest_sum,
        found,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::BoxSum;
    use super::*;

    pub fn rate(counts: i64, exptime_s: f64) -> BoxRate {
        let error = (counts as f64).sqrt() / exptime_s;
        BoxRate {
            sum: BoxSum::Integer(counts),
            pixels: 100,
            exptime_s,
            rate: counts as f64 / exptime_s,
            rate_error: error,
            rate_per_pixel: counts as f64 / exptime_s / 100.0,
            rate_per_pixel_error: error / 100.0,
        }
    }

    fn darks(counts: &[i64]) -> Vec<Candidate> {
        let dark = |&c: &i64| Candidate {
            name: format!("d{c}"),
            rate: rate(c, 1000.0),
        };
        counts.iter().map(dark).collect()
    }

    #[test]
    fn nearest_rate_and_nearest_sum_differ_with_exposure_time() {
        // 1500 s at 1.6 counts/s; the sums alone would choose the dark of 2.4 counts/s.
        let ranking = rank(&rate(2400, 1500.0), &darks(&[900, 1610, 2410]), Within::default()).unwrap();
        assert_eq!(ranking.matches[0].dark.name, "d1610");
        assert_eq!(ranking.matches[ranking.nearest_sum].dark.name, "d2410");
        assert!(ranking.found && ranking.matches[0].near);
        assert!(!ranking.matches[2].near);
    }

    #[test]
    fn far_darks_are_a_status_and_none_at_all_an_error() {
        let ranking = rank(&rate(10_000, 1000.0), &darks(&[300, 500]), Within::default()).unwrap();
        assert!(!ranking.found);
        assert_eq!(ranking.matches[0].dark.name, "d500");
        assert!(matches!(
            rank(&rate(1, 1.0), &[], Within::default()),
            Err(Error::NoDarks)
        ));
    }

    #[test]
    fn tolerances() {
        let both: Within = "5%, 3sigma".parse().unwrap();
        assert_eq!(
            both,
            Within {
                percent: 5.0,
                sigma: 3.0
            }
        );
        assert_eq!(
            "7".parse::<Within>().unwrap(),
            Within {
                percent: 7.0,
                sigma: 0.0
            }
        );
        assert_eq!(
            "2sigma".parse::<Within>().unwrap(),
            Within {
                percent: 0.0,
                sigma: 2.0
            }
        );
        assert_eq!(both.to_string().parse::<Within>().unwrap(), both);
        assert!("much".parse::<Within>().is_err() && "-3".parse::<Within>().is_err());
        assert_eq!(both.allowed(100.0, 1.0), 5.0);
        assert_eq!(both.allowed(100.0, 4.0), 12.0);
    }
}
