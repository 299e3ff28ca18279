//! Steps that the detectors share: each does one thing to a frame in memory.
//!
//! Frames and reference images have the same shape, `(ny, nx)`: what opens a reference file cuts out the part that a
//! subarray needs. Arithmetic is in single precision, rounded after each operation, as the official pipelines do it;
//! sums are in double precision. Rows are independent of each other, so that the result has the same bits for any
//! number of threads.

mod dark;
mod expansion;
mod flash;
mod flat;
mod grid;
mod linearity;
mod noise;
mod reference_rows;
pub(crate) mod rows;
pub(crate) mod shading;
pub(crate) mod statistics;
mod straight_line;
mod subtraction;

pub use dark::{DarkReport, darkcorr};
pub use expansion::{Expansion, expand};
pub use flash::{FlashReport, flshcorr};
pub use flat::{flatcorr, multiply};
pub use grid::Grid;
pub use linearity::{GlobalLinearity, Linearity, glincorr, lflgcorr};
pub use noise::photon_noise;
pub use reference_rows::{ReferenceRows, ReferenceSci};
pub(crate) use reference_rows::{by_reference, by_reference_at};
pub(crate) use rows::widest;
pub use shading::shadcorr;
pub use statistics::{Range, Statistics, statistics};
pub(crate) use straight_line::straight_line;
pub(crate) use subtraction::subtract_scaled;

use crate::{Error, Result};
use firstlight_frame::Frame;

/// A bad pixel of a reference file, or one whose correction is undefined.
const BAD_REFERENCE: u16 = 512;

/// Refuses a frame whose planes differ in shape, or a reference of another shape.
fn check_shapes(frame: &Frame, reference: &impl ReferenceRows, what: &str) -> Result<()> {
    check_shapes_of(frame)?;
    let expected = frame.sci.shape();
    let [sci, err, dq] = reference.shapes();
    let planes = [
        (what.to_owned(), sci),
        (format!("ERR of {what}"), err),
        (format!("DQ of {what}"), dq),
    ];
    check(planes, expected)
}

/// Refuses a frame whose planes differ in shape.
pub(crate) fn check_shapes_of(frame: &Frame) -> Result<()> {
    let planes = [("ERR", frame.err.shape()), ("DQ", frame.dq.shape())];
    check(
        planes.map(|(what, shape)| (what.to_owned(), shape)),
        frame.sci.shape(),
    )
}

fn check(planes: impl IntoIterator<Item = (String, (usize, usize))>, expected: (usize, usize)) -> Result<()> {
    for (what, found) in planes {
        if found != expected {
            return Err(Error::Shape {
                what,
                expected,
                found,
            });
        }
    }
    Ok(())
}
