//! CRCORR: exposures of one field combined into one without cosmic rays.
//!
//! Each exposure, less its sky and divided by its exposure time, is compared with a first guess of the image, then with
//! the average of what was left, once for each threshold of CRSIGMAS. Pixels too far away are rejected, and neighbours
//! of those by a lower threshold (ACS Data Handbook, on CRCORR).

pub(in crate::acs) mod agreement;
pub(in crate::acs) mod combination;
pub(in crate::acs) mod combining;
mod guess;
mod header;
mod hits;
mod layer;
mod member;
mod options;
mod parameters;
mod shading;
mod sky;
mod sums;
mod terms;

pub use header::name_product;
pub use hits::{Hits, REJECTED};
pub use member::Member;
pub use options::{AcsrejOptions, InitialGuess, SkySubtraction};
pub use parameters::RejectionParameters;

use super::{Chip, Observation, Outcome, References};
use crate::Result;
use combining::Combining;
use firstlight_frame::{Frame, Image};
use serde::Serialize;

/// A combined exposure, and what was rejected for it.
#[derive(Debug, Clone)]
pub struct Rejection {
    /// The product, as acs2d takes it. Its headers are those of the first exposure that is longer than 0 s.
    pub product: Observation,
    /// For each input, in the order of its own imsets, the pixels that were rejected; to be flagged in its DQ where
    /// `report.parameters[…].crmask` says so, see [`Rejection::mark`].
    pub hits: Vec<Vec<Hits>>,
    /// What was measured.
    pub report: AcsrejReport,
}

/// What a combination measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AcsrejReport {
    /// The exposures, in order.
    pub inputs: Vec<String>,
    /// EXPTIME of the product, s.
    pub exptime_s: f32,
    /// SKYSUM: the sky of all exposures together, of the first imset, e.
    pub skysum_e: f32,
    /// REJ_RATE: rejected pixels of the first imset per second of exposure.
    pub rej_rate: f32,
    /// What became of SHADCORR; None where it was not asked for.
    pub shadcorr: Option<Outcome>,
    /// The imsets of the product, in order.
    pub chips: Vec<ChipReport>,
}

/// What the combination of one chip measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChipReport {
    /// CCDCHIP.
    pub chip: i64,
    /// How it was combined.
    pub parameters: RejectionParameters,
    /// The sky of each exposure, e; 0 for one of 0 s among others.
    pub sky_e: Vec<f32>,
    /// Rejected pixels of each exposure.
    pub rejected: Vec<usize>,
    /// Pixels of each exposure whose SCI or ERR is NaN or infinite. They are not combined, and count as lost (DQ 1).
    pub not_finite: Vec<usize>,
    /// Pixels of the product without a good pixel in any exposure: SCI is the sky alone, and ERR is 0.
    pub empty: usize,
}

impl AcsrejReport {
    /// Whether rejected pixels are to be flagged in the inputs.
    pub fn crmask(&self) -> bool {
        self.chips.iter().any(|chip| chip.parameters.crmask)
    }
}

impl Rejection {
    /// Flags the rejected pixels of an input in its DQ ([`REJECTED`]), in place of what a combination before had
    /// flagged; only where CRMASK says so. Tells whether it did.
    ///
    /// # Errors
    /// [`crate::Error::Shape`] where `observation` is not that input: nothing is flagged then.
    pub fn mark(&self, input: usize, observation: &mut Observation) -> Result<bool> {
        let hits = self.hits.get(input).map_or(&[][..], Vec::as_slice);
        for (chip, hits) in observation.chips.iter().zip(hits) {
            if chip.frame.dq.shape() != hits.shape() {
                return Err(crate::Error::Shape {
                    what: format!("DQ of {}", observation.name),
                    expected: hits.shape(),
                    found: chip.frame.dq.shape(),
                });
            }
        }
        if !self.report.crmask() {
            return Ok(false);
        }
        let marked = observation
            .chips
            .iter_mut()
            .zip(hits)
            .map(|(chip, hits)| hits.mark(&mut chip.frame.dq));
        Ok(marked.fold(false, |any, done| any | done))
    }
}

/// Combines exposures and rejects cosmic rays. Samples are electrons without overscan, as they are between acsccd (or
/// acscte) and acs2d; the ERR of the product follows from that of the pixels used. Pixels are read in blocks of rows,
/// in memory that does not grow with the number of exposures but for one bit for each pixel.
///
/// `references` need CRREJTAB, unless the options say all, and SHADFILE where SHADCORR is to be done.
///
/// # Errors
/// [`crate::Error::TooFewExposures`] for fewer than two exposures longer than 0 s (bias frames, all of 0 s, weigh alike),
/// [`crate::Error::MembersDiffer`] for exposures of other detectors, amplifiers, filters, shapes or places,
/// [`crate::Error::Untrimmed`], [`crate::Error::NoCosmicRays`] for SBC, and those of
/// [`RejectionParameters::choose`].
pub fn acsrej(
    members: &[&dyn Member],
    references: &References,
    options: &AcsrejOptions,
) -> Result<Rejection> {
    let mut combining = Combining::begin(members, references, options)?;
    for imset in 0..combining.imsets() {
        combining.combine(imset)?;
    }
    combining.end()
}

/// The product before its pixels, with the headers of one exposure.
pub(in crate::acs) fn blank(members: &[&dyn Member], first: usize) -> Result<Observation> {
    let mut product = without_pixels(members, first);
    for (imset, chip) in product.chips.iter_mut().enumerate() {
        chip.frame = empty_frame(members[first].shape(imset)?);
    }
    Ok(product)
}

/// The same without memory for pixels.
fn without_pixels(members: &[&dyn Member], first: usize) -> Observation {
    Observation {
        name: format!(
            "the combination of {} and {} more",
            members[first].name(),
            members.len() - 1
        ),
        ..headers_of(members[first])
    }
}

/// An exposure's headers; it has no pixels.
pub(in crate::acs) fn headers_of(member: &dyn Member) -> Observation {
    let chips = (0..member.imsets()).map(|imset| {
        let [sci, err, dq] = member.headers(imset);
        Chip {
            version: member.version(imset),
            frame: empty_frame((0, 0)),
            sci,
            err,
            dq,
        }
    });
    Observation {
        name: member.name(),
        primary: member.primary().clone(),
        chips: chips.collect(),
    }
}

pub(crate) fn empty_frame((ny, nx): (usize, usize)) -> Frame {
    Frame {
        sci: Image::filled(ny, nx, 0.0),
        err: Image::filled(ny, nx, 0.0),
        dq: Image::filled(ny, nx, 0),
    }
}
