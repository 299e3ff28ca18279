//! Work on a frame row by row, in double precision, on all threads.

use super::{CcdFrame, Real};
use firstlight_frame::Image;
use rayon::prelude::*;

/// One row of a frame that is being changed.
pub(super) struct Row<'a> {
    pub(super) sci: &'a mut [f64],
    /// One standard deviation, where the frame has one.
    pub(super) err: Option<&'a mut [f64]>,
    /// Bits, where the frame has them.
    pub(super) dq: Option<&'a mut [u16]>,
}

impl Row<'_> {
    /// The same row, for one step of several.
    pub(super) fn again(&mut self) -> Row<'_> {
        Row {
            sci: self.sci,
            err: self.err.as_deref_mut(),
            dq: self.dq.as_deref_mut(),
        }
    }
}

/// One row of a frame that is read.
#[derive(Clone, Copy)]
pub(super) struct RowOf<'a, U> {
    pub(super) sci: &'a [U],
    pub(super) err: Option<&'a [U]>,
    pub(super) dq: Option<&'a [u16]>,
}

impl<U> CcdFrame<U> {
    pub(super) fn row(&self, y: usize) -> RowOf<'_, U> {
        RowOf {
            sci: self.sci.row(y),
            err: self.err.as_ref().map(|err| err.row(y)),
            dq: self.dq.as_ref().map(|dq| dq.row(y)),
        }
    }
}

/// Rows that one thread takes at a time: what it works on stays in its cache.
const AT_ONCE: usize = 16;

struct Band<'a, T> {
    first: usize,
    sci: &'a mut [T],
    err: Option<&'a mut [T]>,
    dq: Option<&'a mut [u16]>,
}

/// Changes every row of a frame; `work` is told the number of the row. Rows do not know of each other, so the result does
/// not depend on the number of threads.
pub(super) fn each_row<T: Real>(frame: &mut CcdFrame<T>, work: impl Fn(usize, Row<'_>) + Sync) {
    let nx = frame.sci.nx();
    if frame.sci.is_empty() {
        return;
    }
    let step = AT_ONCE * nx;
    let mut err = frame
        .err
        .as_mut()
        .map(|err: &mut Image<T>| err.as_mut_slice().chunks_mut(step));
    let mut dq = frame.dq.as_mut().map(|dq| dq.as_mut_slice().chunks_mut(step));
    let bands: Vec<Band<'_, T>> = frame
        .sci
        .as_mut_slice()
        .chunks_mut(step)
        .enumerate()
        .map(|(n, sci)| Band {
            first: n * AT_ONCE,
            sci,
            err: err.as_mut().and_then(Iterator::next),
            dq: dq.as_mut().and_then(Iterator::next),
        })
        .collect();
    bands.into_par_iter().for_each_init(
        || (vec![0.0; nx], vec![0.0; nx]),
        |(sci, err), mut band| {
            for (n, row) in band.sci.chunks_mut(nx).enumerate() {
                let at = n * nx..n * nx + row.len();
                let of_err = band.err.as_mut().map(|err| &mut err[at.clone()]);
                let of_dq = band.dq.as_mut().map(|dq| &mut dq[at.clone()]);
                widen(row, sci);
                if let Some(of_err) = &of_err {
                    widen(of_err, err);
                }
                work(
                    band.first + n,
                    Row {
                        sci,
                        err: of_err.is_some().then_some(&mut **err),
                        dq: of_dq,
                    },
                );
                narrow(sci, row);
                if let Some(of_err) = of_err {
                    narrow(err, of_err);
                }
            }
        },
    );
}

fn widen<T: Real>(from: &[T], to: &mut [f64]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = from.wide();
    }
}

fn narrow<T: Real>(from: &[f64], to: &mut [T]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = T::narrow(*from);
    }
}
