//! Pixels of a chip as they are in its file.

use super::{ChipPixels, SkyOptions};
use crate::{BitMask, Bits, Error, Result};
use firstlight_fits::FitsFile;
use firstlight_frame::Imset;
use firstlight_frame::dq::BitSelection;
use std::ops::Range;

/// A chip in a file, with what is not to be used of it: pixels whose DQ has bits that `sky_bits` does not name, and
/// those of a static mask. Without a DQ image, or with `sky_bits` None, DQ leaves nothing out.
#[derive(Debug)]
pub struct FilePixels<'a> {
    file: &'a FitsFile,
    sci: usize,
    dq: Option<usize>,
    good: BitSelection,
    reset: u16,
    static_mask: Option<&'a BitMask>,
}

impl<'a> FilePixels<'a> {
    /// The images of `imset` in `file`. Bits of `resetbits` are taken as not set. The static mask counts where
    /// `use_static` is true.
    ///
    /// # Errors
    /// [`Error::Shape`] where DQ or mask are not of the shape of SCI; [`Error::BadOption`].
    pub fn new(
        file: &'a FitsFile,
        imset: &Imset,
        options: &SkyOptions,
        resetbits: &Bits,
        static_mask: Option<&'a BitMask>,
    ) -> Result<Self> {
        let good = options.sky_bits.selection("sky_bits")?;
        let has = |hdu: &usize| file.hdus().get(*hdu).is_some_and(|hdu| hdu.has_pixels());
        let pixels = Self {
            file,
            sci: imset.sci,
            dq: imset.dq.filter(has).filter(|_| good != BitSelection::ALL),
            good,
            reset: resetbits.mask("resetbits")?,
            static_mask: static_mask.filter(|_| options.use_static),
        };
        let expected = pixels.shape(imset.sci)?;
        let checked = |what, found| {
            let same = found == expected;
            same.then_some(()).ok_or(Error::Shape {
                what,
                expected,
                found,
            })
        };
        if let Some(dq) = pixels.dq {
            checked("DQ image", pixels.shape(dq)?)?;
        }
        if let Some(mask) = pixels.static_mask {
            checked("static mask", mask.shape())?;
        }
        Ok(pixels)
    }

    /// Rows and columns of an image.
    fn shape(&self, hdu: usize) -> Result<(usize, usize)> {
        let size = self.file.hdu(hdu)?.dimensions();
        Ok((
            size.get(1).copied().unwrap_or(0),
            size.first().copied().unwrap_or(0),
        ))
    }
}

impl ChipPixels for FilePixels<'_> {
    fn read(&self, rows: Range<usize>, sci: &mut [f32], good: &mut [bool]) -> Result<()> {
        let samples = self.file.image_rows::<f32>(self.sci, rows.clone())?;
        let nx = samples.data.len() / rows.len().max(1);
        if samples.data.len() != sci.len() || good.len() != sci.len() {
            return Err(Error::Shape {
                what: "place for the pixels of a chip",
                expected: (rows.len(), nx),
                found: (sci.len() / nx.max(1), nx),
            });
        }
        sci.copy_from_slice(&samples.data);
        good.fill(true);
        if let Some(dq) = self.dq {
            // The sixteenth bit makes DQ negative as the i16 it is stored in.
            let dq = self.file.image_rows::<i32>(dq, rows.clone())?;
            for (good, dq) in good.iter_mut().zip(&dq.data) {
                *good = self.good.is_good(*dq as u16 & !self.reset);
            }
        }
        if let Some(mask) = self.static_mask {
            for (row, good) in rows.zip(good.chunks_mut(nx.max(1))) {
                for (word, good) in mask.row(row).iter().zip(good.chunks_mut(64)) {
                    // Most words have no pixel masked.
                    if *word != 0 {
                        let bits = good.iter_mut().enumerate();
                        bits.for_each(|(bit, good)| *good &= word >> bit & 1 == 0);
                    }
                }
            }
        }
        Ok(())
    }
}
