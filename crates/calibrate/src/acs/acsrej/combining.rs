//! A combination on its way: the headers of the product first, then its chips one after another, block by block.

use super::agreement::Exposures;
use super::combination::{Combination, Found};
use super::layer::Input;
use super::shading::Shading;
use super::{
    AcsrejOptions, AcsrejReport, ChipReport, Hits, Member, Rejection, RejectionParameters, SkySubtraction,
    empty_frame, header, sky, without_pixels,
};
use crate::Result;
use crate::acs::{Observation, References, set};
use crate::steps::rows::RowMut;
use firstlight_frame::Image;
use rayon::prelude::*;
use std::ops::Range;

/// Exposures that are being combined.
pub(in crate::acs) struct Combining<'a> {
    /// The product. Its headers are complete but for REJ_RATE; it has no pixels but those of chips that are combined.
    pub product: Observation,
    members: Vec<&'a dyn Member>,
    exposures: Exposures,
    parameters: Vec<RejectionParameters>,
    /// For each imset of the product the exposures that weigh anything, with their sky.
    inputs: Vec<Vec<Option<Input<'a>>>>,
    shapes: Vec<(usize, usize)>,
    is_calibration: bool,
    shading: Shading<'a>,
    hits: Vec<Vec<Option<Hits>>>,
    chips: Vec<ChipReport>,
}

/// Rows that have been combined.
pub(in crate::acs) struct Block<'b> {
    pub rows: Range<usize>,
    pub product: RowMut<'b>,
    /// What was rejected of each exposure, complete as far as these rows; None for one that weighs nothing.
    pub hits: Vec<Option<&'b Hits>>,
}

