//! CRCORR: exposures of one field combined into one without cosmic rays.
//!
//! Each part, less its sky and divided by its exposure time, is compared with a first guess of the image, then with the
//! average of what was left, once for each threshold of CRSIGMAS. Pixels too far away are rejected, and neighbours of
//! those by a lower threshold. What is too far follows from the counts and the readout noise, not from ERR (STIS Data
//! Handbook, on CRCORR).

mod header;
mod limits;
mod members;
mod options;
pub(crate) mod parts;
mod rates;
pub(crate) mod sky;
pub(crate) mod tile;

pub use crate::acs::acsrej::{Hits, InitialGuess, REJECTED, RejectionParameters, SkySubtraction};
pub use options::OcrrejectOptions;

use crate::{Observation, References, Result};
use members::Members;
use serde::Serialize;

/// A combined exposure, and what was rejected for it.
#[derive(Debug, Clone)]
pub struct Rejection {
    /// The product: one imset, with the headers of the first. Its counts are those of all parts together.
    pub product: Observation,
    /// For each input and each of its imsets that was used, by its place, the pixels that were rejected.
    pub hits: Vec<Vec<(usize, Hits)>>,
    /// What was measured.
    pub report: OcrrejectReport,
}

/// What a combination measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OcrrejectReport {
    /// The exposures, in order.
    pub inputs: Vec<String>,
    /// How they were combined.
    pub parameters: RejectionParameters,
    /// TEXPTIME: exposure time of all parts together, s.
    pub exptime_s: f32,
    /// The sky of each part, DN.
    pub sky_dn: Vec<f32>,
    /// SKYSUM: the sky of all parts together, DN.
    pub skysum_dn: f32,
    /// Rejected pixels of each part.
    pub rejected: Vec<usize>,
    /// REJ_RATE: rejected pixels per second of exposure.
    pub rej_rate: f32,
}

impl Rejection {
    /// Flags the rejected pixels of an input in its DQ ([`REJECTED`]), in place of what a combination before had
    /// flagged; only where CRMASK says so. Tells whether it did.
    ///
    /// # Errors
    /// [`crate::Error::Shape`] where `observation` is not that input.
    pub fn mark(&self, input: usize, observation: &mut Observation) -> Result<bool> {
        if !self.report.parameters.crmask {
            return Ok(false);
        }
        let hits = self.hits.get(input).map_or(&[][..], Vec::as_slice);
        for (imset, hits) in hits {
            let found = observation
                .chips
                .get(*imset)
                .map_or((0, 0), |chip| chip.frame.dq.shape());
            let marked = observation
                .chips
                .get_mut(*imset)
                .map(|chip| hits.mark(&mut chip.frame.dq));
            if marked != Some(true) {
                return Err(crate::Error::Shape {
                    what: format!("DQ of {}", observation.name),
                    expected: hits.shape(),
                    found,
                });
            }
        }
        Ok(true)
    }
}

/// Combines all imsets of exposures and rejects cosmic rays. Samples are DN without bias and overscan, as a rule before dark and
/// flat; after these the noise is that of such counts all the same. `references` need CRREJTAB, unless the options say all. Imsets with IMSET_OK = F are left out.
///
/// # Errors
/// [`crate::Error::TooFewExposures`] for fewer than two imsets, or some of 0 s among others;
/// [`crate::Error::MembersDiffer`] for another amplifier or shape; [`crate::Error::Keyword`] where EXPTIME, ATODGAIN or READNSE
/// is missing; [`crate::Error::Parameter`] for a `crthresh` below 0; those of [`RejectionParameters::choose`].
pub fn ocrreject(
    observations: &[&Observation],
    references: &References,
    options: &OcrrejectOptions,
) -> Result<Rejection> {
    let members = Members::of(observations)?;
    let is_spectroscopic = members.is_spectroscopic();
    let times = members.times();
    options.check()?;
    let parameters = options.choose(references.get("CRREJTAB"), (&times, 1), is_spectroscopic)?;
    let noises = members.noises()?;
    let sky_dn = sky::skies(&members, parameters.skysub)?;
    let parts = parts::weighted(&times, &noises, &sky_dn);
    let combined = tile::combine(&members, &parts, &parameters, true)?;
    let totals = members.totals()?;
    let report = OcrrejectReport {
        inputs: observations
            .iter()
            .map(|observation| observation.name.clone())
            .collect(),
        exptime_s: totals.exptime_s,
        skysum_dn: combined.sky_dn,
        rej_rate: combined.rej_rate(totals.exptime_s),
        rejected: combined.rejected.clone(),
        sky_dn,
        parameters,
    };
    let mut product = members.blank();
    header::record(&mut product, &report, &totals)?;
    let hits = members.by_observation(combined.hits);
    if let Some(chip) = product.chips.first_mut() {
        chip.frame = combined.frame;
    }
    Ok(Rejection {
        product,
        hits,
        report,
    })
}
