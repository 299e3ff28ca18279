//! The part of a reference image that lies under an exposure's chip.

use super::{Chip, Reference, ReferenceImset, Setup, origin};
use crate::steps::{Expansion, Grid, expand};
use crate::{Error, Result};
use firstlight_frame::Exposure;
use firstlight_frame::fits::Header;

/// Where the pixels of a chip are found in a reference image.
enum Under {
    /// At the same size, from column and row (0-based) on.
    Pixels(usize, usize),
    /// In larger pixels.
    Binned(Expansion),
}

impl Reference {
    /// Reads the pixels of a reference image that lie under a chip: all of the imset of its CCDCHIP for a full frame,
    /// for a subarray the rows and columns that LTV1 and LTV2 of both say.
    ///
    /// # Errors
    /// [`Error::ReferenceDetector`] for a file of another detector, [`Error::NoChip`],
    /// [`Error::ReferenceSection`] where the image does not cover the chip, [`Error::ReferenceValue`] where its pixels
    /// are larger.
    pub fn covering(&self, setup: &Setup, chip: &Chip) -> Result<ReferenceImset> {
        self.check_same_pixels(chip)?;
        self.expanded(setup, chip)
    }

    /// As [`Reference::covering`] for an image whose pixels may be larger: it is expanded by bilinear interpolation.
    ///
    /// # Errors
    /// As [`Reference::covering`].
    pub fn expanded(&self, setup: &Setup, chip: &Chip) -> Result<ReferenceImset> {
        let (exposure, version, under) = self.under(setup, chip)?;
        let (ny, nx) = chip.frame.sci.shape();
        let frame = match under {
            Under::Pixels(0, 0) if exposure.shape(version)? == (ny, nx) => exposure.load(version)?,
            Under::Pixels(x, y) => exposure.load_block(version, y..y + ny, x..x + nx)?,
            Under::Binned(expansion) => expand(&exposure.load(version)?, expansion)?,
        };
        Ok(ReferenceImset {
            frame,
            sci: exposure.sci_header(version)?.clone(),
        })
    }

    /// Whether [`Reference::covering`] will find its pixels; none are read.
    ///
    /// # Errors
    /// As [`Reference::covering`].
    pub fn check_covering(&self, setup: &Setup, chip: &Chip) -> Result<()> {
        self.check_same_pixels(chip)?;
        self.under(setup, chip).map(|_| ())
    }

    /// Whether [`Reference::expanded`] will find its pixels; none are read.
    ///
    /// # Errors
    /// As [`Reference::expanded`].
    pub fn check_expanded(&self, setup: &Setup, chip: &Chip) -> Result<()> {
        self.under(setup, chip).map(|_| ())
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
        match self.grid(exposure.sci_header(version)?, version)?.bin {
            (1, 1) => Ok(()),
            (x, y) => Err(self.scale(
                version,
                format!("that of pixels of {x} x {y}"),
                "1; only LFLTFILE and SHADFILE may have larger pixels",
            )),
        }
    }

    fn under(&self, setup: &Setup, chip: &Chip) -> Result<(&Exposure, i64, Under)> {
        self.check_detector(setup.channel)?;
        chip.shape()?;
        let (exposure, version) = self.version_of(chip.number())?;
        let (header, shape) = (exposure.sci_header(version)?, exposure.shape(version)?);
        let grid = self.grid(header, version)?;
        if grid.bin == (1, 1) {
            let (x, y) = origin(chip, self, header, shape)?;
            return Ok((exposure, version, Under::Pixels(x, y)));
        }
        let of_chip = Grid::of(&chip.sci).unwrap_or_default();
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