impl<'a> Combining<'a> {
    /// Checks the exposures, measures their sky, and makes the headers of the product.
    pub fn begin(
        members: &[&'a dyn Member],
        references: &'a References,
        options: &AcsrejOptions,
    ) -> Result<Self> {
        let exposures = Exposures::of(members)?;
        let product = without_pixels(members, exposures.first);
        let first = members[exposures.first];
        let shapes = (0..first.imsets()).map(|imset| first.shape(imset));
        let shapes = shapes.collect::<Result<Vec<_>>>()?;
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
        let of_imset = |(imsets, parameters): (&Vec<usize>, &RejectionParameters)| {
            let planes: Vec<sky::Plane> = members.iter().copied().zip(imsets.iter().copied()).collect();
            inputs(&planes, &exposures, parameters)
        };
        let inputs = exposures.imsets.par_iter().zip(&parameters).map(of_imset);
        let inputs = inputs.collect::<Result<Vec<_>>>()?;
        let mut combining = Self {
            hits: members.iter().map(|member| vec![None; member.imsets()]).collect(),
            chips: Vec::with_capacity(product.chips.len()),
            members: members.to_vec(),
            exposures,
            parameters,
            inputs,
            shapes,
            is_calibration,
            shading,
            product,
        };
        let report = combining.report(Vec::new());
        if let Some(parameters) = combining.parameters.first() {
            header::record(&mut combining.product, &combining.exposures, parameters, &report)?;
        }
        combining.shading.record(&mut combining.product)?;
        if let (Some(table), false) = (references.get("CRREJTAB"), options.is_complete()) {
            set(&mut combining.product.primary, "CRREJTAB", table.named.as_str())?;
        }
        Ok(combining)
    }

    /// How many imsets the product has.
    pub fn imsets(&self) -> usize {
        self.product.chips.len()
    }

    /// Combines a chip into memory.
    pub fn combine(&mut self, imset: usize) -> Result<()> {
        let chip = &mut self.product.chips[imset];
        chip.frame = empty_frame(self.shapes[imset]);
        let shading = self.shading.image(chip)?;
        let mut frame = std::mem::replace(&mut chip.frame, empty_frame((0, 0)));
        let combination = self.combination(imset, shading.as_ref());
        let found = combination.run(&mut frame, combination.block_rows())?.end();
        self.accept(imset, found);
        self.product.chips[imset].frame = frame;
        Ok(())
    }

    /// Combines a chip block of rows by block of rows, each of which `each` gets with what was rejected in it; only for
    /// exposures that the shutter's shading is not taken from. What was found is to be accepted.
    pub fn combine_in_blocks(
        &self,
        imset: usize,
        mut each: impl FnMut(Block<'_>) -> Result<()>,
    ) -> Result<Found> {
        let (ny, nx) = self.shapes[imset];
        let combination = self.combination(imset, None);
        let block = combination.block_rows();
        let (mut sci, mut err, mut dq) = (vec![0.0; block * nx], vec![0.0; block * nx], vec![0; block * nx]);
        let mut progressing = combination.begin();
        for from in (0..ny).step_by(block) {
            let rows = from..(from + block).min(ny);
            let count = rows.len() * nx;
            let mut out = RowMut {
                sci: &mut sci[..count],
                err: &mut err[..count],
                dq: &mut dq[..count],
            };
            combination.block(&mut progressing, rows.clone(), &mut out)?;
            let mut hits = progressing.hits.iter();
            let of_member = |input: &Option<Input<'_>>| input.and_then(|_| hits.next());
            each(Block {
                rows,
                product: out,
                hits: self.inputs[imset].iter().map(of_member).collect(),
            })?;
        }
        Ok(progressing.end())
    }

    /// Whether rejected pixels are to be flagged in the exposures.
    pub fn crmask(&self) -> bool {
        self.parameters.iter().any(|of| of.crmask)
    }

    /// For each exposure which of its imsets has the chip of an imset of the product.
    pub fn imsets_of(&self, imset: usize) -> &[usize] {
        &self.exposures.imsets[imset]
    }

    /// Whether every chip is gone through at least once.
    pub fn is_iterated(&self) -> bool {
        self.parameters.iter().all(|of| !of.sigmas.is_empty())
    }

    /// Whether SHADCORR is asked for.
    pub fn is_shaded(&self) -> bool {
        self.shading.outcome.is_some()
    }

    /// The shape of a chip, `(ny, nx)`.
    pub fn shape(&self, imset: usize) -> (usize, usize) {
        self.shapes[imset]
    }

    /// What is to be combined for a chip; with what the shutter adds.
    fn combination<'b>(&'b self, imset: usize, shading: Option<&'b Image<f32>>) -> Combination<'b> {
        Combination {
            inputs: self.inputs[imset].iter().flatten().copied().collect(),
            parameters: &self.parameters[imset],
            is_calibration: self.is_calibration,
            shading,
            shape: self.shapes[imset],
        }
    }

    /// Puts what was rejected for a chip where it belongs; chips come in their order.
    pub fn accept(&mut self, imset: usize, found: Found) {
        let (ny, nx) = self.shapes[imset];
        let empty = found.empty;
        let mut found = found.hits.into_iter().zip(found.lost);
        let mut report = ChipReport {
            chip: self.product.chips[imset].number(),
            parameters: self.parameters[imset].clone(),
            sky_e: Vec::new(),
            rejected: Vec::new(),
            not_finite: Vec::new(),
            empty,
        };
        let imsets = &self.exposures.imsets[imset];
        for ((input, hits), &imset) in self.inputs[imset].iter().zip(&mut self.hits).zip(imsets) {
            let (of_input, lost) = input
                .and_then(|_| found.next())
                .unwrap_or_else(|| (Hits::none(ny, nx), 0));
            report.sky_e.push(input.map_or(0.0, |input| input.sky));
            report.rejected.push(of_input.count());
            report.not_finite.push(lost);
            hits[imset] = Some(of_input);
        }
        self.chips.push(report);
    }

    /// The product, when all its chips are combined.
    pub fn end(mut self) -> Result<Rejection> {
        let chips = std::mem::take(&mut self.chips);
        let report = self.report(chips);
        header::record_rate(&mut self.product.primary, report.rej_rate)?;
        let hits = self.hits.into_iter().map(|of| of.into_iter().flatten().collect());
        Ok(Rejection {
            product: self.product,
            hits: hits.collect(),
            report,
        })
    }

    fn report(&self, chips: Vec<ChipReport>) -> AcsrejReport {
        let skies = self.inputs.first().into_iter().flatten();
        let sky = skies.fold(0.0f32, |sum, input| sum + input.map_or(0.0, |input| input.sky));
        let rejected: usize = chips.first().map_or(0, |chip| chip.rejected.iter().sum());
        AcsrejReport {
            inputs: self.members.iter().map(|member| member.name()).collect(),
            exptime_s: self.exposures.exptime_s,
            skysum_e: sky.max(0.0),
            rej_rate: rejected as f32 / self.exposures.combined_s,
            shadcorr: self.shading.outcome,
            chips,
        }
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
