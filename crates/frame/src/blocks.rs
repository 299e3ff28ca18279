//! An imset read block by block, into memory that is used again.

use crate::exposure::{is_plain_i16, label};
use crate::{Error, Exposure, Result};
use firstlight_fits::{BlockBuffer, FitsFile, ImageBlocks};
use std::ops::Range;

/// SCI, ERR and DQ of an imset, whose blocks of rows and columns are read as they are needed, also by several threads
/// at once.
#[derive(Debug)]
pub struct FrameBlocks {
    shape: (usize, usize),
    sci: ImageBlocks<f32>,
    err: Option<ImageBlocks<f32>>,
    dq: Option<Bits>,
}

/// DQ as it is stored: mostly in 16 bits, of which the last makes it negative.
#[derive(Debug)]
enum Bits {
    Narrow(ImageBlocks<i16>),
    Wide(ImageBlocks<i32>),
}

/// Memory of a block, for one block after another.
#[derive(Debug, Default)]
pub struct FrameBuffer {
    sci: BlockBuffer<f32>,
    err: BlockBuffer<f32>,
    stored: StoredBits,
    zeros: Vec<f32>,
    dq: Vec<u16>,
    bytes: Vec<u8>,
}

/// Memory of DQ as it is stored.
#[derive(Debug, Default)]
struct StoredBits {
    narrow: BlockBuffer<i16>,
    wide: BlockBuffer<i32>,
}

/// Some rows of a frame, row after row.
#[derive(Debug, Clone, Copy)]
pub struct Planes<'a> {
    /// Science.
    pub sci: &'a [f32],
    /// One standard deviation of `sci`.
    pub err: &'a [f32],
    /// Data-quality bits.
    pub dq: &'a [u16],
}

impl FrameBlocks {
    pub(crate) fn open(exposure: &Exposure, version: i64) -> Result<Self> {
        let imset = exposure.imset(version)?;
        let shape = exposure.shape(version)?;
        let file = exposure.file();
        // An ERR or DQ without axes and constant value: nothing was ever written there.
        let there = |index: &usize| file.hdus()[*index].has_pixels();
        let same = |index: usize, found: (usize, usize)| {
            if found == shape {
                return Ok(());
            }
            Err(Error::ShapesDiffer {
                path: exposure.path().to_owned(),
                hdu: label(&file.hdus()[index]),
                expected: shape,
                found: vec![found.0, found.1],
            })
        };
        let err = match imset.err.filter(there) {
            Some(index) => {
                let err = file.image_blocks::<f32>(index)?;
                same(index, err.shape())?;
                Some(err)
            }
            None => None,
        };
        let dq = match imset.dq.filter(there) {
            Some(index) => {
                let (dq, found) = Bits::open(file, index)?;
                same(index, found)?;
                Some(dq)
            }
            None => None,
        };
        Ok(Self {
            shape,
            sci: file.image_blocks(imset.sci)?,
            err,
            dq,
        })
    }

    /// `(ny, nx)`.
    pub fn shape(&self) -> (usize, usize) {
        self.shape
    }

    /// Reads a block of SCI, ERR and DQ into `buffer`, on the calling thread. An ERR or DQ that is absent is zero.
    ///
    /// # Errors
    /// [`Error::Fits`] where the image has no such rows or columns, or they cannot be read.
    pub fn read<'b>(
        &self,
        rows: Range<usize>,
        columns: Range<usize>,
        buffer: &'b mut FrameBuffer,
    ) -> Result<Planes<'b>> {
        let count = rows.len() * columns.len();
        let FrameBuffer {
            sci,
            err,
            stored,
            zeros,
            dq,
            ..
        } = buffer;
        dq.resize(count, 0);
        self.read_dq(rows.clone(), columns.clone(), dq, stored)?;
        let err = match &self.err {
            Some(image) => image.read(rows.clone(), columns.clone(), err)?,
            None => {
                zeros.resize(count, 0.0);
                zeros
            }
        };
        let sci = self.sci.read(rows, columns, sci)?;
        Ok(Planes { sci, err, dq })
    }

    /// Reads a block of SCI and DQ into places of its size, on the calling thread; ERR is not read. `buffer` is memory
    /// for one block after another. A DQ that is absent is zero.
    ///
    /// # Errors
    /// As [`FrameBlocks::read`]; [`Error::Fits`] for a place of another size too.
    pub fn read_sci_and_dq(
        &self,
        rows: Range<usize>,
        columns: Range<usize>,
        (sci, dq): (&mut [f32], &mut [u16]),
        buffer: &mut FrameBuffer,
    ) -> Result<()> {
        self.sci
            .read_into(rows.clone(), columns.clone(), sci, &mut buffer.bytes)?;
        self.read_dq(rows, columns, dq, &mut buffer.stored)
    }

    /// Of stored bits the lower sixteen are kept; an absent DQ has none.
    fn read_dq(
        &self,
        rows: Range<usize>,
        columns: Range<usize>,
        out: &mut [u16],
        StoredBits { narrow, wide }: &mut StoredBits,
    ) -> Result<()> {
        match &self.dq {
            Some(Bits::Narrow(bits)) => {
                let bits = bits.read(rows, columns, narrow)?;
                out.iter_mut()
                    .zip(bits)
                    .for_each(|(out, &bits)| *out = bits as u16);
            }
            Some(Bits::Wide(bits)) => {
                let bits = bits.read(rows, columns, wide)?;
                out.iter_mut()
                    .zip(bits)
                    .for_each(|(out, &bits)| *out = bits as u16);
            }
            None => out.fill(0),
        }
        Ok(())
    }

    /// As [`FrameBlocks::read`], of SCI alone.
    ///
    /// # Errors
    /// As [`FrameBlocks::read`].
    pub fn read_sci<'b>(
        &self,
        rows: Range<usize>,
        columns: Range<usize>,
        buffer: &'b mut FrameBuffer,
    ) -> Result<&'b [f32]> {
        Ok(self.sci.read(rows, columns, &mut buffer.sci)?)
    }
}

impl Bits {
    fn open(file: &FitsFile, index: usize) -> Result<(Self, (usize, usize))> {
        if is_plain_i16(&file.hdus()[index]) {
            let bits = file.image_blocks::<i16>(index)?;
            let shape = bits.shape();
            return Ok((Bits::Narrow(bits), shape));
        }
        let bits = file.image_blocks::<i32>(index)?;
        let shape = bits.shape();
        Ok((Bits::Wide(bits), shape))
    }
}
