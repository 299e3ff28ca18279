//! Cutting off the overscan.

use crate::Result;
use crate::acs::tables::oscntab::Overscan;
use crate::acs::{Chip, set};
use firstlight_frame::Image;
use firstlight_frame::fits::Header;
use std::ops::Range;

/// How many columns and rows are cut off at each edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Trim {
    /// At the left and right.
    pub x: [usize; 2],
    /// At the bottom and top.
    pub y: [usize; 2],
}

impl Trim {
    /// What OSCNTAB says; nothing where it says nothing.
    pub fn of(overscan: Option<&Overscan>) -> Self {
        overscan.map_or_else(Self::default, |overscan| Self {
            x: overscan.trim_x,
            y: overscan.trim_y,
        })
    }

    /// The columns of the imaging area in a row of `nx`.
    pub fn columns(&self, nx: usize) -> Range<usize> {
        kept(self.x, nx)
    }

    /// The rows of the imaging area among `ny`.
    pub fn rows(&self, ny: usize) -> Range<usize> {
        kept(self.y, ny)
    }
}

fn kept([before, behind]: [usize; 2], length: usize) -> Range<usize> {
    let end = length.saturating_sub(behind);
    before.min(end)..end
}

/// Cuts the overscan off SCI, ERR and DQ, in place.
///
/// # Errors
/// [`crate::Error::Shape`] and [`crate::Error::NoPixels`] as [`Chip::shape`].
pub fn trim(chip: &mut Chip, trim: &Trim) -> Result<()> {
    chip.shape()?;
    let frame = &mut chip.frame;
    rayon::scope(|scope| {
        scope.spawn(|_| cut(&mut frame.sci, trim));
        scope.spawn(|_| cut(&mut frame.err, trim));
        cut(&mut frame.dq, trim);
    });
    Ok(())
}

fn cut<T: Copy>(image: &mut Image<T>, trim: &Trim) {
    let (ny, nx) = image.shape();
    let (rows, columns) = (trim.rows(ny), trim.columns(nx));
    if rows.len() == ny && columns.len() == nx {
        return;
    }
    let Ok(nothing) = Image::from_vec(0, 0, Vec::new()) else {
        return;
    };
    let mut samples = std::mem::replace(image, nothing).into_vec();
    for (to, from) in rows.clone().enumerate() {
        let start = from * nx;
        samples.copy_within(start + columns.start..start + columns.end, to * columns.len());
    }
    samples.truncate(rows.len() * columns.len());
    if let Ok(cut) = Image::from_vec(rows.len(), columns.len(), samples) {
        *image = cut;
    }
}

/// Records the new size in the header of SCI, and moves LTV and CRPIX of SCI, ERR and DQ, as far as they are there.
///
/// # Errors
/// [`crate::Error::Frame`] where a card cannot be written.
pub fn record_trim(chip: &mut Chip, trim: &Trim) -> Result<()> {
    let (ny, nx) = chip.frame.sci.shape();
    set(&mut chip.sci, "SIZAXIS1", nx)?;
    set(&mut chip.sci, "SIZAXIS2", ny)?;
    record_corner(chip, trim)
}

/// Moves LTV and CRPIX of SCI, ERR and DQ, as far as they are there, as the first pixel has moved.
///
/// # Errors
/// [`crate::Error::Frame`] where a card cannot be written.
pub fn record_corner(chip: &mut Chip, trim: &Trim) -> Result<()> {
    let shift = |header: &mut Header| {
        for (keyword, pixels) in [
            ("LTV1", trim.x[0]),
            ("LTV2", trim.y[0]),
            ("CRPIX1", trim.x[0]),
            ("CRPIX2", trim.y[0]),
        ] {
            if let Some(value) = header.real(keyword) {
                set(header, keyword, value - pixels as f64)?;
            }
        }
        Ok(())
    };
    shift(&mut chip.sci)?;
    shift(&mut chip.err)?;
    shift(&mut chip.dq)
}
