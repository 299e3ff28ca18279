//! Which darks stand for an exposure, by the method that was asked for.

use crate::dark::ScienceMatch;
use serde::{Deserialize, Serialize};

/// How the dark for each science exposure is made up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum DarkMethod {
    /// The non-negative combination that follows the exposure's background all over the detector, with
    /// the sky kept apart.
    #[default]
    Combine,
    /// The two darks that bracket the exposure's rate in the box, or the nearest where none do.
    Interpolate,
    /// The dark with the nearest rate in the box.
    Nearest,
}

/// Darks and their weights for one exposure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mixture {
    /// The science exposure.
    pub science: String,
    /// How it was made up in the end.
    pub method: DarkMethod,
    /// Why not as asked for.
    pub note: Option<String>,
    /// Positions of the darks among those given.
    pub darks: Vec<usize>,
    /// Their names.
    pub names: Vec<String>,
    /// Factors on their rates.
    pub weights: Vec<f64>,
    /// Covariance of the factors.
    pub covariance: Vec<Vec<f64>>,
}

/// Makes the mixture for one exposure. What cannot be made as asked falls back on the nearest dark, and
/// the note tells why.
pub(super) fn mixture(matched: &ScienceMatch, method: DarkMethod) -> Option<Mixture> {
    match method {
        DarkMethod::Combine => match matched.combination.fitted() {
            Some(fit) if !fit.shares.is_empty() => Some(Mixture {
                science: matched.exposure.rootname.clone(),
                method,
                note: matched
                    .combination
                    .objection()
                    .map(|why| format!("not to be trusted: {why}")),
                darks: fit.shares.iter().map(|share| share.index).collect(),
                names: fit.shares.iter().map(|share| share.name.clone()).collect(),
                weights: fit.shares.iter().map(|share| share.weight).collect(),
                covariance: fit.covariance.clone(),
            }),
            _ => nearest(matched, matched.combination.objection()),
        },
        DarkMethod::Interpolate => match &matched.interpolation {
            Some(mixed) => {
                let variance = mixed.weight_error * mixed.weight_error;
                Some(Mixture {
                    science: matched.exposure.rootname.clone(),
                    method,
                    note: None,
                    darks: vec![mixed.low, mixed.high],
                    names: mixed.names.to_vec(),
                    weights: mixed.weights.to_vec(),
                    covariance: vec![vec![variance, -variance], vec![-variance, variance]],
                })
            }
            None => nearest(matched, Some("no two darks bracket the rate".to_owned())),
        },
        DarkMethod::Nearest => nearest(matched, None),
    }
}

/// The nearest dark. Its relative error is the difference of rates, or the Poisson error of that where
/// it is larger.
fn nearest(matched: &ScienceMatch, note: Option<String>) -> Option<Mixture> {
    let found = matched.ranking.matches.first()?;
    let rate = found.dark.rate.rate;
    let error = found.difference.abs().max(found.difference_error);
    let relative = if rate > 0.0 { error / rate } else { 1.0 };
    let far = (!found.near).then(|| format!("no dark is near enough: {:+.1} %", found.percent));
    Some(Mixture {
        science: matched.exposure.rootname.clone(),
        method: DarkMethod::Nearest,
        note: note.or(far),
        darks: vec![found.index],
        names: vec![found.dark.name.clone()],
        weights: vec![1.0],
        covariance: vec![vec![relative * relative]],
    })
}
