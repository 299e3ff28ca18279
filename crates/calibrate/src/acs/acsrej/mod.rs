//! CRCORR: exposures of one field combined into one without cosmic rays.
//!
//! Each exposure, less its sky and divided by its exposure time, is compared with a first guess of the image, then with
//! the average of what was left, once for each threshold of CRSIGMAS. Pixels too far away are rejected, and neighbours
//! of those by a lower threshold (ACS Data Handbook, on CRCORR).

pub(in crate::acs) mod agreement;
mod combination;
mod guess;
mod header;
mod hits;
mod layer;
mod member;
mod options;
mod parameters;
mod sky;
mod terms;

pub use header::name_product;
pub use hits::{Hits, REJECTED};
pub use member::Member;
pub use options::{AcsrejOptions, InitialGuess, SkySubtraction};
pub use parameters::RejectionParameters;

use super::{Chip, Observation, Outcome, References, Setup, record_image, record_switch, set};
use crate::Result;
use agreement::Exposures;
use combination::{Combination, Combined};
use firstlight_frame::{Frame, Image, Switch};
use layer::Input;
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
    let exposures = Exposures::of(members)?;
    let mut product = blank(members, exposures.first)?;
    let calibration = ["BIAS", "DARK"];
    let imagetyp = product
        .primary
        .text("IMAGETYP")
        .unwrap_or_default()
        .to_ascii_uppercase();
    let is_calibration = calibration.iter().any(|kind| imagetyp.starts_with(kind));
    let meanexp_s = exposures.exptime_s / members.len() as f32;
    let parameters: Vec<RejectionParameters> = product
        .chips
        .iter()
        .map(|chip| {
            let table = references.get("CRREJTAB");
            RejectionParameters::choose(table, members.len(), meanexp_s, chip.number(), options)
        })
        .collect::<Result<_>>()?;
    let shading = Shading::of(&product, references, options)?;
    let mut hits: Vec<Vec<Option<Hits>>> = members.iter().map(|member| vec![None; member.imsets()]).collect();
    let mut chips = Vec::with_capacity(product.chips.len());
    for (imset, (chip, parameters)) in product.chips.iter_mut().zip(parameters).enumerate() {
        let planes: Vec<sky::Plane> = (members
            .iter()
            .copied()
            .zip(exposures.imsets[imset].iter().copied()))
        .collect();
        let inputs = inputs(&planes, &exposures, &parameters)?;
        let shading = shading.image(chip)?;
        let frame = std::mem::replace(&mut chip.frame, empty_frame((0, 0)));
        let combined = Combination {
            inputs: inputs.iter().flatten().copied().collect(),
            parameters: &parameters,
            is_calibration,
            shading: shading.as_ref(),
            shape: frame.sci.shape(),
        }
        .run(frame)?;
        chips.push(accept(
            chip,
            combined,
            &inputs,
            parameters,
            &mut hits,
            &exposures.imsets[imset],
        ));
    }
    let report = report(members, &exposures, chips, shading.outcome);
    let parameters = report.chips.first().map(|chip| &chip.parameters);
    if let Some(parameters) = parameters {
        header::record(&mut product, &exposures, parameters, &report)?;
    }
    shading.record(&mut product)?;
    if let (Some(table), false) = (references.get("CRREJTAB"), options.is_complete()) {
        set(&mut product.primary, "CRREJTAB", table.named.as_str())?;
    }
    let hits = hits
        .into_iter()
        .map(|of| of.into_iter().flatten().collect())
        .collect();
    Ok(Rejection {
        product,
        hits,
        report,
    })
}

/// The product before its pixels, with the headers of one exposure.
pub(in crate::acs) fn blank(members: &[&dyn Member], first: usize) -> Result<Observation> {
    let first = members[first];
    let chips = (0..first.imsets()).map(|imset| {
        let [sci, err, dq] = first.headers(imset);
        Ok(Chip {
            version: first.version(imset),
            frame: empty_frame(first.shape(imset)?),
            sci,
            err,
            dq,
        })
    });
    Ok(Observation {
        name: format!(
            "the combination of {} and {} more",
            first.name(),
            members.len() - 1
        ),
        primary: first.primary().clone(),
        chips: chips.collect::<Result<_>>()?,
    })
}

fn empty_frame((ny, nx): (usize, usize)) -> Frame {
    Frame {
        sci: Image::filled(ny, nx, 0.0),
        err: Image::filled(ny, nx, 0.0),
        dq: Image::filled(ny, nx, 0),
    }
}

