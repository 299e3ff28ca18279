//! Where an image lies on a reference image, which covers the whole detector.

use crate::steps::Grid;
use crate::{Chip, Error, Reference, Result};
use firstlight_frame::fits::Header;

/// The column and row of a reference image that the first pixel of `chip` lies on, by LTV1 and LTV2 of both, with the
/// promise that the reference covers the chip from there on.
///
/// `header` and `shape` are those of the reference's SCI.
///
/// Images of larger pixels lie on references of as large ones.
///
/// # Errors
/// [`Error::ReferenceSection`] where it does not cover the chip, [`Error::OtherBinning`] where the chip is binned in another way
/// than the reference, [`Error::Binned`] where it begins within one of its pixels.
pub fn origin(
    chip: &Chip,
    reference: &Reference,
    header: &Header,
    shape: (usize, usize),
) -> Result<(usize, usize)> {
    let (x0, y0) = offset(chip, reference, header)?;
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

/// What to say of a reference image in other pixels than the image's.
pub(crate) fn other_binning(reference: &Reference, of_reference: (i64, i64), of_image: (i64, i64)) -> Error {
    Error::OtherBinning {
        keyword: reference.keyword.clone(),
        path: reference.path(),
        switch: match reference.keyword.as_str() {
            "BIASFILE" => "BIASCORR",
            "DARKFILE" | "DRKCFILE" => "DARKCORR",
            _ => "FLATCORR",
        },
        reference: of_reference,
        image: of_image,
    }
}

/// How many pixels of the reference lie left of and below the chip's first.
fn offset(chip: &Chip, reference: &Reference, header: &Header) -> Result<(i64, i64)> {
    let ltm = |keyword| chip.sci.real(keyword).unwrap_or(1.0);
    let ltm = (ltm("LTM1_1"), ltm("LTM2_2"));
    let binned = || Error::Binned {
        chip: chip.number(),
        ltm,
    };
    if ltm == (1.0, 1.0) {
        let corner = |header: &Header, keyword| -header.real(keyword).unwrap_or(0.0).round() as i64;
        let along = |keyword| corner(&chip.sci, keyword).saturating_sub(corner(header, keyword));
        return Ok((along("LTV1"), along("LTV2")));
    }
    let (of_chip, of_reference) = (Grid::of(&chip.sci), Grid::of(header));
    let (of_chip, of_reference) = of_chip.zip(of_reference).ok_or_else(binned)?;
    let along = |chip: i64, reference: i64, bin: i64| {
        let apart = chip.saturating_sub(reference);
        (apart % bin == 0).then_some(apart / bin)
    };
    let x = along(of_chip.corner.0, of_reference.corner.0, of_chip.bin.0);
    let y = along(of_chip.corner.1, of_reference.corner.1, of_chip.bin.1);
    match of_chip.bin == of_reference.bin {
        true => x.zip(y).ok_or_else(binned),
        false => Err(other_binning(reference, of_reference.bin, of_chip.bin)),
    }
}
