//! Where an image lies on a reference image, which covers the whole detector.

use crate::{Chip, Error, Reference, Result};
use firstlight_frame::fits::Header;

/// The column and row of a reference image that the first pixel of `chip` lies on, by LTV1 and LTV2 of both, with the
/// promise that the reference covers the chip from there on.
///
/// `header` and `shape` are those of the reference's SCI.
///
/// # Errors
/// [`Error::ReferenceSection`] where it does not cover the chip, [`Error::Binned`] where the chip is binned.
pub fn origin(
    chip: &Chip,
    reference: &Reference,
    header: &Header,
    shape: (usize, usize),
) -> Result<(usize, usize)> {
    let ltm = |keyword| chip.sci.real(keyword).unwrap_or(1.0);
    let ltm = (ltm("LTM1_1"), ltm("LTM2_2"));
    if ltm != (1.0, 1.0) {
        return Err(Error::Binned {
            chip: chip.number(),
            ltm,
        });
    }
    let corner = |header: &Header, keyword| -header.real(keyword).unwrap_or(0.0).round() as i64;
    let offset = |keyword| corner(&chip.sci, keyword).saturating_sub(corner(header, keyword));
    let (x0, y0) = (offset("LTV1"), offset("LTV2"));
    let (ny, nx) = chip.frame.sci.shape();
    let inside = |start: i64, length: usize, whole: usize| {
        let start = usize::try_from(start).ok()?;
        (start.checked_add(length)? <= whole).then_some(start)
    };
    match (inside(x0, nx, shape.1), inside(y0, ny, shape.0)) {
        (Some(x), Some(y)) => Ok((x, y)),
        _ => Err(Error::ReferenceSection {
            keyword: reference.keyword.clone(),
            path: reference.path(),
            chip: chip.number(),
            x0,
            y0,
            nx,
            ny,
            found: shape,
        }),
    }
}