/// The exposures that weigh anything, with their sky; None for the others.
fn inputs<'a>(
    planes: &[sky::Plane<'a>],
    exposures: &Exposures,
    parameters: &RejectionParameters,
) -> Result<Vec<Option<Input<'a>>>> {
    let weighs = |&(_, &seconds): &(&sky::Plane, &f32)| seconds > 0.0;
    let used: Vec<sky::Plane> = planes
        .iter()
        .zip(&exposures.seconds)
        .filter(weighs)
        .map(|(&plane, _)| plane)
        .collect();
    let mut skies = match parameters.skysub {
        SkySubtraction::None => vec![0.0; used.len()],
        SkySubtraction::Mode => sky::modes(&used, parameters.badinpdq)?,
    }
    .into_iter();
    let input = |(&(member, imset), &seconds): (&sky::Plane<'a>, &f32)| {
        (seconds > 0.0).then(|| Input {
            member,
            imset,
            seconds,
            sky: skies.next().unwrap_or(0.0),
        })
    };
    Ok(planes.iter().zip(&exposures.seconds).map(input).collect())
}

/// Puts a combined chip into the product and its hits where they belong.
fn accept(
    chip: &mut Chip,
    combined: Combined,
    inputs: &[Option<Input>],
    parameters: RejectionParameters,
    hits: &mut [Vec<Option<Hits>>],
    imsets: &[usize],
) -> ChipReport {
    let (ny, nx) = combined.frame.sci.shape();
    let mut found = combined.hits.into_iter().zip(combined.lost);
    let mut report = ChipReport {
        chip: chip.number(),
        parameters,
        sky_e: Vec::new(),
        rejected: Vec::new(),
        not_finite: Vec::new(),
        empty: combined.empty,
    };
    for ((input, hits), &imset) in inputs.iter().zip(hits).zip(imsets) {
        let (of_input, lost) = input
            .and_then(|_| found.next())
            .unwrap_or_else(|| (Hits::none(ny, nx), 0));
        report.sky_e.push(input.map_or(0.0, |input| input.sky));
        report.rejected.push(of_input.count());
        report.not_finite.push(lost);
        hits[imset] = Some(of_input);
    }
    chip.frame = combined.frame;
    report
}

fn report(
    members: &[&dyn Member],
    exposures: &Exposures,
    chips: Vec<ChipReport>,
    shadcorr: Option<Outcome>,
) -> AcsrejReport {
    let first = chips.first();
    let sky = first.map_or(0.0, |chip| chip.sky_e.iter().fold(0.0f32, |sum, &sky| sum + sky));
    let rejected: usize = first.map_or(0, |chip| chip.rejected.iter().sum());
    AcsrejReport {
        inputs: members.iter().map(|member| member.name()).collect(),
        exptime_s: exposures.exptime_s,
        skysum_e: sky.max(0.0),
        rej_rate: rejected as f32 / exposures.combined_s,
        shadcorr,
        chips,
    }
}

/// The shading of the shutter, where it is asked for.
struct Shading<'a> {
    reference: Option<&'a super::Reference>,
    setup: Option<Setup>,
    outcome: Option<Outcome>,
}

impl<'a> Shading<'a> {
    fn of(product: &Observation, references: &'a References, options: &AcsrejOptions) -> Result<Self> {
        if !options.shadcorr && !Switch::of(&product.primary, "SHADCORR").is_perform() {
            return Ok(Self {
                reference: None,
                setup: None,
                outcome: None,
            });
        }
        let reference = references.require("SHADCORR", "SHADFILE")?;
        let dummy = reference.is_dummy();
        Ok(Self {
            reference: (!dummy).then_some(reference),
            setup: Some(Setup::of(product)?),
            outcome: Some(if dummy { Outcome::Dummy } else { Outcome::Complete }),
        })
    }

    /// The time that it adds to the pixels of a chip, s.
    fn image(&self, chip: &Chip) -> Result<Option<Image<f32>>> {
        match (self.reference, &self.setup) {
            (Some(reference), Some(setup)) => Ok(Some(reference.expanded(setup, chip)?.sci()?)),
            _ => Ok(None),
        }
    }

    fn record(&self, product: &mut Observation) -> Result<()> {
        let Some(outcome) = self.outcome else {
            return Ok(());
        };
        record_switch(&mut product.primary, "SHADCORR", outcome)?;
        match self.reference {
            Some(reference) => record_image(&mut product.primary, reference),
            None => Ok(()),
        }
    }
}
