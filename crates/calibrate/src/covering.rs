//! The part of a reference image that lies under an exposure's chip.

use crate::acs::Setup;
use crate::placement::{origin, other_binning};
use crate::steps::{Expansion, Grid, ReferenceRows, ReferenceSci, by_reference, expand};
use crate::{Chip, Error, Reference, Result};
use firstlight_frame::fits::Header;
use firstlight_frame::{Exposure, Frame, FrameBlocks, FrameBuffer, Image, Planes};
use rayon::prelude::*;
use std::ops::Range;
use std::path::PathBuf;

/// Where the pixels of a chip are found in a reference image.
enum Under {
    /// At the same size, from column and row (0-based) on.
    Pixels(usize, usize),
    /// In larger pixels.
    Binned(Expansion),
}

/// The pixels of a reference image that lie under a chip. Steps read them as they go along; only images of larger pixels
/// are in memory as a whole.
#[derive(Debug)]
pub struct Covering {
    pixels: Pixels,
}

#[derive(Debug)]
enum Pixels {
    /// From column `x` and row `y` on (0-based), of an EXTVER of a file.
    File {
        blocks: Box<FrameBlocks>,
        of: (PathBuf, i64),
        x: usize,
        y: usize,
        shape: (usize, usize),
    },
    Memory(Frame),
}

/// Of pixels in memory.
impl From<Frame> for Covering {
    fn from(frame: Frame) -> Self {
        Self {
            pixels: Pixels::Memory(frame),
        }
    }
}

impl Covering {
    /// Whether rows of this one are those of the other as well: the same pixels of the same file.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let place = |covering: &Self| match &covering.pixels {
            Pixels::File { of, x, y, shape, .. } => Some((of.clone(), *x, *y, *shape)),
            Pixels::Memory(_) => None,
        };
        place(self).is_some_and(|place_of_this| place(other) == Some(place_of_this))
    }

    /// Reads all pixels.
    ///
    /// # Errors
    /// [`Error::Frame`] where they cannot be read.
    pub fn frame(self) -> Result<Frame> {
        let (ny, nx) = ReferenceSci::shape(&self);
        if let Pixels::Memory(frame) = self.pixels {
            return Ok(frame);
        }
        let mut frame = Frame {
            sci: Image::filled(ny, nx, 0.0),
            err: Image::filled(ny, nx, 0.0),
            dq: Image::filled(ny, nx, 0),
        };
        by_reference(&mut frame, &self, |row, read| {
            row.sci.copy_from_slice(read.sci);
            row.err.copy_from_slice(read.err);
            row.dq.copy_from_slice(read.dq);
        })?;
        Ok(frame)
    }

    /// Reads all of SCI.
    ///
    /// # Errors
    /// As [`Covering::frame`].
    pub fn sci(self) -> Result<Image<f32>> {
        let (ny, nx) = ReferenceSci::shape(&self);
        if let Pixels::Memory(frame) = self.pixels {
            return Ok(frame.sci);
        }
        let mut sci = Image::filled(ny, nx, 0.0);
        let rows = sci.as_mut_slice().par_chunks_mut(nx.max(1)).enumerate();
        rows.try_for_each_init(FrameBuffer::default, |buffer, (y, row)| {
            row.copy_from_slice(ReferenceSci::rows(&self, y..y + 1, buffer)?);
            Ok::<_, Error>(())
        })?;
        Ok(sci)
    }
}

impl ReferenceRows for Covering {
    fn shapes(&self) -> [(usize, usize); 3] {
        [ReferenceSci::shape(self); 3]
    }

    fn rows<'a>(&'a self, rows: Range<usize>, buffer: &'a mut FrameBuffer) -> Result<Planes<'a>> {
        match &self.pixels {
            Pixels::Memory(frame) => ReferenceRows::rows(frame, rows, buffer),
            Pixels::File {
                blocks, x, y, shape, ..
            } => Ok(blocks.read(y + rows.start..y + rows.end, *x..x + shape.1, buffer)?),
        }
    }
}

impl ReferenceSci for Covering {
    fn shape(&self) -> (usize, usize) {
        match &self.pixels {
            Pixels::Memory(frame) => frame.sci.shape(),
            Pixels::File { shape, .. } => *shape,
        }
    }

    fn rows<'a>(&'a self, rows: Range<usize>, buffer: &'a mut FrameBuffer) -> Result<&'a [f32]> {
        match &self.pixels {
            Pixels::Memory(frame) => ReferenceSci::rows(&frame.sci, rows, buffer),
            Pixels::File {
                blocks, x, y, shape, ..
            } => Ok(blocks.read_sci(y + rows.start..y + rows.end, *x..x + shape.1, buffer)?),
        }
    }
}

impl Reference {
    /// The pixels of a reference image that lie under a chip: all of the imset of its CCDCHIP for a full frame,
    /// for a subarray the rows and columns that LTV1 and LTV2 of both say.
    ///
    /// # Errors
    /// [`Error::ReferenceDetector`] for a file of another detector, [`Error::NoChip`],
    /// [`Error::ReferenceSection`] where the image does not cover the chip, [`Error::ReferenceValue`] where its pixels
    /// are larger.
    pub fn covering(&self, setup: &Setup, chip: &Chip) -> Result<Covering> {
        self.check_serves(setup.channel)?;
        self.under_chip(chip)
    }

