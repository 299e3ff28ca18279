//! Exposures combined without cosmic rays and calibrated in one go, and each of them with them: rows of all products are
//! given away as soon as they are there, so that none is ever in memory as a whole, and rows of a reference image are read
//! once for all of them.

mod chip;

use super::acs2d::pass::{Measured, Pass};
use super::acs2d::stage::Stage;
use super::acs2d::{Acs2dOptions, Acs2dReport};
use super::acsrej::combination::Found;
use super::acsrej::combining::Combining;
use super::acsrej::{AcsrejOptions, Member, Rejection, empty_frame, headers_of, name_product};
use super::{Observation, References};
use crate::Result;
use crate::steps::{DarkReport, FlashReport, Range, Statistics};
use chip::{OfRows, Strip};
use firstlight_frame::Planes;
use rayon::prelude::*;

/// Where the rows of a product go.
pub trait RowSink: Sync {
    /// Takes rows of an imset from row `first` on; several threads give at once.
    ///
    /// # Errors
    /// Where they cannot be written.
    fn rows(&self, imset: usize, first: usize, rows: Planes<'_>) -> Result<()>;
}

/// An exposure with its reference files.
pub type WithReferences<'a> = (&'a dyn Member, &'a References);

/// A combination that is calibrated as it is made, and the exposures with it: acsrej, then acs2d.
pub struct Flowing<'a> {
    combining: Combining<'a>,
    product: Calibrating<'a>,
    /// All exposures, or none.
    exposures: Vec<(&'a dyn Member, Calibrating<'a>)>,
}

/// What came of it.
#[derive(Debug)]
pub struct Flowed {
    /// The combination; its product has its headers alone.
    pub rejection: Rejection,
    /// acs2d of the product.
    pub report: Acs2dReport,
    /// The exposures, which have their headers alone, and acs2d of them; none where they do not flow.
    pub exposures: Vec<(Observation, Acs2dReport)>,
}

/// acs2d of what comes row by row.
struct Calibrating<'a> {
    /// Headers; there are no pixels.
    observation: Observation,
    stage: Stage<'a>,
    passes: Vec<Pass>,
}

impl<'a> Calibrating<'a> {
    /// None where acs2d does more than apply reference images, as where a step needs all of an image at once.
    fn of(
        mut observation: Observation,
        shapes: &[(usize, usize)],
        references: &'a References,
        options: &'a Acs2dOptions,
    ) -> Result<Option<Self>> {
        // Untouched, they take no memory.
        for (chip, &shape) in observation.chips.iter_mut().zip(shapes) {
            chip.frame = empty_frame(shape);
        }
        let stage = match Stage::of(&observation, references, options)? {
            Some(stage) if stage.is_of_images_alone(&observation) => stage,
            _ => return Ok(None),
        };
        let passes = observation.chips.iter().map(|chip| stage.pass(chip));
        let passes = passes.collect::<Result<_>>()?;
        for chip in &mut observation.chips {
            chip.frame = empty_frame((0, 0));
        }
        Ok(Some(Self {
            observation,
            stage,
            passes,
        }))
    }

    /// The headers as they will be, but for the values of what is measured.
    fn expected(&self) -> Result<Observation> {
        let mut product = self.observation.clone();
        let mut stage = self.stage.clone();
        let one = Range {
            min: 0.0,
            max: 0.0,
            mean: 0.0,
        };
        let measured = self.passes.iter().map(|pass| Measured {
            dark: pass.dark.as_ref().map(|_| DarkReport { mean_e: 0.0 }),
            flash: pass.flash.as_ref().map(|_| FlashReport { mean_e: 0.0 }),
            not_of_flats: 0,
            statistics: Statistics {
                good: 1,
                sci: Some(one),
                err: Some(one),
                snr: Some(one),
            },
        });
        stage.ccdtab(&mut product)?;
        stage.record_all(&mut product, &measured.collect::<Vec<_>>())?;
        Ok(product)
    }

    /// Records what was done and measured in the headers `observation`.
    fn record(&mut self, observation: &mut Observation, measured: &[Measured]) -> Result<()> {
        self.stage.ccdtab(observation)?;
        self.stage.record_all(observation, measured)
    }
}

