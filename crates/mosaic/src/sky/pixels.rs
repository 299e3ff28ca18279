//! Pixels of a chip as they are in its file.

use super::{ChipPixels, SkyOptions};
use crate::{BitMask, Bits, Error, Result};
use firstlight_fits::{FitsFile, HduKind, Sample};
use firstlight_frame::Imset;
use firstlight_frame::dq::BitSelection;
use std::ops::Range;

/// A chip in a file, with what is not to be used of it: pixels whose DQ has bits that `sky_bits` does not name, and
/// those of a static mask and of a mask of the user's own. Without a DQ image, or with `sky_bits` None, DQ leaves nothing out.
#[derive(Debug)]
pub struct FilePixels<'a> {
    file: &'a FitsFile,
    sci: usize,
    nx: usize,
    dq: Option<usize>,
    good: BitSelection,
    reset: u16,
    static_mask: Option<&'a BitMask>,
    user_mask: Option<&'a BitMask>,
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
        let mut pixels = Self {
            file,
            sci: imset.sci,
            nx: 0,
            dq: imset.dq.filter(has).filter(|_| good != BitSelection::ALL),
            good,
            reset: resetbits.mask("resetbits")?,
            static_mask: static_mask.filter(|_| options.use_static),
            user_mask: None,
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
        pixels.nx = expected.1;
        Ok(pixels)
    }

    /// Leaves out what the user's mask marks as well.
    ///
    /// # Errors
    /// [`Error::Shape`] where the mask is not of the shape of SCI.
    pub fn without(mut self, user_mask: Option<&'a BitMask>) -> Result<Self> {
        let expected = self.shape(self.sci)?;
        if let Some(found) = user_mask.map(BitMask::shape).filter(|found| *found != expected) {
            let what = "mask of skymask_cat";
            return Err(Error::Shape {
                what,
                expected,
                found,
            });
        }
        self.user_mask = user_mask;
        Ok(self)
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

/// Memory for what is read, used for one band of rows after another.
#[derive(Debug, Default)]
pub struct PixelScratch {
    bytes: Vec<u8>,
    dq: Vec<i32>,
}

impl ChipPixels for FilePixels<'_> {
    fn read(&self, rows: Range<usize>, sci: &mut [f32], scratch: &mut PixelScratch) -> Result<()> {
        let nx = self.nx;
        if rows.len().checked_mul(nx) != Some(sci.len()) {
            return Err(Error::Shape {
                what: "place for the pixels of a chip",
                expected: (rows.len(), nx),
                found: (sci.len() / nx.max(1), nx),
            });
        }
        read_rows(self.file, self.sci, (rows.clone(), nx), sci, &mut scratch.bytes)?;
        if let Some(dq) = self.dq {
            scratch.dq.resize(sci.len(), 0);
            read_rows(
                self.file,
                dq,
                (rows.clone(), nx),
                &mut scratch.dq,
                &mut scratch.bytes,
            )?;
            for (sample, dq) in sci.iter_mut().zip(&scratch.dq) {
                // The sixteenth bit makes DQ negative as the i16 it is stored in.
                let good = self.good.is_good(*dq as u16 & !self.reset);
                *sample = if good { *sample } else { f32::NAN };
            }
        }
        for mask in [self.static_mask, self.user_mask].into_iter().flatten() {
            for (row, sci) in rows.clone().zip(sci.chunks_mut(nx.max(1))) {
                mask.marked(row, 0..nx).for_each(|x| sci[x] = f32::NAN);
            }
        }
        Ok(())
    }
}

/// Reads rows of `nx` samples into their place, through memory for their bytes.
pub(crate) fn read_rows<T: Sample>(
    file: &FitsFile,
    hdu: usize,
    (rows, nx): (Range<usize>, usize),
    out: &mut [T],
    bytes: &mut Vec<u8>,
) -> Result<()> {
    if file.hdu(hdu)?.kind() != HduKind::CompressedImage {
        return Ok(file.image_blocks::<T>(hdu)?.read_into(rows, 0..nx, out, bytes)?);
    }
    let read = file.image_rows::<T>(hdu, rows)?.data;
    if read.len() != out.len() {
        return Err(Error::Shape {
            what: "place for the pixels of a chip",
            expected: (read.len() / nx.max(1), nx),
            found: (out.len() / nx.max(1), nx),
        });
    }
    out.copy_from_slice(&read);
    Ok(())
}
