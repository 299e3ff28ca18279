//! Rows of one chip on their way: the product's, and those of the exposures that it was made of.

use crate::Result;
use crate::acs::acs2d::pass::{Measured, OfRow, Pass, PassBuffers, PassRows, ROWS};
use crate::acs::acsrej::combining::Block;
use crate::acs::acsrej::{Member, REJECTED};
use crate::steps::rows::RowMut;
use firstlight_frame::Planes;
use rayon::prelude::*;
use std::borrow::Cow;
use std::ops::Range;

/// A chip of an exposure that is calibrated beside the product.
pub(super) struct Strip<'a> {
    member: &'a dyn Member,
    pub imset: usize,
    pub pass: &'a Pass,
    /// Whether its reference images are those of the product.
    shares: bool,
}

impl<'a> Strip<'a> {
    pub fn of(member: &'a dyn Member, imset: usize, pass: &'a Pass, of_product: &Pass) -> Self {
        Self {
            member,
            imset,
            pass,
            shares: pass.reads_as(of_product),
        }
    }

    fn read(&self, rows: Range<usize>) -> Result<StripRows<'a>> {
        Ok(StripRows {
            sci: self.member.sci(self.imset, rows.clone())?,
            err: self.member.err(self.imset, rows.clone())?,
            dq: self.member.dq(self.imset, rows)?,
        })
    }
}

/// Rows of an exposure before acs2d.
struct StripRows<'a> {
    sci: Cow<'a, [f32]>,
    err: Cow<'a, [f32]>,
    dq: Cow<'a, [u16]>,
}

/// Memory of a task.
#[derive(Default)]
struct Buffers {
    shared: PassBuffers,
    own: PassBuffers,
    sci: Vec<f32>,
    err: Vec<f32>,
    dq: Vec<u16>,
}

/// What is known of some rows of a product's chip.
#[derive(Default)]
pub(super) struct OfRows {
    rows: Vec<OfRow>,
    /// ERR and DQ of the first pixel.
    first: Option<(f32, u16)>,
    /// Whether any ERR was not 0 before the steps, and any ERR and DQ were not those of the first pixel after them.
    any_error: bool,
    err_varies: bool,
    dq_varies: bool,
}

impl OfRows {
    fn of(measured: Vec<OfRow>, any_error: bool, rows: Planes<'_>) -> Self {
        let first = rows.err.first().copied().zip(rows.dq.first().copied());
        let (mut err_varies, mut dq_varies) = (false, false);
        if let Some((error, bits)) = first {
            err_varies = rows.err.iter().any(|&other| other != error);
            dq_varies = rows.dq.iter().any(|&other| other != bits);
        }
        Self {
            rows: measured,
            first,
            any_error,
            err_varies,
            dq_varies,
        }
    }

    /// Adds the rows that follow.
    pub fn add(&mut self, found: Self) {
        self.rows.extend(found.rows);
        self.any_error |= found.any_error;
        self.err_varies |= found.err_varies;
        self.dq_varies |= found.dq_varies;
        match (self.first, found.first) {
            (Some((error, bits)), Some((other, others))) => {
                self.err_varies |= other != error;
                self.dq_varies |= others != bits;
            }
            (None, first) => self.first = first,
            _ => {}
        }
    }

    /// What was measured; None where it is not as was expected.
    pub fn measured(&self, pass: &Pass, nx: usize) -> Option<Measured> {
        let found = pass.measured(self.rows.iter(), nx);
        let varies = self.any_error && self.err_varies && self.dq_varies;
        (varies && found.statistics.good > 0).then_some(found)
    }
}

/// Calibrates a block of the product, and the same rows of the exposures with their rejected pixels flagged where
/// `crmask` says so. `give` gets rows of the product as 0 and of the exposures from 1 on, in any order.
pub(super) fn calibrate(
    pass: &Pass,
    strips: &[Strip<'_>],
    block: Block<'_>,
    (nx, crmask): (usize, bool),
    give: impl Fn(usize, usize, Planes<'_>) -> Result<()> + Sync,
) -> Result<Vec<Vec<OfRows>>> {
    let Block { rows, product, hits } = block;
    let exposures = strips.iter().map(|strip| strip.read(rows.clone()));
    let exposures = exposures.collect::<Result<Vec<_>>>()?;
    let sci = product.sci.par_chunks_mut(ROWS * nx);
    let parts = sci
        .zip(product.err.par_chunks_mut(ROWS * nx))
        .zip(product.dq.par_chunks_mut(ROWS * nx));
    let found = parts
        .enumerate()
        .map_init(Buffers::default, |buffers, (part, ((sci, err), dq))| {
            let Buffers {
                shared,
                own,
                sci: of_sci,
                err: of_err,
                dq: of_dq,
            } = buffers;
            let first = rows.start + part * ROWS;
            let count = sci.len() / nx;
            let pixels = part * ROWS * nx..part * ROWS * nx + sci.len();
            let images = pass.read(first..first + count, &mut shared.images)?;
            let mut found = Vec::with_capacity(1 + strips.len());
            let mut steps = |pass: &Pass, images: &PassRows<'_>, mut rows: RowMut<'_>| {
                let any_error = rows.err.iter().any(|&error| error != 0.0);
                let measured = pass.apply(images, rows.again(), nx, &mut shared.scratch);
                let RowMut { sci, err, dq } = rows;
                let rows = Planes { sci, err, dq };
                give(found.len(), first, rows)?;
                found.push(OfRows::of(measured, any_error, rows));
                Ok::<_, crate::Error>(())
            };
            steps(pass, &images, RowMut { sci, err, dq })?;
            for ((strip, exposure), hits) in strips.iter().zip(&exposures).zip(&hits) {
                copy(of_sci, &exposure.sci[pixels.clone()]);
                copy(of_err, &exposure.err[pixels.clone()]);
                copy(of_dq, &exposure.dq[pixels.clone()]);
                if crmask {
                    match hits {
                        Some(hits) => hits.mark_rows(first, of_dq),
                        None => of_dq.iter_mut().for_each(|bits| *bits &= !REJECTED),
                    }
                }
                let (sci, err, dq) = (&mut *of_sci, &mut *of_err, &mut *of_dq);
                let rows = RowMut { sci, err, dq };
                if strip.shares {
                    steps(strip.pass, &images, rows)?;
                } else {
                    let images = strip.pass.read(first..first + count, &mut own.images)?;
                    steps(strip.pass, &images, rows)?;
                }
            }
            Ok(found)
        });
    found.collect()
}

fn copy<T: Copy>(to: &mut Vec<T>, from: &[T]) {
    to.clear();
    to.extend_from_slice(from);
}