impl<'a> Flowing<'a> {
    /// Prepares the combination of `members` under the name of `rootname`, with `role` as its ASN_MTYP, by the reference
    /// files of the first; and the exposures themselves, where all of them can be calibrated row by row. None where acsrej
    /// and acs2d must be done one after the other, as where a step needs all of an image at once.
    ///
    /// # Errors
    /// As [`acsrej`](super::acsrej::acsrej), and as [`acs2d`](super::acs2d::acs2d) before its first step.
    pub fn begin(
        members: &[WithReferences<'a>],
        (acsrej, acs2d): (&AcsrejOptions, &'a Acs2dOptions),
        (rootname, role): (&str, &str),
    ) -> Result<Option<Self>> {
        let Some(&(_, references)) = members.first() else {
            return Ok(None);
        };
        let of_all: Vec<&dyn Member> = members.iter().map(|(member, _)| *member).collect();
        let mut combining = Combining::begin(&of_all, references, acsrej)?;
        if combining.is_shaded() || !combining.is_iterated() {
            return Ok(None);
        }
        name_product(&mut combining.product, rootname, Some(role))?;
        let shapes = shapes_of(&combining);
        let Some(product) = Calibrating::of(combining.product.clone(), &shapes, references, acs2d)? else {
            return Ok(None);
        };
        let mut exposures = Vec::with_capacity(members.len());
        for (index, &(member, references)) in members.iter().enumerate() {
            // Each chip once: then all of them are gone through.
            let mut imsets: Vec<usize> = imsets_of(&combining, index).collect();
            imsets.sort_unstable();
            let observation = headers_of(member);
            let shapes = (0..member.imsets()).map(|imset| member.shape(imset));
            let shapes = shapes.collect::<Result<Vec<_>>>()?;
            match Calibrating::of(observation, &shapes, references, acs2d)? {
                Some(calibrating) if imsets.into_iter().eq(0..shapes.len()) => {
                    exposures.push((member, calibrating));
                }
                _ => break,
            }
        }
        if exposures.len() < members.len() {
            exposures.clear();
        }
        Ok(Some(Self {
            combining,
            product,
            exposures,
        }))
    }

    /// The shapes `(ny, nx)` of the imsets.
    pub fn shapes(&self) -> Vec<(usize, usize)> {
        shapes_of(&self.combining)
    }

    /// The product's headers as they will be, but for the values of what is measured, and then those of the exposures
    /// that flow. There are no pixels.
    ///
    /// # Errors
    /// [`crate::Error::Frame`] where a card cannot be written.
    pub fn expected(&self) -> Result<Vec<Observation>> {
        let exposures = self.exposures.iter().map(|(_, calibrating)| calibrating);
        [&self.product]
            .into_iter()
            .chain(exposures)
            .map(Calibrating::expected)
            .collect()
    }

    /// Combines, calibrates, and gives the rows away: to `sinks`, in the order of [`Flowing::expected`].
    ///
    /// None where a product would not be what was expected of it, because no pixel is good, or ERR or DQ are the same
    /// everywhere: all are to be made by one stage after the other then, and what `sinks` were given to be forgotten.
    ///
    /// # Errors
    /// What reading rows, or a sink, meets.
    pub fn run(mut self, sinks: &[impl RowSink]) -> Result<Option<Flowed>> {
        let imsets = (0..self.combining.imsets()).into_par_iter();
        let made = imsets.map(|imset| self.chip(imset, sinks));
        let mut of_chips = Vec::new();
        for (imset, (found, measured)) in made.collect::<Result<Vec<_>>>()?.into_iter().enumerate() {
            self.combining.accept(imset, found);
            let Some(measured) = measured.into_iter().collect::<Option<Vec<Measured>>>() else {
                return Ok(None);
            };
            of_chips.push(measured);
        }
        let of_product: Vec<Measured> = of_chips.iter().map(|of_chip| of_chip[0].clone()).collect();
        let mut exposures = Vec::with_capacity(self.exposures.len());
        for (index, (_, mut calibrating)) in self.exposures.into_iter().enumerate() {
            // In the order of the exposure's own imsets.
            let mut measured: Vec<(usize, Measured)> = imsets_of(&self.combining, index)
                .zip(of_chips.iter().map(|of_chip| of_chip[1 + index].clone()))
                .collect();
            measured.sort_by_key(|(imset, _)| *imset);
            let measured: Vec<Measured> = measured.into_iter().map(|(_, of)| of).collect();
            let mut observation = calibrating.observation.clone();
            calibrating.record(&mut observation, &measured)?;
            exposures.push((observation, calibrating.stage.report));
        }
        let mut rejection = self.combining.end()?;
        self.product.record(&mut rejection.product, &of_product)?;
        Ok(Some(Flowed {
            rejection,
            report: self.product.stage.report,
            exposures,
        }))
    }

    /// Combines and calibrates a chip. Of the product and the exposures what was measured; None where one is not as was
    /// expected.
    fn chip(&self, imset: usize, sinks: &[impl RowSink]) -> Result<(Found, Vec<Option<Measured>>)> {
        let nx = self.combining.shape(imset).1.max(1);
        let pass = &self.product.passes[imset];
        let crmask = self.combining.crmask();
        let of_exposures = self.exposures.iter().zip(self.combining.imsets_of(imset));
        let strips: Vec<Strip<'_>> = of_exposures
            .map(|((member, calibrating), &imset)| {
                Strip::of(*member, imset, &calibrating.passes[imset], pass)
            })
            .collect();
        let mut products: Vec<OfRows> = (0..=strips.len()).map(|_| OfRows::default()).collect();
        let found = self.combining.combine_in_blocks(imset, |block| {
            let of_block = chip::calibrate(pass, &strips, block, (nx, crmask), |index, first, rows| {
                let imset = index.checked_sub(1).map_or(imset, |index| strips[index].imset);
                sinks
                    .get(index)
                    .map_or(Ok(()), |sink| sink.rows(imset, first, rows))
            })?;
            for of_rows in of_block {
                products
                    .iter_mut()
                    .zip(of_rows)
                    .for_each(|(product, of_rows)| product.add(of_rows));
            }
            Ok(())
        })?;
        let passes = [pass].into_iter().chain(strips.iter().map(|strip| strip.pass));
        let measured = products.iter().zip(passes);
        Ok((
            found,
            measured
                .map(|(product, pass)| product.measured(pass, nx))
                .collect(),
        ))
    }
}

fn shapes_of(combining: &Combining<'_>) -> Vec<(usize, usize)> {
    let imsets = 0..combining.imsets();
    imsets.map(|imset| combining.shape(imset)).collect()
}

/// The imsets of an exposure in the order of the product's.
fn imsets_of(combining: &Combining<'_>, exposure: usize) -> impl Iterator<Item = usize> {
    (0..combining.imsets()).filter_map(move |imset| combining.imsets_of(imset).get(exposure).copied())
}
