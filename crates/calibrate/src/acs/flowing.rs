//! Exposures combined without cosmic rays and calibrated in one go: rows of the product are given away as soon as they
//! are there, so that it is never in memory as a whole.

use super::acs2d::pass::{Measured, OfRow, Pass, PassBuffers, ROWS};
use super::acs2d::stage::Stage;
use super::acs2d::{Acs2dOptions, Acs2dReport};
use super::acsrej::combining::Combining;
use super::acsrej::{AcsrejOptions, Member, Rejection, empty_frame, name_product};
use super::{Observation, References};
use crate::Result;
use crate::steps::rows::RowMut;
use crate::steps::{DarkReport, FlashReport, Range, Statistics};
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

/// A combination that is calibrated as it is made: acsrej, then acs2d.
pub struct Flowing<'a> {
    combining: Combining<'a>,
    stage: Stage<'a>,
    passes: Vec<Pass>,
}

impl<'a> Flowing<'a> {
    /// Prepares the combination of `members` under the name of `rootname`, with `role` as its ASN_MTYP. None where acsrej
    /// and acs2d must be done one after the other, as where a step needs all of an image at once.
    ///
    /// # Errors
    /// As [`acsrej`](super::acsrej::acsrej), and as [`acs2d`](super::acs2d::acs2d) before its first step.
    pub fn begin(
        members: &[&'a dyn Member],
        references: &'a References,
        (acsrej, acs2d): (&AcsrejOptions, &'a Acs2dOptions),
        (rootname, role): (&str, &str),
    ) -> Result<Option<Self>> {
        let mut combining = Combining::begin(members, references, acsrej)?;
        if combining.is_shaded() || !combining.is_iterated() {
            return Ok(None);
        }
        name_product(&mut combining.product, rootname, Some(role))?;
        // Untouched, they take no memory.
        for imset in 0..combining.imsets() {
            combining.product.chips[imset].frame = empty_frame(combining.shape(imset));
        }
        let stage = match Stage::of(&combining.product, references, acs2d)? {
            Some(stage) if stage.is_of_images_alone(&combining.product) => stage,
            _ => return Ok(None),
        };
        let passes = combining.product.chips.iter().map(|chip| stage.pass(chip));
        let passes = passes.collect::<Result<_>>()?;
        for chip in &mut combining.product.chips {
            chip.frame = empty_frame((0, 0));
        }
        Ok(Some(Self {
            combining,
            stage,
            passes,
        }))
    }

    /// The shapes `(ny, nx)` of the imsets.
    pub fn shapes(&self) -> Vec<(usize, usize)> {
        let imsets = 0..self.combining.imsets();
        imsets.map(|imset| self.combining.shape(imset)).collect()
    }

    /// The product's headers as they will be, but for the values of what is measured. There are no pixels.
    ///
    /// # Errors
    /// [`crate::Error::Frame`] where a card cannot be written.
    pub fn expected(&self) -> Result<Observation> {
        let mut product = self.combining.product.clone();
        let mut stage = self.stage.clone();
        let one = Range {
            min: 0.0,
            max: 0.0,
            mean: 0.0,
        };
        let measured = self.passes.iter().map(|pass| Measured {
            dark: pass.dark.as_ref().map(|_| DarkReport { mean_e: 0.0 }),
            flash: pass.flash.as_ref().map(|_| FlashReport { mean_e: 0.0 }),
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

    /// Combines, calibrates, and gives the rows away. The product that comes back has its headers alone.
    ///
    /// None where the product would not be what was expected of it, because no pixel is good, or ERR or DQ are the same
    /// everywhere: it is to be made by one stage after the other then, and what `sink` was given to be forgotten.
    ///
    /// # Errors
    /// What reading rows, or the sink, meets.
    pub fn run(mut self, sink: &impl RowSink) -> Result<Option<(Rejection, Acs2dReport)>> {
        let mut measured = Vec::with_capacity(self.passes.len());
        for (imset, pass) in self.passes.iter().enumerate() {
            let nx = self.combining.shape(imset).1.max(1);
            let mut chip = OfChip::default();
            self.combining.combine_in_blocks(imset, |first, rows| {
                chip.add(pass, nx, first, rows, |first, rows| sink.rows(imset, first, rows))
            })?;
            let found = pass.measured(chip.rows.iter(), nx);
            if !chip.varies() || found.statistics.good == 0 {
                return Ok(None);
            }
            measured.push(found);
        }
        let mut rejection = self.combining.end()?;
        self.stage.ccdtab(&mut rejection.product)?;
        self.stage.record_all(&mut rejection.product, &measured)?;
        Ok(Some((rejection, self.stage.report)))
    }
}

/// What is known of a chip so far.
#[derive(Default)]
struct OfChip {
    rows: Vec<OfRow>,
    /// ERR and DQ of the first pixel.
    first: Option<(f32, u16)>,
    /// Whether any ERR was not 0 before the steps, and any ERR and DQ were not those of the first pixel after them.
    any_error: bool,
    err_varies: bool,
    dq_varies: bool,
}

impl OfChip {
    fn varies(&self) -> bool {
        self.any_error && self.err_varies && self.dq_varies
    }

    fn add(
        &mut self,
        pass: &Pass,
        nx: usize,
        first: usize,
        rows: RowMut<'_>,
        give: impl Fn(usize, Planes<'_>) -> Result<()> + Sync,
    ) -> Result<()> {
        self.any_error = self.any_error || rows.err.iter().any(|&error| error != 0.0);
        let sci = rows.sci.par_chunks_mut(ROWS * nx);
        let blocks = sci
            .zip(rows.err.par_chunks_mut(ROWS * nx))
            .zip(rows.dq.par_chunks_mut(ROWS * nx));
        let blocks = blocks.enumerate();
        let found = blocks.map_init(PassBuffers::default, |buffers, (block, ((sci, err), dq))| {
            let first = first + block * ROWS;
            let mut of_block = RowMut { sci, err, dq };
            let found = pass.rows(first, of_block.again(), nx, buffers)?;
            let RowMut { sci, err, dq } = of_block;
            give(first, Planes { sci, err, dq })?;
            Ok(found)
        });
        self.rows
            .extend(found.collect::<Result<Vec<_>>>()?.into_iter().flatten());
        if let (None, Some(&error), Some(&bits)) = (self.first, rows.err.first(), rows.dq.first()) {
            self.first = Some((error, bits));
        }
        if let Some((error, bits)) = self.first {
            self.err_varies = self.err_varies || rows.err.iter().any(|&other| other != error);
            self.dq_varies = self.dq_varies || rows.dq.iter().any(|&other| other != bits);
        }
        Ok(())
    }
}