    /// As [`Reference::covering`] whatever the detector that the file was made for.
    pub(crate) fn under_chip(&self, chip: &Chip) -> Result<Covering> {
        self.check_same_pixels(chip)?;
        self.expanded_under(chip)
    }

    /// As [`Reference::covering`] for an image whose pixels may be larger: it is expanded by bilinear interpolation.
    ///
    /// # Errors
    /// As [`Reference::covering`].
    pub fn expanded(&self, setup: &Setup, chip: &Chip) -> Result<Covering> {
        self.check_serves(setup.channel)?;
        self.expanded_under(chip)
    }

    /// As [`Reference::expanded`] whatever the detector that the file was made for.
    pub(crate) fn expanded_under(&self, chip: &Chip) -> Result<Covering> {
        let (exposure, version, under) = self.under(chip)?;
        let pixels = match under {
            Under::Pixels(x, y) => Pixels::File {
                blocks: Box::new(exposure.blocks(version)?),
                of: (self.path(), version),
                x,
                y,
                shape: chip.frame.sci.shape(),
            },
            Under::Binned(expansion) => Pixels::Memory(expand(&exposure.load(version)?, expansion)?),
        };
        Ok(Covering { pixels })
    }

    /// Whether [`Reference::covering`] will find its pixels; none are read.
    ///
    /// # Errors
    /// As [`Reference::covering`].
    pub fn check_covering(&self, setup: &Setup, chip: &Chip) -> Result<()> {
        self.check_serves(setup.channel)?;
        self.check_same_pixels(chip)?;
        self.under(chip).map(|_| ())
    }

    /// Whether [`Reference::expanded`] will find its pixels; none are read.
    ///
    /// # Errors
    /// As [`Reference::expanded`].
    pub fn check_expanded(&self, setup: &Setup, chip: &Chip) -> Result<()> {
        self.check_serves(setup.channel)?;
        self.under(chip).map(|_| ())
    }

    /// The column and row (0-based) of the whole image that the first pixel of a chip lies on.
    ///
    /// # Errors
    /// As [`Reference::covering`].
    pub fn origin_under(&self, chip: &Chip) -> Result<(usize, usize)> {
        let (exposure, version) = self.version_of(chip.number())?;
        let (header, shape) = (exposure.sci_header(version)?, exposure.shape(version)?);
        origin(chip, self, header, shape)
    }

    fn check_same_pixels(&self, chip: &Chip) -> Result<()> {
        let (exposure, version) = self.version_of(chip.number())?;
        let of_chip = Grid::of(&chip.sci).unwrap_or_default().bin;
        match self.grid(exposure.sci_header(version)?, version)?.bin {
            (1, 1) => Ok(()),
            same if same == of_chip => Ok(()),
            (x, y) => Err(self.scale(
                version,
                format!("that of pixels of {x} x {y}"),
                "1; only LFLTFILE and SHADFILE may have larger pixels",
            )),
        }
    }

    fn under(&self, chip: &Chip) -> Result<(&Exposure, i64, Under)> {
        chip.shape()?;
        let (exposure, version) = self.version_of(chip.number())?;
        let (header, shape) = (exposure.sci_header(version)?, exposure.shape(version)?);
        let grid = self.grid(header, version)?;
        let of_chip = Grid::of(&chip.sci).unwrap_or_default();
        if grid.bin == (1, 1) || grid.bin == of_chip.bin {
            let (x, y) = origin(chip, self, header, shape)?;
            return Ok((exposure, version, Under::Pixels(x, y)));
        }
        if of_chip.bin != (1, 1) {
            return Err(other_binning(self, grid.bin, of_chip.bin));
        }
        let (ny, nx) = chip.frame.sci.shape();
        // Binned images begin at a whole one of their pixels: less than that in LTV is a matter of conventions.
        let whole = |corner: i64, bin: i64| corner / bin * bin;
        let first = (
            of_chip.corner.0.saturating_sub(whole(grid.corner.0, grid.bin.0)),
            of_chip.corner.1.saturating_sub(whole(grid.corner.1, grid.bin.1)),
        );
        let outside = || Error::ReferenceSection {
            keyword: self.keyword.clone(),
            path: self.path(),
            chip: chip.number(),
            x0: first.0,
            y0: first.1,
            nx,
            ny,
            found: shape,
        };
        let expansion = Expansion {
            bin: (grid.bin.0 as usize, grid.bin.1 as usize),
            first: match (usize::try_from(first.0), usize::try_from(first.1)) {
                (Ok(x), Ok(y)) => (x, y),
                _ => return Err(outside()),
            },
            shape: (ny, nx),
        };
        let reaches = expansion.source_shape();
        if reaches.is_none_or(|needed| needed.0 > shape.0 || needed.1 > shape.1) {
            return Err(outside());
        }
        Ok((exposure, version, Under::Binned(expansion)))
    }

    fn grid(&self, sci: &Header, version: i64) -> Result<Grid> {
        Grid::of(sci).ok_or_else(|| {
            let expected = "a positive scale and an offset on the detector";
            self.scale(version, "not that of an image".to_owned(), expected)
        })
    }

    fn scale(&self, version: i64, found: String, expected: &'static str) -> Error {
        Error::ReferenceValue {
            keyword: self.keyword.clone(),
            path: self.path(),
            what: format!("the scale of SCI,{version} (LTM1_1, LTM2_2, LTV1, LTV2)"),
            found,
            expected,
        }
    }
}
